"""Bad input and outages: each is reported once in log and journal; nothing is lost, and the daemon goes on."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
import unicodedata

import pytest
import sounds
from daemon_harness import sha256


@pytest.fixture
def good_sound_after(harness):
    """The daemon is alive and well: the next good sound is filed."""

    def check() -> None:
        harness.drop("good.wav")
        harness.wait_until(
            lambda: [e.source.name for e in harness.entries(states=("done",))].count("good.wav") == 1,
            "good.wav",
        )
        assert harness.daemon.poll() is None
        assert "Traceback" not in harness.log

    return check


def refused(harness, name: str) -> str:
    """Why the file of this name was left alone: its only failed entry, reported in the log too."""
    harness.wait_until(lambda: name in _failures(harness), f"{name} refused")
    harness.wait_for_log(f"{name} in ")
    return _failures(harness)[name]


def _failures(harness) -> dict[str, str]:
    failed = harness.entries(states=("failed",))
    assert len({entry.source for entry in failed}) == len(failed), "told once"
    return {entry.source.name: entry.error for entry in failed}


def wav_header(*, channels: int = 1, sr: int = 44_100, data_bytes: int = 1000) -> bytes:
    frame = 2 * channels
    fmt = struct.pack("<HHIIHH", 1, channels, sr, sr * frame, min(frame, 65_535), 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + data_bytes)
        + b"WAVE"
        + sounds.chunk(b"fmt ", fmt)
        + b"data"
        + struct.pack("<I", data_bytes)
    )


def test_broken_files_are_refused_each_with_its_reason(harness, good_sound_after):
    harness.start()
    whole = sounds.write(harness.config.parent / "whole.wav", sounds.kick()).read_bytes()
    files = {
        "text.wav": b"this is a shopping list\n" * 20,
        "cut off.wav": whole[: len(whole) // 2],
        "two gigabytes.wav": wav_header(data_bytes=2**31 - 100) + bytes(4000),
        "no channels.wav": wav_header(channels=0) + bytes(1000),
        "crowd.wav": wav_header(channels=1024, data_bytes=2048 * 10) + bytes(2048 * 10),
        "only a header.wav": wav_header(data_bytes=0),
        "noise.mp3": bytes(range(7, 250)) * 40,
        "empty.wav": b"",
    }
    for name, content in files.items():
        (harness.intake / name).write_bytes(content)

    result = {name: refused(harness, name) for name in files}

    assert result == {
        "text.wav": "text.wav is not an audio file that drumwatch reads (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)",
        "cut off.wav": "cut off.wav is cut short: it promises 35,280 bytes of sound and holds 17,618",
        "two gigabytes.wav": "two gigabytes.wav is cut short: it promises 2,147,483,548 bytes of sound and holds 4,000",
        "no channels.wav": "no channels.wav cannot be decoded: its sound is damaged",
        "crowd.wav": "crowd.wav claims 1024 channels; up to 64 are supported",
        "only a header.wav": "only a header.wav holds no sound yet: it is empty, or its writer has not finished the header",
        "noise.mp3": "noise.mp3 is not an audio file that drumwatch reads (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)",
        "empty.wav": "empty.wav is empty; drumwatch waits for its content",
    }
    assert {path.name: path.read_bytes() for path in harness.intake.iterdir()} == files
    good_sound_after()


def test_what_is_no_file_is_left_where_it_is(harness, good_sound_after):
    harness.configure(rescan=1)
    harness.start()
    (harness.intake / "folder.wav").mkdir()
    os.mkfifo(harness.intake / "pipe.wav")
    (harness.intake / "loop").symlink_to(harness.intake)
    (harness.intake / "loop.wav").symlink_to("loop.wav")

    assert "named pipe" in refused(harness, "pipe.wav")
    assert "is a folder" in refused(harness, "folder.wav")
    good_sound_after()
    assert sorted(os.listdir(harness.intake)) == ["folder.wav", "loop", "loop.wav", "pipe.wav"]


NFC, NFD = (unicodedata.normalize(form, "Càixa.wav") for form in ("NFC", "NFD"))
NO_UTF8 = os.fsdecode(b"k\xefck.wav")
LONG = "k" * 251 + ".wav"


def arrive(harness, name: str, *, hz: float):
    """Renamed to its name: the library that writes sounds here knows only UTF-8."""
    return harness.drop(".plain.wav", hz=hz).rename(harness.intake / name)


@pytest.mark.skipif(
    sys.platform == "darwin", reason="APFS has only names in UTF-8, and NFC and NFD are one name"
)
def test_names_as_odd_as_a_disk_allows_are_filed_like_any_other(harness):
    harness.start()
    names = [LONG, NFC, NFD, NO_UTF8, "-rf.wav", "a\nb.wav", "\x1b[31m.wav", "50% #?*.wav"]
    before = {sha256(arrive(harness, name, hz=45 + n)) for n, name in enumerate(names)}

    harness.wait_for(len(names), states=("done",))

    assert harness.tree(harness.intake) == []
    assert set(harness.hashes().values()) == before
    assert "\x1b" not in harness.log
    assert len(harness.run("log").stdout.splitlines()) >= len(names)
    assert len(harness.run_json("log")) == len(names)


def test_a_long_name_that_is_taken_gets_its_number_within_what_the_disk_allows(harness):
    harness.start()
    first = sha256(harness.drop(LONG, hz=50))
    harness.wait_for(1)
    second = sha256(harness.drop(LONG, hz=60))

    harness.wait_for(2)

    assert set(harness.hashes().values()) == {first, second}
    assert harness.tree(harness.intake) == []


def mount(*arguments: str | os.PathLike[str]) -> None:
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode
    ):
        pytest.skip("only root may mount, and not everywhere")


def test_a_library_that_is_read_only_for_a_while_is_reported_once_and_then_gets_its_sounds(harness):
    harness.library.mkdir()
    harness.start()
    mount("--bind", harness.library, harness.library)
    try:
        mount("-o", "remount,ro,bind", harness.library)
        before = {path.name: sha256(path) for path in (harness.drop(f"{n}.wav", hz=50 + n) for n in range(3))}
        harness.wait_until(lambda: harness.to_retry() == 3, "three wait")
        assert {entry.state for entry in harness.entries()} == {"failed"}
        assert len(harness.tree(harness.intake)) == 3
    finally:
        subprocess.run(["umount", harness.library], check=True)

    harness.wait_for(3, states=("done",))

    assert harness.hashes() == before
    assert harness.tree(harness.intake) == []
    assert len(harness.entries(states=("failed",))) == 3
    assert harness.log.count("can only be read. Mount it for writing") == 1
    assert harness.log.count("library takes sounds again.") == 1


def test_a_library_that_is_gone_is_not_made_anew_and_over_a_restart_its_sounds_are_not_forgotten(harness):
    harness.start()
    harness.drop("first.wav")
    harness.wait_for(1)
    away = harness.library.rename(harness.library.with_name("unplugged"))
    harness.drop("second.wav", hz=50)
    harness.wait_for(1, states=("failed",))
    harness.stop()
    assert not harness.library.exists()
    assert harness.run_json("status", code=1)[0]["to_retry"] == 1

    away.rename(harness.library)
    harness.start()
    harness.wait_for(2, states=("done",))

    assert harness.tree() == ["library/kick/first.wav", "library/kick/second.wav"]
    assert harness.run_json("status")[0]["to_retry"] == 0


@pytest.fixture
def without_model(harness, tmp_path):
    """drumwatch as it is, in a copy of its own, with a model that can be broken."""
    harness.use_a_copy_of_the_program(tmp_path / "program")
    return tmp_path / "program/drumwatch/analysis/model/shipped"


def test_a_model_that_is_missing_is_reported_once_and_no_file_is_blamed(harness, without_model):
    (without_model / "model.npz").unlink()
    harness.start()
    for n in range(3):
        harness.drop(f"{n}.wav", hz=50 + n)

    harness.wait_until(lambda: harness.run_json("status")[0]["to_retry"] == 3, "three wait")

    assert len([line for line in harness.log.splitlines() if "model.npz" in line]) == 1
    assert "model.npz" in harness.run_json("status")[0]["last_error"]["what"]
    assert any("analysis does not work" in found["what"] for found in harness.run_json("doctor", code=1)[0])
    assert harness.entries() == []


def test_a_model_that_is_refused_keeps_the_sounds_waiting_until_it_is_mended(harness, without_model):
    model = without_model / "model.npz"
    whole = model.read_bytes()
    model.write_bytes(whole[:-100])
    harness.start()
    harness.drop()
    harness.wait_for_log("model.npz")
    assert harness.entries() == []

    model.write_bytes(whole)
    harness.wait_for(1, states=("done",))

    assert harness.tree() == ["library/kick/kick.wav"]


POISONED = """

