"""An entry of a kind that only a newer version knows is left for that version."""

from dataclasses import replace

import pytest
from folder_trees import make_files, read_files

from drumwatch.core.errors import CannotUndo


def test_an_unknown_action_is_not_undone(desk, tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": b"thump"}})
    desk.plan("convert", tmp_path / "in/kick.wav")
    desk.entry = replace(desk.entry, state="done", destination=tmp_path / "in/kick.wav")

    with pytest.raises(CannotUndo, match='does not know the action "convert"'):
        desk.undo()

    assert read_files(tmp_path / "in") == {"kick.wav": b"thump"}


def test_an_unknown_action_that_was_interrupted_stays_planned(desk, tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": b"thump"}})
    desk.plan("convert", tmp_path / "in/kick.wav")

    found = desk.recover()

    assert (found.state, found.path) == ("planned", tmp_path / "in/kick.wav")
    assert read_files(tmp_path / "in") == {"kick.wav": b"thump"}
