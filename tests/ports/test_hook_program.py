"""A program of the user, however it behaves: it is ended with all that it has started, and drumwatch goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from drumwatch.hooks import program

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 10.0  # seconds: a loaded machine is no failure, and less than the programs would take


def run(
    code: str,
    *,
    given: bytes = b"{}\n",
    seconds: float = 60.0,
    stopping: Callable[[], bool] = lambda: False,
) -> program.Ran:
    """Run a few lines of Python as the user's program."""
    return program.run([sys.executable, "-c", code], given, seconds=seconds, stopping=stopping)


def has_ended(process_id: int) -> bool:
    """Return whether a process ends; one whose parent does not look after it may stay a zombie."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(process_id)
        until = time.monotonic() + 30
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
    return True


def test_the_program_gets_the_whole_input_and_its_output_comes_back():
    given = b"x" * 300_000 + b"\n"  # more than a pipe holds

    ran = run("import sys; print(len(sys.stdin.read())); print('oops', file=sys.stderr)", given=given)

    assert (sorted(ran.output.split()), ran.problem) == (["300001", "oops"], "")


@pytest.mark.parametrize("code", ["pass", "import os; os.close(0)", "print('done')"])
def test_a_program_need_not_read_its_input(code):
    assert run(code, given=b"x" * 300_000).problem == ""


def test_a_program_that_hangs_is_ended():
    ran = run("import time; time.sleep(100)", seconds=0.3)

    assert ran.problem == "was ended, because it took longer than its time_limit"
    assert ran.timed_out
    assert ran.seconds < SOON


def test_a_program_that_does_not_want_to_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "GRACE", 0.1)
    ready = tmp_path / "id"
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(100)"
    )

    ran = run(code, stopping=lambda: ready.exists() and bool(ready.read_text()))

    assert ran.stopped
    assert has_ended(int(ready.read_text()))


def test_a_program_may_clean_up_before_its_end(tmp_path):
    ready, cleaned = tmp_path / "ready", tmp_path / "cleaned"
    code = (
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: sys.exit(pathlib.Path({str(cleaned)!r}).touch()))\n"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(100)"
    )

    run(code, stopping=ready.exists)

    assert cleaned.exists()


def test_what_a_program_leaves_running_is_ended_with_it_though_it_holds_the_pipe(tmp_path):
    child = tmp_path / "child"
    code = (
        "import os, time\n"
        "if os.fork():\n    os._exit(0)\n"
        f"open({str(child)!r}, 'w').write(str(os.getpid())); time.sleep(100)"
    )
    first = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])\n"
    waits = f"import os, time\nwhile not os.path.exists({str(child)!r}) or not open({str(child)!r}).read(): time.sleep(0.01)"

    ran = run(first + waits)

    assert ran.problem == ""
    assert ran.seconds < SOON * 3
    assert has_ended(int(child.read_text()))


def test_a_program_that_fills_the_pipe_is_ended():
    ran = run("import sys\nwhile True: sys.stdout.write('x' * 65536)", seconds=60.0)

    assert ran.problem == "was ended, because it wrote more than 1 MB of output"
    assert len(ran.output) == program.KEPT_OUTPUT
    assert ran.seconds < SOON * 3


def test_a_program_is_ended_when_drumwatch_ends(tmp_path):
    ready = tmp_path / "ready"

    ran = run(
        f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(100)", stopping=ready.exists
    )

    assert (ran.problem, ran.stopped) == ("was ended, because drumwatch ends", True)
    assert ran.seconds < SOON * 3


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal 9"),
    ],
)
def test_how_a_program_failed_is_said(code, problem):
    assert run(code).problem == problem


def script(path: Path, text: str, mode: int = 0o755) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_program_that_cannot_be_started_is_told_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "folder").mkdir()
    programs = {
        str(tmp_path / "gone"): "cannot be started: there is no program ~/gone",
        "no-such-program": "cannot be started: there is no program no-such-program in PATH: give its whole path",
        script(tmp_path / "interpreter", "#!/no/such/sh\n"): (
            "cannot be started: the first line of ~/interpreter names a program that is not there"
        ),
        script(tmp_path / "plain", "echo hello\n"): (
            "cannot be started: ~/plain is no program. A script begins with a line such as #!/bin/sh"
        ),
        script(tmp_path / "mode", "#!/bin/sh\n", 0o644): (
            "cannot be started: ~/mode may not be run. Make it executable, with `chmod +x`"
        ),
        str(
            tmp_path / "folder"
        ): "cannot be started: ~/folder may not be run. Make it executable, with `chmod +x`",
    }

    assert {name: program.run([name], b"", seconds=5.0).problem for name in programs} == programs


def test_arguments_that_are_too_long_are_told():
    ran = program.run([sys.executable, "-c", "x" * 40_000_000], b"", seconds=5.0)

    assert ran.problem == "cannot be started: its arguments are too long"


def test_no_program_is_taken_from_the_current_folder(tmp_path, monkeypatch):
    script(tmp_path / "here-only", "#!/bin/sh\necho taken\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # where programs are started
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")

    assert "there is no program here-only in PATH" in program.run(["here-only"], b"", seconds=5.0).problem


def test_a_program_has_a_group_of_its_own_and_a_low_priority_and_no_shell():
    code = (
        "import os, time\n"
        "while os.getpriority(os.PRIO_PROCESS, 0) < 10: time.sleep(0.01)\n"  # set just after the start
        "print(os.getpgid(0) == os.getpid(), os.getcwd())"
    )

    ran = run(code)

    assert (ran.output.strip(), ran.problem) == (f"True {Path.home()}", "")
    assert program.run(["echo", "$HOME `id` ; id"], b"", seconds=30.0).output == "$HOME `id` ; id\n"


def test_ctrl_c_ends_the_program_too(tmp_path):
    ready = tmp_path / "id"

    def interrupt() -> bool:
        if ready.exists() and ready.read_text():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        run(
            f"import os, time; open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(100)",
            stopping=interrupt,
        )

    assert has_ended(int(ready.read_text()))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
