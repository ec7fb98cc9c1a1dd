"""`python benchmarks/context.py CORPUS`: what a sound's neighbors are worth, on families that the shipped model was not trained on.

*Old* are the sounds that the model was trained on, with predictions of nets and trees that were not trained on their families; *new* are
those of families that came to the corpus later. Judged as published: with the folders and names that their makers gave them.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.retraining import metrics
from drumwatch.context.evidence import STRONG, LevelEvidence, count_weight, evidence_of, factor_of
from drumwatch.context.name_stems import shared_words, stem_of
from drumwatch.context.neighbors import Neighbors, NeighborSound, Place
from drumwatch.core.records import LABELS
from training import calibration, context_risk, corpus_neighbors, folds, held_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from drumwatch.context.evidence import Level
    from training.corpus_neighbors import InContext, Published

CACHE = Path(context_risk.CACHE)
LIMITS = (0.02, 0.05, 0.1)
SURE = 0.9
GROUPS = 400
ORDERS = 5
MOST_NEIGHBORS = (0, 1, 2, 4, 8, 10_000)


@dataclass(frozen=True, slots=True)
class Judged:
    """A way of judging all sounds: the probabilities, and by which risk curve each is filed."""

    name: str
    p: np.ndarray
    curve: np.ndarray  # 0: by sound, 1: strong evidence of neighbors, 2: a name that says the same


def main(corpus: Path) -> None:
    found = held_out.load(corpus, CACHE)
    sounds = corpus_neighbors.published(found.types, found.label, found.examples)
    parts = parts_of(found)
    ways = ways_of(sounds)
    print_accuracy(ways, sounds, parts)
    print_placed(ways, sounds, parts)
    print_mixed(sounds)
    print_limited(sounds, parts)
    print_one_by_one(sounds, parts)
    print_confirmed_sibling(sounds, parts)
    print_cost()


def parts_of(found: held_out.HeldOutPredictions) -> dict[str, np.ndarray]:
    """Which sounds are looked at by themselves: old and new ones, if there are both, and all."""
    parts = {"old": ~found.is_new, "new": found.is_new} if found.is_new.any() else {}
    return {**parts, "all": np.ones(len(found.label), bool)}


def ways_of(sounds: Published) -> list[Judged]:
    alone, hinted = sounds.by_sound, sounds.with_name
    by_sound = corpus_neighbors.in_context(sounds, use_names=False)
    by_name = corpus_neighbors.in_context(sounds, use_names=True)
    both = corpus_neighbors.labels_of(corpus_neighbors.named(by_name.types, sounds.hints))
    numbered = corpus_neighbors.without_names(sounds)
    by_number = corpus_neighbors.in_context(numbered, use_names=False)
    one_folder = corpus_neighbors.in_context(corpus_neighbors.in_one_folder(sounds), use_names=False)
    none = np.zeros(len(alone), int)
    return [
        Judged("sound", alone, none),
        Judged("sound and neighbors", by_sound.p, curve_of(by_sound)),
        Judged("the same, named by numbers", by_number.p, curve_of(by_number)),
        Judged("the same, all files in one folder", one_folder.p, curve_of(one_folder)),
        Judged("names", hinted, np.where(sounds.is_named(hinted), 2, none)),
        Judged("names and neighbors", both, np.where(sounds.is_named(both), 2, curve_of(by_name))),
    ]


def curve_of(judged: InContext) -> np.ndarray:
    return (judged.strength >= STRONG).astype(int)


def print_accuracy(ways: Sequence[Judged], sounds: Published, parts: dict[str, np.ndarray]) -> None:
    print("right | calibration error | placeable at 95 % | helped / hurt against the way without neighbors")
    before = {"names and neighbors": 4}
    for way in ways:
        for part, rows in parts.items():
            p, label = way.p[rows], sounds.label[rows]
            changes = ""
            if "neighbors" in way.name or "the same" in way.name:
                was = ways[before.get(way.name, 0)].p[rows].argmax(axis=1) == label
                now = p.argmax(axis=1) == label
                changes = f" | {(now & ~was).sum()} / {(was & ~now).sum()}"
            print(
                f"{way.name}, {part} ({rows.sum()}): {metrics.accuracy(p, label):.3f} | {metrics.calibration_error(p, label):.3f}"
                f" | {metrics.coverage(p, label, 0.95):.2f}{changes}"
            )


def print_placed(ways: Sequence[Judged], sounds: Published, parts: dict[str, np.ndarray]) -> None:
    print(
        "\nplaced alone, and wrong among them; risk curves measured without the families that they are tested on"
    )
    fold = folds.fold_of_each(sounds.families)
    tables = [tables_of(sounds.rows(fold != number)) for number in range(folds.FOLDS)]
    for limit in LIMITS:
        for way in ways:
            acted = placed(way, fold, tables, limit)
            wrong = way.p.argmax(axis=1) != sounds.label
            shares = [
                f"{part} {acted[rows].mean():.0%}, {wrong[rows & acted].mean():.1%}"
                for part, rows in parts.items()
            ]
            by_curve = [
                f"{name} {acted[way.curve == number].mean():.0%} of {(way.curve == number).sum()}, "
                f"{wrong[acted & (way.curve == number)].mean():.1%}"
                for number, name in enumerate(("by sound", "by neighbors", "by name"))
                if (way.curve == number).any()
            ]
            print(f"max_wrong {limit:g}, {way.name}: {'; '.join(shares)} | {'; '.join(by_curve)}")


def tables_of(learned: Published) -> Sequence[context_risk.RiskTable]:
    """The three risk curves, measured on these sounds."""
    return (
        calibration.risk(learned.by_sound, learned.label, learned.families),
        context_risk.with_neighbors(learned),
        context_risk.with_name(learned),
    )


def placed(
    way: Judged, fold: np.ndarray, tables: Sequence[Sequence[context_risk.RiskTable]], limit: float
) -> np.ndarray:
    """Which sounds are placed alone, by curves that were measured on the other folds of families."""
    acted = np.zeros(len(fold), bool)
    for number, curves in enumerate(tables):
        for curve, table in enumerate(curves):
            held = (fold == number) & (way.curve == curve)
            acted[held] = calibration.is_sure(way.p[held], table, limit)
    return acted


# Mixed groups


def print_mixed(sounds: Published) -> None:
    print("\nmixed groups drawn from all sounds: right | surer than 0.9 | of these wrong, before -> after")
    for name, result in mixed(sounds):
        print(f"{name}: {result}")


def mixed(sounds: Published) -> Iterator[tuple[str, str]]:
    rng = np.random.default_rng(1)
    of_label = [np.flatnonzero(sounds.label == number) for number in range(len(LABELS))]
    everyone = np.arange(len(sounds.label))
    alike = "sample {}.wav"

    def drawn(
        draw: Callable[[], np.ndarray], name: str, groups: int = GROUPS
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        found = []
        for _ in range(groups):
            rows = draw()
            places = [Place("group", "A", name.format(at + 1)) for at in range(len(rows))]
            group = replace(sounds.rows(rows), places=places)
            found.append((rows, corpus_neighbors.in_context(group, use_names=False).p))
        return found

    def odd_one() -> np.ndarray:
        usual, odd = rng.choice(len(LABELS), 2, replace=False)
        return np.append(rng.choice(of_label[usual], 9, replace=False), rng.choice(of_label[odd]))

    five_labels = drawn(
        lambda: np.concatenate([rng.choice(rows, 4, replace=False) for rows in of_label]), alike
    )
    yield "20 files of five labels, same name", compared(sounds, five_labels)
    kicks = drawn(
        lambda: np.concatenate([rng.choice(rows, 10, replace=False) for rows in of_label[:2]]), alike
    )
    yield "10 kicks and 10 snares, same name", compared(sounds, kicks)
    for count in (4, 2):
        few = drawn(lambda count=count: rng.choice(everyone, count, replace=False), alike, 2 * GROUPS)
        yield f"{count} files of random labels, same name", compared(sounds, few)
    packs = whole_packs(sounds)
    for name, kind in ((alike, "under one name"), ("{}.wav", "named by numbers")):
        yield (
            f"whole packs of three labels or more, {kind}",
            compared(sounds, drawn_packs(sounds, packs, name)),
        )
    for name, kind in ((alike, "same name"), ("{}.wav", "named by numbers")):
        odd = drawn(odd_one, name, 2 * GROUPS)
        yield f"nine of a label, {kind}", compared(sounds, [(rows[:-1], p[:-1]) for rows, p in odd])
        yield f"and the odd one, {kind}", compared(sounds, [(rows[-1:], p[-1:]) for rows, p in odd])


def whole_packs(sounds: Published) -> list[np.ndarray]:
    rows = defaultdict(list)
    for row, place in enumerate(sounds.places):
        rows[place.pack].append(row)
    return [np.array(one) for one in rows.values() if len(set(sounds.label[one].tolist())) >= 3]


def drawn_packs(
    sounds: Published, packs: Sequence[np.ndarray], name: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for rows in packs:
        places = [Place("pack", "A", name.format(at + 1)) for at in range(len(rows))]
        group = replace(sounds.rows(rows), places=places)
        found.append((rows, corpus_neighbors.in_context(group, use_names=False).p))
    return found


def compared(sounds: Published, groups: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    rows = np.concatenate([rows for rows, _ in groups])
    label, before, after = sounds.label[rows], sounds.by_sound[rows], np.concatenate([p for _, p in groups])
    right, sure, wrong = zip(*(figures(p, label) for p in (before, after)), strict=True)
    flaw = np.mean((after.max(axis=1) > SURE) & (after.argmax(axis=1) != label))
    return (
        f"{right[0]:.3f} -> {right[1]:.3f} | {sure[0]:.2f} -> {sure[1]:.2f} | {wrong[0]:.1%} -> {wrong[1]:.1%}"
        f"; surer than 0.9 and wrong: {flaw:.1%} of all"
    )


def figures(p: np.ndarray, label: np.ndarray) -> tuple[float, float, float]:
    sure, wrong = p.max(axis=1) > SURE, p.argmax(axis=1) != label
    return float((~wrong).mean()), float(sure.mean()), float(wrong[sure].mean()) if sure.any() else 0.0


# Files that come one by one, and siblings that the user has confirmed


def print_limited(sounds: Published, parts: dict[str, np.ndarray]) -> None:
    print("\nat most so many neighbors at each level, drawn by lot, by sound: right / placeable at 95 %")
    for most in MOST_NEIGHBORS:
        p = corpus_neighbors.judged(sounds, limited(sounds, most)).p
        shares = [
            f"{part} {metrics.accuracy(p[rows], sounds.label[rows]):.3f} / {metrics.coverage(p[rows], sounds.label[rows], 0.95):.2f}"
            for part, rows in parts.items()
        ]
        print(f"{most}: {', '.join(shares)}")


def limited(sounds: Published, most: int) -> list[list[LevelEvidence]]:
    """The evidence of at most so many neighbors at each level: sounds of the stem, and other stems with a word or of the folder."""
    rng = np.random.default_rng(0)
    evidence = [evidence_of(corpus_neighbors.five(p)) for p in sounds.by_sound]
    stems, of_word, of_folder = defaultdict(list), defaultdict(set), defaultdict(set)
    for row, place in enumerate(sounds.places):
        key = place.pack, place.folder.casefold(), stem_of(place.name) or (row,)
        stems[key].append(row)
        of_folder[key[:2]].add(key)
        for word in shared_words(stem_of(place.name)):
            of_word[place.pack, word].add(key)
    in_pack = Counter(key[0] for key in stems if not isinstance(key[2][0], int))
    votes = {
        key: np.mean([evidence[row] for row in rows], axis=0) * count_weight(len(rows))
        for key, rows in stems.items()
    }

    def level(name: Level, drawn: Sequence[np.ndarray]) -> LevelEvidence | None:
        if not drawn or not most:
            return None
        some = rng.permutation(np.array(drawn))[:most]
        return LevelEvidence(
            name, factor_of(name, some.sum(axis=0).tolist(), len(some)), len(some), (0, 0, 0, 0, 0)
        )

    found = []
    for row, place in enumerate(sounds.places):
        key = place.pack, place.folder.casefold(), stem_of(place.name) or (row,)
        words = [
            level("word", [votes[other] for other in sorted(of_word[place.pack, word]) if other != key])
            for word in sorted(shared_words(stem_of(place.name)))
            if 2 * len(of_word[place.pack, word]) <= in_pack[place.pack]
        ]
        levels = [
            level("stem", [evidence[other] for other in stems[key] if other != row]),
            max((one for one in words if one), key=lambda one: one.strength, default=None),
            level("folder", [votes[other] for other in sorted(of_folder[key[:2]], key=str) if other != key]),
        ]
        found.append([one for one in levels if one])
    return found


def print_one_by_one(sounds: Published, parts: dict[str, np.ndarray]) -> None:
    print("\nfiles that come one by one, judged once on arrival, by sound: right / placeable at 95 %")
    rng = np.random.default_rng(0)
    by_name = np.argsort(
        [f"{place.pack}/{place.folder}/{place.name}" for place in sounds.places], kind="stable"
    )
    orders = {"a to z": [by_name], "random order": [rng.permutation(len(by_name)) for _ in range(ORDERS)]}
    for name, drawn in orders.items():
        for part, rows in parts.items():
            found = [arrived(sounds, order)[rows] for order in drawn]
            right = np.mean([metrics.accuracy(p, sounds.label[rows]) for p in found])
            placeable = np.mean([metrics.coverage(p, sounds.label[rows], 0.95) for p in found])
            print(f"{name}, {part}: {right:.3f} / {placeable:.2f}")


def arrived(sounds: Published, order: np.ndarray) -> np.ndarray:
    """(sounds, labels): each sound judged by those that came before it."""
    index, by_sound = Neighbors(), sounds.by_sound
    evidence = [()] * len(order)
    for row in order:
        evidence[row] = index.evidence_for(row, sounds.places[row])
        p = corpus_neighbors.five(by_sound[row])
        index.put(row, NeighborSound(sounds.places[row], p, p))
    return corpus_neighbors.judged(sounds, evidence).p


def print_confirmed_sibling(sounds: Published, parts: dict[str, np.ndarray]) -> None:
    print(
        "\none sibling of each stem confirmed by the user: right among the others, by sound -> with neighbors -> with that sibling"
    )
    index, before = (
        corpus_neighbors.neighbors_of(sounds, use_names=False),
        corpus_neighbors.in_context(sounds, use_names=False).p,
    )
    stems = defaultdict(list)
    for row, place in enumerate(sounds.places):
        if stem := stem_of(place.name):
            stems[place.pack, place.folder.casefold(), stem].append(row)
    others = []
    for first, *rest in (rows for rows in stems.values() if len(rows) > 1):
        others += rest
        p = corpus_neighbors.five(sounds.by_sound[first])
        index.put(first, NeighborSound(sounds.places[first], p, p, confirmed=LABELS[sounds.label[first]]))
    after = corpus_neighbors.judged(sounds, [index.evidence(row) for row in range(len(sounds.places))]).p
    is_other = np.isin(np.arange(len(after)), others)
    for part, rows in parts.items():
        chosen = rows & is_other
        shares = [metrics.accuracy(p[chosen], sounds.label[chosen]) for p in (sounds.by_sound, before, after)]
        print(f"{part} ({chosen.sum()}): " + " -> ".join(f"{share:.3f}" for share in shares))


def print_cost(count: int = 5000) -> None:
    rng = np.random.default_rng(0)
    words = ("kick", "snare", "hat", "tom", "perc", "fx")
    p = rng.dirichlet([1] * len(LABELS), count)
    sounds = [
        NeighborSound(
            Place("Pack", f"{at % 40}", f"{words[at % 6]} {chr(97 + at % 26) * 3} {at}.wav"),
            corpus_neighbors.five(p[at]),
            corpus_neighbors.five(p[at]),
        )
        for at in range(count)
    ]
    stem_of.cache_clear()
    started = time.process_time()
    index = Neighbors()
    for at, one in enumerate(sounds):
        index.put(at, one)
    put = time.process_time() - started
    for at in range(count):
        index.evidence(at)
    print(
        f"\na pack of {count}: {put:.3f} s to put in, {time.process_time() - started - put:.3f} s to ask for all"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
