"""The risk curves for names and neighbors, from sounds under the names that they were published by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drumwatch.analysis.model.model_file import TYPES
from drumwatch.context.neighbors import Place
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from training import context_risk, corpus_neighbors
from training.corpus import Example

KICK, SNARE = TYPES.index("kick"), TYPES.index("snare")


def example(original_name: str, *, pack: str = "pack", family: str = "family") -> Example:
    return Example(original_name, Path("a.flac"), family, pack, "kick", 0, "CC0", original_name)


@pytest.mark.parametrize(
    ("original_name", "folder", "name"),
    [
        ("Kit/Kicks/BD 1.wav", "Kit/Kicks", "BD 1.wav"),
        ("BD 1.wav", ".", "BD 1.wav"),
        ("Kit.sf2#snare 3", "Kit.sf2", "snare 3.wav"),
        ("piano C#3.wav", ".", "piano C#3.wav"),
    ],
)
def test_a_sound_lies_where_its_maker_put_it_and_a_sample_in_its_sound_font(original_name, folder, name):
    assert corpus_neighbors.place_of(example(original_name)) == Place("pack", folder, name)


def drawn(count: int = 600, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[Example]]:
    """Kicks and snares of thirty packs, each named after what it is, with probabilities that are right as often as they say."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.02, 0.98, count)
    is_kick = rng.random(count) < share
    types = np.full((count, len(TYPES)), 1e-3, np.float32)
    types[:, KICK], types[:, SNARE] = share, 1 - share
    types /= types.sum(axis=1, keepdims=True)
    label = np.where(is_kick, LABELS.index("kick"), LABELS.index("snare"))
    names = ("kick", "snare")
    examples = [
        example(
            f"{at % 30} {int(kick)}/{names[int(not kick)]} {at}.wav",
            pack=f"pack {at % 30}",
            family=f"family {at % 30}",
        )
        for at, kick in enumerate(is_kick)
    ]
    return types, label, examples


def test_names_and_neighbors_lower_the_risk_at_the_same_confidence():
    tables = context_risk.tables(*drawn())

    at_60 = {
        name: next(share for knot, share in table["kick"] if knot == 0.6) for name, table in tables.items()
    }
    assert at_60["risk_with_name"] < at_60["risk"]
    assert at_60["risk_with_neighbors"] < at_60["risk"]
    assert set(tables["risk_with_name"]) == set(LABELS)


def test_some_names_are_exchanged_because_labels_were_read_off_names():
    sounds = corpus_neighbors.published(*drawn())

    wrong = context_risk.with_wrong_names(sounds, share=0.2)

    says = np.array([hint.label for hint in wrong.hints])
    assert 0.15 < np.mean(says != np.array(LABELS)[sounds.label]) < 0.25


def test_a_name_counts_as_one_where_it_says_the_predicted_label_and_the_sound_does_not_contradict_it():
    types = np.full((3, len(TYPES)), 1e-3, np.float32)
    types[:, KICK], types[:, SNARE] = (0.6, 0.02, 0.6), (0.3, 0.9, 0.3)
    types /= types.sum(axis=1, keepdims=True)
    names = ("kick 1.wav", "kick 2.wav", "boom.wav")
    sounds = corpus_neighbors.published(types, np.zeros(3, int), [example(name) for name in names])
    as_named = np.eye(len(LABELS))[[0, 0, 0]]

    assert LABEL_OF_TYPE["kick"] == LABELS[0]
    assert sounds.is_named(as_named).tolist() == [True, False, False]
    assert sounds.is_named(np.eye(len(LABELS))[[1, 1, 1]]).tolist() == [False, False, False]


def test_without_names_the_folders_stay():
    sounds = corpus_neighbors.without_names(corpus_neighbors.published(*drawn(30)))

    assert {hint.label for hint in sounds.hints} == {""}
    assert sounds.places[7].folder.startswith("7 ")
