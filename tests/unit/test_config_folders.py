"""Folders that would loop, conflict or contain everything are refused, whatever links lead there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Config, excluded, parse
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("home/ada/Downloads/Packs", "home/ada/Samples", "home/ada/Music"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "home/ada"


def problems_of(text: str, home: Path) -> list[str]:
    """The problems, with the home folder written as ~."""
    with pytest.raises(ConfigError) as caught:
        parse(text, home=home)
    return [re.sub(re.escape(str(home)), "~", problem) for problem in caught.value.problems]


def fine(text: str, home: Path) -> Config:
    return parse(text, home=home)


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("'/in put'", 'has quotes or spaces around the path; did you mean "/in put"?'),
        ("file:///in%20put", 'is not an absolute folder; did you mean "/in put"?'),
        ("/in put ", 'has quotes or spaces around the path; did you mean "/in put"?'),
        (" ~/in", 'has quotes or spaces around the path; did you mean "~/in"?'),
        ("C:/Music", "is a path of Windows: give the path that this system has for it"),
        ("https://a.b/c", "is an address on the web: download it first, and give the path of the download"),
    ],
    ids=["quotes", "address", "space behind", "space before", "Windows", "web"],
)
def test_a_pasted_folder_is_explained_without_repeating_it(folder, sentence, home):
    assert problems_of(f'[[watch]]\nfolder = "{folder}"', home) == [
        f'config.toml:2: folder = "{folder}" {sentence}'
    ]


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("Downloads", 'is not an absolute folder: begin with / or ~/, as in "~/Downloads"'),
        ("./in", 'is not an absolute folder: begin with / or ~/, as in "~/in"'),
        ("", 'is not an absolute folder: begin with / or ~/, as in "~/Downloads"'),
        ("~bob/in", 'is not an absolute folder: begin with / or ~/, as in "~/in"'),
        ("$HOME/in", 'is not an absolute folder: begin with / or ~/, as in "~/in"'),
        ("/", "is the whole disk: watch the folder where sounds arrive"),
        ("//", "is the whole disk: watch the folder where sounds arrive"),
        ("/usr/..", "is the whole disk: watch the folder where sounds arrive"),
        (
            "~",
            "is your home folder, or holds it: watch the folder in it where sounds arrive, such as ~/Downloads",
        ),
        (
            "~/",
            "is your home folder, or holds it: watch the folder in it where sounds arrive, such as ~/Downloads",
        ),
        (
            "~/..",
            "is your home folder, or holds it: watch the folder in it where sounds arrive, such as ~/Downloads",
        ),
        (
            "~/Music/../",
            "is your home folder, or holds it: watch the folder in it where sounds arrive, such as ~/Downloads",
        ),
    ],
)
def test_a_folder_that_is_relative_or_too_much_is_not_watched(folder, sentence, home):
    assert problems_of(f'[[watch]]\nfolder = "{folder}"', home) == [
        f'config.toml:2: folder = "{folder}" {sentence}'
    ]


def test_a_link_to_the_home_folder_is_the_home_folder(home):
    (home / "Music/all").symlink_to(home)

    (problem,) = problems_of('[[watch]]\nfolder = "~/Music/all"', home)

    assert "is your home folder, or holds it" in problem


def test_a_null_character_is_a_problem_and_no_crash(home):
    (problem,) = problems_of('[[watch]]\nfolder = "/in\\u0000"', home)

    assert problem == 'config.toml:2: folder = "/in?" has a null character in it'


def test_a_file_in_place_of_a_folder_is_refused(home):
    (home / "file").touch()

    assert problems_of('library = "~/file"\n[[watch]]\nfolder = "~/file"', home) == [
        'config.toml:1: library = "~/file" is a file, not a folder',
        'config.toml:3: folder = "~/file" is a file, not a folder',
    ]


INSIDE = 'library = "~/Downloads/Drums"\n[[watch]]\nfolder = "~/Downloads"\n'


@pytest.mark.parametrize("action", ["move", "copy", "hardlink", "symlink"])
def test_a_library_inside_a_watched_tree_is_refused_where_files_go_there(action, home):
    assert problems_of(f'{INSIDE}action = "{action}"', home) == [
        (
            "config.toml:3: the library ~/Downloads/Drums lies inside the watched folder ~/Downloads, so sorted files "
            'would be sorted again: add exclude = ["Drums"] to this watch, or move one of them'
        )
    ]


@pytest.mark.parametrize(
    "settled",
    [
        'exclude = ["Drums"]',
        'exclude = ["drums/*"]',
        'exclude = ["~/Downloads/Drums"]',
        "recursive = false",
        'action = "tag"',
        'action = "leave"',
    ],
)
def test_a_library_inside_a_watched_tree_is_fine_where_it_is_left_out_or_never_filled(settled, home):
    assert len(fine(INSIDE + settled, home).watches) == 1


def test_a_rule_that_files_makes_a_tagging_watch_one_that_fills_the_library(home):
    rule = '\n[[rule]]\nmatch = { name = "*808*" }\naction = "move"'

    (problem,) = problems_of(f'{INSIDE}action = "tag"{rule}', home)
    assert "the library ~/Downloads/Drums lies inside the watched folder" in problem

    elsewhere = rule.replace('name = "*808*"', 'folder = "~/Samples"')
    assert len(fine(f'{INSIDE}action = "tag"{elsewhere}', home).watches) == 1


def test_a_link_does_not_hide_that_the_library_lies_inside_the_watch(home):
    (home / "Music/in").symlink_to(home / "Downloads")

    (problem,) = problems_of('library = "~/Downloads/Drums"\n[[watch]]\nfolder = "~/Music/in"', home)

    assert (
        'lies inside the watched folder ~/Music/in, so sorted files would be sorted again: add exclude = ["Drums"]'
        in problem
    )


def test_a_watch_that_is_the_library_is_refused(home):
    assert problems_of('library = "~/Samples/"\n[[watch]]\nfolder = "~/Samples"', home) == [
        "config.toml:3: ~/Samples is watched and the library at once: sorted files would be sorted again"
    ]


def test_a_watch_inside_the_library_is_refused(home):
    assert problems_of('library = "~/Downloads"\n[[watch]]\nfolder = "~/Downloads/Packs"', home) == [
        "config.toml:3: the watched folder ~/Downloads/Packs lies inside the library ~/Downloads: take it out of there"
    ]


BOUND = """
mount --bind "$1/Downloads" "$1/Samples" || exit 77
exec "$2" -c 'import sys; from drumwatch.config import parse; parse(sys.argv[1])' "$3"
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own")
def test_a_folder_mounted_at_two_places_is_one_folder(home):
    twice = f'[[watch]]\nfolder = "{home}/Downloads"\n[[watch]]\nfolder = "{home}/Samples"'

    tried = subprocess.run(
        ["unshare", "-rm", "sh", "-c", BOUND, "sh", str(home), sys.executable, twice],
        capture_output=True,
        text=True,
        check=False,
    )

    if tried.returncode == 77 or tried.stderr.startswith("unshare"):
        pytest.skip("this machine lets nobody mount")
    assert f"ConfigError: config.toml:4: {home}/Samples is watched twice" in tried.stderr


