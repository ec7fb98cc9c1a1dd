from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from sounds import kick, write

from drumwatch.hearing.canvas import FONT, Box, Canvas, glyph, plain
from drumwatch.hearing.ear import plot
from drumwatch.hearing.plot import HEIGHT, WIDTH, Area, area_of


def pixels(png: bytes) -> np.ndarray:
    """The picture back from our own kind of PNG: no filters, no palette, three chunks."""
    width, height = struct.unpack(">II", png[16:24])
    size = struct.unpack(">I", png[33:37])[0]
    rows = np.frombuffer(zlib.decompress(png[41 : 41 + size]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


def test_a_plot_is_a_png_with_something_on_it(tmp_path):
    reply = plot({"path": str(write(tmp_path / "kick.wav", kick()))})
    picture = pixels(base64.b64decode(reply["png"]))

    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    assert reply["verdict"]["reasons"]


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
