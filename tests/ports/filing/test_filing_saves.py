"""A person saves a sound at any moment of an action or an undo: the save is kept, under a name that the person finds."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folder_trees
import pytest
from action_scenarios import NO_LINK, NO_RENAME, PLACE, SOUND, Variant, unknown_call
from folder_trees import all_files, make_files, read_files
from saving_editor import EDITED, EDITORS, ByRename, Editor, Interruptions, OpenInPlace

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import disk
from drumwatch.system import file_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from folder_trees import ActionRunner

NO_EXCHANGE = ("exchange",)
WAYS = [
    Variant("move"),
    Variant("move", without=NO_RENAME),
    Variant("move", across=True),
    Variant("move", across=True, without=NO_LINK),
    Variant("copy"),
    Variant("hardlink"),
    Variant("tag", place=None),
    Variant("tag", place=None, without=NO_EXCHANGE),
    Variant("tag", place=None, without=(*NO_EXCHANGE, *NO_RENAME)),
]
needs_leases = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who writes to a file")


def write_tags(_: Path, temp: Path, *wanted: Any) -> dict[str, str]:
    """A tagger that looks at its copy only."""
    return folder_trees.write_tags(temp, temp, *wanted)


class Desk:
    """A watched folder and a library, made anew for each save."""

    def __init__(self, root: Path, other: Path, runner: ActionRunner, way: Variant) -> None:
        root.mkdir()
        self.runner, self.way = runner, way
        self.watch, self.library = root / "in", (other if way.across else root) / f"Library {root.name}"
        make_files(self.watch, {"kick.wav": SOUND})
        self.library.mkdir()
        runner.library, runner.backups, runner.write = self.library, root / "backups", write_tags

    def plan(self) -> None:
        self.runner.plan(self.way.kind, self.watch / "kick.wav", self.way.place)

    def act(self) -> None:
        self.runner.act()

    def do(self) -> None:
        self.plan()
        self.act()

    def undo(self) -> None:
        self.runner.undo()

    def arrived(self) -> Path:
        return self.watch / "kick.wav"

    def filed(self) -> Path:
        return self.runner.entry.destination or self.watch / "kick.wav"

    def check_kept(self, editor: Editor) -> None:
        files = [*all_files(self.watch), *all_files(self.library)]
        hidden = [path.name for path in files if path.name.startswith(".")]
        assert hidden == []
        if editor.saved:
            assert editor.content in [path.read_bytes() for path in files]


@pytest.fixture(params=WAYS, ids=str)
def desks(request, monkeypatch, tmp_path, other_disk, runner) -> Iterator[Desk]:
    for call in request.param.without:
        monkeypatch.setattr(disk, call, unknown_call)
    return (Desk(tmp_path / str(number), other_disk, runner, request.param) for number in range(1000))


def save_before_each_call(
    desks: Iterator[Desk],
    interruptions: Interruptions,
    kind: type[Editor],
    work: Callable[[Desk], None],
    *,
    prepare: Callable[[Desk], object],
    edited: Callable[[Desk], Path],
) -> None:
    for call in range(1, 200):
        desk = next(desks)
        prepare(desk)
        editor = kind(edited(desk))
        with interruptions.before(call, editor.save), contextlib.suppress(ActionFailed, CannotUndo):
            work(desk)
        ended = interruptions.calls < call
        if ended:
            editor.save()  # after all is done
        desk.check_kept(editor)
        if ended:
            assert call > 5
            return
    pytest.fail("200 calls were not enough")


@needs_leases
@pytest.mark.parametrize("kind", EDITORS)
def test_a_save_at_any_moment_of_an_action_is_kept(desks, monkeypatch, kind):
    interruptions = Interruptions(monkeypatch)
    save_before_each_call(desks, interruptions, kind, Desk.act, prepare=Desk.plan, edited=Desk.arrived)


@needs_leases
@pytest.mark.parametrize("kind", EDITORS)
def test_a_save_at_any_moment_of_an_undo_is_kept(desks, monkeypatch, kind):
    interruptions = Interruptions(monkeypatch)
    save_before_each_call(desks, interruptions, kind, Desk.undo, prepare=Desk.do, edited=Desk.filed)
