"""The words for what became of a file: one table, which everything that speaks to people uses.

The journal and `--json` keep their own values (`leave`, `default`, `cannot be heard`), because programs read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from drumwatch.core.formatting import count_of, printable
from drumwatch.core.records import (
    ARCHIVE,
    ARCHIVE_UNREAD,
    CANNOT_ANALYZE,
    PROJECT,
    REMOVE_FOLDERS,
    SOUND_SUFFIXES,
    WRONG_FOLDER,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from drumwatch.core.records import Entry

Outcome = Literal[
    "filed",  # moved, copied, linked or tagged
    "unsure",  # it waits for the review
    "left alone",  # a rule, a setting or a copy in the library says so
    "left whole",  # a project, with all that is in it
    "could not be heard",
    "failed",
    "undone",
    "not finished",  # planned; after a crash the next start finishes it or takes it back
]
# In the order in which they are listed and counted.
OUTCOMES: tuple[Outcome, ...] = (
    "filed",
    "unsure",
    "left alone",
    "left whole",
    "could not be heard",
    "failed",
    "undone",
)


class Sign(NamedTuple):
    """The sign of an outcome in a list: each has one of its own, so that nothing depends on colour."""

    sign: str
    in_ascii: str
    colour: str


SIGNS: dict[Outcome | None, Sign] = {
    "filed": Sign("✓", "+", "green"),
    "unsure": Sign("?", "?", "yellow"),
    "left alone": Sign("–", "-", "white"),  # noqa: RUF001  a dash is meant
    "left whole": Sign("◆", "#", "cyan"),
    "could not be heard": Sign("!", "!", "magenta"),
    "failed": Sign("✗", "x", "red"),
    "undone": Sign("↶", "<", "blue"),
    "not finished": Sign("…", "~", "yellow"),
    None: Sign("·", ".", "white"),  # about no file: the sum of an archive, emptied folders
}

UNSURE_RULE, DEFAULT_RULE, DUPLICATE_RULE, TOO_LONG_RULE = "unsure", "default", "duplicate", "too long"

# Why a file was left alone, by the rule in the journal; any other rule is the user's, and has its name.
ALONE_BECAUSE = {
    DEFAULT_RULE: "as the configuration says",
    DUPLICATE_RULE: "the same sound as another",
    TOO_LONG_RULE: "too long",
}


def outcome_of(entry: Entry) -> Outcome | None:
    """Return what became of the sound or project of an entry, or would become of it where the entry is planned.

    None for an entry about an archive, a document, or folders.
    """
    is_document = not (entry.label or entry.is_project or entry.state == "failed")
    is_about_no_sound = is_document or entry.is_archive_outcome or entry.action == REMOVE_FOLDERS
    return None if is_about_no_sound else outcome_of_file(entry)


def outcome_of_file(entry: Entry) -> Outcome | None:
    """Return the same for any file, documents that go along with a pack included."""
    return outcome(
        entry.state,
        entry.action,
        entry.rule,
        entry.source,
        is_sound=entry.verdict is not None or bool(entry.label),
        is_undoing=entry.undoes is not None,
    )


def outcome(
    state: str, action: str, rule: str, source: Path, *, is_sound: bool, is_undoing: bool = False
) -> Outcome | None:
    """Return what the columns of a journal entry mean for people; None where it is about no file."""
    if state == "failed":
        is_unheard = rule == CANNOT_ANALYZE and source.suffix.lower() in SOUND_SUFFIXES
        return "could not be heard" if is_unheard else "failed"
    if action == REMOVE_FOLDERS or (not is_sound and rule in (ARCHIVE, ARCHIVE_UNREAD)):
        return None
    if state == "undone" or is_undoing:
        return "undone"
    if not is_sound and rule == PROJECT:
        return "left whole"
    if rule in (UNSURE_RULE, WRONG_FOLDER):
        return "unsure"
    return "left alone" if action == "leave" else "filed"


def why_alone(rule: str) -> str:
    """Return why this rule leaves a sound alone, as people say it; a rule of the user has its name."""
    return ALONE_BECAUSE.get(rule, rule)


def key_of(outcome: Outcome) -> str:
    """Return the outcome as a name in JSON: left_alone."""
    return outcome.replace(" ", "_")


def in_words(
    counts: Mapping[Outcome, int],
    *,
    more: int = 0,
    parts: Mapping[Outcome, Iterable[tuple[str, int]]] | None = None,
) -> str:
    """Return counts as in "46 filed (40 kick, 6 hat), 2 unsure".

    `more` are the files that went along with the sounds of a pack, `parts` the counts in brackets.

    >>> in_words({"unsure": 1, "filed": 2000})
    '2,000 filed, 1 unsure'
    """
    return ", ".join(_counted(counts, more, parts or {}))


def _counted(
    counts: Mapping[Outcome, int], more: int, parts: Mapping[Outcome, Iterable[tuple[str, int]]]
) -> Iterator[str]:
    for kind in OUTCOMES:
        if count := counts.get(kind, 0):
            inside = ", ".join(f"{n:,} {printable(what)}" for what, n in parts.get(kind, ()) if n)
            yield f"{count:,} {kind}" + (f" ({inside})" if inside else "")
    if more:
        yield f"{count_of(more, 'other file')} went along"


def with_name(pack: str, text: str) -> str:
    """Return a line about a pack, or about files that came without one."""
    return f"{printable(pack) if pack else 'Single files'}: {text}"
