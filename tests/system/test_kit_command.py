"""A kit by the real command: sounds are sorted, chosen, converted by a worker, and taken out again."""

from __future__ import annotations

import re

import soundfile
import sounds


def test_a_kit_for_a_device_is_made_of_what_was_sorted_and_taken_out_by_its_batch(harness):
    for number in range(3):
        sounds.write(
            harness.intake / f"kick {number}.wav", sounds.decaying_sine(50 + 9 * number), subtype="PCM_24"
        )
        sounds.write(harness.intake / f"hat {number}.wav", sounds.noise_burst(seed=number), subtype="PCM_24")
    harness.run("sort", str(harness.intake), "--yes")
    library = sorted(path for path in harness.library.rglob("*.wav"))
    before = [path.read_bytes() for path in library]
    kit = harness.library / "_kits/Live"

    proposed = harness.run("kit", "Live", "--size", "4", "--seed", "3", "--for", "mpc", "--dry-run")
    nothing_yet = not kit.exists()
    made = harness.run("kit", "Live", "--size", "4", "--seed", "3", "--for", "mpc")
    files = sorted(kit.iterdir())
    formats = {(info.samplerate, info.subtype) for info in map(soundfile.info, files)}
    batch = re.search(r"undo --batch (\d+)", made.stderr)[1]
    harness.run("undo", "--batch", batch)

    assert nothing_yet
    assert files
    assert all(path.name in made.stdout and path.name in proposed.stdout for path in files)
    assert formats == {(44_100, "PCM_16")}
    assert [path.read_bytes() for path in library] == before
    assert not kit.exists()
    assert "is not there" in harness.run("kit", "Live", "--like", "no.wav", code=2).stderr
