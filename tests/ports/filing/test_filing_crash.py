"""The power goes after each call that changes the disk or the journal, and again during recovery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from action_scenarios import PLACE, SOUND, Scenario
from faulty_disk import PowerCut
from folder_trees import make_files, read_files

if TYPE_CHECKING:
    from faulty_disk import FaultyDisk


def survives(faulty_disk: FaultyDisk, crash: Any, call: int, *, halfway: bool = False) -> bool:
    """Whether the power stayed on to the end."""
    faulty_disk.cut_after(call, halfway=halfway)
    try:
        crash()
    except PowerCut:
        return False
    finally:
        faulty_disk.restore()
    return True


def recover_through_power_cuts(faulty_disk: FaultyDisk, scenario: Scenario) -> None:
    """Recovery that is itself interrupted after one call more each time."""
    call = 1
    while not survives(faulty_disk, scenario.runner.recover, call):
        scenario.check_safe()
        call += 1


def sweep(scenarios: Any, faulty_disk: FaultyDisk, prepare: Any, crash: Any, check: Any) -> None:
    """Crash after each call, with and without half-written bytes, until the work gets through."""
    for halfway in (False, True):
        for call in range(1, 100):
            scenario = next(scenarios)
            prepare(scenario)
            if survives(faulty_disk, lambda scenario=scenario: crash(scenario), call, halfway=halfway):
                assert call > 2
                break
            scenario.check_safe()
            recover_through_power_cuts(faulty_disk, scenario)
            scenario.check_safe()
            scenario.check_tidy()
            check(scenario)
        else:
            pytest.fail("100 calls were not enough")


def test_no_power_cut_during_an_action_costs_a_sound(scenarios, faulty_disk, runner):
    def check(scenario: Scenario) -> None:
        scenario.check_where_the_journal_says()
        scenario.act_to_the_end()
        scenario.check_where_the_journal_says()
        runner.undo()
        scenario.check_original()

    sweep(scenarios, faulty_disk, lambda _: None, Scenario.act, check)


def test_no_power_cut_during_an_undo_costs_a_sound(scenarios, faulty_disk, runner):
    def check(scenario: Scenario) -> None:
        if runner.entry.state == "failed":
            runner.entry = runner.original
            runner.undo()
        scenario.check_original()

    sweep(scenarios, faulty_disk, Scenario.act, lambda _: runner.undo(), check)


def test_recovery_of_a_move_waits_for_its_disk(tmp_path, runner, faulty_disk):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    runner.plan("move", tmp_path / "in/kick.wav", PLACE)
    assert not survives(
        faulty_disk, runner.act, 7
    )  # planned, two folders and their names, planned, the rename
    (tmp_path / "Library").rename(tmp_path / "unplugged")

    away = runner.recover()
    (tmp_path / "unplugged").rename(tmp_path / "Library")
    back = runner.recover()

    assert (away.state, back.state) == ("planned", "done")
    assert back.path == tmp_path / "Library" / PLACE


def test_a_sound_that_somebody_took_meanwhile_is_not_looked_for_for_ever(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    runner.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    (tmp_path / "in/kick.wav").unlink()

    found = runner.recover()

    assert found.state == "failed"
    assert "is neither in" in found.note


def test_a_sound_edited_after_a_half_done_move_is_found_at_its_new_place(tmp_path, runner, faulty_disk):
    make_files(tmp_path, {"in": {"kick.wav": SOUND}})
    runner.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    assert not survives(faulty_disk, runner.act, 1)
    (tmp_path / "Library/kick.wav").write_bytes(b"edited")

    found = runner.recover()

    assert found.state == "done"
    assert "has been changed since" in found.note
    assert read_files(tmp_path) == {"in": {}, "Library": {"kick.wav": b"edited"}}


def test_recovery_never_takes_one_name_for_two(tmp_path, runner):
    make_files(tmp_path, {"Library": {"kick.wav": SOUND}})
    (tmp_path / "in").symlink_to(tmp_path / "Library")
    runner.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    found = runner.recover()

    assert (found.state, found.path) == ("done", tmp_path / "Library/kick.wav")
    assert read_files(tmp_path / "Library") == {"kick.wav": SOUND}


@pytest.mark.parametrize("kind", ["move", "copy", "hardlink"])
def test_the_same_sound_at_the_place_that_was_only_planned_is_another_s(tmp_path, runner, kind):
    """Two of a pack may have the same bytes and wish for the same name: the second was not tried yet."""
    before = {"in": {"kick.wav": SOUND}, "Library": {"kick.wav": SOUND}}
    make_files(tmp_path, before)
    runner.plan(kind, tmp_path / "in/kick.wav", Path("kick.wav"))

    found = runner.recover()

    assert (found.state, found.path) == ("failed", tmp_path / "in/kick.wav")
    assert read_files(tmp_path) == before
