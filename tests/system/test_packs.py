"""Packs are sorted as a whole: the real program with real archives."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sounds
from daemon_harness import DaemonHarness, command


def make_pack(folder: Path, count: int = 4) -> Path:
    """A pack as vendors make them: sounds in a drawer, and what comes with them."""
    (folder / "Kicks").mkdir(parents=True)
    (folder / "Presets/MIDI").mkdir(parents=True)
    for n in range(count):
        sounds.write(folder / "Kicks" / f"kick {n}.wav", sounds.decaying_sine(50 + n))
    (folder / "Licence.txt").write_text("yours")
    for name in ("bass.fxp", "MIDI/groove.mid"):
        (folder / "Presets" / name).write_text(name)
    return folder


def zipped(folder: Path, archive: Path, **more: bytes) -> Path:
    """The folder as an archive that comes to rest under its own name."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*")):
            made.write(path, path.relative_to(folder.parent))
        for name, content in more.items():
            made.writestr(name, content)
    return archive


def run(harness: DaemonHarness, *words: object, code: int = 0) -> str:
    return harness.run(*map(str, words), code=code).stdout


def below(folder: Path) -> set[str]:
    """Every file below, hidden ones too."""
    return {
        os.path.relpath(os.path.join(where, name), folder)
        for where, _, names in os.walk(folder)
        for name in names
    }


SORTED = {
    *(f"kick/Vendor - Title/kick {n}.wav" for n in range(4)),
    "_packs/Vendor - Title/Licence.txt",
    *(f"_packs/Vendor - Title/Presets/{name}" for name in ("bass.fxp", "MIDI/groove.mid")),
}


def test_a_zip_is_sorted_as_one_batch_and_stays(harness: DaemonHarness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")

    run(harness, "sort", archive)

    assert below(harness.library) == SORTED
    assert archive.exists()
    entries = [json.loads(line) for line in run(harness, "log", "--json").splitlines()]
    assert {entry["batch"] for entry in entries} == {entries[0]["batch"]}
    assert f"{archive}/Vendor - Title/Kicks/kick 0.wav" in {entry["source"] for entry in entries}


def test_the_progress_bar_counts_what_is_in_an_archive(harness: DaemonHarness, tmp_path):
    import pty  # noqa: PLC0415

    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("sort", str(archive)), env=harness.environment, stdout=subprocess.DEVNULL, stderr=theirs
    ) as sorting:
        os.close(theirs)
        result = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody is there any more
            while more := os.read(ours, 4096):
                result += more
    os.close(ours)

    assert sorting.returncode == 0
    assert b"5/5" in result  # four sounds, and the archive itself


def test_the_log_shows_a_pack_as_one_line_that_unfolds(harness: DaemonHarness, tmp_path):
    run(harness, "sort", make_pack(tmp_path / "Vendor - Title"), make_pack(tmp_path / "Another"), "--yes")

    lines = run(harness, "log", "--packs").splitlines()
    packs = [json.loads(line) for line in run(harness, "log", "--packs", "--json").splitlines()]

    assert ["Vendor - Title: 7 filed" in lines[0], "Another: 7 filed" in lines[1]] == [True, True]
    assert [(pack["batch"], pack["pack"], pack["filed"]) for pack in packs] == [
        (1, "Vendor - Title", 7),
        (2, "Another", 7),
    ]
    entries = [json.loads(line) for line in run(harness, "log", "--batch", "2", "--json").splitlines()]
    assert sum(entry["action"] == "move" for entry in entries) == 7


