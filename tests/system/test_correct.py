"""`drumwatch correct`: the label holds for the file and for the same sound, until it is taken back."""

from __future__ import annotations

import json
import shutil


def test_a_corrected_file_moves_to_its_label(harness):
    harness.drop()
    harness.sort()

    result = harness.run("correct", str(harness.library / "kick/kick.wav"), "snare")

    assert "kick.wav →" in result.stdout
    assert harness.tree() == ["library/snare/kick.wav"]


def test_a_correction_can_be_undone_and_then_holds_no_more(harness):
    sound = harness.drop()
    shutil.copy(sound, harness.config.parent / "again.wav")
    harness.sort()
    harness.run("correct", str(harness.library / "kick/kick.wav"), "snare")

    harness.run("undo", "--last", "1")
    shutil.copy(harness.config.parent / "again.wav", harness.intake / "again.wav")
    harness.sort()

    assert harness.tree() == ["library/kick/again.wav", "library/kick/kick.wav"]


def test_the_same_sound_is_known_from_then_on(harness):
    sound = harness.drop()
    shutil.copy(sound, harness.config.parent / "again.wav")
    harness.sort()
    harness.run("correct", str(harness.library / "kick/kick.wav"), "hat")

    shutil.copy(harness.config.parent / "again.wav", harness.intake / "again.wav")
    harness.sort()

    assert harness.tree() == ["library/hat/again.wav", "library/hat/kick.wav"]


def test_a_label_that_would_leave_the_library_is_refused(harness):
    harness.drop()
    harness.sort()

    result = harness.run("correct", str(harness.library / "kick/kick.wav"), "../away", code=2)

    assert "cannot be a label" in result.stderr
    assert harness.tree() == ["library/kick/kick.wav"]


def test_corrections_are_carried_to_another_machine(harness):
    shutil.copy(harness.drop(), harness.config.parent / "again.wav")
    harness.sort()
    harness.run("correct", str(harness.library / "kick/kick.wav"), "hat")
    reported = harness.config.parent / "mine.jsonl"
    reported.write_text(harness.run("corrections", "export").stdout)
    harness.environment["DRUMWATCH_STATE"] = str(harness.state / "other machine")

    harness.run("corrections", "import", str(reported))
    shutil.copy(harness.config.parent / "again.wav", harness.intake / "again.wav")
    harness.sort()

    assert harness.tree() == ["library/hat/again.wav", "library/hat/kick.wav"]


def test_a_damaged_file_of_corrections_is_refused_whole(harness):
    reported = harness.config.parent / "mine.jsonl"
    reported.write_text('{"sound": "%s", "label": "hat", "said": "kick"}\n{"sound": "x"}\n' % ("0" * 64))

    result = harness.run("corrections", "import", str(reported), code=2)

    assert "line 2" in result.stderr
    assert harness.run("corrections", "export").stdout == ""


def left_and_filed(harness) -> tuple[str, str]:
    """A sound that is left where it came, and an older one that was filed: their paths."""
    harness.drop("older.wav", hz=70)
    harness.sort()
    harness.configure(action="leave")
    harness.drop("x.wav")
    harness.sort()
    return str(harness.intake / "x.wav"), str(harness.library / "kick/older.wav")


def confirmed(harness) -> list[str]:
    return [json.loads(line)["label"] for line in harness.run("corrections", "export").stdout.splitlines()]


def test_undo_withdraws_a_correction_that_moved_nothing_and_leaves_older_sounds_alone(harness):
    sound, _ = left_and_filed(harness)
    harness.run("correct", sound, "snare")
    before = harness.tree()

    would = harness.run("undo", "--last", "1", "--dry-run")
    told_before = confirmed(harness)
    result = harness.run("undo", "--last", "1")

    assert would.stdout == "would undo 3: you would no longer say that x.wav is a snare\n"
    assert result.stdout == "3 undone: you no longer say that x.wav is a snare\n"
    assert (told_before, confirmed(harness)) == (["snare"], [])
    assert harness.tree() == before
    assert harness.entries(ids=(3,))[0].state == "undone"


def test_undo_by_number_withdraws_a_correction_of_a_sound_that_was_in_the_right_place(harness):
    harness.drop()
    harness.sort()
    harness.run("correct", str(harness.library / "kick/kick.wav"), "kick")

    result = harness.run("undo", "2")
    again = harness.run("undo", "2", code=2)

    assert result.stdout == "2 undone: you no longer say that kick.wav is a kick\n"
    assert "entry 2 is undone" in again.stderr
    assert confirmed(harness) == []
    assert harness.tree() == ["library/kick/kick.wav"]


