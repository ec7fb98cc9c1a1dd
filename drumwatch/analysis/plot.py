"""Draw a sound as an SVG: waveform, spectrogram, and the places in it that the reasons refer to."""

from __future__ import annotations

import base64
import itertools
import re
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np

from drumwatch.analysis.spectrum import HOP_SECONDS, LEAD_SECONDS
from drumwatch.core.formatting import printable, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.spectrum import Spectrum
    from drumwatch.core.records import Reason, Verdict

    Bytes = NDArray[np.uint8]

WIDTH = 1280
LEFT, RIGHT = 90, 1250
WAVE_TOP, WAVE_BOTTOM = 100, 270
SPECTRUM_TOP, SPECTRUM_BOTTOM = 290, 640
TEXT_TOP, ROW = 690, 32
TITLE, TEXT = 30, 20  # font sizes in pixels
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
RANGE_DB = 75.0
SHORTEST, LONGEST = 0.15, 2.5  # limits of the time axis, seconds

NIGHT, PAPER, DIM, WAVE = "#12121a", "#ece9e1", "#787682", "#78beff"
FOR, AGAINST = "#78e696", "#ff6e64"
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


def draw(spectrum: Spectrum, verdict: Verdict, name: str) -> str:
    """Return an SVG document, WIDTH pixels wide, with a text row for each reason."""
    height = TEXT_TOP + ROW * (len(verdict.reasons) + 1)
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}"})
    svg.attrib |= {"width": str(WIDTH), "height": str(height)}
    svg.attrib |= {"font-family": "sans-serif", "font-size": str(TEXT)}
    ET.SubElement(svg, "title").text = printable(f"{name}: {headline(verdict)}")
    ET.SubElement(svg, "rect", width=str(WIDTH), height=str(height), fill=NIGHT)
    seconds = float(np.clip(spectrum.sounding * 1.1, SHORTEST, LONGEST))
    text(svg, LEFT, 48, name, PAPER).set("font-size", str(TITLE))
    text(svg, LEFT, 80, headline(verdict), DIM)
    waveform(svg, spectrum, seconds)
    spectrogram(svg, spectrum, seconds)
    axes(svg, seconds)
    for number, reason in enumerate(verdict.reasons, 1):
        draw_reason(svg, number, reason, seconds)
    return ET.tostring(svg, encoding="unicode")


def headline(verdict: Verdict) -> str:
    """Return the verdict in one line: label, confidence, runner-up, kind, length and tempo."""
    kind = "" if verdict.type == verdict.label else f" ({verdict.type})"
    tempo = f", {verdict.tempo:.0f} bpm" if verdict.tempo else ""
    return (
        f"{verdict.label}{kind} at {share(verdict.confidence)}, else {verdict.runner_up} "
        f"({share(verdict.probabilities[verdict.runner_up])}); {verdict.shape}, {verdict.duration:.2f} s{tempo}"
    )


def text(
    svg: ET.Element, x: float, baseline: float, content: str, colour: str, *, anchor: str = "start"
) -> ET.Element:
    """Write a text in any script; what XML cannot hold is shown as an escape. `anchor` says where `x` is in it: start, middle or end."""
    element = ET.SubElement(svg, "text", x=f"{x:.0f}", y=f"{baseline:.0f}", fill=colour)
    element.set("text-anchor", anchor)
    element.text = printable(content)
    return element


def line(svg: ET.Element, path: str, colour: str) -> None:
    """Draw a line along an SVG path."""
    ET.SubElement(svg, "path", d=path, stroke=colour, fill="none")


def x_at(seconds: float, shown: float) -> float:
    """Return the horizontal position in pixels of a time in seconds; `shown` is the length of the time axis in seconds."""
    return LEFT + (RIGHT - LEFT) * min(max(seconds / shown, 0), 1)


def y_at(hz: float) -> float:
    """Return the vertical position in pixels of a frequency in Hz, on a logarithmic axis."""
    octaves = np.log(min(max(hz, LOWEST_HZ), HIGHEST_HZ) / LOWEST_HZ) / np.log(HIGHEST_HZ / LOWEST_HZ)
    return float(SPECTRUM_BOTTOM - (SPECTRUM_BOTTOM - SPECTRUM_TOP) * octaves)


def waveform(svg: ET.Element, spectrum: Spectrum, seconds: float) -> None:
    """Draw the lowest and highest sample of each pixel column, for the first `seconds` seconds."""
    start = LEAD_SECONDS * spectrum.sr
    borders = np.round(start + np.linspace(0, seconds * spectrum.sr, RIGHT - LEFT + 1)).astype(int)
    middle, half = (WAVE_TOP + WAVE_BOTTOM) / 2, (WAVE_BOTTOM - WAVE_TOP) / 2
    line(svg, f"M{LEFT} {middle}H{RIGHT}", DIM)
    columns = []
    for x, (begin, end) in enumerate(itertools.pairwise(borders), LEFT):
        part = spectrum.y[begin : max(end, begin + 1)]
        if len(part):
            highest, lowest = middle - half * part.max(), middle - half * part.min()
            columns.append(f"M{x + 0.5} {highest:.1f}V{max(lowest, highest + 1):.1f}")
    line(svg, "".join(columns), WAVE)


