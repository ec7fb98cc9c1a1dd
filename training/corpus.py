"""The labelled sounds: a folder with `manifest.csv`, whose fine labels become the groups that the model learns."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drumwatch.analysis.model.model_file import TYPES

# Fine label of the manifest to training group. A group is a type, or one of the vague ones of VAGUE below.
GROUP_OF_FINE: dict[str, str] = {
    **dict.fromkeys(("kick",), "kick"),
    **dict.fromkeys(("snare", "snare_rimshot", "snare_brush"), "snare"),
    **dict.fromkeys(("hat_closed", "hat_pedal"), "hat-closed"),
    **dict.fromkeys(("hat_open",), "hat-open"),
    **dict.fromkeys(("hat",), "some hat"),
    **dict.fromkeys(("clap", "snap"), "clap"),
    **dict.fromkeys(("rim", "sticks"), "rim"),
    **dict.fromkeys(("tom", "surdo", "taiko", "timpani"), "tom"),
    **dict.fromkeys(
        ("hand_drum", "conga", "bongo", "tabla", "cajon", "djembe", "timbale", "cuica"), "hand-drum"
    ),
    **dict.fromkeys(
        ("cowbell", "agogo", "woodblock", "clave", "triangle", "bell", "belltree", "castanets"), "bell"
    ),
    **dict.fromkeys(
        ("shaker", "tambourine", "maracas", "cabasa", "guiro", "sleighbells", "vibraslap"), "shaker"
    ),
    **dict.fromkeys(("perc", "whistle", "whip"), "some percussion"),
    **dict.fromkeys(
        ("cymbal", "cymbal_ride", "cymbal_crash", "cymbal_splash", "cymbal_china", "gong"), "cymbal"
    ),
    **dict.fromkeys(("loop_drum", "loop_melodic"), "loop"),
    **dict.fromkeys(("bass",), "bass"),
    **dict.fromkeys(("guitar", "synth", "keys", "strings", "wind", "brass", "mallet"), "tonal"),
    **dict.fromkeys(("vocal",), "vocal"),
    **dict.fromkeys(("fx", "foley", "ambience", "scratch"), "fx"),
}

VAGUE: dict[str, tuple[str, ...]] = {
    "some hat": ("hat-closed", "hat-open"),
    "some percussion": ("clap", "rim", "tom", "hand-drum", "bell", "shaker"),
}

GROUPS: tuple[str, ...] = (*TYPES, *VAGUE)

WORDS = Path(__file__).parent / "words"
DOUBTFUL = WORDS / "doubtful.csv"
WRONG = "wrong"  # the opinion that leaves a sound out of what is learned; it still counts in what is measured


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled sound and the family that must not be torn apart by a split."""

    id: str
    path: Path
    family: str
    pack: str
    fine: str
    group: int
    licence: str
    original_name: str = ""  # the path by which its maker published it
    evidence: str = ""  # what the label rests on


def opinions() -> dict[str, tuple[str, str]]:
    """Our opinion of labels that a model contradicted, by the id of the sound: our opinion, and what the spectrogram shows."""
    with DOUBTFUL.open(newline="", encoding="utf-8") as looked_at:
        return {
            row["id"]: (row["opinion"], row["what the spectrogram shows"])
            for row in csv.DictReader(looked_at)
        }


def wrongly_labelled() -> set[str]:
    """Ids of the sounds that are not trained on."""
    return {name for name, (opinion, _) in opinions().items() if opinion == WRONG}


def read(corpus: Path) -> list[Example]:
    """All labelled sounds, in the order of the manifest."""
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        return [
            Example(
                id=row["id"],
                path=corpus / row["path"],
                family=row["family"],
                pack=row["pack"],
                fine=row["fine"],
                group=GROUPS.index(GROUP_OF_FINE[row["fine"]]),
                licence=row["licence"],
                original_name=row.get("original_name", ""),
                evidence=row.get("evidence", ""),
            )
            for row in csv.DictReader(table)
        ]


def group_types() -> np.ndarray:
    """(groups, types): a type is wholly itself, a vague group spread evenly over what it may be."""
    return np.array(
        [
            [(kind in VAGUE.get(group, (group,))) / len(VAGUE.get(group, (group,))) for kind in TYPES]
            for group in GROUPS
        ],
        np.float32,
    )


def corpus_hash(corpus: Path) -> str:
    """Changes when any label or any sound of the corpus does."""
    return hashlib.sha256((corpus / "manifest.csv").read_bytes()).hexdigest()[:16]
