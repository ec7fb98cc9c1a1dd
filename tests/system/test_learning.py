"""What the user says reaches sounds like it at once, and the model by a lesson."""

from __future__ import annotations

import json
import shutil
import zipfile

import numpy as np
import pytest
import soundfile
import sounds
from daemon_harness import PATIENCE, DaemonHarness

from drumwatch.journal import Journal


def corrected_kick(harness) -> None:
    """A kick was filed, and its user calls it a hat."""
    harness.say("run", "--once")
    harness.drop()
    harness.say("run", "--once")
    harness.say("correct", str(harness.library / "kick/kick.wav"), "hat")


def test_a_near_copy_of_a_corrected_sound_follows_it_at_once_and_another_kick_does_not(harness):
    corrected_kick(harness)

    sounds.write(harness.intake / "softer.wav", sounds.kick() * 0.5)
    sounds.write(harness.intake / "boom.wav", sounds.decaying_sine(60.0, 0.5))
    harness.say("run", "--once")

    reasons = {entry.source.name: entry.reason for entry in harness.entries()}
    assert "as you said of a near copy" in reasons["softer.wav"]
    assert harness.tree() == ["library/hat/kick.wav", "library/hat/softer.wav", "library/kick/boom.wav"]


def test_once_it_is_taken_back_no_copy_follows(harness):
    corrected_kick(harness)
    harness.say("undo", "--last", "1")

    sounds.write(harness.intake / "softer.wav", sounds.kick() * 0.5)
    harness.say("run", "--once")

    assert harness.tree() == ["library/kick/kick.wav", "library/kick/softer.wav"]


def test_why_tells_what_a_copy_was_called(harness):
    corrected_kick(harness)
    softer = sounds.write(harness.config.parent / "softer.wav", sounds.kick() * 0.5)

    told = json.loads(harness.say("why", str(softer), "--json").stdout)

    assert "as you said of a near copy" in told["reason"]


def blips(folder, count: int, seed: int = 0) -> None:
    """Sounds that no drum makes: two tones that rise, from a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        t = np.arange(int(44_100 * 0.25)) / 44_100
        hz = 600 + 200 * rng.random()
        y = np.sin(2 * np.pi * (hz * t + 3000 * t * t)) * np.exp(-t / (0.05 + 0.02 * rng.random()))
        soundfile.write(folder / f"blip {number}.wav", 0.5 * y, 44_100)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The state folder of a user who has taught a class of their own from a folder, and what they were told; it takes seconds."""
    harness = DaemonHarness(tmp_path_factory.mktemp("lesson"))
    blips(harness.config.parent / "mine/blips", 24)
    return harness.state, harness.say("train", str(harness.config.parent / "mine")).stdout


@pytest.fixture
def taught(harness, lesson):
    """A studio of that user's."""
    shutil.copytree(lesson[0], harness.state, dirs_exist_ok=True)
    return harness


def test_a_folder_of_twenty_sounds_is_a_class_that_new_sounds_are_filed_by(taught):
    taught.say("run", "--once")
    blips(taught.intake, 3, seed=1)

    taught.say("run", "--once")

    assert [name for name in taught.tree() if "blips/" in name] == [
        f"library/blips/blip {number}.wav" for number in range(3)
    ]
    assert {entry.model for entry in taught.entries()} == {model_in_force(taught)}


def test_folders_to_train_from_mean_labels_however_written_and_a_likely_slip_is_told(harness):
    mine = harness.config.parent / "mine"
    for number, name in enumerate(("Kicks", "Claps", "kik", "stabs")):
        harness.drop("a.wav", hz=50 + 9 * number, folder=mine / name)

    said = harness.say("train", str(mine), code=None)

    labels = {json.loads(line)["label"] for line in harness.say("corrections", "export").stdout.splitlines()}
    assert labels == {"kick", "clap", "kik", "stabs"}
    assert '"kik" is no label that is known' in said.stderr
    assert "did you mean kick?" in said.stderr
    assert '"stabs"' not in said.stderr


def model_in_force(harness) -> str:
    shown = harness.say("model", "list", "--json").stdout.splitlines()
    return next(model["id"] for model in map(json.loads, shown) if model["in_force"])


def test_a_lesson_tells_what_changes_and_can_be_taken_back(taught, lesson):
    assert "is in force from now on" in lesson[1]
    assert (
        "Of your 24 sounds, held out of its training, it classifies 24 correctly; the shipped model, 0."
        in lesson[1]
    )

    taught.say("model", "use", "shipped")

    assert model_in_force(taught).startswith("dw")


def test_a_model_is_given_to_another_machine_without_a_sound(taught, tmp_path):
    given = model_in_force(taught)
    taught.say("model", "export", str(tmp_path / "mine.zip"))
    taught.environment["DRUMWATCH_STATE"] = str(tmp_path / "other machine")

    taught.say("model", "import", str(tmp_path / "mine.zip"))
    taught.say("model", "use", given)

    assert model_in_force(taught) == given
    blips(taught.config.parent, 1, seed=2)
    said = taught.say("classify", str(taught.config.parent / "blip 0.wav"), "--json")
    assert json.loads(said.stdout)["label"] == "blips"


def test_a_model_that_was_tampered_with_is_not_taken_in(taught, tmp_path):
    taught.say("model", "export", str(tmp_path / "mine.zip"))
    with zipfile.ZipFile(tmp_path / "mine.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        bad.writestr("model.npz", good.read("model.npz")[:-10])
        bad.writestr("model.json", good.read("model.json"))

    said = taught.say("model", "import", str(tmp_path / "bad.zip"), code=2)

    assert "was not imported" in said.stderr


def test_the_running_daemon_takes_up_a_model_with_the_next_sound(taught):
    own = model_in_force(taught)
    taught.say("model", "use", "shipped")
    taught.start()
    taught.drop("first.wav")
    taught.wait_for(1)

    taught.say("model", "use", own)
    blips(taught.intake, 1, seed=1)
    taught.wait_for(2)

    first, second = (entry.model for entry in taught.entries())
    assert first.startswith("dw")
    assert second == own


def test_enough_corrections_become_a_model_by_themselves(harness):
    harness.configure(learn_after=3, rescan=1)
    harness.start()
    for number in range(3):
        sounds.write(harness.intake / f"k{number}.wav", sounds.decaying_sine(50.0 + 9 * number))
    harness.wait_for(3)
    filed = [entry.destination or entry.source for entry in harness.entries()]
    harness.say("correct", *map(str, filed), "snare")

    harness.wait_for_log("The model my", patience=3 * PATIENCE)  # lessons stand back behind everything else

    with Journal(harness.state / "journal.db") as journal:
        assert "my" in journal.state.get()["last_model"]["what"]


def test_a_model_that_is_gone_leaves_the_shipped_one_in_force(taught):
    shutil.rmtree(taught.state / "models")
    (taught.state / "models").mkdir()
    (taught.state / "models/in-force").write_text("my2-00000000")

    said = taught.say("model", "list")

    assert "is in force" in said.stderr
    assert "* dw" in said.stdout
