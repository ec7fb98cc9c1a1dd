"""No pack and no mistake dominates a fitted model, and many sounds at once get the verdicts that each gets alone."""

from __future__ import annotations

import numpy as np
import pytest

from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.analysis.model.model_file import SHIPPED, TYPES
from drumwatch.analysis.retraining.retrain import (
    FEW,
    CorrectionFit,
    Sounds,
    TrainingContext,
    correction_weights,
    groups_of,
    right,
    weights,
)
from drumwatch.analysis.retraining.retrain_job import own_classes


def test_a_hundred_times_as_many_sounds_of_a_pack_count_ten_times_as_much():
    shipped = np.array(["a"] * 100 + ["b"] * 100)
    small = weights(shipped, np.array(["mine"] * 16))[200:].sum()
    large = weights(shipped, np.array(["mine"] * 1600))[200:].sum()

    assert large / small == pytest.approx(10)


def test_a_single_sound_does_not_count_like_a_pack():
    each = weights(np.array(["a"] * FEW), np.array(["alone"]))

    assert each[-1] == pytest.approx(each[0])


def test_a_pack_that_is_named_like_a_shipped_one_is_another_pack():
    each = weights(np.array(["a"] * 100), np.array(["a"] * 4))

    assert each[-1] == pytest.approx(5 * each[0])


def test_the_kernel_correction_of_a_large_pack_is_damped():
    loud = correction_weights(np.array(["small"] * 20 + ["large"] * 2000))

    assert loud[0] == 1
    assert loud[-1] == pytest.approx(0.1)


@pytest.fixture(scope="module")
def begin() -> TrainingContext:
    shipped = model_file.load(str(SHIPPED))
    return TrainingContext(shipped, reference_sounds.reference_sounds_of(shipped), ("blips",))


def test_many_sounds_at_once_are_judged_like_each_alone(begin):
    some = begin.sounds.vectors[::400]

    together = begin.shipped.predict(some)

    assert np.allclose(together, [begin.shipped.predict(x) for x in some], atol=1e-5)


def test_a_label_is_learned_as_the_type_of_it_that_the_sound_is_most_like(begin):
    at = [int(np.flatnonzero(begin.reference.group == TYPES.index(kind))[0]) for kind in ("hat-open", "kick")]
    allowed = np.zeros((2, len(TYPES) + 1), bool)
    allowed[0, [TYPES.index("hat-open"), TYPES.index("hat-closed")]] = True
    allowed[1, -1] = True  # the user's own class, whatever it sounds like
    user = Sounds(begin.sounds.vectors[at], allowed, np.array(["p", "p"]))

    assert groups_of(user, begin).tolist() == [TYPES.index("hat-open"), begin.groups]


def test_who_does_not_know_a_class_cannot_be_right_about_it(begin):
    allowed = np.zeros((1, len(TYPES) + 1), bool)
    allowed[0, -1] = True
    blip = Sounds(begin.sounds.vectors[:1], allowed, np.array(["p"]))

    assert not right(np.eye(len(TYPES), dtype=np.float32)[:1], blip)[0]
    assert right(np.eye(len(TYPES) + 1, dtype=np.float32)[-1:], blip)[0]


def test_a_label_of_less_weight_pulls_a_sound_less(begin):
    kick, snare = TYPES.index("kick"), TYPES.index("snare")
    vector = begin.sounds.vectors[[int(np.flatnonzero(begin.reference.group == kick)[0])]]
    nothing_near = TrainingContext(begin.shipped, begin.reference).sounds[np.array([], np.intp)]
    fit, before = (
        CorrectionFit(begin.shipped, begin.reference.weight, nothing_near),
        begin.shipped.predict(vector),
    )

    def pulled(weight: float) -> float:
        allowed = np.eye(len(TYPES), dtype=bool)[[snare]]
        user = Sounds(vector, allowed, np.array(["p"]), np.array([weight], np.float32))
        return float(fit.of(user, before).apply(vector[0], before[0])[snare])

    assert before[0, snare] < pulled(0.1) < pulled(1.0)


def test_a_class_of_the_users_own_is_counted_by_predictions_that_did_not_know_its_sounds(begin):
    count = len(TYPES) + 1
    allowed = np.zeros((3, count), bool)
    allowed[:2, -1], allowed[2, 0] = True, True
    user = Sounds(begin.sounds.vectors[:3], allowed, np.array(["p", "p", "p"]))
    held_out = np.eye(count, dtype=np.float32)[[-1, 0, -1]]
    shipped = np.eye(count, dtype=np.float32)[[0, -1, 1, 2]]

    assert own_classes(begin, user, held_out, shipped) == {
        "blips": {"sounds": 2, "recognized": 1, "taken_for_it": 2}
    }
