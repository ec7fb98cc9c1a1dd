"""The queries, plans and results of the journal, except entries."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from drumwatch.journal.columns import placeholders, to_column
from drumwatch.journal.conditions import CORRECTION, STARRED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from drumwatch.core.records import FileStamp, State, Verdict

Way = Literal["review", "folder", "command", "import"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A selection of entries; None does not filter."""

    since: float | None = None
    label: str | None = None
    below: float | None = None
    states: tuple[str, ...] = ()
    batch: int | None = None
    ids: tuple[int, ...] = ()
    after: int | None = None  # entries with a greater id
    path: Path | None = None  # as source or as destination
    starred: bool = False  # only entries of sounds that the user has starred
    # Only entries that changed something or confirm a label, and are not undone; removals of folders only by id
    undoable: bool = False
    last: int | None = None  # only the newest N, still oldest first

    @property
    def age(self) -> str:
        """Return the SQL expression that orders entries by age; for undo, by the age of the entry that is repeated."""
        first = "coalesce(CAST(json_extract(entry.detail, '$.stands_for') AS INTEGER), entry.id)"
        return first if self.undoable else "entry.id"

    def where(self) -> tuple[str, list[Any]]:
        """Return the SQL condition and its values."""
        tests: list[tuple[str, Sequence[Any]]] = [
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
            tests.append((f"state IN ({placeholders(self.states)})", self.states))
        if self.ids:
            tests.append((f"entry.id IN ({placeholders(self.ids)})", self.ids))
        if self.undoable:
            tests.append((f"state = 'done' AND undoes IS NULL AND (action != 'leave' OR {CORRECTION})", ()))
            if not self.ids:  # those go with the files that come back
                tests.append(("action != 'remove-folders'", ()))
        if self.starred:
            tests.append((STARRED, ()))
        if self.path is not None:
            tests.append(("? IN (source, destination)", (to_column(self.path),)))
        return " AND ".join(sql for sql, _ in tests) or "1", [
            value for _, values in tests for value in values
        ]


class Plan(NamedTuple):
    """A planned action that has no id yet."""

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
    stamp: FileStamp | None = None
    state: State = "planned"
    error: str = ""
    undoes: int | None = None


class Unpacked(NamedTuple):
    """An archive that is unpacked in a hidden folder until all its sounds are filed."""

    folder: Path
    archive: Path
    archive_hash: str
    watch: Path
    pack: str
    batch: int
    # The name of a file in the archive by its path in the folder, where these differ
    names: Mapping[str, str] = MappingProxyType({})


class Batch(NamedTuple):
    """Summary of a batch: how many sounds were filed, left, failed or undone, and how many projects were left whole."""

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
    """A pack, and how many of the selected sounds have each label."""

    id: int
    pack: str
    origin: Path
    latest: float
    left: int
    labels: dict[str, int]


class Confirmation(NamedTuple):
    """A label that the user gave or approved, and the label that the model gave before."""

    time: float
    content_hash: str
    label: str
    way: Way
    path: Path
    model_label: str
    pack: str
    entry: int | None = None  # the confirmation is undone together with this entry


class Retry(NamedTuple):
    """A file to try again: the attempts so far, the time of the next one (seconds since the epoch), and the reason."""

    path: Path
    attempts: int
    due: float
    reason: str
