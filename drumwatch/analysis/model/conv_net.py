"""Small residual networks over the net inputs of a sound, evaluated in plain numpy; PyTorch trains them (`training/`)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model.log_mel_branch import log_mel_branch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from drumwatch.analysis.model.log_mel_branch import LogMelBranch
    from drumwatch.analysis.net_inputs import NetInputs

    Floats = NDArray[np.float32]

ONSET_PARTS = 8  # time sections over which the onset branch is averaged


@dataclass(frozen=True)
class ConvNets:
    """Several nets of the same architecture, evaluated together: each array holds one layer of all nets."""

    arrays: Mapping[
        str, Floats
    ]  # weights, shape (nets, in, out), and biases, shape (nets, 1, out), by layer name

    def predict(self, inputs: NetInputs, x: Floats) -> Floats:
        """Return the probability that each net gives each type, float32 of shape (nets, types).

        `x` holds the features of `features.extract`, shape (features,).
        """
        logits = self.linear("head", self.embed(inputs, x))[:, 0]
        p = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    @property
    def feature_means(self) -> Floats:
        """The mean of each feature in the training sounds, averaged over the nets, shape (features,)."""
        return self.arrays["x_mean"].mean(axis=0)

    def embed(self, inputs: NetInputs, x: Floats) -> Floats:
        """Return each net's embedding of a sound, float32 of shape (nets, 1, embedding).

        `x` holds the features of `features.extract`, shape (features,).
        """
        branches = np.concatenate(
            [
                self.log_mel_branch.run(inputs.log_mel),
                self.lines_branch(inputs.lines),
                self.onset_branch(inputs.onset),
            ],
            axis=1,
        )
        scaled = np.minimum(np.maximum((x - self.arrays["x_mean"]) / self.arrays["x_scale"], -5), 5)
        features = self.linear("measure", scaled[:, None])
        return np.concatenate([relu(self.linear("see", branches[:, None])), relu(features)], axis=2)

    @functools.cached_property
    def log_mel_branch(self) -> LogMelBranch:
        """The conv branch over the log-mel spectrogram."""
        return log_mel_branch(self.arrays)

    def lines_branch(self, lines: Floats) -> Floats:
        """Run the branch over the harmonic lines, shape (spans, LINES), and return mean and maximum, shape (nets, 2 * channels)."""
        h = self.conv_1d("lines", lines, (9, 15))
        mean = np.add.reduce(h, axis=1) / np.float32(h.shape[1])
        return np.concatenate([mean, np.maximum.reduce(h, axis=1)], axis=1)

    def onset_branch(self, onset: Floats) -> Floats:
        """Run the branch over the onset, shape (2, ONSET_BLOCKS), and return means over sections, shape (nets, channels * ONSET_PARTS)."""
        h = self.conv_1d("onset", onset, (7, 7))
        parts = h.reshape(len(h), ONSET_PARTS, -1, h.shape[2])
        mean = np.add.reduce(parts, axis=2) / np.float32(parts.shape[2])
        return mean.transpose(0, 2, 1).reshape(len(h), -1)

    def conv_1d(self, name: str, rows: Floats, sizes: tuple[int, int]) -> Floats:
        """Apply two convolutions with stride 2 along one axis; returns the shape (nets, positions, channels).

        `rows` has the shape (input channels, positions), `sizes` are the kernel lengths.
        """
        h = rows.T[None, None]
        for part, size in zip("ab", sizes, strict=True):
            h = relu(self.conv(f"{name}_{part}", h, (1, size), 2))
        return h[:, 0]

    def conv(self, name: str, x: Floats, size: int | tuple[int, int], stride: int) -> Floats:
        """Apply a convolution with zero padding to `x` of shape (nets, rows, columns, channels); the result has the same axes."""
        windows = patches(x, size if isinstance(size, tuple) else (size, size), stride)
        nets, rows, columns = windows.shape[:3]
        h = self.linear(name, windows.reshape(nets, rows * columns, -1))
        return h.reshape(len(h), rows, columns, -1)

    def linear(self, name: str, x: Floats) -> Floats:
        """Apply a linear layer: `x` of shape (nets, rows, in) becomes (nets, rows, out)."""
        out = x @ self.arrays[f"{name}_weight"]
        out += self.arrays[f"{name}_bias"]
        return out

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], count: int) -> ConvNets:
        """Return `count` nets from the arrays net0_… to net{count - 1}_…, each of a layer's shape, converted to float32."""
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
    """Return a view of the zero-padded input under each kernel position, as in im2col.

    Parameters
    ----------
    x : float32, shape (nets, rows, columns, channels)
    size : (int, int)
        Height and width of the kernel.
    stride : int

    Returns
    -------
    float32, shape (nets, rows / stride, columns / stride, height, width, channels)
        Rows and columns are rounded up.
    """
    pad_rows, pad_columns = size[0] // 2, size[1] // 2
    nets, rows, columns, channels = x.shape
    padded = np.zeros((nets, rows + 2 * pad_rows, columns + 2 * pad_columns, channels), np.float32)
    padded[:, pad_rows : pad_rows + rows, pad_columns : pad_columns + columns] = x
    net, row, column, channel = padded.strides
    shape = (nets, -(-rows // stride), -(-columns // stride), *size, channels)
    steps = (net, row * stride, column * stride, row, column, channel)
    # The same as as_strided, without its overhead
    return np.ndarray(shape, np.float32, padded, strides=steps)


def relu(x: Floats) -> Floats:
    """Replace negative values by 0 in place, and return the array with its shape; the caller must own it."""
    return np.maximum(x, 0, out=x)
