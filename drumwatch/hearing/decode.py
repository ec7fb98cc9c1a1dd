"""From a file to samples. Its first bytes and header are believed only after a check, and never to the end."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from drumwatch import containers
from drumwatch.errors import UnreadableAudio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

READ_SECONDS = 10.0  # a one-shot has been heard by then; longer files are measured, not read
MOST_CHANNELS = 8
LOWEST_SR, HIGHEST_SR = 4_000, 384_000
MOST_FRAMES_A_BYTE = 8_192  # digital silence in FLAC comes near; a header that claims more is lying
BLOCK_FRAMES = 1 << 16
SILENCE = 1e-4  # -80 dB under full scale: nothing to hear, whatever the gain
ESTIMATED = {"MP3"}  # containers that say their length only roughly
EXACT_IN_FLOAT = {"PCM_S8", "PCM_U8", "PCM_16", "PCM_24"}  # a float32 holds 24 bits
FULL_SCALE = np.float32(2**31)
EXACT_DTYPE = {"FLOAT": "float32", "DOUBLE": "float64", "VORBIS": "float32", "OPUS": "float32"}


@dataclass(frozen=True, slots=True)
class Sound:
    """The beginning of a file as one channel, and how long the whole is."""

    y: Floats
    sr: int
    duration: float  # seconds, of the whole file
    digest: str = ""  # of what is heard, where it was asked for


def read(path: str | Path, *, digest: bool = False) -> Sound:
    """The first seconds as mono float32; UnreadableAudio says in a sentence why not."""
    name = os.path.basename(path)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        frames = read_frames(sound_file, name)
        y = to_mono(frames, name)
        summed = digest_of_all(sound_file, frames, path) if digest else ""
        return Sound(y, sound_file.samplerate, sound_file.frames / sound_file.samplerate, summed)


def digest(path: str | Path) -> str:
    """Hash of the decoded samples, all of them: the same before and after a tag is written."""
    name = os.path.basename(path)
    summed = hashlib.blake2b(digest_size=32)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        summed.update(f"{sound_file.samplerate} {sound_file.channels}".encode())
        for block in blocks(sound_file, name):
            summed.update(block.tobytes())
    return summed.hexdigest()


def sound_digest(path: str | Path) -> str:
    """Hash of what is heard: the same in WAV, AIFF and FLAC, with other tags, with more or less digital silence around it."""
    name = os.path.basename(path)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        return digest_of(integers(sound_file, name), sound_file)


def digest_of_all(sound_file: soundfile.SoundFile, frames: Floats, path: str | Path) -> str:
    """The same, of a file of which these frames are decoded: no second time where they are all of it, and exact."""
    if len(frames) == sound_file.frames and sound_file.subtype in EXACT_IN_FLOAT:
        return digest_of([(frames * FULL_SCALE).astype(np.int32)], sound_file)
    return sound_digest(path)


def digest_of(parts: Iterable[NDArray[np.int32]], sound_file: soundfile.SoundFile) -> str:
    summed = hashlib.blake2b(f"{sound_file.samplerate} {sound_file.channels}".encode(), digest_size=32)
    for part in without_silence_around(parts):
        summed.update(part.tobytes())
    return summed.hexdigest()


def integers(sound_file: soundfile.SoundFile, name: str) -> Iterator[NDArray[np.int32]]:
    """All samples at full scale, so that 16 bits in one file are the same number as 24 bits in another."""
    try:
        while len(block := sound_file.read(BLOCK_FRAMES, dtype="int32", always_2d=True)):
            yield block
    except soundfile.SoundFileError as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {exc}") from exc


def without_silence_around(parts: Iterable[NDArray[np.int32]]) -> Iterator[NDArray[np.int32]]:
    """From the first frame that is not zero to the last one."""
    waiting: list[NDArray[np.int32]] = []  # zeros that only count if something follows
    begun = False
    for part in parts:
        loud = np.flatnonzero(part.any(axis=1))
        if not len(loud):
            waiting += [part] if begun else []
            continue
        end = int(loud[-1]) + 1
        yield from waiting
        yield part[0 if begun else int(loud[0]) : end]
        begun, waiting = True, [part[end:]]


def opened(path: str | Path) -> AbstractContextManager[soundfile.SoundFile]:
    """An open sound file of a kind we let near the decoder: its exotic parsers are most of what can be attacked."""
    path = Path(path)
    try:
        containers.check_whole(path)
        return soundfile.SoundFile(os.fsencode(path))
    except containers.NotWhole as exc:
        raise UnreadableAudio(str(exc)) from exc
    except OSError as exc:
        raise UnreadableAudio(f"{path.name} cannot be opened: {exc.strerror}") from exc
    except soundfile.SoundFileError as exc:
        why = getattr(exc, "error_string", exc)  # without the whole path, as bytes, in front of it
        raise UnreadableAudio(f"{path.name} cannot be decoded: {why}") from exc


def check_header(sound_file: soundfile.SoundFile, name: str, size_bytes: int) -> None:
    """Refuses a header that no honest file has, before memory is asked for on its word."""
    if not 1 <= sound_file.channels <= MOST_CHANNELS:
        raise UnreadableAudio(
            f"{name} claims {sound_file.channels} channels; up to {MOST_CHANNELS} can be heard"
        )
    if not LOWEST_SR <= sound_file.samplerate <= HIGHEST_SR:
        raise UnreadableAudio(f"{name} claims {sound_file.samplerate} Hz; 4 to 384 kHz can be heard")
    if sound_file.frames == 0:
        raise UnreadableAudio(f"{name} holds no sound: its header is there, the samples are not")
    if sound_file.frames > size_bytes * MOST_FRAMES_A_BYTE:
        raise UnreadableAudio(f"{name} claims more sound than {size_bytes} bytes can hold")


def read_frames(sound_file: soundfile.SoundFile, name: str) -> Floats:
    """(frames, channels) of the first seconds; fewer than the header promises means a file cut short."""
    promised = min(sound_file.frames, round(READ_SECONDS * sound_file.samplerate))
    try:
        frames: Floats = sound_file.read(promised, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, MemoryError) as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {exc}") from exc
    if len(frames) < promised and (sound_file.format not in ESTIMATED or not len(frames)):
        sr = sound_file.samplerate
        raise UnreadableAudio(
            f"{name} is cut short: its header promises {promised / sr:.2f} s, {len(frames) / sr:.2f} s are there"
        )
    return frames


def to_mono(frames: Floats, name: str) -> Floats:
    """One channel out of all, the sum where it keeps the sound, the loudest where the sum cancels it."""
    energy = np.einsum("ij,ij->j", frames, frames)
    if not np.isfinite(energy).all():
        raise UnreadableAudio(
            f"{name} holds samples that are not numbers: it was written by a broken program"
        )
    if not energy.any() or np.abs(frames).max() < SILENCE:
        raise UnreadableAudio(f"{name} is silent")
    if frames.shape[1] == 1:
        return frames[:, 0]
    y = frames @ np.full(frames.shape[1], 1 / frames.shape[1], np.float32)
    kept = float(y @ y) * frames.shape[1]
    return (
        y
        if kept > 0.25 * float(energy.sum()) / frames.shape[1]
        else np.ascontiguousarray(frames[:, energy.argmax()])
    )


def blocks(sound_file: soundfile.SoundFile, name: str) -> Iterator[NDArray[np.generic]]:
    """All samples, exactly as decoded, block by block."""
    dtype = EXACT_DTYPE.get(sound_file.subtype, "float32" if sound_file.format in ESTIMATED else "int32")
    try:
        while len(block := sound_file.read(BLOCK_FRAMES, dtype=dtype, always_2d=True)):
            yield block
    except soundfile.SoundFileError as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {exc}") from exc
