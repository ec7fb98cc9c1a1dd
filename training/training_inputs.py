"""Everything that the net and the trees learn from, computed once: clean, changed, and synthetic sounds as numbers."""

from __future__ import annotations

import ast
import functools
import hashlib
import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import decode, features, net_inputs, spectrum
from training import augment, synth
from training.synth.building_blocks import SR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from training.corpus import Example

    Made = tuple[np.ndarray, int, int]  # y, sr, and which example or group it comes from


@dataclass(frozen=True, slots=True)
class Heard:
    """One row per sound: mel picture, hand-made features, and which example or type it comes from."""

    picture: np.ndarray  # (n, bands, frames) float16
    lines: np.ndarray  # (n, spans, lines) float16
    onset: np.ndarray  # (n, 2, blocks) float16
    x: np.ndarray  # (n, features) float32
    source: np.ndarray  # (n,) row of the corpus, or type of the synthetic sound


def of_example(row: int, examples: Sequence[Example], copies: int, seed: int) -> Iterator[Made]:
    """A sound of the corpus once as it is, then `copies` times through a chain."""
    sound = decode.read(examples[row].path)
    yield sound.y, sound.sr, row
    for copy in range(copies):
        yield *augment.changed(sound.y, sound.sr, np.random.default_rng((seed, row, copy))), row


def of_synthesis(number: int, seed: int) -> Iterator[Made]:
    """A computed sound, mostly through a chain as well."""
    rng = np.random.default_rng((seed, number))
    kind, y = synth.draw(rng)
    yield *(augment.changed(y, SR, rng) if rng.random() < 0.7 else (y, SR)), kind


def heard(make: Callable[[int], Iterator[Made]], count: int, kept: Path) -> Heard:
    """Pictures and features of what is made of each number below `count`, from the cache where they are there."""
    if not kept.exists():
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            parts = pool.map(functools.partial(rows_of, make), range(count), chunksize=32)
            columns = (np.array(column) for column in zip(*itertools.chain.from_iterable(parts), strict=True))
            keep(kept, dict(zip(Heard.__slots__, columns, strict=True)))
    with np.load(kept, allow_pickle=False) as arrays:
        return Heard(**{name: arrays[name] for name in Heard.__slots__})


def keep(kept: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Into the cache, whole or not at all."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(kept)


def rows_of(make: Callable[[int], Iterator[Made]], number: int) -> list[tuple[np.ndarray | int, ...]]:
    return [numbers(*made) for made in make(number)]


def numbers(y: np.ndarray, sr: int, source: int) -> tuple[np.ndarray | int, ...]:
    found = spectrum.analyse(y.astype(np.float32), sr)
    seen = net_inputs.net_inputs_of(found)
    small = (view.astype(np.float16) for view in (seen.log_mel, seen.lines, seen.onset))
    return *small, features.extract(found, seen.lines), source


def print_of(*parts: object, rooms: Sequence[ModuleType] = ()) -> str:
    """A short name for a stage of the cache: changes with what is asked for, and with the code of the ear, the chains and `rooms`."""
    code = code_of(features, spectrum, net_inputs, augment, *rooms)
    return hashlib.sha256(repr((parts, code)).encode()).hexdigest()[:12]


def code_of(*modules: ModuleType) -> str:
    """Changes with what these modules do; comments and line breaks are free."""
    trees = []
    for module in modules:
        with open(str(module.__file__), "rb") as file:
            trees.append(ast.dump(ast.parse(file.read())))
    return hashlib.sha256("".join(trees).encode()).hexdigest()[:12]
