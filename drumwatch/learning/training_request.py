"""Build the request for retraining: the confirmed sounds with the types that their labels allow, and their stored analyses."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_LABEL_PATTERN, TYPES
from drumwatch.journal import AdoptedSound
from drumwatch.workers.protocol import NamedSound, Train

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drumwatch.journal import Confirmation, Journal
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.model_store import StoredModel

ENOUGH_FOR_A_CLASS = 20  # sounds
MOST_ADOPTED = 1000  # adopted sounds in one training: fitting time grows with the square of all sounds
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
    kinds = tuple(kind for kind in LABEL_OF_TYPE if folder_of(label_for(kind, labels), labels) == folder)
    return kinds or TYPES.get(label, ())  # each of its types may have a folder of its own


def label_to_keep(label: str, labels: Mapping[str, str]) -> str:
    """Return the label to store for a confirmation: tom for a folder Drums/Toms, whose path may change and is no label elsewhere.

    A folder of several types keeps its path.
    """
    kinds = types_of(label, labels) if "/" in label else ()
    return kinds[0] if len(kinds) == 1 else label


def allowed_types(
    confirmations: Iterable[Confirmation | AdoptedSound], labels: Mapping[str, str]
) -> AllowedTypes:
    """Return the types that the confirmed labels allow; a label of the user's own is a class if it has enough sounds."""
    counts = Counter(one.label for one in confirmations)
    by_label = {label: kinds for label in counts if (kinds := types_of(label, labels))}
    own = tuple(
        sorted(
            label
            for label, count in counts.items()
            if label not in by_label
            and count >= ENOUGH_FOR_A_CLASS
            and re.fullmatch(OWN_LABEL_PATTERN, label)  # not the path of a folder that [labels] had once
        )
    )
    return AllowedTypes({**by_label, **{label: (label,) for label in own}}, own)


def training_request(
    journal: Journal,
    cache: AnalysisCache,
    labels: Mapping[str, str],
    live: StoredModel,
    when: str,
    *,
    adopted: Sequence[AdoptedSound] | None = None,
) -> Train:
    """Return the request to train a model with all confirmations and adopted sounds; `retrain_job.train_user_model` answers it.

    `adopted` replaces the adopted sounds of the journal, for a comparison before they are recorded there.
    """
    confirmations = journal.confirmations.all()
    said = {one.content_hash for one in confirmations}
    known = journal.adopted.all() if adopted is None else adopted
    others = [one for one in known if one.content_hash not in said]
    allowed = allowed_types([*confirmations, *others], labels)
    # The correction keeps the last ones
    trained: list[Confirmation | AdoptedSound] = [*sample_of(others, MOST_ADOPTED), *confirmations]
    return Train(
        sounds=tuple(_named_sound(one, allowed, cache) for one in trained if one.label in allowed.by_label),
        own=allowed.own,
        live=str(live.path.with_suffix(".npz")),
        history={
            content: found
            for content in journal.confirmations.analyzed_lately(REPLAYED)
            if (found := cache.of(content))
        },
        when=when,
    )


def sample_of(adopted: Iterable[AdoptedSound], most: int) -> list[AdoptedSound]:
    """Return at most so many adopted sounds, of each label about the same number, and always the same ones.

    The order of the content hashes is as good as chance, and does not change with the folders.
    """
    by_label: dict[str, list[AdoptedSound]] = {}
    for one in sorted(adopted, key=lambda one: one.content_hash):
        by_label.setdefault(one.label, []).append(one)
    chosen: list[AdoptedSound] = []
    for left, sounds in zip(
        range(len(by_label), 0, -1),
        sorted(by_label.values(), key=lambda sounds: (len(sounds), sounds[0].label)),
        strict=True,
    ):
        chosen += sounds[: (most - len(chosen)) // left]
    return chosen


def _named_sound(
    confirmation: Confirmation | AdoptedSound, allowed: AllowedTypes, cache: AnalysisCache
) -> NamedSound:
    label, weight, may_be = confirmation.label, 1.0, allowed.by_label[confirmation.label]
    if isinstance(confirmation, AdoptedSound):
        # A folder of hats may hold closed ones, too, also where another folder is for those
        weight, may_be = confirmation.weight, TYPES.get(label, may_be)
    return NamedSound(
        content_hash=confirmation.content_hash,
        label=label,
        may_be=may_be,
        pack=confirmation.pack or f"alone {confirmation.content_hash}",
        path=str(confirmation.path),
        known=cache.of(confirmation.content_hash),
        weight=weight,
    )
