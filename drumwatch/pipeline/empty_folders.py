"""Remove folders that the moves of one batch have emptied, with one entry in the journal for all of them."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.filing import empty_folders
from drumwatch.journal import Journal, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import Entry

EMPTIED = "emptied"  # the rule
# Folders that systems and browsers make in a home folder and expect to find there.
_OF_EVERY_HOME = frozenset(
    [
        *("applications", "desktop", "documents", "downloads", "library", "movies", "music", "pictures"),
        *("public", "templates", "videos"),
    ]
)


def remove_emptied(
    journal: Journal,
    config: Config,
    watch: Watch,
    batch: int,
    *,
    root_too: bool = False,
    clock: Callable[[], float] = time.time,
) -> Entry | None:
    """Remove the folders that files of this batch were moved out of, and the folders above, if they are empty now.

    The watched folder itself stays, unless `root_too` is set because it was the pack. Returns the entry about it, if any.
    """
    if config.keep_empty_folders:
        return None
    with journal.acting():
        found = empty_folders.find_empty(_candidates(journal, config, watch, batch, root_too=root_too))
        if not found:
            return None
        around = Path(os.path.commonpath([record.path for record in found]))
        with journal.transaction():
            entry_id = journal.entries.plan(Plan(batch, around, None, REMOVE_FOLDERS, EMPTIED, ""), clock())
            journal.entries.replan(entry_id, None, EntryDetail(folders=tuple(found)))
        removed = empty_folders.remove(found)
        if not removed:
            journal.entries.withdraw(entry_id)
            return None
        journal.entries.finish(entry_id, "done", detail=EntryDetail(folders=tuple(removed)))
    return journal.entries.get(entry_id)


def _candidates(
    journal: Journal, config: Config, watch: Watch, batch: int, *, root_too: bool
) -> Iterator[Path]:
    """Yield folders that a file was moved out of after their last removal; a folder that came back since then is the user's."""
    last: dict[Path, int] = {}
    for folder, entry_id in journal.folders.moved_away_from(batch).items():
        for path in _up_to(folder, watch.folder, root_too=root_too):
            last[path] = max(last.get(path, 0), entry_id)
    if not last:
        return
    for removal in journal.folders.removed_since(min(last.values())):
        for record in removal.detail.folders:
            if last.get(record.path, removal.id) < removal.id:
                del last[record.path]
    libraries = {config.library, watch.library, *(one.library for one in config.watches)}
    kept = {Path.home(), *_folders_of_the_home(), *(one.folder for one in config.watches)}
    for path in last:
        if path not in kept and not any(path.is_relative_to(library) for library in libraries):
            yield path


def _up_to(folder: Path, root: Path, *, root_too: bool) -> Iterator[Path]:
    """Yield this folder and the folders above it, inside the root."""
    if folder.is_relative_to(root):
        yield from (path for path in (folder, *folder.parents) if path != root and path.is_relative_to(root))
        if root_too:
            yield root


def _folders_of_the_home() -> Iterator[Path]:
    """Yield Desktop, Downloads and the like, under the names that this user's system has for them."""
    home = Path.home()
    with contextlib.suppress(OSError), os.scandir(home) as entries:
        yield from (home / entry.name for entry in entries if entry.name.casefold() in _OF_EVERY_HOME)
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
    with contextlib.suppress(OSError):
        text = settings.read_text(encoding="utf-8", errors="surrogateescape")
        for name in re.findall(r'^XDG_\w+_DIR="(.*)"', text, re.MULTILINE):
            yield Path(name.replace("$HOME", str(home)))
