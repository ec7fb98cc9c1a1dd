"""`drumwatch correct`: what the user says holds for the file, for the same sound, and until it is taken back."""

from __future__ import annotations

import json
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


def left_and_filed(studio) -> tuple[str, str]:
    """A sound that is left where it came, and an older one that was filed: their paths."""
    studio.say("run", "--once")
    studio.drop("older.wav", hz=70)
    studio.say("run", "--once")
    studio.configure(action="leave")
    studio.drop("x.wav")
    studio.say("run", "--once")
    return str(studio.intake / "x.wav"), str(studio.library / "kick/older.wav")


def confirmed(studio) -> list[str]:
    return [json.loads(line)["label"] for line in studio.say("corrections", "export").stdout.splitlines()]


def test_undo_withdraws_a_correction_that_moved_nothing_and_leaves_older_sounds_alone(studio):
    sound, _ = left_and_filed(studio)
    studio.say("correct", sound, "snare")
    before = studio.tree()

    would = studio.say("undo", "--last", "1", "--dry-run")
    told_before = confirmed(studio)
    said = studio.say("undo", "--last", "1")

    assert would.stdout == "would undo 3: you would no longer say that x.wav is a snare\n"
    assert said.stdout == "3 undone: you no longer say that x.wav is a snare\n"
    assert (told_before, confirmed(studio)) == (["snare"], [])
    assert studio.tree() == before
    assert studio.entries(ids=(3,))[0].state == "undone"


def test_undo_by_number_withdraws_a_correction_of_a_sound_that_was_in_the_right_place(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")
    studio.say("correct", str(studio.library / "kick/kick.wav"), "kick")

    said = studio.say("undo", "2")
    again = studio.say("undo", "2", code=2)

    assert said.stdout == "2 undone: you no longer say that kick.wav is a kick\n"
    assert "entry 2 is undone" in again.stderr
    assert confirmed(studio) == []
    assert studio.tree() == ["library/kick/kick.wav"]


def test_of_two_corrections_that_moved_nothing_undo_goes_back_one_by_one(studio):
    sound, _ = left_and_filed(studio)
    studio.say("correct", sound, "kick")
    studio.say("correct", sound, "snare")

    first = studio.say("undo", "--last", "1")
    between = confirmed(studio)
    second = studio.say("undo", "--last", "1")

    assert "no longer say that x.wav is a snare; what you said before holds again: kick" in first.stdout
    assert (between, confirmed(studio)) == (["kick"], [])
    assert second.stdout == "3 undone: you no longer say that x.wav is a kick\n"
    assert studio.tree() == ["intake/x.wav", "library/kick/older.wav"]


def test_the_same_correction_said_twice_is_withdrawn_once_by_each_undo(studio):
    sound, _ = left_and_filed(studio)
    studio.say("correct", sound, "snare")
    studio.say("correct", sound, "snare")

    studio.say("undo", "--last", "1")
    between = confirmed(studio)
    studio.say("undo", "--last", "1")

    assert (between, confirmed(studio)) == (["snare"], [])


def test_corrections_stand_in_the_order_of_time_among_the_others(studio):
    sound, filed = left_and_filed(studio)
    studio.configure()
    studio.say("correct", filed, "hat")
    studio.say("correct", sound, "snare")
    studio.say("correct", str(studio.library / "snare/x.wav"), "snare")
    studio.say("correct", str(studio.library / "hat/older.wav"), "hat")

    said = studio.say("undo", "--last", "3", "--dry-run").stdout.splitlines()
    studio.say("undo", "--since", "1h")

    assert [line.split(":")[0] for line in said] == ["would undo 6", "would undo 5", "would undo 4"]
    assert studio.tree() == ["intake/older.wav", "intake/x.wav"]
    assert confirmed(studio) == []


def test_a_batch_that_is_undone_takes_its_corrections_along(studio):
    studio.say("run", "--once")
    studio.drop("Pack/a.wav", hz=50)
    studio.drop("Pack/b.wav", hz=60)
    studio.say("run", "--once")
    studio.say("correct", str(studio.library / "kick/Pack/a.wav"), "kick")
    batch = studio.entries()[0].batch

    said = studio.say("undo", "--batch", str(batch))

    assert "3 undone." in said.stderr
    assert studio.tree() == ["intake/Pack/a.wav", "intake/Pack/b.wav"]
    assert confirmed(studio) == []


def test_a_corrected_link_is_undone_to_the_link_that_it_was_and_wholly_where_all_is_meant(studio):
    studio.configure(action="symlink")
    studio.say("run", "--once")
    sound = studio.drop()
    studio.say("run", "--once")
    studio.say("correct", str(sound), "snare")
    studio.say("correct", str(sound), "hat")

    trees = []
    for _ in range(2):
        studio.say("undo", "--last", "1")
        trees.append((studio.tree(studio.library), confirmed(studio)))
    studio.say("correct", str(sound), "snare")
    studio.say("undo", "--since", "1h")

    assert trees == [(["library/snare/kick.wav"], ["snare"]), (["library/kick/kick.wav"], [])]
    assert (studio.tree(), confirmed(studio)) == (["intake/kick.wav"], [])


def test_a_configuration_with_mistakes_stops_no_undo_but_of_what_it_has_to_make_again(studio):
    studio.configure(action="symlink")
    studio.say("run", "--once")
    sound = studio.drop()
    studio.say("run", "--once")
    studio.say("correct", str(sound), "snare")
    studio.configure(actoin="symlink")

    said = studio.say("undo", "--last", "1", code=1)
    kept = studio.tree(studio.library)
    studio.say("undo", "--last", "2")

    assert "that has mistakes" in said.stderr
    assert "actoin" in said.stderr
    assert kept == ["library/snare/kick.wav"]
    assert studio.tree(studio.library) == []


def test_an_entry_that_only_left_a_sound_is_nothing_to_undo(studio):
    left_and_filed(studio)

    said = studio.say("undo", "2", code=2)

    assert "entry 2 left the file where it was" in said.stderr


def test_a_label_is_meant_in_any_case(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")

    studio.say("correct", str(studio.library / "kick/kick.wav"), "Hats")

    assert studio.tree() == ["library/hat/kick.wav"]
    assert confirmed(studio) == ["hat"]


def test_an_unknown_word_is_asked_about_and_becomes_a_class_only_as_a_new_one(studio):
    studio.say("run", "--once")
    studio.drop()
    studio.say("run", "--once")
    sound = str(studio.library / "kick/kick.wav")

    said = studio.say("correct", sound, "kik", code=2)
    before = (studio.tree(), confirmed(studio))
    studio.say("correct", "--new", sound, "kik")
    studio.say("correct", str(studio.library / "kik/kick.wav"), "KIK")

    assert said.stderr == (
        '"kik" is no label that is known: did you mean kick? Say --new to make "kik" a class of your own.\n'
    )
    assert before == (["library/kick/kick.wav"], [])
    assert studio.tree() == ["library/kik/kick.wav"]
    assert confirmed(studio) == ["kik"]
