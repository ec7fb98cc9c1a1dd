from __future__ import annotations

import pytest
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)

from drumwatch.core.records import EventKind
from drumwatch.intake.events import interpret

CHANGED, CLOSED, GONE, FOLDER = EventKind.CHANGED, EventKind.CLOSED, EventKind.GONE, EventKind.FOLDER
MARKER = EventKind.MARKER


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (FileCreatedEvent("/w/kick.wav"), [("/w/kick.wav", CHANGED)]),
        (FileModifiedEvent("/w/kick.wav"), [("/w/kick.wav", CHANGED)]),
        (FileClosedEvent("/w/pack/kick.wav"), [("/w/pack/kick.wav", CLOSED)]),
        (FileDeletedEvent("/w/kick.wav"), [("/w/kick.wav", GONE)]),
        (FileClosedEvent("/w/pack.zip"), [("/w/pack.zip", CLOSED)]),
        (FileClosedEvent(b"/w/k\xefck.wav"), [("/w/k\udcefck.wav", CLOSED)]),
        (FileMovedEvent("/w/a.wav", "/w/b.wav"), [("/w/b.wav", CHANGED), ("/w/a.wav", GONE)]),
        (FileMovedEvent("/w/a.wav", "/w/a.txt"), [("/w/a.wav", GONE)]),
        (DirCreatedEvent("/w/pack"), [("/w/pack", FOLDER)]),
        (DirCreatedEvent("/w/pack/Song.logicx"), [("/w/pack/Song.logicx", FOLDER), ("/w/pack/Song.logicx", MARKER)]),
        (DirMovedEvent("/w/tmp1", "/w/Song.band"), [("/w/tmp1", GONE), ("/w/Song.band", FOLDER), ("/w/Song.band", MARKER)]),
        (DirDeletedEvent("/w/pack"), [("/w/pack", GONE)]),
        (DirMovedEvent("/w/a", "/w/b"), [("/w/a", GONE), ("/w/b", FOLDER)]),
    ],
)  # fmt: skip
def test_an_event_is_a_hint_to_look_at_its_paths(event: FileSystemEvent, expected: list[object]) -> None:
    assert list(interpret(event, "/w")) == expected


@pytest.mark.parametrize(
    "event",
    [
        FileClosedEvent("/w/notes.txt"),
        FileCreatedEvent("/w/kick.wav.crdownload"),
        FileClosedEvent("/w/.kick.wav.Xy12Zz"),
        FileClosedEvent("/w/__MACOSX/pack/kick.wav"),
        FileClosedEvent("/w/_UNPACK_pack/kick.wav"),
        DirCreatedEvent("/w/.cache"),
        FileClosedEvent("/w/.git/package.json"),
        DirCreatedEvent("/w/incomplete/pack"),
        DirCreatedEvent("/w/Song.logicx/Media"),
        DirCreatedEvent("/w/incomplete/Song.logicx"),
    ],
)
def test_what_can_never_be_a_sample_stays_out_of_the_inbox(event: FileSystemEvent) -> None:
    assert list(interpret(event, "/w")) == []


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (FileClosedEvent("/w/Kit/kit.sfz"), [("/w/Kit/kit.sfz", MARKER)]),
        (FileMovedEvent("/w/kit.sfz.part", "/w/kit.sfz"), [("/w/kit.sfz", MARKER)]),
        (FileCreatedEvent("/w/game/package.json"), [("/w/game/package.json", MARKER)]),
        (DirCreatedEvent("/w/game/.git"), [("/w/game/.git", MARKER)]),
        (DirCreatedEvent("/w/S/Ableton Project Info"), [("/w/S/Ableton Project Info", FOLDER), ("/w/S/Ableton Project Info", MARKER)]),
        (DirMovedEvent("/w/a", "/w/Song.logicx"), [("/w/a", GONE), ("/w/Song.logicx", FOLDER), ("/w/Song.logicx", MARKER)]),
        (FileDeletedEvent("/w/Kit/kit.sfz"), []),
    ],
)  # fmt: skip
def test_a_marker_is_an_event_of_its_own(event: FileSystemEvent, expected: list[object]) -> None:
    assert list(interpret(event, "/w")) == expected


def test_a_watched_folder_may_itself_have_a_foreign_name() -> None:
    watch = "/home/me/.wine/incomplete"

    assert list(interpret(FileClosedEvent(f"{watch}/kick.wav"), watch)) == [(f"{watch}/kick.wav", CLOSED)]


@pytest.mark.parametrize(
    "temporary",
    ["/w/kick.wav.crdownload", "/w/.kick.wav.Xy12Zz", "/w/.syncthing.kick.wav.tmp", "/w/kick.tmp", "/w/_UNPACK_pack/kick.wav"],
)  # fmt: skip
def test_a_temporary_name_given_up_for_the_final_one_counts_as_a_close(temporary: str) -> None:
    assert ("/w/kick.wav", CLOSED) in list(interpret(FileMovedEvent(temporary, "/w/kick.wav"), "/w"))


def test_a_download_is_whole_when_its_companion_goes() -> None:
    assert list(interpret(FileDeletedEvent("/w/kick.wav.aria2"), "/w")) == [("/w/kick.wav", CLOSED)]