_tally, _read = os.open({tally!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT), read


def read(path, **more):
    os.write(_tally, os.fsencode(os.path.basename(path)) + b"\\n")
    if b"POISON" in Path(path).read_bytes():
        os.abort()
    return _read(path, **more)
"""


@pytest.fixture
def analyzed_by(harness, tmp_path):
    """drumwatch with a decoder that does not survive every file: the names that it was given so far."""
    harness.use_a_copy_of_the_program(tmp_path / "program")
    tally = tmp_path / "tally"
    with (tmp_path / "program/drumwatch/analysis/decode.py").open("a") as decoder:
        decoder.write(POISONED.format(tally=str(tally)))
    return lambda: tally.read_text().splitlines()


def test_a_file_that_kills_the_worker_twice_is_left_alone_over_a_restart_until_it_changes(
    harness, analyzed_by
):
    poison = harness.config.parent / "poison.wav"
    poison.write_bytes(sounds.write(poison, sounds.kick()).read_bytes() + sounds.chunk(b"note", b"POISON"))
    harness.configure(rescan=1)
    harness.start()
    poison = poison.rename(harness.intake / "poison.wav")

    assert "it crashed the analysis process (SIGABRT) twice. It is left alone until it changes." in refused(
        harness, "poison.wav"
    )
    harness.drop("good.wav", hz=60)
    harness.wait_for(1, states=("done",))
    harness.stop()
    harness.start()
    harness.drop("another.wav", hz=70)
    harness.wait_for(2, states=("done",))
    assert analyzed_by() == ["poison.wav", "poison.wav", "good.wav", "another.wav"]

    harness.drop("poison.wav", hz=80)
    harness.wait_for(3, states=("done",))
    assert analyzed_by()[4:] == ["poison.wav"]
    assert harness.tree(harness.intake) == []
    assert len(harness.entries(states=("failed",))) == 1


def test_a_vanished_folder_is_reported_once(harness):
    harness.configure(rescan=1)
    harness.start()
    shutil.rmtree(harness.intake)

    harness.wait_until(lambda: "this folder is not there" in harness.log, "the vanished folder told of")
    time.sleep(3)  # some more rescans
    assert harness.log.count("this folder is not there") == 1
    assert harness.entries() == []
    assert harness.daemon.poll() is None
    assert "intake" in "".join(
        watch["why"] + watch["folder"] for watch in harness.run_json("status")[0]["watching"]
    )
