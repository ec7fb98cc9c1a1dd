"""The rows of the review as JSON objects: one sound, one pack, one project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumwatch.config import folder_of, label_for
from drumwatch.core.formatting import describe_clash, home_short, printable
from drumwatch.core.root_notes import is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drumwatch.core.records import Entry, Verdict
    from drumwatch.journal import Journal, PackCount

Row = dict[str, Any]

ARCHIVE = "archive"  # the kind of a row about an archive

TOP = 3  # labels in a row, the most probable ones


def pack_row(pack: PackCount) -> Row:
    """Return the row of a pack: its name and origin, and how many of its sounds have each label."""
    return {
        "batch": pack.id,
        "name": printable(pack.pack) or "Single files",
        "from": home_short(pack.origin),
        "time": pack.latest,
        "total": sum(pack.labels.values()),
        "left": pack.left,
        "labels": pack.labels,
    }


def project_row(entry: Entry) -> Row:
    """Return the row of a project that was left whole; its path is always one line, so that it can be pasted."""
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


def archive_row(entry: Entry) -> Row:
    """Return the row of an archive that was not wholly read; it has the keys of a project's row."""
    return {
        "id": entry.id,
        "name": printable(entry.source.name),
        "folder": home_short(entry.source.parent),
        "path": printable(entry.source),
        "kind": ARCHIVE,
        "what": "an archive, not wholly read",
        "marker": "",
        "sounds": None,
        "time": entry.time,
        "reason": printable((entry.error or entry.reason).removesuffix(".")),
    }


def _marker(entry: Entry) -> str:
    """Return the path in the project of the file that identifies it; empty if the project's own name does."""
    root, marker = entry.source, entry.detail.marker or Path()
    if marker == root:
        return ""
    return printable(marker.relative_to(root) if marker.is_relative_to(root) else marker.name)


def sound_row(entry: Entry, journal: Journal, labels: Mapping[str, str]) -> Row:
    """Return the row of a sound."""
    path, verdict = entry.location, entry.verdict
    return {
        "id": entry.id,
        "name": printable(path.name),
        "folder": home_short(path.parent),
        "path": printable(path),
        "uri": path.absolute().as_uri(),
        "label": entry.label,
        "type": entry.type,
        "confidence": entry.confidence,
        "top": list(folder_probabilities(verdict, labels))[:TOP] if verdict else [],
        "pack": printable(entry.pack),
        "batch": entry.batch,
        "time": entry.time,
        "action": entry.action,
        "state": entry.state,
        "from": home_short(entry.source),
        "rule": printable(entry.rule),
        "reason": printable(entry.reason),
        "clash": describe_clash(verdict) if verdict else "",
        "seconds": verdict.duration if verdict else 0.0,
        "shape": verdict.shape if verdict else "",
        "tempo": verdict.tempo if verdict else None,
        "note": (verdict.note or "") if verdict else "",
        "may_have_note": verdict is not None and is_unknown(verdict),
        "confirmed": journal.confirmations.label_of(entry.content_hash),
        "unsure": entry.rule == "unsure",
        "starred": journal.stars.has(entry.content_hash),
    }


def folder_probabilities(verdict: Verdict, labels: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Yield the user's folders with their probabilities, highest first; a type counts for the folder that it is filed in."""
    probabilities: dict[str, float] = {}
    for kind, probability in (verdict.types or verdict.probabilities).items():
        folder = folder_of(label_for(kind, labels), labels)
        probabilities[folder] = probabilities.get(folder, 0.0) + probability
    yield from sorted(probabilities.items(), key=lambda pair: -pair[1])