def spectrogram(svg: ET.Element, spectrum: Spectrum, seconds: float) -> None:
    """Draw the levels of the first `seconds` seconds as an embedded PNG."""
    place = {"x": LEFT, "y": SPECTRUM_TOP, "width": RIGHT - LEFT, "height": SPECTRUM_BOTTOM - SPECTRUM_TOP}
    image = base64.b64encode(png(heat(spectrum, seconds))).decode("ascii")
    values = {name: str(value) for name, value in place.items()}
    ET.SubElement(svg, "image", values, href=f"data:image/png;base64,{image}")


def heat(spectrum: Spectrum, seconds: float) -> Bytes:
    """Return levels from 0 (RANGE_DB below the loudest) to 255 of shape (height, width), with logarithmic frequency, highest first."""
    rows, columns = SPECTRUM_BOTTOM - SPECTRUM_TOP, RIGHT - LEFT
    hz = HIGHEST_HZ * (LOWEST_HZ / HIGHEST_HZ) ** (np.arange(rows) / rows)
    times = np.linspace(0, seconds, columns, endpoint=False) / HOP_SECONDS
    db = 10 * np.log10(spectrum.power / max(float(spectrum.power.max()), 1e-12) + 1e-9)
    by_pitch = np.stack([np.interp(hz, spectrum.hz, frame, right=-90.0) for frame in db], axis=1)
    by_time = np.stack([np.interp(times, np.arange(len(db)), row, right=-90.0) for row in by_pitch])
    return np.round(255 * np.clip(by_time / RANGE_DB + 1, 0, 1)).astype(np.uint8)


def png(levels: Bytes) -> bytes:
    """Return levels from 0 to 255 as a PNG whose palette is HEAT."""
    height, width = levels.shape
    steps = np.linspace(0, len(HEAT) - 1, 256)
    colours = np.stack([np.interp(steps, np.arange(len(HEAT)), channel) for channel in HEAT.T], axis=1)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(np.pad(levels, ((0, 0), (1, 0))).tobytes())),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def axes(svg: ET.Element, seconds: float) -> None:
    """Draw ticks in Hz and milliseconds; the time axis is `seconds` long."""
    for hz, name in PITCH_TICKS.items():
        y = y_at(hz)
        text(svg, LEFT - 12, y + 7, name, DIM, anchor="end")
        line(svg, f"M{LEFT - 8} {y:.1f}H{LEFT}", DIM)
    step = next(step for step in TIME_STEPS if seconds / step < 10)
    for tick in np.arange(0, seconds, step):
        x = x_at(tick, seconds)
        line(svg, f"M{x:.1f} {SPECTRUM_BOTTOM}v8", DIM)
        text(svg, x, SPECTRUM_BOTTOM + 28, f"{1000 * tick:.0f}", DIM, anchor="middle")
    text(svg, RIGHT, SPECTRUM_BOTTOM + 28, "ms", DIM, anchor="end")
    text(svg, LEFT - 12, SPECTRUM_TOP + 10, "Hz", DIM, anchor="end")


def draw_reason(svg: ET.Element, number: int, reason: Reason, seconds: float) -> None:
    """Write a reason below the plot, and draw a box around its place in the spectrogram if it has one."""
    colour = FOR if reason.weight > 0 else AGAINST
    baseline = TEXT_TOP + ROW * (number - 1) + 16
    text(svg, LEFT + 24, baseline, str(number), colour, anchor="end")
    text(svg, LEFT + 100, baseline, f"{reason.weight * 100:+.1f}", colour, anchor="end")
    text(svg, LEFT + 124, baseline, reason.text, colour)
    if (area := area_of(reason.feature)) and area.start < seconds:
        left, top, bottom = x_at(area.start, seconds), y_at(area.high), y_at(area.low)
        width, height = max(x_at(area.end, seconds) - left, 6), bottom - top
        place = {"x": left, "y": top, "width": width, "height": height}
        box = ET.SubElement(svg, "rect", {name: f"{value:.1f}" for name, value in place.items()})
        box.attrib |= {"stroke": colour, "stroke-width": "2", "fill": "none"}
        # Several reasons may refer to one place, so their numbers are drawn side by side or below one another
        step = 18 * (number - 1)
        beside, below = (step, 0) if step + 24 < width else (0, step) if step + 24 < height else (0, 0)
        text(svg, left + 6 + beside, top + 22 + below, str(number), colour)


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
