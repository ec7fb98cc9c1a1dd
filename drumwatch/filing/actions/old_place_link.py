"""The symlink that a move may leave at the sound's old place, for projects that refer to it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.os_reasons import reason
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.set_aside import AsideSteps


def leave_link(folder: Folder, name: str, target: Path) -> list[str]:
    """Leave a symlink at the old place; return a note if that is not possible."""
    try:
        disk.symlink(target, folder, name)
    except FileExistsError:
        return []  # our own link, or a new file under this name
    except OSError as exc:
        return [f"No link was left at {folder / name}, because {reason(exc)}."]
    return []


def leads_to(target: Path) -> Callable[[Folder, str], bool]:
    """Return the question whether a name is a symlink to this target."""

    def is_ours(folder: Folder, name: str) -> bool:
        return disk.link_target(folder, name) == str(target)

    return is_ours


@contextlib.contextmanager
def without_our_link(entry: Entry, folder: Folder, target: Path, steps: AsideSteps) -> Iterator[None]:
    """Remove the link that a move left, and restore it if the block fails."""
    name = entry.source.name
    ours = entry.detail.link and steps.remove_if(folder, name, leads_to(target))
    try:
        yield
    except (OSError, ActionFailed, CannotUndo):
        if ours:
            with contextlib.suppress(OSError):
                disk.symlink(target, folder, name)
        raise
