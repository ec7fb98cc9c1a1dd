"""What the page shows of the journal: which sounds, in pages, and how one of them looks as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drumwatch.journal import CURRENT
from drumwatch.learning.teach import where
from drumwatch.words import home_short, printable

if TYPE_CHECKING:
    from drumwatch.journal import Journal
    from drumwatch.records import Entry

VIEWS = {
    "unsure": f"entry.rule = 'unsure' AND {CURRENT}",
    "recent": CURRENT,
    "clashes": "json_extract(entry.verdict, '$.name_says') NOT IN ('', json_extract(entry.verdict, '$.label'))"
    f" AND {CURRENT}",
}
AT_ONCE = 200  # rows in one answer
TOP = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view of the page with its search and filters."""

    view: str = "unsure"
    text: str = ""
    label: str = ""
    batch: int | None = None
    least: int | None = None  # only entries with this number or a greater one

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values."""
        wishes: list[tuple[str, Any]] = []
        if self.text:
            wishes.append(("instr(lower(entry.source || ' ' || batch.pack), lower(?)) > 0", self.text))
        if self.label:
            wishes.append(("entry.label = ?", self.label))
        if self.batch is not None:
            wishes.append(("entry.batch = ?", self.batch))
        if self.least is not None:
            wishes.append(("entry.id >= ?", self.least))
        condition = " AND ".join([*(sql for sql, _ in wishes), VIEWS.get(self.view, CURRENT)])
        return condition, [value for _, value in wishes]


def page(journal: Journal, wanted: Wanted, offset: int, limit: int) -> dict[str, Any]:
    """So many rows from there on, newest first, and how many there are in all."""
    where_, values = wanted.where()
    entries = journal.page(where_, values, offset=offset, limit=min(limit, AT_ONCE))
    return {"total": journal.count(where_, values), "rows": [row(entry, journal) for entry in entries]}


def row(entry: Entry, journal: Journal) -> dict[str, Any]:
    """One sound for the list."""
    place, verdict = where(entry), entry.verdict
    chances = sorted(verdict.probabilities.items(), key=lambda pair: -pair[1])[:TOP] if verdict else []
    return {
        "id": entry.id,
        "name": printable(place.name),
        "folder": home_short(place.parent),
        "label": entry.label,
        "type": entry.type,
        "confidence": entry.confidence,
        "top": chances,
        "pack": printable(entry.pack),
        "batch": entry.batch,
        "time": entry.time,
        "left": entry.action == "leave",
        "rule": printable(entry.rule),
        "reason": printable(entry.reason),
        "nameSays": verdict.name_says if verdict else "",
        "seconds": verdict.duration if verdict else 0.0,
        "shape": verdict.shape if verdict else "",
        "confirmed": journal.confirmed_label(entry.content_hash),
    }
