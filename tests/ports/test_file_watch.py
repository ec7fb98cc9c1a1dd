"""The configuration is a file, or a link to one, in a folder that may itself be a link: each way to save it is noticed."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import threading
from typing import TYPE_CHECKING

import pytest

from drumwatch.intake import fsevents, watch
from drumwatch.intake.file_watch import Place, places_of
from drumwatch.intake.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 20.0  # seconds
SETTLED = 0.1  # seconds without a change


class Noticed:
    """A watcher of one file, and how often it called back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._calls: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.watcher = Watcher(lambda _: None)
        self.watcher.watch_file(path, lambda: self._calls.put(None))
        self.watcher.start()

    def wait(self) -> None:
        """Wait until a change is noticed, and watch the file where it is then."""
        self._calls.get(timeout=PATIENCE)
        self.watcher.refresh_file()

    def wait_for_content(self, text: str) -> None:
        """Wait for changes until one is noticed while the file has this content; then for the end of them."""
        self.wait()
        while not self.path.is_file() or self.path.read_text() != text:
            self.wait()
        self.settle()

    def settle(self) -> None:
        """Drop the changes that are still on their way."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._calls.get(timeout=SETTLED)
        self.watcher.refresh_file()


@pytest.fixture
def noticed_changes() -> Iterator[Callable[[Path], Noticed]]:
    before = set(threading.enumerate())
    started: list[Noticed] = []

    def start(path: Path) -> Noticed:
        started.append(Noticed(path))
        return started[-1]

    yield start
    for one in started:
        one.watcher.stop()
    assert set(threading.enumerate()) <= before, "a thread was left behind"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A plain file; the dotfiles lie beside its folder."""
    folder = tmp_path / "etc/drumwatch"
    folder.mkdir(parents=True)
    (tmp_path / "dotfiles").mkdir()
    (folder / "config.toml").write_text("first")
    return folder / "config.toml"


def save_in_place(path: Path) -> None:
    path.write_text("new")


def save_by_rename(path: Path) -> None:
    path.with_suffix(".tmp").write_text("new")
    path.with_suffix(".tmp").replace(path)


def replace_folder(path: Path) -> None:
    folder = path.parent
    shutil.copytree(folder, folder.with_name("copy"))
    (folder.with_name("copy") / path.name).write_text("new")
    folder.rename(folder.with_name("old"))
    folder.with_name("copy").rename(folder)


def make_link(path: Path) -> Path:
    """Move a file or folder to the dotfiles, and leave a link; return its new path."""
    target = _dotfiles(path) / path.name
    path.rename(target)
    path.symlink_to(target)
    return target


def _dotfiles(path: Path) -> Path:
    return next(parent / "dotfiles" for parent in path.parents if (parent / "dotfiles").is_dir())


def point_elsewhere(link: Path) -> None:
    """Let a link lead to a copy of what it leads to, in which the configuration is another one."""
    copy = link.resolve().with_name("another")
    if link.is_dir():
        shutil.copytree(link, copy)
        (copy / "config.toml").write_text("new")
    else:
        copy.write_text("new")
    (link.parent / "fresh").symlink_to(copy)
    (link.parent / "fresh").replace(link)


@pytest.mark.parametrize(
    "save", [save_in_place, save_by_rename, replace_folder], ids=lambda save: save.__name__
)
def test_a_saved_file_is_noticed_twice(
    config: Path, noticed_changes: Callable[[Path], Noticed], save: Callable[[Path], None]
) -> None:
    noticed = noticed_changes(config)

    save(config)
    noticed.wait_for_content("new")
    config.write_text("once more")
    noticed.wait_for_content("once more")


@pytest.mark.parametrize("save", [save_in_place, save_by_rename], ids=lambda save: save.__name__)
@pytest.mark.parametrize("linked", ["nothing", "file", "folder", "both"])
def test_a_file_behind_a_link_is_noticed_where_it_is_saved(
    config: Path, noticed_changes: Callable[[Path], Noticed], save: Callable[[Path], None], linked: str
) -> None:
    if linked in {"file", "both"}:
        make_link(config)
    if linked in {"folder", "both"}:
        make_link(config.parent)
    noticed = noticed_changes(config)

    save(config.resolve())

    noticed.wait_for_content("new")


