"""Whatever an event raises, the daemon goes on and scans the watch instead. The parts are stand-ins that fail."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sounds
from test_rescan import DOWNLOADS, RESCAN, SAMPLES, RescanHarness

from drumwatch.config import Config, Watch
from drumwatch.core.records import EventKind, FileEvent, FileStamp
from drumwatch.daemon.loop import Daemon
from drumwatch.intake.arrivals import Arrivals, Refused
from drumwatch.journal import Journal

EVENT = FileEvent(DOWNLOADS / "kick.wav", EventKind.CLOSED, DOWNLOADS)


class DaemonEvents:
    """A daemon whose arrivals and dispatcher may fail."""

    def __init__(self, folder: Path) -> None:
        (folder / "in").mkdir()
        config = folder / "config.toml"
        config.write_text(f'library = "{folder}/lib"\n[[watch]]\nfolder = "{folder}/in"\n')
        self.requested: list[Path] = []
        self.noticed: list[FileEvent] = []
        self.errors: list[Exception] = []
        self.daemon = cast("Any", Daemon(config))
        self.daemon._context = SimpleNamespace(arrivals=SimpleNamespace(notice=self.notice))
        self.daemon._rescans = SimpleNamespace(
            note_event=lambda _: None, request=lambda folder, _: self.requested.append(folder)
        )
        self.daemon._dispatcher = SimpleNamespace(note_event=lambda *_: None)

    def notice(self, event: FileEvent, *_: float) -> None:
        if self.errors:
            raise self.errors.pop()
        self.noticed.append(event)


@pytest.mark.parametrize(
    "error", [ValueError("not in the subpath"), OSError(5, "Input/output error"), KeyError("watch")]
)
def test_an_event_that_fails_is_logged_and_its_watch_is_scanned(tmp_path, caplog, error):
    events = DaemonEvents(tmp_path)
    events.errors.append(error)

    events.daemon._handle(EVENT)
    events.daemon._handle(EVENT)

    assert events.requested == [DOWNLOADS]
    assert events.noticed == [EVENT]
    assert [record.message for record in caplog.records] == [
        f"What happened at {EVENT.path} could not be handled; {DOWNLOADS} is scanned instead."
    ]


def test_lost_events_ask_for_a_scan(tmp_path):
    events = DaemonEvents(tmp_path)

    events.daemon._handle(FileEvent(DOWNLOADS, EventKind.OVERFLOW, DOWNLOADS))

    assert (events.requested, events.noticed) == ([DOWNLOADS], [])


def test_a_scan_that_is_asked_for_looks_at_every_file_of_that_folder_at_once():
    rescans = RescanHarness()
    rescans.rescans.request(DOWNLOADS, rescans.now)

    assert rescans.rescans.are_requested
    assert rescans.after(0) == [("downloads", True)]
    assert not rescans.rescans.are_requested


def test_a_flood_of_requests_is_answered_once_a_second():
    rescans = RescanHarness()
    looked = []
    for _ in range(40):
        rescans.rescans.request(DOWNLOADS, rescans.now)
        looked += rescans.after(0.1)

    assert 4 <= len(looked) <= 6


def test_a_request_for_a_folder_that_is_not_watched_is_ignored():
    rescans = RescanHarness()
    rescans.rescans.request(Path("/elsewhere"), rescans.now)

    assert rescans.after(1) == []
    assert not rescans.rescans.are_requested


def test_a_file_that_cannot_be_handled_keeps_no_other_back(tmp_path, monkeypatch):
    with Journal(":memory:") as journal:
        (tmp_path / "in").mkdir()
        watch = Watch(tmp_path / "in", tmp_path / "lib")
        arrivals = Arrivals(Config(tmp_path / "lib", watches=(watch,)), journal)
        arrivals.begin(0.0, 4e9)
        for number, name in enumerate(("a.wav", "odd.wav", "z.wav")):
            sounds.write(watch.folder / name, sounds.noise_burst(seed=number))
        is_old = arrivals._is_old

        def fail_for_one(path: Path, stamp: FileStamp) -> bool:
            if path.name == "odd.wav":
                raise ValueError("odd")
            return is_old(path, stamp)

        monkeypatch.setattr(arrivals, "_is_old", fail_for_one)
        with pytest.raises(ValueError, match="odd"):
            arrivals.rescan(1.0, 4e9)

        stable = [one for one in arrivals.stable(100.0, 4e9 + 100) if not isinstance(one, Refused)]
        assert sorted(arrival.path.name for arrival, _ in stable) == ["a.wav", "z.wav"]
        assert arrivals.begin(101.0, 4e9) == {}, "it does not end the daemon at its start either"


def test_a_scan_that_fails_is_logged_once_and_tried_again(caplog):
    rescans = RescanHarness()
    arrivals = cast("Any", rescans.rescans._context.arrivals)
    scan = rescans.rescan

    def fail(*_: object, only: Path, **__: object) -> None:
        if only == DOWNLOADS:
            raise ValueError("odd")
        scan(full=False, only=only, _now=0, _wall=0)

    arrivals.rescan = fail
    turns = [rescans.after(RESCAN + 1) for _ in range(3)]
    assert turns == [[(SAMPLES.name, False)]] * 3
    assert len([one for one in caplog.records if "could not be scanned" in one.message]) == 1

    arrivals.rescan = scan
    assert ("downloads", False) in rescans.after(RESCAN + 1)
