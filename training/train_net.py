"""Trains a net: first on synthetic sounds alone, then on the corpus and synthetic sounds. Seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from drumwatch.analysis.model.model_file import LABEL_MATRIX, TYPES
from training import corpus
from training.net import TorchNet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.random import Generator
    from torch import Tensor

    from training.training_inputs import TrainingInputs

COPIES = 24  # augmented copies of each sound of the corpus, beside the sound itself
REAL, SYNTHETIC = 48, 32  # sounds in a batch
SYNTHETIC_WEIGHT = 0.5
FIRST_EPOCHS, EPOCHS = 14, 40
RATE, FINE_RATE, DECAY = 2e-3, 1.2e-3, 0.03
SMOOTHING = 0.05

LABELS_OF_TYPES = torch.tensor(LABEL_MATRIX)
TYPES_OF_GROUPS = torch.tensor((corpus.group_types() > 0).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Batch:
    """Net inputs, features, and for each sound the types that it may be."""

    inputs: tuple[Tensor, ...]
    types: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class SoundSet:
    """Sounds to draw from: their inputs, the group of each, and its weight."""

    inputs: TrainingInputs
    group: np.ndarray
    weight: np.ndarray

    def batch(self, rows: np.ndarray, scale: Scale) -> Batch:
        inputs = self.inputs
        views = (
            torch.from_numpy(view[rows]).float() for view in (inputs.picture, inputs.lines, inputs.onset)
        )
        x = torch.from_numpy(scale(inputs.x[rows])).float()
        return Batch(
            (*views, x), TYPES_OF_GROUPS[self.group[rows]], torch.from_numpy(self.weight[rows]).float()
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Standardises the features; outliers are clipped."""

    mean: np.ndarray
    size: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.clip((x - self.mean) / self.size, -5, 5)


