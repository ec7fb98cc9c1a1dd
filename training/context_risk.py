"""`python -m training.context_risk CORPUS`: measures the card's risk curves of the shipped model, without training it again.

One for sounds that are judged alone, one for sounds with strong evidence of their neighbors, and one for sounds whose name says the
predicted label, which the sound does not contradict. All are measured on families that the model was not trained on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import SHIPPED
from drumwatch.context.evidence import STRONG
from training import calibration, corpus_neighbors, held_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.corpus import Example
    from training.corpus_neighbors import Published

    RiskTable = dict[str, list[list[float]]]

CACHE = Path(__file__).parent / "cache"
MISNAMED = 0.04  # share of names that are wrong: as many as abbreviations were, where labels came from elsewhere (benchmarks/names.py)


def tables(types: np.ndarray, label: np.ndarray, examples: Sequence[Example]) -> dict[str, RiskTable]:
    """The entries of the card: each curve with the name that `RiskCurve.from_card` reads."""
    sounds = corpus_neighbors.published(types, label, examples)
    return {
        "risk": calibration.risk(sounds.by_sound, sounds.label, sounds.families),
        "risk_with_neighbors": with_neighbors(sounds),
        "risk_with_name": with_name(sounds),
    }


def with_neighbors(sounds: Published) -> RiskTable:
    """The risk of sounds with strong evidence of their neighbors; their own names take no part."""
    found = corpus_neighbors.in_context(sounds, use_names=False)
    return risk_of(found.p, sounds, found.strength >= STRONG)


def with_name(sounds: Published) -> RiskTable:
    """The risk of sounds whose name says the predicted label, which the sound does not contradict.

    Most labels of the corpus were read off names, so a share MISNAMED of the names is exchanged for names of other labels. Neighbors take
    no part: with them fewer are wrong.
    """
    misnamed = with_wrong_names(sounds)
    p = misnamed.with_name
    return risk_of(p, misnamed, misnamed.is_named(p))


def with_wrong_names(sounds: Published, share: float = MISNAMED, seed: int = 0) -> Published:
    """The same sounds, of which a share of those with a name that means a label have one that means another."""
    rng = np.random.default_rng(seed)
    named = [row for row, hint in enumerate(sounds.hints) if hint.label]
    hints = list(sounds.hints)
    for row in (row for row in named if rng.random() < share):
        others = [one for one in named if sounds.hints[one].label != sounds.hints[row].label]
        if others:
            hints[row] = sounds.hints[others[rng.integers(len(others))]]
    return corpus_neighbors.Published(sounds.types, sounds.label, sounds.families, sounds.places, hints)


def risk_of(p: np.ndarray, sounds: Published, which: np.ndarray) -> RiskTable:
    families = [family for family, taken in zip(sounds.families, which, strict=True) if taken]
    return calibration.risk(p[which], sounds.label[which], families)


def main(corpus_folder: Path) -> None:
    found = held_out.load(corpus_folder, CACHE)
    path = SHIPPED.with_suffix(".json")
    card = json.loads(path.read_text("utf-8"))
    card.update(tables(found.types, found.label, found.examples))
    path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(
        f"{path}: risk curves measured on {len(found.examples)} sounds of {len(set(found.families))} families"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
