from __future__ import annotations

from types import SimpleNamespace

from drumwatch.desktop import DAY, Batch, Nag, command_for


def done(pack: str, rule: str = "default", state: str = "done", action: str = "move") -> SimpleNamespace:
    return SimpleNamespace(pack=pack, rule=rule, state=state, action=action)


def test_a_pack_is_told_in_one_line():
    batch = Batch()
    for _ in range(212):
        batch.note(done("Vendor - Title"))
    for _ in range(9):
        batch.note(done("Vendor - Title", rule="unsure", action="leave"))

    assert batch.take() == "Vendor - Title: 212 sorted, 9 to review"
    assert batch.take() == ""


def test_sounds_of_several_packs_are_counted_together():
    batch = Batch()
    batch.note(done("One"))
    batch.note(done("Two"))
    batch.note(done("", state="failed"))

    assert batch.take() == "2 sorted, 1 not possible"


def test_a_complaint_is_made_once_and_then_daily():
    nag = Nag()

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
