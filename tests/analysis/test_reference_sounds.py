from __future__ import annotations

import shutil

import pytest

from drumwatch.analysis.model import reference_sounds
from drumwatch.analysis.model.model_file import SHIPPED, ModelRefused, load


def test_a_memory_of_another_model_is_refused(tmp_path):
    for name in ("model.npz", "model.json", "memory.npz"):
        shutil.copy(SHIPPED.parent / name, tmp_path / name)
    with (tmp_path / "memory.npz").open("ab") as file:
        file.write(b"x")

    with pytest.raises(ModelRefused, match=r"memory\.npz does not belong to the model"):
        reference_sounds.reference_sounds_of(load(str(tmp_path / "model.npz")))
