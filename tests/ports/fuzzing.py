"""Damaged files go through a real worker: each is answered, and none is changed."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import TimeoutError as TooLong
from typing import TYPE_CHECKING, Any

from sentences import check_plain

from drumwatch.workers.jobs import WorkerDied, answer
from drumwatch.workers.protocol import (
    Analyze,
    Analyzed,
    Failed,
    ProveTags,
    TagsProven,
    TagsWritten,
    WriteTags,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.workers.pool import LocalWorkers
    from drumwatch.workers.protocol import Answer

TAGGED_EVERY = 4  # files
WORDS = {TagsWritten: "tagged", TagsProven: "proven", Analyzed: "analyzed"}
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
    counts.update(proofs([path for path, _, future in asked if is_tagged(future)], workers))
    assert [path for path, content, _ in asked if path.read_bytes() != content] == []
    return counts


def is_tagged(future: Future[Answer]) -> bool:
    return not future.exception() and isinstance(future.result(), TagsWritten)


def proofs(tagged: list[Path], workers: LocalWorkers) -> list[str]:
    """What the proof says of the tagged copies: the tagger's word is not taken for it."""
    asked = [(path, workers.submit(answer, proof_request(path))) for path in tagged]
    return [f"proof: {outcome(path, future)}" for path, future in asked]


def analyze_request(path: Path) -> Analyze:
    return Analyze(str(path), max_seconds=20.0, with_hash=True, with_digest=True)


def tag_request(path: Path) -> WriteTags:
    """As the daemon does it: into a copy."""
    temp = copy_name(path)
    shutil.copyfile(path, temp)
    return WriteTags(str(path), str(temp), "Kick", "v1;kick")


def proof_request(path: Path) -> ProveTags:
    return ProveTags(str(path), str(copy_name(path)), "Kick", "v1;kick")


def copy_name(path: Path) -> Path:
    return path.with_name(f".{path.name}")


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
    return WORDS[type(found)]
