"""docs/model.md: what the model is, how it was measured, and where it fails. Written by the pipeline, never by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumwatch.records import LABELS
from training import figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np

PAGE = Path(__file__).parent.parent / "docs" / "model.md"


def write(
    model_id: str,
    card: Mapping[str, Any],
    *,
    p: np.ndarray,
    label: np.ndarray,
    families: Sequence[str],
    promise: tuple[float, float],
) -> None:
    PAGE.write_text(
        "\n\n".join(sections(model_id, card, p=p, label=label, families=families, promise=promise)) + "\n",
        "utf-8",
    )


def sections(
    model_id: str,
    card: Mapping[str, Any],
    *,
    p: np.ndarray,
    label: np.ndarray,
    families: Sequence[str],
    promise: tuple[float, float],
) -> Iterable[str]:
    heard = card["trained_on"]
    yield f"# The model `{model_id}`"
    yield (
        f"Trained on {heard['sounds']} sounds of {heard['packs']} packs ({heard['families']} families) by "
        "`make model CORPUS=…`, which also writes this page. All figures are on families that the model in question "
        "did not see: eight folds, families whole. A hundred and more features, measured as docs/design.md says, are judged by a forest "
        "of extremely randomised trees; the labels' probabilities are made true by one temperature."
    )
    yield "## In figures\n\n" + table(
        ["figure", "families held out"], [[name, f"{value:.3f}"] for name, value in card["figures"].items()]
    )
    yield (
        f"With `max_wrong = 0.05` the model acts alone on {promise[0]:.0%} of the files of families that the thresholds "
        f"did not know either, and {promise[1]:.1%} of those are wrong."
    )
    yield "## What it takes for what\n\nRows: what it was; columns: what was said.\n\n" + table(
        ["", *LABELS],
        [[name, *map(str, row)] for name, row in zip(LABELS, figures.confusion(p, label), strict=True)],
    )
    yield "## How sure it is, and how right\n\n" + table(
        ["says", "is right", "share of files"],
        [
            [f"{said:.2f}", f"{right:.2f}", f"{share:.3f}"]
            for said, right, share in figures.calibration_bins(p, label)
        ],
    )
    worst = sorted(figures.by_family(p, label, families).items(), key=lambda item: (item[1][1], item[0]))
    yield "## By family\n\n" + table(
        ["family", "files", "right"], [[name, str(count), f"{right:.2f}"] for name, (count, right) in worst]
    )
    yield "## Licences\n\n" + heard["licences"]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)
