"""What packs, other programs and people do between a look and an action."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from action_scenarios import unknown_call
from folder_trees import make_files, read_files

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk

if TYPE_CHECKING:
    from drumwatch.filing.disk import Folder

KICK = Path("kick/kick.wav")
KINDS = ["move", "copy", "hardlink", "symlink"]


@pytest.mark.parametrize("kind", [*KINDS, "tag"])
def test_a_sound_that_was_replaced_since_it_was_analyzed_is_left_alone(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "new.wav": b"bang"}})
    runner.plan(kind, tmp_path / "in/kick.wav", KICK)
    os.replace(tmp_path / "in/new.wav", tmp_path / "in/kick.wav")

    with pytest.raises(ActionFailed, match="has changed since it was analyzed"):
        runner.act()

    assert read_files(tmp_path) == {"in": {"kick.wav": b"bang"}, "Library": {}}


@pytest.mark.parametrize("kind", [*KINDS, "tag"])
def test_a_sound_that_has_gone_is_reported_as_gone(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.plan(kind, tmp_path / "in/kick.wav", KICK)
    (tmp_path / "in/kick.wav").unlink()

    with pytest.raises(ActionFailed, match=r"is not in .* any more"):
        runner.act()


def test_a_folder_that_has_gone_with_its_sound_is_no_surprise(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.plan("move", tmp_path / "in/kick.wav", KICK)
    (tmp_path / "in").rename(tmp_path / "elsewhere")

    with pytest.raises(ActionFailed, match=r"is not in .* any more"):
        runner.act()


@pytest.mark.parametrize("kind", [*KINDS, "tag"])
@pytest.mark.parametrize("impostor", ["symlink", "FIFO"])
def test_only_plain_files_are_sounds_and_a_pipe_is_not_waited_for(tmp_path, runner, kind, impostor):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "secret": b"secret"})
    kick = tmp_path / "in/kick.wav"
    runner.plan(kind, kick, KICK)
    kick.unlink()
    if impostor == "symlink":
        kick.symlink_to(tmp_path / "secret")
    else:
        os.mkfifo(kick)

    with pytest.raises(ActionFailed, match="is not a plain file"):
        runner.act()

    assert read_files(tmp_path / "Library") == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_that_is_replaced_after_the_journal_was_written_is_left_alone(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "new.wav": b"bang"}})
    runner.plan(kind, tmp_path / "in/kick.wav", KICK)
    runner.on_planned = lambda: _replace_once(tmp_path / "in")

    with pytest.raises(ActionFailed, match="changed"):
        runner.act()

    assert read_files(tmp_path) == {"in": {"kick.wav": b"bang"}, "Library": {}}


def _replace_once(folder: Path) -> None:
    if (folder / "new.wav").exists():
        os.replace(folder / "new.wav", folder / "kick.wav")


@pytest.mark.parametrize("call", ["rename_noreplace", "link"])
def test_a_file_that_slips_in_under_the_name_at_the_very_moment_is_put_back(
    tmp_path, runner, monkeypatch, call
):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "new.wav": b"bang"}})
    act = getattr(disk, call)

    def too_late(source: Folder, name: str, target: Folder, new_name: str) -> None:
        _replace_once(tmp_path / "in")
        act(source, name, target, new_name)

    monkeypatch.setattr(disk, call, too_late)

    with pytest.raises(ActionFailed, match="changed while it was being"):
        runner.do("move" if call == "rename_noreplace" else "hardlink", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path) == {"in": {"kick.wav": b"bang"}, "Library": {}}


def test_a_file_that_takes_over_our_placeholder_stays(tmp_path, runner, monkeypatch):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    for call in ("rename_noreplace", "link"):
        monkeypatch.setattr(disk, call, unknown_call)
    create = disk.create

    def shared(folder: Folder, name: str) -> int:
        fd = create(folder, name)
        if name == "kick.wav":
            (folder / name).write_bytes(b"somebody else's")
        return fd

    monkeypatch.setattr(disk, "create", shared)

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "Library") == {"kick.wav": b"somebody else's", "kick 2.wav": b"boom"}


def test_what_is_written_into_our_placeholder_at_the_very_moment_is_kept(tmp_path, runner, monkeypatch):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    for call in ("rename_noreplace", "link"):
        monkeypatch.setattr(disk, call, unknown_call)
    replace = disk.replace

    def too_late(source: Folder, name: str, target: Folder, new_name: str) -> None:
        (target / new_name).write_bytes(b"somebody else's")
        replace(source, name, target, new_name)

    monkeypatch.setattr(disk, "replace", too_late)

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "Library") == {"kick.wav": b"boom", "kick 2.wav": b"somebody else's"}


@pytest.mark.parametrize("impostor", ["symlink", "FIFO"])
def test_an_impostor_is_not_opened_even_if_nobody_has_looked(tmp_path, impostor):
    make_files(tmp_path, {"secret": b"secret"})
    if impostor == "symlink":
        (tmp_path / "kick.wav").symlink_to(tmp_path / "secret")
    else:
        os.mkfifo(tmp_path / "kick.wav")

    with (
        disk.opened(tmp_path) as folder,
        pytest.raises(OSError, match=r"."),
        disk.opened_file(folder, "kick.wav"),
    ):
        pass


def test_a_file_that_comes_to_the_old_name_of_a_linked_one_is_not_removed(tmp_path, runner, monkeypatch):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "new.wav": b"bang"}})
    link = disk.link

    def slow(source: Folder, name: str, target: Folder, new_name: str) -> None:
        link(source, name, target, new_name)
        os.replace(tmp_path / "in/new.wav", tmp_path / "in/kick.wav")

    monkeypatch.setattr(disk, "rename_noreplace", unknown_call)
    monkeypatch.setattr(disk, "link", slow)

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {"in": {"kick.wav": b"bang"}, "Library": {"kick.wav": b"boom"}}


def test_a_symlink_among_the_library_s_folders_is_refused(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "outside": {}})
    (tmp_path / "Library/kick").symlink_to(tmp_path / "outside")

    with pytest.raises(ActionFailed, match="it is a link or a file, and nothing is filed through those"):
        runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": b"boom"}
    assert read_files(tmp_path / "outside") == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_symlink_swapped_in_between_look_and_act_leads_nowhere(tmp_path, runner, kind, monkeypatch):
    make_files(
        tmp_path, {"in": {"kick.wav": b"boom"}, "outside": {}, "Library": {"kick": {"kick.wav": b"old"}}}
    )
    look = disk.status

    def swap_then_look(folder: Folder, name: str) -> os.stat_result | None:
        if name == "kick 2.wav" and not (tmp_path / "Library/kick").is_symlink():
            os.rename(tmp_path / "Library/kick", tmp_path / "Library/the real kick")
            (tmp_path / "Library/kick").symlink_to(tmp_path / "outside")
        return look(folder, name)

    monkeypatch.setattr(disk, "status", swap_then_look)

    runner.do(kind, tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "outside") == {}
    assert sorted(os.listdir(tmp_path / "Library/the real kick")) == ["kick 2.wav", "kick.wav"]


@pytest.mark.parametrize(
    "place", ["../outside/kick.wav", "kick/../../outside/kick.wav", "/etc/kick.wav", "."]
)
def test_a_place_outside_the_library_is_refused(tmp_path, runner, place):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "outside": {}})

    with pytest.raises(ActionFailed, match="is not inside the library"):
        runner.do("move", tmp_path / "in/kick.wav", Path(place))

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "outside": {}, "Library": {}}


def test_a_missing_library_is_not_made_as_its_disk_may_be_away(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.library.rmdir()

    with pytest.raises(ActionFailed, match="is not there: connect its disk"):
        runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}}


def test_the_library_itself_may_be_reached_through_a_link(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.library = tmp_path / "link"
    runner.library.symlink_to(tmp_path / "Library")

    runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "Library") == {"kick": {"kick.wav": b"boom"}}
