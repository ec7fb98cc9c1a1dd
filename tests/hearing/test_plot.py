from __future__ import annotations

import struct
import zlib

import numpy as np
from sounds import kick, write

from drumwatch.hearing.canvas import FONT, Box, Canvas, glyph, plain
from drumwatch.hearing.ear import plot
from drumwatch.hearing.plot import ROW, TEXT_TOP, WIDTH, Area, area_of, evidence
from drumwatch.records import Reason
from drumwatch.workers.protocol import Plot


def pixels(png: bytes) -> np.ndarray:
    """The picture back from our own kind of PNG: no filters, no palette, three chunks."""
    width, height = struct.unpack(">II", png[16:24])
    size = struct.unpack(">I", png[33:37])[0]
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


def test_a_plot_is_a_png_with_something_on_it(tmp_path):
    found = plot(Plot(str(write(tmp_path / "kick.wav", kick()))))
    picture = pixels(found.png)

    reasons = found.verdict.reasons
    assert reasons
    assert picture.shape == (TEXT_TOP + ROW * (len(reasons) + 1), WIDTH, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    assert picture[TEXT_TOP + ROW * (len(reasons) - 1) : -ROW].max() > 200


def test_every_reason_is_drawn_to_its_last_letter_and_marked_only_where_the_picture_goes():
    canvas = Canvas.blank(WIDTH, 1000, (0, 0, 0))
    words = "level at 11000-16000 Hz (1000-3000 ms): -100 d"
    for number, unit in ((1, "B"), (2, "")):
        evidence(canvas, number, Reason(words + unit, 0.1, "1000-3000 ms: level at 70-130 Hz"), seconds=0.5)

    longer, shorter = (
        canvas.pixels[top : top + ROW].any(axis=(0, 2)).nonzero()[0].max()  # type: ignore[misc]
        for top in (TEXT_TOP, TEXT_TOP + ROW)
    )
    assert longer > shorter
    assert not canvas.pixels[:TEXT_TOP].any()


def test_what_is_drawn_beyond_the_edge_is_cut_off():
    canvas = Canvas.blank(20, 10, (0, 0, 0))
    canvas.fill(Box(-5, -5, 3, 2), (255, 0, 0))
    canvas.text(15, 4, "kick", (0, 255, 0))

    assert canvas.pixels[:2, :3, 0].all()
    assert canvas.pixels[4:, 15:, 1].any()


def test_the_font_holds_every_printable_letter():
    assert len(FONT) == 95 * 5
    assert glyph("I").sum(axis=0).tolist() == [0, 2, 7, 2, 0]
    assert plain("Trömmel キ") == "Trommel ?"


def test_evidence_is_found_where_the_feature_was_measured():
    assert area_of("15-40 ms: level at 70-130 Hz") == Area(0.015, 0.04, 70.0, 130.0)
    assert area_of("70-130 Hz: fall by 10 dB") == Area(0.0, 2.5, 70.0, 130.0)
    assert area_of("envelope: crest") is None