def test_a_folder_that_holds_a_link_to_the_file_is_noticed_when_it_is_replaced(
    config: Path, noticed_changes: Callable[[Path], Noticed]
) -> None:
    make_link(config)
    noticed = noticed_changes(config)

    replace_folder(config)

    noticed.wait_for_content("new")


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_that_leads_elsewhere_is_noticed_and_followed(
    config: Path, noticed_changes: Callable[[Path], Noticed], linked: str
) -> None:
    link = config if linked == "file" else config.parent
    make_link(link)
    noticed = noticed_changes(config)

    point_elsewhere(link)
    noticed.wait_for_content("new")
    config.resolve().write_text("once more")
    noticed.wait_for_content("once more")


def test_a_folder_that_is_away_for_a_while_is_waited_for(
    config: Path, noticed_changes: Callable[[Path], Noticed]
) -> None:
    noticed = noticed_changes(config)
    shutil.rmtree(config.parent)
    noticed.wait()

    config.parent.mkdir()
    config.write_text("new")

    noticed.wait_for_content("new")


def test_other_files_beside_it_are_not_noticed(
    config: Path, noticed_changes: Callable[[Path], Noticed]
) -> None:
    noticed = noticed_changes(config)
    for number in range(50):
        (config.parent / f"journal {number}").write_text("much is written here")
        (config.parent.parent / f"other {number}").mkdir()
    config.write_text("new")

    noticed.wait_for_content("new")
    for _ in range(3):  # creation, writing and closing of the file itself at most
        if noticed._calls.empty():
            return
        noticed._calls.get()
    assert noticed._calls.empty()


def test_a_watched_folder_that_holds_the_file_can_be_dropped_without_it(
    config: Path, noticed_changes: Callable[[Path], Noticed]
) -> None:
    noticed = noticed_changes(config)
    noticed.watcher.add(config.parent, recursive=False)
    noticed.watcher.remove(config.parent)

    config.write_text("new")

    noticed.wait_for_content("new")


def test_a_watcher_that_broke_down_notices_the_file_again(
    config: Path, noticed_changes: Callable[[Path], Noticed]
) -> None:
    noticed = noticed_changes(config)
    observer = noticed.watcher._observer
    assert observer is not None
    observer.stop()
    observer.join()

    noticed.watcher.refresh()
    config.write_text("new")

    noticed.wait_for_content("new")


def test_where_nothing_can_be_watched_somebody_has_to_look(
    config: Path, noticed_changes: Callable[[Path], Noticed], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> None:
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(watch, "Observer", none_left)
    noticed = noticed_changes(config)
    assert not noticed.watcher.is_file_watched

    monkeypatch.undo()
    noticed.watcher.refresh()
    assert noticed.watcher.is_file_watched


def test_the_places_of_a_file_are_its_links_its_folder_and_itself(tmp_path: Path, config: Path) -> None:
    target = make_link(config)

    (above, link, *_, folder, file) = places_of(config)

    assert above == Place(os.fspath(config.parent.parent), "drumwatch", is_outer=True)
    assert link == Place(os.fspath(config.parent), "config.toml", is_outer=False)
    assert folder == Place(os.fspath(tmp_path), "dotfiles", is_outer=True)
    assert file == Place(os.fspath(target.parent), "config.toml", is_outer=False)


def test_a_link_to_itself_has_places_and_an_end(tmp_path: Path) -> None:
    (tmp_path / "config.toml").symlink_to(tmp_path / "config.toml")

    assert places_of(tmp_path / "config.toml")[-1].name == "config.toml"


def test_on_a_mac_no_folder_above_is_watched_because_a_stream_reports_its_whole_tree(
    config: Path, noticed_changes: Callable[[Path], Noticed], monkeypatch: pytest.MonkeyPatch
) -> None:
    noticed = noticed_changes(config)
    monkeypatch.setattr(fsevents, "IS_USED", True)
    noticed.watcher.refresh_file()

    assert noticed.watcher._file is not None
    assert noticed.watcher._file.folders == [config.parent]
