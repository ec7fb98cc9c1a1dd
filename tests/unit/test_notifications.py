from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from drumwatch.system.notifications import DAY, Batches, NotificationThrottle, command_for


def done(pack: str, rule: str = "default", state: str = "done", action: str = "move") -> Any:
    return SimpleNamespace(
        pack=pack,
        rule=rule,
        state=state,
        action=action,
        source=Path("/in/kick.wav"),
        verdict=object(),
        label="kick",
        undoes=None,
    )


def test_a_pack_is_reported_in_one_line_as_soon_as_it_is_done():
    batches = Batches(idle_gap=20.0)
    for _ in range(212):
        batches.note(done("Vendor - Title"), now=1.0)
    for _ in range(9):
        batches.note(done("Vendor - Title", rule="unsure", action="leave"), now=2.0)

    assert batches.take(now=2.0) == ["Vendor - Title: 212 filed, 9 unsure"]
    assert batches.take(now=100.0) == []


def test_each_pack_has_a_line_of_its_own():
    batches = Batches()
    batches.note(done("One"), now=1.0)
    batches.note(done("Two"), now=1.0)
    batches.note(done("Two", state="failed"), now=1.0)

    assert batches.take(now=1.0) == ["One: 1 filed", "Two: 1 filed, 1 failed"]


def test_single_sounds_are_reported_together_when_no_more_have_come_for_a_while():
    batches = Batches(idle_gap=20.0)
    for now in (0.0, 15.0, 30.0):
        batches.note(done(""), now)

    assert batches.due() == 50.0
    assert batches.take(now=49.0) == []
    assert batches.take(now=50.0) == ["3 filed"]
    assert batches.due() is None


def test_single_sounds_that_never_cease_are_reported_now_and_then():
    batches = Batches(idle_gap=20.0)
    for now in range(0, 601, 10):
        batches.note(done(""), float(now))

    assert batches.take(now=600.0) == ["61 filed"]


def test_what_was_only_looked_at_is_not_reported():
    batches = Batches()
    batches.note(done("", action="leave"), now=0.0)

    assert batches.take(now=100.0) == []


def test_a_complaint_is_made_once_and_then_daily():
    nag = NotificationThrottle()

    assert [nag.is_due("the disk is full", now) for now in (0.0, 1.0, DAY - 1, DAY, DAY + 1)] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert nag.is_due("another one", 2.0)


def test_a_name_cannot_become_a_command_on_a_mac():
    command = command_for('Kick" & quit & "', "darwin")

    assert command[-2:] == ["drumwatch", 'Kick" & quit & "']
    assert command[0] == "osascript"
    assert not any("Kick" in word for word in command[:-1])
