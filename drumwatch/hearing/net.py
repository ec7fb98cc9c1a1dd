"""The learned front end in plain numpy: a small residual network over the views of a sound. PyTorch trains it, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from drumwatch.hearing.views import Views

    Floats = NDArray[np.float32]

ONSET_PARTS = 8


@dataclass(frozen=True, slots=True)
class Net:
    """Layers as arrays, named in the file by what they do; normalisation is folded into the weights."""

    arrays: Mapping[str, Floats]
    blocks: int = 3

    def embed(self, views: Views, x: Floats) -> Floats:
        """What the net makes of a sound's views and features: the numbers its own head judges by."""
        seen = np.concatenate([self.look(views.picture), self.tone(views.lines), self.start(views.onset)])
        scaled = np.clip((x - self.arrays["x_mean"]) / self.arrays["x_scale"], -5, 5)
        return np.concatenate([relu(self.linear("see", seen)), relu(self.linear("measure", scaled))])

    def judge(self, embedding: Floats) -> Floats:
        """Probability of each type, by the net's own head."""
        logits = self.linear("head", embedding)
        odds = np.exp(logits - logits.max())
        return odds / odds.sum()

    def look(self, picture: Floats) -> Floats:
        """Means and peaks over time, band by band, of what the residual blocks find in the picture."""
        position = np.linspace(-1, 1, len(picture), dtype=np.float32)[:, None]
        both = np.stack([picture * 2 - 1, np.broadcast_to(position, picture.shape)], axis=2)
        h = relu(self.conv("stem", both, 5, 2))
        for number in range(self.blocks):
            inner = self.conv(f"block{number}_b", relu(self.conv(f"block{number}_a", h, 3, 2)), 3, 1)
            h = relu(inner + self.linear(f"block{number}_skip", halved(h)))
        return np.concatenate([h.mean(axis=1).T, h.max(axis=1).T]).ravel()

    def tone(self, lines: Floats) -> Floats:
        found = self.strip("lines", lines, (9, 15))
        return np.concatenate([found.mean(axis=0), found.max(axis=0)])

    def start(self, onset: Floats) -> Floats:
        found = self.strip("onset", onset, (7, 7))
        return found.reshape(ONSET_PARTS, -1, found.shape[1]).mean(axis=1).T.ravel()

    def strip(self, name: str, rows: Floats, sizes: tuple[int, int]) -> Floats:
        """(places, channels) after two convolutions along one axis, each taking every second place."""
        found = rows.T[None]
        for part, size in zip("ab", sizes, strict=True):
            found = relu(self.conv(f"{name}_{part}", found, (1, size), 2))
        return found[0]

    def conv(self, name: str, x: Floats, size: int | tuple[int, int], stride: int) -> Floats:
        """A convolution over (rows, columns, channels), edges padded with nothing."""
        windows = patches(x, size if isinstance(size, tuple) else (size, size), stride)
        return self.linear(name, windows.reshape(*windows.shape[:2], -1))

    def linear(self, name: str, x: Floats) -> Floats:
        y = x @ self.arrays[f"{name}_weight"]
        y += self.arrays[f"{name}_bias"]
        return y

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Net:
        """The layers under this prefix, from half precision to what numpy multiplies fast."""
        return cls(
            {
                name.removeprefix(prefix): array.astype(np.float32)
                for name, array in arrays.items()
                if name.startswith(prefix)
            }
        )


def patches(x: Floats, size: tuple[int, int], stride: int) -> Floats:
    """(rows, columns, height, width, channels): every place the kernel looks at, as a view."""
    high, wide = size[0] // 2, size[1] // 2
    padded = np.zeros((x.shape[0] + 2 * high, x.shape[1] + 2 * wide, x.shape[2]), np.float32)
    padded[high : high + x.shape[0], wide : wide + x.shape[1]] = x
    down, right, deep = padded.strides
    shape = (-(-x.shape[0] // stride), -(-x.shape[1] // stride), *size, x.shape[2])
    steps = (down * stride, right * stride, down, right, deep)
    return np.ndarray(
        shape, np.float32, padded, strides=steps
    )  # as_strided does the same, and thinks long about it


def relu(x: Floats) -> Floats:
    """In place: it is called on sums that nobody else has."""
    return np.maximum(x, 0, out=x)


def halved(x: Floats) -> Floats:
    """Mean over squares of four."""
    return (x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]) * np.float32(0.25)
