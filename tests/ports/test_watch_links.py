"""Watched folders that are links or lie behind one, and systems that report real paths, lose events or refuse to watch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from watchdog.events import DirCreatedEvent, FileClosedEvent, FileMovedEvent

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake import fsevents, watch
from drumwatch.intake.watch import EVENTS, Watcher, _Handler

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Inbox  # type: ignore[attr-defined]
    from watchdog.events import FileSystemEvent

CHANGED, CLOSED, FOLDER, OVERFLOW = EventKind.CHANGED, EventKind.CLOSED, EventKind.FOLDER, EventKind.OVERFLOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The real folder; links to it are made beside it."""
    folder = tmp_path / "disk/samples"
    folder.mkdir(parents=True)
    return folder


def about(path: Path) -> Callable[[list[FileEvent]], bool]:
    """True once an event came for the path."""
    return lambda events: any(event.path == path for event in events)


def write(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"sound")
    return path


@pytest.mark.parametrize("behind", ["", "/samples"], ids=["is a link", "lies behind one"])
def test_a_folder_behind_a_link_is_watched_by_its_configured_path(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, folder: Path, behind: str
) -> None:
    (tmp_path / "link").symlink_to(folder.parent if behind else folder)
    configured = Path(f"{tmp_path}/link{behind}")
    assert watcher.add(configured).how == "events"

    write(folder / "kick.wav")
    write(folder / "pack/hat.wav")

    inbox.wait_for(about(configured / "kick.wav"))
    events = inbox.wait_for(about(configured / "pack/hat.wav"))
    assert {event.watch for event in events} == {configured}
    assert all(event.path.is_relative_to(configured) for event in events)


def test_a_link_that_leads_elsewhere_is_followed_there_with_the_next_refresh(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, folder: Path
) -> None:
    link, other = tmp_path / "link", tmp_path / "other"
    other.mkdir()
    link.symlink_to(folder)
    watcher.add(link)
    link.unlink()
    link.symlink_to(other)

    watcher.refresh()

    inbox.wait_for(about(link))
    write(other / "kick.wav")
    inbox.wait_for(about(link / "kick.wav"))
    inbox.clear()
    write(folder / "left behind.wav")
    write(other / "hat.wav")
    events = inbox.wait_for(about(link / "hat.wav"))
    assert not about(link / "left behind.wav")(events)


