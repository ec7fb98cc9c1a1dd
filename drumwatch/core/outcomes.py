"""Says in one word what became of a sound, for everything that counts sounds for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from drumwatch.core.formatting import count_of, printable
from drumwatch.core.records import CANNOT_ANALYZE, REMOVE_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drumwatch.core.records import Entry

Outcome = Literal["filed", "unsure", "left alone", "left whole", "could not be heard", "failed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)  # in the order in which they are listed
UNSURE_RULE, DEFAULT_RULE, DUPLICATE_RULE = "unsure", "default", "duplicate"
ALONE_BECAUSE = {DEFAULT_RULE: "as the configuration says", DUPLICATE_RULE: "the same sound as another"}


def outcome_of(entry: Entry) -> Outcome | None:
    """Return what became of the sound or project of an entry; None for one about an archive, a document, folders or an undo."""
    if entry.is_archive_outcome or entry.action == REMOVE_FOLDERS or entry.undoes is not None:
        return None
    if entry.is_project:
        return "left whole"
    if entry.state == "failed":
        return "could not be heard" if entry.rule == CANNOT_ANALYZE else "failed"
    if not entry.label:
        return None
    if entry.rule == UNSURE_RULE:
        return "unsure"
    return "left alone" if entry.action == "leave" else "filed"


def why_alone(rule: str) -> str:
    """Return why this rule leaves a sound alone, as people say it; a rule of the user has its name."""
    return ALONE_BECAUSE.get(rule, rule)


def in_words(counts: Mapping[Outcome, int], *, more: int = 0) -> str:
    """Return counts as in "46 filed, 2 unsure"; `more` are the files that went along with the sounds of a pack."""
    return ", ".join(_counted(counts, more))


def _counted(counts: Mapping[Outcome, int], more: int) -> Iterator[str]:
    for outcome in OUTCOMES:
        if count := counts.get(outcome, 0):
            yield f"{count:,} {outcome}"
    if more:
        yield f"{count_of(more, 'other file')} went along"


def with_name(pack: str, text: str) -> str:
    """Return a line about a pack, or about files that came without one."""
    return f"{printable(pack) if pack else 'Single files'}: {text}"