def test_a_watch_must_not_take_up_what_another_one_has_filed(home):
    text = """
    [[watch]]
    folder = "~/Downloads"
    library = "~/Samples/Drums"
    [[watch]]
    folder = "~/Samples"
    library = "~/Music/Drums"
    """

    (problem,) = problems_of(text, home)

    assert problem.startswith(
        "config.toml:6: the library ~/Samples/Drums lies inside the watched folder ~/Samples"
    )


def test_a_folder_watched_twice_is_refused_also_by_another_name(home):
    (home / "dl").symlink_to(home / "Downloads")
    twice = '[[watch]]\nfolder = "~/Downloads"\n[[watch]]\nfolder = "~/dl"'

    assert problems_of(twice, home) == ["config.toml:4: ~/dl is watched twice"]


@pytest.mark.parametrize(
    ("first", "second"), [("~/Downloads", "~/Downloads/Packs"), ("~/Downloads/Packs", "~/Downloads")]
)
def test_watches_inside_one_another_are_refused(first, second, home):
    assert problems_of(f'[[watch]]\nfolder = "{first}"\n[[watch]]\nfolder = "{second}"', home) == [
        (
            "config.toml:4: ~/Downloads/Packs lies inside ~/Downloads, and both are watched: "
            'add exclude = ["Packs"] or recursive = false to the outer one'
        )
    ]


