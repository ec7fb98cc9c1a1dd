"""The symlink that a move may leave at the sound's old place, for projects that refer to it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.os_reasons import reason
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.disk import Folder


def leave_link(folder: Folder, name: str, target: Path) -> list[str]:
    """Leave a symlink at the old place; return a note if that is not possible."""
    try:
        disk.symlink(target, folder, name)
    except FileExistsError:
        return []  # our own link, or a new file under this name
    except OSError as exc:
        return [f"No link was left at {folder / name}, because {reason(exc)}."]
    return []


@contextlib.contextmanager
def without_our_link(entry: Entry, folder: Folder, target: Path) -> Iterator[None]:
    """Remove the link that a move left, and restore it if the block fails."""
    name = entry.source.name
    ours = entry.detail.link and disk.link_target(folder, name) == str(target)
    if ours:
        disk.unlink(folder, name)
    try:
        yield
    except (OSError, ActionFailed, CannotUndo):
        if ours:
            with contextlib.suppress(OSError):
                disk.symlink(target, folder, name)
        raise
