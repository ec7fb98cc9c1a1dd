"""Finds sounds in folders, and gives answers in the order of the requests, with few of them open at a time."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from drumwatch.config.given_paths import did_you_mean
from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import home_short
from drumwatch.intake.ignore import is_ignored_folder, is_sound
from drumwatch.workers.jobs import failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.workers.protocol import Failed

T = TypeVar("T")
R = TypeVar("R")

MAX_OPEN = 256  # requests


def audio_files_in(
    paths: Iterable[Path], wanted: Callable[[str], bool] = is_sound
) -> Iterator[tuple[Path, Path]]:
    """Give the files given, and every wanted file below the folders given, each with the folder it was found from.

    Folders come in the order of their names, so that a pack stays together; only one folder's names are in memory.
    """
    for path in paths:
        if path.is_dir():
            yield from ((path, found) for found in _walk(path, wanted))
        elif os.path.lexists(path):
            yield path.parent, path
        else:
            raise UsageError(f"There is no {home_short(path)}.{did_you_mean(path.absolute())}")


def _walk(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    pending = [folder]
    while pending:
        current = pending.pop()
        files, folders = _listed(current, wanted)
        yield from (current / name for name in files)
        pending += [current / name for name in reversed(folders)]


def _listed(folder: Path, wanted: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """The names of the wanted files and of the folders in it, sorted; none where the folder cannot be read."""
    files, folders = [], []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders += [] if is_ignored_folder(entry.name) else [entry.name]
            elif wanted(entry.name) and entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return sorted(files), sorted(folders)


def in_input_order(
    requests: Iterable[tuple[T, Future[R]]], max_open: int = MAX_OPEN
) -> Iterator[tuple[T, R | Failed]]:
    """Give answers in the order of the requests, with at most `max_open` open; a worker that died is a failure like any other."""
    waiting: deque[tuple[T, Future[R]]] = deque()
    for pair in requests:
        waiting.append(pair)
        yield from _finished(waiting, max_open - 1)
    yield from _finished(waiting, 0)


def _finished(waiting: deque[tuple[T, Future[R]]], still_open: int) -> Iterator[tuple[T, R | Failed]]:
    while len(waiting) > still_open:
        key, future = waiting.popleft()
        result: R | Failed
        try:
            result = future.result()
        except DrumwatchError as exc:
            result = failed(exc)
        yield key, result
