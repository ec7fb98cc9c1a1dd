"""The same sound in two packs: equal by its decoded samples, not by its bytes."""

import json
import os

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
