"""`python benchmarks/names.py CORPUS`: how many names are read, and how often a name is right where its label came from elsewhere.

Most labels of a corpus are read off names, which proves nothing about names. Some come from the folder that the maker
filed a sound in, or from the kit file that says which pad plays it: there the name is independent evidence.

The first line is about all names, with their folders: as most labels were read off the same names, its share of right ones says only
that the table means the same by them. A family counts once, however many sounds it has.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path, PurePath

from drumwatch.analysis.filename_hints import WORD_TYPES, abbreviated, read, types_meant
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.core.records import LABEL_OF_TYPE
from training.corpus import GROUP_OF_FINE, VAGUE

IN_MODULE = re.compile(r"\.(xm|it|s3m|mod|sf2)#")  # a sample in a song or a sound font: no name of a file
INDEPENDENT = ("folder", "xml")


def main(corpus: Path) -> None:
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        every = list(csv.DictReader(table))
        rows = [
            row for row in every if row["evidence"].startswith(INDEPENDENT) and "+" not in row["evidence"]
        ]
    print(read_by_family(every))
    print(f"{len(rows)} sounds whose label came from a folder or a kit file")
    for name, found in right_and_wrong(rows).items():
        right, wrong = found[True], found[False]
        print(
            f"{name}: {right + wrong} names say something, {right / max(right + wrong, 1):.1%} of them the truth"
        )


def read_by_family(rows: list[dict[str, str]]) -> str:
    """How many names say something, of all sounds and of the mean family, and how many of those mean the sound's label."""
    says, right = Counter[str](), Counter[str]()
    sounds = Counter(row["family"] for row in rows if not IN_MODULE.search(row["original_name"]))
    for row in rows:
        name = row["original_name"].split(" @")[0]
        if not IN_MODULE.search(name) and (found := read(name).types):
            says[row["family"]] += 1
            right[row["family"]] += label_of(row["fine"]) in {LABEL_OF_TYPE[kind] for kind in found}
    share = sum(says[family] / count for family, count in sounds.items()) / len(sounds)
    correct = sum(right[family] / count for family, count in says.items()) / len(says)
    return (
        f"{sounds.total()} sounds of {len(sounds)} families: {says.total()} names say something ({says.total() / sounds.total():.1%},"
        f" of the mean family {share:.1%}), {right.total() / says.total():.1%} of them the label (of the mean family {correct:.1%})"
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
