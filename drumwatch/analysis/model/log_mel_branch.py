"""The conv branch over the log-mel spectrogram, which computes only what a sound changes: silence is computed once.

Arrays have the axes (nets, frames, bands, channels), so that the beginning of a sound is one piece of memory. Behind the last frame of
a sound everything is a constant, but for the few frames that a kernel carries over: of each layer, the output for silence is
stored, and only the frames before are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.net_inputs import BANDS, FRAMES, SILENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BLOCKS = 3  # residual blocks
STEM = 5  # kernel length of the first layer, over frames and over bands
KERNEL = 3  # of the layers in the blocks


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The weights of a residual block, and what goes through it for silence."""

    outer: Floats  # first layer, stride 2: shape (nets, 2 * KERNEL * in, out), for two frames with KERNEL bands each
    outer_last: Floats  # shape (nets, KERNEL * in, out), for the third frame
    outer_bias: Floats  # shape (nets, 1, out)
    inner: Floats  # second layer, stride 1: shape (KERNEL, nets, KERNEL * out, out), by frame
    skip: Floats  # shape (nets, 2 * in, out): mean over two by two, then a linear layer, for the sum of two frames
    bias: Floats  # shape (nets, 1, out), of second layer and skip together
    silent_input: Floats  # shape (nets, frames + 2, bands + 2, in), with a border of zeros
    silent_middle: (
        Floats  # shape (nets, frames / 2 + 2, bands / 2 + 2, out), between the layers, with a border of zeros
    )

    def run(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the first layer's and the block's output, both before relu, for the frames that depend on `x`.

        `x` is what comes into the block before relu, shape (nets, frames, bands, in); behind its frames the sound is silent.
        """
        nets, live, bands, channels = x.shape
        most = self.silent_middle.shape[1] - 2
        middle = min(most, (live + 2) // 2)
        out = min(most, middle + 1)
        h = bordered(x, self.silent_input, 2 * (out + 1))
        pairs = taps(h, 2, middle + 1, 2).reshape(nets, (middle + 1) * bands // 2, 2 * KERNEL * channels)
        a = pairs[:, : middle * bands // 2] @ self.outer
        a += pairs[:, bands // 2 :, : KERNEL * channels] @ self.outer_last
        a += self.outer_bias
        a = a.reshape(nets, middle, bands // 2, -1)
        b = self._inner(bordered(a, self.silent_middle, out + 2), out)
        halved = h[:, 1 : 2 * out + 1 : 2, 1:-1] + h[:, 2 : 2 * out + 2 : 2, 1:-1]
        b += halved.reshape(nets, out * bands // 2, 2 * channels) @ self.skip
        b += self.bias
        return a, b.reshape(nets, out, bands // 2, -1)

    def _inner(self, h: Floats, frames: int) -> Floats:
        """Apply the second layer without its bias: shape (nets, frames * bands, out)."""
        nets, rows, bands, channels = h.shape
        rows_of_taps = taps(h, 1, rows, 1).reshape(nets, rows * (bands - 2), KERNEL * channels)
        size, step = frames * (bands - 2), bands - 2
        out: Floats = rows_of_taps[:, :size] @ self.inner[0]
        for number in range(1, KERNEL):
            out += rows_of_taps[:, number * step : number * step + size] @ self.inner[number]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class LogMelBranch:
    """The branch of several nets together, ready to run."""

    stem: Floats  # shape (nets, STEM * STEM, channels), in the order of `stem_taps`
    silent_stem: Floats  # shape (nets, FRAMES / 2, BANDS / 2, channels): output of the first layer for silence, before relu
    blocks: tuple[Block, ...]
    silent_output: Floats  # shape (nets, frames, bands, channels), after relu

    def run(self, log_mel: Floats) -> Floats:
        """Return mean and maximum over time for each channel and band, shape (nets, 2 * channels * bands).

        `log_mel` has the shape (BANDS, FRAMES).
        """
        difference = (log_mel - SILENT).T[: live_frames(log_mel)]
        x = self._first_layer(difference)
        for block in self.blocks:
            x = block.run(x)[1]
        h = np.concatenate([np.maximum(x, 0, out=x), self.silent_output[:, x.shape[1] :]], axis=1)
        mean = np.add.reduce(h, axis=1) / np.float32(h.shape[1])
        pooled = np.concatenate([mean, np.maximum.reduce(h, axis=1)], axis=2)
        return pooled.transpose(0, 2, 1).reshape(len(h), -1)

    def _first_layer(self, difference: Floats) -> Floats:
        """Return the first layer's output before relu, for the frames that depend on `difference`, shape (frames, BANDS), to silence."""
        live = min(FRAMES // 2, (len(difference) + STEM // 2 + 1) // 2)
        nets, _, channels = self.stem.shape
        x = stem_taps(difference, live).T @ self.stem
        x = x.reshape(nets, live, BANDS // 2, channels)
        x += self.silent_stem[:, :live]
        return x


def live_frames(log_mel: Floats) -> int:
    """Return the number of frames up to the last one that is not silent; `log_mel` has the shape (BANDS, FRAMES)."""
    sounding = (log_mel != SILENT).any(axis=0)[::-1]
    first = int(sounding.argmax())
    return len(sounding) - first if sounding[first] else 0


def stem_taps(difference: Floats, frames: int) -> Floats:
    """Return what the first layer multiplies, shape (STEM * STEM, frames * BANDS / 2), of `difference`, shape (…, BANDS).

    Even and odd bands come apart, so that the bands under one tap of the kernel, which are every second one, lie side by side.
    """
    padded = np.zeros((2, 2 * frames + STEM - 2, BANDS // 2 + 2), np.float32)
    live = slice(STEM // 2, STEM // 2 + len(difference))
    padded[0, live, 1:-1], padded[1, live, 1:-1] = difference[:, ::2], difference[:, 1::2]
    half, row, band = padded.strides
    found = np.empty((STEM * STEM, frames, BANDS // 2), np.float32)
    steps = (row, band, 2 * row, band)
    even, odd = STEM // 2 + 1, STEM // 2
    for parity, count, into in ((0, even, found[: STEM * even]), (1, odd, found[STEM * even :])):
        shape = (STEM, count, frames, BANDS // 2)
        into.reshape(shape)[:] = np.ndarray(shape, np.float32, padded, parity * half, steps)
    return found.reshape(STEM * STEM, -1)


def taps(h: Floats, rows_together: int, groups: int, stride: int) -> Floats:
    """Return KERNEL neighbouring bands side by side, for each `stride`-th band of each row.

    Parameters
    ----------
    h : float32, shape (nets, rows, bands + 2, channels)
    rows_together : int
        Rows that are laid side by side as well.
    groups : int
        How many groups of such rows are returned.
    stride : int

    Returns
    -------
    float32, shape (nets, groups, bands / stride, rows_together, KERNEL * channels)
    """
    nets, _, bands, channels = h.shape
    net, row, band, item = h.strides
    shape = (nets, groups, (bands - 2) // stride, rows_together, KERNEL * channels)
    steps = (net, rows_together * row, stride * band, row, item)
    return np.ascontiguousarray(np.ndarray(shape, np.float32, h, strides=steps))


def bordered(x: Floats, silent: Floats, rows: int) -> Floats:
    """Return relu of `x` with a border of zeros, and silence behind it: shape (nets, rows, bands + 2, channels).

    `x` has the shape (nets, frames, bands, channels), `silent` has a border already.
    """
    nets, live, bands, channels = x.shape
    h = np.empty((nets, rows, bands + 2, channels), np.float32)
    h[:, 0] = 0
    h[:, 1 : live + 1, :: bands + 1] = 0
    np.maximum(x, 0, out=h[:, 1 : live + 1, 1:-1])
    h[:, live + 1 :] = silent[:, live + 1 : rows]
    return h


def log_mel_branch(arrays: Mapping[str, Floats]) -> LogMelBranch:
    """Return the branch with these weights, which are those of `ConvNets`; the nets run once on silence for it."""
    stem = time_first(arrays["stem_weight"], STEM)
    x = silent_stem = stem_of_silence(stem, arrays["stem_bias"])
    blocks = []
    for number in range(BLOCKS):
        block = block_of(arrays, f"block{number}", x)
        blocks.append(block)
        middle, x = block.run(x)
        block.silent_middle[:, 1:-1, 1:-1] = np.maximum(middle, 0)
    doubled = 2 * stem[:, :, :, 0]  # the layer's input is 2 * log_mel - 1
    by_parity = [doubled[:, :, parity::2].reshape(len(doubled), -1, doubled.shape[-1]) for parity in range(2)]
    return LogMelBranch(np.concatenate(by_parity, axis=1), silent_stem, tuple(blocks), np.maximum(x, 0))


def time_first(weight: Floats, size: int) -> Floats:
    """Return a layer's weights, shape (nets, bands * frames * in, out), as shape (nets, frames, bands, in, out)."""
    nets, _, out = weight.shape
    return weight.reshape(nets, size, size, -1, out).transpose(0, 2, 1, 3, 4)


def stem_of_silence(stem: Floats, bias: Floats) -> Floats:
    """Return the first layer's output for silence, before relu: shape (nets, FRAMES / 2, BANDS / 2, channels).

    The layer's input is 2 * log_mel - 1 and the position of each band, from -1 to 1. `stem` is time first.
    """
    around = STEM // 2
    padded = np.zeros((FRAMES + 2 * around, BANDS + 2 * around, 2), np.float32)
    inside = padded[around:-around, around:-around]
    inside[..., 0], inside[..., 1] = 2 * SILENT - 1, np.linspace(-1, 1, BANDS, dtype=np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (STEM, STEM), axis=(0, 1))[::2, ::2]
    found = np.einsum("fbihw,nhwio->nfbo", windows, stem, optimize=True) + bias[:, None]
    return np.ascontiguousarray(found, np.float32)


def block_of(arrays: Mapping[str, Floats], name: str, silent: Floats) -> Block:
    """Return one block; `silent` is what comes into it for silence, before relu, with all frames.

    `silent_middle` of the result is zero: only a run of all frames, which does not need it, tells what it is.
    """
    nets, frames, bands, channels = silent.shape
    outer = time_first(arrays[f"{name}_a_weight"], KERNEL).reshape(nets, KERNEL, KERNEL * channels, -1)
    out = outer.shape[-1]
    inner = time_first(arrays[f"{name}_b_weight"], KERNEL).reshape(nets, KERNEL, KERNEL * out, out)
    skip = arrays[f"{name}_skip_weight"] / 4
    padded = np.zeros((nets, frames + 2, bands + 2, channels), np.float32)
    padded[:, 1:-1, 1:-1] = np.maximum(silent, 0)
    return Block(
        outer=np.ascontiguousarray(outer[:, :2].reshape(nets, -1, out)),
        outer_last=np.ascontiguousarray(outer[:, 2]),
        outer_bias=arrays[f"{name}_a_bias"],
        inner=np.ascontiguousarray(inner.transpose(1, 0, 2, 3)),
        skip=np.concatenate([skip, skip], axis=1),
        bias=arrays[f"{name}_b_bias"] + arrays[f"{name}_skip_bias"],
        silent_input=padded,
        silent_middle=np.zeros((nets, frames // 2 + 2, bands // 2 + 2, out), np.float32),
    )
