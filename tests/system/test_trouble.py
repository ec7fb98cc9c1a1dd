"""Bad input and bad days: each is told once, clearly, in log and journal; nothing is lost, and the daemon lives on."""

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
from studio import sha256


@pytest.fixture
def good_sound_after(studio):
    """The daemon is alive and well: the next good sound is filed."""

    def check() -> None:
        studio.drop("good.wav")
        studio.wait_until(
            lambda: [e.source.name for e in studio.entries(states=("done",))].count("good.wav") == 1,
            "good.wav",
        )
        assert studio.daemon.poll() is None
        assert "Traceback" not in studio.log

    return check


def refused(studio, name: str) -> str:
    """Why the file of this name was left alone: the one failed entry that it has, told in the log too."""
    studio.wait_until(lambda: name in _failures(studio), f"{name} refused")
    studio.wait_for_log(f"{name} stays in")
    return _failures(studio)[name]


def _failures(studio) -> dict[str, str]:
    failed = studio.entries(states=("failed",))
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


def test_broken_files_are_refused_each_with_its_reason(studio, good_sound_after):
    studio.start()
    whole = sounds.write(studio.config.parent / "whole.wav", sounds.kick()).read_bytes()
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
        (studio.intake / name).write_bytes(content)

    said = {name: refused(studio, name) for name in files}

    assert said == {
        "text.wav": "text.wav is not an audio file that drumwatch hears (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)",
        "cut off.wav": "cut off.wav is cut short: it promises 35,280 bytes of sound and holds 17,618",
        "two gigabytes.wav": "two gigabytes.wav is cut short: it promises 2,147,483,548 bytes of sound and holds 4,000",
        "no channels.wav": "no channels.wav cannot be decoded: Channel count is zero.",
        "crowd.wav": "crowd.wav claims 1024 channels; up to 8 can be heard",
        "only a header.wav": "only a header.wav holds no sound yet: it is empty, or its writer has not finished the header",
        "noise.mp3": "noise.mp3 is not an audio file that drumwatch hears (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)",
        "empty.wav": "empty.wav is empty; drumwatch waits for its content",
    }
    assert {path.name: path.read_bytes() for path in studio.intake.iterdir()} == files
    good_sound_after()


def test_what_is_no_file_is_left_where_it_is(studio, good_sound_after):
    studio.configure(rescan=1)
    studio.start()
    (studio.intake / "folder.wav").mkdir()
    os.mkfifo(studio.intake / "pipe.wav")
    (studio.intake / "loop").symlink_to(studio.intake)
    (studio.intake / "loop.wav").symlink_to("loop.wav")

    assert "named pipe" in refused(studio, "pipe.wav")
    assert "is a folder" in refused(studio, "folder.wav")
    good_sound_after()
    assert sorted(os.listdir(studio.intake)) == ["folder.wav", "loop", "loop.wav", "pipe.wav"]


NFC, NFD = (unicodedata.normalize(form, "Càixa.wav") for form in ("NFC", "NFD"))
NO_UTF8 = os.fsdecode(b"k\xefck.wav")
LONG = "k" * 251 + ".wav"


def arrive(studio, name: str, *, hz: float):
    """Renamed to its name: the library that writes sounds here knows only UTF-8."""
    return studio.drop(".plain.wav", hz=hz).rename(studio.intake / name)


@pytest.mark.skipif(
    sys.platform == "darwin", reason="APFS has only names in UTF-8, and NFC and NFD are one name"
)
def test_names_as_odd_as_a_disk_allows_are_filed_like_any_other(studio):
    studio.start()
    names = [LONG, NFC, NFD, NO_UTF8, "-rf.wav", "a\nb.wav", "\x1b[31m.wav", "50% #?*.wav"]
    before = {sha256(arrive(studio, name, hz=45 + n)) for n, name in enumerate(names)}

    studio.wait_for(len(names), states=("done",))

    assert studio.tree(studio.intake) == []
    assert set(studio.hashes().values()) == before
    assert "\x1b" not in studio.log
    assert len(studio.say("log").stdout.splitlines()) >= len(names)
    assert len(studio.say_json("log")) == len(names)


def test_a_long_name_that_is_taken_gets_its_number_within_what_the_disk_allows(studio):
    studio.start()
    first = sha256(studio.drop(LONG, hz=50))
    studio.wait_for(1)
    second = sha256(studio.drop(LONG, hz=60))

    studio.wait_for(2)

    assert set(studio.hashes().values()) == {first, second}
    assert studio.tree(studio.intake) == []


def mount(*arguments: str | os.PathLike[str]) -> None:
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode
    ):
        pytest.skip("only root may mount, and not everywhere")


