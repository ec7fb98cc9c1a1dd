"""The daemon is killed at random moments: no sound is lost, and the next start leaves everything in order."""

from __future__ import annotations

import pytest
import sounds
from kill_harness import KillRun, Variant


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
