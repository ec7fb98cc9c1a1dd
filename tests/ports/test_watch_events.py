"""A real watcher over real folders: each file is seen at least once, by an event or by the scan that an event asks for."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake import inotify_limits, mounts, watch
from drumwatch.intake.mounts import Mount
from drumwatch.intake.scan import scan
from drumwatch.intake.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conftest import Inbox  # type: ignore[attr-defined]

CHANGED, CLOSED, GONE, FOLDER = EventKind.CHANGED, EventKind.CLOSED, EventKind.GONE, EventKind.FOLDER
# What tells at the latest that a file was written: macOS has no event for the end of writing
WRITTEN = CLOSED if inotify_limits.IS_USED else CHANGED


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outside")


def has_events(path: Path, *kinds: EventKind) -> Callable[[list[FileEvent]], bool]:
    """True once an event of each of these kinds came for the path."""

    def enough(events: list[FileEvent]) -> bool:
        return set(kinds) <= {event.kind for event in events if event.path == path}

    return enough


def seen_by(events: Iterable[FileEvent]) -> set[Path]:
    """What a reader of the inbox gets to know: the paths named, and what lies in the folders named."""
    seen: set[Path] = set()
    for event in events:
        is_to_scan = event.kind in {FOLDER, EventKind.OVERFLOW}
        seen |= {path for path, _ in scan(event.path)} if is_to_scan else {event.path}
    return seen


def told_of(paths: Iterable[Path]) -> Callable[[list[FileEvent]], bool]:
    """True once a reader of the inbox knows of all these paths; each event is looked at once, because there are thousands."""
    missing, looked_at = set(paths), 0

    def enough(events: list[FileEvent]) -> bool:
        nonlocal looked_at
        missing.difference_update(seen_by(events[looked_at:]))
        looked_at = len(events)
        return not missing

    return enough


def make_files(paths: Iterable[Path]) -> set[Path]:
    made = set()
    for path in paths:
        path.write_bytes(b"sound")
        made.add(path)
    return made


def test_a_written_file_is_closed(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    watcher.add(tmp_path)
    (tmp_path / "kick.wav").write_bytes(b"sound")

    events = inbox.wait_for(has_events(tmp_path / "kick.wav", CHANGED, WRITTEN))
    assert {event.watch for event in events} == {tmp_path}


def test_an_append_is_a_second_close(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "kick.wav").write_bytes(b"sound")
    watcher.add(tmp_path)
    with (tmp_path / "kick.wav").open("ab") as file:
        file.write(b"more")

    inbox.wait_for(has_events(tmp_path / "kick.wav", WRITTEN))


def test_a_browsers_download_is_closed_when_it_gets_its_name(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    watcher.add(tmp_path)
    partial = tmp_path / "kick.wav.crdownload"
    partial.write_bytes(b"sound")
    inbox.clear()
    partial.rename(tmp_path / "kick.wav")

    events = inbox.wait_for(has_events(tmp_path / "kick.wav", CLOSED))
    assert {event.path.name for event in events} == {"kick.wav"}


def test_firefox_replaces_its_own_placeholder(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    watcher.add(tmp_path)
    (tmp_path / "kick.wav").touch()
    partial = tmp_path / "kick.Xb3k9QzA.wav.part"
    partial.write_bytes(b"sound")
    inbox.clear()
    partial.replace(tmp_path / "kick.wav")

    inbox.wait_for(has_events(tmp_path / "kick.wav", CLOSED))


def test_a_file_moved_in_is_seen(watcher: Watcher, inbox: Inbox, tmp_path: Path, outside: Path) -> None:
    watcher.add(tmp_path)
    (outside / "kick.wav").write_bytes(b"sound")
    (outside / "kick.wav").rename(tmp_path / "kick.wav")

    inbox.wait_for(has_events(tmp_path / "kick.wav", CHANGED))


def test_a_hard_link_in_is_seen(watcher: Watcher, inbox: Inbox, tmp_path: Path, outside: Path) -> None:
    watcher.add(tmp_path)
    (outside / "kick.wav").write_bytes(b"sound")
    (tmp_path / "kick.wav").hardlink_to(outside / "kick.wav")

    inbox.wait_for(has_events(tmp_path / "kick.wav", CHANGED))


def test_a_rename_is_a_going_and_a_coming(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"sound")
    watcher.add(tmp_path)
    (tmp_path / "a.wav").rename(tmp_path / "b.wav")

    inbox.wait_for(has_events(tmp_path / "a.wav", GONE))
    inbox.wait_for(has_events(tmp_path / "b.wav", CHANGED))


def test_a_deleted_file_is_gone(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "kick.wav").write_bytes(b"sound")
    watcher.add(tmp_path)
    (tmp_path / "kick.wav").unlink()

    inbox.wait_for(has_events(tmp_path / "kick.wav", GONE))


def test_a_name_that_is_not_utf8_comes_through(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/k\xefck.wav"))
    watcher.add(tmp_path)
    try:
        path.write_bytes(b"sound")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")

    inbox.wait_for(has_events(path, WRITTEN))


def test_a_folder_that_is_not_watched_deeply_reports_only_its_own_files(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    (tmp_path / "pack").mkdir()
    watcher.add(tmp_path, recursive=False)
    (tmp_path / "pack/hat.wav").write_bytes(b"sound")
    (tmp_path / "kick.wav").write_bytes(b"sound")

    events = inbox.wait_for(has_events(tmp_path / "kick.wav", WRITTEN))
    assert {event.path.name for event in events} == {"kick.wav"}


def test_a_removed_watch_is_silent(watcher: Watcher, inbox: Inbox, tmp_path: Path, outside: Path) -> None:
    watcher.add(tmp_path)
    watcher.add(outside)
    watcher.remove(tmp_path)
    (tmp_path / "kick.wav").write_bytes(b"sound")
    (outside / "hat.wav").write_bytes(b"sound")

    events = inbox.wait_for(has_events(outside / "hat.wav", WRITTEN))
    assert {event.watch for event in events} == {outside}


# Many at once


def test_no_file_of_a_flat_burst_is_missed(watcher: Watcher, inbox: Inbox, fast_folder: Path) -> None:
    watcher.add(fast_folder)
    made = make_files(fast_folder / f"{number}.wav" for number in range(5000))

    inbox.wait_for(told_of(made))


def test_no_file_of_a_nested_burst_is_missed(watcher: Watcher, inbox: Inbox, fast_folder: Path) -> None:
    watcher.add(fast_folder)
    made: set[Path] = set()
    for number in range(60):
        pack = fast_folder / f"vendor{number % 7}" / f"pack{number}"
        pack.mkdir(parents=True)
        made |= make_files(pack / f"{sound}.wav" for sound in range(25))

    inbox.wait_for(told_of(made))


def test_a_tree_moved_in_is_seen_and_so_is_what_comes_later(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, outside: Path
) -> None:
    watcher.add(tmp_path)
    (outside / "vendor/pack").mkdir(parents=True)
    make_files(outside / f"vendor/pack/{number}.wav" for number in range(20))
    (outside / "vendor").rename(tmp_path / "vendor")

    inbox.wait_for(lambda events: len(seen_by(events)) == 20)
    assert watcher.watch_problem() is None  # takes up what watchdog 6 overlooked
    inbox.clear()
    (tmp_path / "vendor/pack/later.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(tmp_path / "vendor/pack/later.wav", WRITTEN))


def test_a_whole_pack_is_closed_when_the_unpacker_gives_it_its_name(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    watcher.add(tmp_path)
    (tmp_path / "_UNPACK_pack").mkdir()
    (tmp_path / "_UNPACK_pack/kick.wav").write_bytes(b"sound")
    (tmp_path / "_UNPACK_pack").rename(tmp_path / "pack")

    events = inbox.wait_for(has_events(tmp_path / "pack/kick.wav", CLOSED))
    assert has_events(tmp_path / "pack", FOLDER)(events)


# Folders that come and go


def test_a_folder_that_is_not_there_yet_is_watched_when_it_comes(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "stick"
    assert watcher.add(folder).how == "missing"
    watcher.refresh()
    assert not caplog.records  # the configuration's notes say it

    folder.mkdir()
    (folder / "kick.wav").write_bytes(b"sound")
    watcher.refresh()
    assert watcher.mode(folder).how == "events"
    assert seen_by(inbox.wait_for(has_events(folder, FOLDER))) == {folder / "kick.wav"}
    (folder / "hat.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(folder / "hat.wav", WRITTEN))


def test_a_folder_removed_is_reported_once_and_watched_again_when_it_is_back(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    watcher.add(folder)
    shutil.rmtree(folder)
    inbox.wait_for(has_events(folder, GONE))
    watcher.refresh()
    watcher.refresh()
    assert watcher.mode(folder).how == "missing"
    assert [record.message for record in caplog.records] == [
        f"{folder}: this folder is not there; drumwatch looks for it with each rescan"
    ]

    folder.mkdir()
    watcher.refresh()
    (folder / "kick.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(folder / "kick.wav", WRITTEN))


def test_a_folder_replaced_between_two_refreshes_is_watched_again(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    watcher.add(folder)
    folder.rename(tmp_path / "old")
    folder.mkdir()
    (folder / "between.wav").write_bytes(b"sound")
    watcher.refresh()

    assert seen_by(inbox.wait_for(has_events(folder, FOLDER))) == {folder / "between.wav"}
    (folder / "kick.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(folder / "kick.wav", WRITTEN))


def test_a_refresh_without_a_reason_says_nothing(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    watcher.add(tmp_path)
    watcher.refresh()
    (tmp_path / "kick.wav").write_bytes(b"sound")

    events = inbox.wait_for(has_events(tmp_path / "kick.wav", WRITTEN))
    assert {event.path for event in events} == {tmp_path / "kick.wav"}


def test_a_file_in_the_place_of_a_folder_counts_as_missing(watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "w").touch()

    assert watcher.add(tmp_path / "w").how == "missing"


def test_a_watcher_that_broke_down_starts_again_and_asks_for_a_scan(
    watcher: Watcher, inbox: Inbox, tmp_path: Path
) -> None:
    watcher.add(tmp_path)
    assert watcher.is_alive()
    assert watcher._observer is not None
    watcher._observer.stop()
    watcher._observer.join()
    assert not watcher.is_alive()

    watcher.refresh()
    assert watcher.is_alive()
    inbox.wait_for(has_events(tmp_path, EventKind.OVERFLOW))
    (tmp_path / "kick.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(tmp_path / "kick.wav", WRITTEN))


def test_a_folder_whose_thread_ended_is_watched_again(watcher: Watcher, inbox: Inbox, tmp_path: Path) -> None:
    watcher.add(tmp_path)
    assert watcher._observer is not None
    (emitter,) = watcher._observer.emitters
    emitter.stop()
    emitter.join()

    watcher.refresh()
    inbox.wait_for(has_events(tmp_path, FOLDER))
    (tmp_path / "kick.wav").write_bytes(b"sound")
    inbox.wait_for(has_events(tmp_path / "kick.wav", WRITTEN))


# Polling


def test_a_network_mount_is_polled_and_the_reason_is_given(
    watcher: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mounts, "current_mounts", lambda: [Mount(tmp_path.resolve(), "nfs4")])

    mode = watcher.add(tmp_path)

    assert mode.how == "polling"
    assert "nfs4" in mode.why
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_the_configuration_decides_about_polling(
    watcher: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "current_mounts", lambda: [Mount(tmp_path.resolve(), "nfs4")])
    assert watcher.add(tmp_path, poll="never").how == "events"
    monkeypatch.setattr(mounts, "current_mounts", list)
    assert watcher.add(tmp_path, poll="always").how == "polling"


def test_a_polled_folder_gets_no_events(
    watcher: Watcher, inbox: Inbox, tmp_path: Path, outside: Path
) -> None:
    watcher.add(tmp_path, poll="always")
    watcher.add(outside)
    (tmp_path / "kick.wav").write_bytes(b"sound")
    (outside / "hat.wav").write_bytes(b"sound")

    events = inbox.wait_for(has_events(outside / "hat.wav", WRITTEN))
    assert {event.path.name for event in events} == {"hat.wav"}


def test_where_the_system_has_no_watcher_left_everything_is_polled(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_left() -> None:
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(watch, "Observer", none_left)
    watcher = Watcher(inbox.put)
    watcher.start()

    mode = watcher.add(tmp_path)

    assert mode.how == "polling"
    if inotify_limits.IS_USED:
        assert "max_user_instances" in mode.why
    assert watcher.watch_problem() == mode.why
    watcher.refresh()
    assert len(caplog.records) == 1, "said once"

    monkeypatch.undo()
    watcher.refresh()
    assert watcher.mode(tmp_path).how == "events"
    watcher.stop()
