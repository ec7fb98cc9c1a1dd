"""Decode the formats that libsndfile does not read, with PyAV (ffmpeg's decoders), which the extra `formats` installs."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from drumwatch.containers import FOREIGN
from drumwatch.core.errors import AnalysisUnavailable, UnreadableAudio
from drumwatch.system.installation import command_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    Samples = NDArray[Any]

# The demuxer of each format. ffmpeg has hundreds, and the rarely used ones are its largest attack surface: it never guesses.
DEMUXERS = {"m4a": "mov", "aac": "aac", "wv": "wv", "wma": "asf", "ape": "ape", "amr": "amr"}
LOSSLESS = {"alac", "ape", "flac", "wavpack", "wmalossless"}
LOSSY = {
    *("aac", "mp3", "mp3float", "mp2", "mp2float", "opus", "libopus", "wmav1", "wmav2", "wmapro", "wmavoice"),
    *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb"),
}
ESTIMATED = "LOSSY"  # the subtype of formats whose header gives only an estimate of the length
SUBTYPES = {"u8": "PCM_U8", "s16": "PCM_16", "s32": "PCM_32", "flt": "FLOAT", "dbl": "DOUBLE"}
SHIFTS = {"s16": 16, "s32": 0}
FULL_SCALE = 2.0**31


class AvFile:
    """A file for reading with the interface of `soundfile.SoundFile`, as far as `decode` uses it.

    Its length is exact if the file is not longer than `ahead_seconds`, and has not more than `ahead_values` samples of all channels.
    """

    def __init__(
        self, path: Path, form: str, *, ahead_seconds: float, ahead_values: int, seconds: float | None
    ) -> None:
        self._name = path.name
        self._form = form
        self._file = path.open("rb")
        try:
            self._container = self._opened()
            self._stream = self._sound_stream()
        except BaseException:
            self._file.close()
            raise
        self._seconds = seconds
        context = self._stream.codec_context
        self.samplerate: int = context.sample_rate
        self.channels: int = context.layout.nb_channels
        self.endian = "FILE"
        self._format: str = context.format.packed.name
        self._is_lossless = context.name in LOSSLESS
        self.subtype = SUBTYPES.get(self._format, ESTIMATED) if self._is_lossless else ESTIMATED
        self._ahead_seconds, self._ahead_values = ahead_seconds, ahead_values
        self._blocks = self._decoded()
        self._waiting: deque[Samples] = deque()  # decoded and not read yet
        self._length: int | None = None

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    @property
    def frames(self) -> int:
        """The number of frames of the whole file; the beginning is decoded for it."""
        if self._length is None:
            self._length = self._measured()
        return self._length

    def read(self, frames: int, dtype: str, *, always_2d: bool = True) -> Samples:  # noqa: ARG002  as soundfile has it
        """Return up to so many frames, shape (frames, channels): int32 at full scale, float32 or float64.

        Raises UnreadableAudio if the decoder finds damage in a lossless file.
        """
        taken, missing = [], frames
        while missing and (block := self._next()) is not None:
            if len(block) > missing:
                self._waiting.appendleft(block[missing:])
                block = block[:missing]
            taken.append(converted(block, dtype))
            missing -= len(block)
        return np.concatenate(taken) if taken else np.zeros((0, self.channels), dtype)

    def _next(self) -> Samples | None:
        return self._waiting.popleft() if self._waiting else next(self._blocks, None)

    def _measured(self) -> int:
        """Decode ahead; return the exact length if the end was reached, else what the header says."""
        most = min(round(self._ahead_seconds * self.samplerate), self._ahead_values // self.channels)
        decoded = 0
        while decoded <= most and (block := next(self._blocks, None)) is not None:
            self._waiting.append(block)
            decoded += len(block)
        promised = round((self._promised_seconds() or 0.0) * self.samplerate)
        if decoded > most or self._is_lossless:
            return max(decoded, promised)
        return decoded

    def _promised_seconds(self) -> float | None:
        if self._seconds is not None:
            return self._seconds
        if self._stream.duration is not None:
            return float(self._stream.duration * self._stream.time_base)
        return None if self._container.duration is None else self._container.duration / 1e6

    def _decoded(self) -> Iterator[Samples]:
        """Yield all samples in blocks of shape (frames, channels), as the decoder gives them: u8, int32 or a float."""
        for packet in self._packets():
            for frame in self._frames_of(packet):
                is_same = frame.sample_rate == self.samplerate and frame.layout.nb_channels == self.channels
                if not is_same or frame.format.packed.name != self._format:
                    raise UnreadableAudio(
                        f"{self._name} cannot be decoded: its rate or its number of channels changes in the middle"
                    )
                planes = frame.to_ndarray()
                block = planes.T if frame.format.is_planar else planes.reshape(-1, self.channels)
                yield full_scale(block, self._format)

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except self._errors as exc:
                raise self._damaged() from exc
            if packet is None:
                return
            yield packet

    def _frames_of(self, packet: Any) -> list[Any]:  # noqa: ANN401  PyAV's packet
        """Return the frames in a packet; a damaged one of a lossy file has none, as players skip it."""
        try:
            return list(packet.decode())
        except self._errors as exc:
            if self._is_lossless:
                raise self._damaged() from exc
            return []

    def _opened(self) -> Any:  # noqa: ANN401  PyAV's container
        av = imported(self._name, self._form)
        self._errors = (av.FFmpegError, OSError, ValueError, EOFError, MemoryError)
        options = {"codec_whitelist": ",".join(sorted(LOSSLESS | LOSSY))}
        try:
            return av.open(
                self._file,
                format=DEMUXERS[self._form],
                container_options=options,
                metadata_errors="replace",
            )
        except self._errors as exc:
            raise self._damaged() from exc

    def _sound_stream(self) -> Any:  # noqa: ANN401  PyAV's stream
        stream = next(iter(self._container.streams.audio), None)
        context = stream and stream.codec_context
        if context is None:
            raise UnreadableAudio(f"{self._name} holds no sound that drumwatch can decode")
        if context.name not in LOSSLESS | LOSSY:
            raise UnreadableAudio(
                f"{self._name} holds its sound in a form that drumwatch does not decode ({context.name}), or is protected"
            )
        if context.format is None:
            raise self._damaged()
        context.thread_count = 1  # threads take the processors away from others
        return stream

    def _damaged(self) -> UnreadableAudio:
        what = FOREIGN[self._form]
        return UnreadableAudio(f"{self._name} cannot be decoded: it is damaged, or no {what} file inside")


def imported(name: str, form: str) -> Any:  # noqa: ANN401  a module
    """Return PyAV, which prints nothing from now on; raises AnalysisUnavailable if it is not installed."""
    try:
        import av  # noqa: PLC0415  takes a quarter of a second and 40 MB, for files that few people have
        import av.logging  # noqa: PLC0415
    except ImportError as exc:
        raise AnalysisUnavailable(
            f"{name} needs the extra `formats`, as it is {FOREIGN[form]}: {command_for('formats')}"
        ) from exc
    av.logging.set_level(None)
    return av


def full_scale(block: Samples, sample_format: str) -> Samples:
    """Return integer samples as int32 at full scale; floats are returned as they are.

    `block` has the shape (frames, channels); `sample_format` is ffmpeg's name of its packed format.
    """
    if sample_format == "u8":
        return (block.astype(np.int32) - 128) << 24
    if sample_format in SHIFTS:
        return block.astype(np.int32) << SHIFTS[sample_format]
    return block


def converted(block: Samples, dtype: str) -> Samples:
    """Return samples of shape (frames, channels) as int32 at full scale, float32 or float64; for int32, floats are clipped."""
    is_integer = block.dtype == np.int32
    if dtype == "int32":
        if is_integer:
            return block
        scaled = np.rint(np.nan_to_num(block.astype(np.float64)) * FULL_SCALE)
        return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32)
    if is_integer:
        block = (
            block / FULL_SCALE if dtype == "float64" else block.astype(np.float32) / np.float32(FULL_SCALE)
        )
    return block.astype(dtype, copy=False)
