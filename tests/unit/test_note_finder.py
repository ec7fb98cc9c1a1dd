"""Root notes are added to answers by a second pool of workers, and only where a request asks for them."""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from drumwatch.core.errors import AnalysisUnavailable, UnreadableAudio
from drumwatch.core.records import Verdict
from drumwatch.workers import compiled_code
from drumwatch.workers.jobs import WorkerDied, answer, expect
from drumwatch.workers.note_finder import COMPILING_SECONDS, NOTE_SECONDS, NoteFinder
from drumwatch.workers.protocol import (
    AnalysisRecord,
    Analyze,
    Analyzed,
    CodeCompiled,
    CompileCode,
    Digest,
    Digested,
    ErrorKind,
    Failed,
    FindNote,
    KnownSound,
    NoteFound,
)

VERDICT = Verdict("kick", "kick", 0.9, {"kick": 1.0}, {"kick": 0.95}, "other", "one-shot", 1.2, model="m1")
RECORD = AnalysisRecord(ear="e", evidence="AAAA", duration=1.2, onsets=1, tempo=None, sound="s")
ASKED = Analyze("/808.wav", with_note=True)


class Pool(Executor):
    """Answers each kind of request with what it was given, or leaves it open where that is None."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[Any, Future[Any]]] = []
        self.file_seconds = 0.0

    def submit(self, _: Any, request: Any, /) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        self.asked.append((request, future))
        found = self.answers.get(type(request).__name__)
        if isinstance(found, Exception):
            future.set_exception(found)
        elif found is not None:
            future.set_result(found)
        return future

    @property
    def requests(self) -> list[Any]:
        return [request for request, _ in self.asked]


def finder(found: Any = None, compiled: Any = None, note: Any = None) -> tuple[NoteFinder, Pool, Pool]:
    """A finder, with the pool that analyzes and the one that finds notes."""
    analyzers = Pool(Analyze=found or Analyzed(VERDICT, "c0ffee", record=RECORD))
    notes = Pool(CompileCode=compiled or CodeCompiled(), FindNote=note or NoteFound("F#"))
    return NoteFinder(analyzers, notes), analyzers, notes  # type: ignore[arg-type]


def noted(adding: NoteFinder, request: Analyze = ASKED) -> Analyzed:
    return expect(adding.submit(answer, request).result(0), Analyzed)


def test_the_note_of_what_rings_is_in_the_verdict_and_in_the_record_for_the_cache():
    adding, _, notes = finder()

    found = noted(adding)

    assert (found.verdict.note, found.verdict.note_from, found.record.note) == ("F#", "sound", "F#")
    assert notes.requests == [CompileCode(), FindNote("/808.wav")]


def test_a_sound_without_a_note_is_known_to_have_none():
    adding, _, _ = finder(note=NoteFound(""))

    found = noted(adding)

    assert (found.verdict.note, found.verdict.note_from, found.record.note) == ("", "", "")


def test_a_note_is_kept_with_a_record_that_was_known():
    adding, _, _ = finder(found=Analyzed(VERDICT, "c0ffee"))

    found = noted(adding, msgspec.structs.replace(ASKED, known=KnownSound("c0ffee", RECORD)))

    assert found.record == msgspec.structs.replace(RECORD, note="F#")


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (Analyze("/808.wav"), Analyzed(VERDICT)),
        (ASKED, Analyzed(replace(VERDICT, types={"snare": 1.0}))),
        (ASKED, Analyzed(replace(VERDICT, duration=0.3))),
        (ASKED, Analyzed(replace(VERDICT, note="C", note_from="name"))),
        (ASKED, Analyzed(replace(VERDICT, note=""))),
        (ASKED, Failed("no sound", ErrorKind.UNREADABLE)),
    ],
    ids=["not asked", "snare", "short", "named", "known to have none", "failed"],
)
def test_nothing_is_started_for_what_needs_no_search(request_, found):
    adding, _, notes = finder(found=found)

    assert adding.submit(answer, request_).result(0) == found
    assert notes.requests == []


def test_other_requests_are_passed_on():
    adding, analyzers, notes = finder()
    analyzers.answers["Digest"] = Digested("d1")

    assert adding.submit(answer, Digest("/808.wav")).result(0) == Digested("d1")
    assert notes.requests == []


@pytest.mark.parametrize(
    "why",
    [
        Failed("a module is missing", ErrorKind.UNAVAILABLE),
        Failed("an error", ErrorKind.UNEXPECTED),
        WorkerDied("too long"),
        AnalysisUnavailable("no process"),
    ],
    ids=["missing", "error", "died", "no process"],
)
def test_without_a_compiler_every_sound_goes_on_without_a_note_and_that_is_told_once(caplog, why):
    adding, _, notes = finder(compiled=why)

    found = [noted(adding) for _ in range(3)]

    assert [one.verdict for one in found] == [VERDICT] * 3
    assert [one.record for one in found] == [RECORD] * 3
    assert notes.requests == [CompileCode()]
    assert [record.levelname for record in caplog.records if record.levelname == "WARNING"] == ["WARNING"]
    assert "sounds are filed without them" in caplog.text


@pytest.mark.parametrize(
    "why", [Failed("an error", ErrorKind.UNEXPECTED), UnreadableAudio("gone"), WorkerDied("twice")]
)
def test_a_sound_over_which_the_search_fails_goes_on_without_a_note(why):
    adding, _, _ = finder(note=why)

    assert noted(adding).verdict.note is None


def test_an_error_of_the_analysis_reaches_the_caller():
    adding, _, _ = finder(found=WorkerDied("twice"))

    with pytest.raises(WorkerDied, match="twice"):
        adding.submit(answer, ASKED).result(0)


def test_a_sound_waits_while_the_code_is_compiled_which_may_take_long():
    adding, _, notes = finder()
    notes.answers = {"FindNote": NoteFound("C")}

    waiting = [adding.submit(answer, ASKED) for _ in range(2)]

    assert (notes.requests, notes.file_seconds) == ([CompileCode()], COMPILING_SECONDS)
    assert adding.is_compiling
    notes.asked[0][1].set_result(CodeCompiled())
    assert not adding.is_compiling
    assert [expect(one.result(0), Analyzed).verdict.note for one in waiting] == ["C", "C"]
    assert notes.file_seconds == NOTE_SECONDS


@pytest.mark.parametrize("at", [0, 1], ids=["compiling", "searching"])
def test_a_search_that_is_cancelled_at_the_end_of_a_run_cancels_its_sound(at):
    adding, _, notes = finder()
    notes.answers = {"CompileCode": CodeCompiled()} if at else {}

    waiting = adding.submit(answer, ASKED)
    notes.asked[at][1].cancel()

    with pytest.raises(CancelledError):
        waiting.result(0)


def test_a_pool_that_is_closed_cancels_the_sound():
    adding, _, notes = finder()

    def closed(*_: Any) -> Any:
        raise RuntimeError("the workers have been closed")

    notes.submit = closed  # type: ignore[method-assign]

    with pytest.raises(CancelledError):
        adding.submit(answer, ASKED).result(0)


def test_an_answer_that_nobody_waits_for_any_more_does_no_harm():
    adding, _, notes = finder()
    notes.answers = {"CompileCode": CodeCompiled()}

    waiting = adding.submit(answer, ASKED)
    waiting.cancel()
    notes.asked[1][1].set_result(NoteFound("C"))

    assert waiting.cancelled()


def test_a_note_can_be_asked_for_by_itself():
    adding, analyzers, _ = finder()

    assert (adding.find("/808.wav").result(0), analyzers.requests) == ("F#", [])


@pytest.mark.parametrize(
    ("installed", "compiled", "asked"),
    [(True, False, [CompileCode()]), (True, True, []), (False, False, [])],
    ids=["not compiled", "compiled", "not installed"],
)
def test_compiling_begins_early_only_where_it_is_still_to_be_done(monkeypatch, installed, compiled, asked):
    monkeypatch.setattr(compiled_code, "is_installed", lambda: installed)
    monkeypatch.setattr(compiled_code, "is_compiled", lambda: compiled)
    adding, _, notes = finder()

    adding.prepare()

    assert notes.requests == asked
