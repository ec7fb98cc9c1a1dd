"""The learned front end in plain numpy: small residual networks over the views of a sound. PyTorch trains them, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from drumwatch.hearing.views import Views

    Floats = NDArray[np.float32]

BLOCKS = 3
ONSET_PARTS = 8


@dataclass(frozen=True, slots=True)
class Nets:
    """Several nets of one shape, walked side by side: the layers of all of them lie in one array each."""

    arrays: Mapping[str, Floats]  # (nets, in, out) and (nets, 1, out), named by what they do

    def judge(self, views: Views, x: Floats) -> Floats:
        """(nets, types): the probability of each type, by each net's own head."""
        logits = self.linear("head", self.embed(views, x))[:, 0]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def embed(self, views: Views, x: Floats) -> Floats:
        """(nets, 1, embedding): what each net makes of a sound's views and features."""
        seen = np.concatenate(
            [self.look(views.picture), self.tone(views.lines), self.start(views.onset)], axis=1
        )
        scaled = np.clip((x - self.arrays["x_mean"]) / self.arrays["x_scale"], -5, 5)
        measured = self.linear("measure", scaled[:, None])
        return np.concatenate([relu(self.linear("see", seen[:, None])), relu(measured)], axis=2)

    def look(self, picture: Floats) -> Floats:
        """Means and peaks over time, band by band, of what the residual blocks find in the picture."""
        position = np.linspace(-1, 1, len(picture), dtype=np.float32)[:, None]
        both = np.stack([picture * 2 - 1, np.broadcast_to(position, picture.shape)], axis=2)
        h = relu(self.conv("stem", both[None], 5, 2))
        for number in range(BLOCKS):
            inner = self.conv(f"block{number}_b", relu(self.conv(f"block{number}_a", h, 3, 2)), 3, 1)
            h = relu(inner + self.conv(f"block{number}_skip", halved(h), 1, 1))
        pooled = np.concatenate([h.mean(axis=2), h.max(axis=2)], axis=2)
        return pooled.transpose(0, 2, 1).reshape(len(h), -1)

    def tone(self, lines: Floats) -> Floats:
        found = self.strip("lines", lines, (9, 15))
        return np.concatenate([found.mean(axis=1), found.max(axis=1)], axis=1)

    def start(self, onset: Floats) -> Floats:
        found = self.strip("onset", onset, (7, 7))
        parts = found.reshape(len(found), ONSET_PARTS, -1, found.shape[2]).mean(axis=2)
        return parts.transpose(0, 2, 1).reshape(len(found), -1)

    def strip(self, name: str, rows: Floats, sizes: tuple[int, int]) -> Floats:
        """(nets, places, channels) after two convolutions along one axis, each taking every second place."""
        found = rows.T[None, None]
        for part, size in zip("ab", sizes, strict=True):
            found = relu(self.conv(f"{name}_{part}", found, (1, size), 2))
        return found[:, 0]

    def conv(self, name: str, x: Floats, size: int | tuple[int, int], stride: int) -> Floats:
        """A convolution over (nets, rows, columns, channels), edges padded with nothing."""
        windows = patches(x, size if isinstance(size, tuple) else (size, size), stride)
        nets, rows, columns = windows.shape[:3]
        found = self.linear(name, windows.reshape(nets, rows * columns, -1))
        return found.reshape(len(found), rows, columns, -1)

    def linear(self, name: str, x: Floats) -> Floats:
        y = x @ self.arrays[f"{name}_weight"]
        y += self.arrays[f"{name}_bias"]
        return y

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], count: int) -> Nets:
        """The layers of net0 to net`count - 1`, from half precision to what numpy multiplies fast."""
        names = [name.removeprefix("net0_") for name in arrays if name.startswith("net0_")]
        stacked = {
            name: np.stack([arrays[f"net{number}_{name}"] for number in range(count)]) for name in names
        }
        return cls(
            {
                name: (array[:, None] if name.endswith("_bias") else array).astype(np.float32)
                for name, array in stacked.items()
            }
        )


def patches(x: Floats, size: tuple[int, int], stride: int) -> Floats:
    """(nets, rows, columns, height, width, channels): every place the kernel looks at, as a view."""
    high, wide = size[0] // 2, size[1] // 2
    nets, rows, columns, channels = x.shape
    padded = np.zeros((nets, rows + 2 * high, columns + 2 * wide, channels), np.float32)
    padded[:, high : high + rows, wide : wide + columns] = x
    each, down, right, deep = padded.strides
    shape = (nets, -(-rows // stride), -(-columns // stride), *size, channels)
    steps = (each, down * stride, right * stride, down, right, deep)
    # What as_strided does, without its long thinking
    return np.ndarray(shape, np.float32, padded, strides=steps)


def relu(x: Floats) -> Floats:
    """In place: it is called on sums that nobody else has."""
    return np.maximum(x, 0, out=x)


def halved(x: Floats) -> Floats:
    """Mean over squares of four."""
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) * np.float32(0.25)
