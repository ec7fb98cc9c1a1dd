"""A sound in small, for the review page: numbers that a browser draws, and something that every browser plays."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from drumwatch.hearing import decode
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
    """Peaks per column from 0 to 1, and a spectrogram as base64 bytes, column by column from low to high."""
    sound = decode.read(job.path)
    grid = (255 * spectrogram(sound.y, sound.sr)).astype(np.uint8)
    return Thumbnail(
        np.round(peaks(sound.y), 3).tolist(), ROWS, base64.b64encode(grid.tobytes()).decode("ascii")
    )


def wav(job: RenderWav) -> Wav:
    """The sound as 16 bit WAV."""
    sound = decode.read(job.path)
    file = io.BytesIO()
    soundfile.write(file, np.clip(sound.y, -1, 1), sound.sr, format="WAV", subtype="PCM_16")
    return Wav(file.getvalue())


def peaks(y: Floats) -> Floats:
    """The loudest moment of each column; the loudest of all is 1."""
    padded = np.pad(np.abs(y), (0, -len(y) % COLUMNS))
    loudest: Floats = padded.reshape(COLUMNS, -1).max(axis=1)
    return loudest / max(float(loudest.max()), 1e-9)


def spectrogram(y: Floats, sr: int) -> Floats:
    """Level in each of ROWS bands, equally wide to the ear, for each of COLUMNS moments: 0 silent, 1 loudest."""
    padded = np.pad(y, (WINDOW // 2, WINDOW))
    starts = np.linspace(0, max(len(y) - 1, 0), COLUMNS).astype(int)
    frames = np.stack([padded[at : at + WINDOW] for at in starts]) * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(frames)))
    edges = np.geomspace(LOWEST_HZ, sr / 2, ROWS + 1) * WINDOW / sr
    first = np.minimum(np.floor(edges[:-1]).astype(int), power.shape[1] - 1)
    last = np.maximum(np.ceil(edges[1:]).astype(int), first + 1)
    bands = np.stack([power[:, a:b].mean(axis=1) for a, b in zip(first, last, strict=True)], axis=1)
    decibels = 10 * np.log10(bands / max(float(bands.max()), 1e-12) + 1e-12)
    level: Floats = np.clip(1 - decibels / FLOOR_DB, 0, 1)
    return level
