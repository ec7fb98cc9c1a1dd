"""What a sound is like, in some two hundred numbers: bands, spectral shape, envelope, pitch.

All segment statistics come from one matrix product over the spectrogram; nothing depends on level or lead-in silence,
and bands are in Hz, so the file's own rate matters only where it cuts the top off.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.spectrum import (
    BLOCK_SECONDS,
    FLOOR,
    HOP_SECONDS,
    Spectrum,
    band_matrix,
    rough_envelope,
)
from drumwatch.hearing.views import LINES, LINES_A_OCTAVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

VERSION = 1  # a model trained on other features is refused by this number

BAND_EDGES = (20.0, 70.0, 130.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 7000.0, 11000.0, 16000.0)
BANDS = tuple(f"{low:g}-{high:g} Hz" for low, high in itertools.pairwise(BAND_EDGES))
SEGMENT_EDGES = (0.0, 0.015, 0.04, 0.09, 0.18, 0.4, 1.0, 3.0)
SEGMENTS = tuple(f"{low * 1000:g}-{high * 1000:g} ms" for low, high in itertools.pairwise(SEGMENT_EDGES))
SHAPES = ("brightness", "spread", "roll-off", "noisiness", "strongest line")
DROPS_DB = (-6.0, -12.0, -20.0, -40.0)
PITCH_TOP_HZ = 1500.0  # where drums have their tone

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
    """The numbers of FEATURE_NAMES, in that order, always finite."""
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
    """(segments + 1, frames): the mean over each segment, and last over the whole; zero where the sound is over."""
    times = np.arange(frames) * HOP_SECONDS
    edges = np.array(SEGMENT_EDGES)
    inside = (times >= edges[:-1, None]) & (times < edges[1:, None])
    counts = np.round(np.diff(edges) / HOP_SECONDS)
    rows = inside / counts[:, None]
    return np.vstack([rows, np.full(frames, 1 / frames)]).astype(np.float32)


def segment_spectra(power: Floats) -> Floats:
    """Mean power per segment and bin; a segment that the sound does not reach is silent."""
    return segment_weights(len(power)) @ power


def decibels(power: Floats) -> Floats:
    return 10 * np.log10(np.maximum(power, FLOOR))


def bands_of(spectrum: Spectrum) -> Floats:
    return band_matrix(BAND_EDGES, len(spectrum.hz), float(spectrum.hz[-1]))


def band_features(spectrum: Spectrum) -> Floats:
    """How much of the energy lies in each band, when it peaks, how fast it falls."""
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
    """Ears and trees hear times in ratios: 5 ms against 10 is as far as half a second against one."""
    return np.log2(np.maximum(seconds, BLOCK_SECONDS))


def time_of_fall(energy: Floats, peak_at: NDArray[np.intp], ratio: float) -> Floats:
    """Seconds from each column's peak to the last frame that is still above `ratio` of it."""
    above = energy >= energy[peak_at, np.arange(energy.shape[1])] * ratio
    last = len(energy) - 1 - above[::-1].argmax(axis=0)
    return ((last - peak_at + 1) * HOP_SECONDS).astype(np.float32)


def level_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """Level of each band in each segment, against the loudest of them all."""
    levels = segments[:-1] @ bands_of(spectrum)
    return decibels(levels / max(float(levels.max()), FLOOR)).ravel()


def shape_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """Where in the spectrum each segment lies, how wide, how noisy."""
    hz = spectrum.hz
    heard = segments[:, hz <= BAND_EDGES[-1]] + 1e-12
    octaves = np.log2(np.maximum(hz[hz <= BAND_EDGES[-1]], 20.0))
    share = heard / heard.sum(axis=1, keepdims=True)
    brightness = share @ octaves
    spread = np.sqrt(np.maximum(share @ np.square(octaves) - np.square(brightness), 0))
    rolloff = octaves[(np.cumsum(share, axis=1) >= 0.85).argmax(axis=1)]  # the usual share
    flatness = np.log(heard).mean(axis=1) - np.log(heard.mean(axis=1))
    line = decibels(share.max(axis=1))
    shapes = np.stack([brightness, spread, rolloff, flatness, line], axis=1)
    silent = segments.sum(axis=1) < FLOOR
    shapes[silent] = -1  # no shape at all: a value of its own, left of all others
    return shapes.ravel()


def envelope_features(spectrum: Spectrum) -> Floats:
    """Attack, fall, bursts and onsets, from the envelope by the millisecond."""
    envelope = spectrum.envelope
    energy = np.square(envelope)
    total = max(float(energy.sum()), FLOOR)
    times = np.arange(len(envelope)) * BLOCK_SECONDS
    peak_at = int(envelope.argmax())
    loudest = max(float(envelope[peak_at]), 1e-6)
    last_above = [np.flatnonzero(envelope >= envelope[peak_at] * 10 ** (drop / 20))[-1] for drop in DROPS_DB]
    flux = onset_strength(envelope / loudest)
    peaks = onset_peaks(flux)
    spacing = float(np.diff(peaks).mean()) * HOP_SECONDS if len(peaks) > 1 else 0.0
    seconds = np.array([times[peak_at], *times[last_above], spectrum.sounding], np.float32)
    return np.concatenate(
        [
            log_time(seconds),
            [
                20 * np.log10(loudest / max(np.sqrt(total / len(envelope)), 1e-6)),
                np.log2(max(float(times @ energy) / total, BLOCK_SECONDS)),
                energy[:10].sum() / total,
                energy[:50].sum() / total,
                energy[300:].sum() / total,
                bursts(rough_envelope(spectrum, 100) / loudest),
                len(peaks),
                spacing,
                steadiness(envelope[: last_above[-1] + 1]),
            ],
        ]
    )


