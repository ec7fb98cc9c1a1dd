from __future__ import annotations

import shutil

import pytest
from sounds import kick, write

from drumwatch.analysis.analyze import analyze
from drumwatch.analysis.model import reference_sounds
from drumwatch.analysis.model.model_file import SHIPPED, ModelRefused, load
from drumwatch.workers.protocol import Analyze


def test_a_kick_sounds_most_like_kicks(tmp_path):
    nearest = analyze(Analyze(str(write(tmp_path / "a.wav", kick())), with_reasons=True)).nearest

    assert [near.type for near in nearest].count("kick") >= 2
    assert all(near.sound for near in nearest)


def test_a_sound_of_the_memory_is_nearest_to_itself():
    loaded = load(str(SHIPPED))
    stored = reference_sounds.reference_sounds_of(loaded)
    evidence = stored.vectors[100].astype("float32")

    assert stored.nearest(evidence, loaded.card["groups"])[0].sound == stored.name[100].decode()


def test_a_memory_of_another_model_is_refused(tmp_path):
    for name in ("model.npz", "model.json", "memory.npz"):
        shutil.copy(SHIPPED.parent / name, tmp_path / name)
    with (tmp_path / "memory.npz").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelRefused, match=r"memory\.npz does not belong to the model"):
        reference_sounds.reference_sounds_of(load(str(tmp_path / "model.npz")))
