"""Conversion for devices: the right format, the sound kept, the original untouched, the same bytes each time."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
import sounds

from drumwatch.analysis.analyze import file_hash
from drumwatch.analysis.conversion import convert
from drumwatch.core.errors import UnreadableAudio
from drumwatch.workers.protocol import ConvertSound


def wanted(path, rates=(44_100,), depths=(16,), formats=("WAV",)):
    return ConvertSound(str(path), formats, rates, depths)


def read(converted):
    file = soundfile.SoundFile(io.BytesIO(converted.wav))
    return file, file.read(dtype="float64", always_2d=True)


def test_24_bits_at_96_khz_become_16_bits_at_44_khz_and_the_original_keeps_its_bytes(tmp_path):
    path = sounds.write(tmp_path / "k.wav", sounds.kick(96_000), 96_000, subtype="PCM_24")
    before = path.read_bytes()

    answer = convert(wanted(path))
    file, y = read(answer)

    assert path.read_bytes() == before
    assert answer.content_hash == file_hash(str(path))
    assert (file.format, file.samplerate, file.subtype) == ("WAV", 44_100, "PCM_16")
    expected = sounds.kick(44_100)
    assert abs(len(y) - len(expected)) <= 2
    assert np.abs(y[: len(expected), 0] - expected[: len(y)]).max() < 0.01


def test_the_same_file_gives_the_same_bytes_and_another_one_other_noise(tmp_path):
    path = sounds.write(tmp_path / "k.wav", sounds.kick(), subtype="PCM_24")
    other = sounds.rich_wav(tmp_path / "o.wav")

    assert convert(wanted(path)).wav == convert(wanted(path)).wav
    assert convert(wanted(other)).wav == b""


def test_a_decay_below_one_step_is_dithered_and_silence_stays_silence(tmp_path):
    soft = np.zeros((8000, 1))
    soft[1000:5000, 0] = 0.4 / 32768 * np.sin(np.arange(4000) / 20)
    path = sounds.write(tmp_path / "soft.wav", soft, subtype="PCM_24")

    _, y = read(convert(wanted(path)))
    steps = np.rint(y[:, 0] * 32768)

    assert not steps[:1000].any()
    assert not steps[5001:].any()
    assert np.corrcoef(steps[1000:5000], soft[1000:5000, 0])[0, 1] > 0.2  # rounded, it would be all zeros
    assert np.abs(steps).max() <= 2


def test_16_bits_in_another_container_keep_every_sample(tmp_path):
    y = np.round(sounds.kick() * 32767).astype(np.int16)
    path = sounds.write(tmp_path / "k.flac", y, subtype="PCM_16")

    file, _ = read(convert(wanted(path)))
    file.seek(0)

    assert np.array_equal(file.read(dtype="int16"), y)


@pytest.mark.parametrize(
    ("name", "more", "device"),
    [
        ("k.wav", {"subtype": "PCM_16"}, {}),
        ("k.wav", {"subtype": "PCM_24"}, {"depths": (16, 24)}),
        ("k.aiff", {"subtype": "PCM_16"}, {"formats": ("WAV", "AIFF")}),
    ],
)
def test_a_file_that_the_device_takes_is_not_converted(tmp_path, name, more, device):
    path = sounds.write(tmp_path / name, sounds.kick(), **more)

    assert convert(wanted(path, **device)).wav == b""


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("k.wav", {"subtype": "FLOAT"}),
        ("k.ogg", {}),
        ("k.mp3", {}),
        ("k.wav", {"subtype": "PCM_U8"}),
        ("k.aiff", {}),
    ],
)
def test_everything_else_becomes_a_wav_without_metadata(tmp_path, name, more):
    path = sounds.write(tmp_path / name, sounds.kick(), **more)

    answer = convert(wanted(path))
    file, _ = read(answer)

    assert (file.format, file.samplerate, file.subtype) == ("WAV", 44_100, "PCM_16")
    assert answer.wav[12:16] == b"fmt "
    assert answer.wav[36:40] == b"data"


def test_a_device_with_24_bits_gets_them_of_a_float_file(tmp_path):
    path = sounds.write(tmp_path / "k.wav", sounds.kick(48_000), 48_000, subtype="FLOAT")

    file, _ = read(convert(wanted(path, depths=(16, 24))))

    assert (file.samplerate, file.subtype) == (44_100, "PCM_24")


def test_what_is_louder_than_full_scale_gets_softer_and_is_not_clipped(tmp_path):
    y = 3 * sounds.kick()
    path = sounds.write(tmp_path / "k.wav", y, subtype="FLOAT")

    _, found = read(convert(wanted(path)))

    assert np.abs(found[:, 0] - y / np.abs(y).max()).max() < 1e-3


def test_six_channels_become_one(tmp_path):
    path = sounds.write(tmp_path / "k.wav", np.repeat(sounds.kick()[:, None], 6, axis=1))

    file, _ = read(convert(wanted(path)))

    assert file.channels == 1


def test_a_sound_of_minutes_is_refused_with_its_name(tmp_path):
    path = sounds.write(tmp_path / "long.flac", np.zeros(61 * 8000), 8000)

    with pytest.raises(UnreadableAudio, match=r"long\.flac is too long for a kit"):
        convert(wanted(path))
