"""Decode a file to samples; headers are checked before they are believed, and only the beginning is read."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from drumwatch import containers
from drumwatch.analysis import av_file
from drumwatch.core.errors import UnreadableAudio
from drumwatch.core.os_reasons import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Samples = NDArray[np.int32] | NDArray[np.float32] | NDArray[np.float64]

MOST_SILENCE = 600.0  # seconds in front of the first sound
LEAD_SECONDS = 0.01  # of it that are analyzed with the sound
READ_SECONDS = 10.0  # enough for a one-shot; of a longer file only the length is measured
MOST_CHANNELS = 64
MOST_MIXED = 8  # of more channels (Atmos beds, ambisonics) the loudest pair is heard
LOWEST_SR, HIGHEST_SR = 1_000, 384_000
MOST_VALUES = 8 * 384_000 * 10  # samples of all channels that are decoded at once
MOST_FRAMES_A_BYTE = 8_192  # digital silence in FLAC comes near it; a header that claims more is wrong
BLOCK_FRAMES = 1 << 16
SEARCHED_FRAMES = 512  # at once, for the first and the last frame that is not zero
SILENCE = 1e-4  # peak, -80 dBFS: below it a file counts as silent
ESTIMATED = {
    "MPEG_LAYER_I",
    "MPEG_LAYER_II",
    "MPEG_LAYER_III",
    av_file.ESTIMATED,
}  # their header gives only an estimate of the length
EXACT_IN_FLOAT = {"PCM_S8", "PCM_U8", "PCM_16", "PCM_24"}  # a float32 holds 24 bits
FULL_SCALE = np.float32(2**31)
NOT_SCALED = {"FLOAT", "DOUBLE"}  # read as integers, libsndfile only rounds them: 0.4 becomes 0
FLOAT_DIGEST = "float-"  # before the digest of samples that no integer format can hold
EXACT_DTYPE = {"FLOAT": "float32", "DOUBLE": "float64", "VORBIS": "float32", "OPUS": "float32"}


@dataclass(frozen=True, slots=True)
class Sound:
    """The beginning of a file as one channel, and the length of the whole file.

    Where a file begins with seconds of silence, it is what follows them.
    """

    y: Floats  # shape (n,), at most READ_SECONDS
    sr: int  # Hz
    duration: float  # seconds, of the whole file
    digest: str = ""  # `sound_digest` of the file; empty if it was not asked for


def read(path: str | Path, *, digest: bool = False) -> Sound:
    """Decode the first seconds of a file to mono float32, or those from its first sound on if nothing sounds in them.

    Parameters
    ----------
    path : path of the file
    digest : bool
        Also compute `sound_digest`.

    Returns
    -------
    Sound
        `y` has the shape (n,), at most `READ_SECONDS` long; `sr` is in Hz, `duration` in seconds.

    Raises
    ------
    UnreadableAudio
        The file cannot be decoded, is cut short, is silent, or has an impossible header; the message says which.
    """
    name = os.path.basename(path)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        frames = read_frames(sound_file, name)
        sounding = from_first_sound(sound_file, frames, name)
        y = to_mono(sounding, name)
        summed = digest_of_read(sound_file, frames, path, read_on=sounding is not frames) if digest else ""
        read_all = len(frames) < promised_frames(sound_file)
        total = len(frames) if read_all else sound_file.frames
        return Sound(y, sound_file.samplerate, total / sound_file.samplerate, summed)


def digest(path: str | Path) -> str:
    """Return the hash of all decoded samples; writing a tag does not change it.

    Raises UnreadableAudio if the file cannot be decoded.
    """
    name = os.path.basename(path)
    file_hash = hashlib.blake2b(digest_size=32)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        file_hash.update(f"{sound_file.samplerate} {sound_file.channels}".encode())
        for block in blocks(sound_file, name):
            file_hash.update(block.tobytes())
    return file_hash.hexdigest()


def sound_digest(path: str | Path) -> str:
    """Return the hash of the audible samples: it does not depend on container, tags, or digital silence at both ends.

    The same sound in WAV, AIFF and FLAC has the same hash, and so has a float file that holds exactly the samples of an
    integer file. Other float files have a hash with a prefix of its own. A silent file has none: the result is empty.
    Raises UnreadableAudio if the file cannot be decoded.
    """
    name = os.path.basename(path)
    with opened(path) as sound_file:
        check_header(sound_file, name, os.path.getsize(path))
        return digest_of(exact_samples(sound_file, name), sound_file)


def digest_of_read(
    sound_file: soundfile.SoundFile, frames: Floats, path: str | Path, *, read_on: bool
) -> str:
    """Digest of a file whose first frames are just decoded; decodes them again only if they were not read exactly.

    `frames` is float32 of shape (frames, channels), from the beginning of the file; the file is positioned behind them, unless
    it was `read_on`.
    """
    if read_on or sound_file.subtype not in EXACT_IN_FLOAT:
        return sound_digest(path)
    if len(frames) == sound_file.frames:
        return digest_of([frames], sound_file)
    return digest_of(itertools.chain([frames], exact_samples(sound_file, os.path.basename(path))), sound_file)


def digest_of(parts: Iterable[Samples], sound_file: soundfile.SoundFile) -> str:
    """Return the hash of these blocks, sample rate and channel count, without digital silence at both ends.

    Each block has the shape (frames, channels): int32 at full scale, float32 of a format in EXACT_IN_FLOAT, or float64. The
    result is empty if all is silent.
    """
    head = f"{sound_file.samplerate} {sound_file.channels}".encode()
    as_integers, as_floats = (hashlib.blake2b(head, digest_size=32) for _ in range(2))
    all_integers, is_silent = True, True
    for part in without_silence_around(parts):
        whole = as_int32(part) if all_integers else None
        all_integers = whole is not None
        if whole is not None:
            as_integers.update(np.ascontiguousarray(whole).data)
        if part.dtype == np.float64:
            as_floats.update(np.ascontiguousarray(part + 0.0).data)  # the sum makes -0.0 and 0.0 one number
        is_silent = is_silent and is_below_threshold(part)
    if is_silent:
        return ""
    return as_integers.hexdigest() if all_integers else FLOAT_DIGEST + as_floats.hexdigest()


def as_int32(part: Samples) -> NDArray[np.int32] | None:
    """Return the same samples as int32 at full scale, or None if one of them is no such number.

    `part` has the shape (frames, channels): int32 at full scale, float32 of a format in EXACT_IN_FLOAT, or float64.
    """
    if part.dtype == np.int32:
        return part.astype(np.int32, copy=False)
    if part.dtype == np.float32:
        return (part * FULL_SCALE).astype(np.int32)
    if not ((part >= -1) & (part < 1)).all():
        return None
    scaled = part * float(FULL_SCALE)
    return scaled.astype(np.int32) if (scaled == np.rint(scaled)).all() else None


def is_below_threshold(part: Samples) -> bool:
    """Return whether every sample lies below `SILENCE`.

    `part` has the shape (frames, channels): int32 at full scale, or float.
    """
    limit = SILENCE * (float(FULL_SCALE) if part.dtype == np.int32 else 1.0)
    return bool(part.max(initial=0) < limit and part.min(initial=0) > -limit)


def exact_samples(sound_file: soundfile.SoundFile, name: str) -> Iterator[Samples]:
    """Yield all samples in blocks of shape (frames, channels): float64 of a float file, else int32 at full scale.

    16 bits in one file thus give the same numbers as 24 bits in another. Raises UnreadableAudio if decoding fails.
    """
    dtype = "float64" if sound_file.subtype in NOT_SCALED else "int32"
    try:
        while len(block := sound_file.read(BLOCK_FRAMES, dtype=dtype, always_2d=True)):
            yield block
    except soundfile.SoundFileError as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {why_not_decoded(exc)}") from exc


def without_silence_around(parts: Iterable[Samples]) -> Iterator[Samples]:
    """Yield the samples from the first frame that is not zero to the last one.

    Each block has the shape (frames, channels).
    """
    waiting: list[Samples] = []  # zeros; they are yielded only if a sound follows
    begun = False
    for part in parts:
        end = len(part) - zeros_before_sound(part[::-1])
        if not end:
            waiting += [part] if begun else []
            continue
        yield from waiting
        yield part[0 if begun else zeros_before_sound(part) : end]
        begun, waiting = True, [part[end:]]


def zeros_before_sound(part: Samples) -> int:
    """Return the number of frames before the first one that is not zero; `part` has the shape (frames, channels)."""
    for start in range(0, len(part), SEARCHED_FRAMES):
        loud = np.any(part[start : start + SEARCHED_FRAMES], axis=1)
        first = int(loud.argmax())
        if loud[first]:
            return start + first
    return len(part)


def opened(path: str | Path) -> AbstractContextManager[soundfile.SoundFile]:
    """Open a sound file if its container is whole and of a supported format.

    The formats are restricted because rarely used parsers are the largest attack surface of a decoder. Raises UnreadableAudio
    if the file is incomplete, cannot be opened or cannot be decoded.
    """
    path = Path(path)
    try:
        form = containers.inspect(path, for_decoder=True)
        if form.name in containers.FOREIGN:
            return av_file.AvFile(
                path, form.name, ahead_seconds=READ_SECONDS, ahead_values=MOST_VALUES, seconds=form.seconds
            )
        if form.overlay:
            return soundfile.SoundFile(io.BufferedReader(Overlaid(path, *form.overlay)))
        if form.beginning:
            return soundfile.SoundFile(io.BufferedReader(WithBeginning(path, *form.beginning)))
        return soundfile.SoundFile(os.fsencode(path))
    except containers.NotWhole as exc:
        raise UnreadableAudio(str(exc)) from exc
    except OSError as exc:
        raise UnreadableAudio(f"{path.name} cannot be opened, because {reason(exc)}") from exc
    except soundfile.SoundFileError as exc:
        raise UnreadableAudio(f"{path.name} cannot be decoded: {why_not_decoded(exc)}") from exc


def why_not_decoded(exc: Exception) -> str:
    """Return what an error of libsndfile means: its own words name bytes and calls, and begin with the path."""
    if isinstance(exc, MemoryError):
        return "there is too little memory for it"
    words = str(getattr(exc, "error_string", "")).lower()
    return next((why for sign, why in _LIBSNDFILE_SAYS if sign in words), "its sound is damaged")


_LIBSNDFILE_SAYS = (
    ("not a regular file", "its frames are damaged, so that nothing in it can be played"),  # of libmpg123
    ("unimplemented", "its sound is stored in a way that drumwatch does not know"),
    ("unsupported", "its sound is stored in a way that drumwatch does not know"),
    ("unknown format", "its sound is stored in a way that drumwatch does not know"),
    ("not recogni", "its content is no sound that drumwatch knows, whatever its name says"),
    ("no data chunk", "it has a header and no sound"),
    ("missing", "part of its header is missing"),
    ("header", "its header is damaged"),
    ("chunk", "its header is damaged"),
)


class Overlaid(io.RawIOBase):
    """A file for reading in which other bytes stand at one place; the file itself is not changed."""

    def __init__(self, path: Path, offset: int, content: bytes) -> None:
        self._file = path.open("rb")
        self._offset, self._content = offset, content

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move within the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the offset of the next read."""
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read into the buffer, with the other bytes at their place."""
        begin = self.tell()
        count = self._file.readinto(buffer)
        for at, byte in enumerate(self._content, self._offset - begin):
            if 0 <= at < count:
                buffer[at] = byte
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class WithBeginning(io.RawIOBase):
    """A file for reading in which other bytes stand instead of all that precedes an offset; the file itself is not changed."""

    def __init__(self, path: Path, offset: int, content: bytes) -> None:
        self._file = path.open("rb")
        self._offset, self._content = offset, content
        self._size = len(content) + os.fstat(self._file.fileno()).st_size - offset
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move within the file."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        """Return the offset of the next read."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read into the buffer: first the other bytes, then the file's own from the offset on."""
        given = self._content[self._at : self._at + len(buffer)]
        if not given:
            self._file.seek(self._at - len(self._content) + self._offset)
            given = self._file.read(len(buffer))
        buffer[: len(given)] = given
        self._at += len(given)
        return len(given)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def check_header(sound_file: soundfile.SoundFile, name: str, size_bytes: int) -> None:
    """Raise UnreadableAudio if the header is implausible, before memory is allocated for what it claims."""
    if not 1 <= sound_file.channels <= MOST_CHANNELS:
        raise UnreadableAudio(
            f"{name} claims {sound_file.channels} channels; up to {MOST_CHANNELS} are supported"
        )
    if not LOWEST_SR <= sound_file.samplerate <= HIGHEST_SR:
        raise UnreadableAudio(f"{name} claims {sound_file.samplerate} Hz; 1 to 384 kHz are supported")
    if sound_file.frames == 0:
        raise UnreadableAudio(f"{name} holds no sound: its header is there, the samples are not")
    if sound_file.frames > size_bytes * MOST_FRAMES_A_BYTE and sound_file.subtype not in ESTIMATED:
        raise UnreadableAudio(f"{name} claims more sound than {size_bytes} bytes can hold")


