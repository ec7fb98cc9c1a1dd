"""Paths as people paste them, and what is said of those that lead nowhere."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from drumwatch.cli import cli
from drumwatch.core.errors import UsageError
from drumwatch.core.pasted_paths import meant_path, similar_path
from drumwatch.sorting.walk import audio_files_in

PASTED = {
    "as it is": "{}",
    "double quotes": '"{}"',
    "single quotes": "'{}'",
    "curly quotes": "“{}”",
    "German quotes": "„{}“",
    "spaces around": "  {} ",
    "a line end": "{}\n",
    "quotes and spaces": ' "{} " ',
    "address": "file://{}",
    "address of this computer": "file://localhost{}",
    "short address": "file:{}",
}


@pytest.mark.parametrize("form", PASTED.values(), ids=PASTED)
def test_what_stands_around_a_path_is_no_part_of_it(form):
    assert meant_path(form.format("/music/Oak Kit"), exists=lambda _: False) == Path("/music/Oak Kit")


@pytest.mark.parametrize("form", PASTED.values(), ids=PASTED)
def test_the_same_holds_where_the_path_is_there(tmp_path, form):
    (tmp_path / "Oak Kit").mkdir()

    assert meant_path(form.format(tmp_path / "Oak Kit")) == tmp_path / "Oak Kit"


def test_an_address_is_decoded_and_bytes_that_are_no_text_survive():
    pasted = "file:///music/Sn%C3%A4re%20%26%20Co%FF.wav"

    assert os.fsencode(meant_path(pasted)) == "/music/Snäre & Co".encode() + b"\xff.wav"


def test_a_name_that_has_quotes_or_spaces_itself_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ('"Oak Kit"', " Elm Kit ", "file:x.wav"):
        Path(name).mkdir()

        assert meant_path(name) == Path(name)


def test_the_backslashes_of_a_shell_are_taken_away_where_that_is_a_file(tmp_path):
    (tmp_path / "Oak Kit (1)").mkdir()

    assert meant_path(f"{tmp_path}/Oak\\ Kit\\ \\(1\\)") == tmp_path / "Oak Kit (1)"
    assert meant_path(f"{tmp_path}/Elm\\ Kit") == tmp_path / "Elm\\ Kit"


def test_a_name_in_the_other_unicode_form_is_found():
    on_disk = unicodedata.normalize("NFD", "/music/Snäre")

    found = meant_path(unicodedata.normalize("NFC", "/music/Snäre"), exists=lambda path: path == on_disk)

    assert str(found) == on_disk


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("/music/a\0b", "has a NUL character in it"),
        ("C:\\Users\\ada\\kick.wav", "is a path of Windows"),
        ('"C:\\Users\\ada\\kick.wav"', "is a path of Windows"),
        ("\\\\nas\\samples", "is a path of Windows"),
        ("https://example.com/pack.zip", "is an address on the web: download it first"),
        ("smb://nas/samples", "is an address of another computer"),
        ("file://nas/samples", "is an address of another computer"),
        (" '' ", "is empty"),
    ],
    ids=["NUL", "Windows", "Windows in quotes", "share of Windows", "web", "smb", "other host", "empty"],
)
def test_what_can_be_no_path_here_gets_a_plain_sentence(pasted, says):
    with pytest.raises(ValueError, match=says):
        meant_path(pasted)


@pytest.mark.parametrize("name", ["12:30 break.wav", "a:b", "kit: the best", "file name.wav"])
def test_a_usual_name_is_no_address(name):
    assert meant_path(name, exists=lambda _: False) == Path(name)


def test_a_command_understands_a_path_in_quotes_and_explains_one_of_windows(tmp_path):
    said = CliRunner().invoke(cli, ["evaluate", f'"{tmp_path}"'])
    windows = CliRunner().invoke(cli, ["classify", "C:\\Users\\kick.wav"])

    assert str(said.exception) == (
        f"{tmp_path} has no subfolders named like the labels: kick, snare, hat, percussion, other."
    )
    assert windows.exit_code == 2
    assert (
        'C:\\Users\\kick.wav" is a path of Windows: give the path that this system has for it.'
        in windows.stderr
    )


# What was probably meant


def test_a_similar_name_is_proposed_at_the_place_of_the_mistake(tmp_path):
    (tmp_path / "Downloads/Oak Kit").mkdir(parents=True)
    (tmp_path / "Music").mkdir()

    assert similar_path(tmp_path / "Donwloads") == str(tmp_path / "Downloads")
    assert similar_path(tmp_path / "Donwloads/Oak Kit") == str(tmp_path / "Downloads/Oak Kit")
    assert similar_path(tmp_path / "downloads") == str(tmp_path / "Downloads")
    assert similar_path(tmp_path / "Zebra") == ""


def test_a_name_that_looks_the_same_is_shown_with_its_difference(tmp_path):
    (tmp_path / "Oak Kit ").mkdir()

    assert similar_path(tmp_path / "Oak Kit") == '"Oak Kit ", with a space at its end'


def test_what_was_typed_is_never_proposed(tmp_path):
    (tmp_path / "Oak Kit").mkdir()

    assert similar_path(tmp_path / "Oak Kit/kick.wav") == ""


def test_sort_and_classify_name_what_was_meant(tmp_path):
    (tmp_path / "kick.wav").write_text("")

    with pytest.raises(UsageError) as caught:
        list(audio_files_in([tmp_path / "kcik.wav"]))

    assert str(caught.value) == f"There is no {tmp_path}/kcik.wav. Did you mean {tmp_path}/kick.wav?"
