"""The inputs of the training, computed once: plain, augmented and synthetic sounds as net inputs and features."""

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

    MadeSound = tuple[np.ndarray, int, int]  # y, sr, and which example or group it comes from


@dataclass(frozen=True, slots=True)
class TrainingInputs:
    """One row per sound: net inputs, features, and which example or type it comes from."""

    picture: np.ndarray  # (n, bands, frames) float16
    lines: np.ndarray  # (n, spans, lines) float16
    onset: np.ndarray  # (n, 2, blocks) float16
    x: np.ndarray  # (n, features) float32
    source: np.ndarray  # (n,) row of the corpus, or type of the synthetic sound


def of_example(row: int, examples: Sequence[Example], copies: int, seed: int) -> Iterator[MadeSound]:
    """A sound of the corpus once as it is, then `copies` augmented copies."""
    sound = decode.read(examples[row].path)
    yield sound.y, sound.sr, row
    for copy in range(copies):
        yield *augment.augmented(sound.y, sound.sr, np.random.default_rng((seed, row, copy))), row


def of_synthesis(number: int, seed: int) -> Iterator[MadeSound]:
    """A synthetic sound, mostly augmented as well."""
    rng = np.random.default_rng((seed, number))
    kind, y = synth.draw(rng)
    yield *(augment.augmented(y, SR, rng) if rng.random() < 0.7 else (y, SR)), kind


def cached_inputs(make: Callable[[int], Iterator[MadeSound]], count: int, file: Path) -> TrainingInputs:
    """Inputs of the sounds that `make` gives for each number below `count`; from the cache if they are there."""
    if not file.exists():
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            parts = pool.map(functools.partial(rows_of, make), range(count), chunksize=32)
            columns = (np.array(column) for column in zip(*itertools.chain.from_iterable(parts), strict=True))
            keep(file, dict(zip(TrainingInputs.__slots__, columns, strict=True)))
    with np.load(file, allow_pickle=False) as arrays:
        return TrainingInputs(**{name: arrays[name] for name in TrainingInputs.__slots__})


def keep(file: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Into the cache, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part.npz")
    np.savez(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(file)


def rows_of(make: Callable[[int], Iterator[MadeSound]], number: int) -> list[tuple[np.ndarray | int, ...]]:
    return [row_of(*made) for made in make(number)]


def row_of(y: np.ndarray, sr: int, source: int) -> tuple[np.ndarray | int, ...]:
    found = spectrum.analyse(y.astype(np.float32), sr)
    views = net_inputs.net_inputs_of(found)
    small = (view.astype(np.float16) for view in (views.log_mel, views.lines, views.onset))
    return *small, features.extract(found, views.lines), source


def cache_key(*parts: object, modules: Sequence[ModuleType] = ()) -> str:
    """A short key for a stage of the cache: changes with the arguments and with the code of features, augmentation and `modules`."""
    code = code_of(features, spectrum, net_inputs, augment, *modules)
    return hashlib.sha256(repr((parts, code)).encode()).hexdigest()[:12]


def code_of(*modules: ModuleType) -> str:
    """A hash of the code of these modules, without comments and line breaks."""
    trees = []
    for module in modules:
        with open(str(module.__file__), "rb") as file:
            trees.append(ast.dump(ast.parse(file.read())))
    return hashlib.sha256("".join(trees).encode()).hexdigest()[:12]
