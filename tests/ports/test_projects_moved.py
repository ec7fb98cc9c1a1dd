"""Sounds that were moved out of a tree a short while ago count as if they still lay there."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from project_trees import TREES, pack, put, sounds

from drumwatch.intake.projects import Survey, Surveyor
from drumwatch.journal import Journal, Plan
from drumwatch.packs.recently_moved import MARKER_MAY_FOLLOW, RecentlyMoved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def moved(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Move these sounds away, and say which they were."""
    gone: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        gone[str(path.parent)].add(path.name)
        path.unlink()
    return gone


def surveyed(root: Path, gone: dict[str, set[str]], **more: bool) -> Survey:
    return Surveyor().survey(root, **{"root_is_unit": False, **more}, moved=gone)


def sfz(path: Path, *names: str) -> Path:
    return put(path, "".join(f"<region> sample={name}\n" for name in names))


@pytest.mark.parametrize("kind", ["sfz", "hydrogen", "mpc_program_3", "decent_sampler"])
def test_an_instrument_all_of_whose_sounds_were_moved_away_is_one_all_the_same(tmp_path, kind):
    root = TREES[kind](tmp_path)
    before = Surveyor().survey(tmp_path, root_is_unit=False)
    gone = moved(root.rglob("*.wav"))

    assert Surveyor().survey(tmp_path, root_is_unit=False).projects == ()
    assert surveyed(tmp_path, gone).projects == before.projects


def test_folders_that_went_with_their_sounds_count_as_well(tmp_path):
    root = TREES["hydrogen"](tmp_path)
    before = Surveyor().survey(tmp_path, root_is_unit=False)
    gone = moved(root.rglob("*.wav"))
    for folder in gone.keys() - {str(root)}:
        shutil.rmtree(folder)

    assert surveyed(tmp_path, gone).projects == before.projects


def test_what_needs_the_few_sounds_that_are_left_is_not_what_the_folder_is(tmp_path):
    root = pack(tmp_path / "Pack")
    gone = moved(path for path in root.rglob("*.wav") if path.name != "kick 1.wav")
    document = sfz(root / "kit.sfz", "Kicks/kick 1.wav")

    survey = surveyed(tmp_path, gone)

    assert survey.projects == ()
    assert survey.kept_whole == {root: document}


def test_a_sound_that_was_moved_out_of_a_drawer_is_needed(tmp_path):
    sounds(tmp_path / "Kicks", *(f"kick {n}.wav" for n in range(8)))
    gone = moved((tmp_path / "Kicks").iterdir())
    document = sfz(tmp_path / "Kicks/kit.sfz", "kick 1.wav")
    put(tmp_path / "Kicks/taxes/return.pdf", b"%PDF")

    survey = surveyed(tmp_path, gone)

    assert survey.projects == ()
    assert survey.needed == {tmp_path / "Kicks/kick 1.wav": document}


def test_a_sound_that_lies_there_again_counts_once(tmp_path):
    made = sounds(tmp_path / "Kit", "a.wav", "b.wav", "c.wav", "d.wav")
    gone = moved(made)
    sounds(tmp_path / "Kit", "a.wav")
    sfz(tmp_path / "Kit/kit.sfz", "a.wav", "b.wav")

    assert [one.root.name for one in surveyed(tmp_path, gone).projects] == ["Kit"]


def test_a_few_scripts_are_no_program_because_the_sounds_have_been_moved(tmp_path):
    root = pack(tmp_path / "Pack", 120)
    put(root / "rename.py", "print()\n")
    gone = moved(list(root.rglob("*.wav"))[5:])

    assert surveyed(tmp_path, {}).projects != ()
    assert surveyed(tmp_path, gone).projects == ()


def test_what_was_moved_out_of_another_tree_does_not_count(tmp_path):
    gone = moved(sounds(tmp_path / "elsewhere", "a.wav"))
    sfz(tmp_path / "watched/Kit/kit.sfz", "a.wav")

    assert surveyed(tmp_path / "watched", gone) == Survey(tmp_path / "watched")


def test_a_flat_look_sees_what_lies_and_lay_directly_in_the_folder(tmp_path):
    gone = moved(sounds(tmp_path, "loop.wav", "other.wav")) | moved(sounds(tmp_path / "Pack", "a.wav"))
    document = put(tmp_path / "all.m3u", "loop.wav\nPack/a.wav\n")

    survey = surveyed(tmp_path, gone, is_flat=True)

    assert survey.needed == {tmp_path / "loop.wav": document}


# --- from the journal ---

NOW = 1_000_000.0


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal(":memory:") as made:
        yield made


def move(journal: Journal, path: Path, now: float = NOW, action: str = "move") -> None:
    batch = journal.batches.current(path.parents[1], path.parent.name, now)
    journal.entries.plan(Plan(batch, path, path, action, "default", "", state="done"), now)


def test_what_is_moved_later_is_read_on(tmp_path, journal):
    lately = RecentlyMoved(journal, clock=lambda: NOW)
    move(journal, tmp_path / "Pack/a.wav")
    assert lately.sounds_of(tmp_path) == {str(tmp_path / "Pack"): {"a.wav"}}

    move(journal, tmp_path / "Pack/b.wav")
    move(journal, tmp_path / "Other/c.wav")

    assert lately.sounds_of(tmp_path) == {
        str(tmp_path / "Pack"): {"a.wav", "b.wav"},
        str(tmp_path / "Other"): {"c.wav"},
    }


def test_copies_and_what_is_no_sound_do_not_count(tmp_path, journal):
    move(journal, tmp_path / "Pack/a.wav", action="copy")
    move(journal, tmp_path / "Pack/readme.txt")

    assert RecentlyMoved(journal, clock=lambda: NOW).sounds_of(tmp_path) == {}


def test_a_marker_does_not_come_after_any_time(tmp_path, journal):
    now = [NOW]
    lately = RecentlyMoved(journal, clock=lambda: now[0])
    move(journal, tmp_path / "Pack/a.wav")
    assert lately.sounds_of(tmp_path)

    now[0] += MARKER_MAY_FOLLOW + 1

    assert lately.sounds_of(tmp_path) == {}


def test_a_name_that_is_not_utf8_is_the_same_in_the_journal_and_in_the_tree(tmp_path, journal):
    name = os.fsdecode(b"k\xefck.wav")
    move(journal, tmp_path / "Pack" / name)

    assert RecentlyMoved(journal, clock=lambda: NOW).sounds_of(tmp_path) == {str(tmp_path / "Pack"): {name}}
