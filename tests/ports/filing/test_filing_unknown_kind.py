"""An entry of a kind that only a newer version knows is left for that version."""

from dataclasses import replace

import pytest
from folder_trees import make_files, read_files

from drumwatch.core.errors import CannotUndo


def test_an_unknown_action_is_not_undone(runner, tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": b"thump"}})
    runner.plan("transpose", tmp_path / "in/kick.wav")
    runner.entry = replace(runner.entry, state="done", destination=tmp_path / "in/kick.wav")

    with pytest.raises(CannotUndo, match='does not know the action "transpose"'):
        runner.undo()

    assert read_files(tmp_path / "in") == {"kick.wav": b"thump"}


def test_an_unknown_action_that_was_interrupted_stays_planned(runner, tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": b"thump"}})
    runner.plan("transpose", tmp_path / "in/kick.wav")

    found = runner.recover()

    assert (found.state, found.path) == ("planned", tmp_path / "in/kick.wav")
    assert read_files(tmp_path / "in") == {"kick.wav": b"thump"}
