"""What decoding computes in a quick way equals the plain way, which is written down here."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile
from numpy.testing import assert_allclose
from sounds import SR, write

from drumwatch.analysis import decode


def plain_digest(path) -> str:
    """The digest of a file of integers, all of it at once."""
    samples, sr = soundfile.read(path, dtype="int32", always_2d=True)
    loud = np.flatnonzero(samples.any(axis=1))
    heard = samples[loud[0] : loud[-1] + 1]
    return hashlib.blake2b(f"{sr} {samples.shape[1]}".encode() + heard.tobytes(), digest_size=32).hexdigest()


def noise(frames: int, channels: int, *, before: int, behind: int) -> np.ndarray:
    y = np.random.default_rng(frames).uniform(-0.9, 0.9, (frames, channels))
    y[frames // 3 : 2 * frames // 3] = 0
    return np.concatenate([np.zeros((before, channels)), y, np.zeros((behind, channels))])


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
@pytest.mark.parametrize(
    ("frames", "before", "behind"), [(1, 0, 0), (5000, 0, 0), (5000, 511, 513), (300, 512, 70_000)]
)
def test_the_digest_is_the_hash_of_all_that_is_not_silent(tmp_path, subtype, frames, before, behind):
    path = write(tmp_path / "a.wav", noise(frames, 2, before=before, behind=behind), subtype=subtype)

    assert decode.read(path, digest=True).digest == decode.sound_digest(path) == plain_digest(path)


@pytest.mark.parametrize("behind", [0, 3 * SR])
def test_the_digest_of_a_long_file_covers_what_is_not_analyzed(tmp_path, behind):
    path = write(tmp_path / "a.flac", noise(12 * SR, 1, before=9, behind=behind))

    assert decode.read(path, digest=True).digest == decode.sound_digest(path) == plain_digest(path)


@pytest.mark.parametrize("at", [None, 0, 511, 512, 1500, 1999])
def test_zeros_are_counted_up_to_the_first_sound(at):
    part = np.zeros((2000, 2), np.float32)
    if at is not None:
        part[at, 1] = -1

    assert decode.zeros_before_sound(part) == (2000 if at is None else at)


@pytest.mark.parametrize("channels", [1, 2, 5, 12])
def test_the_mix_is_the_mean_or_the_loudest_channel(channels):
    frames = np.random.default_rng(channels).uniform(-1, 1, (3000, channels)).astype(np.float32)
    heard = frames[:, np.sort(np.argsort(np.square(frames).sum(axis=0))[-2:])] if channels > 8 else frames

    assert_allclose(decode.to_mono(frames, "a.wav"), heard.mean(axis=1), atol=1e-6)
    if channels == 2:
        cancelling = np.stack([frames[:, 0], -0.9 * frames[:, 0]], axis=1)
        assert_allclose(decode.to_mono(cancelling, "a.wav"), frames[:, 0])