def test_undoing_the_batch_takes_everything_back_into_the_archive(harness: DaemonHarness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")
    before = archive.read_bytes()
    run(harness, "sort", archive)

    run(harness, "undo", "--batch", "1")

    assert list(harness.library.iterdir()) == []
    assert archive.read_bytes() == before


def test_a_sound_whose_archive_is_gone_is_not_taken_back(harness: DaemonHarness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")
    run(harness, "sort", archive)
    archive.unlink()

    run(harness, "undo", "--batch", "1", code=1)

    assert below(harness.library) == SORTED


@pytest.mark.parametrize("after", ["aside", "trash"])
def test_an_archive_that_has_given_everything_goes_where_the_user_wants_and_comes_back(
    harness: DaemonHarness, tmp_path, after
):
    harness.configure(after_unpacking=after)
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")
    before = archive.read_bytes()

    run(harness, "sort", archive)
    assert not archive.exists()
    run(harness, "undo", "--batch", "1")

    assert archive.read_bytes() == before
    assert below(harness.library) == set()


def test_an_archive_in_which_something_stays_is_not_put_away(harness: DaemonHarness, tmp_path):
    harness.configure(after_unpacking="trash")
    pack = make_pack(tmp_path / "made/Vendor - Title", 5)
    archive = zipped(pack, tmp_path / "Vendor - Title.zip", **{"setup.exe": b"MZ"})

    run(harness, "sort", archive)

    assert archive.exists()
    assert below(harness.library) == SORTED | {"kick/Vendor - Title/kick 4.wav"}


def test_a_folder_given_as_a_pack_goes_as_a_whole_and_comes_back_as_it_was(harness: DaemonHarness, tmp_path):
    folder = make_pack(tmp_path / "Vendor - Title")
    before = below(folder)

    run(harness, "sort", folder)
    assert below(harness.library) == SORTED
    assert not folder.exists()
    run(harness, "undo", "--batch", "1")

    assert below(folder) == before


def test_what_was_not_let_out_is_in_the_journal_with_its_reason(harness: DaemonHarness, tmp_path):
    pack = make_pack(tmp_path / "made/Vendor - Title")
    archive = zipped(pack, tmp_path / "Vendor - Title.zip", **{"../../evil.wav": b"RIFF"})

    run(harness, "sort", archive, code=1)

    failed = [json.loads(line) for line in run(harness, "log", "--json", "--state", "failed").splitlines()]
    assert [entry["error"] for entry in failed] == [
        "../../evil.wav is still in Vendor - Title.zip: its name leads out of the archive."
    ]
    assert below(harness.library) == SORTED


def test_a_refused_archive_leaves_nothing_behind(harness: DaemonHarness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Cut.zip")
    archive.write_bytes(archive.read_bytes()[:500])

    result = harness.run("sort", str(archive), code=1).stderr

    assert "Cut.zip was not unpacked: its end is missing" in result
    assert list(harness.library.iterdir()) == []
    assert "there is no batch 99." in harness.run("undo", "--batch", "99", code=2).stderr


def test_a_dry_run_shows_the_tree_and_touches_nothing(harness: DaemonHarness, tmp_path):
    archive = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")

    reported = run(harness, "sort", archive, "--dry-run")

    assert "└── kick/ (4)" in reported
    assert "        └── … and 1 more" in reported
    assert not harness.library.exists() or below(harness.library) == set()
    assert below(harness.state) <= {"heard.db", "journal.db", "journal.turn", "said.json"}


def test_a_tar_is_sorted_where_libarchive_is_installed(harness: DaemonHarness, tmp_path):
    pytest.importorskip("libarchive", reason="needs the extra drumwatch[archives]", exc_type=Exception)  # type: ignore[arg-type]
    made = make_pack(tmp_path / "made/Vendor - Title")
    archive = shutil.make_archive(str(tmp_path / "Vendor - Title"), "gztar", made.parent)

    run(harness, "sort", archive)

    assert below(harness.library) == SORTED


def test_a_zip_without_sounds_stays_and_is_told_of(harness: DaemonHarness):
    harness.start()
    with zipfile.ZipFile(harness.intake / "papers.zip", "w") as papers:
        papers.writestr("tax.pdf", b"p")
    kick = harness.drop()

    harness.wait_for(1, path=kick)
    harness.stop()

    assert {entry.source.name: entry.action for entry in harness.entries()} == {
        "kick.wav": "move",
        "papers.zip": "leave",
    }
    assert (harness.intake / "papers.zip").exists()


def test_a_zip_that_is_dropped_is_sorted_by_the_daemon(harness: DaemonHarness, tmp_path):
    made = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip")
    harness.start()

    shutil.copy(made, harness.intake / made.name)
    harness.wait_until(lambda: below(harness.library) == SORTED, "all sorted")

    harness.stop()
    assert (harness.intake / made.name).exists()


def test_a_zip_that_is_still_coming_is_waited_for(harness: DaemonHarness, tmp_path):
    made = zipped(make_pack(tmp_path / "made/Vendor - Title"), tmp_path / "Vendor - Title.zip").read_bytes()
    place = harness.intake / "Vendor - Title.zip"
    harness.start()

    place.write_bytes(made[: len(made) // 2])
    harness.wait_for_log("its end is missing")
    place.write_bytes(made)
    harness.wait_until(lambda: below(harness.library) == SORTED, "all sorted")


def test_an_archive_that_was_open_in_a_crash_is_taken_up_again(harness: DaemonHarness, tmp_path):
    made = zipped(make_pack(tmp_path / "made/Vendor - Title", 4), tmp_path / "Vendor - Title.zip")
    harness.start()
    shutil.copy(made, harness.intake / made.name)
    harness.wait_until((harness.library / ".drumwatch-unpacked").exists, "unpacking")
    harness.kill()

    harness.start()
    harness.wait_until(lambda: below(harness.library) == SORTED, "all sorted")

    harness.stop()
    assert (harness.intake / made.name).read_bytes() == made.read_bytes()


def test_what_a_killed_sort_was_unpacking_is_removed_by_the_next_sort_and_the_archive_is_sorted(
    harness: DaemonHarness, tmp_path
):
    made = zipped(make_pack(tmp_path / "made/Vendor - Title", 4), tmp_path / "Vendor - Title.zip")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left = harness.library / ".drumwatch-unpacked" / f"{ended.pid}-1" / made.name
    left.mkdir(parents=True)
    (left / "half.wav").write_bytes(b"half")

    named = harness.run("doctor", code=None).stdout
    harness.run("sort", str(made), "--yes", code=None)

    assert "has 1 file, unpacked by" in named
    assert not (harness.library / ".drumwatch-unpacked").exists()
    assert below(harness.library) == SORTED


def test_a_folder_that_arrives_bit_by_bit_is_one_pack_and_brings_its_documents(
    harness: DaemonHarness, tmp_path
):
    made, there = make_pack(tmp_path / "made/Vendor - Title"), harness.intake / "Vendor - Title"
    harness.start()

    for bit in ("Kicks/kick [01].wav", "Kicks/kick [23].wav", "Presets/**/*.*"):
        for path in made.glob(bit):  # so slowly that each bit has its place before the next one comes
            (there / path.relative_to(made)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, there / path.relative_to(made))
        harness.wait_until(lambda: below(there) == set(), f"{bit} sorted")

    harness.stop()
    assert below(harness.library) == SORTED - {"_packs/Vendor - Title/Licence.txt"}
    assert {entry.batch for entry in harness.entries()} == {1}


def test_a_readme_that_was_put_back_stays_when_the_pack_is_looked_at_again(harness: DaemonHarness, tmp_path):
    made = make_pack(tmp_path / "made/Vendor - Title", 5)
    harness.start()
    shutil.copytree(made, harness.intake / "Vendor - Title")
    harness.wait_until(
        lambda: below(harness.library) == SORTED | {"kick/Vendor - Title/kick 4.wav"}, "all sorted"
    )
    (licence,) = [entry.id for entry in harness.entries() if entry.source.name == "Licence.txt"]

    run(harness, "undo", licence)
    (harness.intake / "Vendor - Title/Cover.jpg").write_bytes(b"late")
    covered = harness.library / "_packs/Vendor - Title/Cover.jpg"
    harness.wait_until(covered.exists, "the cover has followed")

    assert below(harness.intake) == {"Vendor - Title/Licence.txt"}
