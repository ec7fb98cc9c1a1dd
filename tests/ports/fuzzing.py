"""Damaged files go through a real worker: each is answered, and none is changed."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import TimeoutError as TooLong
from typing import TYPE_CHECKING, Any

from sentences import check_plain

from drumwatch.workers.jobs import WorkerDied, answer
from drumwatch.workers.protocol import Analyze, Failed, TagsWritten, WriteTags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.workers.pool import LocalWorkers
    from drumwatch.workers.protocol import Answer

TAGGED_EVERY = 4  # files
HUNG_AFTER = 180.0  # seconds: a pool gives a file up long before


def outcomes(
    folder: Path, files: Iterable[tuple[str, bytes]], workers: LocalWorkers, tagging: LocalWorkers
) -> Counter[str]:
    """What became of the files that were analyzed, and of the copies that were tagged; AssertionError for a hang or a change.

    Tags are written by workers of their own: one that has opened a file can write nothing any more.
    """
    asked: list[tuple[Path, bytes, Future[Any]]] = []
    for number, (name, content) in enumerate(files):
        path = folder / name
        path.write_bytes(content)
        asked.append((path, content, workers.submit(answer, analyze_request(path))))
        if number % TAGGED_EVERY == 0:
            asked.append((path, content, tagging.submit(answer, tag_request(path))))
    counts = Counter(outcome(path, future) for path, _, future in asked)
    assert [path for path, content, _ in asked if path.read_bytes() != content] == []
    return counts


def analyze_request(path: Path) -> Analyze:
    return Analyze(str(path), max_seconds=20.0, with_hash=True, with_digest=True)


def tag_request(path: Path) -> WriteTags:
    """As the daemon does it: into a copy."""
    temp = path.with_name(f".{path.name}")
    shutil.copyfile(path, temp)
    return WriteTags(str(path), str(temp), "Kick", "v1;kick")


def outcome(path: Path, future: Future[Answer]) -> str:
    """A short description of the answer."""
    try:
        found = future.result(HUNG_AFTER)
    except TooLong:
        raise AssertionError(f"no answer for {path.name}") from None
    except WorkerDied:
        return "ended the worker twice"
    if isinstance(found, Failed):
        check_plain(found.message)
        return f"refused ({found.kind.value})"
    return "tagged" if isinstance(found, TagsWritten) else "analyzed"
