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


def test_sort_leaves_every_kind_as_it_is_and_tells_of_each_once(studio):
    for name, build in TREES.items():
        build(studio.intake if name == "web_page" else studio.intake / name)
    before = bytes_below(studio.intake)

    studio.say("sort", "--yes", str(studio.intake))
    studio.say("sort", "--yes", str(studio.intake))

    assert bytes_below(studio.intake) == before
    told = [entry.source for entry in studio.entries() if entry.is_project]
    assert len(told) == len(set(told))
    assert told_in(studio) == {path.name for path in studio.intake.iterdir()}
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
    # A folder rests longer than a single file before it is looked at
    studio.wait_until(lambda: trees == told_in(studio), "each is told")
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
    assert told_in(studio) == set(before)


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


def program_without_sounds(folder: Path) -> Path:
    """An `.app` as most are."""
    root = folder / "Mail.app"
    (root / "Contents/MacOS").mkdir(parents=True)
    (root / "Contents/MacOS/Mail").write_bytes(b"\xcf\xfa\xed\xfe")
    return root


def test_a_song_that_is_a_package_is_told_with_its_sounds_once_over_restarts(studio, tmp_path):
    song = TREES["logic_bundle"](tmp_path / "made/Delivery").parent
    studio.start()
    song.rename(studio.intake / "Delivery")
    studio.wait_for_log("Ballad.logicx left whole")
    studio.drop("more.wav", folder=studio.intake / "Delivery/Ballad.logicx/Media/Audio Files")
    studio.stop()
    studio.start()
    single = studio.drop("single.wav", hz=80)
    studio.wait_until(lambda: not single.exists(), "the single sound is filed")
    status = studio.say("status").stdout
    studio.stop()

    (told,) = [entry for entry in studio.entries() if entry.is_project]
    assert told.reason == "Ballad.logicx is a Logic Pro song with 2 sounds"
    assert "left whole  1 project: Ballad.logicx" in status
    assert studio.log.count("left whole") == 0


def test_a_song_that_came_while_nobody_watched_is_told_at_the_start_and_an_old_one_is_not(studio):
    TREES["garageband"](studio.intake)
    studio.start()
    studio.stop()
    before = told_in(studio)

    TREES["logic_bundle"](studio.intake)
    studio.say("run", "--once")

    assert (before, told_in(studio)) == (set(), {"Ballad.logicx"})


def test_a_program_without_sounds_is_not_told_of_in_a_folder_or_a_zip(studio, tmp_path):
    studio.start()
    program_without_sounds(studio.intake)
    shutil.make_archive(str(studio.intake / "Mail"), "zip", program_without_sounds(tmp_path / "made").parent)
    TREES["logic_bundle"](studio.intake)
    studio.wait_for_log("Ballad.logicx left whole")
    studio.stop()
    studio.say("sort", "--yes", str(studio.intake))

    assert told_in(studio) == {"Ballad.logicx"}


def test_a_song_that_is_given_to_sort_by_itself_is_told_once(studio):
    song = TREES["logic_bundle"](studio.intake)
    before = bytes_below(song)

    studio.say("sort", "--yes", str(song))
    studio.say("sort", "--yes", str(song))

    assert bytes_below(song) == before
    assert [entry.source for entry in studio.entries()] == [song]


def test_the_plan_names_each_project_in_a_folder_a_package_or_a_zip_and_so_does_the_next(studio, tmp_path):
    root = TREES["ableton"](studio.intake)
    TREES["logic_bundle"](studio.intake)
    TREES["reaper"](tmp_path / "made")
    shutil.make_archive(str(studio.intake / "Delivery"), "zip", tmp_path / "made")
    named = [
        "Left whole:",
        "  My Song (a Reaper song, 3 sounds)",
        "  Ballad.logicx (a Logic Pro song, 2 sounds)",
        f"  {root.name} (an Ableton Live project, 2 sounds)",
    ]
    plans = []
    for _ in range(2):
        said = studio.say("sort", "--dry-run", str(studio.intake)).stdout.splitlines()
        plans.append(said[said.index("Left whole:") :][:4])
        studio.say("sort", "--yes", str(studio.intake))

    assert plans == [named, named]
