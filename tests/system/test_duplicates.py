"""The same sound in two packs: equal by its decoded samples, not by its bytes."""

import json
import os
import sqlite3
import zipfile

import numpy as np
import pytest
import soundfile
import sounds

KICK = (sounds.kick() * 32767).astype("<i2")


@pytest.fixture
def two_packs(tmp_path):
    """One kick in two packs: as WAV in the first, as FLAC with a lead-in of silence in the second."""
    first, second = tmp_path / "in/A/kick.wav", tmp_path / "in/B/thud.flac"
    for path in (first, second):
        path.parent.mkdir(parents=True)
    soundfile.write(first, KICK, sounds.SR)
    soundfile.write(second, np.pad(KICK[1:], (100, 0)), sounds.SR, subtype="PCM_16")
    return tmp_path / "in"


def test_a_second_copy_is_kept_and_reported_by_default(harness, two_packs):
    harness.run("sort", str(two_packs), "--yes")

    assert harness.tree(harness.library) == ["library/kick/A/kick.wav", "library/kick/B/thud.flac"]
    assert f"the same sound as {harness.library}/kick/A/kick.wav from A" in harness.entries()[1].reason


def test_a_second_copy_can_be_left_where_it_is(harness, two_packs):
    harness.configure(duplicates="skip")

    harness.run("sort", str(two_packs), "--yes")

    assert harness.tree(harness.library) == ["library/kick/A/kick.wav"]
    assert (two_packs / "B/thud.flac").exists()
    assert [(entry.rule, entry.action) for entry in harness.entries() if entry.verdict] == [
        ("default", "move"),
        ("duplicate", "leave"),
    ]


def test_a_second_copy_can_be_a_link_to_the_first(harness, two_packs):
    harness.configure(duplicates="link")
    harness.run("sort", str(two_packs / "A"))

    harness.run("sort", str(two_packs / "B"))

    there = harness.library / "kick"
    assert os.path.samefile(there / "A/kick.wav", there / "B/thud.wav")
    assert (two_packs / "B/thud.flac").exists()


def test_taking_a_link_back_leaves_the_last_copy_alone(harness, two_packs):
    harness.configure(duplicates="link")
    harness.run("sort", str(two_packs / "A"))
    harness.run("sort", str(two_packs / "B"))
    (harness.library / "kick/A/kick.wav").unlink()

    (link,) = (entry for entry in harness.entries() if entry.action == "hardlink")
    harness.run("undo", str(link.id), code=1)

    assert harness.tree(harness.library) == ["library/kick/B/thud.wav"]


def test_a_copy_that_has_been_taken_back_counts_no_more(harness, two_packs):
    harness.configure(duplicates="skip")
    harness.run("sort", str(two_packs / "A"))
    harness.run("undo", "1")

    harness.run("sort", str(two_packs / "B"))

    assert harness.tree(harness.library) == ["library/kick/B/thud.flac"]


def test_why_shows_where_every_copy_came_from(harness, two_packs):
    harness.run("sort", str(two_packs), "--yes")

    result = harness.run("why", str(harness.library / "kick/A/kick.wav")).stdout

    assert "thud.flac → ~/library/kick/B/thud.flac from the pack B" in result


def test_why_shows_a_copy_that_was_left_and_of_one_that_is_gone(harness, two_packs):
    harness.configure(duplicates="skip")
    harness.run("sort", str(two_packs), "--yes")
    (two_packs / "B/thud.flac").unlink()

    reported = json.loads(harness.run("why", str(harness.library / "kick/A/kick.wav"), "--json").stdout)

    assert reported["copies"] == [
        {
            "source": str(two_packs / "B/thud.flac"),
            "pack": "B",
            "place": str(two_packs / "B/thud.flac"),
            "there": False,
        }
    ]


@pytest.mark.parametrize("policy", ["skip", "link"])
def test_no_policy_ever_removes_a_copy(harness, two_packs, policy):
    harness.configure(duplicates=policy, action="copy")
    before = {path: path.read_bytes() for path in two_packs.rglob("*") if path.is_file()}

    harness.run("sort", str(two_packs), "--action", "copy")

    assert {path: path.read_bytes() for path in two_packs.rglob("*") if path.is_file()} == before


@pytest.fixture
def quiet_floats(tmp_path):
    """Three different sounds as quiet float files: two hats and a kick."""
    quiet = {
        "hat one.wav": np.diff(sounds.noise_burst(0.15, decay=0.015), n=3) / 8,
        "hat two.wav": np.diff(sounds.noise_burst(0.15, decay=0.015, seed=1), n=3) / 8,
        "kick.wav": sounds.kick() / 4,
    }
    folder = tmp_path / "in/A"
    folder.mkdir(parents=True)
    for name, y in quiet.items():
        soundfile.write(folder / name, y, sounds.SR, subtype="FLOAT")
    return folder


