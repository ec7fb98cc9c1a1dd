"""What the review shows of the journal: which sounds, in pages and packs, and how one of them looks as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from drumwatch.config import folder_of, label_for
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import PROJECT_KIND, PROJECT_MARKER, PROJECT_NAME, PROJECT_SOUNDS
from drumwatch.learning.corrections import location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drumwatch.core.records import Entry, Verdict
    from drumwatch.journal import Journal, PackCount

TOP = 3  # labels in a row, the most probable ones


def pack_row(pack: PackCount) -> dict[str, Any]:
    """One pack as JSON: its name and origin, and how many of its sounds have which label."""
    return {
        "batch": pack.id,
        "name": printable(pack.pack) or "Single files",
        "from": home_short(pack.origin),
        "time": pack.latest,
        "total": sum(pack.labels.values()),
        "left": pack.left,
        "labels": pack.labels,
    }


def project_row(entry: Entry) -> dict[str, Any]:
    """One project that was left whole. Its path is to be pasted, and stays one line whatever a stranger has put in the name."""
    return {
        "id": entry.id,
        "name": printable(entry.source.name),
        "folder": home_short(entry.source.parent),
        "path": printable(entry.source),
        "kind": entry.detail.get(PROJECT_KIND, ""),
        "what": printable(entry.detail.get(PROJECT_NAME, "")),
        "marker": _marker(entry),
        "sounds": int(entry.detail[PROJECT_SOUNDS]) if PROJECT_SOUNDS in entry.detail else None,
        "time": entry.time,
        "reason": printable(entry.reason),
    }


def _marker(entry: Entry) -> str:
    """What shows that it is one, as it lies in the project; empty where the project's own name does."""
    root, marker = entry.source, Path(entry.detail.get(PROJECT_MARKER, ""))
    if marker == root:
        return ""
    return printable(marker.relative_to(root) if marker.is_relative_to(root) else marker.name)


def row(entry: Entry, journal: Journal, labels: Mapping[str, str]) -> dict[str, Any]:
    """One sound for the list."""
    place, verdict = location(entry), entry.verdict
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
