"""Pixels with boxes and plain letters, written as PNG: all that a plot needs, without a plotting library."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = tuple[int, int, int]

BORDER = 2
LETTER_WIDTH, LETTER_HEIGHT = 5, 8
# Printable ASCII from space on, five columns a letter, lowest bit on top: the font of every small display.
FONT = bytes.fromhex(
    "000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300001c2241000041221c002a1c7f1c2a"
    "08083e080800807030000808080808000060600020100804023e5149453e00427f400072494949462141494d331814127f102745454539"
    "3c4a49493141211109073649494936464949291e0000140000004034000000081422411414141414004122140802015909063e415d594e"
    "7c1211127c7f494949363e414141227f4141413e7f494949417f090909013e414151737f0808087f00417f41002040413f017f08142241"
    "7f404040407f021c027f7f0408107f3e4141413e7f090909063e4151215e7f09192946264949493203017f01033f4040403f1f2040201f"
    "3f4038403f631408146303047804036159494d43007f4141410204081020004141417f0402010204404040404000030708002054547840"
    "7f284444383844444428384444287f385454541800087e090218a4a49c787f0804047800447d40002040403d007f1028440000417f4000"
    "7c047804787c080404783844444438fc1824241818242418fc7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c"
    "44281028444c9090907c4464544c440008364100000077000000413608000201020402"
)


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Canvas:
    """(height, width, 3) bytes; all that is drawn beyond the edge is cut off."""

    pixels: NDArray[np.uint8]

    @classmethod
    def blank(cls, width: int, height: int, colour: Colour) -> Canvas:
        return cls(np.full((height, width, 3), colour, np.uint8))

    def fill(self, box: Box, colour: Colour) -> None:
        """A filled box, at least a pixel wide and high."""
        x0, y0 = max(0, round(box.left)), max(0, round(box.top))
        self.pixels[y0 : max(y0 + 1, round(box.bottom)), x0 : max(x0 + 1, round(box.right))] = colour

    def frame(self, box: Box, colour: Colour) -> None:
        """The border of a box."""
        self.fill(box._replace(bottom=box.top + BORDER), colour)
        self.fill(box._replace(top=box.bottom - BORDER), colour)
        self.fill(box._replace(right=box.left + BORDER), colour)
        self.fill(box._replace(left=box.right - BORDER), colour)

    def paste(self, left: int, top: int, image: NDArray[np.uint8]) -> None:
        self.pixels[top : top + image.shape[0], left : left + image.shape[1]] = image

    def text(self, left: float, top: float, words: str, colour: Colour, size: int = 2) -> None:
        """Letters without accents; what the font lacks is a question mark."""
        x = round(left)
        for letter in plain(words):
            shape = np.kron(glyph(letter), np.ones((size, size), bool))
            there = self.pixels[round(top) : round(top) + shape.shape[0], max(x, 0) : x + shape.shape[1]]
            there[shape[: there.shape[0], : there.shape[1]]] = colour
            x += (LETTER_WIDTH + 1) * size

    def png(self) -> bytes:
        """The picture as a file."""
        height, width, _ = self.pixels.shape
        rows = np.hstack([np.zeros((height, 1), np.uint8), self.pixels.reshape(height, -1)])
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in parts
        )


def text_width(words: str, size: int = 2) -> int:
    return len(plain(words)) * (LETTER_WIDTH + 1) * size


def plain(words: str) -> str:
    stripped = unicodedata.normalize("NFKD", words)
    return "".join(c if " " <= c <= "~" else "?" for c in stripped if not unicodedata.combining(c))


def glyph(letter: str) -> NDArray[np.bool_]:
    """(rows, columns) of one letter."""
    at = (ord(letter) - ord(" ")) * LETTER_WIDTH
    columns = np.frombuffer(FONT, np.uint8)[at : at + LETTER_WIDTH]
    return (columns[None] >> np.arange(LETTER_HEIGHT)[:, None] & 1).astype(bool)
