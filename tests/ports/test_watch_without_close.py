"""A system that does not report when a file is closed, as FSEvents does not: each change of a file is seen all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watchdog.events import FileClosedEvent, FileModifiedEvent

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake import watch
from drumwatch.intake.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Inbox  # type: ignore[attr-defined]


@pytest.fixture
def watcher(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    events = [event for event in watch.EVENTS if event is not FileClosedEvent]
    monkeypatch.setattr(watch, "EVENTS", list(dict.fromkeys([*events, FileModifiedEvent])))
    watcher = Watcher(inbox.put)
    watcher.start()
    yield watcher
    watcher.stop()


def changes_of(path: Path) -> Callable[[list[FileEvent]], bool]:
    return lambda events: FileEvent(path, EventKind.CHANGED, path.parent) in events


def test_a_file_that_is_written_and_one_that_grows_have_changed(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    watcher.add(tmp_path)
    (tmp_path / "kick.wav").write_bytes(b"sound")
    inbox.wait_for(changes_of(tmp_path / "kick.wav"))
    inbox.clear()

    with (tmp_path / "kick.wav").open("ab") as file:
        file.write(b"more")

    events = inbox.wait_for(changes_of(tmp_path / "kick.wav"))
    assert {event.kind for event in events} == {EventKind.CHANGED}


def test_a_download_that_gets_its_name_is_closed_all_the_same(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    watcher.add(tmp_path)
    (tmp_path / "kick.wav.crdownload").write_bytes(b"sound")
    (tmp_path / "kick.wav.crdownload").rename(tmp_path / "kick.wav")

    inbox.wait_for(lambda events: FileEvent(tmp_path / "kick.wav", EventKind.CLOSED, tmp_path) in events)
