"""A root note that somebody asks for in the review is found, kept in the journal and in the analysis cache, and not asked for twice."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Config
from drumwatch.config.holder import ConfigHolder
from drumwatch.core.records import Verdict
from drumwatch.journal import Journal, Plan
from drumwatch.pipeline.root_notes import RootNotes
from drumwatch.review.service import NoRootNotes, ReviewService
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.protocol import AnalysisRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.records import Entry

VERDICT = Verdict("kick", "kick", 0.9, {"kick": 1.0}, {"kick": 0.95}, "other", "one-shot", 1.2, model="m1")
RECORD = AnalysisRecord(ear="e", evidence="AAAA", duration=1.2, onsets=1, tempo=None, sound="s")


class Review:
    """The review's service over a journal in memory; each search answers `note`."""

    def __init__(self, folder: Path) -> None:
        self.note: str | None = "F#"
        self.searched: list[str] = []
        self.folder = folder
        self.journal = Journal(":memory:")
        self.cache = AnalysisCache(folder / "heard.db")
        config = Config(library=folder / "library")
        notes = RootNotes(ConfigHolder(config), self.journal, self, self.cache)  # type: ignore[arg-type]
        self.service = ReviewService(config, self.journal, None, root_notes=notes)

    def find(self, path: str) -> Future[str | None]:
        self.searched.append(path)
        future: Future[str | None] = Future()
        future.set_result(self.note)
        return future

    def filed(self, name: str, verdict: Verdict = VERDICT) -> Entry:
        batch = self.journal.batches.current(self.folder, "", 10.0)
        plan = Plan(
            batch, self.folder / name, self.folder / "library" / name, "move", "default", "because", "kick", "kick", 0.9,
            verdict, content_hash=name, state="done",
        )  # fmt: skip
        self.cache.keep(name, 44, RECORD)
        return self.journal.entries.get(self.journal.entries.plan(plan, 10.0))

    def close(self) -> None:
        self.cache.close()
        self.journal.close()


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    made = Review(tmp_path)
    yield made
    made.close()


def noted(review: Review, entry: Entry) -> Entry:
    asked = review.service.ask_note(entry)
    return review.service.store_note(entry, asked) if asked else entry


def test_a_note_is_found_once_and_kept(review):
    entry = review.filed("deep.wav")
    before = review.service.row(entry)

    after = noted(review, entry)

    assert (before["note"], before["may_have_note"]) == ("", True)
    row = review.service.row(after)
    assert (row["note"], row["may_have_note"]) == ("F#", False)
    assert review.cache.of("deep.wav").note == "F#"
    assert review.searched == [str(review.folder / "library/deep.wav")]
    assert review.service.ask_note(after) is None


def test_that_a_sound_has_none_is_kept_too(review):
    review.note = ""

    after = noted(review, review.filed("deep.wav"))

    assert (after.verdict.note, after.verdict.note_from, review.cache.of("deep.wav").note) == ("", "", "")
    assert review.service.ask_note(after) is None


def test_the_name_that_a_sound_came_with_is_not_searched_for(review):
    after = noted(review, review.filed("808_Gb.wav"))

    assert (after.verdict.note, after.verdict.note_from, review.searched) == ("F#", "name", [])


def test_without_librosa_the_review_says_so_and_the_sound_can_be_asked_for_again(review):
    review.note = None
    entry = review.filed("deep.wav")

    with pytest.raises(NoRootNotes, match="drumwatch doctor"):
        noted(review, entry)

    assert review.journal.entries.get(entry.id).verdict == VERDICT
    assert review.service.ask_note(entry) is not None


@pytest.mark.parametrize("change", [{"types": {"snare": 1.0}}, {"duration": 0.2}, {"shape": "loop"}])
def test_what_cannot_ring_is_not_asked_for(review, change):
    assert review.service.ask_note(review.filed("a.wav", replace(VERDICT, **change))) is None
