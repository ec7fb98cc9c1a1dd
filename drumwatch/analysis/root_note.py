"""The root note of a sound that rings, by librosa: `yin`, `pyin` and the peak of the spectrum of its tail must agree.

librosa is compiled by numba when it is first used, which takes half a minute. `prepare` does that before the sandbox is entered,
which forbids writing: the compiled code is kept in the cache folder, and from then on it is only read.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import decode
from drumwatch.core.root_notes import NOTES, SHORTEST
from drumwatch.workers import compiled_code
from drumwatch.workers.protocol import CodeCompiled, NoteFound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.workers.protocol import CompileCode, FindNote

    Floats = NDArray[np.float32]

SR = 22_050  # Hz, at which pitches are measured
LOWEST, HIGHEST = 27.5, 1_050.0  # Hz, A0 to C6: roots of basses, drums and most one-shots
INAUDIBLE = 20.0  # Hz; an offset of all samples is not a pitch
FRAME, HOP = 4096, 1024  # samples; a frame has five periods of the lowest pitch
ATTACK = 0.1  # seconds behind the peak, in which a drum still glides
LONGEST = 3.0  # seconds of the tail that are measured
QUIET = 10 ** (-40 / 20)  # of the peak level; the tail ends there
VOICED = 0.5  # probability of a frame of pyin from which it has a pitch, and the share of such frames
TUNED = 0.4  # semitones from the note; a sound between two notes has none


def prepare() -> None:
    """Import librosa and measure a computed tone, so that all code is compiled, or read from the cache folder.

    Raises ImportError if librosa is not installed; numba raises whatever keeps it from compiling.
    """
    _prepare(str(compiled_code.folder()))


@functools.lru_cache(maxsize=1)
def _prepare(cache: str) -> None:
    os.environ["NUMBA_CACHE_DIR"] = cache  # numba reads it when it is imported
    times = np.arange(2 * SR) / SR
    tone = (np.exp(-times) * np.sin(2 * np.pi * 55 * times)).astype(np.float32)
    if note_of(tone, SR) != "A":
        raise RuntimeError("librosa does not find the note of a plain tone")
    with contextlib.suppress(OSError):  # then the code is compiled again by the next process
        compiled_code.marker().write_text(json.dumps(compiled_code.versions()), "utf-8")


def find(job: FindNote) -> NoteFound:
    """Return the root note of a file; raises UnreadableAudio if it cannot be decoded."""
    sound = decode.read(job.path)
    return NoteFound(note_of(sound.y, sound.sr))


def compiled(_: CompileCode) -> CodeCompiled:
    """Return that the code is compiled, which `prepare` has done."""
    return CodeCompiled()


def note_of(y: Floats, sr: int) -> str:
    """Return the root note, as `F#`; an empty string if there is none, or any doubt.

    `y` has the shape (n,); `sr` is in Hz.
    """
    import librosa  # noqa: PLC0415  a worker for notes only

    if sr != SR:
        y = librosa.resample(y, orig_sr=sr, target_sr=SR)
    tail = tail_of(np.ascontiguousarray(y, np.float32))
    if len(tail) < SHORTEST * SR:
        return ""
    peak = strongest_partial(tail)
    if not LOWEST <= peak <= HIGHEST:
        return ""
    pitches = [peak, by_yin(tail), by_pyin(tail)]
    return common_note(pitches)


def tail_of(y: Floats) -> Floats:
    """Return what rings behind the attack, down to 40 dB below the peak, at most LONGEST seconds; `y` has the shape (n,) at SR."""
    frames = len(y) // HOP
    if not frames:
        return y[:0]
    level = np.sqrt(np.mean(np.square(y[: frames * HOP].reshape(frames, HOP), dtype=np.float64), axis=1))
    loudest = int(level.argmax())
    begin = loudest * HOP + round(ATTACK * SR)
    below = np.flatnonzero(level[loudest:] < QUIET * level[loudest])
    end = (loudest + int(below[0])) * HOP if len(below) else len(y)
    return y[begin : min(end, begin + round(LONGEST * SR))]


def strongest_partial(tail: Floats) -> float:
    """Return the frequency in Hz of the highest peak of the spectrum above INAUDIBLE; `tail` has the shape (n,) at SR."""
    size = 1 << (4 * len(tail) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(tail * np.hanning(len(tail)), size))
    spectrum[: round(INAUDIBLE * size / SR)] = 0
    return float(spectrum.argmax() * SR / size)


def by_yin(tail: Floats) -> float:
    """Return the median pitch in Hz by `librosa.yin`; `tail` has the shape (n,) at SR."""
    import librosa  # noqa: PLC0415

    pitches = librosa.yin(
        tail, fmin=LOWEST, fmax=HIGHEST, sr=SR, frame_length=FRAME, hop_length=HOP, center=False
    )
    return float(np.median(pitches))


def by_pyin(tail: Floats) -> float:
    """Return the median pitch in Hz by `librosa.pyin`, NaN where too few frames have one; `tail` has the shape (n,) at SR."""
    import librosa  # noqa: PLC0415

    pitches, _, probability = librosa.pyin(
        tail, fmin=LOWEST, fmax=HIGHEST, sr=SR, frame_length=FRAME, hop_length=HOP, center=False
    )
    has_pitch = (probability > VOICED) & np.isfinite(pitches)
    return float(np.median(pitches[has_pitch])) if has_pitch.mean() >= VOICED else float("nan")


def common_note(pitches: list[float]) -> str:
    """Return the note that all these pitches in Hz belong to; an empty string if they do not agree, octave included, or one is NaN."""
    if not np.all(np.isfinite(pitches)):
        return ""
    semitones = 69 + 12 * np.log2(np.asarray(pitches) / 440)
    nearest = int(np.rint(np.median(semitones)))
    return NOTES[nearest % 12] if np.all(np.abs(semitones - nearest) <= TUNED) else ""
