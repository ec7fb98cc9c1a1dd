"""What a person did in Ableton Live with a sound travels with it, and comes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from folder_trees import all_files, make_files, read_files
from live_folders import item, keywords, live_file, live_path, put_live_file

from drumwatch.filing import folder_info
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.folder_info import FOLDER, CannotTag, Writer, nothing_noted

KICK = item("kick.wav", ["Drums|Kick", "Genres|Täch & Co"], colors=["1"])
SNARE = item("snare.wav", ["Drums|Snare"])


def test_tags_and_colours_travel_with_a_moved_sound_and_come_back_by_undo(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "snare.wav": b"crack"}})
    put_live_file(tmp_path / "in", KICK, SNARE)
    before = read_files(tmp_path / "in")

    runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))

    there = live_path(tmp_path / "Library/kick").read_bytes()
    assert KICK.encode() in there
    assert live_path(tmp_path / "in").read_bytes() == live_file(KICK, SNARE).replace(
        b"               " + KICK.encode() + b"\n", b"", 1
    )
    runner.undo()
    assert read_files(tmp_path / "in") == before
    assert read_files(tmp_path / "Library") == {}


def test_other_items_of_the_new_folder_stay_byte_for_byte(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick": {"kick.wav": b"old"}}})
    put_live_file(tmp_path / "in", KICK)
    others = [item("kick.wav", ["Mine|Old"], hidden=["Type|Loop"]), item("tom.wav", colors=["3"])]
    there = put_live_file(tmp_path / "Library/kick", *others)
    before = read_files(tmp_path)

    runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))

    assert keywords(there.parent.parent, "kick 2.wav") == ("Drums|Kick", "Genres|Täch & Co")
    assert there.read_bytes() == live_file(*others, KICK.replace("kick.wav", "kick 2.wav"))
    runner.undo()
    assert read_files(tmp_path) == before


def test_a_tag_that_was_given_in_the_library_comes_along_with_the_undo(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))
    put_live_file(tmp_path / "Library/kick", KICK)

    runner.undo()

    assert keywords(tmp_path / "in", "kick.wav") == ("Drums|Kick", "Genres|Täch & Co")
    assert keywords(tmp_path / "Library/kick", "kick.wav") == ()


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-40], lambda data: b"<!DOCTYPE x>" + data], ids=["cut", "DOCTYPE"]
)
def test_a_file_that_is_not_understood_is_left_alone_and_told(tmp_path, runner, damage):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "other.wav": b"o"}})
    path = put_live_file(tmp_path / "in", KICK)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()

    told = runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))
    silent = runner.do("move", tmp_path / "in/other.wav", Path("kick/other.wav"))

    assert "The tags of kick.wav in Ableton Live did not go along" in told.note
    assert str(path) in told.note
    assert not silent.note
    assert path.read_bytes() == before
    assert read_files(tmp_path / "Library") == {"kick": {"kick.wav": b"boom", "other.wav": b"o"}}


def test_tags_stay_where_the_new_folder_s_file_is_not_understood(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick": {}}})
    path = put_live_file(tmp_path / "in", KICK)
    there = put_live_file(tmp_path / "Library/kick", SNARE)
    there.write_bytes(there.read_bytes().replace(b"fs-resources/1.0", b"fs-resources/2.0"))
    before = path.read_bytes(), there.read_bytes()

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))

    assert "of another version" in outcome.note
    assert (path.read_bytes(), there.read_bytes()) == before


def test_what_stayed_behind_is_logged_without_what_disturbs_a_terminal(tmp_path, runner, caplog):
    make_files(tmp_path, {"in": {"a\x1b[2Jb.wav": b"boom"}})
    live_path(tmp_path / "in").parent.mkdir()
    live_path(tmp_path / "in").write_bytes(b"<cut a\x1b[2Jb.wav")

    runner.do("move", tmp_path / "in/a\x1b[2Jb.wav", Path("kick/kick.wav"))

    (told,) = caplog.records
    assert "did not go along" in told.message
    assert "\x1b" not in told.message


def test_a_read_only_file_is_left_alone_and_told(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    path = put_live_file(tmp_path / "in", KICK)
    path.chmod(0o444)

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))

    assert "read-only" in outcome.note
    assert path.read_bytes() == live_file(KICK)


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "private": {"x": b""}})
    put_live_file(tmp_path / "in", KICK)
    (tmp_path / "Library/kick").mkdir()
    (tmp_path / "Library/kick" / FOLDER).symlink_to(tmp_path / "private")

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick/kick.wav"))

    assert "did not go along" in outcome.note
    assert read_files(tmp_path / "private") == {"x": b""}
    assert keywords(tmp_path / "in", "kick.wav")


def test_what_live_saves_under_our_hands_is_kept(tmp_path):
    put_live_file(tmp_path / "kick", SNARE)
    saves = [live_file(SNARE, item(f"{number}.wav", ["Mine|x"])) for number in range(2)]

    def change(xmp):
        if saves:
            live_path(tmp_path / "kick").write_bytes(saves.pop(0))
        return folder_info.ableton_xmp.tagged(xmp, "kick.wav", ["Drums|Kick"])[0]

    with folder_info.disk.opened(tmp_path / "kick") as folder:
        Writer(1, Transfer(), nothing_noted).rewrite(folder, change)

    assert keywords(tmp_path / "kick", "1.wav") == ("Mine|x",)
    assert keywords(tmp_path / "kick", "kick.wav") == ("Drums|Kick",)
    assert [path.name for path in all_files(tmp_path)] == [folder_info.FILE]


def test_a_file_that_changes_all_the_time_is_left_to_the_other_program(tmp_path):
    put_live_file(tmp_path / "kick", SNARE)
    number = 0

    def change(xmp):
        nonlocal number
        number += 1
        live_path(tmp_path / "kick").write_bytes(live_file(SNARE, item(f"{number}.wav")))
        return folder_info.ableton_xmp.tagged(xmp, "kick.wav", ["Drums|Kick"])[0]

    with (
        folder_info.disk.opened(tmp_path / "kick") as folder,
        pytest.raises(CannotTag, match="another program"),
    ):
        Writer(1, Transfer(), nothing_noted).rewrite(folder, change)

    assert live_path(tmp_path / "kick").read_bytes() == live_file(SNARE, item(f"{number}.wav"))


def test_a_new_file_is_made_for_all_who_read_its_folder_and_goes_with_its_last_item(tmp_path):
    (tmp_path / "kick").mkdir(mode=0o755)
    xmp = folder_info.ableton_xmp
    with folder_info.disk.opened(tmp_path / "kick") as folder:
        writer = Writer(1, Transfer(), nothing_noted)
        writer.rewrite(folder, lambda file: xmp.tagged(file, "kick.wav", ["Drums|Kick"])[0], make=True)
        assert os.stat(live_path(tmp_path / "kick")).st_mode & 0o777 == 0o644

        writer.rewrite(folder, lambda file: xmp.without_item(file, "kick.wav"))

    assert read_files(tmp_path) == {"kick": {}}


def test_a_folder_of_live_s_own_stays_when_our_file_goes(tmp_path):
    (tmp_path / "kick" / FOLDER).mkdir(parents=True)
    xmp = folder_info.ableton_xmp
    with folder_info.disk.opened(tmp_path / "kick") as folder:
        writer = Writer(1, Transfer(), nothing_noted)
        writer.rewrite(folder, lambda file: xmp.tagged(file, "kick.wav", ["Drums|Kick"])[0], make=True)
        writer.rewrite(folder, lambda file: xmp.without_item(file, "kick.wav"))

    assert read_files(tmp_path) == {"kick": {FOLDER: {}}}


def test_a_sound_of_ten_thousand_is_moved_with_its_tags(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick 77.wav": b"boom"}})
    put_live_file(tmp_path / "in", *(item(f"kick {number}.wav", ["Mine|x"]) for number in range(10_000)))
    before = live_path(tmp_path / "in").read_bytes()

    runner.do("move", tmp_path / "in/kick 77.wav", Path("kick/kick.wav"))

    assert keywords(tmp_path / "Library/kick", "kick.wav") == ("Mine|x",)
    runner.undo()
    assert live_path(tmp_path / "in").read_bytes() == before
