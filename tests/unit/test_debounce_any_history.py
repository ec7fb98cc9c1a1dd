"""Whatever happens in whatever order: no file comes out while it changes, and every stable one comes out exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from drumwatch.core.records import FileStamp
from drumwatch.intake.debounce import Debouncer

QUIET = 2.0
UNCLOSED = 10.0
WATCH = Path("w")
PATHS = [WATCH / name for name in ("a.wav", "b.wav", "c.wav")]
paths = st.sampled_from(PATHS)
sizes = st.integers(0, 3)


class History(RuleBasedStateMachine):
    """The debouncer beside the simplest thing that could be right: per file, what it looks like and since when."""

    def __init__(self) -> None:
        super().__init__()
        self.settler = Debouncer(quiet=QUIET)
        self.now = 0.0
        self.looks: dict[Path, FileStamp] = {}
        self.since: dict[Path, float] = {}
        self.closed: dict[Path, bool] = {}
        self.in_hand: dict[Path, FileStamp] = {}

    @rule(path=paths, size=sizes, closed=st.booleans())
    def seen(self, *, path: Path, size: int, closed: bool) -> None:
        stamp = FileStamp(1, 1, size, size)
        self.settler.observe(path, stamp, self.now, watch=WATCH, closed=closed)
        if self.looks.get(path) != stamp:
            self.looks[path], self.since[path], self.closed[path] = stamp, self.now, closed
        elif closed:
            self.since[path], self.closed[path] = self.now, True

    @rule(path=paths)
    def vanishes(self, path: Path) -> None:
        self.settler.forget(path)
        self.looks.pop(path, None)

    @rule(seconds=st.sampled_from([0.125, 1.0, 1.875, 2.0, 8.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def settles(self) -> None:
        for path, stamp, _, attempts in self.settler.pop_stable(self.now):
            assert path not in self.in_hand, "handed out twice"
            assert stamp == self.looks[path], "handed out as it was, not as it is"
            assert stamp.size_bytes > 0, "an empty file settled"
            needed = QUIET if self.closed[path] or attempts else UNCLOSED
            assert self.now - self.since[path] >= needed, "it changed a moment ago"
            self.in_hand[path] = stamp

    @rule(path=paths)
    def is_done(self, path: Path) -> None:
        self.settler.done(path, self.now)
        self._leave_hand(path, forget=True)

    @rule(path=paths)
    def is_put_back(self, path: Path) -> None:
        self.settler.put_back(path, self.now, "not yet")
        self._leave_hand(path, forget=False)

    @invariant()
    def knows_when_to_look_again(self) -> None:
        due = self.settler.next_due()
        waiting = [found.due for found in self.settler.waiting() if found.due is not None]
        assert due == min(waiting, default=None)

    def teardown(self) -> None:
        self.now += 3600.0
        resting = {
            path for path, stamp in self.looks.items() if stamp.size_bytes and path not in self.in_hand
        }
        popped = [
            candidate.path for candidate in self.settler.pop_stable(self.now) if candidate.path in self.looks
        ]
        assert sorted(popped) == sorted(resting), "each that rests, exactly once"

    def _leave_hand(self, path: Path, *, forget: bool) -> None:
        if path not in self.in_hand:
            return
        stamp = self.in_hand.pop(path)
        if path in self.looks and self.looks[path] != stamp:  # it changed meanwhile: as if seen now
            self.since[path] = self.now
        elif forget:
            self.looks.pop(path, None)
        else:
            self.looks[path] = stamp


History.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestNothingSettlesEarlyAndEverythingOnce = pytest.mark.timeout(60)(History.TestCase)
