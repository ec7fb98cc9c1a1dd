"""The daemon runs hooks beside its loop: one event at a time is in memory, and ending does not wait for a program."""

from __future__ import annotations

import queue
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from drumwatch.config import Config
from drumwatch.config.settings import Hook
from drumwatch.core.records import Verdict
from drumwatch.daemon.hooks import Hooks
from drumwatch.daemon.messages import HooksRun
from drumwatch.hooks.event_queue import KEY
from drumwatch.journal import Journal, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.daemon.messages import Inbox
    from drumwatch.session import Session

VERDICT = Verdict("kick", "kick", 0.97, {"kick": 0.97}, {"kick": 0.97}, "snare", "one-shot", 0.4)
PATIENCE = 60.0


class DaemonPart:
    """Hooks with a journal and an inbox, and no loop around them."""

    def __init__(self, root: Path, *, dry_run: bool = False) -> None:
        self.journal = Journal(":memory:")
        self.inbox: Inbox = queue.SimpleQueue()
        self.root = root
        self.session = SimpleNamespace(dry_run=dry_run, journal=self.journal, config=Config(root))
        self.hooks = Hooks(cast("Session", self.session), self.inbox)

    def configure(self, code: str | None = None) -> None:
        run = (sys.executable, "-c", code or "", str(self.root / "notes"), "{name}")
        hooks = (Hook(("filed",), run, "mine"),) if code is not None else ()
        self.session.config = Config(self.root, hooks=hooks)
        self.hooks.settings_changed()

    def filed(self, name: str) -> None:
        batch = self.journal.batches.current(Path("/in"), "", 0.0)
        plan = Plan(
            batch,
            Path("/in") / name,
            Path("/lib") / name,
            "move",
            "default",
            "",
            verdict=VERDICT,
            state="done",
        )
        self.journal.entries.plan(plan, 0.0)

    def next(self, *, at_once: bool = False) -> bool:
        self.hooks.run_next(0.0, settled=True, at_once=at_once)
        return self.hooks.running

    def finish(self) -> None:
        assert isinstance(self.inbox.get(timeout=PATIENCE), HooksRun)
        self.hooks.finish()

    def notes(self) -> list[str]:
        path = self.root / "notes"
        return path.read_text().split() if path.exists() else []


NOTE = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonPart]:
    daemon = DaemonPart(tmp_path)
    yield daemon
    daemon.hooks.close()
    daemon.journal.close()


def test_one_event_is_run_at_a_time_and_the_others_wait_in_the_journal(daemon):
    daemon.configure(NOTE)
    for name in ("a.wav", "b.wav", "c.wav"):
        daemon.filed(name)

    assert daemon.next()
    first = daemon.journal.state.get()[KEY]["after"]
    assert daemon.next()
    assert daemon.journal.state.get()[KEY]["after"] == first
    daemon.finish()
    for _ in range(2):
        assert daemon.next()
        daemon.finish()

    assert daemon.notes() == ["a.wav", "b.wav", "c.wav"]
    assert not daemon.next()
    assert daemon.hooks.next_due() is None


def test_nothing_is_looked_for_while_there_is_no_news(daemon, monkeypatch):
    daemon.configure(NOTE)
    assert not daemon.next()
    monkeypatch.setattr("drumwatch.hooks.event_queue.EventQueue.take", lambda *_, **__: pytest.fail("looked"))

    assert not daemon.next()


def test_ending_does_not_wait_for_a_program_that_hangs(daemon, tmp_path):
    ready = tmp_path / "notes"
    daemon.configure("import sys, time; open(sys.argv[1], 'w').write('ready'); time.sleep(600)")
    daemon.filed("a.wav")
    daemon.next()
    until = time.monotonic() + PATIENCE
    while not ready.exists():
        assert time.monotonic() < until
        time.sleep(0.01)

    begun = time.monotonic()
    daemon.hooks.close()

    assert not daemon.hooks.running
    assert time.monotonic() - begun < PATIENCE


def test_hooks_that_are_taken_out_and_put_in_again_are_not_run_for_what_happened_meanwhile(daemon):
    daemon.configure(NOTE)
    daemon.filed("before.wav")
    daemon.configure()
    daemon.filed("meanwhile.wav")
    assert not daemon.next()
    daemon.configure(NOTE)
    daemon.filed("after.wav")

    assert daemon.next()
    daemon.finish()

    assert daemon.notes() == ["after.wav"]
    assert not daemon.next()


def test_a_dry_run_runs_no_hook_and_takes_no_event(tmp_path):
    daemon = DaemonPart(tmp_path, dry_run=True)
    daemon.configure(NOTE)
    daemon.filed("a.wav")

    assert not daemon.next(at_once=True)
    assert KEY not in daemon.journal.state.get()
    daemon.journal.close()


def test_a_fault_of_ours_in_a_hook_does_not_end_the_running_of_hooks(daemon, monkeypatch, caplog):
    daemon.configure(NOTE)
    daemon.filed("a.wav")
    daemon.filed("b.wav")
    with monkeypatch.context() as patch:
        patch.setattr("drumwatch.hooks.program.run", lambda *_, **__: 1 / 0)
        assert daemon.next()
        daemon.finish()
    assert "The hooks for a.wav could not be run." in caplog.text

    assert daemon.next()
    daemon.finish()
    assert daemon.notes() == ["b.wav"]