def scale_of(x: np.ndarray) -> Scale:
    return Scale(x.mean(axis=0).astype(np.float32), (x.std(axis=0) + 1e-3).astype(np.float32))


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All sounds to train on, and how their features are standardised."""

    real: SoundSet
    synthetic: SoundSet
    scale: Scale


def pretrain(data: TrainingData, seed: int) -> Mapping[str, Tensor]:
    """The weights of a net trained on synthetic sounds only, so that no pack of the corpus dominates from the start."""
    torch.manual_seed(seed)
    net = TorchNet()
    rng = np.random.default_rng((seed, 1))
    size, everything = REAL + SYNTHETIC, np.arange(len(data.synthetic.group))
    rows = shuffled(everything, size, FIRST_EPOCHS, rng)
    batches = (data.synthetic.batch(some, data.scale) for some in rows)
    optimize(net, batches, FIRST_EPOCHS * (len(everything) // size), RATE, rng)
    return net.state_dict()


def fine_tune(start: Mapping[str, Tensor], data: TrainingData, rows: np.ndarray, seed: int) -> TorchNet:
    """The net trained further on `rows` of the corpus, mixed with synthetic sounds so that it still knows these."""
    torch.manual_seed(seed)
    net = TorchNet()
    net.load_state_dict(dict(start))
    rng = np.random.default_rng((seed, 2))
    optimize(net, mixed_batches(data, rows, rng), EPOCHS * (len(rows) // REAL), FINE_RATE, rng)
    return net.eval()


def mixed_batches(data: TrainingData, rows: np.ndarray, rng: Generator) -> Iterator[Batch]:
    for sounds in shuffled(rows, REAL, EPOCHS, rng):
        copy = np.where(rng.random(len(sounds)) < 0.25, 0, rng.integers(1, COPIES + 1, len(sounds)))
        own = data.real.batch(sounds * (COPIES + 1) + copy, data.scale)
        others = rng.integers(0, len(data.synthetic.group), SYNTHETIC)
        made = data.synthetic.batch(others, data.scale)
        yield Batch(
            tuple(torch.cat(pair) for pair in zip(own.inputs, made.inputs, strict=True)),
            torch.cat([own.types, made.types]),
            torch.cat([own.weight, made.weight]),
        )


def shuffled(rows: np.ndarray, size: int, epochs: int, rng: Generator) -> Iterator[np.ndarray]:
    for _ in range(epochs):
        order = rng.permutation(rows)
        for at in range(0, len(order) - size + 1, size):
            yield order[at : at + size]


def optimize(net: TorchNet, batches: Iterator[Batch], steps: int, rate: float, rng: Generator) -> None:
    """One run of gradient descent, the rate rising and falling once."""
    net.train()
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.15)
    for batch in batches:
        inputs = (augmented(batch.inputs[0], rng), *batch.inputs[1:])
        keep, partner = blend(len(batch.weight), rng)
        mixed = [keep * view + (1 - keep) * view[partner] for view in inputs]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(*mixed)
        loss = keep * cross_entropy(logits.float(), batch.types) + (1 - keep) * cross_entropy(
            logits.float(), batch.types[partner]
        )
        optimiser.zero_grad()
        (loss * batch.weight).mean().backward()
        optimiser.step()
        schedule.step()


def blend(count: int, rng: Generator) -> tuple[float, Tensor]:
    """Mixup: how much of each sound stays, and which other one comes in."""
    share = float(rng.beta(0.5, 0.5)) if rng.random() < 0.7 else 1.0
    return max(share, 1 - share), torch.from_numpy(rng.permutation(count))


def cross_entropy(logits: Tensor, types: Tensor) -> Tensor:
    """Half the loss of the type, where any of several may be right, and half that of the label, with label smoothing."""
    log_p = functional.log_softmax(logits, 1)
    of_type = -torch.logsumexp(log_p + torch.log(types + 1e-9), 1)
    log_labels = torch.log(log_p.exp() @ LABELS_OF_TYPES + 1e-7)
    label = (types @ LABELS_OF_TYPES).argmax(1, keepdim=True)
    of_label = (SMOOTHING - 1) * log_labels.gather(1, label)[:, 0] - SMOOTHING * log_labels.mean(1)
    return 0.5 * of_type + 0.5 * of_label


def augmented(picture: Tensor, rng: Generator) -> Tensor:
    """Bands and frames cut out, the noise floor raised, everything shifted a little in pitch and time."""
    count, bands, frames = picture.shape
    up = torch.from_numpy(rng.integers(-2, 3, count) * (rng.random(count) < 0.3))
    late = torch.from_numpy(rng.integers(0, 4, count) * (rng.random(count) < 0.25))
    at_band = (torch.arange(bands)[None] - up[:, None]).clamp(0, bands - 1)
    at_frame = torch.arange(frames)[None] - late[:, None]
    moved = picture.gather(1, at_band[:, :, None].expand_as(picture))
    moved = moved.gather(2, at_frame.clamp(0)[:, None].expand_as(picture)) * (at_frame >= 0)[:, None]
    floor = torch.from_numpy(rng.uniform(0, 0.35, count) * (rng.random(count) < 0.25)).float()
    moved = torch.maximum(moved, floor[:, None, None])
    moved = moved * ~cutout(count, bands, 0.3, 0, rng)[:, :, None]
    return moved * ~cutout(count, frames, 0.2, 4, rng)[:, None, :]


def cutout(count: int, length: int, share: float, first: int, rng: Generator) -> Tensor:
    """(count, length): true at up to eleven neighbouring places, in a share of the sounds."""
    start = rng.integers(first, length, count)
    stop = start + rng.integers(2, 12, count) * (rng.random(count) < share)
    place = np.arange(length)
    return torch.from_numpy((place >= start[:, None]) & (place < stop[:, None]))


@torch.no_grad()
def predict(net: TorchNet, sounds: SoundSet, rows: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each of TYPES, and the embedding, for these rows."""
    p, embedded = np.zeros((len(rows), len(TYPES)), np.float32), []
    for at in range(0, len(rows), 256):
        part = rows[at : at + 256]
        embedding = net.embed(*sounds.batch(part, scale).inputs)
        p[at : at + len(part)] = functional.softmax(net.head(embedding), 1).numpy()
        embedded.append(embedding.numpy())
    return p, np.concatenate(embedded)
