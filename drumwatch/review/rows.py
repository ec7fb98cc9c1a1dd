"""What the review shows of the journal: which sounds, in pages and packs, and how one of them looks as JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumwatch.config import folder_of, label_for
from drumwatch.core.formatting import home_short, printable
from drumwatch.journal import CURRENT, TO_REVIEW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drumwatch.core.records import Entry, Verdict
    from drumwatch.journal import Journal

CONFIRMED = """EXISTS (SELECT 1 FROM confirmed LEFT JOIN entry AS said ON said.id = confirmed.entry
    WHERE confirmed.content_hash = entry.content_hash AND coalesce(said.state, 'done') != 'undone')"""
PROJECTS = "projects"  # the view of what was left whole
VIEWS = {
    "unsure": TO_REVIEW,
    "recent": CURRENT,
    "clashes": f"json_extract(entry.verdict, '$.clash') != '' AND {CURRENT} AND NOT {CONFIRMED}",
    "map": CURRENT,
    PROJECTS: "0",  # there is no sound in it
}
DAY = "date(entry.time, 'unixepoch', 'localtime')"
SEARCHED = "lower(entry.source || ' ' || coalesce(entry.destination, '') || ' ' || batch.pack || ' ' || entry.label || ' ' || entry.type)"
TOP = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view of the review with its search and filters; what is empty does not filter."""

    view: str = "unsure"
    text: str = ""  # words that must all be in the names of the sound, its folders, pack, label or type
    label: str = ""
    type: str = ""
    day: str = ""  # 2026-11-24, local
    batch: int | None = None
    surest: float | None = None  # only what is less sure than this
    least_sure: float | None = None  # only what is at least so sure
    first: int | None = None  # only entries with this number or a greater one

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values; the quick tests come first."""
        wishes: list[tuple[str, Any]] = [
            (sql, value)
            for sql, value in (
                ("entry.batch = ?", self.batch),
                ("entry.id >= ?", self.first),
                ("entry.label = ?", self.label or None),
                ("entry.type = ?", self.type or None),
                ("entry.confidence < ?", self.surest),
                ("entry.confidence >= ?", self.least_sure),
                (f"{DAY} = ?", self.day or None),
            )
            if value is not None
        ]
        wishes += [(f"instr({SEARCHED}, lower(?)) > 0", word) for word in self.text.split()]
        condition = " AND ".join([*(sql for sql, _ in wishes), VIEWS.get(self.view, CURRENT)])
        return condition, [value for _, value in wishes]

    def fits(self, project: Entry) -> bool:
        """Whether this project is among what is asked for: it has a name, a pack and a day, but no label, type or sureness."""
        named = f"{project.source} {project.pack} {project.reason}".lower()
        day = dt.datetime.fromtimestamp(project.time).astimezone().date().isoformat()
        return (
            not (self.label or self.type or self.surest or self.least_sure)
            and self.batch in (None, project.batch)
            and self.day in ("", day)
            and all(word in named for word in self.text.lower().split())
        )


def counts(journal: Journal, wanted: Wanted) -> dict[str, int]:
    """How many sounds each view has under the same filters."""
    return {view: journal.entries.count(*replace(wanted, view=view).where()) for view in VIEWS}


def packs(journal: Journal, wanted: Wanted) -> list[dict[str, Any]]:
    """Each pack that has such sounds, the newest first: what it is called, how many sounds, and of which labels."""
    return [
        {
            "batch": pack.id,
            "name": printable(pack.pack) or "Single files",
            "from": home_short(pack.origin),
            "time": pack.latest,
            "total": sum(pack.labels.values()),
            "left": pack.left,
            "labels": pack.labels,
        }
        for pack in journal.batches.counts(*wanted.where())
    ]


def project_row(entry: Entry) -> dict[str, Any]:
    """One project that was left whole. Its path is to be pasted, and stays one line whatever a stranger has put in the name."""
    return {
        "id": entry.id,
        "name": printable(entry.source.name),
        "folder": home_short(entry.source.parent),
        "path": printable(entry.source),
        "kind": entry.detail.project_kind,
        "what": printable(entry.detail.project_name),
        "marker": _marker(entry),
        "sounds": entry.detail.sounds,
        "time": entry.time,
        "reason": printable(entry.reason),
    }


def _marker(entry: Entry) -> str:
    """What shows that it is one, as it lies in the project; empty where the project's own name does."""
    root, marker = entry.source, entry.detail.marker or Path()
    if marker == root:
        return ""
    return printable(marker.relative_to(root) if marker.is_relative_to(root) else marker.name)


def row(entry: Entry, journal: Journal, labels: Mapping[str, str]) -> dict[str, Any]:
    """One sound for the list."""
    place, verdict = entry.location, entry.verdict
    return {
        "id": entry.id,
        "name": printable(place.name),
        "folder": home_short(place.parent),
        "label": entry.label,
        "type": entry.type,
        "confidence": entry.confidence,
        "top": list(chances(verdict, labels))[:TOP] if verdict else [],
        "pack": printable(entry.pack),
        "batch": entry.batch,
        "time": entry.time,
        "action": entry.action,
        "state": entry.state,
        "from": home_short(entry.source),
        "rule": printable(entry.rule),
        "reason": printable(entry.reason),
        "nameSays": verdict.name_says if verdict else "",
        "clash": verdict.clash if verdict else "",
        "seconds": verdict.duration if verdict else 0.0,
        "shape": verdict.shape if verdict else "",
        "tempo": verdict.tempo if verdict else None,
        "confirmed": journal.confirmations.label_of(entry.content_hash),
    }


def chances(verdict: Verdict, labels: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """The user's folders and how likely each is, the likeliest first: where clap is sent to snare, its share goes along."""
    shares: dict[str, float] = {}
    for kind, chance in (verdict.types or verdict.probabilities).items():
        folder = folder_of(label_for(kind, labels), labels)
        shares[folder] = shares.get(folder, 0.0) + chance
    yield from sorted(shares.items(), key=lambda pair: -pair[1])
