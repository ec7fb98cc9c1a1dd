"""Takes of one instrument have one stem, whatever numbers, notes and dynamics their names have."""

from __future__ import annotations

import pytest

from drumwatch.context.name_stems import shared_words, stem_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("BD_01.wav", "bd"),
        ("HatOpen-Soft.wav", "hat open"),
        ("bobobo_tenor_l2_vl4_rr4.flac", "bobobo tenor"),
        ("062.wav", ""),
        ("Snare 3rd take 2.aif", "snare"),
        ("Kick C#3.wav", "kick"),
        ("pluckF#2.wav", "pluck"),
        ("tom 44khz 24bit.wav", "tom"),
        ("loop 120bpm.wav", "loop"),
        ("sd_hard.wav", "sd"),
        ("Hard 2.wav", "hard"),
        ("Ambo k 1.wav", "ambo k"),
        ("ElecT2.wav", "elec t"),
        ("kick a.wav", "kick"),
        ("a.wav", "a"),
        ("3f2a9c01_snare.wav", "snare"),
        ("facade.wav", "facade"),
        ("\uff2bick 2.wav", "kick"),
        ("Snare.Mono.wav", "snare"),
        ("hit 12.wav", ""),
        ("Бочка 3.wav", "бочка"),
        ("kick.final", "kick final"),
        ("", ""),
    ],
)
def test_the_stem_is_what_the_takes_of_an_instrument_share(name, stem):
    assert " ".join(stem_of(name)) == stem


def test_single_letters_do_not_relate_stems():
    assert shared_words(stem_of("Ambo k 1.wav")) == {"ambo"}
