"""A dry run, its report and the sorting itself: each sound is heard once."""

import zipfile

import pytest

SOUNDS = 5


@pytest.fixture
def old(studio, tmp_path):
    for n in range(SOUNDS):
        studio.drop(f"Pack/{n}.wav", hz=50 + n, folder=tmp_path / "old")
    return tmp_path / "old"


def known(studio, *words: object) -> int:
    """How many sounds `sort` had heard before."""
    summary = studio.say("sort", *map(str, words)).stderr.strip().splitlines()[-1]
    return int(summary.split(". ")[-1].split()[0]) if "had been heard before" in summary else 0


def test_a_dry_run_its_report_and_the_sorting_hear_each_sound_once(studio, old, tmp_path):
    heard_before = [
        known(studio, old, "--dry-run"),
        known(studio, old, "--dry-run", "--report", tmp_path / "page.html"),
        known(studio, old),
    ]

    assert heard_before == [0, SOUNDS, SOUNDS]
    assert len(studio.tree(studio.library)) == SOUNDS


def test_it_is_the_content_that_is_known_not_the_name(studio, old, tmp_path):
    known(studio, old, "--dry-run")
    with zipfile.ZipFile(tmp_path / "Other.zip", "w") as made:
        for path in sorted(old.rglob("*.wav")):
            made.write(path, f"renamed {path.name}")

    assert known(studio, tmp_path / "Other.zip") == SOUNDS


def test_a_sound_that_has_changed_under_its_name_is_heard_again(studio, old):
    known(studio, old, "--dry-run")
    studio.drop("Pack/0.wav", hz=90, folder=old)

    assert known(studio, old) == SOUNDS - 1


def test_a_sound_that_was_tagged_is_still_known(studio, old):
    known(studio, old, "--action", "tag")

    assert known(studio, old, "--action", "tag") == SOUNDS


def test_a_cache_that_is_broken_costs_nothing_but_time(studio, old):
    known(studio, old, "--dry-run")
    (studio.state / "heard.db").write_bytes(b"?" * 9000)

    assert known(studio, old) == 0
    assert len(studio.tree(studio.library / "kick")) == SOUNDS
