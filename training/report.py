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
class Said:
    """What models said about families that they had not heard, and what was true."""

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
    said: Said,
    steps: Mapping[str, np.ndarray],
    curve: Sequence[tuple[int, float]],
) -> None:
    PAGE.write_text("\n\n".join(sections(model_id, card, said, steps)) + "\n", "utf-8")
    (PAGE.parent / "calibration.svg").write_text(calibration_chart(said), "utf-8")
    (PAGE.parent / "learning-curve.svg").write_text(learning_chart(curve), "utf-8")


def sections(
    model_id: str, card: Mapping[str, Any], said: Said, steps: Mapping[str, np.ndarray]
) -> Iterable[str]:
    heard = card["trained_on"]
    yield f"# The model `{model_id}`"
    yield (
        f"Trained on {heard['sounds']} sounds of {heard['packs']} packs ({heard['families']} families) and on synthetic ones, by "
        "`make model CORPUS=…`, which also writes this page. All figures are about families that the model in question "
        "had not heard: eight folds, families whole. Choices were made by the other folds; the *vault* was looked at after each round,"
        " and took part in one choice (the last of the experiments below)."
    )
    yield words("method")
    yield "## In figures\n\n" + head_figures(said)
    yield "## What each part brings\n\nAll families held out.\n\n" + table(
        ["judge", "accuracy", "macro F1", "calibration error", "coverage at 95 %"],
        [
            [name, *(f"{value:.3f}" for value in list(metrics.summary(p, said.label).values())[:4])]
            for name, p in steps.items()
        ],
    )
    yield "## How far it may be trusted\n\n" + promises(said)
    yield "## What it takes for what\n\nRows: what it was; columns: what was said.\n\n" + confusion(said)
    yield "## By type\n\n" + by_type(said)
    yield "## How sure it is, and how right\n\n![said against true](calibration.svg)\n\n" + table(
        ["says", "is right", "share of files"],
        [
            [f"{told:.2f}", f"{right:.2f}", f"{share:.3f}"]
            for told, right, share in metrics.calibration_bins(said.p, said.label)
        ],
    )
    yield (
        "## What more packs would bring\n\nThe trees alone, grown on some of the families and judged on others (the nets take too long to "
        "be taught so often).\n\n![learning curve](learning-curve.svg)"
    )
    yield "## By family\n\n" + by_family(said)
    yield words("experiments")
    yield "## A second opinion on labels\n\n" + doubtful(said)
    yield words("limits")
    yield "## Licences\n\n" + heard["licences"]


def words(name: str) -> str:
    return (WORDS / f"{name}.md").read_text("utf-8").strip()


def head_figures(said: Said) -> str:
    open_families = metrics.summary(said.p[~said.vault], said.label[~said.vault])
    vault = metrics.summary(said.p[said.vault], said.label[said.vault])
    whole = metrics.summary(said.p, said.label)
    return table(
        ["figure", "all families held out", "of these, the ones choices were made by", "the vault"],
        [[name, f"{whole[name]:.3f}", f"{open_families[name]:.3f}", f"{vault[name]:.3f}"] for name in whole],
    )


def calibration_chart(said: Said) -> str:
    """Said against true, family by family unheard; on the dashed line both are the same."""
    bins = [
        (told, right) for told, right, share in metrics.calibration_bins(said.p, said.label) if share > 0.005
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
    return charts.chart(
        "What more packs would bring", across, up, [charts.Line("trees on measurements", curve)]
    )


def promises(said: Said) -> str:
    """For several wishes: how many files would be placed alone, and how many of them wrongly, on families that the thresholds never saw."""
    rows = []
    for max_wrong in (0.02, 0.05, 0.1, 0.2):
        acted, wrong = calibration.promise_kept(said.p, said.label, said.families, said.fold, max_wrong)
        rows.append([f"{max_wrong:.0%}", f"{acted:.0%}", f"{wrong:.1%}"])
    return "Thresholds are chosen without the families that they are tested on.\n\n" + table(
        ["max_wrong", "placed alone", "of these wrong"], rows
    )


def confusion(said: Said) -> str:
    rows = zip(LABELS, metrics.confusion(said.p, said.label), strict=True)
    return table(["", *LABELS], [[name, *map(str, row)] for name, row in rows])


def by_type(said: Said) -> str:
    """Per type: files, share with the right label, share with the right type, and the commonest wrong type."""
    told, rows = np.array(TYPES)[said.types.argmax(axis=1)], []
    right_label = said.p.argmax(axis=1) == said.label
    groups = np.array(said.group)
    for kind in [*TYPES, *VAGUE]:
        of_kind = groups == kind
        wrong, count = np.unique(told[of_kind & (told != kind)], return_counts=True)
        exact = "" if kind in VAGUE else f"{(told[of_kind] == kind).mean():.2f}"
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


def doubtful(said: Said) -> str:
    """Sounds whose label is contradicted with confidence above 0.9 by models that did not hear their family."""
    opinions = corpus.opinions()
    sure = said.p.max(axis=1)
    against = np.flatnonzero((said.p.argmax(axis=1) != said.label) & (sure > SURE))
    rows = [
        [
            said.ids[at],
            said.group[at],
            TYPES[said.types[at].argmax()],
            f"{sure[at]:.2f}",
            *opinions.get(said.ids[at], ("", "")),
        ]
        for at in against[np.argsort(-sure[against], kind="stable")]
    ]
    head = ["sound", "is named", "sounds like", "sure", "our opinion", "what the spectrogram shows"]
    kept = (
        f"What we believe *{corpus.WRONG}* is left out of learning, and of learning only:"
        " what a model calls wrong must not decide what it is measured by."
    )
    return f"{len(rows)} sounds. {kept}\n\n" + table(head, rows)


def by_family(said: Said) -> str:
    shares = metrics.by_family(said.p, said.label, said.families)
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
