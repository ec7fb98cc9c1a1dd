"""Compute about two hundred features of a sound: band energies, spectral shape, envelope, pitch, tone.

All segment means come from one matrix product with the spectrogram. No feature depends on the level or on silence before
the onset. Bands are given in Hz, so the sample rate matters only where it limits the highest frequency.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.net_inputs import LINES, LINES_A_OCTAVE
from drumwatch.analysis.spectrum import (
    BLOCK_SECONDS,
    FLOOR,
    HOP_SECONDS,
    Spectrum,
    band_matrix,
    bin_hz,
    good_size,
    last_at_least,
    rough_envelope,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

VERSION = 1  # a model that was trained on another version of the features is refused

BAND_EDGES = (20.0, 70.0, 130.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 7000.0, 11000.0, 16000.0)
BANDS = tuple(f"{low:g}-{high:g} Hz" for low, high in itertools.pairwise(BAND_EDGES))
SEGMENT_EDGES = (0.0, 0.015, 0.04, 0.09, 0.18, 0.4, 1.0, 3.0)
SEGMENTS = tuple(f"{low * 1000:g}-{high * 1000:g} ms" for low, high in itertools.pairwise(SEGMENT_EDGES))
SHAPES = ("brightness", "spread", "roll-off", "noisiness", "strongest line")
DROPS_DB = (-6.0, -12.0, -20.0, -40.0)
FINE_FACTORS = (1, 3, 5, 9, 15, 25, 27, 45, 75, 81, 135)  # times a power of two: lengths of quick transforms
PITCH_TOP_HZ = 1500.0  # the fundamentals of drums lie below

BAND_STATS = ("share", "peak time", "fall by 10 dB", "fall by 20 dB", "centre of time")
ENVELOPE_STATS = (
    "attack time",
    *(f"time to {drop:g} dB" for drop in DROPS_DB),
    "sounding time",
    "crest",
    "centre of time",
    "energy in the first 10 ms",
    "energy in the first 50 ms",
    "energy after 300 ms",
    "bursts in 100 ms",
    "onsets in all",
    "onset spacing",
    "steadiness",
)
TONE_STATS = (
    "body: lines above noise",
    "tail: lines above noise",
    "body: strongest above mean",
    "tail: strongest above mean",
    "tail as the body",
    "harmonic comb",
    "drift",
)
PITCH_STATS = (
    *(f"pitch at {segment}" for segment in SEGMENTS[:5]),
    *(f"tone at {segment}" for segment in SEGMENTS[:5]),
    "pitch fall",
    "pitch fall, early",
    "low line against all",
    "lines",
    "harmonicity",
)

FEATURE_NAMES: tuple[str, ...] = (
    *(f"{band}: {stat}" for band in BANDS for stat in BAND_STATS),
    *(f"{segment}: level at {band}" for segment in SEGMENTS for band in BANDS),
    *(f"{segment}: {shape}" for segment in (*SEGMENTS, "whole") for shape in SHAPES),
    *(f"envelope: {stat}" for stat in ENVELOPE_STATS),
    *(f"pitch: {stat}" for stat in PITCH_STATS),
    *(f"tone: {stat}" for stat in TONE_STATS),
)


def extract(spectrum: Spectrum, lines: Floats) -> Floats:
    """Return the features in the order of FEATURE_NAMES, float32 of shape (features,), all finite.

    `lines` are the harmonic lines of `net_inputs.harmonic_lines`, shape (spans, LINES).
    """
    segments = segment_spectra(spectrum.power)
    parts = (
        band_features(spectrum),
        level_features(segments, spectrum),
        shape_features(segments, spectrum),
        envelope_features(spectrum),
        pitch_features(segments, spectrum),
        tone_features(lines),
    )
    return np.concatenate(parts).astype(np.float32)


@functools.lru_cache(maxsize=128)
def segment_weights(frames: int) -> Floats:
    """Return the matrix, shape (segments + 1, frames), that averages frames over each segment and, in its last row, over all.

    A segment is divided by its full length, so frames beyond the end of the sound count as zero.
    """
    times = np.arange(frames) * HOP_SECONDS
    edges = np.array(SEGMENT_EDGES)
    inside = (times >= edges[:-1, None]) & (times < edges[1:, None])
    counts = np.round(np.diff(edges) / HOP_SECONDS)
    weights = inside / counts[:, None]
    return np.vstack([weights, np.full(frames, 1 / frames)]).astype(np.float32)


def segment_spectra(power: Floats) -> Floats:
    """Return the mean power, shape (segments + 1, bins), per segment and, in the last row, over the whole sound.

    `power` has the shape (frames, bins). A segment after the end of the sound is zero.
    """
    return segment_weights(len(power)) @ power


def decibels(power: Floats) -> Floats:
    """Convert power to dB, with a floor at FLOOR (-80 dB); the shape stays."""
    return 10 * np.log10(np.maximum(power, FLOOR))


def bands_of(spectrum: Spectrum) -> Floats:
    """Return the matrix, shape (bins, BANDS), that sums the bins of this spectrum into bands.

    It has the bins above the highest band as well, which count nothing: without them, sums are rounded otherwise, and then another
    one of a loop's equal strokes is the loudest.
    """
    return band_matrix(BAND_EDGES, len(spectrum.hz), float(spectrum.hz[-1]))


def band_features(spectrum: Spectrum) -> Floats:
    """Return BAND_STATS of each band, shape (BANDS * BAND_STATS,): share in dB, then times in log2 seconds."""
    energy = spectrum.power @ bands_of(spectrum)
    total = energy.sum(axis=0)
    times = np.arange(len(energy), dtype=np.float32) * HOP_SECONDS
    peak_at = energy.argmax(axis=0)
    stats = np.stack(
        [
            decibels(total / max(float(total.sum()), FLOOR)),
            log_time(times[peak_at]),
            log_time(time_of_fall(energy, peak_at, 0.1)),
            log_time(time_of_fall(energy, peak_at, 0.01)),
            log_time((times @ energy) / np.maximum(total, FLOOR)),
        ]
    )
    return stats.T.ravel()


def log_time(seconds: Floats) -> Floats:
    """Return log2 of times in seconds, at least BLOCK_SECONDS; the shape stays.

    A logarithm, because 5 ms against 10 ms should differ as much as half a second against one.
    """
    return np.log2(np.maximum(seconds, BLOCK_SECONDS))


def time_of_fall(energy: Floats, peak_at: NDArray[np.intp], ratio: float) -> Floats:
    """Return the seconds from each band's peak to its last frame above `ratio` of the peak, shape (bands,).

    Parameters
    ----------
    energy : float32, shape (frames, bands)
    peak_at : int, shape (bands,)
        The frame of each band's peak.
    ratio : float
        The power ratio, 0.1 for 10 dB.
    """
    above = energy >= energy[peak_at, np.arange(energy.shape[1])] * ratio
    last = len(energy) - 1 - above[::-1].argmax(axis=0)
    return ((last - peak_at + 1) * HOP_SECONDS).astype(np.float32)


def level_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """Return the level of each band in each segment in dB below the loudest of them, shape (SEGMENTS * BANDS,).

    `segments` is the mean power of `segment_spectra`, shape (segments + 1, bins).
    """
    levels = segments[:-1] @ bands_of(spectrum)
    return decibels(levels / max(float(levels.max()), FLOOR)).ravel()


def shape_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """Return SHAPES of each segment and of the whole sound, shape ((SEGMENTS + 1) * SHAPES,).

    These are spectral centroid, bandwidth and 85 % roll-off over log2 of the frequency in Hz, spectral flatness (natural log
    of geometric over arithmetic mean power), and the strongest bin's share of the power in dB, all up to 16 kHz. A silent
    segment has -1 for each. `segments` is the mean power of `segment_spectra`, shape (segments + 1, bins).
    """
    octaves = octaves_of(len(spectrum.hz), spectrum.sr)
    # Bin after bin in memory, so that sums over bins are added in their order
    power = segments[:, : len(octaves)].T.copy().T
    power += np.float32(1e-12)
    share = power / power.sum(axis=1, keepdims=True)
    centroid = share @ octaves
    bandwidth = np.sqrt(np.maximum(share @ np.square(octaves) - np.square(centroid), 0))
    by_segment = np.ascontiguousarray(share)
    rolloff = octaves[
        (np.cumsum(by_segment, axis=1) >= 0.85).argmax(axis=1)
    ]  # librosa's default roll_percent
    flatness = np.log(power).mean(axis=1) - np.log(power.mean(axis=1))
    line = decibels(by_segment.max(axis=1))
    shape = np.stack([centroid, bandwidth, rolloff, flatness, line], axis=1)
    silent = segments.sum(axis=1) < FLOOR
    shape[silent] = -1  # marks a silent segment
    return shape.ravel()


@functools.lru_cache(maxsize=64)
def octaves_of(n_bins: int, sr: int) -> Floats:
    """Return log2 of the frequency in Hz, at least of 20 Hz, of each bin up to the highest band edge, shape (bins,).

    `n_bins` is the number of bins from 0 to half of `sr` Hz.
    """
    hz = bin_hz(2 * (n_bins - 1), sr)
    return np.log2(np.maximum(hz[hz <= BAND_EDGES[-1]], 20.0))


def envelope_features(spectrum: Spectrum) -> Floats:
    """Return ENVELOPE_STATS, shape (ENVELOPE_STATS,), from the RMS envelope in steps of 1 ms.

    Times are log2 seconds, the crest factor is in dB, energies are shares of the whole from 0 to 1, the onset spacing is in
    seconds.
    """
    envelope = spectrum.envelope
    energy = np.square(envelope)
    total = max(float(energy.sum()), FLOOR)
    times = np.arange(len(envelope)) * BLOCK_SECONDS
    peak_at = int(envelope.argmax())
    peak = max(float(envelope[peak_at]), 1e-6)
    last_above = [last_at_least(envelope, envelope[peak_at] * 10 ** (drop / 20)) for drop in DROPS_DB]
    flux = onset_strength(envelope / peak)
    peaks = onset_peaks(flux)
    spacing = float(np.diff(peaks).mean()) * HOP_SECONDS if len(peaks) > 1 else 0.0
    seconds = np.array([times[peak_at], *times[last_above], spectrum.sounding], np.float32)
    return np.concatenate(
        [
            log_time(seconds),
            [
                20 * np.log10(peak / max(np.sqrt(total / len(envelope)), 1e-6)),
                np.log2(max(float(times @ energy) / total, BLOCK_SECONDS)),
                energy[:10].sum() / total,
                energy[:50].sum() / total,
                energy[300:].sum() / total,
                bursts(rough_envelope(spectrum, 100) / peak),
                len(peaks),
                spacing,
                steadiness(envelope[: last_above[-1] + 1]),
            ],
        ]
    )


def onset_strength(envelope: Floats) -> Floats:
    """Return the rise of the level from hop to hop in dB, shape (hops,).

    `envelope` is the RMS per block, shape (blocks,). Levels below 0.03 are raised to it, so that quiet passages show no onsets.
    """
    step = round(HOP_SECONDS / BLOCK_SECONDS)
    coarse = np.maximum.reduceat(envelope, np.arange(0, len(envelope), step))
    level = 20 * np.log10(np.maximum(coarse, 0.03))
    rise = np.zeros_like(level)
    np.maximum(level[1:] - level[:-1], 0, out=rise[1:])
    return rise


def onset_peaks(flux: Floats) -> NDArray[np.intp]:
    """Return the hops, shape (onsets,), at which the level rises by 6 dB within 15 ms, at least 50 ms apart; hop 0 is included.

    `flux` is the rise per hop in dB, shape (hops,).
    """
    rise = np.convolve(flux, np.ones(3))[: len(flux)]
    peaks = [0]
    for hop in np.flatnonzero(rise > 6):
        if hop - peaks[-1] >= 10:
            peaks.append(int(hop))
    return np.array(peaks)


def bursts(envelope: Floats) -> float:
    """Count the peaks of an envelope, shape (blocks,), that are separated by dips of at least 4 dB.

    A clap has three or four within 100 ms. Peaks below 0.15 are not counted.
    """
    smooth = np.convolve(envelope, np.ones(3) / 3, "same")
    count, dip, peak, rising = 0, 0.0, 0.0, True
    for level in smooth.tolist():
        if rising:
            peak = max(peak, level)
            if level < peak * 0.63:
                count, dip, rising = count + (peak > 0.15), level, False
        else:
            dip = min(dip, level)
            if level > dip / 0.63:
                peak, rising = level, True
    return float(count)


def steadiness(envelope: Floats) -> float:
    """Return the standard deviation in dB of the level around a straight decay: low for one stroke, high for loops and rolls.

    `envelope` is the RMS per block, shape (blocks,).
    """
    level = 20 * np.log10(np.maximum(envelope, 1e-4))
    x = np.arange(len(level)) * (2 / max(len(level) - 1, 1)) - 1
    slope = (x @ level) / max(float(x @ x), FLOOR)
    residual = level - slope * x
    residual -= np.add.reduce(residual) / len(residual)
    return math.sqrt(float(residual @ residual) / len(residual))


def pitch_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """Return PITCH_STATS, shape (PITCH_STATS,), from the strongest line below 1.5 kHz in each segment.

    Pitches are log2 of Hz, falls are in octaves: the pitch of a kick falls, that of a tom or a bass stays. `segments` is the mean
    power of `segment_spectra`, shape (segments + 1, bins).
    """
    hz = spectrum.hz
    low = segments[:, : np.searchsorted(hz, PITCH_TOP_HZ, "right")]
    pitch, tone = strongest_lines(low[:5], float(hz[1]))
    whole = low[-1]
    strongest = max(float(whole.max()), FLOOR)
    inner = whole[1:-1]
    lines = int(((inner > whole[:-2]) & (inner > whole[2:]) & (inner > strongest * 0.01)).sum())
    return np.concatenate(
        [
            pitch,
            tone,
            [
                fall(pitch[0], pitch[3]),
                fall(pitch[0], pitch[1]),
                10 * np.log10(strongest / max(float(segments[-1].sum()), FLOOR)),
                lines,
                harmonicity(spectrum),
            ],
        ]
    )


def fall(early: float, late: float) -> float:
    """Return by how many octaves the pitch falls; 0 if one of the two segments is silent.

    `early` and `late` are log2 of Hz, or 0 for silence.
    """
    return early - late if early and late else 0.0


def strongest_lines(low: Floats, bin_width: float) -> tuple[list[float], list[float]]:
    """Return the frequency of each segment's strongest bin, and its share of the power with both neighbours.

    The frequency is refined by parabolic interpolation of the log power.

    Parameters
    ----------
    low : float32, shape (segments, bins)
        Mean power of the bins below 1.5 kHz.
    bin_width : float, Hz

    Returns
    -------
    pitch : float per segment
        log2 of Hz; 0 for a silent segment.
    tone : float per segment
        Share of the power, 0 to 1.
    """
    peaks = np.clip(low.argmax(axis=1), 1, low.shape[1] - 2).tolist()
    pitches, tones = [], []
    for row, total, peak in zip(low, low.sum(axis=1).tolist(), peaks, strict=True):
        around = row[peak - 1 : peak + 2].tolist()
        silent = total < FLOOR
        pitches.append(0.0 if silent else math.log2(max((peak + vertex(*around)) * bin_width, 20.0)))
        tones.append(0.0 if silent else sum(around) / max(total, 1e-12))
    return pitches, tones


def vertex(left: float, mid: float, right: float) -> float:
    """Return where between the bins, -0.5 to 0.5 of one, the parabola through the log power of three bins has its peak."""
    low, top, high = (math.log(power + 1e-12) for power in (left, mid, right))
    curvature = low - 2 * top + high
    return min(max(0.5 * (low - high) / curvature, -0.5), 0.5) if curvature < -1e-6 else 0.0


def harmonicity(spectrum: Spectrum) -> float:
    """Return the height of the second peak of the autocorrelation from 30 to 200 ms: near 1 for a held tone, 0 for none."""
    y, sr = spectrum.y, spectrum.sr
    tail = y[round(0.03 * sr) : round(0.2 * sr)]
    if len(tail) < 0.02 * sr or not tail.any():
        return 0.0
    lags = round(0.02 * sr)
    n_fft = good_size(len(tail) + lags, FINE_FACTORS)  # longer lags, which wrap around, are not read
    S = np.fft.rfft(tail, n_fft)
    correlation = np.fft.irfft(np.square(S.real) + np.square(S.imag), n_fft)[:lags]
    if correlation[0] < FLOOR:
        return 0.0
    correlation /= correlation[0]
    fallen = int((correlation < 0.3).argmax())  # behind the peak at lag 0, whatever the pitch
    return float(correlation[fallen:].max()) if fallen else 0.0


def tone_features(lines: Floats) -> Floats:
    """Return TONE_STATS, shape (TONE_STATS,): how tonal the sound is, whether the tone stays, and how harmonic its lines are.

    `lines` are the harmonic lines of `net_inputs.harmonic_lines`, shape (2, LINES): body and tail.
    """
    body, tail = lines
    smooth = np.stack([np.convolve(row, np.ones(9) / 9, "same") for row in lines])
    above = (lines > smooth + 0.1).sum(axis=1)
    crest = lines.max(axis=1) - lines.mean(axis=1)
    centred = lines - lines.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(centred).sum(axis=1))
    correlation = np.correlate(centred[1], centred[0], "full")[LINES - 8 : LINES + 7] / max(
        float(norm.prod()), FLOOR
    )
    return np.concatenate(
        [
            above,
            crest,
            [correlation[7], comb_strength(body), float(correlation.argmax() - 7 if tail.any() else 0)],
        ]
    )


def comb_strength(line: Floats) -> float:
    """Return how far the first six harmonics of the best fundamental rise above the positions between them.

    `line` is one row of `net_inputs.harmonic_lines`, shape (LINES,), on a logarithmic frequency scale.
    """
    padded = np.concatenate([line, np.zeros(HARMONICS[-1, -1] + 1 - LINES, np.float32)])
    return float((padded.take(HARMONICS).mean(axis=1) - padded.take(GAPS).mean(axis=1)).max())


def comb(multiples: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the lines at these multiples of each line's frequency, shape (LINES, multiples)."""
    return np.arange(LINES)[:, None] + np.round(np.log2(multiples) * LINES_A_OCTAVE).astype(np.intp)


HARMONICS, GAPS = comb(np.arange(1.0, 7.0)), comb(np.arange(1.0, 6.0) + 0.5)
