"""Convert between records and columns."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import FILING, HOLDING_SOUND, Entry, FileStamp, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = """entry.id, entry.time, entry.batch, batch.pack, source, destination, action, state, label, type,
    confidence, rule, reason, model, content_hash, device, inode, size_bytes, mtime_ns, verdict, error, undoes, detail"""


def _in_sql(kinds: Iterable[str]) -> str:
    return f"({', '.join(repr(kind) for kind in kinds)})"


# Entry.location and Entry.result_path of an entry that is done.
LOCATION = f"CASE WHEN entry.action IN {_in_sql(HOLDING_SOUND)} THEN entry.destination ELSE entry.source END"
RESULT_PATH = f"CASE WHEN entry.action IN {_in_sql(FILING)} THEN coalesce(entry.destination, entry.source) ELSE entry.source END"

# The latest valid entry of each sound: not undone, and no later entry continues from where the sound was put.
CURRENT = f"""entry.verdict IS NOT NULL AND entry.state = 'done' AND entry.undoes IS NULL AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.id > entry.id AND later.state = 'done' AND later.undoes IS NULL
    AND later.source = {LOCATION})"""

# An entry about a project; an entry by a user's rule of the same name has a verdict.
ABOUT_PROJECT = "(entry.rule = 'project' AND entry.verdict IS NULL)"

# An entry about a file that was put into the library with its pack, which is kept whole there.
KEPT = """(entry.rule = 'kept whole' AND entry.verdict IS NULL AND entry.undoes IS NULL AND entry.destination IS NOT NULL
    AND entry.action != 'leave')"""

# The latest entry of each project, if it says that the project was left whole.
LEFT_WHOLE = f"""{ABOUT_PROJECT} AND entry.state = 'done' AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.source = entry.source AND later.id > entry.id
    AND later.rule = 'project' AND later.verdict IS NULL)"""

# Entries that wait for the user's review.
TO_REVIEW = f"entry.rule = 'unsure' AND {CURRENT}"


def as_entry(row: Sequence[Any]) -> Entry:
    """Return a row of COLUMNS as an Entry."""
    (*head, device, inode, size_bytes, mtime_ns, verdict, error, undoes, detail) = row
    (
        entry_id,
        time,
        batch,
        pack,
        source,
        destination,
        action,
        state,
        label,
        kind,
        confidence,
        rule,
        reason,
        model,
        content_hash,
    ) = head
    return Entry(
        id=entry_id,
        time=time,
        batch=batch,
        pack=pack,
        source=from_column(source),
        destination=None if destination is None else from_column(destination),
        action=action,
        state=state,
        label=label,
        type=kind,
        confidence=confidence,
        rule=rule,
        reason=reason,
        model=model,
        content_hash=content_hash,
        stamp=None if inode is None else FileStamp(int(device), int(inode), size_bytes, mtime_ns),
        verdict=verdict and msgspec.json.decode(verdict, type=Verdict),
        error=error,
        undoes=undoes,
        detail=EntryDetail.from_stored(json.loads(detail)),
    )


def to_column(path: Path | None) -> str | bytes | None:
    """Return a path for SQLite: text, or the raw bytes if the name is not UTF-8."""
    if path is None:
        return None
    text = os.fspath(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def from_column(value: str | bytes) -> Path:
    """Return the path in a column."""
    return Path(os.fsdecode(value))


def placeholders(values: Iterable[object]) -> str:
    """Return a question mark for each value to be bound."""
    return ", ".join("?" for _ in values)
