"""What `adopt` refuses before it hears a single sound, and when `init` offers it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from drumwatch.cli import cli
from drumwatch.core.errors import ConfigError, UsageError
from drumwatch.journal import Journal
from drumwatch.learning.retrain import OwnClass

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home/ada"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    return folder


def refusal(config: Path, library: Path, error: type[Exception] = UsageError) -> str:
    result = CliRunner().invoke(cli, ["--config", str(config), "adopt", str(library), "--yes"])

    assert isinstance(result.exception, error), result.output
    assert result.output == ""
    return str(result.exception)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_library_that_is_watched_at_the_same_time_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "Samples/Drums").mkdir(parents=True)
    config = written(tmp_path, f'[[watch]]\nfolder = "{tmp_path}/Samples"\n')
    before = config.read_bytes()

    whole, part = refusal(config, tmp_path / "Samples"), refusal(config, tmp_path / "Samples/Drums")

    assert "is watched and the library at once: sorted files would be sorted again" in whole
    assert 'add exclude = ["Drums"] to this watch, or move one of them' in part
    assert (config.read_bytes(), os.listdir(tmp_path / "Samples")) == (before, ["Drums"])


def test_a_layout_that_does_not_begin_with_the_label_is_refused(tmp_path):
    (tmp_path / "Samples").mkdir()
    config = written(tmp_path, 'layout = "Sorted/{label}/{name}"\n')

    assert "does not begin with {label}/, so sounds would not come into your folders" in refusal(
        config, tmp_path / "Samples"
    )


def test_without_a_configuration_it_says_how_to_get_one(tmp_path):
    (tmp_path / "Samples").mkdir()

    assert "`drumwatch init` writes one" in refusal(tmp_path / "no.toml", tmp_path / "Samples", ConfigError)


def test_a_folder_that_is_not_there_and_a_folder_of_the_system_are_refused(tmp_path, home):
    config = written(tmp_path, "")

    assert refusal(config, tmp_path / "None") == f"There is no folder {tmp_path}/None."
    assert "is your home folder, or holds it" in refusal(config, home)


def test_what_the_editor_cannot_change_is_said_at_the_beginning(tmp_path):
    (tmp_path / "Samples").mkdir()
    config = written(tmp_path, 'library = """/old"""\n')

    assert f'library = "{tmp_path}/Samples"' in refusal(config, tmp_path / "Samples", Exception)


def test_a_confirmation_from_a_machine_with_other_folders_means_the_last_part_of_its_path(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(written(tmp_path, "")))
    (tmp_path / "state").mkdir()
    labels = ["Drums/Claps", "FX/Zaps", "kick"]
    lines = [json.dumps({"sound": f"{n:064}", "label": one, "said": "hat"}) for n, one in enumerate(labels)]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines))

    CliRunner().invoke(cli, ["corrections", "import", str(tmp_path / "mine.jsonl")], catch_exceptions=False)

    with Journal(tmp_path / "state/journal.db") as journal:
        assert [one.label for one in journal.confirmations.all()] == ["clap", "Zaps", "kick"]


@pytest.mark.parametrize("folders", [[], ["_packs"], ["Kicks"]], ids=["empty", "ours", "theirs"])
def test_init_offers_to_hear_a_library_that_has_folders_already(tmp_path, folders):
    for folder in ("in", "Samples", *(f"Samples/{folder}" for folder in folders)):
        (tmp_path / folder).mkdir()
    answers = f"{tmp_path}/in\n{tmp_path}/Samples\nmove\nn\nn\n"

    result = CliRunner().invoke(
        cli, ["--config", str(tmp_path / "config.toml"), "init"], input=answers, standalone_mode=False
    )

    offered = "Hear them now? Ctrl-C stops it, and keeps what was heard [Y/n]: n" in result.output
    assert offered == (folders == ["Kicks"])
    assert (f"`drumwatch adopt {tmp_path}/Samples`" in result.output) == offered
    assert (tmp_path / "config.toml").exists()


@pytest.mark.parametrize(
    ("recognized", "taken", "apart"),
    [(24, 0, True), (15, 3, True), (13, 0, False), (20, 8, False), (0, 0, False)],
)
def test_a_class_is_told_apart_if_most_of_it_is_recognized_and_little_else_is_taken_for_it(
    recognized, taken, apart
):
    assert OwnClass(24, recognized, taken).is_told_apart is apart
