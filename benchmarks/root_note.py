"""How right root notes are: `python benchmarks/root_note.py CORPUS [EVERY]`.

CORPUS is a folder with a `manifest.csv` (columns path, original_name, fine, duration) or any folder of sounds, of which the names are read.
Sounds whose names give a note are measured with the name hidden, by the ear alone and behind the gate that a filed sound has to
pass; so are snares and hats, which must get none, and computed 808s and kicks of known pitch. With EVERY, only every so manieth file.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from drumwatch.analysis import decode, root_note
from drumwatch.analysis.analyze import analyze
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.root_notes import NOTES, can_ring
from drumwatch.workers.protocol import Analyze

SR = 44_100
COMPUTED = 60  # sounds per class
# A corpus says more than a name that drumwatch would believe: gb2, Fs4, and a letter alone behind "808"
WITH_OCTAVE = re.compile(r"(?<![A-Za-z0-9#])([A-Ga-g])(#|b|s|sharp)?-?[0-9](?![A-Za-z0-9#])")
BEHIND_808 = re.compile(r"808[ _-]+([A-Ga-g])(#|b)?(?![A-Za-z0-9#])")
ON_PADS = {
    "hat",
    "hat_closed",
    "hat_open",
    "snare",
    "clap",
    "cowbell",
    "kick",
    "tom",
}  # there a note with an octave names a key
MUST_HAVE_NONE = {"snare", "hat", "hat_closed", "hat_open", "hat_pedal"}
NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


class Named(NamedTuple):
    """A sound, its class, and its note; empty: it must get none."""

    path: Path
    kind: str
    note: str


def main(corpus: Path, every: int = 1) -> None:
    root_note.prepare()
    print(f"{'class':<28}{'sounds':>8}{'right':>8}{'wrong':>8}{'none':>8}")
    computed()
    sounds = sounds_of(corpus)[::every]
    by_ear: dict[str, Counter[str]] = {}
    as_filed: dict[str, Counter[str]] = {}
    seconds = time.process_time()
    for sound in sounds:
        outcome, can_be_filed_with_it = measured(sound)
        by_ear.setdefault(sound.kind, Counter())[outcome] += 1
        as_filed.setdefault(sound.kind, Counter())[outcome if can_be_filed_with_it else "none"] += 1
        if outcome.startswith("wrong"):
            gate = "also as filed" if can_be_filed_with_it else "by ear only"
            print(
                f"    {sound.note or 'none'} → {outcome.split()[1]}, {gate}: {sound.path.name}",
                file=sys.stderr,
            )
    for title, counts in (("by ear", by_ear), ("as filed", as_filed)):
        for kind, outcomes in sorted(counts.items()):
            row(f"{title}: {kind}", outcomes)
        row(f"{title}: all with a note", total(counts, MUST_HAVE_NONE, without=True))
        row(f"{title}: all that have none", total(counts, MUST_HAVE_NONE, without=False))
    print(f"{(time.process_time() - seconds) / max(1, len(sounds)) * 1000:.0f} ms of processor time a sound")


def total(counts: dict[str, Counter[str]], kinds: set[str], *, without: bool) -> Counter[str]:
    return sum((outcomes for kind, outcomes in counts.items() if (kind in kinds) is not without), Counter())


def row(title: str, outcomes: Counter[str]) -> None:
    wrong = sum(count for outcome, count in outcomes.items() if outcome.startswith("wrong"))
    print(
        f"{title:<28}{outcomes.total():>8}{outcomes['right']:>8}{wrong:>8}{outcomes['none']:>8}", flush=True
    )


def measured(sound: Named) -> tuple[str, bool]:
    """right, wrong with the note that was found, or none; and whether a filed sound would be looked at."""
    try:
        heard = decode.read(sound.path)
        outcome = judged(root_note.note_of(heard.y, heard.sr), sound.note)
        if outcome == "none":
            return outcome, False
        return outcome, can_ring(analyze(Analyze(str(sound.path), max_seconds=20)).verdict)
    except DrumwatchError:
        return "none", False


def judged(found: str, true: str) -> str:
    if not found:
        return "none"
    return "right" if found == true else f"wrong {found}"


def sounds_of(corpus: Path) -> list[Named]:
    manifest = corpus / "manifest.csv"
    if manifest.exists():
        with manifest.open(encoding="utf-8") as file:
            rows = [(corpus / one["path"], one["original_name"], one["fine"]) for one in csv.DictReader(file)]
    else:
        rows = [(path, path.name, path.parent.name) for path in sorted(corpus.rglob("*")) if path.is_file()]
    found = []
    for path, name, kind in rows:
        if kind in MUST_HAVE_NONE:
            found.append(Named(path, kind, ""))
        elif note := note_in(name, kind):
            found.append(Named(path, kind, note))
    return found


def note_in(name: str, kind: str) -> str:
    stem = name.rpartition(".")[0] if name.rpartition(".")[2].isalnum() and "." in name else name
    match = BEHIND_808.search(stem) or (None if kind in ON_PADS else WITH_OCTAVE.search(stem))
    if match is None:
        return ""
    shift = {"#": 1, "s": 1, "sharp": 1, "b": -1}.get(match[2] or "", 0)
    return NOTES[(NATURAL[match[1].upper()] + shift) % 12]


def computed() -> None:
    """The classes of which the pitch is known, because they are computed."""
    rng = np.random.default_rng(1)
    makers = {
        "computed 808": lambda: an_808(rng, glide=(1.0, 1.5), drive=1.0, seconds=(0.6, 2.0)),
        "computed 808, driven, gliding": lambda: an_808(rng, glide=(2.0, 6.0), drive=6.0, seconds=(0.8, 2.0)),
        "computed short kick": lambda: an_808(rng, glide=(2.0, 6.0), drive=2.0, seconds=(0.15, 0.35)),
        "computed snare": lambda: (a_snare(rng), ""),
        "computed hat": lambda: (a_hat(rng), ""),
    }
    for title, make in makers.items():
        outcomes: Counter[str] = Counter()
        for _ in range(COMPUTED):
            y, note = make()
            outcomes[judged(root_note.note_of(y.astype(np.float32), SR), note)] += 1
        row(title, outcomes)


def an_808(
    rng: np.random.Generator, *, glide: tuple[float, float], drive: float, seconds: tuple[float, float]
) -> tuple[np.ndarray, str]:
    """A sine that glides down to a note and fades, through a soft clipper; with a click and noise 50 dB below."""
    midi = int(rng.integers(24, 44))
    hz, length = 440 * 2 ** ((midi - 69 + rng.uniform(-0.2, 0.2)) / 12), rng.uniform(*seconds)
    t = np.arange(round(length * SR)) / SR
    pitch = hz * (1 + (rng.uniform(*glide) - 1) * np.exp(-t / rng.uniform(0.01, 0.06)))
    y = np.tanh(
        drive * np.exp(-t * rng.uniform(1.5, 3.5) / length) * np.sin(2 * np.pi * np.cumsum(pitch) / SR)
    )
    y[:200] += rng.standard_normal(200) * 0.3
    y = y + rng.standard_normal(len(t)) * 0.003
    return 0.9 * y / np.abs(y).max(), NOTES[midi % 12]


def a_snare(rng: np.random.Generator) -> np.ndarray:
    t = np.arange(round(rng.uniform(0.2, 1.0) * SR)) / SR
    body = np.sin(2 * np.pi * rng.uniform(150, 260) * t) * np.exp(-t / rng.uniform(0.02, 0.08))
    return body + rng.standard_normal(len(t)) * np.exp(-t / rng.uniform(0.05, 0.25))


def a_hat(rng: np.random.Generator) -> np.ndarray:
    t = np.arange(round(rng.uniform(0.1, 1.2) * SR)) / SR
    metal = sum(np.sign(np.sin(2 * np.pi * hz * t)) for hz in rng.uniform(200, 900, 6))
    return np.diff(metal + rng.standard_normal(len(t)), prepend=0) * np.exp(-t / rng.uniform(0.03, 0.4))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
