"""What a sound resembles is named only where it can be played: sounds of the journal whose files are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drumwatch.core.records import FileStamp, Verdict
from drumwatch.journal import Journal
from drumwatch.journal.records import Confirmation, Plan
from drumwatch.learning.similar_sounds import SimilarSounds
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.protocol import AnalysisRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KICK = Verdict("kick", "kick", 0.9, {"kick": 0.9}, {"kick": 0.9}, "", "one-shot", 0.3)


class Library:
    """A journal, an analysis cache, and filed sounds."""

    def __init__(self, root: Path, journal: Journal, cache: AnalysisCache) -> None:
        self.root, self.journal, self.cache = root, journal, cache
        self.similar = SimilarSounds(journal, cache)

    def file(self, name: str, *, ear: str = "nets", digest: str = "") -> Path:
        path = self.root / name
        path.write_bytes(name.encode())
        plan = Plan(
            self.journal.batches.new(self.root, "", 1.0), path, None, "leave", "default", "", "kick", "kick", 0.9,
            KICK, name, FileStamp(1, 2, 3, 4), "done",
        )  # fmt: skip
        self.journal.entries.plan(plan, 1.0)
        self.cache.keep(name, 1, record(ear=ear, digest=digest or name))
        return path

    def among(self, content_hash: str = "new", digest: str = "new") -> set[str]:
        return set(self.similar.request(record(digest=digest), content_hash, "/m.npz").among)

    def playable(self, *keys: str) -> list[tuple[str, str]]:
        self.among()
        return [(one.path.name, one.kind) for one in self.similar.playable(keys)]


def record(*, ear: str = "nets", digest: str = "") -> AnalysisRecord:
    return AnalysisRecord(ear, "AAAA", 0.3, 1, None, digest, digest)


@pytest.fixture
def library(tmp_path) -> Iterator[Library]:
    with Journal(":memory:") as journal, AnalysisCache(tmp_path / "heard.db") as cache:
        yield Library(tmp_path, journal, cache)


def test_a_sound_is_compared_with_others_of_the_same_nets_and_not_with_itself_or_a_copy(library):
    library.file("a.wav")
    library.file("of earlier nets.wav", ear="old")
    library.file("a copy.wav", digest="the same")

    assert library.among() == {"a.wav", "a copy.wav"}
    assert library.among("a.wav", "the same") == set()


def test_only_what_is_there_is_named_each_sound_once_and_three_at_most(library):
    library.file("gone.wav").unlink()
    for name in "abcd":
        library.file(f"{name}.wav", digest="twice" if name in "ab" else "")

    assert library.playable("gone.wav", "a.wav", "b.wav", "c.wav", "d.wav") == [
        ("a.wav", "kick"),
        ("c.wav", "kick"),
        ("d.wav", "kick"),
    ]


def test_a_sound_is_what_the_user_says(library):
    library.file("a.wav")
    library.journal.confirmations.add(
        Confirmation(2.0, "a.wav", "tom", "review", library.root / "a.wav", "kick", "", None)
    )

    assert library.playable("a.wav") == [("a.wav", "tom")]


def test_what_is_filed_later_is_compared_too(library):
    library.file("a.wav")
    assert library.among() == {"a.wav"}

    library.file("b.wav")

    assert library.among() == {"a.wav", "b.wav"}
