"""Runs commands where nothing but one folder can be written: `python sandboxed_commands.py FOLDER PLATFORM`, with a JSON list at its input.

Each item is the arguments of a command and what is typed at its prompts; the answer is a JSON list of exit code, stdout and stderr.
PLATFORM is whose folders are protected. The sandbox is Landlock, as in a worker, but programs may be started.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import sys
from types import SimpleNamespace

from drumwatch import cli
from drumwatch.config import protected
from drumwatch.sandbox import kernel
from drumwatch.sandbox.run_in_child import run_in_child

NO_SANDBOX = 77  # exit code
TRUNCATE_SINCE = 3  # version of Landlock that keeps files from being cut short, too


def main(folder: str, platform: str) -> None:
    if not forbid_writes_outside(folder):
        sys.exit(NO_SANDBOX)
    protected.sys = SimpleNamespace(platform=platform)  # type: ignore[assignment]
    commands = json.load(sys.stdin)
    for name in {arguments[0] for arguments, _ in commands}:
        importlib.import_module(f"drumwatch.commands.{name}")  # once, instead of in each child
    results = [json.loads(run_in_child(functools.partial(run_command, *one))) for one in commands]
    print(json.dumps(results))


def forbid_writes_outside(folder: str) -> bool:
    """From now on, this process and its children can write only inside the folder. False if that is not possible here."""
    landlock = kernel.landlock
    try:
        if landlock is None or landlock.abi_version() < TRUNCATE_SINCE:
            return False
        may = landlock.AccessFS
        writing = ~(may.READ_FILE | may.READ_DIR | may.EXECUTE)
        with landlock.Ruleset(handled_fs=writing) as rules:
            rules.allow_path(folder, writing)
            rules.allow_path("/dev/null", may.WRITE_FILE)
            rules.restrict()
    except OSError:
        return False
    return True


def run_command(arguments: list[str], typed: str) -> bytes:
    """One command as from the command line, in a child of its own."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv, sys.stdin = ["drumwatch", *arguments], io.StringIO(typed)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code  # type: ignore[assignment]
    return json.dumps([code, out.getvalue(), err.getvalue()]).encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
