from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from drumwatch.intake.stability import (
    Gone,
    NotASample,
    NotStable,
    check_stable,
    stamp_from,
    stamp_of,
    untouched_for,
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="leases are a thing of Linux")


def a_wav(seconds: float = 0.1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x01\x02" * int(8000 * seconds))
    return file.getvalue()


@pytest.fixture
def kick(tmp_path: Path) -> Path:
    path = tmp_path / "kick.wav"
    path.write_bytes(a_wav())
    return path


def look(path: Path) -> object:
    stamp = stamp_of(path)
    assert stamp is not None
    return check_stable(path, stamp)


def test_a_whole_file_that_nobody_writes_to_is_at_rest(kick: Path) -> None:
    assert look(kick) is None


def test_a_file_that_changed_since_is_not_at_rest_and_shows_its_new_look(kick: Path) -> None:
    before = stamp_of(kick)
    assert before is not None
    kick.write_bytes(a_wav(0.2))

    assert check_stable(kick, before) == NotStable("kick.wav is still changing", stamp_of(kick))


def test_a_file_replaced_by_another_of_the_same_size_and_time_has_changed(kick: Path) -> None:
    before = stamp_of(kick)
    assert before is not None
    other = kick.with_name("other.wav")
    other.write_bytes(kick.read_bytes())
    os.utime(other, ns=(before.mtime_ns, before.mtime_ns))
    os.replace(other, kick)

    assert isinstance(check_stable(kick, before), NotStable)


def test_a_file_that_vanished_is_gone(kick: Path) -> None:
    before = stamp_of(kick)
    assert before is not None
    kick.unlink()

    assert check_stable(kick, before) == Gone()


@pytest.mark.parametrize(
    "sibling", ["kick.wav.part", "kick.wav.crdownload", "kick.wav.aria2", "kick.wav.!qB"]
)
def test_a_download_in_progress_beside_it_keeps_a_file_waiting(kick: Path, sibling: str) -> None:
    kick.with_name(sibling).touch()

    assert look(kick) == NotStable(f"kick.wav is still being downloaded: {sibling} lies beside it")


def test_a_cut_off_file_is_not_yet_whole(kick: Path) -> None:
    kick.write_bytes(kick.read_bytes()[:-100])

    verdict = look(kick)
    assert isinstance(verdict, NotStable)
    assert "kick.wav" in verdict.reason


def test_space_reserved_for_a_download_is_not_yet_a_file(kick: Path) -> None:
    kick.write_bytes(bytes(10_000))

    assert isinstance(look(kick), NotStable)


def test_a_text_with_the_name_of_a_sound_is_no_sample(kick: Path) -> None:
    kick.write_text("These are my favourite kicks.\n")

    verdict = look(kick)
    assert isinstance(verdict, NotASample)
    assert verdict.reason.startswith("kick.wav is not an audio file that drumwatch reads")


def test_an_archive_is_not_judged_as_a_sound(tmp_path: Path) -> None:
    (tmp_path / "pack.zip").write_bytes(b"PK\x03\x04")

    assert look(tmp_path / "pack.zip") is None


def test_links_folders_and_pipes_are_no_samples(tmp_path: Path, kick: Path) -> None:
    stamp = stamp_of(kick)
    assert stamp is not None
    (tmp_path / "link.wav").symlink_to(kick)
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")

    for name in ("link.wav", "loop.wav", "folder.wav", "pipe.wav"):
        assert stamp_of(tmp_path / name) is None
        assert isinstance(check_stable(tmp_path / name, stamp), NotASample)


@linux_only
def test_a_file_open_for_writing_in_another_program_is_not_at_rest(kick: Path) -> None:
    stamp = stamp_of(kick)
    assert stamp is not None
    holds_it = "import sys; f = open(sys.argv[1], 'r+b'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holds_it, kick], stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        during = check_stable(kick, stamp)
        writer.communicate()

    assert during == NotStable("kick.wav is open for writing in another program")
    assert check_stable(kick, stamp) is None


@linux_only
def test_a_file_open_for_reading_is_at_rest(kick: Path) -> None:
    with kick.open("rb"):
        assert look(kick) is None


@linux_only
def test_the_look_for_writers_leaves_no_lease_behind(kick: Path) -> None:
    with kick.open("rb") as file:
        assert look(kick) is None
        assert fcntl.fcntl(file, fcntl.F_GETLEASE) == fcntl.F_UNLCK
    with kick.open("ab"):  # would wait for the lease to be broken
        pass


def test_a_file_that_may_not_be_read_is_tried_again_later(folder_of_a_plain_user: Path) -> None:
    kick = folder_of_a_plain_user / "kick.wav"
    kick.write_bytes(a_wav())
    kick.chmod(0)

    assert look(kick) == NotStable("kick.wav cannot be opened, because this user has no permission for it")


def test_a_name_with_a_nul_or_of_endless_length_has_no_fingerprint(tmp_path: Path) -> None:
    assert stamp_of(tmp_path / "k\0ck.wav") is None
    assert stamp_of(tmp_path / ("k" * 300 + ".wav")) is None


def test_a_name_that_is_not_utf8_can_be_looked_at(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/k\xefck.wav"))
    try:
        path.write_bytes(a_wav())
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")

    assert look(path) is None


def test_an_old_mtime_on_a_new_file_does_not_make_it_old(kick: Path) -> None:
    os.utime(kick, (1e9, 1e9))

    assert untouched_for(os.lstat(kick), time.time()) < 60
    assert untouched_for(os.lstat(kick), time.time() + 3600) > 3500
    assert untouched_for(os.lstat(kick), 0.0) == 0.0


def test_a_file_stamp_is_what_the_disk_says(kick: Path) -> None:
    status = os.lstat(kick)

    assert stamp_of(kick) == stamp_from(status)
    assert stamp_from(status).size_bytes == len(a_wav())


def test_a_conversion_waits_while_the_file_that_it_will_replace_is_there(kick: Path) -> None:
    converted = kick.with_name("kick.temp.wav")
    converted.write_bytes(kick.read_bytes())

    assert look(converted) == NotStable("kick.temp.wav is still being converted: kick.wav lies beside it")
    kick.unlink()
    assert look(converted) is None


def look_as_old(path: Path) -> object:
    """Look with the clock of two minutes later: nothing has changed since."""
    mark = stamp_of(path)
    assert mark is not None
    later = time.time() + 120
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drumwatch.intake.stability.time.time", lambda: later)
        return check_stable(path, mark)


def test_nothing_more_is_expected_of_a_cut_off_file_that_has_rested_for_long(kick: Path) -> None:
    kick.write_bytes(kick.read_bytes()[:-100])

    verdict = look_as_old(kick)

    assert verdict == NotASample("kick.wav is cut short: it promises 1,600 bytes of sound and holds 1,500")


def test_nothing_more_is_expected_of_room_that_has_rested_for_long(kick: Path) -> None:
    kick.write_bytes(bytes(10_000))

    assert isinstance(look_as_old(kick), NotASample)


@linux_only
def test_a_few_missing_bytes_do_not_matter_if_nobody_writes(kick: Path) -> None:
    kick.write_bytes(kick.read_bytes()[:-20])

    assert look(kick) is None


def test_a_few_missing_bytes_are_waited_for_where_a_writer_cannot_be_seen(
    kick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drumwatch.intake.stability.has_writer", lambda _: None)
    kick.write_bytes(kick.read_bytes()[:-20])

    assert look(kick) == NotStable("kick.wav promises 1,600 bytes of sound and holds 1,580")
    assert look_as_old(kick) is None
