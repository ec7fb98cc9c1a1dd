"""Sounds that are analyzed first and then judged together, as neighbors of each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sounds import kick, noise_burst, write

from drumwatch.sorting.classify_together import RequestedSound, classify_together, place_in
from drumwatch.workers.protocol import Analyze, Analyzed, Failed


def judged(folder: Path, *names: str) -> dict[str, object]:
    requests = [
        RequestedSound(folder / name, place_in(folder / name, folder), Analyze(str(folder / name)))
        for name in names
    ]
    with ThreadPoolExecutor(1) as workers:
        return {sound.path.name: found for sound, found in classify_together(requests, workers)}


def test_each_is_judged_with_all_others_whatever_their_order(tmp_path):
    write(tmp_path / "boom 1.wav", kick())
    write(tmp_path / "boom 2.wav", kick()[::-1].copy())
    write(tmp_path / "boom 3.wav", noise_burst())

    forth = judged(tmp_path, "boom 1.wav", "boom 2.wav", "boom 3.wav")
    back = judged(tmp_path, "boom 3.wav", "boom 2.wav", "boom 1.wav")

    for name, found in forth.items():
        other = back[name]
        assert isinstance(found, Analyzed)
        assert isinstance(other, Analyzed)
        assert found.verdict.context_strength > 0
        assert found.verdict.probabilities == pytest.approx(other.verdict.probabilities)


def test_a_sound_without_neighbors_and_a_broken_one_are_answered_too(tmp_path):
    write(tmp_path / "boom.wav", kick())
    (tmp_path / "broken.wav").write_bytes(b"no sound")

    found = judged(tmp_path, "broken.wav", "boom.wav")

    assert list(found) == ["broken.wav", "boom.wav"]
    assert isinstance(found["broken.wav"], Failed)
    assert isinstance(found["boom.wav"], Analyzed)
    assert found["boom.wav"].verdict.context_strength == 0


def test_copies_of_a_sound_say_nothing_new(tmp_path):
    for number in range(3):
        write(tmp_path / f"boom {number}.wav", kick())

    found = judged(tmp_path, *(f"boom {number}.wav" for number in range(3)))

    assert {one.verdict.context_strength for one in found.values() if isinstance(one, Analyzed)} == {0.0}


def test_single_files_of_a_folder_are_a_pack_and_other_packs_are_not_theirs():
    root = Path("/home/ada/Downloads")

    assert place_in(root / "a.wav", root).pack == place_in(root / "b.wav", root).pack
    assert place_in(root / "Pack/Kicks/a.wav", root).pack == str(root / "Pack")
