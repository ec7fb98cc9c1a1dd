"""What was heard before, by content: so that a dry run, its report and the sorting itself hear each sound once.

A cache, in a file of its own: it may be removed at any time, and what cannot be read in it is simply heard again. It keeps
what the ear found, not what the model made of that: another model with the same ear judges by it too.
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

KEPT = 200_000  # sounds, about 1.3 kB each: the oldest make room
MAKING_ROOM_EVERY = 1000  # sounds
LAYOUT = 2  # of the table: a file with another one is begun anew
WAIT_SECONDS = 1.0  # for another process: to hear a sound again takes less

_DECODER = msgspec.json.Decoder(AnalysisRecord)

TABLE = """
    CREATE TABLE IF NOT EXISTS heard (
        id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL, found BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS heard_by_size ON heard (size_bytes);
"""


class AnalysisCache:
    """The open cache; one that cannot be opened knows nothing, and nothing that goes wrong with it ever raises.

    >>> with Recall(folder / "heard.db") as recall:
    ...     recall.keep("c0ffee", 44_044, AnalysisRecord("…", "…", 0.5, 1, None, "…"))
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
        self._make_room()
        self._disconnect()

    def may_know(self, size_bytes: int) -> bool:
        """Whether anything of this size was ever heard: only then is it worth reading a file to ask for its content."""
        return self._ask("SELECT 1 FROM heard WHERE size_bytes = ? LIMIT 1", size_bytes) is not None

    def of(self, content_hash: str) -> AnalysisRecord | None:
        """What the ear found in these bytes; None where that is not known."""
        row = self._ask("SELECT found FROM heard WHERE hash = ?", content_hash)
        try:
            return _DECODER.decode(zlib.decompress(row[0])) if row else None
        except (zlib.error, ValueError):  # the disk has lost a bit, or it is no record of ours
            return None

    def keep(self, content_hash: str, size_bytes: int, found: AnalysisRecord) -> None:
        """From now on this is known of these bytes."""
        number = self._ask(
            "INSERT OR REPLACE INTO heard (hash, size_bytes, found) VALUES (?, ?, ?) RETURNING id",
            content_hash,
            size_bytes,
            zlib.compress(msgspec.json.encode(found), level=1),
        )
        if number and number[0] % MAKING_ROOM_EVERY == 0:
            self._make_room()

    def keep_answer(self, answer: Analyzed, size_bytes: int) -> None:
        """What a worker heard for the first time; an answer about what is known already brings nothing."""
        if answer.record and answer.content_hash:
            self.keep(answer.content_hash, size_bytes, answer.record)

    def _make_room(self) -> None:
        self._ask("DELETE FROM heard WHERE id <= (SELECT max(id) FROM heard) - ?", self._kept)

    def _ask(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The one row of the answer; none where the file is busy, full, read-only or broken."""
        if self._db is None:
            return None
        try:
            rows = self._db.execute(sql, values).fetchall()
        except sqlite3.OperationalError as exc:
            log.debug("%s: %s", self._path, exc)
        except sqlite3.DatabaseError as exc:
            log.warning("%s is broken (%s) and is begun anew: sounds are heard again.", self._path, exc)
            self._recreate()
        else:
            return rows[0] if rows else None
        return None

    def _open(self, *, again: bool = True) -> None:
        try:
            self._db = _opened(self._path)
        except (sqlite3.OperationalError, OSError) as exc:  # no room, no right, or another process has it
            log.debug("%s cannot be used: %s", self._path, exc)
        except sqlite3.DatabaseError:
            if again:
                self._recreate()

    def _recreate(self) -> None:
        """Without what was in it; without any of it where that is not possible either."""
        self._disconnect()
        with contextlib.suppress(OSError):
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            self._open(again=False)

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None


def _opened(path: Path) -> sqlite3.Connection:
    with contextlib.ExitStack() as stack:
        db = stack.enter_context(
            contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS))
        )
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # what a power cut takes is heard again
        if db.execute("PRAGMA user_version").fetchone()[0] not in {0, LAYOUT}:
            raise sqlite3.DatabaseError(f"{path} is of another drumwatch")
        db.executescript(f"{TABLE} PRAGMA user_version = {LAYOUT};")
        stack.pop_all()  # it stays open
        return db
