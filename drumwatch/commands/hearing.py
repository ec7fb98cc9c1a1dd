"""Many files heard in order, with only so many under way that memory stays steady."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from drumwatch.arrivals import is_sound
from drumwatch.errors import DrumwatchError, UsageError
from drumwatch.intake.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.workers import Reply

T = TypeVar("T")

UNDER_WAY = 256


def sounds_in(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """The files given, and every sound below the folders given, in the order of their names: each with the folder it was found from."""
    for path in paths:
        if path.is_dir():
            yield from ((path, found) for found in sorted(found for found, _ in scan(path, wanted=is_sound)))
        elif os.path.lexists(path):
            yield path.parent, path
        else:
            raise UsageError(f"There is no {path}.")


def in_order(asked: Iterable[tuple[T, Future[Reply]]]) -> Iterator[tuple[T, Reply]]:
    """Replies in the order of asking; a worker that ended is an error reply like any other."""
    waiting: deque[tuple[T, Future[Reply]]] = deque()
    for pair in asked:
        waiting.append(pair)
        if len(waiting) >= UNDER_WAY:
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: deque[tuple[T, Future[Reply]]]) -> tuple[T, Reply]:
    key, future = waiting.popleft()
    try:
        return key, future.result()
    except DrumwatchError as exc:
        return key, {"error": str(exc), "kind": type(exc).__name__}
