from __future__ import annotations

import os
import struct

import numpy as np
import pytest
from sounds import SR, chunk, decaying_sine, kick, rich_wav, write

from drumwatch.analysis.decode import digest, read
from drumwatch.core.errors import UnreadableAudio


def wav(channels: int, sr: int, samples: bytes) -> bytes:
    fmt = struct.pack("<HHIIHH", 1, channels, sr, sr * channels * 2, channels * 2 % 65536, 16)
    body = b"WAVE" + chunk(b"fmt ", fmt) + chunk(b"data", samples)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.aiff", {}),
        ("a.flac", {}),
        ("a.ogg", {}),
        ("a.mp3", {}),
        ("a.caf", {}),
        ("a.w64", {}),
        ("a.rf64", {"format": "RF64"}),
    ],
)
def test_what_was_written_is_decoded(tmp_path, name, more):
    sound = read(write(tmp_path / name, kick(), **more))

    assert sound.sr == SR
    assert sound.duration == pytest.approx(0.4, abs=0.06)  # MP3 pads
    assert np.abs(sound.y).max() == pytest.approx(0.7, abs=0.15)


def test_a_name_that_is_not_utf_8_is_no_obstacle(tmp_path):
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"kick\xff.wav"))
    write(tmp_path / "a.wav", kick())
    os.rename(tmp_path / "a.wav", path)

    assert read(path).duration == pytest.approx(0.4)


def test_only_the_beginning_of_a_long_file_is_read_but_its_length_is_known(tmp_path):
    sound = read(write(tmp_path / "long.wav", np.tile(kick(), 50)))

    assert sound.duration == pytest.approx(20.0)
    assert len(sound.y) == 10 * SR


def test_text_is_not_audio_whatever_its_name(tmp_path):
    (tmp_path / "snare.wav").write_text("this is a shopping list, not a snare drum, and it is long enough")

    with pytest.raises(UnreadableAudio, match=r"snare\.wav is not an audio file that drumwatch reads"):
        read(tmp_path / "snare.wav")


def test_a_wav_cut_short_is_refused_and_says_so(tmp_path):
    path = write(tmp_path / "kick.wav", kick())
    path.write_bytes(path.read_bytes()[:10_000])

    with pytest.raises(UnreadableAudio, match=r"kick\.wav is cut short"):
        read(path)


def test_a_flac_cut_short_is_refused(tmp_path):
    path = write(tmp_path / "noise.flac", np.random.default_rng(0).uniform(-1, 1, SR))
    path.write_bytes(path.read_bytes()[:30_000])

    with pytest.raises(UnreadableAudio):
        read(path)


def test_a_thousand_channels_are_not_believed(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(1024, SR, bytes(20_480)))

    with pytest.raises(UnreadableAudio, match=r"a\.wav"):
        read(tmp_path / "a.wav")


def test_a_rate_of_two_gigahertz_is_not_believed(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav(1, 2_147_483_647, bytes(2000)))

    with pytest.raises(UnreadableAudio, match=r"a\.wav"):
        read(tmp_path / "a.wav")


