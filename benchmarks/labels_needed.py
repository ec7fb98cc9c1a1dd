"""`python benchmarks/labels_needed.py CORPUS`: how many labels bring a strange pack to 95 % right, with the neighbors' help.

A simulated user goes through the review of one pack, the least sure sound first, and says what each sound is. Each label counts as the
neighbors' evidence for the others at once, as in the review; no model is trained. The pack is judged by a model that was not trained on
its family, under the names of its maker, and again with files that are named by numbers.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.context.neighbors import Neighbors, NeighborSound
from drumwatch.core.records import LABELS
from training import context_risk, corpus_neighbors, held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.corpus_neighbors import Published

LARGE = 20  # sounds of a pack, at least
ENOUGH = 0.95  # share of the pack's other sounds that are right
COUNTS = (0, 5, 10, 20, 50)


def main(corpus: Path) -> None:
    found = held_out.load(corpus, Path(context_risk.CACHE))
    sounds = corpus_neighbors.published(found.types, found.label, found.examples)
    packs = packs_of(sounds)
    print(f"{len(packs)} packs of {LARGE} sounds or more; labels until {ENOUGH:.0%} of the others are right")
    numbered = corpus_neighbors.without_names(sounds)
    for name, judged in (("under their makers' names", sounds), ("files named by numbers", numbered)):
        for helped in (False, True):
            needed = [labels_needed(judged.rows(rows), neighbors=helped) for rows in packs]
            how = "with neighbors" if helped else "each sound for itself"
            within = ", ".join(f"{count}: {np.mean(np.array(needed) <= count):.0%}" for count in COUNTS)
            print(
                f"{name}, {how}: mean {np.mean(needed):.1f}, median {np.median(needed):.0f}; "
                f"packs that need at most so many: {within}"
            )


def packs_of(sounds: Published) -> Sequence[np.ndarray]:
    """The rows of each large pack."""
    rows = defaultdict(list)
    for row, place in enumerate(sounds.places):
        rows[place.pack].append(row)
    return [np.array(one) for one in rows.values() if len(one) >= LARGE]


def labels_needed(pack: Published, *, neighbors: bool) -> int:
    """How many sounds the user has to name until enough of the others are right."""
    by_sound, with_name = pack.by_sound, pack.with_name
    index = Neighbors()
    seen = [
        NeighborSound(place, corpus_neighbors.five(by_sound[row]), corpus_neighbors.five(with_name[row]))
        for row, place in enumerate(pack.places)
    ]
    for row, sound in enumerate(seen):
        index.put(row, sound)
    open_rows = np.ones(len(seen), bool)
    while open_rows.any():
        p = judged_with(pack, index) if neighbors else with_name
        right = p.argmax(axis=1) == pack.label
        if right[open_rows].mean() >= ENOUGH:
            break
        least_sure = int(np.flatnonzero(open_rows)[p[open_rows].max(axis=1).argmin()])
        open_rows[least_sure] = False
        index.put(least_sure, replace(seen[least_sure], confirmed=LABELS[pack.label[least_sure]]))
    return int((~open_rows).sum())


def judged_with(pack: Published, index: Neighbors) -> np.ndarray:
    """(sounds, labels): with the evidence of the neighbors, then that of the own name."""
    evidence = [index.evidence(row) for row in range(len(pack.places))]
    types = corpus_neighbors.judged(pack, evidence).types
    return corpus_neighbors.labels_of(corpus_neighbors.named(types, pack.hints))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
