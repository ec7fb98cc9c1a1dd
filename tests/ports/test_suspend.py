"""A process that is suspended on request, and never stays so when nobody is there to resume it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

COUNTING = """
import sys, time
from drumwatch.sandbox.suspend import suspend_on_request
suspend_on_request()
for number in range(10**6):
    print(number, file=open(sys.argv[1], "a"), flush=True)
    time.sleep(0.01)
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]], start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


def goes_on(path):
    """Whether the lines in the file become more, within some seconds."""
    before = path.stat().st_size if path.exists() else 0
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if path.exists() and path.stat().st_size > before:
            return True
        time.sleep(0.05)
    return False


def is_stopped(path):
    before = path.stat().st_size
    time.sleep(0.3)
    return path.stat().st_size == before


@pytest.fixture
def counting(tmp_path):
    """A process in a group of its own that counts into a file, its parent, and the file."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, COUNTING, tmp_path / "lines"], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    assert goes_on(tmp_path / "lines")
    os.killpg(child, signal.SIGTSTP)
    time.sleep(0.3)  # until the signal has arrived
    yield parent, child, tmp_path / "lines"
    os.killpg(child, signal.SIGKILL)
    parent.kill()
    parent.wait()
    parent.stdout.close()


def test_it_is_suspended_until_it_may_go_on(counting):
    _, child, lines = counting
    assert is_stopped(lines)

    os.killpg(child, signal.SIGCONT)

    assert goes_on(lines)


def test_it_goes_on_by_itself_when_nobody_is_left_to_let_it(counting):
    parent, _, lines = counting
    assert is_stopped(lines)

    parent.kill()
    parent.wait()

    assert goes_on(lines)
