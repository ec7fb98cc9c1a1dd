"""From a layout to a path: always inside the library, never longer than a disk takes."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drumwatch.config.templates import FIELDS, checked_template
from drumwatch.filing.naming import (
    component,
    is_split_of,
    layout_for_unsure,
    limited,
    numbered,
    numbered_folder,
    pack_name,
    place,
    without_number,
)

KICK = {
    "label": "kick",
    "type": "kick",
    "pack": "Vendor - Title",
    "name": "bd 01.wav",
    "confidence": "97",
    "year": "2026",
    "original_folder": "Kicks",
}


RARE = {"note": "F#", "bpm": "120"}


def placed(template: str, *, portable: bool = False, **fields: str) -> str:
    return place(template, {**KICK, **RARE, **fields}, portable=portable).as_posix()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{label}/{pack}/{name}", "kick/Vendor - Title/bd 01.wav"),
        ("{name}", "bd 01.wav"),
        (
            "Drums/{label} {confidence}/{year}/{type}/{original_folder}/{name}",
            "Drums/kick 97/2026/kick/Kicks/bd 01.wav",
        ),
        ("{label}/{pack} - {name}", "kick/Vendor - Title - bd 01.wav"),
    ],
)
def test_each_field_is_filled_in(template, expected):
    assert placed(template) == expected


@pytest.mark.parametrize(
    ("template", "filled", "empty"),
    [
        ("{label}/{note}/{name}", "kick/F#/bd 01.wav", "kick/bd 01.wav"),
        ("{note} {name}", "F# bd 01.wav", "bd 01.wav"),
        ("{note}_{name}", "F#_bd 01.wav", "bd 01.wav"),
        ("{label} {note} {name}", "kick F# bd 01.wav", "kick bd 01.wav"),
        ("{label} - {note} - {name}", "kick - F# - bd 01.wav", "kick - bd 01.wav"),
        ("{label} {note} - {name}", "kick F# - bd 01.wav", "kick - bd 01.wav"),
        ("{label} ({note}) {name}", "kick (F#) bd 01.wav", "kick bd 01.wav"),
        ("{label} [{bpm} bpm]/{name}", "kick [120 bpm]/bd 01.wav", "kick/bd 01.wav"),
        ("{label}/{bpm}bpm/{name}", "kick/120bpm/bd 01.wav", "kick/bd 01.wav"),
        ("{bpm}bpm {name}", "120bpm bd 01.wav", "bd 01.wav"),
        ("{bpm}_BPM_{note}_{name}", "120_BPM_F#_bd 01.wav", "bd 01.wav"),
        ("{label} {bpm} {note}/{name}", "kick 120 F#/bd 01.wav", "kick/bd 01.wav"),
        ("{label}/{note} {bpm} bpm/{name}", "kick/F# 120 bpm/bd 01.wav", "kick/bd 01.wav"),
        ("Kick{note}/{type} {name}", "KickF#/kick bd 01.wav", "kick bd 01.wav"),
        ("{label} {note} one-shots/{name}", "kick F# one-shots/bd 01.wav", "kick one-shots/bd 01.wav"),
    ],
)
def test_a_note_or_tempo_that_a_sound_has_not_leaves_no_trace(template, filled, empty):
    assert (placed(template), placed(template, note="", bpm="")) == (filled, empty)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{label}/{pack}/{name}", "kick/bd 01.wav"),
        ("{label}/{pack}{original_folder}/{name}", "kick/bd 01.wav"),
        ("{label}/{pack} - {year}/{name}", "kick/2026/bd 01.wav"),
        ("{label}/{year} - {pack}/{name}", "kick/2026/bd 01.wav"),
        ("{label}/{pack} - {name}", "kick/bd 01.wav"),
    ],
)
def test_a_part_without_a_pack_vanishes_and_so_does_its_dash(template, expected):
    assert placed(template, pack="", original_folder="") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        (".", "_"),
        ("", "_"),
        ("/abs/kick.wav", "_abs_kick.wav"),
        ("a\\b.wav", "a_b.wav"),
        ("line\nbreak\x1b[31m\x9b.wav", "line_break_[31m_.wav"),
        ("\x00.wav", "_.wav"),
        ("...hidden.wav", "hidden.wav"),
        (" kick.wav. .", "kick.wav"),
        ("half \ud800.wav", "half _.wav"),
        ("bd\udce4.wav", "bd\udce4.wav"),
        ("Kick: hard?.wav", "Kick: hard?.wav"),
        ("CON.wav", "CON.wav"),
        ("e\u0301.wav", "e\u0301.wav"),
        ("\u00e9.wav", "\u00e9.wav"),
        ("🥁.wav", "🥁.wav"),
    ],
)
def test_a_name_stays_one_part_that_can_be_seen(name, expected):
    assert component(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('a<b>c:d"e|f?g*h.wav', "a_b_c_d_e_f_g_h.wav"),
        ("CON.wav", "CON_.wav"),
        ("nul", "nul_"),
        ("Com1 .tar.gz", "Com1_ .tar.gz"),
        ("LPT³.wav", "LPT³_.wav"),
        ("console.wav", "console.wav"),
        ("com10.wav", "com10.wav"),
    ],
)
def test_a_portable_name_is_one_that_windows_takes_as_well(name, expected):
    assert component(name, portable=True) == expected


def test_portable_names_hold_for_every_part_of_the_place():
    assert (
        placed("{label}/{pack}/{name}", portable=True, pack="aux", name="what?.wav") == "kick/aux_/what_.wav"
    )
    assert placed("{label}/{pack}/{name}", pack="aux", name="what?.wav") == "kick/aux/what?.wav"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("k" * 251 + ".wav", "k" * 227 + ".wav"),
        ("ä" * 125 + ".wav", "ä" * 113 + ".wav"),
        ("🥁" * 80 + ".flac", "🥁" * 56 + ".flac"),
        ("\udce4" * 251 + ".wav", "\udce4" * 227 + ".wav"),
        ("k" * 300, "k" * 231),
        ("k." + "x" * 300, "k." + "x" * 229),
        ("k" * 226 + "e\u0301" + "k" * 30 + ".wav", "k" * 226 + ".wav"),
        ("k" * 226 + " " + "k" * 30 + ".wav", "k" * 226 + ".wav"),
    ],
)
def test_a_long_name_is_cut_between_letters_and_keeps_its_extension(name, expected):
    assert placed("{label}/{name}", name=name) == f"kick/{expected}"


def test_a_long_folder_may_fill_what_the_disk_allows():
    assert placed("{pack}/{name}", pack="ä" * 200) == "ä" * 127 + "/bd 01.wav"


def test_a_folder_on_windows_never_becomes_a_drive_or_a_device():
    place_there = PureWindowsPath(
        place("{pack}/{name}", {**KICK, "pack": "C:", "name": "nul"}, portable=True).as_posix()
    )

    assert place_there.drive == ""
    assert place_there.parts == ("C_", "nul_")


PARTS = st.lists(
    st.lists(
        st.sampled_from([f"{{{field}}}" for field in FIELDS if field != "name"])
        | st.sampled_from([" - ", "x"]),
        min_size=1,
    )
    .map("".join)
    .filter(lambda part: part.strip()),
    max_size=3,
)
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=400) | st.sampled_from(
    ["..", "/", "../..", "", "COM1", "~", "C:", "\udcff"]
)


@given(PARTS, st.fixed_dictionaries(dict.fromkeys(FIELDS, ANYTHING)), st.booleans())
@example(["{pack}"], {**KICK, "pack": "..", "name": "../.."}, False)
def test_no_name_leads_out_of_the_library_or_is_too_long(folders, fields, portable):
    template = checked_template("/".join([*folders, "{name}"]))

    found = place(template, fields, portable=portable)

    inside = PurePosixPath(os.path.normpath(Path("/library") / found))
    assert inside.is_relative_to("/library")
    assert inside.parts[2:] == found.parts
    in_labels = sum(folder.count("{label}") for folder in folders) * fields["label"].count("/")
    assert 1 <= len(found.parts) <= len(folders) + 1 + in_labels
    for part in found.parts:
        assert len(os.fsencode(part)) <= 255
        assert not part.startswith((".", " "))
        assert not part.endswith((".", " "))
        assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in part)
    assert len(os.fsencode(found.name)) <= 231


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_name_that_is_clean_already_stays_as_it_is(name):
    once = component(name)

    assert component(once) == once


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("{label}/{pack}/{name}", "_unsure/{pack}/{name}"),
        ("{pack}/{label}/{type}/{name}", "_unsure/{pack}/{name}"),
        ("Drums/{label}/{name}", "_unsure/Drums/{name}"),
        ("{label} {confidence}/{year}/{name}", "_unsure/{year}/{name}"),
        ("{label} - {name}", "_unsure/{name}"),
        ("{name}", "_unsure/{name}"),
    ],
)
def test_unsure_files_have_the_same_layout_without_what_is_unsure(layout, expected):
    assert layout_for_unsure(layout, "_unsure") == expected


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Vendor - Title [24bit] (2026)", "Vendor - Title [24bit] (2026)"),
        ("Vendor - Title", "Vendor - Title"),
        ("Vendor_-_Title_Vol._2", "Vendor - Title Vol. 2"),
        ("Mixed_Case Title", "Mixed_Case Title"),
        ("Title.zip", "Title"),
        ("Title.tar.gz", "Title"),
        ("Title (1).zip", "Title"),
        ("Title(2)", "Title"),
        ("Title (2026)", "Title (2026)"),
        ("Title (12)", "Title (12)"),
        ("(1)", "(1)"),
        ("Title-WAV", "Title"),
        ("Vendor_Title_WAV", "Vendor Title"),
        ("Vendor - Title - WAV", "Vendor - Title"),
        ("Vendor - Title WAV", "Vendor - Title WAV"),
        ("Title-24bit", "Title-24bit"),
        ("-WAV", "-WAV"),
        ("Title%20One", "Title One"),
        ("  Two   spaces ", "Two spaces"),
        ("TR-808", "TR-808"),
        ("808 Kit v1.2", "808 Kit v1.2"),
        ("...And Kicks", "And Kicks"),
        ("Töne\udce4", "Töne\udce4"),
        ("evil/../\x1b[31m", "evil_..__[31m"),
        ("", ""),
        ("..", ""),
        ("___", ""),
    ],
)
def test_a_pack_is_called_as_a_person_would_write_it(folder, name):
    assert pack_name(folder) == name


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [
        ("kick.wav", 12, "kick.wav"),
        ("kick.wav", 0, "kick.wav"),
        ("Vendor_Long_Kick_Name_07.wav", 16, "Vendor_Lo_07.wav"),
        ("Vendor_Long_Kick_Name_08.wav", 16, "Vendor_Lo_08.wav"),
        ("Vendor Drums Vol 2", 12, "Vendor Dru 2"),
        ("Grosse Trommel äöü.wav", 21, "Grosse Trommel ä.wav"),
        ("0123456789012345678901.wav", 12, "0123 8901.wav"[:4] + "8901.wav"),
        ("kick     long.wav", 12, "kick.wav"),
        ("k.averyveryverylong", 12, "k.averyveryv"),
    ],
)
def test_a_limited_name_keeps_its_ending_and_the_number_before_it(name, limit, expected):
    assert limited(name, limit) == expected


@given(st.text(min_size=1, max_size=60), st.integers(12, 60), st.integers(1, 99999))
def test_no_name_is_longer_than_its_limit_with_any_number(name, limit, number):
    name = component(name)
    short = limited(name, limit)

    assert 0 < len(os.fsencode(short)) <= limit
    assert len(os.fsencode(numbered(short, number, limit))) <= limit
    assert len(os.fsencode(numbered_folder(short, number, limit))) <= limit


def test_a_number_finds_room_where_the_ending_fills_the_limit():
    assert numbered("k.averylongend", 12345, 12) == "k.aver 12345"
    assert numbered("k.wav", 12345, 12) == "k 12345.wav"


def test_a_limit_holds_for_every_part_of_the_place():
    where = place("{label}/{pack}/{name}", {**KICK, "name": "bd long name 01.wav"}, name_limit=12)

    assert where.as_posix() == "kick/Vendor - Tit/bd lo 01.wav"


def test_what_is_cut_to_the_name_of_a_device_is_portable_again():
    where = place("{name}", {**KICK, "name": "con      abc.wav"}, portable=True, name_limit=12)

    assert where.as_posix() == "con_.wav"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("kick/Pack/a.wav", True),
        ("kick 2/Pack/a.wav", True),
        ("kick 2/Pack 31/a.wav", True),
        ("kick 2/Pack/b.wav", False),
        ("snare/Pack/a.wav", False),
        ("kick 1/Pack/a.wav", False),
        ("kick/a.wav", False),
    ],
)
def test_a_place_in_a_folder_with_a_number_is_known_as_the_wanted_one(made, expected):
    assert is_split_of(Path(made), Path("kick/Pack/a.wav")) == expected


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("kick 2", "kick"), ("kick", "kick"), ("808", "808"), (" 2", " 2"), ("k 02", "k 02")],
)
def test_the_number_of_a_split_folder_is_taken_off(folder, expected):
    assert without_number(folder) == expected
