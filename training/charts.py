"""Small line charts for the model's page, as SVG that reads in light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDE, HIGH, EDGE = 480, 360, 56
COLOURS = ("#2f7ed8", "#d8602f", "#3f9f5f")


@dataclass(frozen=True, slots=True)
class Axis:
    """What is measured along it, from where to where, and which values are named."""

    name: str
    ticks: Sequence[float]
    form: str = "{:g}"

    def place(self, value: float) -> float:
        """Between 0 and 1."""
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined, a name for the legend; dashed is what should be."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def chart(title: str, across: Axis, up: Axis, lines: Sequence[Line]) -> str:
    """The whole picture as text."""
    body = [f"<title>{escape(title)}</title>", *frame(across, up)]
    for number, line in enumerate(lines):
        body += drawn(line, across, up, COLOURS[number % len(COLOURS)], number)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="12" fill="#888">\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def at(x: float, y: float, across: Axis, up: Axis) -> tuple[float, float]:
    return EDGE + across.place(x) * (WIDE - 1.5 * EDGE), HIGH - EDGE - up.place(y) * (HIGH - 1.5 * EDGE)


def frame(across: Axis, up: Axis) -> Iterable[str]:
    """Ticks with their values, thin lines behind the data, and what the axes are called."""
    for value in across.ticks:
        x, y = at(value, up.ticks[0], across, up)
        yield f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="middle">{across.form.format(value)}</text>'
    for value in up.ticks:
        x, y = at(across.ticks[0], value, across, up)
        yield f'<path d="M{x:.0f} {y:.1f}H{WIDE - EDGE / 2:.0f}" stroke="#888" stroke-opacity=".25"/>'
        yield f'<text x="{x - 8:.0f}" y="{y + 4:.0f}" text-anchor="end">{up.form.format(value)}</text>'
    yield f'<text x="{WIDE / 2:.0f}" y="{HIGH - 12}" text-anchor="middle">{escape(across.name)}</text>'
    yield f'<text transform="translate(14 {HIGH / 2:.0f}) rotate(-90)" text-anchor="middle">{escape(up.name)}</text>'


def drawn(line: Line, across: Axis, up: Axis, colour: str, number: int) -> Iterable[str]:
    places = [at(x, y, across, up) for x, y in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = ' stroke-dasharray="5 5"' if line.dashed else ""
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    if not line.dashed:
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
    yield f'<text x="{EDGE + 12}" y="{EDGE / 2 + 16 * number:.0f}" fill="{colour}">{escape(line.name)}</text>'
