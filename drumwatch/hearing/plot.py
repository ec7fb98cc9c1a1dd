"""Draw a sound as a picture: waveform, spectrogram, and the places in it that the reasons refer to."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drumwatch.hearing.canvas import Box, Canvas, Colour, text_width
from drumwatch.hearing.spectrum import HOP_SECONDS, LEAD_SECONDS
from drumwatch.words import share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.spectrum import Spectrum
    from drumwatch.records import Reason, Verdict

    Floats = NDArray[np.float32]

WIDTH = 1280
LEFT, RIGHT = 90, 1250
WAVE_TOP, WAVE_BOTTOM = 100, 270
SPECTRUM_TOP, SPECTRUM_BOTTOM = 290, 640
TEXT_TOP, ROW = 690, 32
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
RANGE_DB = 75.0
SHORTEST, LONGEST = 0.15, 2.5  # limits of the time axis, seconds

NIGHT: Colour = (18, 18, 26)
PAPER: Colour = (236, 233, 225)
DIM: Colour = (120, 118, 130)
WAVE: Colour = (120, 190, 255)
FOR: Colour = (120, 230, 150)
AGAINST: Colour = (255, 110, 100)
HEAT = np.array(
    [[8, 6, 22], [60, 15, 95], [150, 35, 105], [230, 80, 60], [252, 165, 50], [252, 250, 190]], float
)


PITCH_TICKS = {
    50: "50",
    100: "100",
    200: "200",
    500: "500",
    1000: "1k",
    2000: "2k",
    5000: "5k",
    10_000: "10k",
}
TIME_STEPS = (0.02, 0.05, 0.1, 0.2, 0.5)


class Area(NamedTuple):
    """A rectangle in the spectrogram: `start` and `end` in seconds, `low` and `high` in Hz."""

    start: float
    end: float
    low: float
    high: float


def draw(spectrum: Spectrum, verdict: Verdict, name: str) -> bytes:
    """Return a PNG, WIDTH pixels wide, with a text row for each reason."""
    canvas = Canvas.blank(WIDTH, TEXT_TOP + ROW * (len(verdict.reasons) + 1), NIGHT)
    seconds = float(np.clip(spectrum.sounding * 1.1, SHORTEST, LONGEST))
    canvas.text(LEFT, 24, name[:60], PAPER, 3)
    canvas.text(LEFT, 60, headline(verdict), DIM)
    waveform(canvas, spectrum, seconds)
    canvas.paste(LEFT, SPECTRUM_TOP, heat(spectrum, seconds))
    axes(canvas, seconds)
    for number, reason in enumerate(verdict.reasons, 1):
        evidence(canvas, number, reason, seconds)
    return canvas.png()


def headline(verdict: Verdict) -> str:
    """Return the verdict in one line: label, confidence, runner-up, kind, length and tempo."""
    kind = "" if verdict.type == verdict.label else f" ({verdict.type})"
    tempo = f", {verdict.tempo:.0f} bpm" if verdict.tempo else ""
    return (
        f"{verdict.label}{kind} at {share(verdict.confidence)}, else {verdict.runner_up} "
        f"({share(verdict.probabilities[verdict.runner_up])}); {verdict.shape}, {verdict.duration:.2f} s{tempo}"
    )


def x_at(seconds: float, shown: float) -> float:
    """Return the horizontal position in pixels of a time in seconds; `shown` is the length of the time axis in seconds."""
    return LEFT + (RIGHT - LEFT) * min(max(seconds / shown, 0), 1)


def y_at(hz: float) -> float:
    """Return the vertical position in pixels of a frequency in Hz, on a logarithmic axis."""
    octaves = np.log(min(max(hz, LOWEST_HZ), HIGHEST_HZ) / LOWEST_HZ) / np.log(HIGHEST_HZ / LOWEST_HZ)
    return float(SPECTRUM_BOTTOM - (SPECTRUM_BOTTOM - SPECTRUM_TOP) * octaves)


def waveform(canvas: Canvas, spectrum: Spectrum, seconds: float) -> None:
    """Draw the lowest and highest sample of each pixel column, for the first `seconds` seconds."""
    start = LEAD_SECONDS * spectrum.sr
    borders = np.round(start + np.linspace(0, seconds * spectrum.sr, RIGHT - LEFT + 1)).astype(int)
    middle, half = (WAVE_TOP + WAVE_BOTTOM) / 2, (WAVE_BOTTOM - WAVE_TOP) / 2
    canvas.fill(Box(LEFT, middle, RIGHT, middle + 1), DIM)
    for x, (begin, end) in enumerate(itertools.pairwise(borders), LEFT):
        part = spectrum.y[begin : max(end, begin + 1)]
        if len(part):
            canvas.fill(Box(x, middle - half * part.max(), x + 1, middle - half * part.min()), WAVE)


def heat(spectrum: Spectrum, seconds: float) -> NDArray[np.uint8]:
    """Return the spectrogram as RGB of shape (height, width, 3), with logarithmic frequency and RANGE_DB decibels of range."""
    rows, columns = SPECTRUM_BOTTOM - SPECTRUM_TOP, RIGHT - LEFT
    hz = HIGHEST_HZ * (LOWEST_HZ / HIGHEST_HZ) ** (np.arange(rows) / rows)
    times = np.linspace(0, seconds, columns, endpoint=False) / HOP_SECONDS
    db = 10 * np.log10(spectrum.power / max(float(spectrum.power.max()), 1e-12) + 1e-9)
    by_pitch = np.stack([np.interp(hz, spectrum.hz, frame, right=-90.0) for frame in db], axis=1)
    by_time = np.stack([np.interp(times, np.arange(len(db)), row, right=-90.0) for row in by_pitch])
    level = np.clip(by_time / RANGE_DB + 1, 0, 1) * (len(HEAT) - 1)
    return np.stack(
        [np.interp(level, np.arange(len(HEAT)), HEAT[:, channel]) for channel in range(3)], axis=2
    ).astype(np.uint8)


def axes(canvas: Canvas, seconds: float) -> None:
    """Draw ticks in Hz and milliseconds; the time axis is `seconds` long."""
    for hz, name in PITCH_TICKS.items():
        top = y_at(hz)
        canvas.text(LEFT - 12 - text_width(name), top - 8, name, DIM)
        canvas.fill(Box(LEFT - 8, top, LEFT, top + 1), DIM)
    step = next(step for step in TIME_STEPS if seconds / step < 10)
    for tick in np.arange(0, seconds, step):
        x = x_at(tick, seconds)
        canvas.fill(Box(x, SPECTRUM_BOTTOM, x + 1, SPECTRUM_BOTTOM + 8), DIM)
        canvas.text(x - 10, SPECTRUM_BOTTOM + 14, f"{1000 * tick:.0f}", DIM)
    canvas.text(RIGHT - text_width("ms"), SPECTRUM_BOTTOM + 14, "ms", DIM)
    canvas.text(LEFT - 12 - text_width("Hz"), SPECTRUM_TOP - 4, "Hz", DIM)


def evidence(canvas: Canvas, number: int, reason: Reason, seconds: float) -> None:
    """Write a reason below the plot, and draw a box around its place in the spectrogram if it has one."""
    colour = FOR if reason.weight > 0 else AGAINST
    line = f"{number:>2}  {reason.weight * 100:+5.1f}  {reason.text}"
    canvas.text(LEFT, TEXT_TOP + ROW * (number - 1), line, colour)
    if (area := area_of(reason.feature)) and area.start < seconds:
        left, right = x_at(area.start, seconds), x_at(area.end, seconds)
        box = Box(left, y_at(area.high), max(right, left + 6), y_at(area.low))
        canvas.frame(box, colour)
        # Several reasons may refer to one place, so their numbers are drawn side by side or below one another
        step = 18 * (number - 1)
        fits_beside, fits_below = (step + 24 < side for side in (right - left, box.bottom - box.top))
        beside, below = (step, 0) if fits_beside else (0, step) if fits_below else (0, 0)
        canvas.text(left + 6 + beside, box.top + 6 + below, str(number), colour)


def area_of(feature: str) -> Area | None:
    """Return the time and frequency range in which a feature is measured, or None if it concerns the whole sound."""
    span = re.search(r"([\d.]+)-([\d.]+) ms", feature)
    band = re.search(r"([\d.]+)-([\d.]+) Hz", feature)
    if not span and not band:
        return None
    start, end = (float(edge) / 1000 for edge in span.groups()) if span else (0.0, LONGEST)
    low, high = (
        (float(edge) for edge in band.groups())
        if band
        else (LOWEST_HZ, 1500.0 if "pitch" in feature else HIGHEST_HZ)
    )
    return Area(start, end, low, high)
