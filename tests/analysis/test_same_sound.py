"""The same sound is recognised by its decoded samples, not by its bytes."""

import hashlib

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sounds import SR, decaying_sine, kick, noise_burst, rich_wav, write

from drumwatch.analysis.decode import FLOAT_DIGEST, read, sound_digest

# Subtypes that hold any sample exactly, by their bits; and those that do not.
LOSSLESS = {
    "PCM_S8": ("aiff", 8),
    "PCM_U8": ("wav", 8),
    "PCM_16": ("wav", 16),
    "PCM_24": ("wav", 24),
    "PCM_32": ("wav", 32),
    "ALAC_16": ("caf", 16),
    "FLOAT": ("wav", 24),
    "DOUBLE": ("wav", 32),
}
LOSSY = {
    "ULAW": "wav",
    "ALAW": "wav",
    "IMA_ADPCM": "wav",
    "MS_ADPCM": "wav",
    "VORBIS": "ogg",
    "OPUS": "ogg",
    "MPEG_LAYER_III": "mp3",
}
OTHER_CONTAINERS = {
    16: [
        ("flac", "PCM_16"),
        ("aiff", "PCM_16"),
        ("caf", "ALAC_16"),
        ("w64", "PCM_16"),
        ("wav", "PCM_32"),
        ("wav", "FLOAT"),
        ("aiff", "DOUBLE"),
    ],
    24: [
        ("flac", "PCM_24"),
        ("aiff", "PCM_24"),
        ("caf", "PCM_24"),
        ("wav", "PCM_32"),
        ("wav", "FLOAT"),
        ("wav", "DOUBLE"),
    ],
}


def integers(seed: int, length: int, *, bits: int, peak: float) -> np.ndarray:
    """Noise of so many bits, as int32 at full scale, with no zero at its ends."""
    steps = max(1, round(peak * (2 ** (bits - 1) - 1)))
    numbers = np.random.default_rng(seed).integers(-steps, steps, length, endpoint=True)
    numbers[[0, -1]] = steps
    return (numbers << (32 - bits)).astype(np.int32)


def written(folder, name: str, y: np.ndarray, subtype: str, sr: int = SR):
    soundfile.write(folder / name, y, sr, subtype=subtype)
    return folder / name


def as_written(y: np.ndarray, subtype: str, gain: float = 1.0) -> np.ndarray:
    """The samples as soundfile has to be given them: a float file does not scale integers."""
    return gain * y / 2.0**31 if subtype in {"FLOAT", "DOUBLE"} else y


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


@settings(max_examples=150, deadline=None)
@given(
    subtype=st.sampled_from(sorted(LOSSLESS)),
    decibels=st.floats(-74, 0),
    lengths=st.tuples(*[st.integers(1, 70_000)] * 2),
    seeds=st.tuples(*[st.integers(0, 2**32)] * 2),
)
def test_different_samples_have_different_digests(tmp_path_factory, subtype, decibels, lengths, seeds):
    ending, bits = LOSSLESS[subtype]
    sounds = [
        integers(seed, length, bits=bits, peak=10 ** (decibels / 20))
        for seed, length in zip(seeds, lengths, strict=True)
    ]
    assume(not np.array_equal(sounds[0], sounds[1]))
    folder = tmp_path_factory.mktemp("two")
    first, second = (
        written(folder, f"{n}.{ending}", as_written(y, subtype, gain=0.7), subtype)
        for n, y in enumerate(sounds)
    )

    assert sound_digest(first) != sound_digest(second)
    assert read(first, digest=True).digest == sound_digest(first)


@settings(max_examples=60, deadline=None)
@given(
    subtype=st.sampled_from(sorted(LOSSY)),
    decibels=st.floats(-40, -3),
    hz=st.floats(200, 4000),
    up=st.floats(1.1, 3),
)
def test_different_sounds_in_a_lossy_format_have_different_digests(
    tmp_path_factory, subtype, decibels, hz, up
):
    folder = tmp_path_factory.mktemp("two")
    level = 10 ** (decibels / 20)
    first, second = (
        written(folder, f"{n}.{LOSSY[subtype]}", level * decaying_sine(one, sr=48_000), subtype, 48_000)
        for n, one in enumerate((hz, hz * up))
    )

    assert sound_digest(first)
    assert sound_digest(first) != sound_digest(second)


@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from([(bits, *other) for bits, others in OTHER_CONTAINERS.items() for other in others]),
    decibels=st.floats(-70, 0),
    length=st.integers(1, 70_000),
    seed=st.integers(0, 2**32),
)
def test_equal_samples_have_one_digest_in_every_lossless_container(
    tmp_path_factory, form, decibels, length, seed
):
    bits, ending, subtype = form
    folder = tmp_path_factory.mktemp("two")
    y = integers(seed, length, bits=bits, peak=10 ** (decibels / 20))
    first = written(folder, "first.wav", y, f"PCM_{bits}")
    other = written(folder, f"other.{ending}", as_written(y, subtype), subtype)

    assert sound_digest(first) == sound_digest(other)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_the_digest_of_an_integer_file_is_the_one_that_earlier_versions_stored(tmp_path, subtype):
    y = integers(1, 70_000, bits=16, peak=0.3)

    told = sound_digest(written(tmp_path, "a.wav", y, subtype))

    assert told == hashlib.blake2b(f"{SR} 1".encode() + y.tobytes(), digest_size=32).hexdigest()


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("peak", [1e-3, 0.1, 0.49, 0.7, 1.4, 3.0])
def test_a_float_file_has_a_digest_that_no_earlier_version_stored(tmp_path, subtype, peak):
    y = np.random.default_rng(0).uniform(-peak, peak, 1000)

    told = sound_digest(written(tmp_path, "a.wav", y, subtype))

    assert told.startswith(FLOAT_DIGEST)


def test_the_same_floats_in_32_and_in_64_bits_are_one_sound(tmp_path):
    y = noise_burst() / 7

    assert sound_digest(written(tmp_path, "a.wav", y, "FLOAT")) == sound_digest(
        written(tmp_path, "b.wav", y.astype(np.float64), "DOUBLE")
    )


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_has_no_digest(tmp_path, subtype, level):
    silent = written(tmp_path, "a.wav", level * noise_burst(), subtype)

    assert sound_digest(silent) == ""
