"""Which folder a file goes to where a device shows only so many entries of one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from drumwatch.filing.folder_room import FolderRoom, counts

Tree = Mapping[tuple[str, ...], int]


def chosen(wanted: str, tree: Tree, *, limit: int = 2, there: str = "", name_limit: int = 0) -> str:
    room = FolderRoom(tree.get, limit, name_limit)
    steps = tuple(wanted.split("/")) if wanted else ()
    return "/".join(room.choose(steps, lambda folder: "/".join(folder) == there))


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({}, "kick"),
        ({("kick",): 1}, "kick"),
        ({("kick",): 2}, "kick 2"),
        ({("kick",): 2, ("kick 2",): 1}, "kick 2"),
        ({("kick",): 2, ("kick 2",): 2}, "kick 3"),
        ({("kick",): 1, ("kick 2",): 2}, "kick"),
        ({("kick 2",): 2}, "kick"),
    ],
    ids=["none", "room", "full", "second has room", "both full", "room again", "a gap"],
)
def test_a_full_folder_is_followed_by_one_with_a_number(tree, expected):
    assert chosen("kick", tree) == expected


def test_a_sound_stays_with_its_folder_though_another_has_room():
    tree: Tree = {("kick",): 1, ("kick 2",): 2}

    assert chosen("kick", tree, there="kick 2") == "kick 2"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({("kick",): 2}, "kick 2/Pack"),
        ({("kick",): 2, ("kick", "Pack"): 1}, "kick/Pack"),
        ({("kick",): 2, ("kick", "Pack"): 2}, "kick 2/Pack"),
        ({("kick",): 1, ("kick", "Pack"): 2}, "kick/Pack 2"),
        ({("kick",): 1, ("kick 2",): 1, ("kick 2", "Pack"): 1}, "kick 2/Pack"),
        ({("kick",): 2, ("kick", "Pack"): 2, ("kick 2",): 2}, "kick 3/Pack"),
    ],
    ids=["full of packs", "known pack", "both full", "full pack", "pack in the second", "no room anywhere"],
)
def test_folders_count_in_the_folder_around_them(tree, expected):
    assert chosen("kick/Pack", tree) == expected


def test_the_library_itself_is_never_split():
    assert chosen("", {(): 500}) == ""
    assert chosen("kick", {(): 500}) == "kick"


def test_the_number_of_a_folder_is_within_the_limit_of_names():
    assert chosen("percussions!", {("percussions!",): 2}, name_limit=12) == "percussion 2"


@pytest.mark.parametrize(
    ("name", "is_folder", "expected"),
    [
        ("kick.wav", False, True),
        ("KICK.WAV", False, True),
        ("Pack", True, True),
        ("kick.wav.asd", False, False),
        ("Readme.txt", False, False),
        (".DS_Store", False, False),
        (".hidden", True, False),
    ],
)
def test_sounds_and_folders_count_and_nothing_else(name, is_folder, expected):
    assert counts(name, is_folder=is_folder) == expected
