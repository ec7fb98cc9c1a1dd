"""Whether the sounds of a kit go together: are they nearer to each other than random ones, and do they come from one pack?

    python benchmarks/kits.py CORPUS [KITS]

For so many sounds of the corpus, a kit of 16 is chosen around each, by the vectors that are stored with the model: they were computed by
nets that were not trained on the sound's family. Chance is what random sounds of the same roles give. `by type` is how kits are chosen;
`map` is the space of the map, in which sounds of one type lie together, whatever their pack; `as stored` are the weighted vectors. The
distance is measured in the first of them.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import map_layout, sound_comparison
from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.core.records import LABEL_OF_TYPE
from drumwatch.kits.choosing import Candidate, choose
from drumwatch.kits.roles import role_of
from training import corpus, held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from training.corpus import Example

    Floats = NDArray[np.float32]

SIZE = 16
FEWEST_ROLES = 4  # in a pack whose sounds kits are chosen around


@dataclass(frozen=True, slots=True)
class Sounds:
    """The one-shots of the corpus."""

    examples: Sequence[Example]
    types: list[str]
    roles: list[str]
    vectors: Floats
    weight: Floats
    twins: dict[int, set[int]]


def main(folder: Path, count: int = 300) -> None:
    sounds = read(folder)
    by_type = sound_comparison.by_type(sounds.vectors, sounds.types)
    spaces = {
        "by type": by_type,
        "map": map_layout.principal(map_layout.standardized(sounds.vectors)),
        "as stored": sounds.vectors * sounds.weight,
    }
    anchors = anchors_of(sounds, count)
    packs = len({example.pack for example in sounds.examples})
    print(f"{len(sounds.examples):,} one-shots of {packs} packs, {len(anchors)} kits of {SIZE}\n")
    print("| chosen in | of the same pack | chance | of the same family | chance | mean distance | chance |")
    print("|" + " --- |" * 7)
    for name, space in spaces.items():
        found = [kit_around(anchor, sounds, space) for anchor in anchors]
        print(f"| {name} | {row(found, sounds, by_type)} |")


def read(folder: Path) -> Sounds:
    loaded, examples = model_file.load(), corpus.read(folder)
    known = reference_sounds.reference_sounds_of(loaded)
    rows = held_out.rows_of_reference_sounds(loaded, examples)
    kinds = [loaded.card["groups"][group] for group in known.group]
    used = [at for at, kind in enumerate(kinds) if kind in LABEL_OF_TYPE and kind != "loop"]
    vectors = known.vectors[used].astype(np.float32)
    types = [kinds[at] for at in used]
    twins: dict[int, set[int]] = {}
    for one, other in sound_comparison.nearly_the_same(vectors * known.weight):
        twins.setdefault(one, set()).add(other)
        twins.setdefault(other, set()).add(one)
    roles = [role_of(kind, LABEL_OF_TYPE[kind]) for kind in types]
    return Sounds([examples[rows[at]] for at in used], types, roles, vectors, known.weight, twins)


def anchors_of(sounds: Sounds, count: int) -> list[int]:
    roles: dict[str, set[str]] = {}
    for example, role in zip(sounds.examples, sounds.roles, strict=True):
        roles.setdefault(example.pack, set()).add(role)
    fit = [at for at, example in enumerate(sounds.examples) if len(roles[example.pack]) >= FEWEST_ROLES]
    return sorted(random.Random(1).sample(fit, min(count, len(fit))))


def kit_around(anchor: int, sounds: Sounds, space: Floats) -> tuple[int, list[int]]:
    candidates = [
        Candidate(
            at, role, tuple(space[at].tolist()), sounds.types[at], twins=frozenset(sounds.twins.get(at, ()))
        )
        for at, role in enumerate(sounds.roles)
    ]
    chosen = choose(candidates, size=SIZE, seed=anchor, wanted={anchor}).ids
    return anchor, [at for at in chosen if at != anchor]


def row(kits: Sequence[tuple[int, list[int]]], sounds: Sounds, space: Floats) -> str:
    rng = random.Random(2)
    pools: dict[str, list[int]] = {}
    for at, role in enumerate(sounds.roles):
        pools.setdefault(role, []).append(at)
    at_random = [(anchor, [rng.choice(pools[sounds.roles[at]]) for at in kit]) for anchor, kit in kits]
    figures = []
    for what in ("pack", "family"):
        figures += [f"{shared(kits, sounds, what):.1%}", f"{shared(at_random, sounds, what):.1%}"]
    figures += [f"{distance(kits, space):.1f}", f"{distance(at_random, space):.1f}"]
    return " | ".join(figures)


def shared(kits: Sequence[tuple[int, list[int]]], sounds: Sounds, what: str) -> float:
    """The share of sounds that come from the pack or the family of the one that the kit was chosen around."""
    same = [
        getattr(sounds.examples[at], what) == getattr(sounds.examples[anchor], what)
        for anchor, kit in kits
        for at in kit
    ]
    return float(np.mean(same))


def distance(kits: Sequence[tuple[int, list[int]]], space: Floats) -> float:
    """The mean distance between two sounds of a kit."""
    found = []
    for anchor, kit in kits:
        places = space[[anchor, *kit]]
        away = np.linalg.norm(places[:, None] - places, axis=2)
        found.append(away.sum() / (len(places) * (len(places) - 1)))
    return float(np.mean(found))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
