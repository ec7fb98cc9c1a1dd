"""Convert a whole sound to a WAV file that a device takes: sample rate by soxr, then 16 or 24 bits."""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from drumwatch.analysis import decode
from drumwatch.analysis.analyze import file_hash
from drumwatch.core.errors import UnreadableAudio
from drumwatch.workers.protocol import ConvertedSound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.workers.protocol import ConvertSound

    Doubles = NDArray[np.float64]

MOST_SECONDS = 60.0  # of a sound in a kit
MOST_CHANNELS = 2
DEPTHS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24}  # others have no fixed step, or a finer one
RIFF = {"WAV", "WAVEX"}  # two kinds of header of one format


def convert(job: ConvertSound) -> ConvertedSound:
    """Return the sound as the device takes it, without metadata; no bytes if it takes the file as it is.

    Raises UnreadableAudio if the file cannot be decoded, or is longer than a minute.
    """
    content = file_hash(job.path)
    name = os.path.basename(job.path)
    with decode.opened(job.path) as sound_file:
        decode.check_header(sound_file, name, os.path.getsize(job.path))
        if fits(sound_file, job):
            return ConvertedSound(content)
        y, sr = whole(sound_file, name), sound_file.samplerate
        bits = DEPTHS.get(sound_file.subtype, 32)
    rate = sr if sr in job.rates else job.rates[0]
    depth = min((depth for depth in job.depths if depth >= bits), default=max(job.depths))
    y = with_fitting_channels(y, name)
    is_exact = rate == sr and depth >= bits
    if rate != sr:
        y = soxr.resample(y, sr, rate, quality="VHQ")
    return ConvertedSound(content, as_wav(y, rate, depth, seed="" if is_exact else content))


def fits(sound_file: soundfile.SoundFile, job: ConvertSound) -> bool:
    """Return whether the device takes a file of this format, rate, depth and number of channels."""
    form = getattr(sound_file, "format", "")
    return (
        ("WAV" if form in RIFF else form) in job.formats
        and sound_file.samplerate in job.rates
        and sound_file.subtype in {f"PCM_{depth}" for depth in job.depths}
        and sound_file.channels <= MOST_CHANNELS
    )


def whole(sound_file: soundfile.SoundFile, name: str) -> Doubles:
    """Return all samples, shape (frames, channels); raises UnreadableAudio if there are too many, or decoding fails."""
    most = min(round(MOST_SECONDS * sound_file.samplerate), decode.MOST_VALUES // sound_file.channels)
    if sound_file.frames > most:
        raise UnreadableAudio(
            f"{name} is too long for a kit: a sound of at most {MOST_SECONDS:.0f} seconds fits."
        )
    try:
        y: Doubles = sound_file.read(most, dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, MemoryError) as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {decode.why_not_decoded(exc)}") from exc
    if not len(y) or not np.isfinite(y).all():
        raise UnreadableAudio(f"{name} holds no sound, or samples that are not numbers.")
    return y


def with_fitting_channels(y: Doubles, name: str) -> Doubles:
    """Mix more than two channels to one; `y` has the shape (frames, channels)."""
    if y.shape[1] <= MOST_CHANNELS:
        return y
    return decode.to_mono(y.astype(np.float32), name)[:, None].astype(np.float64)


def as_wav(y: Doubles, sr: int, depth: int, *, seed: str) -> bytes:
    """Return a WAV file with these samples, shape (frames, channels), and no metadata.

    What goes beyond full scale makes the whole sound softer, so that nothing is clipped. With a `seed`, 16 bits are dithered:
    triangular noise of one step keeps the end of a decay from turning into distortion, and the same seed gives the same bytes. 24
    bits need none. Silence at both ends stays silence.
    """
    steps = float(2 ** (depth - 1))
    peak = float(np.abs(y).max(initial=0.0))
    scaled = y * (steps if peak <= 1 else (steps - 2) / peak)
    if seed and depth == 16:
        scaled = scaled + dither(y, seed)
    whole_steps = np.clip(np.rint(scaled), -steps, steps - 1).astype(np.int32)
    file = io.BytesIO()
    samples = whole_steps.astype(np.int16) if depth == 16 else whole_steps << (32 - depth)
    soundfile.write(file, samples, sr, format="WAV", subtype=f"PCM_{depth}")
    return file.getvalue()


def dither(y: Doubles, seed: str) -> Doubles:
    """Return triangular noise between -1 and 1 step, shape of `y` (frames, channels), from the first to the last frame that sounds."""
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    random = np.random.default_rng(int.from_bytes(digest, "big"))
    noise: Doubles = random.random(y.shape) - random.random(y.shape)
    sounding = np.flatnonzero(np.any(y, axis=1))
    if len(sounding):
        noise[: sounding[0]] = 0
        noise[sounding[-1] + 1 :] = 0
    return noise
