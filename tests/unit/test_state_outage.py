"""An outage of the journal is reported once, and tried again with growing pauses."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from drumwatch.core.errors import StateFault
from drumwatch.daemon import state_outage
from drumwatch.daemon.state_outage import StateOutage
from drumwatch.system.outage_note import OutageNote
from drumwatch.system.sd_notify import SdNotifier
from drumwatch.system.state_errors import unavailable

JOURNAL = Path("/state/journal.db")


@pytest.fixture
def outage(tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("drumwatch.system.app_paths.runtime_folder", lambda: tmp_path / "runtime")
    outage = StateOutage(OutageNote(tmp_path), SdNotifier({}))
    yield outage
    outage.end()


def report(outage: StateOutage, fault: StateFault, now: float, path: Path = JOURNAL) -> None:
    outage.report(unavailable(fault, path, "the journal"), now, notify=False)


def test_each_cause_is_told_once_however_often_it_is_tried(outage, caplog):
    for now in range(5):
        report(outage, StateFault.LOCKED, float(now))
        report(outage, StateFault.FAILING, float(now))
    outage.end()
    outage.end()

    told = [record.message for record in caplog.records]
    assert [sentence.partition(" /state")[0] for sentence in told[:2]] == [
        "Another program keeps the journal",
        "The disk of the journal",
    ]
    assert told[2:] == ["/state/journal.db can be used again: going on."]


def test_the_pauses_grow_and_are_never_longer_than_half_a_minute(outage):
    pauses = []
    for now in range(8):
        report(outage, StateFault.LOCKED, float(now))
        pauses.append(outage.pause())

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_an_outage_that_comes_back_much_later_is_told_again(outage, caplog, monkeypatch):
    monkeypatch.setattr(state_outage.time, "monotonic", lambda: 10.0)
    report(outage, StateFault.LOCKED, 5.0)
    outage.end()
    report(outage, StateFault.LOCKED, 11.0)
    assert caplog.text.count("Another program") == 1

    outage.end()
    report(outage, StateFault.LOCKED, 1000.0)

    assert caplog.text.count("Another program") == 2
    assert outage.pause() == 1


def test_a_full_disk_is_not_tried_again_before_there_is_room(outage, monkeypatch, tmp_path):
    report(outage, StateFault.FULL, 0.0, tmp_path / "journal.db")
    free = 1000
    monkeypatch.setattr(state_outage.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))

    assert not outage.may_be_over()
    free = 10_000_000
    assert outage.may_be_over()


@pytest.mark.parametrize("fault", StateFault, ids=lambda fault: fault.value)
def test_every_fault_has_one_sentence_with_the_file_and_a_remedy(fault):
    error = unavailable(fault, JOURNAL, "the journal")

    assert str(error) == f"{error.what}: {error.remedy}."
    assert str(JOURNAL) in error.what
    assert error.remedy
    assert "\n" not in str(error)
