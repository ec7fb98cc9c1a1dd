"""A marker comes after the sounds of its project, or the folder around a sound cannot be looked through."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from daemon_harness import sha256
from project_trees import TREES, put, rpp

if TYPE_CHECKING:
    from pathlib import Path

    from daemon_harness import DaemonHarness

BACK = "had been filed before this was known"


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its place in the folder."""
    return {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*") if path.is_file()}


def sfz(path: Path, *names: str) -> Path:
    return put(path, "".join(f"<region> sample={name}\n" for name in names))


def without_documents(folder: Path) -> dict[Path, bytes]:
    """Take everything out that is no sound, to be written later."""
    late = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".wav"}
    for path in late:
        path.unlink()
    return late


def sounds_filed(harness: DaemonHarness, folder: Path) -> None:
    harness.wait_until(lambda: not any(folder.rglob("*.wav")), "the sounds are filed")


KITS = ("sfz", "hydrogen", "decent_sampler")


@pytest.mark.parametrize(
    ("where", "kinds"),
    [("", (*KITS, "mpc_program_3")), ("Samples", KITS), ("Samples", ("mpc_program_3",))],
    ids=["at the top", "in Samples", "an MPC program in Samples"],
)
def test_an_instrument_that_comes_after_its_sounds_has_them_back(harness, tmp_path, where, kinds):
    made = [TREES[kind](tmp_path / kind) for kind in kinds]
    before = [hashes(folder) for folder in made]
    late = [without_documents(folder) for folder in made]
    (harness.intake / where).mkdir(exist_ok=True)
    roots = [harness.intake / where / folder.name for folder in made]
    harness.start()
    for folder, root in zip(made, roots, strict=True):
        folder.rename(root)
    for root in roots:
        sounds_filed(harness, root)

    for folder, root, documents in zip(made, roots, late, strict=True):
        for path, content in documents.items():
            put(root / path.relative_to(folder), content)
    harness.wait_for_log(BACK, len(roots))
    harness.stop()

    assert [hashes(root) for root in roots] == before
    assert harness.tree(harness.library) == []
    assert len([entry for entry in harness.entries() if entry.is_project]) == len(roots)


def patched(harness: DaemonHarness, folder: Path, module: str, old: str, new: str) -> None:
    """The harness runs a copy of the program in which this value is another one."""
    harness.use_a_copy_of_the_program(folder)
    path = folder / "drumwatch" / module
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_marker_event_is_followed_where_no_late_look_would_come(harness, tmp_path):
    patched(harness, tmp_path / "program", "daemon/late_markers.py", "(10.0, 60.0, 600.0)", "(3600.0,)")
    folder = harness.intake / "Kicks"
    harness.start()
    for number in range(3):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")

    harness.wait_for_log(BACK)
    harness.stop()
    assert sorted(hashes(folder)) == ["0.wav", "1.wav", "2.wav", "kit.sfz"]


def test_a_late_look_finds_a_marker_that_no_event_reported(harness, tmp_path):
    patched(harness, tmp_path / "program", "daemon/late_markers.py", "(10.0, 60.0, 600.0)", "(2.0, 600.0)")
    harness.configure(watch='poll = "always"')
    folder = harness.intake / "Kicks"
    harness.start()
    for number in range(3):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")

    harness.wait_for_log(BACK)


def test_a_git_checkout_in_a_folder_of_a_generic_name_has_its_sounds_back(harness):
    folder = harness.intake / "Samples"
    harness.start()
    harness.drop("a.wav", folder=folder)
    harness.drop("b.wav", hz=60, folder=folder)
    sounds_filed(harness, folder)

    put(folder / ".git/HEAD", "ref: refs/heads/main\n")
    put(folder / ".git/config", "[core]\n")
    (folder / ".git/objects").mkdir()

    harness.wait_for_log(BACK)
    harness.stop()
    assert {"a.wav", "b.wav"} <= hashes(folder).keys()
    assert harness.tree(harness.library) == []


def copies(harness: DaemonHarness) -> int:
    """How many sounds have been filed by something else than a move."""
    return sum(entry.action in ("copy", "hardlink") and entry.undoes is None for entry in harness.entries())


