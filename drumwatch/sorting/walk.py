"""Many files heard in order, with only so many under way that memory stays steady."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.intake.arrivals import is_sound
from drumwatch.intake.ignore import is_ignored_folder
from drumwatch.workers.jobs import failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.workers.protocol import Failed

T = TypeVar("T")
R = TypeVar("R")

UNDER_WAY = 256


def audio_files_in(
    paths: Iterable[Path], wanted: Callable[[str], bool] = is_sound
) -> Iterator[tuple[Path, Path]]:
    """The files given, and every wanted one below the folders given, each with the folder it was found from.

    Folder by folder in the order of their names, so that a pack stays together; never more than one folder's names in memory.
    """
    for path in paths:
        if path.is_dir():
            yield from ((path, found) for found in _walk(path, wanted))
        elif os.path.lexists(path):
            yield path.parent, path
        else:
            raise UsageError(f"There is no {path}.")


def _walk(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    pending = [folder]
    while pending:
        here = pending.pop()
        files, folders = _listed(here, wanted)
        yield from (here / name for name in files)
        pending += [here / name for name in reversed(folders)]


def _listed(folder: Path, wanted: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """The names of its wanted files and of its folders, sorted; none of a folder that cannot be read."""
    files, folders = [], []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders += [] if is_ignored_folder(entry.name) else [entry.name]
            elif wanted(entry.name) and entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return sorted(files), sorted(folders)


def in_input_order(
    asked: Iterable[tuple[T, Future[R]]], under_way: int = UNDER_WAY
) -> Iterator[tuple[T, R | Failed]]:
    """Answers in the order of asking, with so many open; a worker that ended is a failure like any other."""
    waiting: deque[tuple[T, Future[R]]] = deque()
    for pair in asked:
        waiting.append(pair)
        yield from _finished(waiting, under_way - 1)
    yield from _finished(waiting, 0)


def _finished(waiting: deque[tuple[T, Future[R]]], open_still: int) -> Iterator[tuple[T, R | Failed]]:
    while len(waiting) > open_still:
        key, future = waiting.popleft()
        result: R | Failed
        try:
            result = future.result()
        except DrumwatchError as exc:
            result = failed(exc)
        yield key, result
