"""Folders, a configuration and the real program in processes of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import sounds
from forked_commands import CommandForker

from drumwatch.journal import Filter, Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.core.records import Entry, Verdict

ROOT = Path(__file__).parents[2]
TIMEOUT = 30.0  # seconds: a busy machine is no failure
QUIET = 0.2
FORKER = CommandForker()


class DaemonHarness:
    """An intake folder, a library, and drumwatch watching the one and filing into the other."""

    def __init__(self, root: Path) -> None:
        self.intake, self.library, self.state = root / "intake", root / "library", root / "state"
        self.quiet, self.program = QUIET, ROOT
        self.config, self.log_file = root / "config.toml", root / "daemon.log"
        self.intake.mkdir()
        self.state.mkdir()
        self.daemon: subprocess.Popen[bytes] | None = None
        self.prefix: list[str] = []  # a command that starts the daemon in an environment of its own
        self.started: list[subprocess.Popen[Any]] = []
        self.environment = {
            **os.environ,
            "DRUMWATCH_STATE": str(self.state),
            "DRUMWATCH_CONFIG": str(self.config),
            "HOME": str(root),
            "PYTHONPATH": str(ROOT),
        }
        self.configure()

    def configure(self, more: str = "", *, watch: str = "", **top: Any) -> None:
        """Act on everything, after a short quiet time; `more` are further tables, `watch` further keys of the watch."""
        settings = {
            "library": str(self.library),
            "max_wrong": 1.0,
            "quiet": QUIET,
            "rescan": 5,
            "min_free": "1 MB",
            **top,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        table = f"[[watch]]\nfolder = {json.dumps(str(self.intake))}\n{watch}\n"
        self.config.write_text("\n".join([*lines, table, more]), encoding="utf-8")

    def use_a_copy_of_the_program(self, folder: Path) -> None:
        """From now on a copy of the program runs, in which a test may break things."""
        shutil.copytree(self.program / "drumwatch", folder / "drumwatch")
        self.program = folder
        self.environment["PYTHONPATH"] = str(folder)

    # Sounds

    def drop(self, name: str = "kick.wav", *, hz: float = 0.0, folder: Path | None = None) -> Path:
        """A kick arrives; `hz` makes it another kick than the usual one."""
        path = (folder or self.intake) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return sounds.write(path, sounds.decaying_sine(hz) if hz else sounds.kick())

    def drop_many(self, count: int) -> dict[str, str]:
        """So many different kicks at once: their hashes by name."""
        return {
            path.name: sha256(path)
            for path in (self.drop(f"kick {n}.wav", hz=45 + n / 8) for n in range(count))
        }

    # The daemon

    def start(self, *options: str) -> None:
        """The daemon runs and watches when this returns."""
        self.launch(*options)
        self.wait_for_log("Ready.")

    def launch(self, *options: str) -> subprocess.Popen[bytes]:
        with self.log_file.open("wb") as log:
            self.daemon = subprocess.Popen(
                [*self.prefix, *command("run", *options)], env=self.environment, cwd=self.program, stderr=log
            )
        self.started.append(self.daemon)
        return self.daemon

    def send_signal(self, number: signal.Signals) -> None:
        self.daemon.send_signal(number)

    def stop(self) -> float:
        """SIGTERM; the seconds it took. Whatever the daemon had started has ended with it."""
        children = self.children()
        begun = time.monotonic()
        self.send_signal(signal.SIGTERM)
        assert self.daemon.wait(TIMEOUT) == 0, self.log
        took = time.monotonic() - begun
        assert not psutil.wait_procs(children, TIMEOUT)[1]
        return took

    def kill(self) -> None:
        """As a power cut does it, for the daemon; its workers end with their input."""
        children = self.children()
        self.daemon.kill()
        self.daemon.wait(TIMEOUT)
        psutil.wait_procs(children, TIMEOUT)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.daemon.pid).children(recursive=True)

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    def wait_for_log(self, words: str, times: int = 1, timeout: float = TIMEOUT) -> None:
        self.wait_until(lambda: self.log.count(words) >= times, f"{words!r} in the log", timeout)

    # Commands

    def run(self, *arguments: str, code: int | None = 0, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code is the expected one, or any with None."""
        ran = self._forked(arguments, **more) or subprocess.run(
            command(*arguments),
            env=self.environment,
            cwd=self.program,
            capture_output=True,
            text=True,
            timeout=2 * TIMEOUT,
            check=False,
            **more,
        )
        assert code is None or ran.returncode == code, (
            f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    def sort(self) -> None:
        """File what has come, without a daemon, which would have to start twice: what the first one finds is not new."""
        self.run("sort", "--yes", str(self.intake))

    def _forked(self, arguments: tuple[str, ...], **more: Any) -> subprocess.CompletedProcess[str] | None:
        """The command that has ended, if it needs no more than arguments and what is typed."""
        if self.program != ROOT or more.keys() - {"input"}:
            return None
        return FORKER.run(arguments, self.environment, ROOT, 2 * TIMEOUT, more.get("input"))

    def run_json(self, *arguments: str, code: int = 0) -> list[Any]:
        """What a command prints with --json, line by line."""
        return [json.loads(line) for line in self.run(*arguments, "--json", code=code).stdout.splitlines()]

    # What became of it

    def entries(self, **wanted: Any) -> list[Entry]:
        with Journal(self.state / "journal.db") as journal:
            return list(journal.entries.find(Filter(**wanted)))

    def verdicts(self, *beginnings: str) -> dict[str, Verdict]:
        """The verdicts on sounds whose names begin so and that were dealt with, by the names by which they came."""
        return {
            entry.source.name: entry.verdict
            for entry in self.entries(states=("done",))
            if entry.verdict and entry.source.name.startswith(beginnings)
        }

    def to_retry(self) -> int:
        """How many files wait for another try."""
        with Journal(self.state / "journal.db") as journal:
            return len(journal.state.retries())

    def wait_for(self, count: int, **wanted: Any) -> list[Entry]:
        """The entries, as soon as there are so many that are more than planned."""

        def ended() -> bool:
            states = [entry.state for entry in self.entries(**wanted)]
            return len(states) >= count and "planned" not in states

        self.wait_until(ended, f"{count} entries")
        return self.entries(**wanted)

    def wait_until(self, reached: Callable[[], bool], what: str, timeout: float = TIMEOUT) -> None:
        until = time.monotonic() + timeout
        while not reached():
            assert time.monotonic() < until, f"still not: {what}\n{self.log}\n{self.tree()}"
            assert self.daemon is None or self.daemon.poll() is None or reached(), f"it ended: {self.log}"
            time.sleep(0.02)

    def tree(self, *folders: Path) -> list[str]:
        """Every file and link in intake and library, relative to their parent folder, sorted."""
        return sorted(str(path.relative_to(self.config.parent)) for path in self._files(*folders))

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every file in intake and library, by its name."""
        return {path.name: sha256(path) for path in self._files() if not path.is_symlink()}

    def _files(self, *folders: Path) -> Iterator[Path]:
        for folder in folders or (self.intake, self.library):
            yield from (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())

    def close(self) -> None:
        """End what still runs; what is left after a tidy end is a failure."""
        for process in self.started:
            if process.poll() is None:
                self.daemon = process
                self.stop()
        left = [process for process in psutil.process_iter() if str(self.state) in _environment_of(process)]
        for process in left:
            process.kill()
        assert not left, f"still running: {left}"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "drumwatch", *arguments]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _environment_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("DRUMWATCH_STATE", "")
    except psutil.Error:  # ended just now, or not ours
        return ""