def test_a_sound_that_a_late_document_needs_comes_back_and_is_copied(harness):
    folder = harness.intake / "Kicks"
    harness.start()
    for number in range(6):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)

    put(harness.intake / "Song.rpp", rpp("Kicks/1.wav"))
    harness.wait_until(lambda: copies(harness) == 1, "the sound is copied")
    harness.stop()

    assert sorted(hashes(folder)) == ["1.wav"]
    assert sorted(path.rpartition("/")[2] for path in harness.tree(harness.library)) == [
        f"{number}.wav" for number in range(6)
    ]
    assert not [entry for entry in harness.entries() if entry.is_project]
    assert harness.log.count("1 file in it had been moved before Song.rpp came") == 1


def test_a_pack_whose_instrument_comes_late_is_kept_whole(harness):
    folder = harness.intake / "Vendor - Title"
    harness.start()
    for number in range(6):
        harness.drop(f"Kicks/{number}.wav", hz=45 + number, folder=folder)
    before = hashes(folder)
    sounds_filed(harness, folder)

    sfz(folder / "Instruments/kit.sfz", "../Kicks/1.wav")
    kept = harness.library / "_packs/Vendor - Title"
    harness.wait_until(lambda: copies(harness) == 6, "links to all are filed")
    harness.wait_until((kept / "Instruments/kit.sfz").exists, "the instrument follows")
    harness.stop()

    assert {name: hashes(kept).get(name) for name in before} == before
    assert (
        len(harness.tree(harness.library)) == 6 + 6 + 1
    )  # sounds by their labels, sounds in the pack, the instrument
    assert harness.log.count("6 files in it had been moved before kit.sfz came") == 1


def test_where_projects_are_copied_the_sounds_of_a_late_one_come_back_and_are_copied(harness):
    harness.configure(watch='projects = "copy"')
    folder = harness.intake / "Samples/Oak Kit"
    harness.start()
    for number in range(3):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    before = hashes(folder)
    sounds_filed(harness, folder)

    sfz(folder / "kit.sfz", *before)
    harness.wait_until(lambda: copies(harness) == len(before), "the sounds are copied")
    harness.stop()

    assert {name: hashes(folder).get(name) for name in before} == before
    assert len(harness.tree(harness.library)) == len(before)


def test_what_cannot_be_put_back_is_tried_once(harness):
    folder = harness.intake / "Kit"
    harness.start()
    for number in range(4):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)
    changed = next(harness.library.rglob("0.wav"))
    changed.write_bytes(changed.read_bytes() + b"more")

    names = [f"{number}.wav" for number in range(4)]
    sfz(folder / "kit.sfz", *names)
    harness.wait_for_log("3 of them had been filed before this was known")
    sfz(folder / "other.sfz", *names)
    harness.drop("single.wav", hz=90, folder=harness.intake / "Kicks")
    sounds_filed(harness, harness.intake / "Kicks")
    sfz(harness.intake / "Kicks/one.sfz", "single.wav")  # a look later, this is back, too
    harness.wait_until((harness.intake / "Kicks/single.wav").exists, "the next look is over")
    harness.stop()

    assert changed.exists()
    refused = [entry for entry in harness.entries(states=("failed",)) if entry.undoes is not None]
    assert [entry.source for entry in refused] == [changed]


def test_a_marker_that_came_while_nobody_watched_is_found(harness):
    folder = harness.intake / "Late Kit"
    harness.start()
    for number in range(3):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)
    harness.stop()

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")
    harness.start("--once")

    harness.wait_for_log(BACK)
    assert harness.daemon.wait(30) == 0
    assert sorted(hashes(folder)) == ["0.wav", "1.wav", "2.wav", "kit.sfz"]


def test_a_dry_run_puts_nothing_back(harness):
    folder = harness.intake / "Late Kit"
    harness.start()
    for number in range(3):
        harness.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(harness, folder)
    harness.stop()
    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")
    filed = harness.tree(harness.library)

    harness.launch("--once", "--dry-run")

    assert harness.daemon.wait(30) == 0
    assert harness.tree(harness.library) == filed


# --- what cannot be looked through ---


