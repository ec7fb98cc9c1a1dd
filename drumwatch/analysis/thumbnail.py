"""A small preview of a sound for the review page: peaks and spectrogram to draw, and a WAV that every browser plays."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from drumwatch.analysis import decode
from drumwatch.workers.protocol import Thumbnail, Wav

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.workers.protocol import MakeThumbnail, RenderWav

    Floats = NDArray[np.float32]

COLUMNS, ROWS = 96, 32
FLOOR_DB = -70.0
WINDOW = 1024
LOWEST_HZ = 40.0


def thumbnail(job: MakeThumbnail) -> Thumbnail:
    """Return COLUMNS peaks, each 0 to 1, and a spectrogram as base64 bytes, shape (COLUMNS, ROWS), from low to high.

    Raises UnreadableAudio if the file cannot be decoded.
    """
    sound = decode.read(job.path)
    grid = (255 * spectrogram(sound.y, sound.sr)).astype(np.uint8)
    return Thumbnail(
        np.round(peaks(sound.y), 3).tolist(), ROWS, base64.b64encode(grid.tobytes()).decode("ascii")
    )


def wav(job: RenderWav) -> Wav:
    """Return the beginning of the sound as a 16-bit mono WAV; raises UnreadableAudio if it cannot be decoded."""
    sound = decode.read(job.path)
    file = io.BytesIO()
    soundfile.write(file, np.clip(sound.y, -1, 1), sound.sr, format="WAV", subtype="PCM_16")
    return Wav(file.getvalue())


def peaks(y: Floats) -> Floats:
    """Return the peak of each column, shape (COLUMNS,), relative to the highest one; `y` has the shape (n,)."""
    padded = np.pad(np.abs(y), (0, -len(y) % COLUMNS))
    loudest: Floats = padded.reshape(COLUMNS, -1).max(axis=1)
    return loudest / max(float(loudest.max()), 1e-9)


def spectrogram(y: Floats, sr: int) -> Floats:
    """Return the level of ROWS bands at COLUMNS times, shape (COLUMNS, ROWS): 0 at FLOOR_DB or below, 1 at the highest level.

    The bands are equally wide on a logarithmic frequency scale. `y` has the shape (n,), `sr` is in Hz.
    """
    padded = np.pad(y, (WINDOW // 2, WINDOW))
    starts = np.linspace(0, max(len(y) - 1, 0), COLUMNS).astype(int)
    frames = np.stack([padded[start : start + WINDOW] for start in starts]) * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(frames)))
    edges = np.geomspace(LOWEST_HZ, sr / 2, ROWS + 1) * WINDOW / sr
    first = np.minimum(np.floor(edges[:-1]).astype(int), power.shape[1] - 1)
    last = np.maximum(np.ceil(edges[1:]).astype(int), first + 1)
    bands = np.stack([power[:, a:b].mean(axis=1) for a, b in zip(first, last, strict=True)], axis=1)
    decibels = 10 * np.log10(bands / max(float(bands.max()), 1e-12) + 1e-12)
    level: Floats = np.clip(1 - decibels / FLOOR_DB, 0, 1)
    return level
