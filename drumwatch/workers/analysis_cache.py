"""A cache of analysis records by content hash, so that a dry run, its report and the sorting analyze each sound once.

The file may be removed at any time, and a row that cannot be read is analyzed again. The cache keeps records, not verdicts:
another model with the same feature extraction (`AnalysisRecord.ear`) can use them too.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any, Self

import msgspec

from drumwatch.workers.protocol import AnalysisRecord

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.workers.protocol import Analyzed

log = logging.getLogger(__name__)

KEPT = 200_000  # sounds, about 1.3 kB each; the oldest are removed
TRIM_EVERY = 1000  # sounds
LAYOUT = 2  # of the table; a file with another layout is made anew
WAIT_SECONDS = 1.0  # for another process; a new analysis takes less

_DECODER = msgspec.json.Decoder(AnalysisRecord)

TABLE = """
    CREATE TABLE IF NOT EXISTS heard (
        id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL, found BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS heard_by_size ON heard (size_bytes);
"""


class AnalysisCache:
    """The open cache. It never raises: a cache that cannot be opened or read is empty.

    >>> with AnalysisCache(folder / "heard.db") as cache:
    ...     cache.keep("c0ffee", 44_044, AnalysisRecord("…", "…", 0.5, 1, None, "…"))
    """

    def __init__(self, path: Path, *, kept: int = KEPT) -> None:
        self._path, self._kept = path, kept
        self._db: sqlite3.Connection | None = None
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the oldest records, and close the file."""
        self._trim()
        self._disconnect()

    def may_know(self, size_bytes: int) -> bool:
        """Return whether a file of this size was analyzed; if not, it need not be read for its content hash."""
        return self._ask("SELECT 1 FROM heard WHERE size_bytes = ? LIMIT 1", size_bytes) is not None

    def of(self, content_hash: str) -> AnalysisRecord | None:
        """Return the record of the file with this content hash, or None."""
        row = self._ask("SELECT found FROM heard WHERE hash = ?", content_hash)
        try:
            return _DECODER.decode(zlib.decompress(row[0])) if row else None
        except (zlib.error, ValueError):  # damaged, or not written by drumwatch
            return None

    def keep(self, content_hash: str, size_bytes: int, found: AnalysisRecord) -> None:
        """Store the record of a file; a root note that was found earlier is kept."""
        if found.note is None and (before := self.of(content_hash)) and before.note is not None:
            found = msgspec.structs.replace(found, note=before.note)
        number = self._ask(
            "INSERT OR REPLACE INTO heard (hash, size_bytes, found) VALUES (?, ?, ?) RETURNING id",
            content_hash,
            size_bytes,
            _stored(found),
        )
        if number and number[0] % TRIM_EVERY == 0:
            self._trim()

    def keep_answer(self, answer: Analyzed, size_bytes: int) -> None:
        """Store the record in an answer; an answer about a known sound has none."""
        if answer.record and answer.content_hash:
            self.keep(answer.content_hash, size_bytes, answer.record)

    def add_note(self, content_hash: str, note: str) -> None:
        """Add the root note to the record of a file, if there is one; an empty note says that it has none."""
        if found := self.of(content_hash):
            self._ask(
                "UPDATE heard SET found = ? WHERE hash = ?",
                _stored(msgspec.structs.replace(found, note=note)),
                content_hash,
            )

    def _trim(self) -> None:
        self._ask("DELETE FROM heard WHERE id <= (SELECT max(id) FROM heard) - ?", self._kept)

    def _ask(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row; None if there is none, or the file is busy, full, read-only or broken."""
        if self._db is None:
            return None
        try:
            rows = self._db.execute(sql, values).fetchall()
        except sqlite3.OperationalError as exc:
            log.debug("%s: %s", self._path, exc)
        except sqlite3.DatabaseError as exc:
            log.debug("%s: %s", self._path, exc)
            log.warning("%s is broken and is made anew: sounds are analyzed again.", self._path)
            self._recreate()
        else:
            return rows[0] if rows else None
        return None

    def _open(self, *, again: bool = True) -> None:
        try:
            self._db = _opened(self._path)
        except (
            sqlite3.OperationalError,
            OSError,
        ) as exc:  # the disk is full, there is no permission, or another process uses it
            log.debug("%s cannot be used: %s", self._path, exc)
        except sqlite3.DatabaseError:
            if again:
                self._recreate()

    def _recreate(self) -> None:
        """Delete the file and make a new one; go on without a cache if that is not possible."""
        self._disconnect()
        with contextlib.suppress(OSError):
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            self._open(again=False)

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None


def _stored(found: AnalysisRecord) -> bytes:
    return zlib.compress(msgspec.json.encode(found), level=1)


def _opened(path: Path) -> sqlite3.Connection:
    with contextlib.ExitStack() as stack:
        db = stack.enter_context(
            contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS))
        )
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # what is lost in a power cut is analyzed again
        if db.execute("PRAGMA user_version").fetchone()[0] not in {0, LAYOUT}:
            raise sqlite3.DatabaseError(f"{path} was made by another version of drumwatch")
        db.executescript(f"{TABLE} PRAGMA user_version = {LAYOUT};")
        stack.pop_all()  # it stays open
        return db
