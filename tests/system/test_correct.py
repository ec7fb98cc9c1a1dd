"""`drumwatch correct`: what the user says holds for the file, for the same sound, and until it is taken back."""

from __future__ import annotations

import shutil


def test_a_corrected_file_moves_to_its_label(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")

    said = studio.say("correct", str(studio.library / "kick/kick.wav"), "snare")

    assert "kick.wav →" in said.stdout
    assert studio.tree() == ["library/snare/kick.wav"]


def test_a_correction_can_be_undone_and_then_holds_no_more(studio):
    studio.say("run", "--once")
    sound = studio.drop()
    shutil.copy(sound, studio.config.parent / "again.wav")
    studio.say("run", "--once")
    studio.say("correct", str(studio.library / "kick/kick.wav"), "snare")

    studio.say("undo", "--last", "1")
    shutil.copy(studio.config.parent / "again.wav", studio.intake / "again.wav")
    studio.say("run", "--once")

    assert studio.tree() == ["library/kick/again.wav", "library/kick/kick.wav"]


def test_the_same_sound_is_known_from_then_on(studio):
    studio.say("run", "--once")
    sound = studio.drop()
    shutil.copy(sound, studio.config.parent / "again.wav")
    studio.say("run", "--once")
    studio.say("correct", str(studio.library / "kick/kick.wav"), "hat")

    shutil.copy(studio.config.parent / "again.wav", studio.intake / "again.wav")
    studio.say("run", "--once")

    assert studio.tree() == ["library/hat/again.wav", "library/hat/kick.wav"]


def test_a_label_that_would_leave_the_library_is_refused(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")

    said = studio.say("correct", str(studio.library / "kick/kick.wav"), "../away", code=2)

    assert "cannot be a label" in said.stderr
    assert studio.tree() == ["library/kick/kick.wav"]


def test_corrections_are_carried_to_another_machine(studio):
    studio.say("run", "--once")
    shutil.copy(studio.drop(), studio.config.parent / "again.wav")
    studio.say("run", "--once")
    studio.say("correct", str(studio.library / "kick/kick.wav"), "hat")
    told = studio.config.parent / "mine.jsonl"
    told.write_text(studio.say("corrections", "export").stdout)
    studio.environment["DRUMWATCH_STATE"] = str(studio.state / "other machine")

    studio.say("corrections", "import", str(told))
    studio.say("run", "--once")
    shutil.copy(studio.config.parent / "again.wav", studio.intake / "again.wav")
    studio.say("run", "--once")

    assert studio.tree() == ["library/hat/again.wav", "library/hat/kick.wav"]


def test_a_damaged_file_of_corrections_is_refused_whole(studio):
    told = studio.config.parent / "mine.jsonl"
    told.write_text('{"sound": "%s", "label": "hat", "said": "kick"}\n{"sound": "x"}\n' % ("0" * 64))

    said = studio.say("corrections", "import", str(told), code=2)

    assert "line 2" in said.stderr
    assert studio.say("corrections", "export").stdout == ""