@pytest.mark.parametrize("settled", ['exclude = ["Packs"]', "recursive = false"])
def test_watches_inside_one_another_are_fine_where_the_outer_one_does_not_look_there(settled, home):
    config = fine(
        f'[[watch]]\nfolder = "~/Downloads"\n{settled}\n[[watch]]\nfolder = "~/Downloads/Packs"', home
    )

    assert len(config.watches) == 2


def test_folders_that_begin_alike_do_not_lie_inside_one_another(home):
    config = fine('library = "~/Downloads Library"\n[[watch]]\nfolder = "~/Downloads"', home)

    assert len(config.watches) == 1


def test_a_watch_whose_folder_is_wrong_does_not_hide_the_other_clashes(home):
    problems = problems_of(
        'library = "~/Samples"\n[[watch]]\nfolder = "x"\n[[watch]]\nfolder = "~/Samples"', home
    )

    assert [problem.split(": ")[0] for problem in problems] == ["config.toml:3", "config.toml:5"]


@pytest.mark.parametrize(
    ("pattern", "path", "left_out"),
    [
        ("Old", "Old/kick.wav", True),
        ("old", "a/Old/b/kick.wav", True),
        ("*.bak", "a/kick.bak", True),
        ("kick*", "a/Kick.wav", True),
        ("Old", "Older/kick.wav", False),
        ("a/Old", "a/Old/kick.wav", True),
        ("a/Old", "b/a/Old/kick.wav", False),
        ("*/Old", "b/a/Old/kick.wav", True),
        ("Pack [24bit]", "Pack [24bit]/kick.wav", True),
        ("Pack [ab]", "Pack b/kick.wav", True),
        ("Sna\u0308re", "Sn\u00e4re/x", True),
        ("Sn\u00e4*", "Sna\u0308re/x", True),
    ],
)
def test_exclude_leaves_out_names_and_ways(pattern, path, left_out, home):
    (watch,) = fine(f'[[watch]]\nfolder = "~/Downloads"\nexclude = ["{pattern}"]', home).watches

    assert excluded(watch, home / "Downloads" / path) is left_out
    assert not excluded(watch, home / "Elsewhere" / path)


def test_conflicts_are_told_in_the_order_of_the_watches(home):
    folders = ("a/b/c", "z", "a/b", "y", "a")
    text = "".join(f'[[watch]]\nfolder = "~/Samples/{folder}"\n' for folder in folders)

    found = [problem.partition(", and both")[0] for problem in problems_of(text, home)]

    assert found == [
        "config.toml:6: ~/Samples/a/b/c lies inside ~/Samples/a/b",
        "config.toml:10: ~/Samples/a/b/c lies inside ~/Samples/a",
        "config.toml:10: ~/Samples/a/b lies inside ~/Samples/a",
    ]


def calls_for(count: int, home: Path) -> int:
    """Return how many functions are called while a configuration with so many watches, libraries and rules is read."""
    text = "".join(
        f'[[watch]]\nfolder = "~/Samples/{n}"\nlibrary = "~/Music/{n}"\n'
        f'[[rule]]\nname = "{n}"\nmatch.folder = "~/Samples/{n}"\naction = "copy"\n'
        for n in range(count)
    )
    calls = 0

    def count_call(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count_call)
    try:
        parse(text, home=home)
    finally:
        sys.setprofile(None)
    return calls


def test_twice_as_many_watches_take_twice_the_work(home):
    calls_for(1, home)

    assert calls_for(160, home) < 2.3 * calls_for(80, home)
