"""The stages that need PyTorch, each kept in the cache: schools, what nets say about families they did not hear, final nets."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from training import net, synth, train_net, training_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from training.corpus import Example

SYNTHETIC_SOUNDS = 24_000
CORPUS_SEED, SYNTHESIS_SEED = 1, 2
SEEDS = (0, 1)  # each is a first school, nets that leave out a fold each, and a net that ships


@dataclass(frozen=True, slots=True)
class Ears:
    """What the nets make of the corpus, and the nets themselves as arrays."""

    x: np.ndarray  # hand-made features of the sounds as they are
    said: np.ndarray  # (sounds, types): mean log probability, by nets that did not hear the sound's family
    arrays: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be learned and where what was learned is kept: all that a process needs to go on."""

    examples: Sequence[Example]
    weight: np.ndarray
    fold: np.ndarray
    cache: Path

    @property
    def name(self) -> str:
        """Changes with the settings and code of the schools, and with what they hear."""
        ids = [example.id for example, weight in zip(self.examples, self.weight, strict=True) if weight]
        code = training_inputs.code_of(train_net, net)
        return training_inputs.print_of("nets", SYNTHETIC_SOUNDS, ids, code, rooms=synth.ROOMS)

    def held_out(self, material: train_net.Material, number: int, seed: int) -> net.Ear:
        """A net that has not heard this fold."""
        rows = np.flatnonzero((self.fold != number) & (self.weight > 0))
        return self._second(material, rows, seed, f"fold-{self.name}-{number}-{seed}.npz")

    def final(self, material: train_net.Material, seed: int) -> net.Ear:
        """A net that ships: it has heard everything."""
        rows = np.flatnonzero(self.weight > 0)
        return self._second(material, rows, seed, f"final-{self.name}-{seed}.npz")

    def _second(self, material: train_net.Material, rows: np.ndarray, seed: int, kept: str) -> net.Ear:
        if not (self.cache / kept).exists():
            ear = train_net.second_school(self._first(material, seed), material, rows, seed)
            store(ear.state_dict(), self.cache / kept)
        ear = net.Ear()
        ear.load_state_dict(stored(self.cache / kept))
        return ear.eval()

    def _first(self, material: train_net.Material, seed: int) -> Mapping[str, torch.Tensor]:
        kept = self.cache / f"school-{self.name}-{seed}.npz"
        if not kept.exists():
            store(train_net.first_school(material, seed), kept)
        return stored(kept)


def train(examples: Sequence[Example], weight: np.ndarray, fold: np.ndarray, cache: Path) -> Ears:
    """All of it, or what the cache does not have yet; each seed in a process of its own."""
    sum_in_one_order()
    course = Course(examples, weight, fold, cache)
    material = gathered(course)
    with ProcessPoolExecutor(len(SEEDS), multiprocessing.get_context("spawn")) as pool:
        list(pool.map(functools.partial(go_through, course), SEEDS))
    plain = np.arange(len(examples)) * (train_net.COPIES + 1)
    said = np.zeros((len(examples), len(train_net.TYPES)), np.float32)
    for number, seed in itertools.product(np.unique(fold), SEEDS):
        held = np.flatnonzero(fold == number)
        ear = course.held_out(material, number, seed)
        said[held] += log_of(train_net.judged(ear, material.real, plain[held], material.scale)[0]) / len(
            SEEDS
        )
    scale = material.scale
    arrays = {
        f"net{number}_{key}": array
        for number, seed in enumerate(SEEDS)
        for key, array in net.laid_out(course.final(material, seed), scale.mean, scale.size).items()
    }
    return Ears(material.real.heard.x[plain], said, arrays)


def go_through(course: Course, seed: int) -> None:
    """Everything that begins with this seed, into the cache."""
    sum_in_one_order()
    material = gathered(course)
    for number in np.unique(course.fold):
        course.held_out(material, number, seed)
    course.final(material, seed)


def sum_in_one_order() -> None:
    """The same bytes every time."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)


def gathered(course: Course) -> train_net.Material:
    """Corpus and synthesis as pictures and features."""
    examples, weight, cache = course.examples, course.weight, course.cache
    ids = [example.id for example in examples]
    corpus_name = training_inputs.print_of("corpus", ids, train_net.COPIES, CORPUS_SEED)
    synthesis_name = training_inputs.print_of(
        "synthesis", SYNTHETIC_SOUNDS, SYNTHESIS_SEED, rooms=synth.ROOMS
    )
    heard = training_inputs.heard(
        functools.partial(
            training_inputs.of_example, examples=examples, copies=train_net.COPIES, seed=CORPUS_SEED
        ),
        len(examples),
        cache / f"corpus-{corpus_name}.npz",
    )
    made = training_inputs.heard(
        functools.partial(training_inputs.of_synthesis, seed=SYNTHESIS_SEED),
        SYNTHETIC_SOUNDS,
        cache / f"synthesis-{synthesis_name}.npz",
    )
    group = np.array([example.group for example in examples])
    real = train_net.Bank(
        heard, np.repeat(group, train_net.COPIES + 1), np.repeat(weight, train_net.COPIES + 1)
    )
    synthetic = train_net.Bank(made, made.source, np.full(len(made.source), train_net.SYNTHETIC_WEIGHT))
    return train_net.Material(real, synthetic, train_net.scale_of(heard.x[:: train_net.COPIES + 1]))


def store(weights: Mapping[str, torch.Tensor], kept: Path) -> None:
    training_inputs.keep(kept, {name: weight.numpy() for name, weight in weights.items()})


def stored(kept: Path) -> dict[str, torch.Tensor]:
    with np.load(kept, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays}


def log_of(p: np.ndarray) -> np.ndarray:
    return np.log(p + 1e-3)
