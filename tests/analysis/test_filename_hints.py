from __future__ import annotations

import numpy as np
import pytest

from drumwatch.analysis.filename_hints import contradicts, fuse, read
from drumwatch.analysis.model.model_file import LABEL_MATRIX, TYPES
from drumwatch.core.records import LABELS


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("Kick 001 Basic.wav", "kick"),
        ("BassDrum_02.wav", "kick"),
        ("bass drum 3.wav", "kick"),
        ("TR808_BD0025.wav", "kick"),
        ("Snares/01.wav", "snare"),
        ("SNR-tight.wav", "snare"),
        ("HiHat Closed 007 Trap.wav", "hat"),
        ("CH01.wav", "hat"),
        ("Handclap4.wav", "percussion"),
        ("caisse claire 2.wav", "snare"),
        ("Cencerro.wav", "percussion"),
        ("Kick Loop 120bpm.wav", "other"),
        ("808 Bass A.WAV", "other"),
        ("vox_chop.wav", "other"),
        ("Becken 1.aif", "other"),
        ("キック 01.wav", "kick"),
        ("ハイハット.wav", "hat"),
        ("малый барабан.wav", "snare"),
        ("Drum Machine/untitled 4.wav", ""),
        ("kick and snare.wav", ""),
        ("808.wav", ""),
    ],
)
def test_a_name_says(path, says):
    assert read(path).label == says


def test_the_file_speaks_louder_than_its_folder():
    assert read("Kicks/snare 2.wav").label == "snare"
    assert read("Kicks/02.wav").likelihood.max() < read("kick 02.wav").likelihood.max()


def sound(**share: float) -> np.ndarray:
    return np.array([share.get(kind.replace("-", "_"), 0.0) for kind in TYPES], np.float32)


def test_a_name_that_agrees_makes_surer_and_a_clash_less_sure():
    analyzed = sound(clap=0.8, snare=0.2)
    percussion = LABELS.index("percussion")

    assert (fuse(analyzed, read("clap.wav")) @ LABEL_MATRIX)[percussion] > 0.9
    assert 0.1 < (fuse(analyzed, read("snare.wav")) @ LABEL_MATRIX)[percussion] < 0.5


@pytest.mark.parametrize(("clap", "clash"), [(0.95, True), (0.8, False), (0.02, False)])
def test_a_clash_is_a_sound_that_hardly_can_be_what_its_name_says(clap, clash):
    by_sound = dict.fromkeys(LABELS, 0.0) | {"percussion": clap, "snare": 1 - clap}

    assert contradicts(read("snare.wav"), by_sound) is clash
    assert not contradicts(read("1.wav"), by_sound)


def test_a_name_that_says_nothing_changes_nothing():
    analyzed = sound(kick=0.9999, snare=0.0001)

    assert np.array_equal(fuse(analyzed, read("1.wav")), analyzed)


def test_a_name_is_never_a_trump():
    analyzed = sound(kick=0.995, snare=0.005)

    assert TYPES[int(fuse(analyzed, read("snare.wav")).argmax())] == "kick"


def test_a_name_without_a_known_word_changes_nothing():
    analyzed = sound(tom=0.7, kick=0.3)

    assert fuse(analyzed, read("xyz.wav")).argmax() == analyzed.argmax()
