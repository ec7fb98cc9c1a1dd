"""What a lesson is made of: the user's words as the types that they allow, and what is known of the sounds. Knows no numbers."""

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
REPLAYED = 2000  # sounds of the journal, the newest


class Meaning(NamedTuple):
    """What words mean: the types that each allows, and the classes that the user has made."""

    may_be: Mapping[str, tuple[str, ...]]  # by word; without the words that mean nothing yet
    own: tuple[str, ...]


def types_of(word: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The types that this word allows: one type, all that go to a label's folder, none for a folder of the user's own."""
    if word in LABEL_OF_TYPE and word not in LABELS:
        return (word,)
    folder = folder_of(word, labels)
    return tuple(kind for kind in LABEL_OF_TYPE if folder_of(label_for(kind, labels), labels) == folder)


def meaning(words: Iterable[Confirmation], labels: Mapping[str, str]) -> Meaning:
    """A word of the user's own with enough sounds is a class; with fewer it only names these sounds."""
    counts = Counter(word.label for word in words)
    may_be = {word: kinds for word in counts if (kinds := types_of(word, labels))}
    own = tuple(
        sorted(word for word, count in counts.items() if word not in may_be and count >= ENOUGH_FOR_A_CLASS)
    )
    return Meaning({**may_be, **{word: (word,) for word in own}}, own)


def training_request(
    journal: Journal, recall: AnalysisCache, labels: Mapping[str, str], live: StoredModel, when: str
) -> Train:
    """The request that makes a model of everything that the user has said; see `hearing/lesson.py` for the reply."""
    words = journal.confirmations.all()
    means = meaning(words, labels)
    return Train(
        sounds=tuple(_told(word, means, recall) for word in words if word.label in means.may_be),
        own=means.own,
        live=str(live.path.with_suffix(".npz")),
        history={
            content: found
            for content in journal.confirmations.analyzed_lately(REPLAYED)
            if (found := recall.of(content))
        },
        when=when,
    )


def _told(word: Confirmation, means: Meaning, recall: AnalysisCache) -> NamedSound:
    return NamedSound(
        content_hash=word.content_hash,
        label=word.label,
        may_be=means.may_be[word.label],
        pack=word.pack or f"alone {word.content_hash}",
        path=str(word.path),
        known=recall.of(word.content_hash),
    )
