"""Whatever becomes of an archive is told once, and one that could not be read is tried again when more can be read."""

import json
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import sounds
from daemon_harness import DaemonHarness

LOCKED, DEFLATE64 = 0x1, 9


def make_zip(path: Path, kicks: int, **more: bytes) -> Path:
    """A zip with so many kicks, all different, and with what else is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for number in range(kicks):
            sound = sounds.write(path.parent / f".{number}.wav", sounds.decaying_sine(50 + number))
            made.write(sound, f"Kicks/kick {number}.wav")
            sound.unlink()
        for name, content in more.items():
            made.writestr(name, content)
    return path


def change_all(path: Path, local: int, central: int, value: int) -> Path:
    """The zip with a field of every header changed: its place behind the magic of either kind, and its value."""
    raw = bytearray(path.read_bytes())
    for magic, at in ((b"PK\3\4", local), (b"PK\1\2", central)):
        place = raw.find(magic)
        while place >= 0:
            raw[place + at : place + at + 2] = struct.pack("<H", value)
            place = raw.find(magic, place + 4)
    path.write_bytes(raw)
    return path


def with_a_damaged_one(path: Path) -> Path:
    make_zip(path, 2, **{"hat.wav": b"0123456789"})
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"0123456780", 1))
    return path


DAMAGED = (
    "Half.zip: 2 of 3 sounds filed, 1 could not be heard: hat.wav (it is damaged: its check sum is wrong)."
)


def test_sort_says_each_time_what_it_could_not_read_and_ends_with_1(harness: DaemonHarness, tmp_path):
    archive = with_a_damaged_one(tmp_path / "Half.zip")

    first = harness.run("sort", str(archive), code=1).stderr
    second = harness.run("sort", str(archive), code=1).stderr

    assert DAMAGED in first.splitlines()
    assert DAMAGED.replace("filed", "filed (2 of them before)") in second.splitlines()
    (told,) = [one for one in harness.run_json("log", "--json") if one["reason"] == DAMAGED]
    assert (told["source"], told["rule"], told["state"]) == (str(archive), "archive not wholly read", "done")


def test_sort_tells_no_sound_in_it_from_no_sound_to_be_had(harness: DaemonHarness, tmp_path):
    papers = make_zip(tmp_path / "papers.zip", 0, **{"tax.pdf": b"p"})
    odd = change_all(make_zip(tmp_path / "Odd.zip", 1), 8, 10, DEFLATE64)

    nothing = harness.run("sort", str(papers), code=0)
    lost = harness.run("sort", str(odd), code=1)

    assert "papers.zip has no sound in it." in nothing.stdout.splitlines()
    assert "1 without a sound" in nothing.stderr
    assert "Odd.zip was not unpacked: it is packed by Deflate64, which drumwatch does not read" in lost.stderr
    assert "nothing to do" not in lost.stderr
    assert odd.exists()


def test_a_dry_run_says_what_would_be_filed(harness: DaemonHarness, tmp_path):
    result = harness.run("sort", "--dry-run", str(make_zip(tmp_path / "Kit.zip", 1)))

    assert "Kit.zip: 1 of 1 sound would be filed." in result.stdout.splitlines()


def test_the_daemon_tells_of_every_archive_once_and_status_too(harness: DaemonHarness, tmp_path):
    made = tmp_path / "made"
    harness.start()
    for archive in (
        make_zip(made / "papers.zip", 0, **{"tax.pdf": b"p"}),
        change_all(make_zip(made / "Locked.zip", 1), 6, 8, LOCKED),
        with_a_damaged_one(made / "Half.zip"),
    ):
        shutil.copy(archive, harness.intake / archive.name)
    sentences = (
        "papers.zip has no sound in it.",
        "Locked.zip was not unpacked: it is locked with a password: unpack it yourself, and what comes out will be sorted.",
        DAMAGED,
    )

    for sentence in sentences:
        harness.wait_for_log(sentence)
    harness.wait_until(
        lambda: len(status(harness)["unread_archives"]) == 2 and "last_archive" in status(harness),
        "status knows both, and the last one",
    )
    facts, text = status(harness), harness.run("status").stdout
    harness.stop()

    told = [entry.error or entry.reason for entry in harness.entries() if entry.is_archive_outcome]
    assert sorted(told) == sorted(sentences)
    assert [harness.log.count(sentence) for sentence in sentences] == [1, 1, 1]
    assert {Path(one["source"]).name: one["what"] for one in facts["unread_archives"]} == {
        "Locked.zip": sentences[1],
        "Half.zip": DAMAGED,
    }
    assert facts["unpacking"] == []
    assert {"archives_told", "mounted", "last_lesson"} & facts.keys() == set()
    assert "2 not wholly read: " in text
    assert facts["last_archive"]["what"] in text


def status(harness: DaemonHarness) -> dict:
    return json.loads(harness.run("status", "--json").stdout)


@pytest.mark.skipif(shutil.which("bsdtar") is None, reason="bsdtar makes the 7z")
def test_a_7z_waits_for_what_reads_it(harness: DaemonHarness, tmp_path):
    pytest.importorskip("libarchive", reason="needs the extra drumwatch[archives]", exc_type=Exception)  # type: ignore[arg-type]
    (tmp_path / "made").mkdir()
    sounds.write(tmp_path / "made/kick.wav", sounds.decaying_sine(50))
    made = tmp_path / "Kit.7z"
    subprocess.run(["bsdtar", "-acf", made, "-C", tmp_path / "made", "kick.wav"], check=True)
    harness.environment["LIBARCHIVE"] = "/nowhere"
    harness.start()
    shutil.copy(made, harness.intake / "Kit.7z")
    harness.wait_for_log(
        "Kit.7z was not unpacked: it needs the system's libarchive: `apt install libarchive13`"
    )
    harness.stop()
    harness.start()  # nothing more can be read
    harness.drop()
    harness.wait_for(1, path=harness.intake / "kick.wav")
    harness.stop()
    told_again = "Kit.7z" in harness.log

    del harness.environment["LIBARCHIVE"]
    harness.start()
    harness.wait_for_log("Kit.7z: 1 of 1 sound filed.")
    harness.stop()

    assert not told_again
    assert json.loads(harness.run("status", "--json", code=1).stdout)["unread_archives"] == []


def test_an_archive_that_is_tried_again_brings_back_nothing_that_was_undone(harness: DaemonHarness, tmp_path):
    made = with_a_damaged_one(tmp_path / "made/Half.zip")
    harness.start()
    shutil.copy(made, harness.intake / "Half.zip")
    harness.wait_for_log(DAMAGED)
    harness.stop()
    (first, *_) = [entry for entry in harness.entries() if entry.verdict]
    harness.run("undo", str(first.id))
    before = len(harness.entries())

    harness.configure(archive_files=7)  # more may be read now
    harness.start()
    harness.wait_for_log(
        "Half.zip: 1 of 3 sounds filed (1 of them before), 1 left alone, 1 could not be heard: hat.wav"
    )
    harness.stop()

    assert len(harness.entries()) == before + 1
    assert len(list(harness.library.rglob("*.wav"))) == 1
