"""A marker comes after the sounds that it is about, or what lies around a sound cannot be looked through."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from project_trees import TREES, put, rpp
from studio import sha256

if TYPE_CHECKING:
    from pathlib import Path

    from studio import Studio

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


def sounds_filed(studio: Studio, folder: Path) -> None:
    studio.wait_until(lambda: not any(folder.rglob("*.wav")), "the sounds are filed")


@pytest.mark.parametrize("kind", ["sfz", "hydrogen", "decent_sampler", "mpc_program_3"])
@pytest.mark.parametrize("where", ["", "Samples"])
def test_an_instrument_that_comes_after_its_sounds_has_them_back(studio, tmp_path, kind, where):
    made = TREES[kind](tmp_path / "made")
    before = hashes(made)
    late = without_documents(made)
    (studio.intake / where).mkdir(exist_ok=True)
    root = studio.intake / where / made.name
    studio.start()
    made.rename(root)
    sounds_filed(studio, root)

    for path, content in late.items():
        put(root / path.relative_to(made), content)
    studio.wait_for_log(BACK)
    studio.stop()

    assert hashes(root) == before
    assert studio.tree(studio.library) == []
    assert len([entry for entry in studio.entries() if entry.is_project]) == 1


def patched(studio: Studio, folder: Path, module: str, old: str, new: str) -> None:
    """The studio runs a copy of the program in which this is something else."""
    studio.use_a_copy_of_the_program(folder)
    path = folder / "drumwatch" / module
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_marker_event_is_followed_where_no_late_look_would_come(studio, tmp_path):
    patched(studio, tmp_path / "program", "daemon/late_markers.py", "(10.0, 60.0, 600.0)", "(3600.0,)")
    folder = studio.intake / "Kicks"
    studio.start()
    for number in range(3):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")

    studio.wait_for_log(BACK)
    studio.stop()
    assert sorted(hashes(folder)) == ["0.wav", "1.wav", "2.wav", "kit.sfz"]


def test_a_late_look_finds_a_marker_that_no_event_told_of(studio):
    studio.configure(watch='poll = "always"')
    folder = studio.intake / "Kicks"
    studio.start()
    for number in range(3):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")

    studio.wait_for_log(BACK)


def test_a_git_checkout_in_a_folder_of_a_generic_name_has_its_sounds_back(studio):
    folder = studio.intake / "Samples"
    studio.start()
    studio.drop("a.wav", folder=folder)
    studio.drop("b.wav", hz=60, folder=folder)
    sounds_filed(studio, folder)

    put(folder / ".git/HEAD", "ref: refs/heads/main\n")
    put(folder / ".git/config", "[core]\n")
    (folder / ".git/objects").mkdir()

    studio.wait_for_log(BACK)
    studio.stop()
    assert {"a.wav", "b.wav"} <= hashes(folder).keys()
    assert studio.tree(studio.library) == []


def copies(studio: Studio) -> int:
    """How many sounds have been filed by something else than a move."""
    return sum(entry.action in ("copy", "hardlink") and entry.undoes is None for entry in studio.entries())


def test_a_sound_that_a_late_document_needs_comes_back_and_is_copied(studio):
    folder = studio.intake / "Kicks"
    studio.start()
    for number in range(6):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)

    put(studio.intake / "Song.rpp", rpp("Kicks/1.wav"))
    studio.wait_until(lambda: copies(studio) == 1, "the sound is copied")
    studio.stop()

    assert sorted(hashes(folder)) == ["1.wav"]
    assert sorted(path.rpartition("/")[2] for path in studio.tree(studio.library)) == [
        f"{number}.wav" for number in range(6)
    ]
    assert not [entry for entry in studio.entries() if entry.is_project]
    assert studio.log.count("1 file in it had been moved before Song.rpp came") == 1


def test_a_pack_whose_instrument_comes_late_is_kept_whole(studio):
    folder = studio.intake / "Vendor - Title"
    studio.start()
    for number in range(6):
        studio.drop(f"Kicks/{number}.wav", hz=45 + number, folder=folder)
    before = hashes(folder)
    sounds_filed(studio, folder)

    sfz(folder / "Instruments/kit.sfz", "../Kicks/1.wav")
    kept = studio.library / "_packs/Vendor - Title"
    studio.wait_until(lambda: copies(studio) == 6, "links to all are filed")
    studio.wait_until((kept / "Instruments/kit.sfz").exists, "the instrument follows")
    studio.stop()

    assert {name: hashes(kept).get(name) for name in before} == before
    assert (
        len(studio.tree(studio.library)) == 6 + 6 + 1
    )  # sounds by their labels, sounds in the pack, the instrument
    assert studio.log.count("6 files in it had been moved before kit.sfz came") == 1


def test_where_projects_are_copied_the_sounds_of_a_late_one_come_back_and_are_copied(studio):
    studio.configure(watch='projects = "copy"')
    folder = studio.intake / "Samples/Oak Kit"
    studio.start()
    for number in range(3):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    before = hashes(folder)
    sounds_filed(studio, folder)

    sfz(folder / "kit.sfz", *before)
    studio.wait_until(lambda: copies(studio) == len(before), "the sounds are copied")
    studio.stop()

    assert {name: hashes(folder).get(name) for name in before} == before
    assert len(studio.tree(studio.library)) == len(before)


def test_what_cannot_be_put_back_is_tried_once(studio):
    folder = studio.intake / "Kit"
    studio.start()
    for number in range(4):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)
    changed = next(studio.library.rglob("0.wav"))
    changed.write_bytes(changed.read_bytes() + b"more")

    names = [f"{number}.wav" for number in range(4)]
    sfz(folder / "kit.sfz", *names)
    studio.wait_for_log("3 of them had been filed before this was known")
    sfz(folder / "other.sfz", *names)
    studio.drop("single.wav", hz=90, folder=studio.intake / "Kicks")
    sounds_filed(studio, studio.intake / "Kicks")
    sfz(studio.intake / "Kicks/one.sfz", "single.wav")  # a look later, this is back, too
    studio.wait_until((studio.intake / "Kicks/single.wav").exists, "the next look is over")
    studio.stop()

    assert changed.exists()
    refused = [entry for entry in studio.entries(states=("failed",)) if entry.undoes is not None]
    assert [entry.source for entry in refused] == [changed]


def test_a_marker_that_came_while_nobody_watched_is_found(studio):
    folder = studio.intake / "Late Kit"
    studio.start()
    for number in range(3):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)
    studio.stop()

    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")
    studio.start("--once")

    studio.wait_for_log(BACK)
    assert studio.daemon.wait(30) == 0
    assert sorted(hashes(folder)) == ["0.wav", "1.wav", "2.wav", "kit.sfz"]


def test_a_dry_run_puts_nothing_back(studio):
    folder = studio.intake / "Late Kit"
    studio.start()
    for number in range(3):
        studio.drop(f"{number}.wav", hz=45 + number, folder=folder)
    sounds_filed(studio, folder)
    studio.stop()
    sfz(folder / "kit.sfz", "0.wav", "1.wav", "2.wav")
    filed = studio.tree(studio.library)

    studio.launch("--once", "--dry-run")

    assert studio.daemon.wait(30) == 0
    assert studio.tree(studio.library) == filed


# --- what cannot be looked through ---


@pytest.fixture
def short_sighted(studio, tmp_path):
    """A program that looks through ten entries at most."""
    patched(
        studio, tmp_path / "program", "intake/projects/walk.py", "MOST_ENTRIES = 200_000", "MOST_ENTRIES = 10"
    )
    return studio


def deep(studio: Studio, name: str, count: int) -> Path:
    """A folder with so many folders in it, each with one sound."""
    for number in range(count):
        studio.drop(f"{number}/{number}.wav", hz=45 + number, folder=studio.intake / name)
    return studio.intake / name


def test_where_all_is_too_much_each_folder_is_judged_alone(short_sighted):
    studio = short_sighted
    for number in range(6):
        deep(studio, f"Pack {number}", 3)
    kit = TREES["sfz"](studio.intake)
    before = hashes(kit)
    studio.drop("single.wav", hz=80)

    studio.say("sort", "--yes", str(studio.intake))

    assert hashes(kit) == before
    assert len(studio.tree(studio.library)) == 19
    assert [entry.source for entry in studio.entries() if entry.is_project] == [kit]


def test_sort_leaves_a_folder_that_is_too_much_by_itself_and_says_so(short_sighted):
    studio = short_sighted
    vast = deep(studio, "Vast", 12)
    deep(studio, "Pack", 2)
    before = hashes(vast)

    said = studio.say("sort", "--yes", str(studio.intake), code=1)

    assert hashes(vast) == before
    assert len(studio.tree(studio.library)) == 2
    assert (said.stdout + said.stderr).count("holds too much to be looked through") == 1
    assert "12 in a folder too large to be looked through" in said.stderr
    assert [entry.source for entry in studio.entries(states=("failed",))] == [vast]
    again = studio.say("sort", "--yes", str(studio.intake), code=1)
    assert "12 in a folder too large to be looked through" in again.stderr
    assert hashes(vast) == before


def test_the_daemon_leaves_a_folder_that_is_too_much_by_itself_and_says_so_once(short_sighted, tmp_path):
    studio = short_sighted
    deep(studio, "Vast", 12)
    deep(studio, "Pack", 2)
    before = hashes(studio.intake / "Vast")
    (studio.intake / "Vast").rename(tmp_path / "Vast")
    (studio.intake / "Pack").rename(tmp_path / "Pack")
    studio.start()
    (tmp_path / "Vast").rename(studio.intake / "Vast")
    studio.wait_for_log("holds too much to be looked through")
    (tmp_path / "Pack").rename(studio.intake / "Pack")
    sounds_filed(studio, studio.intake / "Pack")
    studio.stop()

    assert hashes(studio.intake / "Vast") == before
    assert studio.log.count("holds too much to be looked through") == 1
    told = [entry for entry in studio.entries() if entry.source == studio.intake / "Vast"]
    assert [(entry.action, entry.state) for entry in told] == [("leave", "failed")]


def test_a_zip_that_is_too_much_stays_a_zip_and_says_so(short_sighted, tmp_path):
    studio = short_sighted
    for number in range(12):
        studio.drop(f"{number}/{number}.wav", hz=45 + number, folder=tmp_path / "made/Vast")
    shutil.make_archive(str(studio.intake / "Vast"), "zip", tmp_path / "made")
    before = hashes(studio.intake)

    said = studio.say("sort", "--yes", str(studio.intake), code=1)

    assert hashes(studio.intake) == before
    assert studio.tree(studio.library) == []
    assert "holds too much to be looked through" in said.stderr


def test_why_says_that_nothing_is_touched_where_a_folder_is_too_much(short_sighted):
    sound = deep(short_sighted, "Vast", 12) / "3/3.wav"

    said = short_sighted.say("why", str(sound)).stdout

    assert "holds too much to be looked through" in said
    assert "would     move" not in said


def test_projects_sort_asks_for_no_look(short_sighted):
    studio = short_sighted
    deep(studio, "Vast", 12)

    studio.say("sort", "--yes", "--projects", "sort", str(studio.intake))

    assert len(studio.tree(studio.library)) == 12