def test_a_folder_whose_real_path_changes_is_watched_there(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, folder: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    watcher.add(link)
    moved = folder.rename(tmp_path / "moved")
    link.unlink()
    link.symlink_to(moved)

    watcher.refresh()

    inbox.wait_for(about(link))
    write(moved / "kick.wav")
    inbox.wait_for(about(link / "kick.wav"))


def test_a_link_that_leads_nowhere_yet_says_where_and_is_watched_when_its_folder_comes(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    link, target = tmp_path / "link", tmp_path / "stick"
    link.symlink_to(target)

    mode = watcher.add(link)

    assert mode.how == "missing"
    assert f"leads to {target}, which is not there" in mode.why
    target.mkdir()
    watcher.refresh()
    inbox.wait_for(about(link))
    write(target / "kick.wav")
    inbox.wait_for(about(link / "kick.wav"))


def test_a_link_that_leads_to_itself_counts_as_missing(watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")

    assert watcher.add(tmp_path / "link").how == "missing"


def test_one_of_two_links_to_a_folder_is_watched_on_when_the_other_is_dropped(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, folder: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for link in (first, second):
        link.symlink_to(folder)
        watcher.add(link)

    watcher.remove(second)

    write(folder / "kick.wav")
    events = inbox.wait_for(about(first / "kick.wav"))
    assert {event.watch for event in events} == {first}


# What macOS reports


def read_as(configured: Path, real: Path, event: FileSystemEvent) -> list[tuple[str, EventKind]]:
    """What comes of an event in a folder that is watched by its real path."""
    events: list[FileEvent] = []
    _Handler(events.append, configured, os.fspath(real)).dispatch(event)
    assert all(event.watch == configured for event in events)
    return [(os.fspath(event.path), event.kind) for event in events]


def test_an_event_of_the_real_path_is_one_of_the_configured_path(tmp_path: Path, folder: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    moved = FileMovedEvent(f"{folder}/kick.wav.part", f"{folder}/pack/kick.wav")

    assert read_as(link, folder, moved)[0] == (f"{link}/pack/kick.wav", CLOSED)
    assert read_as(link, folder, DirCreatedEvent(str(folder))) == [(str(link), FOLDER)]


def test_another_spelling_of_the_folder_is_the_folder_where_the_disk_says_so(
    tmp_path: Path, folder: Path
) -> None:
    # The link stands for a disk that does not tell upper case from lower case, or one Unicode form from the other
    (tmp_path / "disk/SAMPLES").symlink_to(folder)
    event = FileClosedEvent(f"{tmp_path}/disk/SAMPLES/kick.wav")

    assert read_as(folder, folder, event) == [(f"{folder}/kick.wav", CLOSED)]


def test_another_folder_whose_name_differs_in_case_only_is_not_the_folder(
    tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "disk/SAMPLES").mkdir(exist_ok=True)
    if (tmp_path / "disk/SAMPLES").samefile(folder):
        pytest.skip("this disk does not distinguish upper and lower case")

    event = FileClosedEvent(f"{tmp_path}/disk/SAMPLES/kick.wav")
    assert read_as(folder, folder, event) == [(str(folder), OVERFLOW)]


@pytest.mark.parametrize("place", ["/elsewhere/kick.wav", "{folder} 2/kick.wav", "", "kick.wav"])
def test_an_event_from_another_place_asks_for_a_scan(folder: Path, place: str) -> None:
    event = FileClosedEvent(place.format(folder=folder))

    assert read_as(folder, folder, event) == ([(str(folder), OVERFLOW)] if place else [])


def test_an_event_that_cannot_be_understood_asks_for_a_scan(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd: Any = SimpleNamespace(src_path=object(), dest_path="")

    assert read_as(folder, folder, odd) == [(str(folder), OVERFLOW)]
    assert [record.message for record in caplog.records] == [
        f"An event below {folder} was not understood; the folder is scanned instead."
    ]


class RefusingObserver(SimpleNamespace):
    """An observer that refuses every folder, as FSEvents does it."""

    def __init__(self, error: Exception) -> None:
        nothing = lambda *_: None  # noqa: E731
        super().__init__(error=error, emitters=(), start=nothing, stop=nothing, join=nothing)

    def is_alive(self) -> bool:
        return True

    def schedule(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error", [RuntimeError("Cannot start fsevents stream."), SystemError("refused")], ids=["error", "system error"]
)  # fmt: skip
def test_a_stream_that_macos_refuses_is_replaced_by_polling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Inbox, error: Exception
) -> None:
    monkeypatch.setattr(fsevents, "IS_USED", True)
    monkeypatch.setattr(fsevents, "reporting_observer", lambda: RefusingObserver(error))
    watcher = Watcher(inbox.put)
    watcher.start()

    mode = watcher.add(tmp_path)

    assert mode.how == "polling"
    assert "macOS refuses to report changes" in mode.why
    assert "sysctl" not in mode.why
    assert watcher.watch_problem() == mode.why
    watcher.stop()


def test_a_thread_that_the_system_refuses_is_replaced_by_polling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: Inbox
) -> None:
    error = RuntimeError("can't start new thread")
    monkeypatch.setattr(watch, "Observer", lambda: RefusingObserver(error))
    watcher = Watcher(inbox.put)
    watcher.start()

    assert watcher.add(tmp_path).how == "polling"
    assert "can't" not in watcher.mode(tmp_path).why
    watcher.stop()


@pytest.fixture
def fsevents_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the part of watchdog that is written in C for macOS."""
    library = ModuleType("_watchdog_fsevents")
    library.Stream = lambda *_, **__: SimpleNamespace()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "_watchdog_fsevents", library)
    monkeypatch.delitem(sys.modules, "watchdog.observers.fsevents", raising=False)


@pytest.mark.usefixtures("fsevents_library")
@pytest.mark.parametrize("flag", fsevents.LOST_FLAGS)
def test_events_that_macos_has_dropped_ask_for_a_scan(folder: Path, flag: str) -> None:
    events: list[FileEvent] = []
    observer = fsevents.reporting_observer()
    observer.schedule(
        _Handler(events.append, folder, str(folder)), str(folder), event_filter=[*EVENTS, fsevents.EventsLost]
    )
    (emitter,) = observer.emitters
    flags = dict.fromkeys(
        ("is_created", "is_removed", "is_modified", "is_renamed", "is_inode_meta_mod", "is_xattr_mod"), False
    )
    native = SimpleNamespace(
        path=str(folder), inode=1, is_owner_change=False, is_root_changed=False, **{**flags, flag: True}
    )

    emitter.queue_events(1.0, [native])  # type: ignore[call-arg]
    observer.dispatch_events(observer.event_queue)

    assert [(event.path, event.kind) for event in events] == [(folder, OVERFLOW)]
