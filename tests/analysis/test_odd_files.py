"""Files of test collections that plain decoders read: each is computed here, and heard as the sound that is in it."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from sounds import SR, chunk, kick

from drumwatch.analysis.decode import read
from drumwatch.containers import streams
from drumwatch.containers.streams import mp3_frame_bytes

SECONDS = 0.4  # of the kick
BITS_16 = (kick() * 32767).astype("<i2")


def riff(*parts: bytes, name: bytes = b"RIFF", kind: bytes = b"WAVE") -> bytes:
    body = kind + b"".join(parts)
    return name + struct.pack("<I", len(body)) + body


def fmt(channels: int = 1, sr: int = SR) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHH", 1, channels, sr, 2 * channels * sr, 2 * channels, 16))


def made(y: np.ndarray, sr: int = SR, **more) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, y, sr, **more)
    return file.getvalue()


def mp3(*, varying: bool = True) -> bytes:
    return made(kick(), format="MP3", bitrate_mode="VARIABLE" if varying else "CONSTANT")


def first_frame(raw: bytes) -> int:
    return raw.index(b"\xff\xfb")


def xing_claims_more() -> bytes:
    raw = bytearray(mp3())
    at = next(raw.index(mark) for mark in (b"Xing", b"Info") if mark in raw)
    frames = int.from_bytes(raw[at + 8 : at + 12])
    raw[at + 8 : at + 12] = (20 * frames).to_bytes(4)
    return bytes(raw)


def without_xing(*, varying: bool) -> bytes:
    """Only the frames with sound: of one bit rate, or of several."""
    raw = mp3(varying=varying)
    return raw[first_frame(raw) + mp3_frame_bytes(raw[first_frame(raw) :][:4]) :]


def broken_header() -> bytes:
    """The first frame, which says how many there are, begins with a header that nobody knows."""
    raw = bytearray(mp3())
    raw[first_frame(bytes(raw)) + 2] = 0xFF
    return bytes(raw)


def broken_content() -> bytes:
    """The header of the first frame with sound is right, and its content is rubbish."""
    raw = bytearray(without_xing(varying=False))
    raw[4:40] = b"\xaa" * 36
    return bytes(raw)


def begins_in_a_frame() -> bytes:
    raw = mp3()
    return raw[first_frame(raw) + 100 :]


def mp3_in_wav() -> bytes:
    raw = mp3()
    sound = raw[first_frame(raw) :]
    description = struct.pack("<HHIIHHHHIHHH", 0x55, 1, SR, 16_000, 1, 0, 12, 1, 2, 417, 1, 1393)
    return riff(chunk(b"fmt ", description), chunk(b"fact", struct.pack("<I", 17_640)), chunk(b"data", sound))


def mp3_in_rmp3() -> bytes:
    raw = mp3()
    return riff(chunk(b"data", raw[first_frame(raw) :]), kind=b"RMP3")


def ogg() -> bytes:
    return made(kick(), format="OGG", subtype="VORBIS")


def ogg_without_end() -> bytes:
    raw = bytearray(ogg())
    at = raw.rindex(b"OggS")
    raw[at + 5] &= ~4
    raw[at + 22 : at + 26] = bytes(4)
    raw[at + 22 : at + 26] = streams._crc(bytes(raw[at:]), streams._CRC32, 32).to_bytes(4, "little")
    return bytes(raw)


def bw64(*, ds64: bool) -> bytes:
    sound = BITS_16.tobytes()
    if not ds64:
        return riff(chunk(b"JUNK", bytes(28)), fmt(), chunk(b"data", sound), name=b"BW64")
    size = 4 + 36 + 24 + 8 + len(sound)
    sizes = chunk(b"ds64", struct.pack("<QQQI", size, len(sound), 0, 0))
    body = b"WAVE" + sizes + fmt() + b"data" + b"\xff" * 4 + sound
    return b"BW64" + b"\xff" * 4 + body


def with_channels(count: int) -> bytes:
    """The kick in the last two channels, and a quiet sine in all others."""
    t = np.arange(len(BITS_16)) / SR
    frames = np.tile((300 * np.sin(2 * np.pi * 1000 * t)).astype("<i2")[:, None], (1, count))
    frames[:, -2:] = BITS_16[:, None]
    return riff(fmt(count), chunk(b"data", frames.tobytes()))


def as_wav(**more) -> bytes:
    return made(kick(), format="WAV", **more)


ODD = {
    "9 channels.wav": lambda: with_channels(9),
    "16 channels.wav": lambda: with_channels(16),
    "64 channels.wav": lambda: with_channels(64),
    "1 kHz.wav": lambda: made(kick(1000), 1000, format="WAV", subtype="PCM_16"),
    "4 kHz.flac": lambda: made(kick(4000), 4000, format="FLAC", subtype="PCM_16"),
    "xing claims more.mp3": xing_claims_more,
    "no count, one rate.mp3": lambda: without_xing(varying=False),
    "no count, many rates.mp3": lambda: without_xing(varying=True),
    "broken first header.mp3": broken_header,
    "broken first content.mp3": broken_content,
    "begins in a frame.mp3": begins_in_a_frame,
    "mp3 inside.wav": mp3_in_wav,
    "mp3 in riff.mp3": mp3_in_wav,
    "rmp3.mp3": mp3_in_rmp3,
    "no end.ogg": ogg_without_end,
    "a few bytes short.wav": lambda: riff(fmt(), chunk(b"data", BITS_16.tobytes()))[:-6],
    "24 bits, half a frame missing.wav": lambda: as_wav(subtype="PCM_24")[:-2],
    "rifx.wav": lambda: as_wav(subtype="PCM_16", endian="BIG"),
    "rifx 24.wav": lambda: as_wav(subtype="PCM_24", endian="BIG"),
    "rifx float.wav": lambda: as_wav(subtype="FLOAT", endian="BIG"),
    "bw64.wav": lambda: bw64(ds64=True),
    "small bw64.wav": lambda: bw64(ds64=False),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_heard_as_what_is_in_it(tmp_path, name):
    (tmp_path / name).write_bytes(ODD[name]())

    sound = read(tmp_path / name, digest=True)

    assert sound.duration == pytest.approx(SECONDS, abs=0.08)
    assert np.abs(sound.y).max() == pytest.approx(0.79, abs=0.12)
    assert sound.digest
