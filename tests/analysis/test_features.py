from __future__ import annotations

import numpy as np
import pytest
import soxr
from numpy.testing import assert_allclose
from sounds import SR, decaying_sine, kick, noise_burst

from drumwatch.analysis.features import FEATURE_NAMES, extract
from drumwatch.analysis.net_inputs import harmonic_lines, hz_of_mel, mel_of_hz, net_inputs_of
from drumwatch.analysis.spectrum import WINDOW_SECONDS, analyse, good_size, hann, stft_power


def features_of(y: np.ndarray, sr: int = SR) -> dict[str, float]:
    spectrum = analyse(y.astype(np.float32), sr)
    return dict(zip(FEATURE_NAMES, extract(spectrum, harmonic_lines(spectrum)).tolist(), strict=True))


SOUNDS = {"kick": kick(), "burst": noise_burst(), "tone": decaying_sine(440.0)}


@pytest.mark.parametrize("name", SOUNDS)
def test_level_does_not_matter(name):
    loud, quiet = features_of(SOUNDS[name]), features_of(SOUNDS[name] * np.float32(0.03))

    assert quiet == pytest.approx(loud, abs=1e-3)


@pytest.mark.parametrize("name", SOUNDS)
def test_silence_in_front_does_not_matter(name):
    y = SOUNDS[name]
    late = np.concatenate([np.zeros(5 * SR // 10, np.float32), y])
    now, later = features_of(y), features_of(late)

    off = [
        feature
        for feature in FEATURE_NAMES
        if abs(now[feature] - later[feature]) > 0.15 * (1 + abs(now[feature]))
    ]
    assert len(off) <= 0.04 * len(FEATURE_NAMES), off


@pytest.mark.parametrize("name", ["kick", "tone"])
@pytest.mark.parametrize("sr", [32_000, 48_000, 96_000])
def test_the_rate_hardly_matters(name, sr):
    y = SOUNDS[name]
    now, other = features_of(y), features_of(soxr.resample(y, SR, sr), sr)

    off = [
        feature
        for feature in FEATURE_NAMES
        if abs(now[feature] - other[feature]) > 0.2 * (1 + abs(now[feature]))
    ]
    assert len(off) <= 0.08 * len(FEATURE_NAMES), off


def test_a_kick_falls_and_a_tone_stays():
    assert features_of(kick())["pitch: pitch fall"] > 0.3
    assert abs(features_of(decaying_sine(440.0))["pitch: pitch fall"]) < 0.05


def test_the_pitch_is_found_between_the_bins():
    assert 2 ** features_of(decaying_sine(440.0))["pitch: pitch at 40-90 ms"] == pytest.approx(440, rel=0.01)


def test_a_clap_has_more_bursts_than_a_hit():
    y = np.zeros(SR // 2, np.float32)
    for at in (0, 0.012, 0.024, 0.036):
        burst = noise_burst(0.1, decay=0.003, seed=int(at * 1000))
        y[int(at * SR) : int(at * SR) + len(burst)] += burst

    assert features_of(y)["envelope: bursts in 100 ms"] >= 3
    assert features_of(decaying_sine())["envelope: bursts in 100 ms"] <= 1


def test_noise_is_bright_and_noisy_and_a_kick_is_not():
    noise, low = features_of(noise_burst()), features_of(kick())

    assert 2 ** noise["whole: brightness"] > 3000
    assert 2 ** low["whole: brightness"] < 150
    assert noise["whole: noisiness"] > low["whole: noisiness"]


def tick(length: int, at: int) -> np.ndarray:
    y = np.zeros(length, np.float32)
    y[at] = 1
    return y


@pytest.mark.parametrize("y", [np.ones(1), np.ones(30), tick(2000, 0), np.ones(5 * SR), tick(SR, SR - 1)])
@pytest.mark.parametrize("sr", [4_000, 22_255, 384_000])
def test_odd_sounds_have_finite_numbers(y, sr):
    spectrum = analyse(y.astype(np.float32), sr)

    seen = net_inputs_of(spectrum)

    assert np.isfinite(extract(spectrum, seen.lines)).all()
    for view in (seen.log_mel, seen.lines, seen.onset):
        assert ((view > -1e-6) & (view <= 1.001)).all()


def test_the_spectrogram_is_librosas_up_to_a_factor():
    librosa = pytest.importorskip("librosa", reason="is left out on Intel Macs")
    sr, y = 44_000, kick(44_000)  # a hop of exactly 220 samples
    power, hz = stft_power(y, sr)
    window = hann(round(WINDOW_SECONDS * sr))
    n_fft = good_size(len(window))
    front = np.pad(y, (len(window) // 2, n_fft))
    theirs = librosa.stft(
        front, n_fft=n_fft, hop_length=220, window=np.pad(window, (0, n_fft - len(window))), center=False
    )

    assert_allclose(power, np.square(np.abs(theirs)).T[: len(power)], atol=1e-6)
    assert_allclose(hz, librosa.fft_frequencies(sr=sr, n_fft=n_fft))


def test_mel_is_the_mel_of_librosa():
    librosa = pytest.importorskip("librosa", reason="is left out on Intel Macs")
    assert mel_of_hz(440.0) == pytest.approx(librosa.hz_to_mel(440.0, htk=True))
    assert_allclose(hz_of_mel(np.array([500.0])), librosa.mel_to_hz(np.array([500.0]), htk=True))


@pytest.mark.parametrize(
    ("wanted", "size"), [(1, 1), (93, 96), (1024, 1024), (1025, 1280), (1114, 1280), (2227, 2560)]
)
def test_transforms_have_quick_lengths(wanted, size):
    assert good_size(wanted) == size
