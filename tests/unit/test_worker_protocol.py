"""The worker protocol: every record arrives whole, and anything else is refused."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.core.errors import AnalysisUnavailable, UnreadableAudio
from drumwatch.core.records import Reason, Verdict
from drumwatch.workers.jobs import WorkerDied, expect, failed
from drumwatch.workers.protocol import (
    AnalysisRecord,
    Analyze,
    Analyzed,
    AnalyzedAgain,
    Answer,
    BrokenAnswer,
    CalibrationBin,
    CheckModel,
    CheckSandbox,
    CodeCompiled,
    Compared,
    ComparedSound,
    CompareSounds,
    CompileCode,
    ConvertedSound,
    ConvertSound,
    Digest,
    Digested,
    ErrorKind,
    Failed,
    FindNote,
    FindSimilar,
    FoundSimilar,
    InvalidRequest,
    KnownSound,
    LayOutMap,
    MakeThumbnail,
    MapLayout,
    Measure,
    Metrics,
    ModelChecked,
    NamedSound,
    NoteFound,
    Plot,
    Plotted,
    RenderWav,
    Request,
    SandboxChecked,
    TagsWritten,
    Thumbnail,
    Train,
    Trained,
    Unpack,
    UnpackedArchive,
    UnpackLimits,
    Wav,
    WriteTags,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)

NOT_UTF8 = "/old/\udcff.wav"
VERDICT = Verdict(
    "kick",
    "kick",
    0.97,
    {"kick": 0.97, "snare": 0.03},
    {"kick": 0.97, "snare": 0.03},
    "snare",
    "loop",
    3.5,
    tempo=120.0,
    reasons=(Reason("low boom", 0.4, "low", "78 % of its energy below 130 Hz"),),
    model="m1",
)
RECORD = AnalysisRecord(ear="e", evidence="AAAA", duration=0.25, onsets=1, tempo=None, sound="s")
PAIRS: list[tuple[Request, Answer]] = [
    (
        Analyze(
            NOT_UTF8,
            max_seconds=20,
            use_names=True,
            with_hash=True,
            with_record=True,
            known=KnownSound("c0ffee", RECORD),
        ),
        Analyzed(VERDICT, "c0ffee", "d1", "AAAA", RECORD, "7ea"),
    ),
    (Plot(NOT_UTF8, with_reasons=True), Plotted(VERDICT, svg="<svg/>")),
    (
        WriteTags(NOT_UTF8, "/t", "kick", "v1", overwrite=True, keywords="kick; loop", tempo="120"),
        TagsWritten({"genre": "Kick"}, {"genre": ""}),
    ),
    (Digest(NOT_UTF8), Digested("d1")),
    (FindNote(NOT_UTF8), NoteFound("F#")),
    (CompileCode(), CodeCompiled()),
    (
        Measure(((0.9, 0.1),), (0,)),
        Metrics({"accuracy": 1.0}, ((1, 0), (0, 0)), (CalibrationBin(0.9, 1.0, 1.0),)),
    ),
    (CheckModel("/m.npz"), ModelChecked("my2-00000000")),
    (
        Train(
            (NamedSound("c0ffee", "kick", ("kick",), "Oak Kit", NOT_UTF8, RECORD),),
            ("blips",),
            "/m.npz",
            {"7ea": RECORD},
            "2026-01-01",
        ),
        Trained(
            b"\0\xff",
            {"id": "my2-00000000", "risk": {"kick": [[0.5, 0.1]]}},
            {"c0ffee": AnalyzedAgain(9, RECORD)},
        ),
    ),
    (LayOutMap(("AAAA",)), MapLayout(((0.5, 1.0),), ((0.1, 0.2, 0.3),))),
    (FindSimilar("AAAA", {"c0ffee": "AAAA"}, "/m.npz"), FoundSimilar(("c0ffee",))),
    (
        CompareSounds((ComparedSound("e", "AAAA", "kick"), ComparedSound("e", "AAAA", "clap")), "/m.npz"),
        Compared(((0.5, 1.0), ()), ((0, 1),)),
    ),
    (
        ConvertSound(NOT_UTF8, ("WAV", "AIFF"), (44_100,), (16, 24)),
        ConvertedSound("c0ffee", b"RIFF"),
    ),
    (MakeThumbnail(NOT_UTF8), Thumbnail((0.0, 1.0), 32, "AAAA")),
    (RenderWav(NOT_UTF8), Wav(b"RIFF")),
    (CheckSandbox("/tmp"), SandboxChecked(("Landlock",), ("network",))),
    (
        Unpack("/p.zip", "/lib/out", UnpackLimits(5, 100, 200, 0, 7)),
        UnpackedArchive("c0ffee", "/lib/out", 3, 2, 99, ((NOT_UTF8, "its name leads outside"),)),
    ),
]
REQUESTS = [type(request) for request, _ in PAIRS]
BY_NAME = [pytest.param(request, answer, id=type(request).__name__) for request, answer in PAIRS]


@pytest.mark.parametrize(("request_", "_answer"), BY_NAME)
def test_a_request_comes_through_whole_in_one_line_of_ascii(request_, _answer):
    line = encode_request(7, request_)

    assert line.isascii()
    assert "\n" not in line
    assert decode_request(line, REQUESTS) == (7, request_)


@pytest.mark.parametrize(("request_", "answer"), BY_NAME)
def test_an_answer_comes_through_whole_in_one_line_of_ascii(request_, answer):
    line = encode_answer(7, answer)

    assert line.isascii()
    assert "\n" not in line
    assert decode_answer(line, 7, request_) == answer


@pytest.mark.parametrize("kind", list(ErrorKind))
@pytest.mark.parametrize(("request_", "_answer"), BY_NAME)
def test_any_request_may_come_to_nothing(request_, _answer, kind):
    failure = Failed("a.wav is not audio: \udcff", kind)

    assert decode_answer(encode_answer(7, failure), 7, request_) == failure


@pytest.mark.parametrize(("request_", "_answer"), BY_NAME)
def test_an_answer_to_something_else_is_none(request_, _answer):
    for other, answer in PAIRS:
        if type(other) is not type(request_):
            with pytest.raises(BrokenAnswer, match="does not fit"):
                decode_answer(encode_answer(7, answer), 7, request_)


@pytest.mark.parametrize(("request_", "answer"), BY_NAME)
def test_an_answer_that_lacks_a_field_has_one_too_many_or_has_one_of_another_type_is_none(request_, answer):
    whole = json.loads(encode_answer(7, answer))
    fields = whole.keys() - {"id", "answer"}
    needed = {field.name for field in msgspec.structs.fields(answer) if field.required}
    bad = [{**whole, "more": 1}, *({**whole, name: None} for name in needed)]
    bad += [{key: value for key, value in whole.items() if key != name} for name in needed]
    bad += [{**whole, name: object_of_another_type(whole[name])} for name in fields]

    for one in bad:
        with pytest.raises(BrokenAnswer, match="does not fit"):
            decode_answer(json.dumps(one), 7, request_)


def object_of_another_type(value: object) -> object:
    return 5 if isinstance(value, (str, dict, list)) else ["5"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "Segmentation fault",
        "null",
        "7",
        "[]",
        "[" * 100_000,
        "9" * 5000,
        '{"id": 7, "answer": "digested", "digest": "d1"',
        '{"id": 7}',
        '{"id": 7, "answer": "sung", "digest": "d1"}',
        '{"id": 7, "answer": 5, "digest": "d1"}',
        '{"id": "7", "answer": "digested", "digest": "d1"}',
        '{"id": 7.0, "answer": "digested", "digest": "d1"}',
        '{"id": null, "answer": "digested", "digest": "d1"}',
        '{"answer": "digested", "digest": "d1"}',
        '{"id": 7, "answer": "failed", "message": "a.wav", "kind": "UnreadableAudio"}',
        '{"id": 7, "answer": "failed", "error": "a.wav is not audio"}',
    ],
)
def test_a_line_that_is_no_answer_is_refused(line):
    with pytest.raises(BrokenAnswer) as caught:
        decode_answer(line, 7, Digest("a.wav"))
    assert not caught.value.stale


def test_only_an_answer_to_an_earlier_request_is_no_fault_of_this_one():
    for number, stale in ((6, True), (8, False)):
        with pytest.raises(BrokenAnswer) as caught:
            decode_answer(encode_answer(number, Digested("d1")), 7, Digest("a.wav"))
        assert caught.value.stale is stale


def test_an_archive_that_is_reported_elsewhere_is_no_answer():
    request = Unpack("/p.zip", "/lib/out", UnpackLimits(5, 100, 200))

    with pytest.raises(BrokenAnswer, match="something else"):
        decode_answer(encode_answer(7, UnpackedArchive("c0ffee", "/home", 0, 0, 0)), 7, request)


def test_a_map_without_a_place_for_every_sound_is_no_answer():
    with pytest.raises(BrokenAnswer, match="something else"):
        decode_answer(
            encode_answer(7, MapLayout(((0.5, 1.0),), ((0.1, 0.2),))), 7, LayOutMap(("AAAA", "BBBB"))
        )


def test_a_number_that_json_cannot_express_is_no_answer():
    line = encode_answer(7, Analyzed(VERDICT)).replace("0.97", "NaN")

    with pytest.raises(BrokenAnswer, match="no JSON"):
        decode_answer(line, 7, Analyze("a.wav"))


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_an_answer_or_refused(junk):
    line = junk.decode("utf-8", "backslashreplace")
    with pytest.raises(BrokenAnswer):
        decode_answer(line, 7, Digest("a.wav"))
    with pytest.raises(InvalidRequest):
        decode_request(line, REQUESTS)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(PAIRS), st.data())
def test_a_good_line_with_anything_in_it_is_an_answer_of_the_right_type_or_refused(pair, data):
    request, answer = pair
    fields = json.loads(encode_answer(7, answer))
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(ANY_JSON)
    try:
        found = decode_answer(json.dumps(fields), 7, request)
    except BrokenAnswer:
        return
    assert type(found) is type(answer)
    msgspec.convert(msgspec.to_builtins(found), type(answer))


@given(st.sampled_from(PAIRS), st.data())
def test_a_good_request_with_anything_in_it_is_a_request_or_refused(pair, data):
    fields = json.loads(encode_request(7, pair[0]))
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(ANY_JSON)
    try:
        _, found = decode_request(json.dumps(fields), REQUESTS)
    except InvalidRequest:
        return
    assert type(found) in REQUESTS


def test_an_error_is_raised_as_the_file_s_fault_or_as_ours():
    for kind in ErrorKind:
        ours = kind in {ErrorKind.UNAVAILABLE, ErrorKind.INVALID_REQUEST}
        with pytest.raises(AnalysisUnavailable if ours else UnreadableAudio, match="why"):
            expect(Failed("why", kind), Digested)


def test_a_future_that_ended_without_an_answer_is_a_failure_like_any_other():
    assert failed(AnalysisUnavailable("no model")) == Failed("no model", ErrorKind.UNAVAILABLE)
    assert failed(WorkerDied("it crashed")) == Failed("it crashed", ErrorKind.WORKER_ENDED)