def promised_frames(sound_file: soundfile.SoundFile) -> int:
    """Return the number of frames to decode: what the header promises, at most ten seconds and `MOST_VALUES`."""
    most = min(round(READ_SECONDS * sound_file.samplerate), MOST_VALUES // sound_file.channels)
    return min(sound_file.frames, most)


def read_frames(sound_file: soundfile.SoundFile, name: str) -> Floats:
    """Return the first seconds as float32 of shape (frames, channels).

    Raises UnreadableAudio if decoding fails, or if there are fewer frames than the header promises.
    """
    promised = promised_frames(sound_file)
    frames = next_frames(sound_file, promised, name)
    if len(frames) < promised and (sound_file.subtype not in ESTIMATED or not len(frames)):
        sr = sound_file.samplerate
        raise UnreadableAudio(
            f"{name} is cut short: its header promises {promised / sr:.2f} s, {len(frames) / sr:.2f} s are there"
        )
    return frames


def from_first_sound(sound_file: soundfile.SoundFile, frames: Floats, name: str) -> Floats:
    """Return the frames; if nothing sounds in their first half and more follow, return as many from the first sound on.

    `frames` is float32 of shape (frames, channels), what `read_frames` has read. Raises UnreadableAudio if decoding fails, or if
    nothing sounds in the first ten minutes.
    """
    wanted, sr = len(frames), sound_file.samplerate
    if not wanted or sound_file.frames <= wanted or not is_quiet(frames[: wanted // 2 + 1]):
        return frames
    silent, block = 0, frames
    while is_quiet(block):
        silent += len(block)
        if silent > MOST_SILENCE * sr:
            raise UnreadableAudio(f"{name} is silent for its first {MOST_SILENCE / 60:.0f} minutes")
        block = next_frames(sound_file, wanted, name)
        if not len(block):
            return frames
    begin = int(np.flatnonzero((np.abs(block) >= SILENCE).any(axis=1))[0]) - round(LEAD_SECONDS * sr)
    sounding = block[max(0, begin) :]
    return np.concatenate([sounding, next_frames(sound_file, wanted - len(sounding), name)])


def is_quiet(frames: Floats) -> bool:
    """Return whether every sample lies below `SILENCE`; False if one is no number. `frames` has the shape (frames, channels)."""
    return bool(np.abs(frames).max() < SILENCE)


def next_frames(sound_file: soundfile.SoundFile, count: int, name: str) -> Floats:
    """Return up to so many further frames as float32 of shape (frames, channels); raises UnreadableAudio if decoding fails."""
    try:
        frames: Floats = sound_file.read(count, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, MemoryError) as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {why_not_decoded(exc)}") from exc
    return frames


def to_mono(frames: Floats, name: str) -> Floats:
    """Mix all channels (of more than eight the loudest pair) to one, or take the loudest channel where the mix would cancel the sound.

    Parameters
    ----------
    frames : float32, shape (n, channels)
    name : str
        The file's name for the error message.

    Returns
    -------
    y : float32, shape (n,)
        The mean of the channels if it keeps more than a quarter of their mean energy, else the channel with the most energy.

    Raises
    ------
    UnreadableAudio
        A sample is not finite, or the peak lies below -80 dBFS.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is no number is refused below
        energy = np.array([channel @ channel for channel in frames.T])
    if not np.isfinite(energy).all():
        raise UnreadableAudio(
            f"{name} holds samples that are not numbers: it was written by a broken program"
        )
    if not energy.any() or is_below_threshold(frames):
        raise UnreadableAudio(f"{name} is silent")
    if frames.shape[1] == 1:
        return frames[:, 0]
    if frames.shape[1] > MOST_MIXED:
        pair = np.sort(np.argsort(energy)[-2:])
        frames, energy = frames[:, pair], energy[pair]
    y = frames @ np.full(frames.shape[1], 1 / frames.shape[1], np.float32)
    energy_in_sum = float(y @ y) * frames.shape[1]
    return (
        y
        if energy_in_sum > 0.25 * float(energy.sum()) / frames.shape[1]
        else np.ascontiguousarray(frames[:, energy.argmax()])
    )


def blocks(sound_file: soundfile.SoundFile, name: str) -> Iterator[NDArray[np.generic]]:
    """Yield all samples exactly as decoded, in blocks of shape (frames, channels).

    Raises UnreadableAudio if decoding fails.
    """
    dtype = EXACT_DTYPE.get(sound_file.subtype, "float32" if sound_file.subtype in ESTIMATED else "int32")
    try:
        while len(block := sound_file.read(BLOCK_FRAMES, dtype=dtype, always_2d=True)):
            yield block
    except soundfile.SoundFileError as exc:
        raise UnreadableAudio(f"{name} cannot be decoded: {why_not_decoded(exc)}") from exc
