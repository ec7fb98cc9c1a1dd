"""The daemon judges a pack as a whole, and a single file with what came before it."""

from __future__ import annotations

import zipfile

import sounds


def test_a_folder_a_zip_and_single_files_are_judged_with_their_neighbors(harness, tmp_path):
    harness.start()
    for number in (1, 2, 3):
        harness.drop(f"boom {number}.wav", hz=45 + 5 * number, folder=harness.intake / "Acme Booms")
    with zipfile.ZipFile(harness.intake / "Thuds.zip", "w") as archive:
        for number in (1, 2):
            thud = sounds.write(tmp_path / f"thud {number}.wav", sounds.decaying_sine(80 + number))
            archive.write(thud, thud.name)
    harness.wait_until(lambda: len(harness.verdicts("boom", "thud")) == 5, "both packs are filed")
    harness.drop("blip 1.wav", hz=120)
    harness.wait_until(lambda: harness.verdicts("blip"), "the first single file is filed")
    harness.drop("blip 2.wav", hz=130)
    harness.wait_until(lambda: len(harness.verdicts("blip")) == 2, "the second single file is filed")
    harness.stop()

    found = harness.verdicts("boom", "thud", "blip")
    assert {name for name, verdict in found.items() if verdict.context_strength} == {
        *(f"boom {number}.wav" for number in (1, 2, 3)),
        *(f"thud {number}.wav" for number in (1, 2)),
        "blip 2.wav",
    }
    explained = [harness.run("why", str(path)).stdout for path in harness.library.rglob("boom*.wav")]
    assert len(explained) == 3
    assert all("neighbors" in text and "named like it" in text for text in explained), explained
    assert not [path for path in harness.tree(harness.intake) if "zip" not in path]


def test_what_waits_is_filed_when_neighbors_come(harness):
    harness.configure(max_wrong=0.05)
    harness.start()
    sounds.write(harness.intake / "ghost 1.wav", sounds.doubtful_hat(1))
    (waiting,) = harness.wait_for(1)
    assert waiting.rule == "unsure"

    for number in (2, 3, 4):
        path = harness.intake / f"ghost {number}.wav"
        sounds.write(path, sounds.doubtful_hat(number))
    harness.wait_until(lambda: not harness.tree(harness.intake), "all of them are filed")

    harness.stop()
    assert {entry.label for entry in harness.entries(states=("done",)) if entry.action == "move"} == {"hat"}
