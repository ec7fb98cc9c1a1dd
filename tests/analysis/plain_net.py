"""The branch over the log-mel spectrogram as its layers are defined: every frame, one im2col per layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.conv_net import relu
from drumwatch.analysis.model.log_mel_branch import BLOCKS

if TYPE_CHECKING:
    from drumwatch.analysis.model.conv_net import ConvNets


def log_mel_branch(nets: ConvNets, log_mel: np.ndarray) -> np.ndarray:
    position = np.linspace(-1, 1, len(log_mel), dtype=np.float32)[:, None]
    channels = np.stack([log_mel * 2 - 1, np.broadcast_to(position, log_mel.shape)], axis=2)
    h = relu(nets.conv("stem", channels[None], 5, 2))
    for number in range(BLOCKS):
        inner = nets.conv(f"block{number}_b", relu(nets.conv(f"block{number}_a", h, 3, 2)), 3, 1)
        h = relu(inner + nets.conv(f"block{number}_skip", halved(h), 1, 1))
    pooled = np.concatenate([h.mean(axis=2), h.max(axis=2)], axis=2)
    return pooled.transpose(0, 2, 1).reshape(len(h), -1)


def halved(x: np.ndarray) -> np.ndarray:
    """Mean over squares of two by two."""
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) * np.float32(0.25)
