"""A state folder, a journal, a model and a configuration of an earlier version are used as they are."""

from __future__ import annotations

import json
from pathlib import Path

import earlier_version
import exact_sounds
import pytest

from drumwatch.config import parse

STORED = Path(__file__).parents[1] / "data/state-874baa8"
MODEL = (STORED / "models/in-force").read_text("utf-8").strip()
WATCHED = ("intake", "other intake", "shelf", "mine")
LONG_AGO = "2020-01-01"


@pytest.fixture
def earlier(harness):
    """A daemon harness in which the earlier version has worked for a day."""
    earlier_version.restore(STORED, harness.config.parent)
    return harness


def files_in(harness, *tops) -> dict[str, bytes]:
    """Every file in these folders with its bytes; a link counts as a file that says where it leads."""
    root = harness.config.parent
    return {
        path.relative_to(root).as_posix(): bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
        for top in tops
        for path in (root / top).rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_the_log_of_an_earlier_version_reads_as_it_was_written(earlier):
    reported = earlier.run_json("log")

    assert [entry["id"] for entry in reported] == list(range(1, len(reported) + 1))
    assert {entry["action"] for entry in reported} == {"move", "copy", "hardlink", "symlink", "tag", "leave"}
    assert {entry["state"] for entry in reported} == {"done", "failed", "undone"}
    assert {entry["pack"] for entry in reported} == {None, "Ada Kit", "again", "Bits"}
    assert sorted(entry["undoes"] for entry in reported if entry["undoes"]) == [6, 24, 27]


def test_status_and_the_models_of_an_earlier_version_are_reported(earlier):
    status = earlier.run("status", code=None).stdout

    assert "1 unsure: `drumwatch review`" in status
    assert "broken.wav" in status
    models = earlier.run("model", "list")
    assert f"  {MODEL}" in models.stdout
    assert f"{MODEL} was trained for another model" in models.stderr


def test_all_that_an_earlier_version_did_is_undone_to_the_byte(earlier):
    earlier.run("undo", "--since", LONG_AGO)

    assert files_in(earlier, *WATCHED) == earlier_version.files_before()
    assert files_in(earlier, "library") == {}


def test_one_pack_of_an_earlier_version_is_undone_by_itself(earlier):
    kit = next(entry["batch"] for entry in earlier.run_json("log") if entry["pack"] == "Ada Kit")

    earlier.run("undo", "--batch", str(kit))

    before = {name: data for name, data in earlier_version.files_before().items() if "Ada Kit" in name}
    after = files_in(earlier, *WATCHED, "library")
    assert {name: data for name, data in after.items() if "Ada Kit" in name} == before


def test_what_an_earlier_version_learned_goes_on_after_a_training_for_the_model_of_this_one(earlier):
    earlier.run("train")
    exact_sounds.write(earlier.intake / "new rise.wav", exact_sounds.blip(11))
    exact_sounds.write(earlier.intake / "new kick.wav", exact_sounds.kick(20))

    earlier.run("run", "--once")

    filed = {entry.source.name: entry for entry in earlier.entries() if entry.source.name.startswith("new")}
    assert filed["new rise.wav"].destination == earlier.library / "blips/new rise.wav"
    assert filed["new kick.wav"].destination == earlier.library / "kick/new kick.wav"
    (model,) = {entry.model for entry in filed.values()}
    assert f"* {model}" in earlier.run("model", "list").stdout
    assert model.startswith("my2-")


def test_an_earlier_version_sees_nothing_twice_and_nothing_old_as_new(earlier):
    before = len(earlier.entries())

    earlier.run("run", "--once")

    assert {entry.source.name for entry in earlier.entries()[before:]} <= {"broken.wav"}


def test_a_sound_filed_by_an_earlier_version_is_corrected_and_learned_from(earlier):
    earlier.run("correct", str(earlier.library / "snare/snare.wav"), "clap")

    reported = earlier.run("train").stdout

    assert (earlier.library / "percussion/snare.wav").exists()
    assert "Of your 24 sounds" in reported
    earlier.run("undo", "--since", LONG_AGO)
    assert files_in(earlier, *WATCHED) == earlier_version.files_before()


def test_a_sound_filed_by_an_earlier_version_and_dragged_to_another_label_is_a_correction(earlier):
    (earlier.library / "kick/kick.wav").rename(earlier.library / "snare/moved.wav")

    result = earlier.run("run", "--once")

    assert "you put it into snare" in result.stderr
    earlier.run("undo", "--since", LONG_AGO)
    assert files_in(earlier, *WATCHED) == earlier_version.files_before()


def test_confirmations_of_an_earlier_version_are_exported(earlier):
    reported = [json.loads(line) for line in earlier.run("corrections", "export").stdout.splitlines()]

    assert sorted({each["label"] for each in reported}) == ["blips", "kick", "tom"]


def test_the_example_configuration_of_an_earlier_version_still_loads(tmp_path):
    config = parse((STORED / "config.example.toml").read_text("utf-8"), home=tmp_path)

    assert [watch.folder.name for watch in config.watches] == ["Downloads"]
    assert config.watches[0].library == tmp_path / "Music/Drum Library"
