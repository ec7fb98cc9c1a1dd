"""docs/model.md: what the model is, how it was measured, and where it fails. Written by the pipeline, never by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model.model_file import LABEL_MATRIX, TYPES
from drumwatch.analysis.retraining import metrics
from drumwatch.core.records import LABELS
from training import calibration, charts, corpus
from training.corpus import VAGUE, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PAGE = Path(__file__).parent.parent / "docs" / "model.md"
SURE = 0.9


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions for families that the models were not trained on, and the true labels."""

    types: np.ndarray  # (sounds, types), calibrated
    group: Sequence[str]  # the type, or a vague one
    label: np.ndarray
    families: Sequence[str]
    ids: Sequence[str]
    fold: np.ndarray
    vault: np.ndarray  # families that no choice was made by

    @property
    def p(self) -> np.ndarray:
        return self.types @ LABEL_MATRIX


def write(
    model_id: str,
    card: Mapping[str, Any],
    held_out: HeldOut,
    steps: Mapping[str, np.ndarray],
    curve: Sequence[tuple[int, float]],
) -> None:
    PAGE.write_text("\n\n".join(sections(model_id, card, held_out, steps)) + "\n", "utf-8")
    (PAGE.parent / "calibration.svg").write_text(calibration_chart(held_out), "utf-8")
    (PAGE.parent / "learning-curve.svg").write_text(learning_chart(curve), "utf-8")


def sections(
    model_id: str, card: Mapping[str, Any], held_out: HeldOut, steps: Mapping[str, np.ndarray]
) -> Iterable[str]:
    corpus_facts = card["trained_on"]
    yield f"# The model `{model_id}`"
    yield (
        f"Trained on {corpus_facts['sounds']} sounds of {corpus_facts['packs']} packs ({corpus_facts['families']} families) and on "
        "synthetic ones, by `make model CORPUS=…`, which also writes this page. All figures are about families that the model in question "
        "was not trained on: eight folds, families whole. Choices were made by the other folds; the *vault* was looked at after each round,"
        " and took part in one choice (the last of the experiments below)."
    )
    yield words("method")
    yield "## In figures\n\n" + head_figures(held_out)
    yield "## What each part brings\n\nAll families held out.\n\n" + table(
        ["classifier", "accuracy", "macro F1", "calibration error", "coverage at 95 %"],
        [
            [name, *(f"{value:.3f}" for value in list(metrics.summary(p, held_out.label).values())[:4])]
            for name, p in steps.items()
        ],
    )
    yield "## How far it may be trusted\n\n" + limits_kept(held_out)
    yield words("context")
    yield "## Confusion\n\nRows: the true label; columns: the predicted one.\n\n" + confusion(held_out)
    yield "## By type\n\n" + by_type(held_out)
    yield "## Calibration\n\n![confidence and share of right labels](calibration.svg)\n\n" + table(
        ["confidence", "is right", "share of files"],
        [
            [f"{confidence:.2f}", f"{right:.2f}", f"{share:.3f}"]
            for confidence, right, share in metrics.calibration_bins(held_out.p, held_out.label)
        ],
    )
    yield (
        "## What more packs would bring\n\nThe trees alone, fitted to some of the families and tested on others (the nets take too long to "
        "be trained so often).\n\n![learning curve](learning-curve.svg)"
    )
    yield "## By family\n\n" + by_family(held_out)
    yield words("experiments")
    yield "## A second opinion on labels\n\n" + doubtful(held_out)
    yield words("limits")
    yield "## Licences\n\n" + corpus_facts["licences"]


def words(name: str) -> str:
    return (WORDS / f"{name}.md").read_text("utf-8").strip()


def head_figures(held_out: HeldOut) -> str:
    open_families = metrics.summary(held_out.p[~held_out.vault], held_out.label[~held_out.vault])
    vault = metrics.summary(held_out.p[held_out.vault], held_out.label[held_out.vault])
    whole = metrics.summary(held_out.p, held_out.label)
    return table(
        ["figure", "all families held out", "of these, the ones choices were made by", "the vault"],
        [[name, f"{whole[name]:.3f}", f"{open_families[name]:.3f}", f"{vault[name]:.3f}"] for name in whole],
    )


