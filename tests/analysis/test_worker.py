from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from drumwatch.analysis import worker
from drumwatch.analysis.model.model_file import ModelRefused
from drumwatch.analysis.worker import serve
from drumwatch.core.errors import ActionFailed, AnalysisUnavailable, UnreadableAudio
from drumwatch.sandbox import limits, run_in_child
from drumwatch.workers.protocol import AnalysisRequest, Digested, Request, Unpack, WriteTags


def answers_to(lines: list[str], work) -> list[dict]:
    out = io.StringIO()
    serve(io.StringIO("".join(line + "\n" for line in lines)), out, work)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def digest_of(number: int, path: str) -> str:
    return json.dumps({"id": number, "op": "digest", "path": path})


def test_each_request_gets_its_answer_in_order():
    lines = [digest_of(1, "a.wav"), digest_of(2, "b.wav")]

    assert answers_to(lines, lambda job: Digested(f"of {job.path}")) == [
        {"id": 1, "answer": "digested", "digest": "of a.wav"},
        {"id": 2, "answer": "digested", "digest": "of b.wav"},
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UnreadableAudio("snare.wav is not audio"), "unreadable"),
        (ActionFailed("snare.wav was not tagged"), "not tagged"),
        (ModelRefused("The model is damaged"), "unavailable"),
        (AnalysisUnavailable("Nothing can be heard"), "unavailable"),
    ],
)
def test_a_bad_file_is_an_answer_that_says_whose_fault_it_is_and_the_next_request_is_done(error, kind):
    def pick(job):
        if job.path == "snare.wav":
            raise error
        return Digested("fine")

    bad, good = answers_to([digest_of(1, "snare.wav"), digest_of(2, "kick.wav")], pick)

    assert (bad["id"], bad["answer"], bad["kind"]) == (1, "failed", kind)
    assert str(error) in bad["message"]
    assert good == {"id": 2, "answer": "digested", "digest": "fine"}


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (ImportError("no numpy here"), "unavailable", "No sound can be analyzed, because a module"),
        (ZeroDivisionError("in a decoder"), "unexpected", "snare.wav could not be processed, because"),
        (OSError(5, "Input/output error"), "unexpected", "snare.wav could not be processed, because"),
    ],
)
def test_an_exception_of_a_library_is_a_plain_sentence_and_its_text_is_for_the_log(error, kind, sentence):
    def fail(_):
        raise error

    (bad,) = answers_to([digest_of(1, "a/snare.wav")], fail)

    assert (bad["answer"], bad["kind"]) == ("failed", kind)
    assert bad["message"].startswith(sentence)
    assert str(error) not in bad["message"]
    assert type(error).__name__ not in bad["message"]
    assert bad["cause"] == f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    ("line", "number", "why"),
    [
        ("kick.wav", None, "it is no JSON"),
        ('["digest", "a.wav"]', None, "it is no JSON object"),
        ("[" * 100_000, None, "it is no JSON"),
        ('{"op": "digest", "path": "a.wav"}', None, "a request needs an id"),
        ('{"id": true, "op": "digest", "path": "a.wav"}', None, "a request needs an id"),
        ('{"id": 7, "op": "sing"}', 7, "unknown op 'sing': this worker knows analyze, plot, "),
        ('{"id": 7, "op": ["digest"]}', 7, "unknown op ['digest']"),
        ('{"id": 7, "op": "digest"}', 7, "missing required field `path`"),
        ('{"id": 7, "op": "digest", "path": 5}', 7, "Expected `str`, got `int`"),
        ('{"id": 7, "op": "digest", "path": "a.wav", "label": "kick"}', 7, "unknown field `label`"),
        ('{"id": 7, "op": "analyze", "path": "a.wav", "max_seconds": NaN}', None, "it is no JSON"),
    ],
)
def test_a_line_that_is_no_request_is_refused_and_the_next_one_is_done(line, number, why):
    refused, done = answers_to([line, digest_of(8, "a.wav")], lambda _: Digested("fine"))

    assert (refused["id"], refused["answer"], refused["kind"]) == (number, "failed", "invalid request")
    assert why in refused["cause"]
    assert refused["message"].endswith("Restart drumwatch.")
    assert done["digest"] == "fine"


def test_a_number_that_is_none_is_reported_instead_of_ending_the_worker():
    (reported,) = answers_to([digest_of(1, "a.wav")], lambda _: Digested(float("nan")))

    assert (reported["id"], reported["answer"], reported["kind"]) == (1, "failed", "unexpected")


def test_every_operation_that_a_request_is_made_for_is_known():
    made = {*Request.__subclasses__(), *AnalysisRequest.__subclasses__()} - {AnalysisRequest}

    assert {*worker.OPERATIONS, Unpack} == made


def test_the_worker_ends_when_its_input_closes_and_prints_only_answers():
    done = subprocess.run(
        [sys.executable, "-m", "drumwatch.analysis.worker"],
        input='{"id": 1, "op": "sing"}\n',
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]


def test_a_child_whose_answer_makes_no_sense_ends_the_worker(monkeypatch):
    monkeypatch.setattr(run_in_child, "run_in_child", lambda *_: b'{"id": 0, "answer": "digested"}')
    request = WriteTags("a.wav", "b.wav", "kick", "v1")

    with pytest.raises(run_in_child.ChildDied):
        worker.answered_by_child(lambda: lambda _: None, request, limits.Confinement(ours=False))
