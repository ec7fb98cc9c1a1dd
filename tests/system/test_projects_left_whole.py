"""Somebody's work lies among what is sorted: afterwards it is the same, byte for byte."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from daemon_harness import sha256
from project_trees import TREES

if TYPE_CHECKING:
    from pathlib import Path


def bytes_below(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, links and folders by name."""
    return {
        str(path.relative_to(folder)): "folder" if path.is_dir() else sha256(path)
        for path in sorted(folder.rglob("*"))
    }


def projects_reported(harness) -> set[str]:
    """Names, directly in the watched folder, of what the journal says was left whole."""
    reported = [entry.source for entry in harness.entries() if entry.is_project]
    return {source.relative_to(harness.intake).parts[0] for source in reported}


def test_sort_leaves_every_kind_as_it_is_and_reports_each_once(harness):
    for name, build in TREES.items():
        build(harness.intake if name == "web_page" else harness.intake / name)
    before = bytes_below(harness.intake)

    harness.run("sort", "--yes", str(harness.intake))
    harness.run("sort", "--yes", str(harness.intake))

    assert bytes_below(harness.intake) == before
    reported = [entry.source for entry in harness.entries() if entry.is_project]
    assert len(reported) == len(set(reported))
    assert projects_reported(harness) == {path.name for path in harness.intake.iterdir()}
    assert [entry for entry in harness.entries() if not entry.is_project] == []


def test_the_daemon_leaves_every_kind_as_it_is(harness, tmp_path):
    made = tmp_path / "made"
    for name, build in TREES.items():
        build(made if name == "web_page" else made / name)
    before = bytes_below(made)
    harness.start()
    for tree in made.iterdir():  # each at once: what comes before its marker is another test
        tree.rename(harness.intake / tree.name)
    single = harness.drop("last.wav")
    harness.wait_until(lambda: not single.exists(), "the single sound is filed")
    trees = {tree.name for tree in harness.intake.iterdir()}
    # A folder rests longer than a single file before it is looked at
    harness.wait_until(lambda: trees == projects_reported(harness), "each is told")
    harness.stop()

    assert bytes_below(harness.intake) == before
    reported = [entry for entry in harness.entries() if entry.is_project]
    assert len(reported) == len({entry.source for entry in reported})
    assert [entry.source.name for entry in harness.entries() if entry.action == "move"] == ["last.wav"]


def test_a_zip_of_each_kind_stays_a_zip_and_is_reported(harness, tmp_path):
    for name, build in TREES.items():
        root = build(tmp_path / "made" / name)
        shutil.make_archive(str(harness.intake / f"Delivery of {name}"), "zip", root.parent)
    before = bytes_below(harness.intake)

    harness.run("sort", "--yes", str(harness.intake))

    assert bytes_below(harness.intake) == before
    assert [entry for entry in harness.entries() if not entry.is_project] == []
    assert projects_reported(harness) == set(before)


def test_the_samples_of_a_project_can_be_copied(harness):
    name = "sfz" if "sfz" in TREES else min(TREES)
    TREES[name](harness.intake)
    before = bytes_below(harness.intake)

    harness.run("sort", "--yes", "--projects", "copy", str(harness.intake))
    copied = harness.tree(harness.library)

    assert bytes_below(harness.intake) == before
    assert copied != []


def test_what_was_filed_before_the_marker_came_is_put_back(harness):
    folder = harness.intake / "Late Project"
    for number in range(4):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder / "Samples/Imported")
    before = bytes_below(folder)
    shutil.move(folder, harness.config.parent / "aside")
    harness.start()
    shutil.move(harness.config.parent / "aside", folder)
    harness.wait_for(4)
    (folder / "Ableton Project Info").mkdir(parents=True)
    (folder / "Ableton Project Info/Project8_1.cfg").write_text("x")

    harness.wait_for_log("4 of them had been filed before this was known, and are back")
    harness.stop()

    assert {name: bytes_below(folder).get(name) for name in before} == before
    assert harness.tree(harness.library) == []


def test_why_says_that_a_sound_of_a_project_stays(harness):
    root = TREES["sfz"](harness.intake)
    sound = next(path for path in sorted(root.rglob("*.wav")))

    result = harness.run("why", str(sound)).stdout

    assert "it is left whole, with this sound in it" in result
    assert "would     move" not in result


