"""`drumwatch status --watch` in a real terminal."""

from __future__ import annotations

import sys
import time

import pexpect
import pyte
import pytest
from daemon_harness import TIMEOUT


class Screen:
    """A terminal of this size in which `drumwatch status --watch` runs."""

    def __init__(self, harness, columns, rows):
        environment = {**harness.environment, "TERM": "xterm-256color"}
        for size in ("COLUMNS", "LINES"):  # of the terminal that the tests run in
            environment.pop(size, None)
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "drumwatch", "status", "--watch"],
            env=environment,
            dimensions=(rows, columns),
            encoding="utf-8",
            cwd=harness.program,
        )
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)

    def text(self):
        try:
            while True:
                self.stream.feed(self.process.read_nonblocking(65536, timeout=0.05))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return "\n".join(self.screen.display)

    def wait_for(self, *words):
        until = time.monotonic() + TIMEOUT
        while not all(word in (text := self.text()) for word in words):
            assert time.monotonic() < until, f"not on the screen: {words}\n{text}"
        return text


@pytest.fixture(params=[(80, 24), (120, 40)], ids=["80x24", "120x40"])
def screen(request, harness):
    shown = Screen(harness, *request.param)
    yield shown
    shown.process.close(force=True)


def test_the_screen_follows_the_daemon_and_ends_with_ctrl_c(screen, harness):
    screen.wait_for("drumwatch is not running.", "Ctrl-C ends this screen")

    harness.start()
    screen.wait_for("drumwatch is running", "waiting     nothing")
    harness.drop()
    text = screen.wait_for("1 filed (1 kick)", "latest", "kick.wav")
    assert text.count("drumwatch is running") == 1

    screen.process.send("\x03")
    screen.process.expect(pexpect.EOF, timeout=TIMEOUT)
    screen.process.close()
    assert screen.process.exitstatus == 0


def test_what_is_not_a_terminal_is_told_so(harness):
    assert "needs a terminal" in harness.run("status", "--watch", code=2).stderr
    assert "use one of them" in harness.run("status", "--watch", "--json", code=2).stderr
