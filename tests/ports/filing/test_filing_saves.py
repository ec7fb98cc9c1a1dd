"""A person saves a sound at any moment of an action or an undo: the save is kept, under a name that the person finds."""

from __future__ import annotations

import contextlib
import errno
import sys
from typing import TYPE_CHECKING, Any

import folder_trees
import pytest
from action_scenarios import NO_LINK, NO_RENAME, PLACE, SOUND, Variant, unknown_call
from faulty_disk import PowerCut
from folder_trees import all_files, make_files, read_files, stamp_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_harness import PipelineHarness
from saving_editor import EDITED, EDITORS, ByRename, Editor, Interruptions

from drumwatch.commands import doctor
from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import disk
from drumwatch.filing.aside_names import aside_name
from drumwatch.system import file_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from faulty_disk import FaultyDisk
    from folder_trees import ActionRunner

    from drumwatch.filing.disk import Folder

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

    def has_sound(self) -> bool:
        contents = [path.read_bytes() for path in (*all_files(self.watch), *all_files(self.library))]
        return any(content == SOUND or b"INFOIGNRkick" in content for content in contents)

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
    return (Desk(other_disk / str(number), tmp_path, runner, request.param) for number in range(1000))


@pytest.fixture
def interruptions(monkeypatch: pytest.MonkeyPatch, faulty_disk: FaultyDisk) -> Interruptions:
    assert faulty_disk.calls == 0
    return Interruptions(monkeypatch)


@pytest.fixture
def harness(tmp_path: Path, other_disk: Path) -> Iterator[PipelineHarness]:
    """The library is on another disk."""
    harness = PipelineHarness(tmp_path, other_disk / "Library")
    yield harness
    harness.close()


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


@needs_leases
@pytest.mark.parametrize("kind", EDITORS)
@given(moment=st.tuples(st.integers(1, 90), st.integers(1, 22), st.booleans()))
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_save_around_a_power_cut_and_the_recovery_is_kept(desks, faulty_disk, interruptions, kind, moment):
    """The calls of the recovery are counted on, so that a save may come before the cut, in the recovery, or after it."""
    save_at, cut_at, is_undo = moment
    desk = next(desks)
    faulty_disk.restore()
    desk.plan()
    if is_undo:
        desk.act()
    editor = kind(desk.filed() if is_undo else desk.arrived())
    with interruptions.before(save_at, editor.save):
        faulty_disk.cut_after(cut_at)
        with contextlib.suppress(ActionFailed, CannotUndo, PowerCut):
            desk.undo() if is_undo else desk.act()
        faulty_disk.restore()
        while desk.runner.entry.state == "planned":
            desk.runner.recover()
    if interruptions.calls < save_at:
        editor.save()
    editor.close()
    desk.check_kept(editor)
    assert desk.has_sound() or editor.saved


@needs_leases
@pytest.mark.parametrize("kind", ["move", "tag"])
def test_a_sound_that_an_editor_has_open_is_left_and_the_reason_is_given(tmp_path, runner, other_disk, kind):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})

    with (
        (tmp_path / "in/kick.wav").open("r+b"),
        pytest.raises(ActionFailed, match="is open for writing in another program"),
    ):
        runner.do(kind, tmp_path / "in/kick.wav", PLACE)

    assert read_files(tmp_path) == {"in": {"kick.wav": SOUND}, "Library": {}}
    assert read_files(other_disk) == {}


@needs_leases
def test_a_file_set_aside_gets_a_number_if_a_newer_one_has_its_name(
    tmp_path, runner, other_disk, monkeypatch
):
    """One program writes into the file, another one saves a new file under its name: both are kept."""
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    runner.plan("move", tmp_path / "in/kick.wav", PLACE)
    writer: list[Any] = []
    replace = disk.replace

    def too_late(source: Folder, name: str, target: Folder, new_name: str) -> None:
        if not writer:
            writer.append((tmp_path / "in/kick.wav").open("r+b"))
            replace(source, name, target, new_name)
            (tmp_path / "in/kick.wav").write_bytes(b"newer")
        else:
            replace(source, name, target, new_name)

    monkeypatch.setattr(disk, "replace", too_late)

    with pytest.raises(ActionFailed, match=r"is called kick 2\.wav now"):
        runner.act()
    with writer[0] as file:
        file.write(b"RIFX")

    assert read_files(tmp_path / "in") == {"kick 2.wav": b"RIFX" + SOUND[4:], "kick.wav": b"newer"}
    assert read_files(other_disk) == {}


