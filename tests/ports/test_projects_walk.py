"""Where a survey looks, and where it does not: links, the inside of programs and checkouts, backups of songs."""

from __future__ import annotations

import pytest
from project_trees import TREES, live_set, pack, put, rpp, sounds

from drumwatch.intake.projects import Surveyor, walk


def survey(root, *, root_is_unit: bool = False):
    return Surveyor().survey(root, root_is_unit=root_is_unit)


# --- links ---


def test_a_linked_sound_is_no_sound_of_the_folder(tmp_path):
    """Two sounds and six links beside them are an instrument of two sounds."""
    sounds(tmp_path / "Kit", "1.wav", "2.wav")
    put(tmp_path / "Kit/kit.sfz", "<region> sample=1.wav\n<region> sample=2.wav\n")
    for sound in sounds(tmp_path / "elsewhere", *(f"other {n}.wav" for n in range(6))):
        (tmp_path / "Kit" / sound.name).symlink_to(sound)

    assert [one.root for one in survey(tmp_path).projects] == [tmp_path / "Kit"]


def test_a_linked_document_makes_no_instrument_of_the_folder(tmp_path):
    sounds(tmp_path / "Kit", "1.wav", "2.wav")
    document = put(tmp_path / "elsewhere/kit.sfz", "<region> sample=1.wav\n<region> sample=2.wav\n")
    (tmp_path / "Kit/kit.sfz").symlink_to(document)

    assert survey(tmp_path).projects == ()


def test_a_linked_folder_is_not_looked_into(tmp_path):
    sounds(tmp_path / "Pack", "1.wav")
    other = TREES["sfz"](tmp_path / "elsewhere")
    (tmp_path / "Pack/link").symlink_to(other)

    found = survey(tmp_path / "Pack", root_is_unit=True)

    assert (found.projects, found.kept_whole, found.needed) == ((), {}, {})


@pytest.mark.parametrize("to", [".", "..", "../.."])
def test_a_circle_of_links_changes_nothing(tmp_path, to):
    """Followed, it would show each sound some forty times, and what the instrument has would be the smaller part."""
    root = TREES["sfz"](tmp_path / "in")
    pack(tmp_path / "in/Pack")
    before = survey(tmp_path / "in")

    (root / "Samples/circle").symlink_to(to)

    after = survey(tmp_path / "in")
    assert after == before
    assert [one.root for one in after.projects] == [root]
    assert after.complete


# --- programs ---


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("bundle_app", "."),
        ("node_modules", "."),
        ("git", "data"),
        ("code_with_package_json", "data"),
        ("asked", "data"),
    ],
)
def test_the_inside_of_what_is_no_music_is_not_looked_through(tmp_path, monkeypatch, name, inside):
    """A game may hold more files than a survey is ready to look at."""
    monkeypatch.setattr(walk, "MOST_ENTRIES", 30)
    root = TREES[name](tmp_path)
    for number in range(40):
        put(root / f"{inside}/{number}.bin", b"x")
    pack(tmp_path / "the last one", 4)

    found = survey(tmp_path)

    assert found.complete
    assert [one.root for one in found.projects] == [root]


@pytest.mark.parametrize(("name", "inside"), [("bundle_app", "."), ("bundle_app", "sfx"), ("git", "sfx")])
def test_a_song_never_means_a_sound_inside_a_program(tmp_path, name, inside):
    root = TREES[name](tmp_path)
    sounds(root / inside, "kick.wav")
    sounds(tmp_path / "Pack", "kick.wav")
    song = put(tmp_path / "Song.rpp", rpp("C:/gone/kick.wav"))

    assert survey(tmp_path).needed == {tmp_path / "Pack/kick.wav": song}


# --- backups ---


@pytest.mark.parametrize("folder", ["Backup", "backup", "History"])
def test_what_only_a_backup_of_a_song_refers_to_is_free(tmp_path, folder):
    project = TREES["ableton"](tmp_path)
    pack(tmp_path / "Pack")
    put(project / f"{folder}/Night Drive [2026-01-01 101112].als", live_set("../../Pack/Kicks/kick 0.wav"))

    assert survey(tmp_path).needed == {}


def test_a_folder_called_backup_that_is_part_of_no_song_is_read_as_any_other(tmp_path):
    sounds(tmp_path / "Backup", "1.wav", "2.wav")
    put(tmp_path / "Backup/kit.sfz", "<region> sample=1.wav\n<region> sample=2.wav\n")

    assert [one.root for one in survey(tmp_path).projects] == [tmp_path / "Backup"]
