"""`python benchmarks/names.py CORPUS`: how often a file's own name is right, where its label came from elsewhere.

Most labels of a corpus are read off names, which proves nothing about names. Some come from the folder that the maker
filed a sound in, or from the kit file that says which pad plays it: there the name is independent evidence.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path, PurePath

from drumwatch.analysis.filename_hints import WORD_TYPES, abbreviated, types_meant
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.core.records import LABEL_OF_TYPE
from training.corpus import GROUP_OF_FINE, VAGUE

INDEPENDENT = ("folder", "xml")


def main(corpus: Path) -> None:
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        rows = [
            row
            for row in csv.DictReader(table)
            if row["evidence"].startswith(INDEPENDENT) and "+" not in row["evidence"]
        ]
    print(f"{len(rows)} sounds whose label came from a folder or a kit file")
    for name, found in right_and_wrong(rows).items():
        right, wrong = found[True], found[False]
        print(
            f"{name}: {right + wrong} names say something, {right / max(right + wrong, 1):.1%} of them the truth"
        )


def right_and_wrong(rows: list[dict[str, str]]) -> dict[str, Counter[bool]]:
    """Right and wrong, for names with a word in them and for those with a mere abbreviation."""
    found: dict[str, Counter[bool]] = {"words": Counter(), "abbreviations": Counter()}
    for row in rows:
        stem = PurePath(row["original_name"]).stem
        word, code = types_meant(stem, WORD_TYPES), abbreviated(stem)
        if word or code:
            result = {LABEL_OF_TYPE[kind] for kind in word or code}
            found["words" if word else "abbreviations"][label_of(row["fine"]) in result] += 1
    return found


def label_of(fine: str) -> str:
    group = GROUP_OF_FINE[fine]
    return LABEL_OF_TYPE[group if group in TYPES else VAGUE[group][0]]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
