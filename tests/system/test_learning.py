"""A correction reaches similar sounds at once, and the model by retraining."""

from __future__ import annotations

import json
import shutil
import zipfile

import numpy as np
import pytest
import soundfile
import sounds
from daemon_harness import TIMEOUT, DaemonHarness

from drumwatch.core.records import LABELS
from drumwatch.journal import Journal
from drumwatch.workers import model_store


def corrected_kick(harness) -> None:
    """A kick was filed, and its user calls it a hat."""
    harness.drop()
    harness.sort()
    harness.run("correct", str(harness.library / "kick/kick.wav"), "hat")


def test_a_near_copy_of_a_corrected_sound_follows_it_at_once_and_another_kick_does_not(harness):
    corrected_kick(harness)

    sounds.write(harness.intake / "softer.wav", sounds.kick() * 0.5)
    sounds.write(harness.intake / "boom.wav", sounds.decaying_sine(60.0, 0.5))
    harness.sort()

    reasons = {entry.source.name: entry.reason for entry in harness.entries()}
    assert "as you said of a near copy" in reasons["softer.wav"]
    assert harness.tree() == ["library/hat/kick.wav", "library/hat/softer.wav", "library/kick/boom.wav"]


def test_once_it_is_taken_back_no_copy_follows(harness):
    corrected_kick(harness)
    harness.run("undo", "--last", "1")

    sounds.write(harness.intake / "softer.wav", sounds.kick() * 0.5)
    harness.sort()

    assert harness.tree() == ["library/kick/kick.wav", "library/kick/softer.wav"]


def test_why_shows_what_a_copy_was_called(harness):
    corrected_kick(harness)
    softer = sounds.write(harness.config.parent / "softer.wav", sounds.kick() * 0.5)

    reported = json.loads(harness.run("why", str(softer), "--json").stdout)

    assert "as you said of a near copy" in reported["reason"]


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
def trained(tmp_path_factory):
    """The state folder of a user who has trained a class of their own from a folder, and what `train` printed; it takes seconds."""
    harness = DaemonHarness(tmp_path_factory.mktemp("trained"))
    blips(harness.config.parent / "mine/blips", 24)
    return harness.state, harness.run("train", str(harness.config.parent / "mine")).stdout


@pytest.fixture
def trained_harness(harness, trained):
    """A daemon harness with the state of that user."""
    shutil.copytree(trained[0], harness.state, dirs_exist_ok=True)
    return harness


def test_a_folder_of_twenty_sounds_is_a_class_that_new_sounds_are_filed_by(trained_harness):
    blips(trained_harness.intake, 3, seed=1)

    trained_harness.sort()

    assert [name for name in trained_harness.tree() if "blips/" in name] == [
        f"library/blips/blip {number}.wav" for number in range(3)
    ]
    assert {entry.model for entry in trained_harness.entries()} == {model_in_force(trained_harness)}


def test_folders_to_train_from_mean_labels_however_written_and_a_likely_typing_error_is_reported(harness):
    mine = harness.config.parent / "mine"
    for number, name in enumerate(("Kicks", "Claps", "kik", "stabs")):
        harness.drop("a.wav", hz=50 + 9 * number, folder=mine / name)

    output = harness.run("train", str(mine), code=None)

    labels = {json.loads(line)["label"] for line in harness.run("corrections", "export").stdout.splitlines()}
    assert labels == {"kick", "clap", "kik", "stabs"}
    assert '"kik" is no label that is known' in output.stderr
    assert "did you mean kick?" in output.stderr
    assert '"stabs"' not in output.stderr


def model_in_force(harness) -> str:
    shown = harness.run("model", "list", "--json").stdout.splitlines()
    return next(model["id"] for model in map(json.loads, shown) if model["in_force"])


def test_a_retraining_reports_what_changes_and_can_be_taken_back(trained_harness, trained):
    assert "is in force from now on" in trained[1]
    assert (
        "Of your 24 sounds, held out of its training, it classifies 24 correctly; the shipped model, 0."
        in trained[1]
    )

    trained_harness.run("model", "use", "shipped")

    assert model_in_force(trained_harness).startswith("dw")


