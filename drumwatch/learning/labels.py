"""Resolve a label that the user typed, however it is spelled; commands, training folders and the review all use this."""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Self

from drumwatch.config import folder_of, label_for
from drumwatch.core.errors import EX_USAGE, DrumwatchError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_LABEL_PATTERN
from drumwatch.workers import model_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.config import Config
    from drumwatch.journal import Journal

NEAR = 0.6  # similarity from which a known label is proposed for an unknown one
VERY_NEAR = 0.75  # similarity from which an unknown label is probably a typing error
SHORTEST = 3  # letters of a prefix for which a label is proposed


class UnknownLabel(DrumwatchError):  # noqa: N818
    """The given label is valid but unknown; `suggestion` is a similar known label, or empty."""

    exit_code = EX_USAGE

    def __init__(self, given: str, suggestion: str, known: Iterable[str]) -> None:
        proposal = f"did you mean {suggestion}?" if suggestion else f"there are {', '.join(known)}."
        super().__init__(f'"{given}" is no label that is known: {proposal}')
        self.given = given
        self.suggestion = suggestion


class Vocabulary:
    """The known labels: labels and types, the user's folder names for them, and the user's own labels."""

    def __init__(self, folders: Mapping[str, str], own: Iterable[str] = ()) -> None:
        self._kinds = {_normalized(kind): kind for kind in (*LABEL_OF_TYPE, *LABELS)}
        self._folders = _by_spelling(label_for(kind, folders) for kind in folders)
        self._folders |= {_normalized(folder): label_for(kind, folders) for kind, folder in folders.items()}
        self._folders |= {_normalized(folder_of(label, folders)): label for label in LABELS}
        self._own_labels = {*own}
        self._own = _by_spelling(self._own_labels)

    @classmethod
    def of(cls, config: Config, journal: Journal) -> Self:
        """Return the labels that are known from the configuration, the user's confirmations and the model in use."""
        own_classes = model_store.in_force().card.get("own", ())
        return cls(config.labels, {*journal.confirmations.labels(), *journal.adopted.labels(), *own_classes})

    @property
    def own(self) -> list[str]:
        """The user's own labels, in the order of the alphabet."""
        return sorted(self._own_labels - {*LABEL_OF_TYPE, *LABELS})

    def resolve(self, given: str) -> str | None:
        """Return the label, type or own label, in any case and also for the plural of a label or type; None if it is unknown."""
        plain = _normalized(given)
        known = self._kinds.get(plain) or self._folders.get(plain) or self._kinds.get(plain.removesuffix("s"))
        return known or (given if given in self._own_labels else self._own.get(plain))

    def suggestion(self, given: str, similarity: float = NEAR) -> str:
        """Return the known label that is most similar to the given one; empty if none is similar enough.

        Of two that are equally similar, it is the one that drumwatch knows by itself: the other may be an earlier typing error.
        """
        plain = _normalized(given)
        known = {**self._own, **self._folders, **self._kinds}
        near = get_close_matches(plain, known, n=3, cutoff=similarity)
        found = sorted(
            near, key=lambda one: (-SequenceMatcher(None, one, plain).ratio(), one not in self._kinds)
        )
        with_prefix = [one for one in known if len(plain) >= SHORTEST and one.startswith(plain)]
        return known[(found or with_prefix)[0]] if found or with_prefix else ""

    def checked(self, given: str, *, new: bool = False) -> str:
        """Return the known label for the given one or, with `new`, the given one itself.

        Raises UnknownLabel for an unknown label, and UsageError for a name that cannot be a label.
        """
        if label := self.resolve(given):
            return label
        check_form(given)
        if new:
            return given
        raise UnknownLabel(given, self.suggestion(given), [*LABELS, *self._own.values()])


def check_form(given: str) -> None:
    """Raise UsageError if the name cannot be a label, because it cannot be a folder name."""
    if not re.fullmatch(OWN_LABEL_PATTERN, given):
        raise UsageError(
            f'"{printable(given)}" cannot be a label: say {", ".join(LABELS)}, a type such as clap, or a name of your own without slashes.'
        )


def _normalized(given: str) -> str:
    """Return one spelling for all: hat-closed for Hat closed and HAT_CLOSED."""
    return re.sub(r"[\s_-]+", "-", given.casefold())


def _by_spelling(labels: Iterable[str]) -> dict[str, str]:
    """Return the labels by normalized spelling; of two with the same spelling, the first in the alphabet."""
    return {_normalized(label): label for label in sorted(labels, reverse=True)}
