"""An entry of the journal as one JSON object, for programs: `drumwatch log --json` prints it, and hooks read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.formatting import iso

if TYPE_CHECKING:
    from drumwatch.core.records import Entry


def as_record(entry: Entry) -> dict[str, object]:
    """Return an entry as one flat JSON object, for programs."""
    verdict = entry.verdict
    return {
        "id": entry.id,
        "time": iso(entry.time),
        "batch": entry.batch,
        "pack": entry.pack or None,
        "source": str(entry.source),
        "destination": str(entry.destination) if entry.destination else None,
        "action": entry.action,
        "state": entry.state,
        "label": entry.label or None,
        "type": entry.type or None,
        "confidence": round(entry.confidence, 4) if verdict else None,
        "probabilities": verdict.probabilities if verdict else None,
        "tempo": verdict.tempo if verdict else None,
        "note": verdict.note if verdict else None,
        "note_from": (verdict.note_from or None) if verdict else None,
        "rule": entry.rule,
        "reason": entry.reason,
        "error": entry.error or None,
        "model": entry.model or None,
        "content_hash": entry.content_hash or None,
        "undoes": entry.undoes,
    }
