"""Many files heard in order, with only so many under way that memory stays steady."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from drumwatch.errors import DrumwatchError, UsageError
from drumwatch.intake.ignore import is_audio_name
from drumwatch.intake.scan import scan
from drumwatch.workers import Reply, Request, answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

UNDER_WAY = 256


def sounds_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files given, and every sound below the folders given, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found, _ in scan(path) if is_audio_name(found.name))
        elif os.path.lexists(path):
            yield path
        else:
            raise UsageError(f"There is no {path}.")


def ask_all(executor: Executor, requests: Iterable[tuple[Path, Request]]) -> Iterator[tuple[Path, Reply]]:
    """Replies in the order of the requests; a worker that ended is an error reply like any other."""
    waiting: deque[tuple[Path, Future[Reply]]] = deque()
    for path, request in requests:
        waiting.append((path, executor.submit(answer, request)))
        if len(waiting) >= UNDER_WAY:
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: deque[tuple[Path, Future[Reply]]]) -> tuple[Path, Reply]:
    path, future = waiting.popleft()
    try:
        return path, future.result()
    except DrumwatchError as exc:
        return path, {"error": str(exc), "kind": type(exc).__name__}
