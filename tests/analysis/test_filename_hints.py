from __future__ import annotations

import numpy as np
import pytest

from drumwatch.analysis.filename_hints import contradicts, fuse, is_typo, read
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
        # Words written together
        ("closedhat.wav", "hat"),
        ("909open.wav", "hat"),
        ("kicklo2.wav", "kick"),
        ("hatloop.wav", "other"),
        ("C_LOTOM1.wav", "percussion"),
        ("drum3djembemid", "percussion"),
        ("snaresidestick.wav", ""),  # two drums
        # One or two letters before a word
        ("mkick.wav", "kick"),
        ("hcsnare 3.wav", "snare"),
        ("XHIHAT.2.wav", "hat"),
        ("bride.wav", ""),
        ("bread.wav", ""),
        ("monkey.wav", ""),
        # One typo
        ("cymbol.wav", "other"),
        ("Tambourn 1.wav", "percussion"),
        ("cowbel2.wav", "percussion"),
        ("snardrum.raw", "snare"),
        ("Shaken.wav", ""),
        ("marcaa.wav", "percussion"),
        ("snar.wav", ""),  # cut short: may be anything
        # Folders of one abbreviation
        ("bd/01.wav", "kick"),
        ("03 SD/01.wav", "snare"),
        ("cp/x.wav", "percussion"),
        ("oh_mic/01.wav", ""),
        ("808/01.wav", ""),
        ("bd/snare.wav", "snare"),
        ("bd/ch 2.wav", "hat"),
        # Abbreviations of hats and shakers
        ("fhh.wav", "hat"),
        ("HHF 2.wav", "hat"),
        ("phh.wav", "hat"),
        ("ohat.wav", "hat"),
        ("clhat3.wav", "hat"),
        ("sh_2e.mp3", "percussion"),
        ("open.wav", "hat"),
        ("Closed/01.wav", "hat"),
        ("AlegreOpen.wav", ""),
        # Glued and abbreviated compounds
        ("Closedhh1.wav", "hat"),
        ("HHClosed#6.flac", "hat"),
        ("hhhalf.wav", "hat"),
        ("507_CLHH.wav", "hat"),
        ("OpHat 3.wav", "hat"),
        ("KLONE HHAT NW8/216.wav", "hat"),
        ("ahh.wav", ""),
        ("Bdcrunch.wav", "kick"),
        ("kickbig.wav", "kick"),
        ("crashcym2.wav", "other"),
        ("clapton.wav", "percussion"),  # a mere hint: the sound decides
        ("chinatown.wav", ""),
        ("sn03dry.wav", "snare"),
        ("drum_bass_hard.wav", "kick"),
        ("Drum & Bass 3.wav", "other"),
        # A machine's name beside the abbreviation of one of its sounds
        ("808-LC.wav", "percussion"),
        ("808 BD.wav", "kick"),
        ("808 3.wav", ""),
        # Instruments, voices and effects
        ("Violin C4.wav", "other"),
        ("laugh 2.wav", "other"),
        ("explosion1.wav", "other"),
        ("Xstick-01.wav", "percussion"),
        ("stick-l.wav", "percussion"),
        # A word with two meanings
        ("Bombo 1.wav", ""),
        # The folder above speaks after the file's own abbreviation
        ("DRUM_PAD/kit/HHF.wav", "hat"),
        ("Snares/dry/01.wav", "snare"),
    ],
)
def test_a_name_says(path, says):
    assert read(path).label == says


def test_open_and_closed_are_told_apart_in_words_written_together():
    closed, open_ = TYPES.index("hat-closed"), TYPES.index("hat-open")

    for name in (
        "closedhat.wav",
        "hihatclosed 3.wav",
        "chihat.wav",
        "closed.wav",
        "closedhh1.wav",
        "CLHH.wav",
    ):
        assert read(name).likelihood[closed] > read(name).likelihood[open_], name
    for name in (
        "openhat.wav",
        "909open.wav",
        "ohat.wav",
        "Open/3.wav",
        "OpHat.wav",
        "HHOP.wav",
        "hhopen.wav",
    ):
        assert read(name).likelihood[open_] > read(name).likelihood[closed], name


def test_a_bombo_is_a_kick_or_a_hand_drum():
    likelihood = read("Bombo 1.wav").likelihood

    assert {TYPES[at] for at in np.flatnonzero(likelihood == likelihood.max())} == {"kick", "hand-drum"}


def test_an_abbreviation_says_less_than_a_word_whether_of_a_file_or_a_folder():
    assert read("bd.wav").likelihood.max() == read("bd/01.wav").likelihood.max()
    assert read("bd/01.wav").likelihood.max() < read("kick.wav").likelihood.max()


@pytest.mark.parametrize(
    ("written", "meant", "is_one"),
    [
        ("cymbol", "cymbal", True),
        ("cymbla", "cymbal", True),
        ("cymba", "cymbal", True),
        ("cymbaal", "cymbal", True),
        ("cymbal", "cymbal", True),
        ("kymbal", "cymbal", False),
        ("cimbol", "cymbal", False),
        ("cymballos", "cymbal", False),
    ],
)
def test_one_letter_may_be_wrong_missing_added_or_swapped_but_not_the_first(written, meant, is_one):
    assert is_typo(written, meant) is is_one


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
