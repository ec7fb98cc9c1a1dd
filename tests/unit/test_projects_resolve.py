from __future__ import annotations

import pytest

from drumwatch.intake.projects.folder_names import is_pack_folder_name
from drumwatch.intake.projects.resolve import SoundIndex
from drumwatch.intake.projects.scanning import names_in_binary, names_in_text, root_of, tags, unescaped

ROOT = "/in"
SOUNDS = [
    "/in/Kit/Samples/Kick 1.wav",
    "/in/Kit/Samples/snare.flac",
    "/in/Kit/Samples/bounce.m4a",
    "/in/Kit/Samples/deep/hat.wav",
    "/in/Pack/Kicks/one.wav",
    "/in/Pack/Hats/one.wav",
    "/in/Pack/Hats/unique.wav",
    "/in/Caf\u00e9/caf\u00e9.wav",
]


@pytest.mark.parametrize(
    ("reference", "sound"),
    {
        "Samples/Kick 1.wav": "/in/Kit/Samples/Kick 1.wav",  # from the document's folder
        "Samples/bounce.m4a": "/in/Kit/Samples/bounce.m4a",  # whether the extra `formats` is there or not
        "../Samples/Kick 1.wav": "/in/Kit/Samples/Kick 1.wav",  # from a folder in it
        "Kit/Samples/Kick 1.wav": "/in/Kit/Samples/Kick 1.wav",  # from a folder above
        "/Samples/Kick 1.wav": "/in/Kit/Samples/Kick 1.wav",  # from the top of a card
        "/in/Pack/Hats/one.wav": "/in/Pack/Hats/one.wav",
        "samples/KICK 1.WAV": "/in/Kit/Samples/Kick 1.wav",
        "C:/Users/me/Kit/Kick 1.wav": "/in/Kit/Samples/Kick 1.wav",  # by its name alone
        "hat.wav": "/in/Kit/Samples/deep/hat.wav",
        "Samples/snare.wav": "/in/Kit/Samples/snare.flac",  # was converted since
        "snare": "/in/Kit/Samples/snare.flac",  # samplers leave the ending out
        "/elsewhere/unique.wav": "/in/Pack/Hats/unique.wav",  # by name, in the rest of the tree
        "D:/Old/Hats/one.wav": "/in/Pack/Hats/one.wav",  # the one whose folder is called so
        "one.wav": None,  # two of them
        "unique": None,  # a stem counts only near the document
        "unique.ogg": None,
        "gone.wav": None,
        "../../../../../../etc/passwd.wav": None,
        "": None,
        "/": None,
        "cafe\u0301.wav": "/in/Caf\u00e9/caf\u00e9.wav",
    }.items(),
)
def test_a_reference_is_looked_for_as_programs_do(reference, sound):
    index = SoundIndex(ROOT, SOUNDS)

    assert index.find(reference, "/in/Kit/kit.sfz", within="/in/Kit") == sound


def test_an_exact_path_comes_before_another_case():
    index = SoundIndex("/in", ["/in/A.wav", "/in/a.wav"])

    assert index.find("a.wav", "/in/x.sfz") == "/in/a.wav"
    assert index.find("A.wav", "/in/x.sfz") == "/in/A.wav"


def test_a_name_near_the_document_comes_before_the_same_elsewhere():
    index = SoundIndex("/in", ["/in/Kit/x/kick.wav", "/in/Other/kick.wav"])

    assert index.find("gone/kick.wav", "/in/Kit/kit.sfz", within="/in/Kit") == "/in/Kit/x/kick.wav"


def test_a_path_in_another_case_or_spelling_comes_before_a_name_that_two_sounds_have():
    index = SoundIndex(
        "/in", ["/in/Kit/Caf\u00e9/Kick.wav", "/in/Kit/Old/Caf\u00e9/Kick.wav", "/in/Kit/Kick.wav"]
    )

    for written in ("Cafe\u0301/Kick.wav", "CAF\u00c9/kick.WAV", "/in/kit/CAF\u00c9/Kick.wav"):
        assert index.find(written, "/in/Kit/kit.sfz", within="/in/Kit") == "/in/Kit/Caf\u00e9/Kick.wav"


def test_of_two_sounds_whose_folders_are_equally_alike_none_is_meant():
    index = SoundIndex("/in", ["/in/A/Hats/one.wav", "/in/B/Hats/one.wav", "/in/C/one.wav"])

    assert index.find("D:/Old/Hats/one.wav", "/in/Song/song.rpp") is None
    assert index.find("D:/B/Hats/one.wav", "/in/Song/song.rpp") == "/in/B/Hats/one.wav"


# --- scanning ---


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"\0\0samples/kick.wav\0", ["samples/kick.wav"]),
        (b"\0" + "k\u00e9k.wav".encode() + b"\0", ["k\u00e9k.wav"]),
        (b"\0k\xefck one.aif\0", ["ck one.aif", "k\u00efck one.aif"]),
        (
            b"\0\0\x00\x28" + b"a" * 36 + b".wav",
            ["(" + "a" * 36 + ".wav", "a" * 36 + ".wav"],
        ),  # its length before it
        ("\0kick 2.WAV\0".encode("utf-16-le"), ["kick 2.WAV"]),
        (b"no sound here", []),
    ],
)
def test_names_are_found_in_binary_data(data, names):
    assert list(names_in_binary(data)) == names


def test_names_are_found_in_text():
    text = 'kick=k.wav\nbuffer~ b "my hat.wav" other.wave x.wavelet'

    assert [name for name in names_in_text(text) if " " not in name] == ["k.wav", "hat.wav", "other.wave"]


def test_tags_are_read_without_a_parser():
    text = '<a><!DOCTYPE x><ns:sample  path="a &amp; b.wav" ns:Note=\'2\'/><sample>behind</sample><samples path="no"/>'

    assert [one for one in tags(text, "sample") if not one[0].startswith("/")] == [
        ("sample", {"path": "a & b.wav", "Note": "2"}, ""),
        ("sample", {}, "behind"),
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a &lt;b&gt; &#65;&#x42;", "a <b> AB"), ("&lol; &#0; &#9999999;", "&lol;  "), ("&", "&")],
)
def test_only_the_entities_of_xml_itself_are_resolved(text, plain):
    assert unescaped(text) == plain


def test_the_root_of_a_text_is_its_first_element():
    assert root_of('<?xml version="1.0"?>\n<!-- x -->\n<tx:program a="b">') == "program"
    assert root_of("no xml") == ""


# --- folders of packs ---


@pytest.mark.parametrize(
    "name",
    [
        "Docs",
        "Artwork",
        "MIDI",
        "Presets",
        "Serum Presets",
        "Licence",
        "01 - Documents",
        "Kontakt Instruments",
        "Images",
        "Bonus",
        "MIDI Loops",
    ],
)
def test_a_usual_folder_belongs_to_a_pack(name):
    assert is_pack_folder_name(name)


@pytest.mark.parametrize("name", ["taxes", "My Letters", "src", "2024 Invoices", "", "..."])
def test_a_folder_of_another_kind_does_not(name):
    assert not is_pack_folder_name(name)


def test_a_sound_that_only_the_extra_decodes_is_a_reference_too():
    assert list(names_in_binary(b"\0Media/bounce.m4a\0Media/tape.wv\0")) == [
        "Media/bounce.m4a",
        "Media/tape.wv",
    ]
