"""The daemon's own journal fails in the middle of sounds and an archive: all is filed once, without a restart."""

from __future__ import annotations

import logging
import threading
import time
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import sounds
from faulty_journal import FaultyJournal, JournalFault

from drumwatch.daemon import state_outage
from drumwatch.daemon.loop import Daemon
from drumwatch.filing.held_file import content_hash
from drumwatch.journal import Filter, Journal, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT = 60.0  # seconds: a busy machine is no failure
SINGLE = [f"single {n}.wav" for n in range(3)]
PACKED = [f"packed {n}.wav" for n in range(3)]


class DaemonInThread:
    """The real daemon with real workers, in a thread, so that its journal can be made to fail."""

    def __init__(self, root: Path, log: pytest.LogCaptureFixture) -> None:
        self.intake, self.library, self.state = root / "in", root / "library", root / "state"
        self.intake.mkdir()
        config = root / "config.toml"
        config.write_text(
            f'library = "{self.library}"\nmax_wrong = 1.0\nquiet = 0.2\nrescan = 1\nmin_free = "1 MB"\n'
            f'[[watch]]\nfolder = "{self.intake}"\narchives = "unpack"\n'
        )
        self._log = log
        self._daemon = Daemon(config)
        self._thread = threading.Thread(target=self._daemon.run)
        self._thread.start()

    def wait_until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + TIMEOUT
        while not reached():
            assert time.monotonic() < until, self._log.text
            assert self._thread.is_alive(), self._log.text
            time.sleep(0.02)

    def wait_for_log(self, words: str) -> None:
        self.wait_until(lambda: words in self._log.text)

    def filed(self) -> Counter[str]:
        """How often each sound was filed, by its name, as soon as nothing is only planned."""
        with Journal(self.state / "journal.db") as journal:
            entries = list(journal.entries.find(Filter(states=("planned", "done"))))
        names = Counter(entry.source.name for entry in entries if entry.action in ("move", "copy"))
        return Counter() if any(entry.state == "planned" for entry in entries) else names

    def stop(self) -> None:
        self._daemon.stop("the test has ended")
        self._thread.join(TIMEOUT)
        assert not self._thread.is_alive()


@pytest.fixture
def faulty_journal(monkeypatch):
    return FaultyJournal(monkeypatch)


@pytest.fixture
def daemon(tmp_path, monkeypatch, caplog, faulty_journal) -> Iterator[DaemonInThread]:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(state_outage, "FIRST_PAUSE", 0.2)
    daemon = DaemonInThread(tmp_path, caplog)
    yield daemon
    faulty_journal.end()
    daemon.stop()


@pytest.mark.parametrize(
    "fault",
    [JournalFault("failing", 30, lasts=True), JournalFault("full", 14, lasts=True)],
    ids=["failing", "full"],
)
def test_what_a_fault_of_the_journal_interrupts_is_filed_once_when_it_is_over(
    tmp_path, caplog, faulty_journal, daemon, fault
):
    daemon.wait_for_log("Ready.")
    faulty_journal.begin(fault)
    for number, name in enumerate(SINGLE):
        sounds.write(daemon.intake / name, sounds.decaying_sine(50 + number))
    with zipfile.ZipFile(tmp_path / "Pack.zip", "w") as archive:
        for number, name in enumerate(PACKED):
            archive.write(sounds.write(tmp_path / name, sounds.decaying_sine(80 + number)), name)
    (tmp_path / "Pack.zip").rename(daemon.intake / "Pack.zip")
    daemon.wait_for_log("Nothing is moved until then")
    faulty_journal.end()

    daemon.wait_until(lambda: daemon.filed().keys() >= {*SINGLE, *PACKED})
    daemon.stop()

    assert {name: daemon.filed()[name] for name in (*SINGLE, *PACKED)} == dict.fromkeys((*SINGLE, *PACKED), 1)
    there = Counter(path.name for path in daemon.library.rglob("*.wav"))
    assert there == dict.fromkeys((*SINGLE, *PACKED), 1)
    assert caplog.text.count("Nothing is moved until then") == 1
    assert "Traceback" not in caplog.text


def test_what_another_process_could_not_conclude_is_settled_by_the_running_daemon(daemon):
    """As `drumwatch undo` leaves it when the journal fails between the act and its conclusion."""
    daemon.wait_for_log("Ready.")
    (daemon.library / "kick").mkdir(parents=True)
    moved = sounds.write(daemon.library / "kick/kick.wav", sounds.kick())
    with Journal(daemon.state / "journal.db") as journal, journal.transaction():
        batch = journal.batches.current(daemon.intake, "", time.time())
        plan = Plan(
            batch, daemon.intake / "kick.wav", moved, "move", "default", "", content_hash=content_hash(moved)
        )
        entry_id = journal.entries.plan(plan, time.time())

    def state() -> str:
        with Journal(daemon.state / "journal.db") as journal:
            return journal.entries.get(entry_id).state

    daemon.wait_until(lambda: state() != "planned")

    assert state() == "done"
    assert moved.exists()
