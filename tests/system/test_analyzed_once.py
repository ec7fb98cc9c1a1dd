"""A dry run, its report and the sorting itself: each sound is analyzed once."""

import zipfile

import pytest

SOUNDS = 5


@pytest.fixture
def old(harness, tmp_path):
    for n in range(SOUNDS):
        harness.drop(f"Pack/{n}.wav", hz=50 + n, folder=tmp_path / "old")
    return tmp_path / "old"


def known(harness, *words: object) -> int:
    """How many sounds `sort` had analyzed before."""
    lines = harness.run("sort", *map(str, words)).stderr.splitlines()
    summary = next(line for line in lines if " looked at: " in line or " would be sorted: " in line)
    return int(summary.split(". ")[-1].split()[0]) if "had been heard before" in summary else 0


def test_a_dry_run_its_report_and_the_sorting_analyze_each_sound_once(harness, old, tmp_path):
    heard_before = [
        known(harness, old, "--dry-run"),
        known(harness, old, "--dry-run", "--report", tmp_path / "page.html"),
        known(harness, old),
    ]

    assert heard_before == [0, SOUNDS, SOUNDS]
    assert len(harness.tree(harness.library)) == SOUNDS


def test_it_is_the_content_that_is_known_not_the_name(harness, old, tmp_path):
    known(harness, old, "--dry-run")
    with zipfile.ZipFile(tmp_path / "Other.zip", "w") as made:
        for path in sorted(old.rglob("*.wav")):
            made.write(path, f"renamed {path.name}")

    assert known(harness, tmp_path / "Other.zip") == SOUNDS


def test_a_sound_that_has_changed_under_its_name_is_analyzed_again(harness, old):
    known(harness, old, "--dry-run")
    harness.drop("Pack/0.wav", hz=90, folder=old)

    assert known(harness, old) == SOUNDS - 1


def test_a_sound_that_was_tagged_is_still_known(harness, old):
    known(harness, old, "--action", "tag")

    assert known(harness, old, "--action", "tag") == SOUNDS


def test_a_cache_that_is_broken_costs_nothing_but_time(harness, old):
    known(harness, old, "--dry-run")
    (harness.state / "heard.db").write_bytes(b"?" * 9000)

    assert known(harness, old) == 0
    assert len(harness.tree(harness.library / "kick")) == SOUNDS