def test_a_model_is_given_to_another_machine_without_a_sound(trained_harness, tmp_path):
    given = model_in_force(trained_harness)
    trained_harness.run("model", "export", str(tmp_path / "mine.zip"))
    trained_harness.environment["DRUMWATCH_STATE"] = str(tmp_path / "other machine")

    trained_harness.run("model", "import", str(tmp_path / "mine.zip"))
    trained_harness.run("model", "use", given)

    assert model_in_force(trained_harness) == given
    blips(trained_harness.config.parent, 1, seed=2)
    output = trained_harness.run("classify", str(trained_harness.config.parent / "blip 0.wav"), "--json")
    assert json.loads(output.stdout)["label"] == "blips"


def test_a_model_that_was_tampered_with_is_not_taken_in(trained_harness, tmp_path):
    trained_harness.run("model", "export", str(tmp_path / "mine.zip"))
    with zipfile.ZipFile(tmp_path / "mine.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        bad.writestr("model.npz", good.read("model.npz")[:-10])
        bad.writestr("model.json", good.read("model.json"))

    output = trained_harness.run("model", "import", str(tmp_path / "bad.zip"), code=2)

    assert "was not imported" in output.stderr


def test_error_rates_of_the_shipped_labels_are_never_taken_from_an_imported_model(trained_harness, tmp_path):
    trained_harness.run("model", "export", str(tmp_path / "mine.zip"))
    harmless = {label: [[0.0, 0.0]] for label in LABELS}
    risks = ("risk", "risk_with_neighbors", "risk_with_name")
    with zipfile.ZipFile(tmp_path / "mine.zip") as good, zipfile.ZipFile(tmp_path / "bold.zip", "w") as bold:
        card = json.loads(good.read("model.json"))
        bold.writestr("model.npz", good.read("model.npz"))
        bold.writestr("model.json", json.dumps({**card, **dict.fromkeys(risks, harmless)}))
    trained_harness.environment["DRUMWATCH_STATE"] = str(tmp_path / "other machine")

    trained_harness.run("model", "import", str(tmp_path / "bold.zip"))

    (kept,) = (tmp_path / "other machine/models").glob("*.json")
    stored, shipped = json.loads(kept.read_text("utf-8")), model_store.shipped().card
    assert [{label: stored[name][label] for label in LABELS} for name in risks] == [
        shipped[name] for name in risks
    ]


def test_the_running_daemon_takes_up_a_model_with_the_next_sound(trained_harness):
    own = model_in_force(trained_harness)
    trained_harness.run("model", "use", "shipped")
    trained_harness.start()
    trained_harness.drop("first.wav")
    trained_harness.wait_for(1)

    trained_harness.run("model", "use", own)
    blips(trained_harness.intake, 1, seed=1)
    trained_harness.wait_for(2)

    first, second = (entry.model for entry in trained_harness.entries())
    assert first.startswith("dw")
    assert second == own


def test_enough_corrections_become_a_model_by_themselves(harness):
    harness.configure(learn_after=3, rescan=1)
    harness.start()
    for number in range(3):
        sounds.write(harness.intake / f"k{number}.wav", sounds.decaying_sine(50.0 + 9 * number))
    harness.wait_for(3)
    filed = [entry.destination or entry.source for entry in harness.entries()]
    harness.run("correct", *map(str, filed), "snare")

    harness.wait_for_log("The model my", timeout=3 * TIMEOUT)  # training has the lowest priority

    with Journal(harness.state / "journal.db") as journal:
        assert "my" in journal.state.get()["last_model"]["what"]


def test_a_model_that_is_gone_leaves_the_shipped_one_in_force(trained_harness):
    shutil.rmtree(trained_harness.state / "models")
    (trained_harness.state / "models").mkdir()
    (trained_harness.state / "models/in-force").write_text("my2-00000000")

    output = trained_harness.run("model", "list")

    assert "is in force" in output.stderr
    assert "* dw" in output.stdout