def test_of_two_corrections_that_moved_nothing_undo_goes_back_one_by_one(harness):
    sound, _ = left_and_filed(harness)
    harness.run("correct", sound, "kick")
    harness.run("correct", sound, "snare")

    first = harness.run("undo", "--last", "1")
    between = confirmed(harness)
    second = harness.run("undo", "--last", "1")

    assert "no longer say that x.wav is a snare; what you said before holds again: kick" in first.stdout
    assert (between, confirmed(harness)) == (["kick"], [])
    assert second.stdout == "3 undone: you no longer say that x.wav is a kick\n"
    assert harness.tree() == ["intake/x.wav", "library/kick/older.wav"]


def test_the_same_correction_made_twice_is_withdrawn_once_by_each_undo(harness):
    sound, _ = left_and_filed(harness)
    harness.run("correct", sound, "snare")
    harness.run("correct", sound, "snare")

    harness.run("undo", "--last", "1")
    between = confirmed(harness)
    harness.run("undo", "--last", "1")

    assert (between, confirmed(harness)) == (["snare"], [])


def test_corrections_are_listed_in_the_order_of_time_among_the_others(harness):
    sound, filed = left_and_filed(harness)
    harness.configure()
    harness.run("correct", filed, "hat")
    harness.run("correct", sound, "snare")
    harness.run("correct", str(harness.library / "snare/x.wav"), "snare")
    harness.run("correct", str(harness.library / "hat/older.wav"), "hat")

    result = harness.run("undo", "--last", "3", "--dry-run").stdout.splitlines()
    harness.run("undo", "--since", "1h")

    assert [line.split(":")[0] for line in result] == ["would undo 6", "would undo 5", "would undo 4"]
    assert harness.tree() == ["intake/older.wav", "intake/x.wav"]
    assert confirmed(harness) == []


def test_a_batch_that_is_undone_takes_its_corrections_along(harness):
    harness.drop("Pack/a.wav", hz=50)
    harness.drop("Pack/b.wav", hz=60)
    harness.sort()
    harness.run("correct", str(harness.library / "kick/Pack/a.wav"), "kick")
    batch = harness.entries()[0].batch

    result = harness.run("undo", "--batch", str(batch))

    assert "3 undone." in result.stderr
    assert harness.tree() == ["intake/Pack/a.wav", "intake/Pack/b.wav"]
    assert confirmed(harness) == []


def test_a_corrected_link_is_undone_to_the_link_that_it_was_and_wholly_where_all_is_meant(harness):
    harness.configure(action="symlink")
    sound = harness.drop()
    harness.sort()
    harness.run("correct", str(sound), "snare")
    harness.run("correct", str(sound), "hat")

    trees = []
    for _ in range(2):
        harness.run("undo", "--last", "1")
        trees.append((harness.tree(harness.library), confirmed(harness)))
    harness.run("correct", str(sound), "snare")
    harness.run("undo", "--since", "1h")

    assert trees == [(["library/snare/kick.wav"], ["snare"]), (["library/kick/kick.wav"], [])]
    assert (harness.tree(), confirmed(harness)) == (["intake/kick.wav"], [])


def test_a_configuration_with_mistakes_stops_no_undo_but_of_what_it_has_to_make_again(harness):
    harness.configure(action="symlink")
    sound = harness.drop()
    harness.sort()
    harness.run("correct", str(sound), "snare")
    harness.configure(actoin="symlink")

    result = harness.run("undo", "--last", "1", code=1)
    kept = harness.tree(harness.library)
    harness.run("undo", "--last", "2")

    assert "that has mistakes" in result.stderr
    assert "actoin" in result.stderr
    assert kept == ["library/snare/kick.wav"]
    assert harness.tree(harness.library) == []


def test_an_entry_that_only_left_a_sound_is_nothing_to_undo(harness):
    left_and_filed(harness)

    result = harness.run("undo", "2", code=2)

    assert "entry 2 left the file alone" in result.stderr


def test_a_label_is_meant_in_any_case(harness):
    harness.drop()
    harness.sort()

    harness.run("correct", str(harness.library / "kick/kick.wav"), "Hats")

    assert harness.tree() == ["library/hat/kick.wav"]
    assert confirmed(harness) == ["hat"]


def test_an_unknown_label_is_asked_about_and_becomes_a_class_only_as_a_new_one(harness):
    harness.drop()
    harness.sort()
    sound = str(harness.library / "kick/kick.wav")

    result = harness.run("correct", sound, "kik", code=2)
    before = (harness.tree(), confirmed(harness))
    harness.run("correct", "--new", sound, "kik")
    harness.run("correct", str(harness.library / "kik/kick.wav"), "KIK")

    assert result.stderr == (
        '"kik" is no label that is known: did you mean kick? Say --new to make "kik" a class of your own.\n'
    )
    assert before == (["library/kick/kick.wav"], [])
    assert harness.tree() == ["library/kik/kick.wav"]
    assert confirmed(harness) == ["kik"]