@pytest.mark.parametrize("policy", ["keep", "skip", "link"])
def test_different_quiet_float_files_are_all_filed_as_themselves(harness, quiet_floats, policy):
    harness.configure(duplicates=policy)
    before = {path.name: path.read_bytes() for path in quiet_floats.iterdir()}

    harness.run("sort", str(quiet_floats.parent), "--yes")

    filed = {path.name: path for path in harness.library.rglob("*.wav")}
    assert {name: path.read_bytes() for name, path in filed.items()} == before
    assert filed["kick.wav"].parent != filed["hat one.wav"].parent
    assert not [entry for entry in harness.entries() if "the same sound" in entry.reason]


def test_an_equal_float_file_is_still_the_same_sound(harness, quiet_floats, tmp_path):
    harness.configure(duplicates="skip")
    harness.run("sort", str(quiet_floats.parent), "--yes")
    y, sr = soundfile.read(harness.library / "kick/A/kick.wav")
    again = tmp_path / "in/B/again.wav"
    again.parent.mkdir()
    soundfile.write(again, np.pad(y, (50, 50)), sr, subtype="DOUBLE")

    harness.run("sort", str(again.parent), "--yes")

    assert again.exists()
    assert "the same sound as" in harness.entries()[-1].reason


@pytest.fixture
def taken_for_a_copy(harness, tmp_path):
    """A function: file a quiet float kick, and a hat that is taken for a copy of it, as earlier versions did."""

    def filed(policy: str):
        harness.configure(duplicates=policy)
        kick, hat = (tmp_path / "in" / pack / f"{pack}.wav" for pack in ("kick", "hat"))
        y = sounds.kick() / 4
        for path in (kick, hat):
            path.parent.mkdir(parents=True)
            soundfile.write(path, y, sounds.SR, subtype="FLOAT")
            harness.run("sort", str(path.parent), "--yes")
        status = hat.stat()
        noise = np.diff(sounds.noise_burst(len(y) / sounds.SR, decay=0.015), n=3, prepend=[0, 0, 0]) / 8
        with hat.open("r+b") as file:  # the file as it was, with other samples
            soundfile.write(file, noise[: len(y)], sounds.SR, format="WAV", subtype="FLOAT")
        os.utime(hat, ns=(status.st_atime_ns, status.st_mtime_ns))
        with sqlite3.connect(harness.state / "journal.db") as db:
            db.execute("UPDATE sound SET digest = 'of nothing'")
        db.close()
        return hat

    return filed


def told_of_copies(harness):
    (findings,) = harness.run_json("doctor", code=None)
    return [(one["what"], one["mend"]) for one in findings if "may be another" in one["what"]]


def test_doctor_names_a_link_that_was_made_by_mistake_and_it_can_be_mended(harness, taken_for_a_copy):
    hat = taken_for_a_copy("link")
    (link,) = (entry for entry in harness.entries() if entry.action == "hardlink")

    ((what, mend),) = told_of_copies(harness)
    harness.run("undo", str(link.id))
    harness.run("sort", str(hat.parent), "--yes")

    assert what.endswith(str(link.destination).replace(str(harness.library.parent), "~"))
    assert f"drumwatch undo {link.id}`" in mend
    assert harness.entries()[-1].action == "move"
    assert told_of_copies(harness) == []


def test_doctor_names_a_sound_that_was_left_by_mistake_and_it_can_be_mended(harness, taken_for_a_copy):
    hat = taken_for_a_copy("skip")

    ((what, _),) = told_of_copies(harness)
    harness.run("sort", str(hat.parent), "--yes")

    assert what.endswith(hat.name)
    assert not hat.exists()
    assert told_of_copies(harness) == []


def test_doctor_says_nothing_of_true_copies(harness, two_packs):
    harness.configure(duplicates="link")
    harness.run("sort", str(two_packs / "A"))
    harness.run("sort", str(two_packs / "B"))

    assert told_of_copies(harness) == []


def test_sorting_twice_says_that_a_copy_has_its_link_already_and_repeats_nothing(harness, two_packs):
    harness.configure(duplicates="link", action="copy")
    harness.run("sort", str(two_packs), "--action", "copy")
    again = harness.run("sort", str(two_packs), "--action", "copy").stdout
    entries = harness.entries()

    harness.run("sort", str(two_packs), "--action", "copy")

    there = harness.library / "kick/B/thud.wav"
    assert f"thud.flac left alone in ~/in/B (linked before as {there})" in again
    assert len(harness.entries()) == len(entries)


def test_an_archive_that_is_sorted_twice_does_not_call_its_sounds_copies_of_themselves(harness, two_packs):
    harness.configure(duplicates="skip")
    archive = two_packs / "A.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(two_packs / "A/kick.wav", "A/kick.wav")
    harness.run("sort", str(archive))

    again = harness.run("sort", str(archive)).stdout

    assert f"(filed before as {harness.library}/kick/A/kick.wav)" in again
    assert "A.zip: 0 of 1 sound filed, 1 in the library already." in again
    assert "the same sound" not in again


def test_why_says_that_a_copy_would_be_left_alone_where_filing_leaves_it(harness, two_packs):
    harness.configure(duplicates="skip")
    harness.run("sort", str(two_packs / "A"))

    explained = harness.run("why", str(two_packs / "B/thud.flac")).stdout

    assert f"duplicate: the same sound as {harness.library}/kick/A/kick.wav from A" in explained
    assert "would     be left alone" in explained
