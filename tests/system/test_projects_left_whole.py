"""Somebody's work lies among what is sorted: afterwards it is the same, byte for byte."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from project_trees import TREES
from studio import sha256

if TYPE_CHECKING:
    from pathlib import Path


def bytes_below(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, links and folders by name."""
    return {
        str(path.relative_to(folder)): "folder" if path.is_dir() else sha256(path)
        for path in sorted(folder.rglob("*"))
    }


def told_in(studio) -> set[str]:
    """Names, directly in the watched folder, of what the journal says was left whole."""
    told = [entry.source for entry in studio.entries() if entry.is_project]
    return {source.relative_to(studio.intake).parts[0] for source in told}


def is_bundle(name: str) -> bool:
    """All of its sounds lie in a bundle, which nobody looks into."""
    return "bundle" in name or "garageband" in name


def test_sort_leaves_every_kind_as_it_is_and_tells_of_each_once(studio):
    for name, build in TREES.items():
        build(studio.intake if name == "web_page" else studio.intake / name)
    before = bytes_below(studio.intake)

    studio.say("sort", "--yes", str(studio.intake))
    studio.say("sort", "--yes", str(studio.intake))

    assert bytes_below(studio.intake) == before
    told = [entry.source for entry in studio.entries() if entry.is_project]
    assert len(told) == len(set(told)) > 0
    assert [entry for entry in studio.entries() if not entry.is_project] == []


def test_the_daemon_leaves_every_kind_as_it_is(studio, tmp_path):
    made = tmp_path / "made"
    for name, build in TREES.items():
        build(made if name == "web_page" else made / name)
    before = bytes_below(made)
    studio.start()
    for tree in made.iterdir():  # each at once: what comes before its marker is another test
        tree.rename(studio.intake / tree.name)
    single = studio.drop("last.wav")
    studio.wait_until(lambda: not single.exists(), "the single sound is filed")
    trees = {tree.name for tree in studio.intake.iterdir()}
    studio.wait_until(  # a folder rests longer than a single file before it is looked at
        lambda: trees - told_in(studio) <= {name for name in trees if is_bundle(name)}, "each is told"
    )
    studio.stop()

    assert bytes_below(studio.intake) == before
    told = [entry for entry in studio.entries() if entry.is_project]
    assert len(told) == len({entry.source for entry in told})
    assert [entry.source.name for entry in studio.entries() if entry.action == "move"] == ["last.wav"]


def test_a_zip_of_each_kind_stays_a_zip_and_is_told(studio, tmp_path):
    for name, build in TREES.items():
        root = build(tmp_path / "made" / name)
        shutil.make_archive(str(studio.intake / f"Delivery of {name}"), "zip", root.parent)
    before = bytes_below(studio.intake)

    studio.say("sort", "--yes", str(studio.intake))

    assert bytes_below(studio.intake) == before
    assert [entry for entry in studio.entries() if not entry.is_project] == []
    silent = set(before) - told_in(studio)
    assert {name for name in silent if not is_bundle(name)} == set()


def test_the_samples_of_a_project_can_be_copied(studio):
    name = "sfz" if "sfz" in TREES else min(TREES)
    TREES[name](studio.intake)
    before = bytes_below(studio.intake)

    studio.say("sort", "--yes", "--projects", "copy", str(studio.intake))
    copied = studio.tree(studio.library)

    assert bytes_below(studio.intake) == before
    assert copied != []


def test_what_was_filed_before_the_marker_came_is_put_back(studio):
    folder = studio.intake / "Late Project"
    for number in range(4):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder / "Samples/Imported")
    before = bytes_below(folder)
    shutil.move(folder, studio.config.parent / "aside")
    studio.start()
    shutil.move(studio.config.parent / "aside", folder)
    studio.wait_for(4)
    (folder / "Ableton Project Info").mkdir(parents=True)
    (folder / "Ableton Project Info/Project8_1.cfg").write_text("x")

    studio.wait_for_log("4 of them had been filed before this was known, and are back")
    studio.stop()

    assert {name: bytes_below(folder).get(name) for name in before} == before
    assert studio.tree(studio.library) == []


def test_why_says_that_a_sound_of_a_project_stays(studio):
    root = TREES["sfz"](studio.intake)
    sound = next(path for path in sorted(root.rglob("*.wav")))

    said = studio.say("why", str(sound)).stdout

    assert "it is left whole, and this sound stays in it" in said
    assert "would     move" not in said


def test_a_project_that_comes_slowly_is_told_once(studio):
    studio.start()
    folder = studio.intake / "Slow Project"
    (folder / "Ableton Project Info").mkdir(parents=True)
    (folder / "Ableton Project Info/Project8_1.cfg").write_text("x")
    studio.drop("first.wav", folder=folder / "Samples")
    studio.wait_for_log("Slow Project left whole")

    studio.drop("second.wav", hz=60, folder=folder / "Samples")
    studio.drop("third.wav", hz=70, folder=folder / "Samples")
    single = studio.drop("single.wav", hz=80)
    studio.wait_until(lambda: not single.exists(), "the single sound is filed")
    studio.wait_until(lambda: "Slow Project" in studio.say("status").stdout, "status tells of it")
    studio.stop()

    assert len([entry for entry in studio.entries() if entry.is_project]) == 1
