"""The net in PyTorch, and its weights as arrays for numpy in the worker."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from drumwatch.analysis.features import FEATURE_NAMES
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.net_inputs import BANDS, FRAMES

if TYPE_CHECKING:
    from torch import Tensor

CHANNELS = (20, 36, 56, 80)
SEEN, MEASURED = 64, 48
ONSET_PARTS = 8


class Residual(nn.Module):
    """Two convolutions, the first of which halves the input, beside a shortcut."""

    def __init__(self, wide_in: int, wide_out: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(wide_in, wide_out, 3, 2, 1, bias=False)
        self.a_norm = nn.BatchNorm2d(wide_out)
        self.b = nn.Conv2d(wide_out, wide_out, 3, 1, 1, bias=False)
        self.b_norm = nn.BatchNorm2d(wide_out)
        self.skip = nn.Conv2d(wide_in, wide_out, 1, bias=False)
        self.skip_norm = nn.BatchNorm2d(wide_out)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.b_norm(self.b(functional.relu(self.a_norm(self.a(x)))))
        return functional.relu(inner + self.skip_norm(self.skip(functional.avg_pool2d(x, 2))))


class AxisConvolutions(nn.Module):
    """Two convolutions along one axis: over the lines of a tone, or over the milliseconds of an onset."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__()
        self.a = nn.Conv1d(2, 16, first, 2, first // 2, bias=False)
        self.a_norm = nn.BatchNorm1d(16)
        self.b = nn.Conv1d(16, 32, second, 2, second // 2, bias=False)
        self.b_norm = nn.BatchNorm1d(32)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.b_norm(self.b(functional.relu(self.a_norm(self.a(x))))))


class TorchNet(nn.Module):
    """Net inputs and features in, logits of TYPES out; the layer before the head is the embedding."""

    def __init__(self, drop: float = 0.3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, CHANNELS[0], 5, 2, 2, bias=False)
        self.stem_norm = nn.BatchNorm2d(CHANNELS[0])
        self.blocks = nn.ModuleList(Residual(a, b) for a, b in itertools.pairwise(CHANNELS))
        self.lines, self.onset = AxisConvolutions(9, 15), AxisConvolutions(7, 7)
        self.see = nn.Linear(CHANNELS[-1] * 8 + 64 + 32 * ONSET_PARTS, SEEN)
        self.measure = nn.Linear(len(FEATURE_NAMES), MEASURED)
        self.head = nn.Linear(SEEN + MEASURED, len(TYPES))
        self.drop = nn.Dropout(drop)
        position = torch.linspace(-1, 1, BANDS).view(1, 1, BANDS, 1).expand(1, 1, BANDS, FRAMES)
        self.register_buffer("position", position.clone())

    def embed(self, picture: Tensor, lines: Tensor, onset: Tensor, x: Tensor) -> Tensor:
        h = torch.cat([picture[:, None] * 2 - 1, self.position.expand(len(picture), -1, -1, -1)], 1)
        h = functional.relu(self.stem_norm(self.stem(h.contiguous(memory_format=torch.channels_last))))
        for block in self.blocks:
            h = block(h)
        tone, start = self.lines(lines), self.onset(onset)
        parts = [
            torch.cat([h.mean(3), h.amax(3)], 1).flatten(1),
            tone.mean(2),
            tone.amax(2),
            start.unflatten(2, (ONSET_PARTS, -1)).mean(3).flatten(1),
        ]
        seen = functional.relu(self.see(self.drop(torch.cat(parts, 1))))
        return torch.cat([seen, functional.relu(self.measure(self.drop(x)))], 1)

    def forward(self, picture: Tensor, lines: Tensor, onset: Tensor, x: Tensor) -> Tensor:
        return self.head(self.drop(self.embed(picture, lines, onset, x)))


def to_arrays(net: TorchNet, x_mean: np.ndarray, x_scale: np.ndarray) -> dict[str, np.ndarray]:
    """Arrays as `drumwatch.analysis.model.conv_net` reads them: normalisation folded into the convolutions, half precision."""
    arrays = {"x_mean": x_mean, "x_scale": x_scale}
    convolutions = {"stem": (net.stem, net.stem_norm)}
    for number, block in enumerate(net.blocks):
        convolutions |= {
            f"block{number}_{part}": (getattr(block, part), getattr(block, f"{part}_norm"))
            for part in ("a", "b", "skip")
        }
    for name, convolutions_of in (("lines", net.lines), ("onset", net.onset)):
        convolutions |= {
            f"{name}_a": (convolutions_of.a, convolutions_of.a_norm),
            f"{name}_b": (convolutions_of.b, convolutions_of.b_norm),
        }
    for name, (conv, norm) in convolutions.items():
        arrays[f"{name}_weight"], arrays[f"{name}_bias"] = folded(conv, norm)
    for name in ("see", "measure", "head"):
        layer = getattr(net, name)
        arrays[f"{name}_weight"], arrays[f"{name}_bias"] = (
            layer.weight.detach().numpy().T,
            layer.bias.detach().numpy(),
        )
    return {
        name: np.ascontiguousarray(array).astype(np.float16 if name.endswith("_weight") else np.float32)
        for name, array in arrays.items()
    }


def folded(conv: nn.Module, norm: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """Weights as (places * channels in, channels out) and bias of a convolution followed by its normalisation."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * scale.view(-1, *[1] * (conv.weight.dim() - 1))).movedim((0, 1), (-1, -2))
    return weight.reshape(-1, len(scale)).detach().numpy(), (
        norm.bias - norm.running_mean * scale
    ).detach().numpy()
