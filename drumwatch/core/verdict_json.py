"""What the commands print with `--json` about a sound: its verdict, or why it could not be analyzed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.evidence_used import evidence_used

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Verdict

FIELDS = (
    "label",
    "type",
    "confidence",
    "probabilities",
    "types",
    "runner_up",
    "shape",
    "tempo",
    "note",
    "note_from",
    "duration",
    "model",
    "name_says",
    "clash",
    "by_sound",
)


def failure_as_json(path: Path, message: str) -> dict[str, object]:
    """The object for a file that could not be analyzed."""
    return {"path": str(path), "error": message}


def verdict_as_json(path: Path, verdict: Verdict) -> dict[str, object]:
    """The object for a file that was analyzed."""
    fields = {field: getattr(verdict, field) for field in FIELDS}
    context = [{"text": reason.text, "weight": reason.weight} for reason in verdict.context]
    return {"path": str(path), **fields, "context": context, "evidence": evidence_used(verdict)}
