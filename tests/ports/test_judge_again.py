"""What waits is judged again when a neighbor comes or is named; real analysis, a real journal, real files."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sounds import doubtful_hat, noise_burst, write

from drumwatch.config import Config, Watch
from drumwatch.core.records import Arrival
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter, ViewQuery
from drumwatch.learning.judged_now import is_filed_otherwise
from drumwatch.learning.undo import to_undo
from drumwatch.pipeline import FilingRequest, place_of
from drumwatch.review.service import ReviewService
from drumwatch.review.sound_previews import SoundPreviews
from drumwatch.session import SessionOptions, open_session
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Entry


class WaitingHarness:
    """A watched folder in which sounds wait because each of them is in doubt alone, and the review."""

    def __init__(self, root: Path, session) -> None:
        self.session, self.journal, self.intake = session, session.journal, root / "in"
        self.intake.mkdir()
        self.watch = session.config.watches[0]
        self.review = ReviewService(session.config, session.journal, session.corrector, session.judge_again)

    def drop(self, name: str, seed: int) -> Entry:
        """A long burst of noise comes, is judged alone, and is dealt with."""
        path = write(self.intake / name, doubtful_hat(seed))
        arrival = Arrival(path, stamp_of(path), self.intake)
        found = expect(self.session.pipeline.analyze(arrival, self.watch).result(), Analyzed)
        self.session.analysis_cache.keep_answer(found, arrival.stamp.size_bytes)
        request = FilingRequest(arrival, self.watch, found, place=place_of(arrival))
        (entry,) = self.session.pipeline.file_together([request])[0].entries
        return entry

    def drop_many(self, stem: str, count: int = 3) -> list[Entry]:
        return [self.drop(f"{stem} {number}.wav", number) for number in range(1, count + 1)]

    def waiting(self) -> set[str]:
        return {entry.source.name for entry in self.journal.views.sounds(ViewQuery(view="unsure"))}

    def files(self) -> set[str]:
        """The files that lie in the intake folder."""
        return {path.name for path in self.intake.iterdir()}


@pytest.fixture
def harness(tmp_path, monkeypatch, request):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    (tmp_path / "lib").mkdir()
    settings = {"max_wrong": 0.05, **getattr(request, "param", {})}
    watch = Watch(tmp_path / "in", tmp_path / "lib", **settings)
    config = Config(tmp_path / "lib", watches=(watch,), min_free=0)
    with open_session(config, SessionOptions(engine=ThreadPoolExecutor(1))) as session:
        yield WaitingHarness(tmp_path, session)


def test_one_is_named_and_those_that_wait_beside_it_are_filed_as_one_act(harness):
    entries = harness.drop_many("ghost")
    assert harness.waiting() == {"ghost 1.wav", "ghost 2.wav", "ghost 3.wav"}

    results = harness.review.confirm([entries[0]], "hat")

    assert [result.error for result in results] == ["", "", ""]
    assert {result.after.label for result in results} == {"hat"}
    assert {result.before.id for result in results} == {entry.id for entry in entries}
    naming, *followers = [result.after for result in results]
    assert {entry.detail.follows for entry in followers} == {naming.id}
    assert (harness.waiting(), harness.files()) == (set(), set())

    undone = harness.review.undo([naming])

    assert [result.error for result in undone] == ["", "", ""]
    assert harness.files() == harness.waiting() == {"ghost 1.wav", "ghost 2.wav", "ghost 3.wav"}
    assert not harness.journal.confirmations.label_of(naming.content_hash)


def test_undoing_the_last_act_undoes_a_naming_with_what_followed_it(harness):
    entries = harness.drop_many("ghost")
    results = harness.review.confirm([entries[0]], "hat")

    selected = to_undo(harness.journal, Filter(last=1))

    assert {entry.id for entry in selected} == {result.after.id for result in results}
    assert selected[-1].id == results[0].after.id


def test_what_was_put_back_by_itself_is_not_filed_again(harness):
    entries = harness.drop_many("ghost", 4)
    _, *followers = [result.after for result in harness.review.confirm([entries[0]], "hat")]
    harness.review.undo([followers[0]])

    harness.review.confirm([followers[1]], "hat")

    assert harness.files() == {followers[0].source.name}


def test_what_was_put_back_with_its_naming_follows_the_next_one(harness):
    entries = harness.drop_many("ghost")
    naming = harness.review.confirm([entries[0]], "hat")[0].after
    harness.review.undo([naming])

    harness.review.confirm([entries[0]], "hat")

    assert harness.files() == set()


def test_those_of_another_stem_wait_on_where_the_named_one_says_little_about_them(harness):
    harness.drop("blorp.wav", 3)
    (entry,) = harness.drop_many("ghost", 1)

    harness.review.confirm([entry], "percussion")

    assert harness.waiting() == {"blorp.wav"}


def test_what_waits_is_filed_when_neighbors_have_come(harness):
    harness.drop_many("ghost", 4)
    again = harness.session.judge_again
    pack = str(harness.intake)

    done = [
        again.conclude(entry, future.result(), harness.session.corrector)
        for entry, future in list(again.requests(pack, harness.session.corrector))
    ]

    assert [entry.label for entry in done if entry] == ["hat"] * 4
    assert harness.waiting() == set()
    assert {entry.detail.follows for entry in done if entry} == {None}
    assert not list(again.requests(pack, harness.session.corrector))


def test_nothing_is_asked_twice_with_the_same_evidence(harness):
    harness.drop_many("ghost", 2)
    again, corrector = harness.session.judge_again, harness.session.corrector

    first = [entry.id for entry, _ in again.requests(str(harness.intake), corrector)]
    second = [entry.id for entry, _ in again.requests(str(harness.intake), corrector)]

    assert (len(first), second) == (2, [])


@pytest.mark.parametrize("harness", [{"context": False}], indirect=True, ids=["context off"])
def test_without_context_nothing_follows(harness):
    entries = harness.drop_many("ghost")

    assert len(harness.review.confirm([entries[0]], "hat")) == 1
    assert harness.waiting() == {"ghost 2.wav", "ghost 3.wav"}


@pytest.mark.parametrize("harness", [{"unsure": "_unsure"}], indirect=True, ids=["in a folder"])
def test_what_waits_in_a_folder_of_the_library_follows_too(harness):
    entries = harness.drop_many("ghost")
    assert harness.files() == set()

    results = harness.review.confirm([entries[0]], "hat")

    assert len(results) == 3
    assert not [path for path in (harness.watch.library / "_unsure").rglob("*") if path.is_file()]


def test_what_changed_since_it_was_analyzed_goes_on_waiting(harness):
    entries = harness.drop_many("ghost")
    write(entries[1].source, noise_burst(0.4, decay=0.3, seed=8))

    harness.review.confirm([entries[0]], "hat")

    assert harness.files() == {"ghost 2.wav"}


@pytest.mark.parametrize("harness", [{"max_wrong": 1.0}], indirect=True, ids=["files all"])
def test_what_is_filed_stays_and_is_shown_where_it_would_be_called_something_else(harness):
    entries = harness.drop_many("ghost")

    harness.review.confirm([entries[0]], "snare")

    (filed,) = harness.journal.entries.find(Filter(ids=(entries[1].id,)))
    assert (filed.state, filed.label, filed.location.is_file()) == ("done", "hat", True)
    assert is_filed_otherwise(filed, "snare", harness.journal)
    assert not is_filed_otherwise(filed, "hat", harness.journal)
    named = harness.journal.entries.get(entries[0].id)
    assert not is_filed_otherwise(named, "hat", harness.journal)


@pytest.mark.parametrize("harness", [{"max_wrong": 1.0}], indirect=True, ids=["files all"])
def test_the_explanation_names_the_neighbors_and_what_it_would_be_called_now(harness, tmp_path):
    entries = harness.drop_many("ghost")
    previews = SoundPreviews(
        harness.session.analyzers,
        harness.session.analysis_cache,
        tmp_path,
        neighbors=harness.review.neighbors,
        now_called=harness.review.now_called,
    )
    before = asyncio.run(previews.explanation(entries[2]))

    likely = entries[2].verdict.runner_up

    harness.review.confirm(entries[:2], likely)
    after = asyncio.run(previews.explanation(entries[2]))

    assert before["now"] == ""
    assert any("sounds named like it" in text for text, *_ in before["reasons"])
    assert after["now"] == f"drumwatch would now call it {likely}; it was filed as hat"
    assert any("2 of them as you said" in text for text, *_ in after["reasons"])
    assert harness.journal.entries.get(entries[2].id).state == "done"


def test_those_that_wait_and_are_named_alike_are_a_group_that_is_named_at_once(harness):
    harness.drop_many("ghost", 4)
    query = ViewQuery(view="unsure")

    (group,) = harness.review.groups(query)
    found = [entry for number in group.ids if (entry := harness.review.entry(number))]
    results = harness.review.confirm(found, "hat")

    assert group.sentence == "4 unsure, all named ghost *: hear three, say once"
    assert len(results) == 4
    assert harness.review.groups(query) == []
    assert harness.waiting() == set()
