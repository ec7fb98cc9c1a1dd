"""The power goes after each call that changes the disk or the journal, and again during recovery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from action_scenarios import PLACE, SOUND, Scene
from faulty_disk import PowerCut
from folder_trees import make_files, read_files

if TYPE_CHECKING:
    from faulty_disk import Power


def survives(power: Power, crash: Any, call: int, *, halfway: bool = False) -> bool:
    """Whether the power stayed on to the end."""
    power.cut_after(call, halfway=halfway)
    try:
        crash()
    except PowerCut:
        return False
    finally:
        power.restore()
    return True


def recover_through_power_cuts(power: Power, scene: Scene) -> None:
    """Recovery that is itself interrupted after one call more each time."""
    call = 1
    while not survives(power, scene.desk.recover, call):
        scene.check_safe()
        call += 1


def sweep(scenes: Any, power: Power, prepare: Any, crash: Any, check: Any) -> None:
    """Crash after each call, with and without half-written bytes, until the work gets through."""
    for halfway in (False, True):
        for call in range(1, 60):
            scene = next(scenes)
            prepare(scene)
            if survives(power, lambda scene=scene: crash(scene), call, halfway=halfway):
                assert call > 2
                break
            scene.check_safe()
            recover_through_power_cuts(power, scene)
            scene.check_safe()
            scene.check_tidy()
            check(scene)
        else:
            pytest.fail("60 calls were not enough")


def test_no_power_cut_during_an_action_costs_a_sound(scenes, power, desk):
    def check(scene: Scene) -> None:
        scene.check_where_the_journal_says()
        scene.act_to_the_end()
        scene.check_where_the_journal_says()
        desk.undo()
        scene.check_original()

    sweep(scenes, power, lambda _: None, Scene.act, check)


def test_no_power_cut_during_an_undo_costs_a_sound(scenes, power, desk):
    def check(scene: Scene) -> None:
        if desk.entry.state == "failed":
            desk.entry = desk.original
            desk.undo()
        scene.check_original()

    sweep(scenes, power, Scene.act, lambda _: desk.undo(), check)


def test_recovery_of_a_move_waits_for_its_disk(tmp_path, desk, power):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    desk.plan("move", tmp_path / "in/kick.wav", PLACE)
    assert not survives(power, desk.act, 7)  # planned, two folders and their names, planned, the rename
    (tmp_path / "Library").rename(tmp_path / "unplugged")

    away = desk.recover()
    (tmp_path / "unplugged").rename(tmp_path / "Library")
    back = desk.recover()

    assert (away.state, back.state) == ("planned", "done")
    assert back.path == tmp_path / "Library" / PLACE


def test_a_sound_that_somebody_took_meanwhile_is_not_looked_for_for_ever(tmp_path, desk):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    desk.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    (tmp_path / "in/kick.wav").unlink()

    found = desk.recover()

    assert found.state == "failed"
    assert "is neither in" in found.note


def test_a_sound_edited_after_a_half_done_move_is_found_at_its_new_place(tmp_path, desk, power):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    desk.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    assert not survives(power, desk.act, 1)
    (tmp_path / "Library/kick.wav").write_bytes(b"edited")

    found = desk.recover()

    assert found.state == "done"
    assert "has been changed since" in found.note
    assert read_files(tmp_path) == {"in": {}, "Library": {"kick.wav": b"edited"}}


def test_recovery_never_takes_one_name_for_two(tmp_path, desk):
    make_files(tmp_path, {"Library": {"kick.wav": SOUND}})
    (tmp_path / "in").symlink_to(tmp_path / "Library")
    desk.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    found = desk.recover()

    assert (found.state, found.path) == ("done", tmp_path / "Library/kick.wav")
    assert read_files(tmp_path / "Library") == {"kick.wav": SOUND}


@pytest.mark.parametrize("kind", ["move", "copy", "hardlink"])
def test_the_same_sound_at_the_place_that_was_only_planned_is_another_s(tmp_path, desk, kind):
    """Two of a pack may have the same bytes and wish for the same name: the second was not tried yet."""
    before = {"in": {"kick.wav": SOUND}, "Library": {"kick.wav": SOUND}}
    make_files(tmp_path, before)
    desk.plan(kind, tmp_path / "in/kick.wav", Path("kick.wav"))

    found = desk.recover()

    assert (found.state, found.path) == ("failed", tmp_path / "in/kick.wav")
    assert read_files(tmp_path) == before
