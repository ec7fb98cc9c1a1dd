"""How a net learns: first from synthetic sounds alone, then from the corpus and synthesis side by side. Seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from drumwatch.analysis.model.model_file import LABEL_MATRIX, TYPES
from training import corpus
from training.net import Ear

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.random import Generator
    from torch import Tensor

    from training.training_inputs import Heard

COPIES = 24  # changed copies of each sound of the corpus, beside the sound itself
REAL, SYNTHETIC = 48, 32  # sounds in a batch
SYNTHETIC_WEIGHT = 0.5
FIRST_EPOCHS, EPOCHS = 14, 56
RATE, FINE_RATE, DECAY = 2e-3, 1.2e-3, 0.03
SMOOTHING = 0.05

LABELS_OF_TYPES = torch.tensor(LABEL_MATRIX)
TYPES_OF_GROUPS = torch.tensor((corpus.group_types() > 0).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Batch:
    """Views, features, and for each sound the types that it may be."""

    inputs: tuple[Tensor, ...]
    types: Tensor
    weight: Tensor


@dataclass(frozen=True, slots=True)
class Bank:
    """Sounds to draw from: as they were heard, which group each belongs to, how much it counts."""

    heard: Heard
    group: np.ndarray
    weight: np.ndarray

    def batch(self, rows: np.ndarray, scale: Scale) -> Batch:
        heard = self.heard
        views = (torch.from_numpy(view[rows]).float() for view in (heard.picture, heard.lines, heard.onset))
        x = torch.from_numpy(scale(heard.x[rows])).float()
        return Batch(
            (*views, x), TYPES_OF_GROUPS[self.group[rows]], torch.from_numpy(self.weight[rows]).float()
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Brings the hand-made features to one size; far outliers are pulled in."""

    mean: np.ndarray
    size: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.clip((x - self.mean) / self.size, -5, 5)


def scale_of(x: np.ndarray) -> Scale:
    return Scale(x.mean(axis=0).astype(np.float32), (x.std(axis=0) + 1e-3).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from, and how its features are brought to one size."""

    real: Bank
    synthetic: Bank
    scale: Scale


def first_school(material: Material, seed: int) -> Mapping[str, Tensor]:
    """A net that has heard only synthesis: it knows what kinds of sound there are before a pack can mislead it."""
    torch.manual_seed(seed)
    ear = Ear()
    rng = np.random.default_rng((seed, 1))
    size, everything = REAL + SYNTHETIC, np.arange(len(material.synthetic.group))
    rows = shuffled(everything, size, FIRST_EPOCHS, rng)
    batches = (material.synthetic.batch(some, material.scale) for some in rows)
    teach(ear, batches, FIRST_EPOCHS * (len(everything) // size), RATE, rng)
    return ear.state_dict()


def second_school(start: Mapping[str, Tensor], material: Material, rows: np.ndarray, seed: int) -> Ear:
    """The net goes on with the corpus's `rows`, and with synthesis beside them so that it keeps its breadth."""
    torch.manual_seed(seed)
    ear = Ear()
    ear.load_state_dict(dict(start))
    rng = np.random.default_rng((seed, 2))
    teach(ear, mixed_batches(material, rows, rng), EPOCHS * (len(rows) // REAL), FINE_RATE, rng)
    return ear.eval()


def mixed_batches(material: Material, rows: np.ndarray, rng: Generator) -> Iterator[Batch]:
    for sounds in shuffled(rows, REAL, EPOCHS, rng):
        copy = np.where(rng.random(len(sounds)) < 0.25, 0, rng.integers(1, COPIES + 1, len(sounds)))
        own = material.real.batch(sounds * (COPIES + 1) + copy, material.scale)
        others = rng.integers(0, len(material.synthetic.group), SYNTHETIC)
        made = material.synthetic.batch(others, material.scale)
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


def teach(ear: Ear, batches: Iterator[Batch], steps: int, rate: float, rng: Generator) -> None:
    """One run of gradient descent, the rate rising and falling once."""
    ear.train()
    optimiser = torch.optim.AdamW(ear.parameters(), lr=rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.15)
    for batch in batches:
        inputs = (disturbed(batch.inputs[0], rng), *batch.inputs[1:])
        keep, partner = blend(len(batch.weight), rng)
        mixed = [keep * view + (1 - keep) * view[partner] for view in inputs]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = ear(*mixed)
        loss = keep * surprise(logits.float(), batch.types) + (1 - keep) * surprise(
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


def surprise(logits: Tensor, types: Tensor) -> Tensor:
    """Half for the type, where any of several may be right, and half for the label, a little smoothed."""
    log_p = functional.log_softmax(logits, 1)
    of_type = -torch.logsumexp(log_p + torch.log(types + 1e-9), 1)
    log_labels = torch.log(log_p.exp() @ LABELS_OF_TYPES + 1e-7)
    label = (types @ LABELS_OF_TYPES).argmax(1, keepdim=True)
    of_label = (SMOOTHING - 1) * log_labels.gather(1, label)[:, 0] - SMOOTHING * log_labels.mean(1)
    return 0.5 * of_type + 0.5 * of_label


def disturbed(picture: Tensor, rng: Generator) -> Tensor:
    """Bands and moments blotted out, the floor raised, everything a little higher, lower or later."""
    count, bands, frames = picture.shape
    up = torch.from_numpy(rng.integers(-2, 3, count) * (rng.random(count) < 0.3))
    late = torch.from_numpy(rng.integers(0, 4, count) * (rng.random(count) < 0.25))
    at_band = (torch.arange(bands)[None] - up[:, None]).clamp(0, bands - 1)
    at_frame = torch.arange(frames)[None] - late[:, None]
    moved = picture.gather(1, at_band[:, :, None].expand_as(picture))
    moved = moved.gather(2, at_frame.clamp(0)[:, None].expand_as(picture)) * (at_frame >= 0)[:, None]
    floor = torch.from_numpy(rng.uniform(0, 0.35, count) * (rng.random(count) < 0.25)).float()
    moved = torch.maximum(moved, floor[:, None, None])
    moved = moved * ~blot(count, bands, 0.3, 0, rng)[:, :, None]
    return moved * ~blot(count, frames, 0.2, 4, rng)[:, None, :]


def blot(count: int, length: int, likely: float, first: int, rng: Generator) -> Tensor:
    """(count, length): up to eleven places in a row, in some of the sounds."""
    start = rng.integers(first, length, count)
    stop = start + rng.integers(2, 12, count) * (rng.random(count) < likely)
    place = np.arange(length)
    return torch.from_numpy((place >= start[:, None]) & (place < stop[:, None]))


@torch.no_grad()
def judged(ear: Ear, bank: Bank, rows: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each of TYPES, and the embedding, for these rows."""
    said, embedded = np.zeros((len(rows), len(TYPES)), np.float32), []
    for at in range(0, len(rows), 256):
        part = rows[at : at + 256]
        embedding = ear.embed(*bank.batch(part, scale).inputs)
        said[at : at + len(part)] = functional.softmax(ear.head(embedding), 1).numpy()
        embedded.append(embedding.numpy())
    return said, np.concatenate(embedded)
