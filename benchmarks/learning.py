"""Simulated users on families held out: what so many labels bring on the rest of the family, and what they cost elsewhere.

    python benchmarks/learning.py CORPUS [tune|report|seconds] [SEEDS]

CORPUS is a folder with `manifest.csv`, the one that the shipped model was trained on: it tells which sounds are of one family. The sounds
themselves are not heard: their measurements are in the package. Nobody has met the user's family, nor the others of its fold ("elsewhere").
Two users: the *listener* names whatever comes, the *fixer* goes through the sounds and says something only of those that are wrong; what
they have seen does not count as the rest. Settings were chosen on the families of `tune`. `seconds` tells what a whole lesson
costs.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from drumwatch.analysis.analysis_records import SoundAnalysis, as_record
from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.analysis.model.model_file import LABEL_MATRIX
from drumwatch.analysis.retraining import fit_forest, retrain, retrain_job
from drumwatch.analysis.retraining.retrain import Sounds, TrainingContext
from drumwatch.workers.protocol import NamedSound, Train
from training.folds import fold_of_each

LABELLED = (5, 10, 20, 50)
DRAWS = 3
LARGE = 30  # sounds of a family, at least
REST = 8  # of these, at least so many must be left to be judged
MAKERS = {"no learning": None, "plain retraining": "plain", "drumwatch": "ours"}


@dataclass
class World:
    """The shipped sounds with their families, and what is said of each fold by a model that has not met it."""

    begin: TrainingContext
    family: np.ndarray
    fold: np.ndarray
    sounds: Sounds
    untaught: dict[int, np.ndarray] = field(default_factory=dict)

    def before(self, number: int) -> np.ndarray:
        """(DRAWS, sounds): which are named right without learning. One forest is a draw of trees, and so is one with the user's sounds."""
        if number not in self.untaught:
            rows, held = np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)
            draws = (retrain.fit_without_user(self.begin, rows, seed=100 * draw) for draw in range(DRAWS))
            self.untaught[number] = np.array([judge(self, mind, held) for mind in draws])
        return self.untaught[number]


def world(corpus: Path) -> World:
    shipped = model_file.load()
    begin = TrainingContext(shipped, reference_sounds.reference_sounds_of(shipped))
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        family_of = {
            f"{row['pack']}: {Path(row['path']).stem}"[:64]: row["family"] for row in csv.DictReader(table)
        }
    family = np.array([family_of[name.decode()] for name in begin.reference.name])
    return World(begin, family, fold_of_each(family.tolist()), begin.sounds)


def plain(here: World, user: Sounds, rows: np.ndarray) -> model_file.Model:
    """Trees grown anew with the user's sounds among the others, each like any other."""
    kept = here.sounds[rows]
    group = np.concatenate([here.begin.reference.group[rows], retrain.groups_of(user, here.begin)])
    measured = np.concatenate([kept.features, user.features])
    weight = np.concatenate([retrain.weights(kept.pack, np.array([], str)), np.ones(len(user), np.float32)])
    trees = fit_forest.fit(measured, group, weight)
    return retrain.replace(here.begin.shipped, forest=fit_forest.to_arrays([trees], here.begin.groups))


def ours(here: World, user: Sounds, rows: np.ndarray) -> model_file.Model:
    return retrain.fit(here.begin, user, rows).corrected()


def said_by_user(here: World, rows: np.ndarray) -> Sounds:
    """They say labels, no types."""
    label = (here.sounds.allowed[rows] @ LABEL_MATRIX > 0) @ LABEL_MATRIX.T > 0
    return Sounds(here.sounds.vectors[rows], label, here.family[rows])


def judge(here: World, mind: model_file.Model, rows: np.ndarray) -> np.ndarray:
    """(all sounds): which of these rows get a right label."""
    right = np.zeros(len(here.sounds), bool)
    right[rows] = retrain.right(mind.predict(here.sounds.vectors[rows]), here.sounds[rows])
    return right