def test_a_library_that_is_read_only_for_a_while_is_told_of_once_and_then_gets_its_sounds(studio):
    studio.library.mkdir()
    studio.start()
    mount("--bind", studio.library, studio.library)
    try:
        mount("-o", "remount,ro,bind", studio.library)
        before = {path.name: sha256(path) for path in (studio.drop(f"{n}.wav", hz=50 + n) for n in range(3))}
        studio.wait_until(lambda: studio.to_retry() == 3, "three wait")
        assert {entry.state for entry in studio.entries()} == {"failed"}
        assert len(studio.tree(studio.intake)) == 3
    finally:
        subprocess.run(["umount", studio.library], check=True)

    studio.wait_for(3, states=("done",))

    assert studio.hashes() == before
    assert studio.tree(studio.intake) == []
    assert len(studio.entries(states=("failed",))) == 3
    assert studio.log.count("can only be read. Mount it for writing") == 1
    assert studio.log.count("library takes sounds again.") == 1


def test_a_library_that_is_gone_is_not_made_anew_and_over_a_restart_its_sounds_are_not_forgotten(studio):
    studio.start()
    studio.drop("first.wav")
    studio.wait_for(1)
    away = studio.library.rename(studio.library.with_name("unplugged"))
    studio.drop("second.wav", hz=50)
    studio.wait_for(1, states=("failed",))
    studio.stop()
    assert not studio.library.exists()
    assert studio.say_json("status", code=1)[0]["to_retry"] == 1

    away.rename(studio.library)
    studio.start()
    studio.wait_for(2, states=("done",))

    assert studio.tree() == ["library/kick/first.wav", "library/kick/second.wav"]
    assert studio.say_json("status")[0]["to_retry"] == 0


@pytest.fixture
def without_model(studio, tmp_path):
    """drumwatch as it is, in a copy of its own, with a model that can be broken."""
    studio.use_a_copy_of_the_program(tmp_path / "program")
    return tmp_path / "program/drumwatch/hearing/model"


def test_a_model_that_is_missing_is_said_once_and_no_file_is_blamed(studio, without_model):
    (without_model / "model.npz").unlink()
    studio.start()
    for n in range(3):
        studio.drop(f"{n}.wav", hz=50 + n)

    studio.wait_until(lambda: studio.say_json("status")[0]["to_retry"] == 3, "three wait")

    assert len([line for line in studio.log.splitlines() if "model.npz" in line]) == 1
    assert "model.npz" in studio.say_json("status")[0]["last_error"]["what"]
    assert any("hearing does not work" in found["what"] for found in studio.say_json("doctor", code=1)[0])
    assert studio.entries() == []


def test_a_model_that_is_refused_keeps_the_sounds_waiting_until_it_is_mended(studio, without_model):
    model = without_model / "model.npz"
    whole = model.read_bytes()
    model.write_bytes(whole[:-100])
    studio.start()
    studio.drop()
    studio.wait_for_log("model.npz")
    assert studio.entries() == []

    model.write_bytes(whole)
    studio.wait_for(1, states=("done",))

    assert studio.tree() == ["library/kick/kick.wav"]


POISONED = """

_tally, _read = os.open({tally!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT), read


def read(path, **more):
    os.write(_tally, os.fsencode(os.path.basename(path)) + b"\\n")
    if b"POISON" in Path(path).read_bytes():
        os.abort()
    return _read(path, **more)
"""


@pytest.fixture
def heard_by(studio, tmp_path):
    """drumwatch with a decoder that does not survive every file: the names that it was given so far."""
    studio.use_a_copy_of_the_program(tmp_path / "program")
    tally = tmp_path / "tally"
    with (tmp_path / "program/drumwatch/hearing/decode.py").open("a") as decoder:
        decoder.write(POISONED.format(tally=str(tally)))
    return lambda: tally.read_text().splitlines()


def test_a_file_that_kills_the_worker_twice_is_left_alone_over_a_restart_until_it_changes(studio, heard_by):
    poison = studio.config.parent / "poison.wav"
    poison.write_bytes(sounds.write(poison, sounds.kick()).read_bytes() + sounds.chunk(b"note", b"POISON"))
    studio.configure(rescan=1)
    studio.start()
    poison = poison.rename(studio.intake / "poison.wav")

    assert (
        "it crashed the process that hears (SIGABRT), twice. It is left alone until it changes."
        in refused(studio, "poison.wav")
    )
    studio.drop("good.wav", hz=60)
    studio.wait_for(1, states=("done",))
    studio.stop()
    studio.start()
    studio.drop("another.wav", hz=70)
    studio.wait_for(2, states=("done",))
    assert heard_by() == ["poison.wav", "poison.wav", "good.wav", "another.wav"]

    studio.drop("poison.wav", hz=80)
    studio.wait_for(3, states=("done",))
    assert heard_by()[4:] == ["poison.wav"]
    assert studio.tree(studio.intake) == []
    assert len(studio.entries(states=("failed",))) == 1


def test_a_vanished_folder_is_told_of_once(studio):
    studio.configure(rescan=1)
    studio.start()
    shutil.rmtree(studio.intake)

    studio.wait_until(lambda: "this folder is not there" in studio.log, "the vanished folder told of")
    time.sleep(3)  # some more rescans
    assert studio.log.count("this folder is not there") == 1
    assert studio.entries() == []
    assert studio.daemon.poll() is None
    assert "intake" in "".join(
        watch["why"] + watch["folder"] for watch in studio.say_json("status")[0]["watching"]
    )
