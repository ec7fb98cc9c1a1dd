"""Trees of files and counts, on a screen and on a page."""

from pathlib import Path

from drumwatch.sorting.tree import Trees

LIBRARY = Path("/music/Library")


def tree_of(*places: str) -> Trees:
    trees = Trees()
    for place in places:
        trees.add(LIBRARY, LIBRARY / place)
    return trees


def test_a_tree_counts_files_and_names_a_few():
    trees = tree_of("kick/A/1.wav", "kick/A/2.wav", "kick/A/3.wav", "kick/A/4.wav", "snare/5.wav")

    assert list(trees.lines()) == [
        "/music/Library (5)",
        "├── kick/ (4)",
        "│   └── A/ (4)",
        "│       ├── 1.wav",
        "│       ├── 2.wav",
        "│       ├── 3.wav",
        "│       └── … and 1 more",
        "└── snare/ (1)",
        "    └── 5.wav",
    ]


def test_a_screen_shows_the_fullest_folders_and_counts_the_others():
    many = [f"kick/{n:02}/{k}.wav" for n in range(11) for k in range(n + 1)]

    lines = list(tree_of(*many).lines())

    assert [line.split("── ")[1] for line in lines if "/ (" in line and "kick" not in line] == [
        f"{n:02}/ ({n + 1})" for n in range(3, 11)
    ]
    assert lines[-1] == "    └── … and 3 more folders (6)"


def test_a_page_has_every_folder():
    (tree,) = tree_of("kick/A/1.wav", "kick/2.wav", "\x1b.wav").as_json()

    assert (tree["files"], tree["names"], tree["folders"][0]["name"]) == (3, ["\\x1b.wav"], "kick")
    assert tree["folders"][0]["folders"][0] == {
        "name": "A",
        "files": 1,
        "folders": [],
        "names": ["1.wav"],
        "more": 0,
    }
