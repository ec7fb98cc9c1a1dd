"""The corpus as its makers published it: names of sounds and their neighbors as evidence beside the sound."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import filename_hints, neighbor_evidence
from drumwatch.analysis.model.model_file import LABEL_MATRIX
from drumwatch.context.evidence import combined, strength
from drumwatch.context.neighbors import Neighbors, NeighborSound, Place
from drumwatch.core.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.analysis.filename_hints import Hint
    from drumwatch.context.evidence import Five, LevelEvidence
    from training.corpus import Example

INSIDE = re.compile(r"(.*\.[A-Za-z0-9]{2,4})#(.+)")  # a sample of a sound font or a module: "Kit.sf2#snare 3"


@dataclass(frozen=True, slots=True)
class Published:
    """Sounds with predictions by sound, under the names that they were published by; one row a sound."""

    types: np.ndarray  # (sounds, types), by sound alone
    label: np.ndarray
    families: Sequence[str]
    places: Sequence[Place]
    hints: Sequence[Hint]

    @property
    def by_sound(self) -> np.ndarray:
        return labels_of(self.types)

    @property
    def with_name(self) -> np.ndarray:
        return labels_of(named(self.types, self.hints))

    def is_named(self, p: np.ndarray) -> np.ndarray:
        """Whether the name says the likeliest label of `p` and the sound does not contradict it: these have a risk curve of their own."""
        says = np.array([LABELS.index(hint.label) if hint.label else -1 for hint in self.hints])
        share = self.by_sound[np.arange(len(says)), says]
        return (says == p.argmax(axis=1)) & (share >= filename_hints.UNLIKELY)

    def rows(self, which: np.ndarray) -> Published:
        """These rows only, which then are neighbors only of each other."""
        at = np.flatnonzero(which) if which.dtype == bool else which
        return Published(
            self.types[at],
            self.label[at],
            [self.families[row] for row in at],
            [self.places[row] for row in at],
            [self.hints[row] for row in at],
        )


@dataclass(frozen=True, slots=True)
class InContext:
    """The same sounds after the evidence of their neighbors."""

    types: np.ndarray  # (sounds, types), before the own name
    strength: np.ndarray  # of the evidence of the neighbors

    @property
    def p(self) -> np.ndarray:
        return labels_of(self.types)


def published(types: np.ndarray, label: np.ndarray, examples: Sequence[Example]) -> Published:
    places = [place_of(example) for example in examples]
    hints = [hint_of(place) for place in places]
    return Published(types, label, [example.family for example in examples], places, hints)


def place_of(example: Example) -> Place:
    """Where a sound lay: a sample in a sound font lies in it as in a folder."""
    inside = INSIDE.fullmatch(example.original_name)
    path = PurePath(f"{inside[1]}/{inside[2]}.wav" if inside else example.original_name)
    return Place(example.pack, str(path.parent), path.name)


def hint_of(place: Place) -> Hint:
    return filename_hints.read(str(PurePath(place.folder) / place.name))


def without_names(sounds: Published) -> Published:
    """The same with names that are no evidence: each keeps its folder, and gets a number."""
    places = [replace(place, name=f"{row:05}.wav") for row, place in enumerate(sounds.places)]
    return replace(sounds, places=places, hints=[filename_hints.NO_HINT] * len(places))


def in_one_folder(sounds: Published) -> Published:
    """The same as single files of one folder, with their names."""
    return replace(sounds, places=[Place("", "Downloads", place.name) for place in sounds.places])


def labels_of(types: np.ndarray) -> np.ndarray:
    p = types.astype(float) @ LABEL_MATRIX
    return p / p.sum(axis=1, keepdims=True)


def named(types: np.ndarray, hints: Sequence[Hint]) -> np.ndarray:
    """(sounds, types): with the evidence of each name."""
    return np.array([filename_hints.fuse(row, hint) for row, hint in zip(types, hints, strict=True)])


def neighbors_of(sounds: Published, *, use_names: bool) -> Neighbors:
    """All sounds by their rows."""
    by_sound, hinted = sounds.by_sound, sounds.with_name if use_names else sounds.by_sound
    index = Neighbors()
    for row, place in enumerate(sounds.places):
        index.put(row, NeighborSound(place, five(by_sound[row]), five(hinted[row])))
    return index


def five(p: np.ndarray) -> Five:
    a, b, c, d, e = p.tolist()
    return (a, b, c, d, e)


def in_context(sounds: Published, *, use_names: bool) -> InContext:
    """Each sound judged with all others of its pack."""
    index = neighbors_of(sounds, use_names=use_names)
    return judged(sounds, [index.evidence(row) for row in range(len(sounds.places))])


def judged(sounds: Published, evidence: Sequence[Sequence[LevelEvidence]]) -> InContext:
    """Each sound with this evidence of its neighbors."""
    rows = [
        neighbor_evidence.apply(types, levels) for types, levels in zip(sounds.types, evidence, strict=True)
    ]
    return InContext(np.array(rows), np.array([strength(combined(levels)) for levels in evidence]))
