"""The stages that need PyTorch, each kept in the cache: schools, what nets say about families they did not hear, final nets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from training import learn, net, pictures, synth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from training.corpus import Example

SYNTHETIC_SOUNDS = 24_000
CORPUS_SEED, SYNTHESIS_SEED = 1, 2
SCHOOLS = (0, 1)  # seeds of the first school; out-of-fold nets come from each of them
FINAL = ((0, 0), (1, 1))  # school and seed of the nets that ship


@dataclass(frozen=True, slots=True)
class Ears:
    """What the nets make of the corpus, and the nets themselves as arrays."""

    x: np.ndarray  # hand-made features of the sounds as they are
    said: np.ndarray  # (sounds, types): mean log probability, by nets that did not hear the sound's family
    arrays: dict[str, np.ndarray]


def train(examples: Sequence[Example], weight: np.ndarray, fold: np.ndarray, cache: Path) -> Ears:
    """All of it, or what the cache does not have yet."""
    torch.set_num_threads(1)  # sums in one order: the same bytes every time
    torch.use_deterministic_algorithms(mode=True)
    material = gathered(examples, weight, cache)
    name = pictures.print_of(
        "nets", SYNTHETIC_SOUNDS, [example.id for example in examples], learn_print(), rooms=synth.ROOMS
    )
    starts = {seed: first(material, seed, cache / f"school-{name}-{seed}.pt") for seed in SCHOOLS}
    plain = np.arange(len(examples)) * (learn.COPIES + 1)
    said = np.zeros((len(examples), len(learn.TYPES)), np.float32)
    for number in np.unique(fold):
        rows, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        for seed in SCHOOLS:
            ear = second(starts[seed], material, rows, seed, cache / f"fold-{name}-{number}-{seed}.pt")
            said[held] += log_of(learn.judged(ear, material.real, plain[held], material.scale)[0]) / len(
                SCHOOLS
            )
    everything = np.arange(len(examples))
    finals = [
        second(starts[school], material, everything, seed, cache / f"final-{name}-{seed}.pt")
        for school, seed in FINAL
    ]
    scale = material.scale
    arrays = {
        f"net{number}_{key}": array
        for number, ear in enumerate(finals)
        for key, array in net.laid_out(ear, scale.mean, scale.size).items()
    }
    return Ears(material.real.heard.x[plain], said, arrays)


def gathered(examples: Sequence[Example], weight: np.ndarray, cache: Path) -> learn.Material:
    """Corpus and synthesis as pictures and features."""
    ids = [example.id for example in examples]
    corpus_name = pictures.print_of("corpus", ids, learn.COPIES, CORPUS_SEED)
    synthesis_name = pictures.print_of("synthesis", SYNTHETIC_SOUNDS, SYNTHESIS_SEED, rooms=synth.ROOMS)
    sounds = pictures.of_corpus(examples, learn.COPIES, CORPUS_SEED)
    heard = pictures.heard(sounds, cache / f"corpus-{corpus_name}.npz")
    made = pictures.heard(
        pictures.of_synthesis(SYNTHETIC_SOUNDS, SYNTHESIS_SEED), cache / f"synthesis-{synthesis_name}.npz"
    )
    group = np.array([example.group for example in examples])
    real = learn.Bank(heard, np.repeat(group, learn.COPIES + 1), np.repeat(weight, learn.COPIES + 1))
    synthetic = learn.Bank(made, made.source, np.full(len(made.source), learn.SYNTHETIC_WEIGHT))
    return learn.Material(real, synthetic, learn.scale_of(heard.x[:: learn.COPIES + 1]))


def first(material: learn.Material, seed: int, kept: Path) -> dict[str, torch.Tensor]:
    if not kept.exists():
        torch.save(dict(learn.first_school(material, seed)), kept)
    return torch.load(kept, weights_only=True)


def second(
    start: dict[str, torch.Tensor], material: learn.Material, rows: np.ndarray, seed: int, kept: Path
) -> net.Ear:
    if not kept.exists():
        torch.save(learn.second_school(start, material, rows, seed).state_dict(), kept)
    ear = net.Ear()
    ear.load_state_dict(torch.load(kept, weights_only=True))
    return ear.eval()


def log_of(p: np.ndarray) -> np.ndarray:
    return np.log(p + 1e-3)


def learn_print() -> str:
    """Changes with the settings and code of the schools."""
    return pictures.code_of(learn, net)
