"""A sound that the user drags into another label's folder is a confirmed label."""

from __future__ import annotations

import shutil

from drumwatch.journal import Journal


def confirmed(harness) -> list[tuple[str, str]]:
    with Journal(harness.state / "journal.db") as journal:
        return [(word.label, word.way) for word in journal.confirmations.all()]


def drag(harness, old: str, new: str) -> None:
    (harness.library / new).parent.mkdir(exist_ok=True)
    (harness.library / old).rename(harness.library / new)


def filed_kick(harness) -> None:
    shutil.copy(harness.drop(), harness.config.parent / "again.wav")
    harness.sort()


def test_a_drag_to_another_label_while_drumwatch_is_off_is_a_correction(harness):
    filed_kick(harness)
    drag(harness, "kick/kick.wav", "snare/kick.wav")

    result = harness.run("run", "--once")

    assert "you put it into snare" in result.stderr
    assert "you put it into snare" in harness.run("log", "-v").stdout
    assert "(you put it into snare)" in harness.run("why", str(harness.library / "snare/kick.wav")).stdout
    assert confirmed(harness) == [("snare", "folder")]


def test_a_drag_is_noticed_while_drumwatch_runs(harness):
    harness.configure(rescan=1)
    harness.start()
    harness.drop()
    harness.wait_for(1)
    drag(harness, "kick/kick.wav", "hat/kick.wav")

    harness.wait_for_log("you put it into hat")


def test_the_same_sound_goes_there_from_then_on(harness):
    filed_kick(harness)
    drag(harness, "kick/kick.wav", "snare/kick.wav")
    harness.run("run", "--once")

    shutil.copy(harness.config.parent / "again.wav", harness.intake / "again.wav")
    harness.run("run", "--once")

    assert harness.tree() == ["library/snare/again.wav", "library/snare/kick.wav"]


def test_a_rename_in_the_same_label_is_no_correction_but_can_still_be_undone(harness):
    filed_kick(harness)
    drag(harness, "kick/kick.wav", "kick/boom.wav")
    harness.run("run", "--once")

    harness.run("undo", "--last", "2")

    assert confirmed(harness) == []
    assert harness.tree() == ["intake/kick.wav"]


def test_deleting_is_no_correction(harness):
    filed_kick(harness)
    (harness.library / "kick/kick.wav").unlink()

    harness.run("run", "--once")

    assert confirmed(harness) == []
    assert len(harness.entries()) == 1


def test_a_drag_to_a_folder_that_means_nothing_is_no_correction(harness):
    filed_kick(harness)
    drag(harness, "kick/kick.wav", "favourites/kick.wav")

    harness.run("run", "--once")

    assert confirmed(harness) == []


def test_a_folder_that_twenty_sounds_were_moved_to_is_a_class(harness):
    harness.drop_many(20)
    harness.sort()
    (harness.library / "booms").mkdir()
    for path in list(harness.library.rglob("*.wav")):
        path.rename(harness.library / "booms" / path.name)

    harness.run("run", "--once")

    assert confirmed(harness) == [("booms", "folder")] * 20
