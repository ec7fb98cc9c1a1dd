"""The notes in file names, and which sounds may have a note at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drumwatch.core.records import Verdict
from drumwatch.core.root_notes import can_ring, is_unknown, note_in_name, spelled

LONG_808 = Verdict("kick", "kick", 0.9, {"kick": 1.0}, {"kick": 0.9, "bass": 0.1}, "other", "one-shot", 1.2)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("808_F#.wav", "F#"),
        ("808 F♯ dirty.wav", "F#"),
        ("Spinz 808 (Gb).wav", "F#"),
        ("808 - A#1 - long.flac", "A#"),
        ("808_f#.wav", "F#"),
        ("Tom Bb2.wav", "A#"),
        ("Kick C#.wav", "C#"),
        ("Sub_Cb.wav", ""),
        ("Kick_F_sharp.wav", "F#"),
        ("Pluck E-flat 3.wav", "D#"),
        ("808 C1.wav", "C"),
        ("808 dirty, key of C.wav", "C"),
        ("Bass_A2_long.wav", "A"),
        ("Reese Dm.wav", "D"),
        ("sub - F2 - 01.wav", "F"),
    ],
)
def test_a_note_is_read_from_the_name(name, note):
    assert note_in_name(name) == note


@pytest.mark.parametrize(
    "name",
    [
        "Kick A.wav",
        "Kick A2.wav",
        "Tom C 03.wav",
        "808 Kick B.wav",
        "TR-808 BD A1.wav",
        "Bass Drum C1.wav",
        "A Nice Sound.wav",
        "Snare_D.wav",
        "kick.wav",
        "808.wav",
        "Fab Bass.wav",
        "808 C1 to F1.wav",
        "808 B.wav",
        "FM Bass.wav",
        "sub - F - 01.wav",
        "808 F# G#.wav",
        "CB1.wav",
        "vol. 3 #2.wav",
    ],
)
def test_what_may_number_a_take_is_no_note_and_neither_are_two(name):
    assert note_in_name(name) == ""


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("F#", "F#"),
        ("gb", "F#"),
        ("E♭", "D#"),
        (" c ", "C"),
        ("Cb", "B"),
        ("B#", "C"),
        ("H", ""),
        ("F#1", ""),
        ("", ""),
    ],
)
def test_a_note_has_one_spelling(text, note):
    assert spelled(text) == note


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"types": {"tom": 0.3, "bass": 0.3, "snare": 0.4}}, True),
        ({"types": {"snare": 0.6, "kick": 0.4}}, False),
        ({"duration": 0.4}, False),
        ({"shape": "loop"}, False),
        ({"shape": "long"}, False),
    ],
)
def test_only_a_long_one_shot_that_is_most_likely_tuned_can_ring(changes, expected):
    assert can_ring(replace(LONG_808, **changes)) is expected


@pytest.mark.parametrize(("note", "expected"), [(None, True), ("", False), ("F#", False)])
def test_a_sound_that_was_looked_at_is_not_looked_at_again(note, expected):
    assert is_unknown(replace(LONG_808, note=note)) is expected
