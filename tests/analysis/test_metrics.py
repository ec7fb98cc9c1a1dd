from __future__ import annotations

from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Measure


def test_figures_of_three_files_are_reported_over_the_pipe():
    sure_kick, sure_snare = (0.9, 0.1, 0.0, 0.0, 0.0), (0.2, 0.8, 0.0, 0.0, 0.0)
    metrics = answer(Measure((sure_kick, sure_snare, sure_snare), (0, 1, 0)))

    assert metrics.figures["accuracy"] == 2 / 3
    assert metrics.figures["recall kick"] == 0.5
    assert metrics.confusion[0] == (1, 1, 0, 0, 0)
    assert [row.share for row in metrics.calibration] == [2 / 3, 1 / 3]


def test_a_label_that_there_is_no_sound_of_has_no_recall_and_no_part_in_the_mean():
    metrics = answer(Measure(((1.0, 0.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0)), (0, 1)))

    assert metrics.figures["macro F1"] == 1
    assert [name for name in metrics.figures if name.startswith("recall")] == ["recall kick", "recall snare"]
