"""Sounds computed from a seed, and files of every kind made of them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from pathlib import Path

SR = 44_100
HOSTILE = '<img src=x onerror="document.title=1">.wav'  # a name that a careless page would run


def decaying_sine(hz: float = 55.0, seconds: float = 0.3, sr: int = SR, decay: float = 0.1) -> np.ndarray:
    """A decaying sine is a kick."""
    t = np.arange(round(seconds * sr)) / sr
    return (0.8 * np.sin(2 * np.pi * hz * t) * np.exp(-t / decay)).astype(np.float32)


def noise_burst(seconds: float = 0.2, sr: int = SR, decay: float = 0.03, seed: int = 0) -> np.ndarray:
    t = np.arange(round(seconds * sr)) / sr
    return (0.3 * np.random.default_rng(seed).standard_normal(len(t)) * np.exp(-t / decay)).astype(np.float32)


def doubtful_hat(seed: int = 1) -> np.ndarray:
    """A long burst of noise, which the shipped model calls a hat without being sure enough to file it at a max_wrong of 0.05."""
    return noise_burst(0.6, decay=0.3, seed=seed + 2)


def kick(sr: int = SR) -> np.ndarray:
    """A sine that falls from 200 to 50 Hz with a click in front."""
    t = np.arange(round(0.4 * sr)) / sr
    body = np.sin(2 * np.pi * (50 * t + 150 * 0.02 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.08)
    return (0.8 * body).astype(np.float32)


def write(path: Path, y: np.ndarray, sr: int = SR, **more) -> Path:
    soundfile.write(path, y, sr, **more)
    return path


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def rich_wav(path: Path, y: np.ndarray | None = None, sr: int = SR) -> Path:
    """16 bit, with the chunks that samplers and editors leave: bext first, an odd unknown one, acid and smpl behind."""
    samples = ((kick() if y is None else y) * 32767).astype("<i2").tobytes()
    body = b"WAVE" + b"".join(
        [
            chunk(b"bext", bytes(602)),
            chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, sr, 2 * sr, 2, 16)),
            chunk(b"odd!", b"12345"),
            chunk(b"data", samples),
            chunk(b"acid", bytes(range(24))),
            chunk(b"smpl", bytes(36)),
        ]
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path
