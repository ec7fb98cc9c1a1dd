"""Documents follow only from packs: folders, archives and trees of the real shape, through the real program."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest
import sounds
from daemon_harness import DaemonHarness


def kicks(folder: Path, count: int = 4) -> Path:
    for n in range(count):
        sounds.write(folder / f"kick {n}.wav", sounds.decaying_sine(50 + n))
    return folder


def write(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)


def made_code(folder: Path) -> Path:
    """A folder in which somebody works: a game with sounds, and taxes."""
    (folder / "game/sfx").mkdir(parents=True)
    kicks(folder / "game/sfx", 6)
    write(folder / "taxes/return.pdf", folder / "taxes/notes.txt", folder / "readme.md")
    return folder


def below(folder: Path) -> set[str]:
    return {
        os.path.relpath(os.path.join(where, name), folder)
        for where, _, names in os.walk(folder)
        for name in names
    }


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(folder.rglob("*")):
            made.write(path, path.relative_to(folder.parent))
    return archive


PAPERS = {"taxes/return.pdf", "taxes/notes.txt", "readme.md"}
CODE = {f"kick/code/kick {n}.wav" for n in range(6)}


def test_sort_files_the_sounds_of_a_mixed_folder_and_moves_nothing_else(harness: DaemonHarness, tmp_path):
    made_code(tmp_path / "mine/code")
    write(tmp_path / "mine/letter.pdf", tmp_path / "mine/photos/cover.jpg")

    harness.run("sort", str(tmp_path / "mine"))

    assert below(harness.library) == CODE
    assert below(tmp_path / "mine") == {f"code/{name}" for name in PAPERS} | {
        "letter.pdf",
        "photos/cover.jpg",
    }


def test_the_daemon_files_the_sounds_of_a_mixed_folder_and_moves_nothing_else(
    harness: DaemonHarness, tmp_path
):
    made = made_code(tmp_path / "made/code")
    harness.start()

    shutil.copytree(made, harness.intake / "code")
    harness.wait_until(lambda: below(harness.library) >= CODE, "the sounds are filed")
    harness.drop("kick.wav")
    harness.wait_until((harness.library / "kick/kick.wav").exists, "the next one, too")
    harness.stop()

    assert below(harness.library) == CODE | {"kick/kick.wav"}
    assert below(harness.intake / "code") == PAPERS


def test_nothing_but_sounds_leaves_a_mixed_zip_which_stays(harness: DaemonHarness, tmp_path):
    harness.configure(after_unpacking="trash")
    made = made_code(tmp_path / "made/code")
    archive = zipped(made, tmp_path / "code.zip")
    before = archive.read_bytes()

    harness.run("sort", str(archive))

    assert below(harness.library) == CODE
    assert archive.read_bytes() == before


def test_a_zip_of_a_documents_folder_with_three_sounds_gives_away_the_sounds_only(
    harness: DaemonHarness, tmp_path
):
    folder = tmp_path / "made/Documents"
    folder.mkdir(parents=True)
    kicks(folder, 3)
    write(*(folder / name for name in ("return.pdf", "licence.txt", "cv.docx")))

    harness.run("sort", str(zipped(folder, tmp_path / "Documents.zip")))

    assert {Path(name).suffix for name in below(harness.library)} == {".wav"}


@pytest.mark.parametrize("given", ["", "Splice/sounds/packs", "Splice/sounds/packs/Dusty Vol 3"])
def test_a_pack_of_splice_has_its_own_name(harness: DaemonHarness, tmp_path, given):
    folder = tmp_path / "old/Splice/sounds/packs/Dusty Vol 3/Dusty_Vol_3"
    (folder / "Kicks").mkdir(parents=True)
    kicks(folder / "Kicks")
    write(folder / "Licence.txt")

    harness.run("sort", str(tmp_path / "old" / given))

    assert below(harness.library) == {
        *(f"kick/Dusty Vol 3/kick {n}.wav" for n in range(4)),
        "_packs/Dusty Vol 3/Licence.txt",
    }


def test_the_daemon_finds_packs_of_splice_and_in_new_folders(harness: DaemonHarness, tmp_path):
    for way in ("Splice/sounds/packs/Dusty", "New Folder (2)/Flat Kit"):
        (tmp_path / "made" / way).mkdir(parents=True)
        kicks(tmp_path / "made" / way)
        write(tmp_path / "made" / way / "readme.txt", (tmp_path / "made" / way).parent / "return.pdf")
    harness.start()

    shutil.copytree(tmp_path / "made", harness.intake, dirs_exist_ok=True)
    filed = {
        *(f"kick/{pack}/kick {n}.wav" for pack in ("Dusty", "Flat Kit") for n in range(4)),
        *(f"_packs/{pack}/readme.txt" for pack in ("Dusty", "Flat Kit")),
    }
    harness.wait_until(lambda: below(harness.library) == filed, "both are filed")
    harness.stop()

    assert below(harness.intake) == {"Splice/sounds/packs/return.pdf", "New Folder (2)/return.pdf"}


def test_a_flat_kit_given_to_sort_keeps_its_name_also_after_a_stop(harness: DaemonHarness, tmp_path):
    folder = tmp_path / "Samples/Flat Kit"
    folder.mkdir(parents=True)
    kicks(folder)
    write(folder / "readme.txt")
    harness.run("sort", str(folder))

    (folder / "Weird Bits").mkdir(parents=True)
    sounds.write(folder / "Weird Bits/late.wav", sounds.kick())
    harness.run("sort", str(folder))

    assert below(harness.library) == {
        *(f"kick/Flat Kit/kick {n}.wav" for n in range(4)),
        "kick/Flat Kit/late.wav",
        "_packs/Flat Kit/readme.txt",
    }


@pytest.mark.parametrize("name", ["New Folder", "Samples", "Desktop"])
def test_a_generic_folder_given_to_sort_is_no_pack_and_keeps_its_documents(
    harness: DaemonHarness, tmp_path, name
):
    folder = tmp_path / "here" / name
    folder.mkdir(parents=True)
    kicks(folder)
    write(folder / "readme.txt", folder / "cover.jpg")

    harness.run("sort", str(folder))

    assert below(harness.library) == {f"kick/kick {n}.wav" for n in range(4)}
    assert below(folder) == {"readme.txt", "cover.jpg"}


def test_sounds_given_one_by_one_do_not_bring_what_lies_beside_them(harness: DaemonHarness, tmp_path):
    folder = tmp_path / "Splice/sounds/packs/Dusty"
    folder.mkdir(parents=True)
    kicks(folder)
    write(folder / "readme.txt")

    harness.run("sort", *(str(path) for path in sorted(folder.glob("*.wav"))))

    assert below(harness.library) == {f"kick/Dusty/kick {n}.wav" for n in range(4)}
    assert below(folder) == {"readme.txt"}


def made_of_many(folder: Path) -> Path:
    """A pack with 301 sounds, of which most are the same, and 301 documents."""
    (folder / "MIDI").mkdir(parents=True)
    kick = sounds.write(folder / "kick.wav", sounds.kick()).read_bytes()
    for n in range(301):
        (folder / f"kick {n}.wav").write_bytes(kick)
    write(*(folder / f"MIDI/{n:03}.mid" for n in range(300)), folder / "Licence.txt")
    return folder


def test_of_three_hundred_documents_two_hundred_follow_and_the_rest_is_reported_once(
    harness: DaemonHarness, tmp_path
):
    folder = made_of_many(tmp_path / "Dusty Vol 3")

    result = harness.run("sort", "--yes", str(folder))

    sentence = "101 documents of Dusty Vol 3 left alone in ~/Dusty Vol 3: more than 200 files"
    assert result.stdout.count(sentence) == 1
    assert "200 more went along with their pack." in result.stderr
    assert (harness.library / "_packs/Dusty Vol 3/Licence.txt").exists()
    assert len(below(harness.library / "_packs")) == 200
    assert len(below(folder)) == 101
    assert [entry.action for entry in harness.entries() if entry.reason == sentence] == ["leave"]


def test_an_archive_of_which_documents_stay_is_not_put_away(harness: DaemonHarness, tmp_path):
    harness.configure(after_unpacking="trash")
    archive = zipped(made_of_many(tmp_path / "made/Dusty Vol 3"), tmp_path / "Dusty Vol 3.zip")

    result = harness.run("sort", str(archive))

    assert "101 documents of Dusty Vol 3 left alone in Dusty Vol 3.zip: more than 200 files" in result.stdout
    assert len(below(harness.library / "_packs")) == 200
    assert archive.exists()


def test_a_readme_that_comes_late_and_after_a_restart_follows_and_a_paper_does_not(harness: DaemonHarness):
    harness.start()
    (harness.intake / "Dusty").mkdir()
    kicks(harness.intake / "Dusty")
    harness.wait_until(lambda: len(below(harness.library)) == 4, "the sounds are filed")
    harness.stop()
    write(
        harness.intake / "Dusty/readme.txt",
        harness.intake / "Dusty/return.pdf",
        harness.intake / "Dusty/song.als",
    )

    harness.start()
    harness.drop("Dusty/last.wav")
    harness.wait_until((harness.library / "_packs/Dusty/readme.txt").exists, "the readme has followed")
    harness.stop()

    assert below(harness.intake) == {"Dusty/return.pdf", "Dusty/song.als"}


def test_a_folder_that_holds_the_library_is_refused(harness: DaemonHarness, tmp_path):
    folder = tmp_path / "Flat Kit"
    folder.mkdir()
    kicks(folder)
    write(folder / "readme.txt", folder / "Library/_packs/Older/readme.txt")

    before = below(folder)

    result = harness.run("sort", str(folder), "--to", str(folder / "Library"), code=2)

    assert "holds the library" in result.stderr
    assert below(folder) == before
