"""The same sound is recognised by its decoded samples, not by its bytes."""

import numpy as np
import pytest
import soundfile
from sounds import SR, decaying_sine, kick, noise_burst, rich_wav, write

from drumwatch.analysis.decode import sound_digest


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("k.aiff", "PCM_16"), ("k.flac", "PCM_16"), ("k.wav", "PCM_24"), ("k.flac", "PCM_24")],
)
def test_a_sound_is_the_same_in_another_format(tmp_path, name, subtype):
    y = (kick() * 32767).astype("<i2")
    soundfile.write(tmp_path / "first.wav", y, SR)
    soundfile.write(tmp_path / name, y, SR, subtype=subtype)

    assert sound_digest(tmp_path / "first.wav") == sound_digest(tmp_path / name)


def test_tags_and_other_chunks_make_no_other_sound(tmp_path):
    rich_wav(tmp_path / "rich.wav")
    y, sr = soundfile.read(tmp_path / "rich.wav", dtype="int16")
    soundfile.write(tmp_path / "plain.wav", y, sr)

    assert sound_digest(tmp_path / "rich.wav") == sound_digest(tmp_path / "plain.wav")


@pytest.mark.parametrize(("before", "after"), [(0, 1), (441, 0), (70_000, 200_000)])
def test_digital_silence_around_it_makes_no_other_sound(tmp_path, before, after):
    y = kick()[1:]  # the first sample of all is a zero
    write(tmp_path / "bare.wav", y)
    write(tmp_path / "padded.wav", np.pad(y, (before, after)))

    assert sound_digest(tmp_path / "bare.wav") == sound_digest(tmp_path / "padded.wav")


def test_silence_inside_belongs_to_the_sound(tmp_path):
    y = noise_burst()
    write(tmp_path / "once.wav", np.concatenate([y, y]))
    write(tmp_path / "twice.wav", np.concatenate([y, np.zeros(100_000, np.float32), y]))

    assert sound_digest(tmp_path / "once.wav") != sound_digest(tmp_path / "twice.wav")


@pytest.mark.parametrize(
    "other",
    [
        (decaying_sine(56.0), SR),
        (decaying_sine(55.0), 48_000),
        (np.stack([decaying_sine(55.0)] * 2, axis=1), SR),
        (decaying_sine(55.0) * 0.999, SR),
    ],
)
def test_another_pitch_rate_channel_or_level_is_another_sound(tmp_path, other):
    write(tmp_path / "one.wav", decaying_sine(55.0))
    write(tmp_path / "other.wav", *other)

    assert sound_digest(tmp_path / "one.wav") != sound_digest(tmp_path / "other.wav")
