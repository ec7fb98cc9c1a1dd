"""The daemon, or a command, is killed at random moments: no sound is lost, and the next start leaves everything in order."""

from __future__ import annotations

import project_trees
import pytest
import sounds
from kill_harness import KillRun, Variant
from kill_trials import ACROSS, PACK, ZIP, KillTrial, Lot


@pytest.fixture
def few_sounds(tmp_path):
    """A few drums that no one has seen, in the formats that can be tagged."""
    folder = tmp_path / "originals"
    folder.mkdir()
    names = ("kick 1.wav", "kick 2.flac", "snare.wav", "kick 3.aiff")
    drums = (
        sounds.decaying_sine(50),
        sounds.decaying_sine(60),
        sounds.noise_burst(),
        sounds.decaying_sine(70),
    )
    return [sounds.write(folder / name, y) for name, y in zip(names, drums, strict=True)]


@pytest.mark.parametrize("variant", [Variant("move", across=True), Variant("tag")], ids=str)
def test_a_kill_at_any_moment_costs_no_sound(tmp_path, memory_disk, few_sounds, variant):
    run = KillRun(tmp_path, memory_disk, few_sounds, variant, seed=7)

    for kill in (run.kill_once, run.kill_once, run.kill_an_undo, run.kill_once):
        kill()

    run.undo_everything()


@pytest.mark.parametrize(
    "lot", [Lot("sort", PACK, 4), Lot("review", ACROSS, 4), Lot("unpacking", ZIP, 2)], ids=str
)
def test_a_kill_of_any_command_costs_nothing_leaves_nothing_and_is_undone(tmp_path, memory_disk, lot):
    originals = project_trees.sounds(tmp_path / "originals", *(f"drum {n}.wav" for n in range(8)))
    (tmp_path / "trial").mkdir()
    trial = KillTrial(tmp_path / "trial", memory_disk, originals, lot)

    trial.run()

    assert trial.was_killed
