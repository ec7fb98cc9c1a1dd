from __future__ import annotations

from pathlib import Path

from folder_trees import make_files, read_files


def test_companions_follow_a_moved_sound_under_its_new_name(tmp_path, runner):
    make_files(
        tmp_path,
        {
            "in": {
                "kick.wav": b"boom",
                "kick.wav.asd": b"warp",
                "kick.reapeaks": b"peaks",
                "kick.xmp": b"xmp",
                "snare.xmp": b"s",
            },
            "Library": {"kick.wav": b"old"},
        },
    )

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {
        "in": {"snare.xmp": b"s"},
        "Library": {
            "kick 2.reapeaks": b"peaks",
            "kick 2.wav": b"boom",
            "kick 2.wav.asd": b"warp",
            "kick 2.xmp": b"xmp",
            "kick.wav": b"old",
        },
    }


def test_companions_move_to_another_disk(tmp_path, runner, other_disk):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "kick.wav.asd": b"warp"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "in") == {}
    assert read_files(other_disk) == {"kick.wav": b"boom", "kick.wav.asd": b"warp"}


def test_companions_are_copied_with_a_copy(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "kick.asd": b"warp"}})

    runner.do("copy", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {
        "in": {"kick.asd": b"warp", "kick.wav": b"boom"},
        "Library": {"kick.asd": b"warp", "kick.wav": b"boom"},
    }


def test_a_companion_that_may_belong_to_another_sound_stays(tmp_path, runner):
    make_files(
        tmp_path,
        {"in": {"kick.wav": b"boom", "kick.aif": b"BOOM", "kick.asd": b"whose?", "kick.wav.asd": b"ours"}},
    )

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {
        "in": {"kick.aif": b"BOOM", "kick.asd": b"whose?"},
        "Library": {"kick.wav": b"boom", "kick.wav.asd": b"ours"},
    }


def test_a_companion_whose_name_is_taken_stays_and_is_mentioned(tmp_path, runner):
    make_files(
        tmp_path, {"in": {"kick.wav": b"boom", "kick.wav.asd": b"new"}, "Library": {"kick.wav.asd": b"old"}}
    )

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert outcome.note == "kick.wav.asd was left alone: kick.wav.asd is already there."
    assert read_files(tmp_path) == {
        "in": {"kick.wav.asd": b"new"},
        "Library": {"kick.wav": b"boom", "kick.wav.asd": b"old"},
    }


def test_a_linked_companion_is_no_companion(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "secret": b"secret"})
    (tmp_path / "in/kick.xmp").symlink_to(tmp_path / "secret")

    runner.do("copy", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "Library") == {"kick.wav": b"boom"}


def test_a_companion_whose_name_does_not_change_stays_itself(tmp_path, runner):
    make_files(tmp_path, {"Library": {"kick.wave": b"boom", "kick.asd": b"warp"}})

    runner.do("move", tmp_path / "Library/kick.wave", Path("kick.wav"))

    assert read_files(tmp_path / "Library") == {"kick.asd": b"warp", "kick.wav": b"boom"}


def test_every_side_file_follows_the_sound_and_comes_back_with_it(tmp_path, runner):
    names = [
        *("chain.ot", "chain.wav.sfk", "chain.sfap0", "chain.pkf", "chain.gpk", "chain.cue", "chain.wav.asd"),
        "chain.wav.reapeaks",
    ]
    before = {"chain.wav": b"boom", **{name: name.encode() for name in names}}
    make_files(tmp_path, {"in": before})

    outcome = runner.do("move", tmp_path / "in/chain.wav", Path("break.wav"))

    assert outcome.note == ""
    assert read_files(tmp_path) == {
        "in": {},
        "Library": {name.replace("chain", "break"): content for name, content in before.items()},
    }
    runner.undo()
    assert read_files(tmp_path / "in") == before


def test_projects_documents_and_other_sounds_with_the_stem_stay(tmp_path, runner):
    others = {
        name: name.encode()
        for name in ("beat.als", "beat.sfz", "beat.txt", "beat.jpg", "beat.zip", "beat.mid")
    }
    make_files(
        tmp_path, {"in": {"beat.wav": b"boom", "beat": b"no ending", "beat.wav.part": b"more", **others}}
    )

    runner.do("move", tmp_path / "in/beat.wav", Path("beat.wav"))

    assert read_files(tmp_path) == {
        "in": {"beat": b"no ending", "beat.wav.part": b"more", **others},
        "Library": {"beat.wav": b"boom"},
    }


def test_a_side_file_stays_if_a_sound_that_cannot_be_heard_has_its_name_too(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "kick.m4a": b"BOOM", "kick.ot": b"whose?"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "in") == {"kick.m4a": b"BOOM", "kick.ot": b"whose?"}