def onset_strength(envelope: Floats) -> Floats:
    """Rise of the level from one hop to the next, in dB, quiet passages muted."""
    step = round(HOP_SECONDS / BLOCK_SECONDS)
    coarse = np.maximum.reduceat(envelope, np.arange(0, len(envelope), step))
    level = 20 * np.log10(np.maximum(coarse, 0.03))
    return np.maximum(np.diff(level, prepend=level[:1]), 0)


def onset_peaks(flux: Floats) -> NDArray[np.intp]:
    """Hops at which the level jumps by 6 dB within 15 ms, at least 50 ms apart, the first one included."""
    rise = np.convolve(flux, np.ones(3))[: len(flux)]
    peaks = [0]
    for hop in np.flatnonzero(rise > 6):
        if hop - peaks[-1] >= 10:
            peaks.append(int(hop))
    return np.array(peaks)


def bursts(envelope: Floats) -> float:
    """Separate peaks in the first 100 ms with a dip of at least 4 dB before each: a clap has three or four."""
    smooth = np.convolve(envelope, np.ones(3) / 3, "same")
    count, dip, top, rising = 0, 0.0, 0.0, True
    for level in smooth:
        if rising:
            top = max(top, level)
            if level < top * 0.63:
                count, dip, rising = count + (top > 0.15), level, False
        else:
            dip = min(dip, level)
            if level > dip / 0.63:
                top, rising = level, True
    return float(count)


def steadiness(envelope: Floats) -> float:
    """Spread of the level in dB around a straight fall: small for a plain decay, large for loops and rolls."""
    level = 20 * np.log10(np.maximum(envelope, 1e-4))
    x = np.linspace(-1, 1, len(level))
    slope = (x @ level) / max(float(x @ x), FLOOR)
    return float(np.std(level - slope * x))


def pitch_features(segments: Floats, spectrum: Spectrum) -> Floats:
    """The strongest line below 1.5 kHz through time: a kick falls, a tom stays, a bass holds."""
    hz = spectrum.hz
    low = segments[:, hz <= PITCH_TOP_HZ]
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
    """Octaves from early down to late; none where one of them is silent."""
    return early - late if early and late else 0.0


def strongest_lines(low: Floats, bin_width: float) -> tuple[Floats, Floats]:
    """Per segment the strongest bin, refined between bins, in octaves; and its share of the power around."""
    at = np.clip(low.argmax(axis=1), 1, low.shape[1] - 2)
    rows = np.arange(len(low))
    left, mid, right = (np.log(low[rows, at + step] + 1e-12) for step in (-1, 0, 1))
    curve = left - 2 * mid + right
    shift = np.where(curve < -1e-6, 0.5 * (left - right) / np.minimum(curve, -1e-6), 0)
    pitch = np.log2(np.maximum((at + np.clip(shift, -0.5, 0.5)) * bin_width, 20.0))
    near = low[rows, at - 1] + low[rows, at] + low[rows, at + 1]
    tone = near / np.maximum(low.sum(axis=1), 1e-12)
    silent = low.sum(axis=1) < FLOOR
    return np.where(silent, 0, pitch), np.where(silent, 0, tone)


def harmonicity(spectrum: Spectrum) -> float:
    """Height of the second peak of the autocorrelation, 30 to 200 ms after the onset: near 1 for a held tone."""
    y, sr = spectrum.y, spectrum.sr
    body = y[round(0.03 * sr) : round(0.2 * sr)]
    if len(body) < 0.02 * sr or not body.any():
        return 0.0
    size = 1 << (2 * len(body) - 1).bit_length()
    S = np.fft.rfft(body, size)
    correlation = np.fft.irfft(np.square(S.real) + np.square(S.imag))[: round(0.02 * sr)]
    if correlation[0] < FLOOR:
        return 0.0
    correlation /= correlation[0]
    fallen = int((correlation < 0.3).argmax())  # past the first slope, whatever the pitch
    return float(correlation[fallen:].max()) if fallen else 0.0


def tone_features(lines: Floats) -> Floats:
    """Whether there is a tone at all, whether it stays, and whether its lines are the harmonics of one note."""
    body, tail = lines
    smooth = np.stack([np.convolve(row, np.ones(9) / 9, "same") for row in lines])
    above = (lines > smooth + 0.1).sum(axis=1)
    crest = lines.max(axis=1) - lines.mean(axis=1)
    flat = lines - lines.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(flat).sum(axis=1))
    alike = np.correlate(flat[1], flat[0], "full")[LINES - 8 : LINES + 7] / max(float(norm.prod()), FLOOR)
    return np.concatenate(
        [above, crest, [alike[7], comb_strength(body), float(alike.argmax() - 7 if tail.any() else 0)]]
    )


def comb_strength(line: Floats) -> float:
    """How far the first six harmonics of the best fundamental stand out of what lies between them."""
    steps = np.round(np.log2(np.arange(1, 7)) * LINES_A_OCTAVE).astype(np.int64)
    between = np.round(np.log2(np.arange(1, 6) + 0.5) * LINES_A_OCTAVE).astype(np.int64)
    padded = np.concatenate([line, np.zeros(steps[-1], np.float32)])
    at = np.arange(len(line))[:, None]
    return float((padded[at + steps].mean(axis=1) - padded[at + between].mean(axis=1)).max())
