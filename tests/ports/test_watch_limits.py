"""Real limits of the Linux kernel, reached in a namespace of their own, so that other programs do not meet them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is a thing of Linux")

LONGEST_QUEUE = 100_000

WATCHING = """
    import queue, sys
    from pathlib import Path
    from drumwatch.intake.watch import Watcher

    inbox = queue.SimpleQueue()
    watcher = Watcher(inbox.put)
    watcher.add(Path(sys.argv[1]))
    watcher.start()
"""


def run_of(script: str, *arguments: str | os.PathLike[str]) -> list[str]:
    return [
        sys.executable,
        "-c",
        textwrap.dedent(WATCHING) + textwrap.dedent(script),
        *(os.fspath(argument) for argument in arguments),
    ]


@pytest.fixture
def in_a_namespace() -> list[str]:
    """A prefix that runs a command as root of its own user namespace, with its own limit on watches."""
    lowered = 'echo 25 > /proc/sys/user/max_inotify_watches; exec "$@"'
    prefix = ["unshare", "--user", "--map-root-user", "sh", "-c", lowered, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0
    ):
        pytest.skip("no user namespaces here")
    return prefix


def test_a_tree_beyond_the_limit_of_watches_is_reported_with_the_remedy(
    tmp_path: Path, in_a_namespace: list[str]
) -> None:
    for number in range(60):
        (tmp_path / f"pack{number}").mkdir()

    run = subprocess.run(
        in_a_namespace
        + run_of("print(watcher.watch_problem()); print(watcher.mode(Path(sys.argv[1])).how)", tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    problem, _ = run.stdout.splitlines()
    assert "fs.inotify.max_user_watches=524288" in problem
    assert (
        "of 61 folders (at most 25 by this user)" in problem
        or "limit of watched folders is reached" in problem
    )


def test_a_tree_within_the_limit_is_no_problem(tmp_path: Path, in_a_namespace: list[str]) -> None:
    for number in range(20):
        (tmp_path / f"pack{number}").mkdir()

    run = subprocess.run(
        in_a_namespace + run_of("print(watcher.watch_problem())", tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == "None\n"


@pytest.fixture
def reporter(fast_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A watcher that prints its events until its input closes."""
    script = """
        import threading
        threading.Thread(target=lambda: (sys.stdin.read(), inbox.put(None))).start()
        print("ready", flush=True)
        for event in iter(inbox.get, None):
            print(event.kind.value, event.path, flush=True)
        watcher.stop()
    """
    with subprocess.Popen(run_of(script, fast_folder), stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def test_lost_events_are_reported_and_later_ones_arrive(
    fast_folder: Path, reporter: subprocess.Popen[str]
) -> None:
    watchdog = pytest.importorskip("watchdog.version")
    if watchdog.VERSION_MAJOR < 7:
        pytest.skip("watchdog 6 does not say that it lost events; the rescan finds the files")
    with open("/proc/sys/fs/inotify/max_queued_events") as file:
        queue_length = int(file.read())
    if queue_length > LONGEST_QUEUE:
        pytest.skip("filling this machine's queue would take long")

    reporter.send_signal(signal.SIGSTOP)  # a reader that cannot keep up, for sure
    try:
        # Each is created and closed: twice as many events as the queue holds
        for number in range(queue_length):
            (fast_folder / f"{number}.wav").touch()
    finally:
        reporter.send_signal(signal.SIGCONT)

    assert reporter.stdout is not None
    result = iter(reporter.stdout.readline, "")
    assert f"overflow {fast_folder}\n" in result
    assert f"overflow {fast_folder}\n" in result, (
        "once more, for watchdog was deaf while it set its watches anew"
    )
    (fast_folder / "later.wav").write_bytes(b"sound")
    assert f"closed {fast_folder / 'later.wav'}\n" in result
