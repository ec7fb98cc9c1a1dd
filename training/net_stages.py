"""The stages that need PyTorch, each cached: pre-training, predictions for held-out families, final nets."""

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
SEEDS = (0, 1)  # each: a pre-trained net, nets that leave out a fold each, and a net that ships


@dataclass(frozen=True, slots=True)
class NetResults:
    """Predictions of the nets for the corpus, and the nets themselves as arrays."""

    x: np.ndarray  # features of the sounds without augmentation
    log_p: (
        np.ndarray
    )  # (sounds, types): mean log-probability, by nets that were trained without the sound's family
    arrays: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What to train on and where results are cached: all that a process needs."""

    examples: Sequence[Example]
    weight: np.ndarray
    fold: np.ndarray
    cache: Path

    @property
    def name(self) -> str:
        """Changes with the settings and code of the training, and with its sounds."""
        ids = [example.id for example, weight in zip(self.examples, self.weight, strict=True) if weight]
        code = training_inputs.code_of(train_net, net)
        return training_inputs.cache_key("nets", SYNTHETIC_SOUNDS, ids, code, modules=synth.MODULES)

    def held_out(self, data: train_net.TrainingData, number: int, seed: int) -> net.TorchNet:
        """A net that was trained without this fold."""
        rows = np.flatnonzero((self.fold != number) & (self.weight > 0))
        return self._fine_tuned(data, rows, seed, f"fold-{self.name}-{number}-{seed}.npz")

    def final(self, data: train_net.TrainingData, seed: int) -> net.TorchNet:
        """A net that ships: it was trained on everything."""
        rows = np.flatnonzero(self.weight > 0)
        return self._fine_tuned(data, rows, seed, f"final-{self.name}-{seed}.npz")

    def _fine_tuned(
        self, data: train_net.TrainingData, rows: np.ndarray, seed: int, file: str
    ) -> net.TorchNet:
        if not (self.cache / file).exists():
            trained = train_net.fine_tune(self._pretrained(data, seed), data, rows, seed)
            save(trained.state_dict(), self.cache / file)
        trained = net.TorchNet()
        trained.load_state_dict(load(self.cache / file))
        return trained.eval()

    def _pretrained(self, data: train_net.TrainingData, seed: int) -> Mapping[str, torch.Tensor]:
        file = self.cache / f"pretrained-{self.name}-{seed}.npz"
        if not file.exists():
            save(train_net.pretrain(data, seed), file)
        return load(file)


def train(examples: Sequence[Example], weight: np.ndarray, fold: np.ndarray, cache: Path) -> NetResults:
    """All of it, or what the cache does not have yet; each seed in a process of its own."""
    use_one_thread()
    run = TrainingRun(examples, weight, fold, cache)
    data = training_data(run)
    with ProcessPoolExecutor(len(SEEDS), multiprocessing.get_context("spawn")) as pool:
        list(pool.map(functools.partial(train_seed, run), SEEDS))
    plain = np.arange(len(examples)) * (train_net.COPIES + 1)
    log_p = np.zeros((len(examples), len(train_net.TYPES)), np.float32)
    for number, seed in itertools.product(np.unique(fold), SEEDS):
        held = np.flatnonzero(fold == number)
        trained = run.held_out(data, number, seed)
        log_p[held] += log_of(train_net.predict(trained, data.real, plain[held], data.scale)[0]) / len(SEEDS)
    scale = data.scale
    arrays = {
        f"net{number}_{key}": array
        for number, seed in enumerate(SEEDS)
        for key, array in net.to_arrays(run.final(data, seed), scale.mean, scale.size).items()
    }
    return NetResults(data.real.inputs.x[plain], log_p, arrays)


def train_seed(run: TrainingRun, seed: int) -> None:
    """Everything that begins with this seed, into the cache."""
    use_one_thread()
    data = training_data(run)
    for number in np.unique(run.fold):
        run.held_out(data, number, seed)
    run.final(data, seed)


def use_one_thread() -> None:
    """Sums in one order give the same bytes every time."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)


def training_data(run: TrainingRun) -> train_net.TrainingData:
    """Corpus and synthetic sounds as net inputs and features."""
    examples, weight, cache = run.examples, run.weight, run.cache
    ids = [example.id for example in examples]
    corpus_name = training_inputs.cache_key("corpus", ids, train_net.COPIES, CORPUS_SEED)
    synthesis_name = training_inputs.cache_key(
        "synthesis", SYNTHETIC_SOUNDS, SYNTHESIS_SEED, modules=synth.MODULES
    )
    inputs = training_inputs.cached_inputs(
        functools.partial(
            training_inputs.of_example, examples=examples, copies=train_net.COPIES, seed=CORPUS_SEED
        ),
        len(examples),
        cache / f"corpus-{corpus_name}.npz",
    )
    synthetic_inputs = training_inputs.cached_inputs(
        functools.partial(training_inputs.of_synthesis, seed=SYNTHESIS_SEED),
        SYNTHETIC_SOUNDS,
        cache / f"synthesis-{synthesis_name}.npz",
    )
    group = np.array([example.group for example in examples])
    real = train_net.SoundSet(
        inputs, np.repeat(group, train_net.COPIES + 1), np.repeat(weight, train_net.COPIES + 1)
    )
    synthetic = train_net.SoundSet(
        synthetic_inputs,
        synthetic_inputs.source,
        np.full(len(synthetic_inputs.source), train_net.SYNTHETIC_WEIGHT),
    )
    return train_net.TrainingData(real, synthetic, train_net.scale_of(inputs.x[:: train_net.COPIES + 1]))


def save(weights: Mapping[str, torch.Tensor], file: Path) -> None:
    training_inputs.keep(file, {name: weight.numpy() for name, weight in weights.items()})


def load(file: Path) -> dict[str, torch.Tensor]:
    with np.load(file, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays}


def log_of(p: np.ndarray) -> np.ndarray:
    return np.log(p + 1e-3)