@pytest.mark.parametrize("in_place", [True, False])
def test_without_leases_a_save_before_the_comparison_is_kept(
    tmp_path, runner, other_disk, monkeypatch, in_place
):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    runner.plan("move", tmp_path / "in/kick.wav", PLACE)
    monkeypatch.setattr(file_lease, "_taken", lambda _: None)
    file = (tmp_path / "in/kick.wav").open("r+b") if in_place else None
    replace = disk.replace

    def too_late(source: Folder, name: str, target: Folder, new_name: str) -> None:
        replace(source, name, target, new_name)
        if file and not file.closed:
            file.write(b"RIFX")
            file.close()
        elif not file:
            ByRename(tmp_path / "in/kick.wav").save()

    monkeypatch.setattr(disk, "replace", too_late)

    with pytest.raises(ActionFailed) if file else contextlib.nullcontext():
        runner.act()

    kept = b"RIFX" + SOUND[4:] if file else EDITED
    assert read_files(tmp_path / "in") == {"kick.wav": kept}


@pytest.mark.parametrize("edited", [False, True])
def test_what_a_dying_disk_keeps_hidden_is_put_back_at_the_next_start(harness, monkeypatch, edited):
    kick = harness.arrive("kick.wav", SOUND)
    replace = disk.replace

    def last_call(source: Folder, name: str, target: Folder, new_name: str) -> None:
        replace(source, name, target, new_name)
        for call in disk.CHANGES:
            dying.setattr(disk, call, _read_only)

    with monkeypatch.context() as dying:
        dying.setattr(disk, "replace", last_call)
        harness.file(kick)
    (hidden,) = harness.intake.iterdir()
    if edited:
        hidden.write_bytes(EDITED)

    harness.start()

    assert hidden.name.endswith(".aside")
    assert read_files(harness.intake) == {"kick.wav": EDITED if edited else SOUND}
    assert harness.journal.state.leftovers() == []


def _read_only(*_: Any, **__: Any) -> None:
    raise OSError(errno.EROFS, "read-only file system")


def test_what_is_saved_at_the_old_place_after_a_move_counts_as_new(harness, monkeypatch):
    kick = harness.arrive("kick.wav", SOUND)
    unlink = disk.unlink

    def save_after(folder: Folder, name: str) -> None:
        unlink(folder, name)
        kick.write_bytes(EDITED)

    monkeypatch.setattr(disk, "unlink", save_after)

    harness.file(kick)

    assert not harness.journal.seen.is_seen(kick, stamp_of(kick))
    assert kick.read_bytes() == EDITED


def test_what_is_saved_over_a_tagged_file_counts_as_new(harness, monkeypatch):
    harness.start('min_free = 0\naction = "tag"')
    kick = harness.arrive("kick.wav", SOUND)
    unlink = disk.unlink

    def save_after(folder: Folder, name: str) -> None:
        unlink(folder, name)
        kick.write_bytes(EDITED)

    monkeypatch.setattr(disk, "unlink", save_after)

    harness.file(kick)

    assert not harness.journal.seen.is_seen(kick, stamp_of(kick))
    assert kick.read_bytes() == EDITED


def test_doctor_names_a_file_that_nobody_has_given_its_name_back(tmp_path, monkeypatch):
    make_files(tmp_path, {"in": {"Pack": {aside_name(7, "kick.wav"): SOUND, "snare.wav": SOUND}}})
    monkeypatch.setattr(doctor, "A_WHILE", -1.0)

    (found,) = doctor._left_aside({tmp_path, tmp_path / "in"})

    assert found.state == "wrong"
    assert "/in/Pack/.drumwatch-7-" in found.what
    assert "it may be the last copy" in found.remedy
