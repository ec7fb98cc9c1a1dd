"""A command of drumwatch in a pseudo-terminal, and the screen that a person would see."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
from daemon_harness import TIMEOUT

if TYPE_CHECKING:
    from daemon_harness import DaemonHarness

HIGH = 60
CTRL_C = "\x03"


class PseudoTerminal:
    """A command on a screen of so many columns and lines."""

    def __init__(self, harness: DaemonHarness, *words: object, columns: int = 80, high: int = HIGH) -> None:
        environment = harness.environment | {"TERM": "xterm-256color"}
        for size in ("COLUMNS", "LINES"):  # of the terminal that the tests run in, not of ours
            environment.pop(size, None)
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "drumwatch", *map(str, words)],
            env=environment,
            dimensions=(high, columns),
            encoding="utf-8",
            cwd=harness.program,
        )
        self.screen = pyte.Screen(columns, high)
        self.stream = pyte.Stream(self.screen)
        self.raw = ""

    def lines(self) -> list[str]:
        """What stands on the screen now."""
        try:
            while True:
                more = self.process.read_nonblocking(65536, timeout=0.05)
                self.raw += more
                self.stream.feed(more)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return [line.rstrip() for line in self.screen.display if line.strip()]

    def wait_for(self, *words: str) -> list[str]:
        """The screen, as soon as each of these is on it."""
        until = time.monotonic() + TIMEOUT
        while not all(one in " ".join(lines := self.lines()) for one in words):
            assert time.monotonic() < until, f"not on the screen: {words}\n" + "\n".join(lines)
        return lines

    def end(self) -> tuple[int, list[str]]:
        """The exit code, and the last screen."""
        until = time.monotonic() + 2 * TIMEOUT
        while self.process.isalive():
            self.lines()
            assert time.monotonic() < until, self.lines()
        lines = self.lines()
        self.process.close()
        return self.process.exitstatus, lines
