"""Conversion between records and columns."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import Entry, FileStamp, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = """entry.id, entry.time, entry.batch, batch.pack, source, destination, action, state, label, type,
    confidence, rule, reason, model, content_hash, device, inode, size_bytes, mtime_ns, verdict, error, undoes, detail, volume"""


def as_entry(row: Sequence[Any]) -> Entry:
    """Return a row of COLUMNS as an Entry."""
    (*head, device, inode, size_bytes, mtime_ns, verdict, error, undoes, detail, volume) = row
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
        stamp=None if inode is None else FileStamp(int(device), int(inode), size_bytes, mtime_ns, volume),
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


def range_below(folder: Path) -> tuple[str | bytes, str | bytes]:
    """Return two values between which SQLite sorts every path below the folder, and no other."""
    name, after = to_column(folder), chr(ord(os.sep) + 1)
    if isinstance(name, bytes):
        return name + os.sep.encode(), name + after.encode()
    return f"{name}{os.sep}", f"{name}{after}"
