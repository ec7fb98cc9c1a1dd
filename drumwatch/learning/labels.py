"""Which label a word means, however it is written: one answer for commands, folders to train from, and the review."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

from drumwatch.config import folder_of
from drumwatch.core.errors import EX_USAGE, DrumwatchError, UsageError
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_WORD
from drumwatch.workers import model_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.config import Config
    from drumwatch.journal import Journal

NEAR = 0.6  # likeness from which a known label is proposed for an unknown word
VERY_NEAR = 0.75  # from which an unknown word may well be a slip of the pen
SHORTEST = 3  # letters of a beginning that is worth a proposal


class UnknownLabel(DrumwatchError):  # noqa: N818
    """The word could be a label of the user's own, but none that is known; `near` is a known one that is much like it, or empty."""

    exit_code = EX_USAGE

    def __init__(self, word: str, near: str, known: Iterable[str]) -> None:
        proposal = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
        super().__init__(f'"{word}" is no label that is known: {proposal}')
        self.word = word
        self.near = near


class Vocabulary:
    """The labels and types, the user's folders for them, and the words that the user has made labels before."""

    def __init__(self, folders: Mapping[str, str], own: Iterable[str] = ()) -> None:
        self._kinds = {_plain(kind): kind for kind in (*LABEL_OF_TYPE, *LABELS)}
        self._folders = _by_spelling(folders.values())
        self._folders |= {_plain(folder_of(label, folders)): label for label in LABELS}
        self._said = {*own}
        self._own = _by_spelling(self._said)

    @classmethod
    def of(cls, config: Config, journal: Journal) -> Self:
        """What is known here: by the configuration, by what was said, by the model in force."""
        taught = model_store.in_force().card.get("own", ())
        return cls(config.labels, {*journal.confirmations.labels(), *taught})

    def meant(self, word: str) -> str | None:
        """The label, type or own word, in any case, a label or type in the plural too; None for what is unknown."""
        plain = _plain(word)
        known = self._kinds.get(plain) or self._folders.get(plain) or self._kinds.get(plain.removesuffix("s"))
        return known or (word if word in self._said else self._own.get(plain))

    def near(self, word: str, likeness: float = NEAR) -> str:
        """The known word that is most like this one; empty where none is so near."""
        plain = _plain(word)
        known = {**self._own, **self._folders, **self._kinds}
        found = get_close_matches(plain, known, n=1, cutoff=likeness)
        begun = [one for one in known if len(plain) >= SHORTEST and one.startswith(plain)]
        return known[(found or begun)[0]] if found or begun else ""

    def checked(self, word: str, *, new: bool = False) -> str:
        """The label that is meant, or, where `new` words are welcome, the word itself.

        Raises UnknownLabel for an unknown word, and UsageError for what can be no label.
        """
        if label := self.meant(word):
            return label
        check_form(word)
        if new:
            return word
        raise UnknownLabel(word, self.near(word), [*LABELS, *self._own.values()])


def check_form(word: str) -> None:
    """UsageError for what can be no label, as it can be no folder."""
    if not re.fullmatch(OWN_WORD, word):
        raise UsageError(
            f"{word!r} cannot be a label: say {', '.join(LABELS)}, a type such as clap, or a word of your own without slashes."
        )


def _plain(word: str) -> str:
    """However it is written: hat-closed, Hat closed, HAT_CLOSED."""
    return re.sub(r"[\s_-]+", "-", word.casefold())


def _by_spelling(words: Iterable[str]) -> dict[str, str]:
    """By how each is written plainly; of two that are then the same, the first in the alphabet."""
    return {_plain(word): word for word in sorted(words, reverse=True)}