def visit(here: World, name: str, kind: str, seed: int, found: dict) -> None:
    """One user with one family."""
    own = np.flatnonzero(here.family == name)
    number = here.fold[own[0]]
    rows = np.flatnonzero(here.fold != number)
    elsewhere = np.flatnonzero((here.fold == number) & (here.family != name))
    judged, before = np.concatenate([own, elsewhere]), here.before(number)
    order = np.random.default_rng(seed).permutation(own)
    said_of = np.arange(len(order)) if kind == "listener" else np.flatnonzero(~before[0, order])
    for count in LABELLED:
        if len(said_of) < count or len(order) - said_of[count - 1] - 1 < REST:
            return
        named, rest = order[said_of[:count]], order[said_of[count - 1] + 1 :]
        user = said_by_user(here, named)
        found[kind, "no learning", count].append((before[:, rest].mean(), before[:, elsewhere].mean(), 0.0))
        for maker, teach in (("plain retraining", plain), ("drumwatch", ours)):
            begun = time.process_time()
            mind = teach(here, user, rows)
            took = time.process_time() - begun
            right = judge(here, mind, judged)
            found[kind, maker, count].append((right[rest].mean(), right[elsewhere].mean(), took))
        found[kind, "reached", count].append(
            (name, seed, found[kind, "drumwatch", count][-1][0], before[:, rest].mean())
        )


def show(found: dict) -> None:
    print(
        "| user | labels | runs | no learning | plain retraining | drumwatch | elsewhere before | plain | drumwatch | seconds |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for kind in ("listener", "fixer"):
        for count in LABELLED:
            if runs := found[kind, "drumwatch", count]:
                figures = {maker: np.mean(found[kind, maker, count], axis=0) for maker in MAKERS}
                row = [kind, str(count), str(len(runs))]
                row += [f"{figures[maker][0]:.3f}" for maker in MAKERS]
                row += [f"{figures[maker][1]:.3f}" for maker in MAKERS]
                print("| " + " | ".join([*row, f"{figures['drumwatch'][2]:.1f}"]) + " |")
    for kind in ("listener", "fixer"):
        first: dict[tuple[str, int], int] = {}
        begun = {(one[0], one[1]): one[3] for one in found[kind, "reached", LABELLED[0]]}
        for count in LABELLED:
            for name, seed, reached, _ in found[kind, "reached", count]:
                if reached >= 0.95:
                    first.setdefault((name, seed), count)
        already = sum(share >= 0.95 for share in begun.values())
        counts = ", ".join(f"{count}: {number}" for count, number in sorted(Counter(first.values()).items()))
        print(
            f"{kind}: 95 % of the rest right, of {len(begun)} runs, after labels: {counts}; {already} without any"
        )


def lesson_seconds(here: World, count: int) -> float:
    """Processor time of a whole lesson about so many sounds, its comparison included, on one thread as in the worker."""
    words = []
    for at in np.random.default_rng(0).permutation(len(here.sounds))[:count]:
        heard = SoundAnalysis(here.begin.shipped.analysis_id, here.sounds.vectors[at], 0.3, 1, None)
        kinds = [
            kind for kind, may_be in zip(model_file.TYPES, here.sounds.allowed[at], strict=True) if may_be
        ]
        words.append(NamedSound(str(at), kinds[0], tuple(kinds), str(here.family[at]), "", as_record(heard)))
    begun = time.process_time()
    with threadpool_limits(1):
        retrain_job.train_user_model(Train(tuple(words), (), str(model_file.SHIPPED), {}, ""))
    return time.process_time() - begun


def main(corpus: Path, part: str = "report", seeds: int = 2) -> None:
    here = world(corpus)
    if part == "seconds":
        print(
            *(f"{count} labels: {lesson_seconds(here, count):.1f} s" for count in (20, 200, 1000)), sep="\n"
        )
        return
    large = [name for name, size in Counter(here.family.tolist()).most_common() if size >= LARGE]
    families = large[part == "report" :: 2]
    print(
        f"{part}: {len(families)} families of {LARGE} sounds or more: {', '.join(families)}", file=sys.stderr
    )
    found: dict = defaultdict(list)
    for name in families:
        for seed in range(seeds):
            for kind in ("listener", "fixer"):
                visit(here, name, kind, seed, found)
        print(f"{name}: with the families before it", file=sys.stderr)
        show(found)
        print(flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:4]))
