"""What is asked of the journal and what it answers, besides entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from drumwatch.journal.columns import marks, to_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.records import Fingerprint, State, Verdict

Way = Literal["review", "folder", "command", "import"]

# By such an entry the user has given a sound its label, whether or not that has moved the file.
CORRECTION = "entry.id IN (SELECT confirmed.entry FROM confirmed WHERE confirmed.entry IS NOT NULL)"

STANDS_FOR = "stands_for"  # key of an entry's detail: the earlier entry that it does again, after one in between was undone


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to show; what is None does not filter."""

    since: float | None = None
    label: str | None = None
    below: float | None = None
    states: tuple[str, ...] = ()
    batch: int | None = None
    ids: tuple[int, ...] = ()
    after: int | None = None  # entries with a greater id: what is new since the last look
    path: Path | None = None  # as source or as destination
    # Only what did something, or says what the user has said, and has not been taken back; a removal of folders only by its number
    undoable: bool = False
    last: int | None = None  # only the newest N, still oldest first

    @property
    def age(self) -> str:
        """By what the newest are chosen: what is to be undone, by when the user did it first."""
        first = f"coalesce(CAST(json_extract(entry.detail, '$.{STANDS_FOR}') AS INTEGER), entry.id)"
        return first if self.undoable else "entry.id"

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values."""
        wishes: list[tuple[str, Sequence[Any]]] = [
            (sql, (value,))
            for sql, value in (
                ("entry.time >= ?", self.since),
                ("label = ?", self.label),
                ("confidence < ? AND verdict IS NOT NULL", self.below),
                ("entry.batch = ?", self.batch),
                ("entry.id > ?", self.after),
            )
            if value is not None
        ]
        if self.states:
            wishes.append((f"state IN ({marks(self.states)})", self.states))
        if self.ids:
            wishes.append((f"entry.id IN ({marks(self.ids)})", self.ids))
        if self.undoable:
            wishes.append((f"state = 'done' AND undoes IS NULL AND (action != 'leave' OR {CORRECTION})", ()))
            if not self.ids:  # those go with the files that come back
                wishes.append(("action != 'remove-folders'", ()))
        if self.path is not None:
            wishes.append(("? IN (source, destination)", (to_column(self.path),)))
        return " AND ".join(sql for sql, _ in wishes) or "1", [
            value for _, values in wishes for value in values
        ]


class Plan(NamedTuple):
    """A planned action, before it has a number in the journal."""

    batch: int
    source: Path
    destination: Path | None
    action: str
    rule: str
    reason: str
    label: str = ""
    type: str = ""
    confidence: float = 0.0
    verdict: Verdict | None = None
    content_hash: str = ""
    fingerprint: Fingerprint | None = None
    state: State = "planned"
    error: str = ""
    undoes: int | None = None


class Unpacked(NamedTuple):
    """An archive that lies unpacked in a hidden folder until all that is in it has been handled."""

    folder: Path
    archive: Path
    archive_hash: str
    watch: Path
    pack: str
    batch: int


class Batch(NamedTuple):
    """A pack as one line: how many sounds went where, and how many projects were left whole."""

    id: int
    pack: str
    origin: Path
    started: float
    filed: int
    left: int
    failed: int
    undone: int
    projects: int


class PackCount(NamedTuple):
    """A pack and how many of the sounds in question it has, by label."""

    id: int
    pack: str
    origin: Path
    latest: float
    left: int
    labels: dict[str, int]


class Confirmed(NamedTuple):
    """A label that the user has said or approved, and what the model had said before."""

    time: float
    content_hash: str
    label: str
    way: Way
    path: Path
    said: str
    pack: str
    entry: int | None = None  # undone together with it


class Retry(NamedTuple):
    """A file to look at again: how often it was tried, when it is due (seconds since the epoch), and why it waits."""

    path: Path
    attempts: int
    due: float
    reason: str