def test_a_project_that_comes_slowly_is_reported_once(harness):
    harness.start()
    folder = harness.intake / "Slow Project"
    (folder / "Ableton Project Info").mkdir(parents=True)
    (folder / "Ableton Project Info/Project8_1.cfg").write_text("x")
    harness.drop("first.wav", folder=folder / "Samples")
    harness.wait_for_log("Slow Project left whole")

    harness.drop("second.wav", hz=60, folder=folder / "Samples")
    harness.drop("third.wav", hz=70, folder=folder / "Samples")
    single = harness.drop("single.wav", hz=80)
    harness.wait_until(lambda: not single.exists(), "the single sound is filed")
    harness.wait_until(lambda: "Slow Project" in harness.run("status").stdout, "status tells of it")
    harness.stop()

    assert len([entry for entry in harness.entries() if entry.is_project]) == 1


def program_without_sounds(folder: Path) -> Path:
    """An `.app` as most are."""
    root = folder / "Mail.app"
    (root / "Contents/MacOS").mkdir(parents=True)
    (root / "Contents/MacOS/Mail").write_bytes(b"\xcf\xfa\xed\xfe")
    return root


def test_a_song_that_is_a_package_is_reported_with_its_sounds_once_over_restarts(harness, tmp_path):
    song = TREES["logic_bundle"](tmp_path / "made/Delivery").parent
    harness.start()
    song.rename(harness.intake / "Delivery")
    harness.wait_for_log("Ballad.logicx left whole")
    harness.drop("more.wav", folder=harness.intake / "Delivery/Ballad.logicx/Media/Audio Files")
    harness.stop()
    harness.start()
    single = harness.drop("single.wav", hz=80)
    harness.wait_until(lambda: not single.exists(), "the single sound is filed")
    status = harness.run("status").stdout
    harness.stop()

    (reported,) = [entry for entry in harness.entries() if entry.is_project]
    assert reported.reason == "Ballad.logicx is a Logic Pro song with 2 sounds"
    assert "left whole  1 project: Ballad.logicx" in status
    assert harness.log.count("left whole") == 0


def test_a_song_that_came_while_nobody_watched_is_reported_at_the_start_and_an_old_one_is_not(harness):
    TREES["garageband"](harness.intake)
    harness.start()
    harness.stop()
    before = projects_reported(harness)

    TREES["logic_bundle"](harness.intake)
    harness.run("run", "--once")

    assert (before, projects_reported(harness)) == (set(), {"Ballad.logicx"})


def test_a_program_without_sounds_is_not_reported_in_a_folder_or_a_zip(harness, tmp_path):
    harness.start()
    program_without_sounds(harness.intake)
    shutil.make_archive(str(harness.intake / "Mail"), "zip", program_without_sounds(tmp_path / "made").parent)
    TREES["logic_bundle"](harness.intake)
    harness.wait_for_log("Ballad.logicx left whole")
    harness.stop()
    harness.run("sort", "--yes", str(harness.intake))

    assert projects_reported(harness) == {"Ballad.logicx"}


def test_a_song_that_is_given_to_sort_by_itself_is_reported_once(harness):
    song = TREES["logic_bundle"](harness.intake)
    before = bytes_below(song)

    harness.run("sort", "--yes", str(song))
    harness.run("sort", "--yes", str(song))

    assert bytes_below(song) == before
    assert [entry.source for entry in harness.entries()] == [song]


def test_the_plan_names_each_project_in_a_folder_a_package_or_a_zip_and_so_does_the_next(harness, tmp_path):
    root = TREES["ableton"](harness.intake)
    TREES["logic_bundle"](harness.intake)
    TREES["reaper"](tmp_path / "made")
    shutil.make_archive(str(harness.intake / "Delivery"), "zip", tmp_path / "made")
    named = [
        "Left whole:",
        "  My Song (a Reaper song, 3 sounds)",
        "  Ballad.logicx (a Logic Pro song, 2 sounds)",
        f"  {root.name} (an Ableton Live project, 2 sounds)",
    ]
    plans = []
    for _ in range(2):
        result = harness.run("sort", "--dry-run", str(harness.intake)).stdout.splitlines()
        plans.append(result[result.index("Left whole:") :][:4])
        harness.run("sort", "--yes", str(harness.intake))

    assert plans == [named, named]
