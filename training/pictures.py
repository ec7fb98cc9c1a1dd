"""Everything that the net and the trees learn from, computed once: clean, changed, and synthetic sounds as numbers."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing import decode, features, spectrum, views
from training import chains, synth
from training.synth.blocks import SR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import ModuleType

    from training.corpus import Example


@dataclass(frozen=True, slots=True)
class Heard:
    """One row per sound: mel picture, hand-made features, and which example or type it comes from."""

    picture: np.ndarray  # (n, bands, frames) float16
    lines: np.ndarray  # (n, spans, lines) float16
    onset: np.ndarray  # (n, 2, blocks) float16
    x: np.ndarray  # (n, features) float32
    source: np.ndarray  # (n,) row of the corpus, or type of the synthetic sound


def of_corpus(examples: Sequence[Example], copies: int, seed: int) -> Iterable[tuple[np.ndarray, int, int]]:
    """Each sound once as it is, then `copies` times through a chain."""
    for row, example in enumerate(examples):
        sound = decode.read(example.path)
        yield sound.y, sound.sr, row
        for copy in range(copies):
            yield *chains.changed(sound.y, sound.sr, np.random.default_rng((seed, row, copy))), row


def of_synthesis(count: int, seed: int) -> Iterable[tuple[np.ndarray, int, int]]:
    """Computed sounds, most of them through a chain as well."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        kind, y = synth.draw(rng)
        yield *(chains.changed(y, SR, rng) if rng.random() < 0.7 else (y, SR)), kind


def heard(sounds: Iterable[tuple[np.ndarray, int, int]], kept: Path) -> Heard:
    """Pictures and features of these sounds, from the cache where they are there."""
    if not kept.exists():
        rows = [numbers(y, sr, source) for y, sr, source in sounds]
        columns = (np.array(column) for column in zip(*rows, strict=True))
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **dict(zip(Heard.__slots__, columns, strict=True)))
    with np.load(kept, allow_pickle=False) as arrays:
        return Heard(**{name: arrays[name] for name in Heard.__slots__})


def numbers(y: np.ndarray, sr: int, source: int) -> tuple[np.ndarray | int, ...]:
    found = spectrum.analyse(y.astype(np.float32), sr)
    seen = views.views_of(found)
    small = (view.astype(np.float16) for view in (seen.picture, seen.lines, seen.onset))
    return *small, features.extract(found, seen.lines), source


def print_of(*parts: object, rooms: Sequence[ModuleType] = ()) -> str:
    """A short name for a stage of the cache: changes with what is asked for, and with the code of the ear, the chains and `rooms`."""
    code = code_of(features, spectrum, views, chains, *rooms)
    return hashlib.sha256(repr((parts, code)).encode()).hexdigest()[:12]


def code_of(*modules: ModuleType) -> str:
    """Changes with what these modules do; comments and line breaks are free."""
    trees = []
    for module in modules:
        with open(str(module.__file__), "rb") as file:
            trees.append(ast.dump(ast.parse(file.read())))
    return hashlib.sha256("".join(trees).encode()).hexdigest()[:12]
