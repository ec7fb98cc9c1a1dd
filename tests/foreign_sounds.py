"""Sounds in the formats that libsndfile does not read, encoded in memory by PyAV, or written by hand where it has no encoder."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from typing import Any

import av
import numpy as np
from sounds import SR, kick

# Ending: container, encoder, sample format of the encoder
ENCODERS = {
    "aac.m4a": ("ipod", "aac", "fltp"),
    "alac.m4a": ("ipod", "alac", "s16p"),
    "alac24.m4a": ("ipod", "alac", "s32p"),
    "a.aac": ("adts", "aac", "fltp"),
    "a.wma": ("asf", "wmav2", "fltp"),
    "a.wv": ("wv", "wavpack", "s16p"),
    "a24.wv": ("wv", "wavpack", "s32p"),
    "float.wv": ("wv", "wavpack", "fltp"),
    "a.amr": ("amr", "libopencore_amrnb", "s16"),
}
BIT_RATES = {"libopencore_amrnb": 12_200, "wmav2": 128_000}
LOSSLESS = ("alac.m4a", "alac24.m4a", "a.wv", "a24.wv", "float.wv")
LOSSY = ("aac.m4a", "a.aac", "a.wma", "a.amr")


def encoded(kind: str, y: np.ndarray | None = None, sr: int = SR) -> bytes:
    """Return a file of one of ENCODERS; `y` has the shape (frames,) or (frames, channels)."""
    container, codec, sample_format = ENCODERS[kind]
    y = kick(sr) if y is None else y
    if kind == "a.wma":  # a decoder drops its first block
        y = np.concatenate([np.zeros_like(y[:2205]), y])
    if kind == "a.amr":
        y, sr = kick(8000), 8000
    y = y.reshape(len(y), -1)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=sr, layout="mono" if y.shape[1] == 1 else "stereo")
        stream.codec_context.format = sample_format
        if codec in BIT_RATES:
            stream.bit_rate = BIT_RATES[codec]
        stream.codec_context.open()
        size = stream.codec_context.frame_size or 4096
        for at in range(0, len(y), size):
            samples = as_format(y[at : at + size], sample_format)
            planes = samples.T if sample_format.endswith("p") else samples.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(planes), sample_format, stream.codec_context.layout.name
            )
            frame.sample_rate, frame.pts, frame.time_base = sr, at, Fraction(1, sr)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def as_format(y: np.ndarray, sample_format: str) -> np.ndarray:
    if sample_format.startswith("flt"):
        return y.astype(np.float32)
    bits = 16 if sample_format.startswith("s16") else 32
    if bits == 32:  # 24 bits, left-justified
        return np.rint(y.astype(np.float64) * 2**23).clip(-(2**23), 2**23 - 1).astype(np.int32) << 8
    return np.rint(y.astype(np.float64) * 2**15).clip(-(2**15), 2**15 - 1).astype(np.int16)


def silent_ape(frames: int = 4000) -> bytes:
    """A Monkey's Audio file whose only frame says that both of its channels are silent."""
    frame = struct.pack(
        "<IIII", 0x80000000, 3, 0, 0
    )  # CRC with the mark that flags follow; 3: silence left and right
    frame = b"".join(frame[at : at + 4] for at in range(0, len(frame), 4))
    header = struct.pack("<HHIIIHHI", 2000, 0, 73728 * 4, frames, 1, 16, 2, SR)
    sizes = (52, len(header), 4, 0, len(frame), 0, 0)
    descriptor = b"MAC " + struct.pack("<HH7I16s", 3990, 0, *sizes, bytes(16))
    return descriptor + header + struct.pack("<I", 52 + len(header) + 4) + frame
