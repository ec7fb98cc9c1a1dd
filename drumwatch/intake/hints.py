"""Translate events into paths to look at; pure, on plain strings, because bursts bring tens of thousands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
)

from drumwatch.intake.ignore import final_name, is_ignored_folder, is_package, is_wanted
from drumwatch.records import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def hints(event: FileSystemEvent, watch: str) -> Iterator[tuple[str, Sighting]]:
    """Yield the paths that an event is about, each with the kind of change; nothing for names that are never samples."""
    path = os.fsdecode(event.src_path)
    moved_to = os.fsdecode(event.dest_path) if event.event_type == EVENT_TYPE_MOVED else ""
    if event.is_directory:
        yield from _folder_hints(event.event_type, path, moved_to, watch)
    elif event.event_type == EVENT_TYPE_MOVED:
        if _matters(moved_to, watch):
            # Programs rename a temporary name to the final one when the file is complete.
            yield moved_to, Sighting.CHANGED if _matters(path, watch) else Sighting.CLOSED
        yield from _left(path, watch)  # after the new name, which is recognized by the old one
    elif event.event_type == EVENT_TYPE_DELETED:
        yield from _left(path, watch)
    elif _matters(path, watch):
        yield path, Sighting.CLOSED if event.event_type == EVENT_TYPE_CLOSED else Sighting.CHANGED


def _folder_hints(kind: str, path: str, moved_to: str, watch: str) -> Iterator[tuple[str, Sighting]]:
    if kind in {EVENT_TYPE_MOVED, EVENT_TYPE_DELETED}:
        yield path, Sighting.GONE
    appeared = moved_to if kind == EVENT_TYPE_MOVED else path
    inside = appeared if is_package(os.path.basename(appeared)) else appeared + os.sep
    if kind in {EVENT_TYPE_MOVED, EVENT_TYPE_CREATED} and not _in_foreign_folder(inside, watch):
        yield appeared, Sighting.FOLDER


def _left(path: str, watch: str) -> Iterator[tuple[str, Sighting]]:
    """Yield events for a name that is gone; if it belonged to a download, the download has ended."""
    if _matters(path, watch):
        yield path, Sighting.GONE
    folder, name = os.path.split(path)
    if final := final_name(name):
        whole = os.path.join(folder, final)
        if _matters(whole, watch):
            yield whole, Sighting.CLOSED


def _matters(path: str, watch: str) -> bool:
    return is_wanted(os.path.basename(path)) and not _in_foreign_folder(path, watch)


def _in_foreign_folder(path: str, watch: str) -> bool:
    between = os.path.dirname(path)[len(watch) :]
    return any(is_ignored_folder(part) for part in between.split(os.sep) if part)