def calibration_chart(held_out: HeldOut) -> str:
    """Confidence against the share of right labels; on the dashed line both are equal."""
    bins = [
        (confidence, right)
        for confidence, right, share in metrics.calibration_bins(held_out.p, held_out.label)
        if share > 0.005
    ]
    ticks = (0.2, 0.4, 0.6, 0.8, 1.0)
    lines = [
        charts.Line("families held out", bins),
        charts.Line("as it should be", [(0.2, 0.2), (1, 1)], dashed=True),
    ]
    return charts.chart(
        "How sure it is, and how right", charts.Axis("says", ticks), charts.Axis("is right", ticks), lines
    )


def learning_chart(curve: Sequence[tuple[int, float]]) -> str:
    """Accuracy of trees against the number of families that they learned from."""
    most = math.ceil(curve[-1][0] / 20) * 20
    across = charts.Axis("families learned from", range(0, most + 1, 20))
    up = charts.Axis("right on other families", (0.6, 0.65, 0.7, 0.75, 0.8, 0.85), "{:.2f}")
    return charts.chart("What more packs would bring", across, up, [charts.Line("trees on features", curve)])


def limits_kept(held_out: HeldOut) -> str:
    """For several limits: the share of files filed without asking, and of wrong ones, on families not used for the thresholds."""
    rows = []
    for max_wrong in (0.02, 0.05, 0.1, 0.2):
        acted, wrong = calibration.coverage_of(
            held_out.p, held_out.label, held_out.families, held_out.fold, max_wrong
        )
        rows.append([f"{max_wrong:.0%}", f"{acted:.0%}", f"{wrong:.1%}"])
    return "Thresholds are chosen without the families that they are tested on.\n\n" + table(
        ["max_wrong", "placed alone", "of these wrong"], rows
    )


def confusion(held_out: HeldOut) -> str:
    rows = zip(LABELS, metrics.confusion(held_out.p, held_out.label), strict=True)
    return table(["", *LABELS], [[name, *map(str, row)] for name, row in rows])


def by_type(held_out: HeldOut) -> str:
    """Per type: files, share with the right label, share with the right type, and the commonest wrong type."""
    confidence, rows = np.array(TYPES)[held_out.types.argmax(axis=1)], []
    right_label = held_out.p.argmax(axis=1) == held_out.label
    groups = np.array(held_out.group)
    for kind in [*TYPES, *VAGUE]:
        of_kind = groups == kind
        wrong, count = np.unique(confidence[of_kind & (confidence != kind)], return_counts=True)
        exact = "" if kind in VAGUE else f"{(confidence[of_kind] == kind).mean():.2f}"
        rows.append(
            [
                kind,
                str(of_kind.sum()),
                f"{right_label[of_kind].mean():.2f}",
                exact,
                wrong[count.argmax()] if len(wrong) else "",
            ]
        )
    return table(["type", "files", "right label", "right type", "else most often"], rows)


def doubtful(held_out: HeldOut) -> str:
    """Sounds whose label is contradicted with confidence above 0.9 by models that were trained without their family."""
    opinions = corpus.opinions()
    sure = held_out.p.max(axis=1)
    against = np.flatnonzero((held_out.p.argmax(axis=1) != held_out.label) & (sure > SURE))
    rows = [
        [
            held_out.ids[at],
            held_out.group[at],
            TYPES[held_out.types[at].argmax()],
            f"{sure[at]:.2f}",
            *opinions.get(held_out.ids[at], ("", "")),
        ]
        for at in against[np.argsort(-sure[against], kind="stable")]
    ]
    head = ["sound", "is named", "predicted", "confidence", "our opinion", "what the spectrogram shows"]
    kept = (
        f"Labels that we believe *{corpus.WRONG}* are left out of the training, but not of the tests:"
        " a model must not decide by what it is measured."
    )
    return f"{len(rows)} sounds. {kept}\n\n" + table(head, rows)


def by_family(held_out: HeldOut) -> str:
    shares = metrics.by_family(held_out.p, held_out.label, held_out.families)
    worst = sorted(shares.items(), key=lambda item: (item[1][1], item[0]))
    small = [share for count, share in shares.values() if count < 5]
    rows = [[name, str(count), f"{right:.2f}"] for name, (count, right) in worst if count >= 5]
    return (
        table(["family", "files", "right"], rows)
        + f"\n\n{len(small)} families of fewer than five files: {np.mean(small):.2f}."
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)
