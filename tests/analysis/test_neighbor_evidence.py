"""A verdict with neighbors: their evidence is multiplied onto what is heard, before the file's own name."""

from __future__ import annotations

import numpy as np
import pytest
from sounds import kick, write

from drumwatch.analysis import filename_hints
from drumwatch.analysis.analyze import analyze
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.neighbor_evidence import apply
from drumwatch.context.evidence import LevelEvidence, combined, in_context, strength
from drumwatch.core.formatting import describe_clash
from drumwatch.workers.protocol import Analyze, InvalidRequest, decode_request, encode_request

SNARES = LevelEvidence("stem", (0.3, 9.0, 0.3, 0.3, 0.3), 12, (0, 11, 0, 1, 0), "ghost")
SNARE_FOLDER = LevelEvidence("folder", (0.8, 1.6, 0.8, 0.9, 0.9), 5, (1, 4, 0, 0, 0), "Drums")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return str(write(tmp_path_factory.mktemp("sounds") / "snare 1.wav", kick()))


def test_without_neighbors_a_verdict_is_what_it_was(path):
    verdict = analyze(Analyze(path, with_reasons=True)).verdict

    assert verdict.by_sound == {name: round(p, 5) for name, p in verdict.probabilities.items()}
    assert (verdict.with_name, verdict.context, verdict.context_strength) == ({}, (), 0.0)


def test_neighbors_move_the_labels_as_the_formula_says(path):
    alone = analyze(Analyze(path)).verdict
    judged = analyze(Analyze(path, context=(SNARES, SNARE_FOLDER))).verdict

    factor = combined((SNARES, SNARE_FOLDER))
    expected = in_context(list(alone.probabilities.values()), factor)
    assert list(judged.probabilities.values()) == pytest.approx(expected, abs=1e-5)
    assert judged.by_sound == alone.by_sound
    assert judged.context_strength == pytest.approx(strength(factor))


def test_the_name_comes_after_the_neighbors(path):
    hint = filename_hints.read(path)
    alone = analyze(Analyze(path)).verdict
    judged = analyze(Analyze(path, context=(SNARES,), use_names=True)).verdict

    in_order = filename_hints.fuse(apply(np.array(list(alone.types.values()), np.float32), (SNARES,)), hint)
    assert list(judged.types.values()) == pytest.approx(in_order.tolist(), abs=1e-5)
    assert judged.with_name["snare"] > judged.by_sound["snare"]
    assert judged.name_says == "snare"


def test_types_of_a_label_keep_their_ratios():
    types = np.linspace(1, 2, len(TYPES), dtype=np.float32)
    types /= types.sum()

    judged = apply(types, (SNARES,))

    closed, open_ = TYPES.index("hat-closed"), TYPES.index("hat-open")
    assert judged.sum() == pytest.approx(1)
    assert judged[closed] / judged[open_] == pytest.approx(types[closed] / types[open_])
    assert apply(types, ()) is types


def test_a_clash_is_still_one_of_name_and_sound(path):
    alone, judged = (
        analyze(Analyze(path, context=context, use_names=True)).verdict for context in ((), (SNARES,))
    )

    assert (alone.clash, judged.clash) == ("kick", "kick")
    assert describe_clash(judged) == "named snare, sounds like kick"


def test_a_label_that_only_the_neighbors_speak_for_is_marked_as_a_clash(path):
    loud = LevelEvidence("stem", (1e-6, 1.0, 1e-6, 1e-6, 1e-6), 12, (0, 12, 0, 0, 0), "ghost")

    verdict = analyze(Analyze(path, context=(loud,))).verdict

    assert verdict.by_sound["snare"] < filename_hints.UNLIKELY
    assert (verdict.label, verdict.clash, verdict.claimed) == ("snare", "kick", "snare")
    assert describe_clash(verdict) == "snare by its neighbors, sounds like kick"


def test_the_neighbors_are_among_the_reasons_with_what_the_label_would_be_without_them(path):
    kicks = LevelEvidence("stem", (9.0, 0.3, 0.3, 0.3, 0.3), 12, (11, 0, 0, 1, 0), "boom")
    request = Analyze(path, context=(SNARES, kicks), use_names=True, with_reasons=True)
    verdict = analyze(request).verdict
    without = analyze(Analyze(path, context=(SNARES,), use_names=True)).verdict

    by_feature = {reason.feature: reason for reason in verdict.context}
    assert by_feature.keys() <= {"context: stem"}
    stem = [reason for reason in verdict.context if reason.text.startswith("11 of 12")]
    assert [reason.text for reason in stem] == ["11 of 12 sounds named like it sound like a kick"]
    assert stem[0].weight == pytest.approx(
        verdict.probabilities[verdict.label] - without.probabilities[verdict.label], abs=1e-5
    )
    assert set(verdict.context) <= set(verdict.reasons)


def test_the_evidence_goes_through_the_pipe_unchanged():
    request = Analyze("/a.wav", context=(SNARES, SNARE_FOLDER))

    assert decode_request(encode_request(1, request), [Analyze]) == (1, request)


@pytest.mark.parametrize("share", [0.0, -1.0])
def test_a_factor_that_is_not_positive_is_refused(share):
    broken = LevelEvidence("stem", (share, 1.0, 1.0, 1.0, 1.0), 1, (1, 0, 0, 0, 0))

    with pytest.raises(InvalidRequest, match="does not fit"):
        decode_request(encode_request(1, Analyze("/a.wav", context=(broken,))), [Analyze])
