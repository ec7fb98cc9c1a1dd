"""Apply the evidence of a sound's neighbors to the probabilities of its types, and explain what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import filename_hints
from drumwatch.analysis.model.model_file import LABEL_MATRIX
from drumwatch.context.evidence import SMALLEST_CHANGE, combined, describe, in_context
from drumwatch.core.records import LABELS, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drumwatch.analysis.filename_hints import Hint
    from drumwatch.analysis.model.model_file import Model
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Verdict

    Floats = NDArray[np.float32]


def apply(types: Floats, levels: Sequence[LevelEvidence], matrix: Floats = LABEL_MATRIX) -> Floats:
    """Return the probabilities of the types after the evidence of the neighbors; types of a label keep their ratios.

    Parameters
    ----------
    types : float32, shape (types,)
        Probabilities by sound alone.
    levels
        The evidence of the neighbors; if its strength is 0, `types` itself is returned.
    matrix : float32, shape (types, labels)
        The label of each type: `Model.label_matrix`.

    Returns
    -------
    float32, shape (types,)
        Sums to 1.
    """
    factor = combined(levels)
    if min(factor) == max(factor):
        return types
    labels = types @ matrix
    judged = np.array(in_context(labels.tolist(), factor), np.float32)
    ratio = np.divide(judged, labels, out=np.zeros_like(labels), where=labels > 0)
    result: Floats = types * (matrix @ ratio)
    return result / result.sum()


def reasons(
    by_sound: Floats, levels: Sequence[LevelEvidence], hint: Hint, verdict: Verdict, classifier: Model
) -> tuple[Reason, ...]:
    """Return how far each level of neighbors changes the label's probability, if more than SMALLEST_CHANGE.

    `by_sound` is the probability of each type by sound alone, shape (types,). The weight of a level is the probability with it less that
    without it, so the weights do not add up. A class of the user's own has no such reasons, because neighbors are no evidence for it.
    """
    if verdict.label not in LABELS:
        return ()
    of_label = classifier.label_matrix[:, classifier.labels.index(verdict.label)]
    found = []
    for left_out in levels:
        others = [one for one in levels if one is not left_out]
        without = filename_hints.fuse(apply(by_sound, others, classifier.label_matrix), hint)
        change = verdict.probabilities[verdict.label] - float(without @ of_label)
        if abs(change) > SMALLEST_CHANGE:
            measured = f"strength {left_out.strength:.1f} (natural log)"
            found.append(
                Reason(describe(left_out, verdict.label), change, f"context: {left_out.level}", measured)
            )
    return tuple(found)
