"""`drumwatch status --watch` in a real terminal."""

from __future__ import annotations

import pexpect
import pytest
from daemon_harness import TIMEOUT
from pseudo_terminal import CTRL_C, PseudoTerminal


@pytest.fixture(params=[(80, 24), (120, 40)], ids=["80x24", "120x40"])
def screen(request, harness):
    columns, rows = request.param
    shown = PseudoTerminal(harness, "status", "--watch", columns=columns, high=rows)
    yield shown
    shown.process.close(force=True)


def test_the_screen_follows_the_daemon_and_ends_with_ctrl_c(screen, harness):
    screen.wait_for("drumwatch is not running.", "Ctrl-C ends this screen")

    harness.start()
    screen.wait_for("drumwatch is running", "waiting     nothing")
    harness.drop()
    lines = screen.wait_for("1 filed (1 kick)", "latest", "kick.wav")
    assert " ".join(lines).count("drumwatch is running") == 1

    screen.process.send(CTRL_C)
    screen.process.expect(pexpect.EOF, timeout=TIMEOUT)
    screen.process.close()
    assert screen.process.exitstatus == 0


def test_what_is_not_a_terminal_is_told_so(harness):
    assert "needs a terminal" in harness.run("status", "--watch", code=2).stderr
    assert "use one of them" in harness.run("status", "--watch", "--json", code=2).stderr
