"""Sounds that are the same bytes on every machine: each sample comes from additions and multiplications alone."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SR = 44_100
FULL_SCALE = 32_767


def sine(seconds: float, step: float, decay: float, bend: float = 0.0) -> list[float]:
    """A sine of `step` radians per sample. With each sample it fades by the factor `decay`, and `bend` is added to `step`."""
    samples: list[float] = []
    real, imaginary = 1.0, 0.0
    for _ in range(round(seconds * SR)):
        samples.append(0.8 * imaginary)
        # One turn by `step`, by the first terms of its series: sin and cos of the C library differ between systems.
        cosine, sine_ = 1 - step * step / 2 + step**4 / 24, step - step * step * step / 6
        real, imaginary = (
            decay * (real * cosine - imaginary * sine_),
            decay * (real * sine_ + imaginary * cosine),
        )
        step += bend
    return samples


def kick(number: int = 0) -> list[float]:
    """A sine that falls to about 50 Hz; each number is another kick."""
    body, seconds = [], 0.4
    real, imaginary, step, floor = 1.0, 0.0, 0.0285, 0.0071 + number * 0.0002
    for _ in range(round(seconds * SR)):
        body.append(0.8 * imaginary)
        cosine, sine_ = 1 - step * step / 2, step - step * step * step / 6
        real, imaginary = (
            0.9997 * (real * cosine - imaginary * sine_),
            0.9997 * (real * sine_ + imaginary * cosine),
        )
        step = floor + (step - floor) * 0.9988
    return body


def hat(number: int = 0) -> list[float]:
    """A short burst of noise without its low half; each number is another hat."""
    rng, level, before, samples = random.Random(number), 0.5, 0.0, []
    for _ in range(round(0.15 * SR)):
        noise = 2 * rng.random() - 1
        samples.append(level * (noise - before) / 2)
        before, level = noise, level * 0.9990
    return samples


def snare(number: int = 0) -> list[float]:
    """A tone of about 200 Hz under a longer burst of noise; each number is another snare."""
    rng, level, samples = random.Random(1000 + number), 0.4, []
    for tone in sine(0.25, 0.0285 + number * 0.0003, 0.9994):
        samples.append(tone / 2 + level * (2 * rng.random() - 1))
        level *= 0.9996
    return samples


def blip(number: int = 0) -> list[float]:
    """A tone that rises, as no drum does; each number is another one."""
    return sine(0.25, 0.085 + number * 0.0012, 0.9996, bend=0.0000090)


def wav(samples: Iterable[float]) -> bytes:
    """A WAV file of 16 bit, one channel."""
    data = b"".join(struct.pack("<h", int(FULL_SCALE * sample)) for sample in samples)
    head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, SR, 2 * SR, 2, 16, b"data", len(data))
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(data)) + b"WAVE" + head + data


def write(path: Path, samples: Iterable[float]) -> Path:
    """The file is written; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav(samples))
    return path
