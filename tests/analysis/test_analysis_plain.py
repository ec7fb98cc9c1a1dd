"""What spectrum, net inputs and features compute in a quick way equals the plain way, which is written down here."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sounds import decaying_sine, kick, noise_burst

from drumwatch.analysis import features, net_inputs, spectrum
from drumwatch.analysis.features import BAND_EDGES, FLOOR
from drumwatch.analysis.net_inputs import BANDS, FRAMES, LINES, LINES_A_OCTAVE, RANGE_DB, SPANS
from drumwatch.analysis.spectrum import BLOCK_SECONDS, HOP_SECONDS, WINDOW_SECONDS, Spectrum, analyse, hann

RATES = (8_000, 22_050, 44_100, 48_000, 96_000)


def sounds(sr: int) -> list[Spectrum]:
    """Short and long, tonal and noisy; the last one is longer than what is analyzed."""
    strokes = np.concatenate([noise_burst(0.3, sr, seed=seed) for seed in range(12)])
    raw = (
        kick(sr),
        noise_burst(0.03, sr),
        noise_burst(1.2, sr, decay=0.4),
        decaying_sine(440.0, 0.7, sr),
        strokes,
    )
    return [analyse(y, sr) for y in raw]


@pytest.mark.parametrize("sr", RATES)
@pytest.mark.parametrize("seconds", [0.0004, 0.3, 1.0, 5.0])
def test_the_envelope_is_the_rms_of_each_millisecond(sr, seconds):
    y = np.random.default_rng(0).standard_normal(max(1, round(seconds * sr))).astype(np.float32)
    borders = [round(block * (BLOCK_SECONDS * sr)) for block in range(int(len(y) / (BLOCK_SECONDS * sr)) + 1)]
    plain = [np.sqrt(np.square(y[a:b]).mean()) for a, b in itertools.pairwise(borders)]

    envelope = spectrum.block_rms(y, sr)

    assert len(envelope) == max(1, len(plain))
    assert_allclose(envelope[: len(plain)], plain, rtol=1e-5)


@pytest.mark.parametrize("sr", RATES)
@pytest.mark.parametrize("seconds", [0.001, 0.2, 0.31, 0.32, 1.7])
def test_a_spectrogram_in_blocks_is_that_of_all_frames_at_once(sr, seconds):
    y = np.random.default_rng(0).standard_normal(max(1, round(seconds * sr))).astype(np.float32)
    window = hann(round(WINDOW_SECONDS * sr))
    pad = len(window) // 2
    padded = np.concatenate([np.zeros(pad, np.float32), y, np.zeros(2 * len(window), np.float32)])
    starts = [round(hop * (HOP_SECONDS * sr)) for hop in range(int(len(y) / (HOP_SECONDS * sr)) + 1)]
    frames = np.stack([padded[start : start + len(window)] for start in starts])
    S = np.fft.rfft(frames * window, spectrum.good_size(len(window)))

    power, _ = spectrum.stft_power(y, sr)

    assert_allclose(power, np.square(S.real) + np.square(S.imag), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("sr", RATES)
def test_the_log_mel_spectrogram_is_one_product_and_a_mean_over_spans(sr):
    for one in sounds(sr):
        energy = one.power @ net_inputs.mel_matrix(len(one.hz), float(one.hz[-1]))
        padded = np.zeros((sum(count * hops for count, hops in SPANS), BANDS), np.float32)
        padded[: len(energy)] = energy[: len(padded)]
        parts, start = [], 0
        for count, hops in SPANS:
            parts.append(padded[start : start + count * hops].reshape(count, hops, BANDS).mean(axis=1))
            start += count * hops
        plain = net_inputs.scaled(np.concatenate(parts).T, RANGE_DB)

        found = net_inputs.log_mel(one)

        assert found.shape == (BANDS, FRAMES)
        assert_allclose(found, plain, atol=2e-6)
        assert ((found == net_inputs.SILENT) == (plain == net_inputs.SILENT)).all(axis=0).sum() >= FRAMES - 1


@pytest.mark.parametrize("sr", RATES)
def test_lines_are_interpolated_sums_of_power(sr):
    edges = net_inputs.LOWEST_LINE_HZ * 2 ** ((np.arange(LINES + 1) - 0.5) / LINES_A_OCTAVE)
    for one in sounds(sr):
        for span in net_inputs.LINE_SPANS:
            start, end = (round(seconds * sr) for seconds in span)
            y, window = one.y[start:end], hann(end - start)
            S = np.fft.rfft(y * window[: len(y)], spectrum.good_size(len(window)))
            summed = np.cumsum(np.square(S.real) + np.square(S.imag))
            bin_of = edges / (sr / 2) * (len(summed) - 1)
            plain = np.diff(np.interp(bin_of, np.arange(len(summed)), summed)) / np.diff(bin_of)

            assert_allclose(net_inputs.line_powers(one, span), plain, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("sr", RATES)
def test_the_shape_of_a_spectrum_is_that_of_the_bins_up_to_the_highest_band(sr):
    for one in sounds(sr):
        segments = features.segment_spectra(one.power)
        heard = one.hz <= BAND_EDGES[-1]
        power = segments[:, heard] + 1e-12
        octaves = np.log2(np.maximum(one.hz[heard], 20.0))
        share = power / power.sum(axis=1, keepdims=True)
        centroid = share @ octaves
        plain = np.stack(
            [
                centroid,
                np.sqrt(np.maximum(share @ np.square(octaves) - np.square(centroid), 0)),
                octaves[(np.cumsum(share, axis=1) >= 0.85).argmax(axis=1)],
                np.log(power).mean(axis=1) - np.log(power.mean(axis=1)),
                features.decibels(share.max(axis=1)),
            ],
            axis=1,
        )
        plain[segments.sum(axis=1) < FLOOR] = -1

        assert_allclose(features.shape_features(segments, one), plain.ravel(), atol=1e-5)


@pytest.mark.parametrize("sr", RATES)
def test_harmonicity_is_read_from_the_whole_autocorrelation(sr):
    for one in sounds(sr):
        tail = one.y[round(0.03 * sr) : round(0.2 * sr)].astype(np.float64)
        plain = 0.0
        if len(tail) >= 0.02 * sr and tail.any():
            correlation = np.correlate(tail, tail, "full")[len(tail) - 1 :][: round(0.02 * sr)]
            correlation /= max(correlation[0], 1e-30)
            fallen = int((correlation < 0.3).argmax())
            plain = float(correlation[fallen:].max()) if fallen else 0.0

        assert features.harmonicity(one) == pytest.approx(plain, abs=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 50, 3000])
def test_steadiness_is_the_deviation_from_a_straight_line(count):
    envelope = np.random.default_rng(count).uniform(0, 1, count).astype(np.float32)
    level = 20 * np.log10(np.maximum(envelope, 1e-4))
    x = np.linspace(-1, 1, count)
    slope = (x @ level) / (x @ x)

    assert features.steadiness(envelope) == pytest.approx(float(np.std(level - slope * x)), abs=1e-4)


@pytest.mark.parametrize("bins", [3, 4, 35])
def test_the_strongest_line_is_refined_by_a_parabola(bins):
    low = np.square(np.random.default_rng(bins).standard_normal((5, bins))).astype(np.float32)
    low[3], low[4] = 0, 1  # silent, and as flat as can be
    peak, rows = np.clip(low.argmax(axis=1), 1, bins - 2), np.arange(5)
    left, mid, right = (np.log(low[rows, peak + step] + 1e-12) for step in (-1, 0, 1))
    curvature = left - 2 * mid + right
    shift = np.where(curvature < -1e-6, 0.5 * (left - right) / np.minimum(curvature, -1e-6), 0)
    silent = low.sum(axis=1) < FLOOR
    pitch = np.log2(np.maximum((peak + np.clip(shift, -0.5, 0.5)) * 43.0, 20.0))
    tone = sum(low[rows, peak + step] for step in (-1, 0, 1)) / np.maximum(low.sum(axis=1), 1e-12)

    found = features.strongest_lines(low, 43.0)

    assert_allclose(found[0], np.where(silent, 0, pitch), atol=1e-5)
    assert_allclose(found[1], np.where(silent, 0, tone), atol=1e-6)


def test_the_comb_compares_harmonics_with_what_lies_between_them():
    line = np.random.default_rng(0).uniform(0, 1, LINES).astype(np.float32)

    def at(position: int) -> float:
        return float(line[position]) if position < LINES else 0.0

    def mean(first: int, multiples: list[float]) -> float:
        return float(
            np.mean([at(first + round(np.log2(multiple) * LINES_A_OCTAVE)) for multiple in multiples])
        )

    plain = max(
        mean(first, [1, 2, 3, 4, 5, 6]) - mean(first, [1.5, 2.5, 3.5, 4.5, 5.5]) for first in range(LINES)
    )

    assert features.comb_strength(line) == pytest.approx(plain, abs=1e-5)


def test_the_rise_of_the_level_is_that_from_hop_to_hop():
    envelope = np.random.default_rng(0).uniform(0, 1, 203).astype(np.float32)
    coarse = [max(0.03, envelope[at : at + 5].max()) for at in range(0, len(envelope), 5)]
    plain = np.maximum(np.diff(20 * np.log10(coarse), prepend=20 * np.log10(coarse[0])), 0)

    assert_allclose(features.onset_strength(envelope), plain, atol=1e-4)
