"""Build the request for retraining: the confirmed sounds with the types that their labels allow, and their stored analyses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.workers.protocol import NamedSound, Train

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.journal import Confirmation, Journal
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.model_store import StoredModel

ENOUGH_FOR_A_CLASS = 20  # sounds
REPLAYED = 2000  # newest sounds of the journal, to which the new model is applied for comparison


class AllowedTypes(NamedTuple):
    """The types that each confirmed label allows, and the classes of the user's own."""

    by_label: Mapping[str, tuple[str, ...]]  # without own labels that have too few sounds for a class
    own: tuple[str, ...]


def types_of(label: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the types that a label allows: one for a type, several for a label's folder, none for a folder of the user's own."""
    if label in LABEL_OF_TYPE and label not in LABELS:
        return (label,)
    folder = folder_of(label, labels)
    return tuple(kind for kind in LABEL_OF_TYPE if folder_of(label_for(kind, labels), labels) == folder)


def allowed_types(confirmations: Iterable[Confirmation], labels: Mapping[str, str]) -> AllowedTypes:
    """Return the types that the confirmed labels allow; a label of the user's own is a class if it has enough sounds."""
    counts = Counter(one.label for one in confirmations)
    by_label = {label: kinds for label in counts if (kinds := types_of(label, labels))}
    own = tuple(
        sorted(
            label for label, count in counts.items() if label not in by_label and count >= ENOUGH_FOR_A_CLASS
        )
    )
    return AllowedTypes({**by_label, **{label: (label,) for label in own}}, own)


def training_request(
    journal: Journal, cache: AnalysisCache, labels: Mapping[str, str], live: StoredModel, when: str
) -> Train:
    """Return the request to train a model with all confirmations; `retrain_job.train_user_model` answers it."""
    confirmations = journal.confirmations.all()
    allowed = allowed_types(confirmations, labels)
    return Train(
        sounds=tuple(
            _named_sound(one, allowed, cache) for one in confirmations if one.label in allowed.by_label
        ),
        own=allowed.own,
        live=str(live.path.with_suffix(".npz")),
        history={
            content: found
            for content in journal.confirmations.analyzed_lately(REPLAYED)
            if (found := cache.of(content))
        },
        when=when,
    )


def _named_sound(confirmation: Confirmation, allowed: AllowedTypes, cache: AnalysisCache) -> NamedSound:
    return NamedSound(
        content_hash=confirmation.content_hash,
        label=confirmation.label,
        may_be=allowed.by_label[confirmation.label],
        pack=confirmation.pack or f"alone {confirmation.content_hash}",
        path=str(confirmation.path),
        known=cache.of(confirmation.content_hash),
    )
