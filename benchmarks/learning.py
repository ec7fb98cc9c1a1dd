"""Simulated users on families held out: what a number of labels brings on the rest of the family, and what it costs elsewhere.

    python benchmarks/learning.py CORPUS [tune|report|seconds] [SEEDS]

CORPUS is a folder with `manifest.csv`, the one that the shipped model was trained on: it says which sounds are of one family. The sounds
themselves are not read: their feature vectors are in the package. No model was trained on the user's family, nor on the others of its fold
("elsewhere"). Two users: the *listener* labels every sound, the *fixer* only those that are wrong; sounds that they have seen do not count
as the rest. Settings were chosen on the families of `tune`. `seconds` prints what a whole training costs.
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
from training.folds import fold_of_each, stored_folds

LABELLED = (5, 10, 20, 50)
DRAWS = 3
LARGE = 30  # sounds of a family, at least
REST = 8  # of these, at least so many must be left to be judged
MAKERS = {"no learning": None, "plain retraining": "plain", "drumwatch": "ours"}


@dataclass
class Simulation:
    """The shipped sounds with their families, and the predictions for each fold by a model trained without it."""

    context: TrainingContext
    family: np.ndarray
    fold: np.ndarray
    sounds: Sounds
    without_user: dict[int, np.ndarray] = field(default_factory=dict)

    def before(self, number: int) -> np.ndarray:
        """(DRAWS, sounds): which are named right without learning. One forest is a draw of trees, and so is one with the user's sounds."""
        if number not in self.without_user:
            rows, held = np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)
            draws = (retrain.fit_without_user(self.context, rows, seed=100 * draw) for draw in range(DRAWS))
            self.without_user[number] = np.array([is_right(self, loaded, held) for loaded in draws])
        return self.without_user[number]


def simulation_of(corpus: Path) -> Simulation:
    shipped = model_file.load()
    context = TrainingContext(shipped, reference_sounds.reference_sounds_of(shipped))
    with (corpus / "manifest.csv").open(newline="", encoding="utf-8") as table:
        family_of = {
            f"{row['pack']}: {Path(row['path']).stem}"[:64]: row["family"] for row in csv.DictReader(table)
        }
    family = np.array([family_of[name.decode()] for name in context.reference.name])
    return Simulation(context, family, fold_of_each(family.tolist(), stored=stored_folds()), context.sounds)


def plain(simulation: Simulation, user: Sounds, rows: np.ndarray) -> model_file.Model:
    """New trees with the user's sounds among the others, each with the weight of any other."""
    kept = simulation.sounds[rows]
    group = np.concatenate(
        [simulation.context.reference.group[rows], retrain.groups_of(user, simulation.context)]
    )
    measured = np.concatenate([kept.features, user.features])
    weight = np.concatenate([retrain.weights(kept.pack, np.array([], str)), np.ones(len(user), np.float32)])
    trees = fit_forest.fit(measured, group, weight)
    return retrain.replace(
        simulation.context.shipped, forest=fit_forest.to_arrays([trees], simulation.context.groups)
    )


def ours(simulation: Simulation, user: Sounds, rows: np.ndarray) -> model_file.Model:
    return retrain.fit(simulation.context, user, rows).corrected()


def labels_of_user(simulation: Simulation, rows: np.ndarray) -> Sounds:
    """The user gives labels, no types."""
    label = (simulation.sounds.allowed[rows] @ LABEL_MATRIX > 0) @ LABEL_MATRIX.T > 0
    return Sounds(simulation.sounds.vectors[rows], label, simulation.family[rows])


def is_right(simulation: Simulation, loaded: model_file.Model, rows: np.ndarray) -> np.ndarray:
    """(all sounds): which of these rows get a right label."""
    right = np.zeros(len(simulation.sounds), bool)
    right[rows] = retrain.right(loaded.predict(simulation.sounds.vectors[rows]), simulation.sounds[rows])
    return right


def simulate_user(simulation: Simulation, name: str, kind: str, seed: int, found: dict) -> None:
    """One user with one family."""
    own = np.flatnonzero(simulation.family == name)
    number = simulation.fold[own[0]]
    rows = np.flatnonzero(simulation.fold != number)
    elsewhere = np.flatnonzero((simulation.fold == number) & (simulation.family != name))
    tested, before = np.concatenate([own, elsewhere]), simulation.before(number)
    order = np.random.default_rng(seed).permutation(own)
    labelled = np.arange(len(order)) if kind == "listener" else np.flatnonzero(~before[0, order])
    for count in LABELLED:
        if len(labelled) < count or len(order) - labelled[count - 1] - 1 < REST:
            return
        named, rest = order[labelled[:count]], order[labelled[count - 1] + 1 :]
        user = labels_of_user(simulation, named)
        found[kind, "no learning", count].append((before[:, rest].mean(), before[:, elsewhere].mean(), 0.0))
        for maker, train in (("plain retraining", plain), ("drumwatch", ours)):
            begun = time.process_time()
            loaded = train(simulation, user, rows)
            took = time.process_time() - begun
            right = is_right(simulation, loaded, tested)
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


def training_seconds(simulation: Simulation, count: int) -> float:
    """Processor time of a whole training with so many sounds, its comparison included, on one thread as in the worker."""
    named_sounds = []
    for at in np.random.default_rng(0).permutation(len(simulation.sounds))[:count]:
        analyzed = SoundAnalysis(
            simulation.context.shipped.analysis_id, simulation.sounds.vectors[at], 0.3, 1, None
        )
        kinds = [
            kind
            for kind, may_be in zip(model_file.TYPES, simulation.sounds.allowed[at], strict=True)
            if may_be
        ]
        named_sounds.append(
            NamedSound(str(at), kinds[0], tuple(kinds), str(simulation.family[at]), "", as_record(analyzed))
        )
    begun = time.process_time()
    with threadpool_limits(1):
        retrain_job.train_user_model(Train(tuple(named_sounds), (), str(model_file.SHIPPED), {}, ""))
    return time.process_time() - begun


def main(corpus: Path, part: str = "report", seeds: int = 2) -> None:
    simulation = simulation_of(corpus)
    if part == "seconds":
        print(
            *(f"{count} labels: {training_seconds(simulation, count):.1f} s" for count in (20, 200, 1000)),
            sep="\n",
        )
        return
    large = [name for name, size in Counter(simulation.family.tolist()).most_common() if size >= LARGE]
    families = large[part == "report" :: 2]
    print(
        f"{part}: {len(families)} families of {LARGE} sounds or more: {', '.join(families)}", file=sys.stderr
    )
    found: dict = defaultdict(list)
    for name in families:
        for seed in range(seeds):
            for kind in ("listener", "fixer"):
                simulate_user(simulation, name, kind, seed, found)
        print(f"{name}: with the families before it", file=sys.stderr)
        show(found)
        print(flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:4]))
