"""A small RGB canvas with boxes, bitmap text and PNG output, so that the plot needs no plotting library."""

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
# Printable ASCII from the space on; five bytes per letter, one per column, the lowest bit is the top row.
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
    """A rectangle in pixels; `top` is smaller than `bottom`."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Canvas:
    """An RGB image of shape (height, width, 3), uint8; whatever is drawn outside it is cut off."""

    pixels: NDArray[np.uint8]

    @classmethod
    def blank(cls, width: int, height: int, colour: Colour) -> Canvas:
        """Return a canvas of `width` by `height` pixels, filled with one colour."""
        return cls(np.full((height, width, 3), colour, np.uint8))

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a box with a colour; it is at least one pixel wide and high."""
        x0, y0 = max(0, round(box.left)), max(0, round(box.top))
        self.pixels[y0 : max(y0 + 1, round(box.bottom)), x0 : max(x0 + 1, round(box.right))] = colour

    def frame(self, box: Box, colour: Colour) -> None:
        """Draw the border of a box, `BORDER` pixels wide."""
        self.fill(box._replace(bottom=box.top + BORDER), colour)
        self.fill(box._replace(top=box.bottom - BORDER), colour)
        self.fill(box._replace(right=box.left + BORDER), colour)
        self.fill(box._replace(left=box.right - BORDER), colour)

    def paste(self, left: int, top: int, image: NDArray[np.uint8]) -> None:
        """Copy an image of shape (rows, columns, 3) to the position `left`, `top` in pixels."""
        self.pixels[top : top + image.shape[0], left : left + image.shape[1]] = image

    def text(self, left: float, top: float, words: str, colour: Colour, size: int = 2) -> None:
        """Draw text at the position `left`, `top` in pixels; `size` is the width of one font pixel.

        Accents are dropped, and a character that the font lacks is drawn as a question mark.
        """
        x = round(left)
        for letter in plain(words):
            mask = np.kron(glyph(letter), np.ones((size, size), bool))
            target = self.pixels[round(top) : round(top) + mask.shape[0], max(x, 0) : x + mask.shape[1]]
            target[mask[: target.shape[0], : target.shape[1]]] = colour
            x += (LETTER_WIDTH + 1) * size

    def png(self) -> bytes:
        """Return the image as the bytes of a PNG file."""
        height, width, _ = self.pixels.shape
        rows = np.hstack([np.zeros((height, 1), np.uint8), self.pixels.reshape(height, -1)])
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in parts
        )


def text_width(words: str, size: int = 2) -> int:
    """Return the width in pixels that `Canvas.text` needs for this text."""
    return len(plain(words)) * (LETTER_WIDTH + 1) * size


def plain(words: str) -> str:
    """Return the text in printable ASCII: without accents, and with "?" for every other character."""
    stripped = unicodedata.normalize("NFKD", words)
    return "".join(c if " " <= c <= "~" else "?" for c in stripped if not unicodedata.combining(c))


def glyph(letter: str) -> NDArray[np.bool_]:
    """Return one letter as a mask of shape (LETTER_HEIGHT, LETTER_WIDTH), True where it is drawn."""
    start = (ord(letter) - ord(" ")) * LETTER_WIDTH
    columns = np.frombuffer(FONT, np.uint8)[start : start + LETTER_WIDTH]
    return (columns[None] >> np.arange(LETTER_HEIGHT)[:, None] & 1).astype(bool)
