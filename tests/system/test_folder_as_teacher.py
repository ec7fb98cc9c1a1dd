"""A sound that the user drags into another label's folder is a confirmed label."""

from __future__ import annotations

import shutil

from drumwatch.journal import Journal


def confirmed(studio) -> list[tuple[str, str]]:
    with Journal(studio.state / "journal.db") as journal:
        return [(word.label, word.way) for word in journal.confirmed()]


def drag(studio, old: str, new: str) -> None:
    (studio.library / new).parent.mkdir(exist_ok=True)
    (studio.library / old).rename(studio.library / new)


def filed_kick(studio) -> None:
    studio.say("run", "--once")
    shutil.copy(studio.drop(), studio.config.parent / "again.wav")
    studio.say("run", "--once")


def test_a_drag_to_another_label_while_drumwatch_is_off_teaches(studio):
    filed_kick(studio)
    drag(studio, "kick/kick.wav", "snare/kick.wav")

    said = studio.say("run", "--once")

    assert "you put it into snare" in said.stderr
    assert "you put it into snare" in studio.say("log").stdout
    assert "(you put it into snare)" in studio.say("why", str(studio.library / "snare/kick.wav")).stdout
    assert confirmed(studio) == [("snare", "folder")]


def test_a_drag_is_noticed_while_drumwatch_runs(studio):
    studio.configure(rescan=1)
    studio.start()
    studio.drop()
    studio.wait_for(1)
    drag(studio, "kick/kick.wav", "hat/kick.wav")

    studio.wait_for_log("you put it into hat")


def test_the_same_sound_goes_there_from_then_on(studio):
    filed_kick(studio)
    drag(studio, "kick/kick.wav", "snare/kick.wav")
    studio.say("run", "--once")

    shutil.copy(studio.config.parent / "again.wav", studio.intake / "again.wav")
    studio.say("run", "--once")

    assert studio.tree() == ["library/snare/again.wav", "library/snare/kick.wav"]


def test_a_rename_in_the_same_label_teaches_nothing_but_can_still_be_undone(studio):
    filed_kick(studio)
    drag(studio, "kick/kick.wav", "kick/boom.wav")
    studio.say("run", "--once")

    studio.say("undo", "--last", "2")

    assert confirmed(studio) == []
    assert studio.tree() == ["intake/kick.wav"]


def test_deleting_teaches_nothing(studio):
    filed_kick(studio)
    (studio.library / "kick/kick.wav").unlink()

    studio.say("run", "--once")

    assert confirmed(studio) == []
    assert len(studio.entries()) == 1


def test_a_drag_to_a_folder_that_means_nothing_teaches_nothing(studio):
    filed_kick(studio)
    drag(studio, "kick/kick.wav", "favourites/kick.wav")

    studio.say("run", "--once")

    assert confirmed(studio) == []


def test_a_folder_that_twenty_sounds_were_moved_to_is_a_class(studio):
    studio.say("run", "--once")
    studio.drop_many(20)
    studio.say("run", "--once")
    (studio.library / "booms").mkdir()
    for path in list(studio.library.rglob("*.wav")):
        path.rename(studio.library / "booms" / path.name)

    studio.say("run", "--once")

    assert confirmed(studio) == [("booms", "folder")] * 20
