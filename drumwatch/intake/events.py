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

from drumwatch.core.records import EventKind
from drumwatch.intake.ignore import final_name, is_ignored_folder, is_package, is_wanted, needs_extra
from drumwatch.intake.projects import is_marker_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def interpret(event: FileSystemEvent, watch: str) -> Iterator[tuple[str, EventKind]]:
    """Yield the paths that an event is about, each with the kind of change; nothing for names that are neither samples nor markers."""
    path = os.fsdecode(event.src_path)
    moved_to = os.fsdecode(event.dest_path) if event.event_type == EVENT_TYPE_MOVED else ""
    if event.is_directory:
        yield from _folder_events(event.event_type, path, moved_to, watch)
    elif event.event_type == EVENT_TYPE_MOVED:
        if _is_relevant(moved_to, watch):
            # Programs rename a temporary name to the final one when the file is complete.
            yield moved_to, EventKind.CHANGED if _is_relevant(path, watch) else EventKind.CLOSED
        elif _is_marker(moved_to, watch):
            yield moved_to, EventKind.MARKER
        yield from _removed(path, watch)  # after the new name, which is recognized by the old one
    elif event.event_type == EVENT_TYPE_DELETED:
        yield from _removed(path, watch)
    elif _is_relevant(path, watch):
        yield path, EventKind.CLOSED if event.event_type == EVENT_TYPE_CLOSED else EventKind.CHANGED
    elif _is_marker(path, watch):
        yield path, EventKind.MARKER


def _folder_events(kind: str, path: str, moved_to: str, watch: str) -> Iterator[tuple[str, EventKind]]:
    if kind in {EVENT_TYPE_MOVED, EVENT_TYPE_DELETED}:
        yield path, EventKind.GONE
    appeared = moved_to if kind == EVENT_TYPE_MOVED else path
    inside = appeared if is_package(os.path.basename(appeared)) else appeared + os.sep
    if kind in {EVENT_TYPE_MOVED, EVENT_TYPE_CREATED}:
        if not _in_ignored_folder(inside, watch):
            yield appeared, EventKind.FOLDER
        if _is_marker(appeared, watch):
            yield appeared, EventKind.MARKER


def _removed(path: str, watch: str) -> Iterator[tuple[str, EventKind]]:
    """Yield events for a name that is gone; if it belonged to a download, the download has ended."""
    if _is_relevant(path, watch):
        yield path, EventKind.GONE
    folder, name = os.path.split(path)
    if final := final_name(name):
        whole = os.path.join(folder, final)
        if _is_relevant(whole, watch):
            yield whole, EventKind.CLOSED


def _is_relevant(path: str, watch: str) -> bool:
    name = os.path.basename(path)
    return (is_wanted(name) or needs_extra(name)) and not _in_ignored_folder(path, watch)


def _is_marker(path: str, watch: str) -> bool:
    return is_marker_name(os.path.basename(path)) and not _in_ignored_folder(path, watch)


def _in_ignored_folder(path: str, watch: str) -> bool:
    between = os.path.dirname(path)[len(watch) :]
    return any(is_ignored_folder(part) for part in between.split(os.sep) if part)