@pytest.fixture
def harness_with_small_limit(harness, tmp_path):
    """A program that looks through ten entries at most."""
    patched(
        harness,
        tmp_path / "program",
        "intake/projects/walk.py",
        "MOST_ENTRIES = 200_000",
        "MOST_ENTRIES = 10",
    )
    return harness


def deep(harness: DaemonHarness, name: str, count: int) -> Path:
    """A folder with so many folders in it, each with one sound."""
    for number in range(count):
        harness.drop(f"{number}/{number}.wav", hz=45 + number, folder=harness.intake / name)
    return harness.intake / name


def test_where_all_is_too_much_each_folder_is_judged_alone(harness_with_small_limit):
    harness = harness_with_small_limit
    for number in range(6):
        deep(harness, f"Pack {number}", 3)
    kit = TREES["sfz"](harness.intake)
    before = hashes(kit)
    harness.drop("single.wav", hz=80)

    harness.run("sort", "--yes", str(harness.intake))

    assert hashes(kit) == before
    assert len(harness.tree(harness.library)) == 19
    assert [entry.source for entry in harness.entries() if entry.is_project] == [kit]


def test_sort_leaves_a_folder_that_is_too_much_by_itself_and_says_so(harness_with_small_limit):
    harness = harness_with_small_limit
    vast = deep(harness, "Vast", 12)
    deep(harness, "Pack", 2)
    before = hashes(vast)

    result = harness.run("sort", "--yes", str(harness.intake), code=1)

    assert hashes(vast) == before
    assert len(harness.tree(harness.library)) == 2
    assert (result.stdout + result.stderr).count("holds too much to be looked through") == 1
    assert "12 in a folder too large to be looked through" in result.stderr
    assert [entry.source for entry in harness.entries(states=("failed",))] == [vast]
    again = harness.run("sort", "--yes", str(harness.intake), code=1)
    assert "12 in a folder too large to be looked through" in again.stderr
    assert hashes(vast) == before


def test_the_daemon_leaves_a_folder_that_is_too_much_by_itself_and_says_so_once(
    harness_with_small_limit, tmp_path
):
    harness = harness_with_small_limit
    deep(harness, "Vast", 12)
    deep(harness, "Pack", 2)
    before = hashes(harness.intake / "Vast")
    (harness.intake / "Vast").rename(tmp_path / "Vast")
    (harness.intake / "Pack").rename(tmp_path / "Pack")
    harness.start()
    (tmp_path / "Vast").rename(harness.intake / "Vast")
    harness.wait_for_log("holds too much to be looked through")
    (tmp_path / "Pack").rename(harness.intake / "Pack")
    sounds_filed(harness, harness.intake / "Pack")
    harness.stop()

    assert hashes(harness.intake / "Vast") == before
    assert harness.log.count("holds too much to be looked through") == 1
    reported = [entry for entry in harness.entries() if entry.source == harness.intake / "Vast"]
    assert [(entry.action, entry.state) for entry in reported] == [("leave", "failed")]


def test_a_zip_that_is_too_much_stays_a_zip_and_says_so(harness_with_small_limit, tmp_path):
    harness = harness_with_small_limit
    for number in range(12):
        harness.drop(f"{number}/{number}.wav", hz=45 + number, folder=tmp_path / "made/Vast")
    shutil.make_archive(str(harness.intake / "Vast"), "zip", tmp_path / "made")
    before = hashes(harness.intake)

    result = harness.run("sort", "--yes", str(harness.intake), code=1)

    assert hashes(harness.intake) == before
    assert harness.tree(harness.library) == []
    assert "holds too much to be looked through" in result.stderr


def test_why_says_that_nothing_is_touched_where_a_folder_is_too_much(harness_with_small_limit):
    sound = deep(harness_with_small_limit, "Vast", 12) / "3/3.wav"

    result = harness_with_small_limit.run("why", str(sound)).stdout

    assert "holds too much to be looked through" in result
    assert "would     move" not in result


def test_projects_sort_asks_for_no_look(harness_with_small_limit):
    harness = harness_with_small_limit
    deep(harness, "Vast", 12)

    harness.run("sort", "--yes", "--projects", "sort", str(harness.intake))

    assert len(harness.tree(harness.library)) == 12
