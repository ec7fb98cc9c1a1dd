"""The learned front end in plain numpy: a small residual network over the mel picture. PyTorch trains it, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution with its normalisation folded in: weights as (rows * columns * channels in, channels out)."""

    weight: Floats
    bias: Floats
    size: int
    stride: int

    def __call__(self, x: Floats) -> Floats:
        """(rows, columns, channels) in and out; edges padded with silence."""
        if self.size == 1:
            return x @ self.weight + self.bias
        windows = patches(x, self.size, self.stride)
        rows, columns = windows.shape[:2]
        return windows.reshape(rows * columns, -1).dot(self.weight).reshape(rows, columns, -1) + self.bias


def patches(x: Floats, size: int, stride: int) -> Floats:
    """(rows, columns, size, size, channels): every place the kernel looks at, as a view."""
    edge = size // 2
    padded = np.zeros((x.shape[0] + 2 * edge, x.shape[1] + 2 * edge, x.shape[2]), np.float32)
    padded[edge : edge + x.shape[0], edge : edge + x.shape[1]] = x
    down, right, deep = padded.strides
    rows, columns = -(-x.shape[0] // stride), -(-x.shape[1] // stride)
    return np.lib.stride_tricks.as_strided(
        padded,
        (rows, columns, size, size, x.shape[2]),
        (down * stride, right * stride, down, right, deep),
        writeable=False,
    )


def relu(x: Floats) -> Floats:
    return np.maximum(x, 0)


def halved(x: Floats) -> Floats:
    """Mean over squares of four."""
    return (x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]) * np.float32(0.25)


@dataclass(frozen=True, slots=True)
class Net:
    """Layers as arrays, named in the file by what they do."""

    arrays: Mapping[str, Floats]
    blocks: int

    def embed(self, picture: Floats, x: Floats) -> Floats:
        """What the net makes of a picture and the hand-made features: the numbers its own head judges by."""
        position = np.repeat(
            np.linspace(-1, 1, len(picture), dtype=np.float32)[:, None], picture.shape[1], axis=1
        )
        h = relu(self.conv("stem", 5, 2)(np.stack([picture * 2 - 1, position], axis=2)))
        for number in range(self.blocks):
            inner = self.conv(f"block{number}_b", 3, 1)(relu(self.conv(f"block{number}_a", 3, 2)(h)))
            h = relu(inner + self.conv(f"block{number}_skip", 1, 1)(halved(h)))
        pooled = np.concatenate([h.mean(axis=1).T, h.max(axis=1).T]).ravel()
        seen = relu(self.linear("see", pooled))
        scaled = np.clip((x - self.arrays["x_mean"]) / self.arrays["x_scale"], -5, 5)
        return np.concatenate([seen, relu(self.linear("measure", scaled))])

    def judge(self, embedding: Floats) -> Floats:
        """Probability of each type, by the net's own head."""
        logits = self.linear("head", embedding)
        odds = np.exp(logits - logits.max())
        return odds / odds.sum()

    def conv(self, name: str, size: int, stride: int) -> Conv:
        return Conv(self.arrays[f"{name}_weight"], self.arrays[f"{name}_bias"], size, stride)

    def linear(self, name: str, x: Floats) -> Floats:
        return x @ self.arrays[f"{name}_weight"] + self.arrays[f"{name}_bias"]