def test_silence_is_called_silence(tmp_path):
    with pytest.raises(UnreadableAudio, match=r"quiet\.wav is silent"):
        read(write(tmp_path / "quiet.wav", np.zeros(SR)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path, bad):
    y = kick()
    y[100] = bad

    with pytest.raises(UnreadableAudio, match="samples that are not numbers"):
        read(write(tmp_path / "a.wav", y, subtype="FLOAT"))


def test_a_header_without_sound_is_refused(tmp_path):
    with pytest.raises(UnreadableAudio, match=r"empty\.wav holds no sound"):
        read(write(tmp_path / "empty.wav", np.zeros(0)))


def test_a_single_sample_is_a_sound(tmp_path):
    assert len(read(write(tmp_path / "tick.wav", np.array([0.5]))).y) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hold_the_worker(tmp_path):
    os.mkfifo(tmp_path / "a.wav")

    with pytest.raises(UnreadableAudio, match="not a regular file"):
        read(tmp_path / "a.wav")


def test_channels_in_opposite_phase_do_not_cancel(tmp_path):
    y = decaying_sine()
    sound = read(write(tmp_path / "wide.wav", np.stack([y, -y], axis=1)))

    assert np.abs(sound.y).max() == pytest.approx(float(np.abs(y).max()), abs=0.01)


def test_the_digest_changes_with_a_single_bit(tmp_path):
    y = (kick() * 32767).astype(np.int16)
    same, other = write(tmp_path / "a.wav", y), write(tmp_path / "b.flac", y)
    y[1000] += 1
    changed = write(tmp_path / "c.wav", y)

    assert digest(same) == digest(other)
    assert digest(same) != digest(changed)


def test_foreign_chunks_are_no_sound(tmp_path):
    y = (kick() * 32767).astype("<i2")

    assert digest(rich_wav(tmp_path / "a.wav")) == digest(write(tmp_path / "b.wav", y))


def in_a_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def of_unknown_length(path):
    flac = bytearray(path.read_bytes())
    flac[21] &= 0xF0
    flac[22:42] = bytes(20)  # the number of samples and their MD5
    path.write_bytes(flac)
    return path


@pytest.mark.parametrize("seconds", [0.4, 40])
def test_a_flac_that_does_not_say_its_length_is_heard_and_measured(tmp_path, seconds):
    path = write(tmp_path / "kick.flac", np.tile(kick(), round(seconds / 0.4)))
    said = read(path, digest=True)

    unsaid = read(of_unknown_length(path), digest=True)

    assert unsaid.duration == said.duration == pytest.approx(seconds)
    assert unsaid.digest == said.digest
    assert np.array_equal(unsaid.y, said.y)


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac"])
def test_an_id3_tag_in_front_is_skipped(tmp_path, name):
    path = write(tmp_path / name, kick())
    plain = read(path, digest=True)
    path.write_bytes(b"ID3\3\0\0\0\0\0\x0fTIT2\0\0\0\5\0\0\0Boom" + path.read_bytes())

    assert read(path, digest=True).digest == plain.digest


def test_zeros_before_the_first_frame_of_an_mp3_are_skipped(tmp_path):
    path = write(tmp_path / "a.mp3", kick())
    path.write_bytes(bytes(1000) + path.read_bytes())

    assert read(path).duration == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_an_mp3_in_a_wav_is_heard_though_it_is_shorter_than_promised(tmp_path, name):
    frames = write(tmp_path / "plain.mp3", kick()).read_bytes()
    fmt = struct.pack("<HHIIHHHHIHHH", 0x55, 1, SR, 16_000, 1, 0, 12, 1, 2, 417, 1, 1393)
    body = b"WAVE" + chunk(b"fmt ", fmt) + chunk(b"fact", struct.pack("<I", 20_000)) + chunk(b"data", frames)
    path = in_a_file(tmp_path, name, b"RIFF" + struct.pack("<I", len(body)) + body)

    assert read(path, digest=True).duration == pytest.approx(0.4, abs=0.06)


def test_an_mp3_that_claims_too_much_is_as_long_as_what_is_there(tmp_path):
    path = write(tmp_path / "a.mp3", kick())
    mp3 = bytearray(path.read_bytes())
    at = next(at for word in (b"Xing", b"Info") if (at := mp3.find(word)) >= 0)
    mp3[at + 8 : at + 12] = struct.pack(">I", 2**24)
    path.write_bytes(mp3)

    assert read(path).duration == pytest.approx(0.4, abs=0.06)


def test_an_mp3_in_which_nothing_can_be_played_says_so(tmp_path):
    """One frame, with rubbish in it."""
    path = in_a_file(tmp_path, "a.mp3", b"\xff\xfb\x90\xc4" + b"\xaa" * 413)

    with pytest.raises(UnreadableAudio, match=r"a\.mp3 cannot be decoded: its frames are damaged"):
        read(path)


def test_an_mp3_whose_first_frame_is_damaged_is_played_from_the_second_on(tmp_path):
    time = np.arange(17_640)
    path = write(tmp_path / "a.mp3", np.sin(time * 0.01) * np.exp(-time / 4000))
    mp3 = path.read_bytes()
    first = mp3.find(b"\xff\xfb")
    path.write_bytes(bytes(3) + mp3[first + 3 :])

    assert read(path).duration == pytest.approx(0.4, abs=0.06)


def test_a_wav_that_lacks_a_few_bytes_is_heard(tmp_path):
    path = write(tmp_path / "a.wav", kick())
    path.write_bytes(path.read_bytes()[:-20])

    assert read(path, digest=True).duration == pytest.approx(0.4, abs=0.001)


@pytest.mark.parametrize("channels", [9, 16, 64])
def test_up_to_64_channels_are_heard(tmp_path, channels):
    beds = np.zeros((len(kick()), channels))
    beds[:, channels // 2] = kick()

    assert np.abs(read(write(tmp_path / "a.wav", beds)).y).max() > 0.3


def test_a_rate_of_1_khz_is_heard(tmp_path):
    path = in_a_file(tmp_path, "a.wav", wav(1, 1000, (b"\x00\x20\x00\xe0") * 200))

    assert read(path).duration == pytest.approx(0.4)


def after_silence(seconds: float, channels: int = 1) -> np.ndarray:
    y = np.concatenate([np.zeros(round(seconds * SR), np.float32), kick()])
    return np.tile(y[:, None], (1, channels))


@pytest.mark.parametrize("seconds", [9.9, 10.0, 12.0, 19.9, 45.0])
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3"])
def test_a_sound_behind_seconds_of_silence_is_heard_as_the_sound(tmp_path, name, seconds):
    sound = read(write(tmp_path / name, after_silence(seconds)))

    assert sound.duration == pytest.approx(seconds + 0.4, abs=0.06)
    assert np.abs(sound.y).max() == pytest.approx(0.75, abs=0.15)
    assert np.flatnonzero(np.abs(sound.y) > 0.1)[0] < 0.1 * SR
    assert len(sound.y) <= 10 * SR


def test_the_digest_of_a_sound_behind_silence_is_that_of_the_sound(tmp_path):
    behind = read(write(tmp_path / "a.wav", after_silence(12, 2)), digest=True)
    alone = read(write(tmp_path / "b.wav", after_silence(0, 2)), digest=True)

    assert behind.digest == alone.digest


def test_a_sound_that_begins_within_the_first_seconds_keeps_its_silence(tmp_path):
    sound = read(write(tmp_path / "a.wav", np.concatenate([after_silence(4.9)[:, 0], np.zeros(8 * SR)])))

    assert len(sound.y) == 10 * SR
    assert np.flatnonzero(np.abs(sound.y) > 0.1)[0] == pytest.approx(4.9 * SR, abs=0.1 * SR)


def test_silence_is_not_searched_for_ever(tmp_path):
    with pytest.raises(UnreadableAudio, match=r"a\.wav is silent for its first 10 minutes"):
        read(write(tmp_path / "a.wav", np.zeros(601 * 8000, np.int16), 8000))


def test_of_more_than_eight_channels_the_loudest_pair_is_heard(tmp_path):
    """A sum would bury a kick in two of sixteen channels under what fourteen others hold."""
    beds = np.zeros((len(kick()), 16))
    beds[:] = 0.02 * np.random.default_rng(0).standard_normal(beds.shape)
    beds[:, [3, 9]] = kick()[:, None]

    y = read(write(tmp_path / "a.wav", beds, subtype="FLOAT")).y

    assert np.array_equal(y, kick())
