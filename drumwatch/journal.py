"""What was planned, done, failed, undone: the record that people read, listen through, correct and undo.

SQLite in WAL mode. A planned action is on the disk (synchronous = FULL) before the action is tried.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import msgspec

from drumwatch.errors import DrumwatchError
from drumwatch.lock import turn
from drumwatch.records import ARCHIVE, ARCHIVE_HASH, Entry, Fingerprint, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from drumwatch.records import Origin

# Append only: a step that has been released is never edited. Paths are ANY: text where the name is UTF-8, else the bytes as they are.
# Device and inode are text, as some systems hand out more than 63 bits.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, origin ANY NOT NULL, pack TEXT NOT NULL, started REAL NOT NULL, latest REAL NOT NULL
    ) STRICT;
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, batch INTEGER NOT NULL REFERENCES batch (id),
        source ANY NOT NULL, destination ANY, action TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed', 'undone')),
        label TEXT NOT NULL, type TEXT NOT NULL, confidence REAL NOT NULL,
        rule TEXT NOT NULL, reason TEXT NOT NULL, model TEXT NOT NULL,
        content_hash TEXT NOT NULL, device TEXT, inode TEXT, size_bytes INTEGER, mtime_ns INTEGER,
        verdict TEXT, error TEXT NOT NULL DEFAULT '', undoes INTEGER REFERENCES entry (id), detail TEXT NOT NULL DEFAULT '{}'
    ) STRICT;
    CREATE INDEX entry_by_source ON entry (source);
    CREATE INDEX entry_by_destination ON entry (destination);
    CREATE INDEX entry_by_batch ON entry (batch);
    CREATE INDEX entry_open ON entry (state) WHERE state = 'planned';
    CREATE TABLE watch (folder ANY PRIMARY KEY, since REAL NOT NULL) STRICT;
    CREATE TABLE seen (
        path ANY PRIMARY KEY, device TEXT NOT NULL, inode TEXT NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        why TEXT NOT NULL
    ) STRICT;
    CREATE INDEX seen_by_inode ON seen (inode);
    CREATE TABLE retry (path ANY PRIMARY KEY, attempts INTEGER NOT NULL, due REAL NOT NULL, reason TEXT NOT NULL) STRICT;
    CREATE TABLE status (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE unpacked (
        folder ANY PRIMARY KEY, archive ANY NOT NULL, archive_hash TEXT NOT NULL, watch ANY NOT NULL, pack TEXT NOT NULL,
        batch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sound (entry INTEGER PRIMARY KEY REFERENCES entry (id), digest TEXT NOT NULL) STRICT;
    CREATE INDEX sound_by_digest ON sound (digest);
""",
    "CREATE TABLE leftover (path ANY PRIMARY KEY) STRICT",
    """
    CREATE TABLE confirmed (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, content_hash TEXT NOT NULL, label TEXT NOT NULL,
        way TEXT NOT NULL CHECK (way IN ('review', 'folder', 'command', 'import')), path ANY NOT NULL, said TEXT NOT NULL,
        pack TEXT NOT NULL, entry INTEGER REFERENCES entry (id)
    ) STRICT;
    CREATE INDEX confirmed_by_hash ON confirmed (content_hash);
    CREATE INDEX entry_by_hash ON entry (content_hash);
""",
)

TWINS_LOOKED_AT = 20  # some sounds, like a click, are in a hundred packs
NO_FILE = (":memory:", "")  # "": on the disk where it grows large, and gone when it is closed

Way = Literal["review", "folder", "command", "import"]

COLUMNS = """entry.id, entry.time, entry.batch, batch.pack, source, destination, action, state, label, type,
    confidence, rule, reason, model, content_hash, device, inode, size_bytes, mtime_ns, verdict, error, undoes, detail"""


# The last word on each sound: what was undone, or went on from where it was put, is history.
CURRENT = """entry.verdict IS NOT NULL AND entry.state = 'done' AND entry.undoes IS NULL AND NOT EXISTS (
    SELECT 1 FROM entry AS later WHERE later.id > entry.id AND later.state = 'done' AND later.undoes IS NULL
    AND later.source = CASE WHEN entry.action IN ('move', 'copy', 'hardlink') THEN entry.destination ELSE entry.source END)"""

# SQLite gives the other columns of the row that has the maximum.
LATEST_WORDS = """SELECT confirmed.time, confirmed.content_hash, confirmed.label, way, path, said, pack, confirmed.entry,
    max(confirmed.id) AS latest FROM confirmed LEFT JOIN entry ON entry.id = confirmed.entry
    WHERE coalesce(entry.state, 'done') != 'undone'"""


class JournalFromTheFuture(DrumwatchError):  # noqa: N818
    """A newer drumwatch has written this journal."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries to show; what is None does not filter."""

    since: float | None = None
    label: str | None = None
    below: float | None = None
    states: tuple[str, ...] = ()
    batch: int | None = None
    ids: tuple[int, ...] = ()
    after: int | None = None  # entries with a greater id: what is new since the last look
    path: Path | None = None  # as source or as destination
    undoable: bool = False  # only what did something and has not been taken back
    last: int | None = None  # only the newest N, still oldest first

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values."""
        wishes: list[tuple[str, Sequence[Any]]] = [
            (sql, (value,))
            for sql, value in (
                ("entry.time >= ?", self.since),
                ("label = ?", self.label),
                ("confidence < ? AND verdict IS NOT NULL", self.below),
                ("entry.batch = ?", self.batch),
                ("entry.id > ?", self.after),
            )
            if value is not None
        ]
        if self.states:
            wishes.append((f"state IN ({_marks(self.states)})", self.states))
        if self.ids:
            wishes.append((f"entry.id IN ({_marks(self.ids)})", self.ids))
        if self.undoable:
            wishes.append(("state = 'done' AND action != 'leave' AND undoes IS NULL", ()))
        if self.path is not None:
            wishes.append(("? IN (source, destination)", (to_column(self.path),)))
        return " AND ".join(sql for sql, _ in wishes) or "1", [
            value for _, values in wishes for value in values
        ]


class Plan(NamedTuple):
    """A planned action, before it has a number in the journal."""

    batch: int
    source: Path
    destination: Path | None
    action: str
    rule: str
    reason: str
    label: str = ""
    type: str = ""
    confidence: float = 0.0
    verdict: Verdict | None = None
    content_hash: str = ""
    fingerprint: Fingerprint | None = None
    state: State = "planned"
    error: str = ""
    undoes: int | None = None


class Unpacked(NamedTuple):
    """An archive that lies unpacked in a hidden folder until all that is in it has been handled."""

    folder: Path
    archive: Path
    archive_hash: str
    watch: Path
    pack: str
    batch: int


class Batch(NamedTuple):
    """A pack as one line: how many sounds went where."""

    id: int
    pack: str
    origin: Path
    started: float
    filed: int
    left: int
    failed: int
    undone: int


class Confirmed(NamedTuple):
    """A label that the user has said or approved, and what the model had said before."""

    time: float
    content_hash: str
    label: str
    way: Way
    path: Path
    said: str
    pack: str
    entry: int | None = None  # undone together with it


class Retry(NamedTuple):
    """A file to look at again: how often it was tried, when it is due (seconds since the epoch), and why it waits."""

    path: Path
    attempts: int
    due: float
    reason: str


class Journal:
    """One open journal. Used by one thread; several processes may have it open at once.

    >>> with Journal(":memory:") as journal:
    ...     batch = journal.batch(Path("/Downloads"), pack="", now=0.0)
    """

    def __init__(self, path: Path | str) -> None:
        self._turn = None if path in NO_FILE else Path(path).with_suffix(".turn")
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30.0)
        if path not in NO_FILE:
            os.chmod(path, 0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA cache_size = -1024")  # 1 MiB: the daemon has to stay small
        self._migrate(path)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Self:
        """What a dry run writes in: everything is in it, and nothing of it stays. Over a whole library it moves to a temporary file."""
        journal = cls("")
        if path.exists():
            with contextlib.closing(sqlite3.connect(path)) as original:
                original.backup(journal._db)
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def _migrate(self, path: Path | str) -> None:
        version = self._version()
        if version > len(MIGRATIONS):
            self.close()
            raise JournalFromTheFuture(
                f"The journal {path} was written by a newer drumwatch: please update this one. Nothing was changed."
            )
        while (version := self._version()) < len(MIGRATIONS):
            with self.transaction():
                if self._version() == version:  # another process may have been faster
                    for statement in MIGRATIONS[version].split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {version + 1}")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it simply joins in."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def acting(self) -> AbstractContextManager[None]:
        """One at a time among all processes, from planning an action to its end.

        So whoever has the turn knows that an entry that is still planned was left so by a crash.
        """
        return turn(self._turn) if self._turn else contextlib.nullcontext()

    # Batches

    def batch(self, origin: Path, pack: str, now: float, *, gap: float = 300.0) -> int:
        """The last batch of this pack and origin if it was active within `gap` seconds, else a new one."""
        row = self._db.execute(
            "SELECT id FROM batch WHERE origin = ? AND pack = ? AND latest >= ? ORDER BY id DESC LIMIT 1",
            (to_column(origin), pack, now - gap),
        ).fetchone()
        if row:
            self._db.execute("UPDATE batch SET latest = ? WHERE id = ?", (now, row[0]))
            return int(row[0])
        return self.new_batch(origin, pack, now)

    def new_batch(self, origin: Path, pack: str, now: float) -> int:
        cursor = self._db.execute(
            "INSERT INTO batch (origin, pack, started, latest) VALUES (?, ?, ?, ?)",
            (to_column(origin), pack, now, now),
        )
        return int(cursor.lastrowid or 0)

    def batches(self, since: float | None = None) -> Iterator[Batch]:
        """Every batch that has entries, in the order they began, each summed up."""
        rows = self._db.execute(
            "SELECT batch.id, pack, origin, started, sum(state = 'done' AND action != 'leave'),"
            " sum(state = 'done' AND action = 'leave'), sum(state = 'failed'), sum(state = 'undone')"
            " FROM batch JOIN entry ON entry.batch = batch.id AND undoes IS NULL"
            " WHERE latest >= ? GROUP BY batch.id ORDER BY batch.id",
            (since or 0.0,),
        )
        for batch, pack, origin, *rest in rows:
            yield Batch(batch, pack, from_column(origin), *rest)

    # What lies unpacked

    def note_unpacked(self, unpacked: Unpacked) -> None:
        folder, archive, archive_hash, watch, pack, batch = unpacked
        self._db.execute(
            "INSERT OR REPLACE INTO unpacked (folder, archive, archive_hash, watch, pack, batch) VALUES (?, ?, ?, ?, ?, ?)",
            (to_column(folder), to_column(archive), archive_hash, to_column(watch), pack, batch),
        )

    def drop_unpacked(self, folder: Path) -> None:
        self._db.execute("DELETE FROM unpacked WHERE folder = ?", (to_column(folder),))

    def unpacked(self) -> list[Unpacked]:
        rows = self._db.execute("SELECT folder, archive, archive_hash, watch, pack, batch FROM unpacked")
        return [
            Unpacked(from_column(folder), from_column(archive), archive_hash, from_column(watch), pack, batch)
            for folder, archive, archive_hash, watch, pack, batch in rows
        ]

    def name_origin(self, entry_id: int, origin: Origin) -> None:
        """The entry is about what is in an archive: from there it was copied, as the archive keeps it."""
        entry = self.get(entry_id)
        detail = {**entry.detail, ARCHIVE: str(origin.archive), ARCHIVE_HASH: origin.archive_hash}
        self._db.execute(
            "UPDATE entry SET source = ?, action = CASE action WHEN 'move' THEN 'copy' ELSE action END, detail = ? WHERE id = ?",
            (to_column(origin.path), json.dumps(detail), entry_id),
        )

    # The same sound twice

    def note_sound(self, entry_id: int, digest: str) -> None:
        """What the entry's file sounds like, whatever its format and tags."""
        self._db.execute("INSERT OR REPLACE INTO sound (entry, digest) VALUES (?, ?)", (entry_id, digest))

    def sound_of(self, entry_id: int) -> str:
        row = self._db.execute("SELECT digest FROM sound WHERE entry = ?", (entry_id,)).fetchone()
        return row[0] if row else ""

    def same_sound(self, digest: str) -> Iterator[Entry]:
        """Entries that put this very sound somewhere, and were not taken back; the first one first."""
        rows = self._db.execute(
            "SELECT entry FROM sound JOIN entry ON entry.id = sound.entry WHERE digest = ?"
            " AND state IN ('planned', 'done') AND action != 'leave' AND destination IS NOT NULL ORDER BY entry LIMIT ?",
            (digest, TWINS_LOOKED_AT),
        ).fetchall()
        return (self.get(entry_id) for (entry_id,) in rows)

    # What the user said

    def confirm(self, word: Confirmed) -> None:
        """From now on this sound has this label, and the label may teach."""
        self._db.execute(
            "INSERT INTO confirmed (time, content_hash, label, way, path, said, pack, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            word._replace(path=to_column(word.path)),  # type: ignore[arg-type]
        )

    def confirmed(self) -> list[Confirmed]:
        """What holds: the latest word on every sound, without what was taken back; oldest first."""
        rows = self._db.execute(f"{LATEST_WORDS} GROUP BY confirmed.content_hash ORDER BY latest").fetchall()
        return [Confirmed._make((*row[:4], from_column(row[4]), *row[5:8])) for row in rows]

    def confirmed_label(self, content_hash: str) -> str:
        """What the user said of this very sound; empty where nothing was said."""
        row = self._db.execute(
            f"{LATEST_WORDS} AND confirmed.content_hash = ? GROUP BY confirmed.content_hash", (content_hash,)
        ).fetchone()
        return row[2] if row else ""

    # Entries

    def plan(self, plan: Plan, now: float) -> int:
        """Write down what is about to happen, and give it its number."""
        mark = plan.fingerprint
        row = {
            "time": now,
            "batch": plan.batch,
            "source": to_column(plan.source),
            "destination": to_column(plan.destination),
            "action": plan.action,
            "state": plan.state,
            "label": plan.label,
            "type": plan.type,
            "confidence": plan.confidence,
            "rule": plan.rule,
            "reason": plan.reason,
            "model": plan.verdict.model if plan.verdict else "",
            "content_hash": plan.content_hash,
            "device": mark and str(mark.device),
            "inode": mark and str(mark.inode),
            "size_bytes": mark and mark.size_bytes,
            "mtime_ns": mark and mark.mtime_ns,
            "verdict": plan.verdict and msgspec.json.encode(plan.verdict).decode(),
            "error": plan.error,
            "undoes": plan.undoes,
        }
        cursor = self._db.execute(  # the column names are ours, the values are bound
            f"INSERT INTO entry ({', '.join(row)}) VALUES ({_marks(row)})", tuple(row.values())
        )
        return int(cursor.lastrowid or 0)

    def replan(self, entry_id: int, destination: Path | None, detail: Mapping[str, str]) -> None:
        """The action is about to go to another name than first planned."""
        self._db.execute(
            "UPDATE entry SET destination = ?, detail = ? WHERE id = ?",
            (to_column(destination), json.dumps(dict(detail)), entry_id),
        )

    def finish(
        self,
        entry_id: int,
        state: State,
        *,
        action: str = "",
        destination: Path | None = None,
        reason: str = "",
        error: str = "",
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """What became of it; what is not given stays as it was planned."""
        self._db.execute(
            "UPDATE entry SET state = ?, action = coalesce(nullif(?, ''), action), destination = coalesce(?, destination),"
            " reason = coalesce(nullif(?, ''), reason), error = ?, detail = coalesce(?, detail) WHERE id = ?",
            (
                state,
                action,
                to_column(destination),
                reason,
                error,
                None if detail is None else json.dumps(dict(detail)),
                entry_id,
            ),
        )

    def fold(self, entry_id: int) -> Entry | None:
        """The entry that has just failed; None where an earlier one says the same of the same file, and this one is dropped."""
        entry = self.get(entry_id)
        mark = entry.fingerprint
        told_before = self._db.execute(
            "SELECT 1 FROM entry WHERE source = ? AND id < ? AND state = 'failed' AND error = ? AND inode IS ? AND mtime_ns IS ?",
            (
                to_column(entry.source),
                entry_id,
                entry.error,
                mark and str(mark.inode),
                mark and mark.mtime_ns,
            ),
        ).fetchone()
        if told_before is None:
            return entry
        self._db.execute("DELETE FROM sound WHERE entry = ?", (entry_id,))
        self._db.execute("DELETE FROM entry WHERE id = ?", (entry_id,))
        return None

    def filed_into(self, library: Path) -> bool:
        """Whether anything was ever put into this library."""
        folder = os.path.join(os.fspath(library), "")
        row = self._db.execute(
            "SELECT 1 FROM entry WHERE state = 'done' AND substr(destination, 1, ?) = ? LIMIT 1",
            (len(folder), folder),
        ).fetchone()
        return row is not None

    def entries(self, wanted: Filter | None = None) -> Iterator[Entry]:
        """Entries in the order they were written."""
        wanted = wanted or Filter()
        where, values = wanted.where()
        newest = "" if wanted.last is None else f"ORDER BY entry.id DESC LIMIT {wanted.last:d}"
        sql = f"SELECT * FROM (SELECT {COLUMNS} FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} {newest}) ORDER BY id"
        for row in self._db.execute(sql, values):
            yield _entry(row)

    def page(self, where: str, values: Sequence[object], *, offset: int, limit: int) -> Iterator[Entry]:
        """Entries that fit our own SQL condition, newest first; a limit of -1 is none."""
        sql = f"SELECT {COLUMNS} FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} ORDER BY entry.id DESC LIMIT ? OFFSET ?"
        for row in self._db.execute(sql, (*values, limit, offset)).fetchall():
            yield _entry(row)

    def placed(self) -> Iterator[tuple[int, Path]]:
        """The last entry on every sound, and where that should be; read one by one, as there may be very many."""
        path = "CASE WHEN action IN ('move', 'copy', 'hardlink') THEN coalesce(destination, source) ELSE source END"
        for number, place in self._db.execute(f"SELECT id, {path} FROM entry WHERE {CURRENT}"):
            yield number, from_column(place)

    def count(self, where: str, values: Sequence[object]) -> int:
        sql = f"SELECT count(*) FROM entry JOIN batch ON batch.id = entry.batch WHERE {where}"
        return int(self._db.execute(sql, values).fetchone()[0])

    def entry(self, entry_id: int) -> Entry | None:
        return next(self.entries(Filter(ids=(entry_id,))), None)

    def get(self, entry_id: int) -> Entry:
        """An entry that must be there."""
        if (entry := self.entry(entry_id)) is None:
            raise LookupError(f"the journal has no entry {entry_id}")
        return entry

    def newest_id(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0])

    def heard_before(self, path: Path, mark: Fingerprint, model: str) -> Entry | None:
        """The newest entry with a verdict of this model for this very file: it need not be heard again."""
        row = self._db.execute(
            "SELECT id FROM entry WHERE source = ? AND inode = ? AND size_bytes = ? AND mtime_ns = ? AND model = ?"
            " AND verdict IS NOT NULL ORDER BY id DESC LIMIT 1",
            (to_column(path), str(mark.inode), mark.size_bytes, mark.mtime_ns, model),
        ).fetchone()
        return self.entry(row[0]) if row else None

    def counts(self, since: float) -> dict[str, int]:
        """How many entries of each label were done since then, and how many failed or were left for review."""
        rows = self._db.execute(
            "SELECT CASE WHEN state = 'done' AND rule = 'unsure' THEN 'unsure' WHEN state = 'done' THEN label"
            " ELSE state END AS kind, count(*) FROM entry WHERE time >= ? AND undoes IS NULL GROUP BY kind",
            (since,),
        )
        return dict(rows.fetchall())

    # What is not new

    def watched_since(self, folder: Path) -> float | None:
        row = self._db.execute("SELECT since FROM watch WHERE folder = ?", (to_column(folder),)).fetchone()
        return row[0] if row else None

    def note_baseline(self, folder: Path, there: Iterable[tuple[Path, Fingerprint]], now: float) -> int:
        """The first time a watch is seen: whatever is there is not new. Returns how many files that is."""
        with self.transaction():
            before = self._db.total_changes
            for path, mark in there:
                self.note_seen(path, mark, "baseline")
            count = self._db.total_changes - before
            self._db.execute(
                "INSERT OR IGNORE INTO watch (folder, since) VALUES (?, ?)", (to_column(folder), now)
            )
        return count

    def note_seen(self, path: Path, mark: Fingerprint, why: str) -> None:
        """From now on this file, as it is, is nothing new: handled, our own write, or there before us."""
        self._db.execute(
            "INSERT OR REPLACE INTO seen (path, device, inode, size_bytes, mtime_ns, why) VALUES (?, ?, ?, ?, ?, ?)",
            (to_column(path), str(mark.device), str(mark.inode), mark.size_bytes, mark.mtime_ns, why),
        )

    def is_seen(self, path: Path, mark: Fingerprint) -> bool:
        """Known under this name, or an old file that was only renamed."""
        return self.seen_as(path, mark) is not None

    def seen_as(self, path: Path, mark: Fingerprint) -> Path | None:
        """The name under which this file is known: its own if it is, else the one it had before."""
        row = self._db.execute(
            "SELECT path FROM seen WHERE size_bytes = ? AND mtime_ns = ? AND path = ?"
            " UNION ALL SELECT path FROM seen WHERE inode = ? AND device = ? AND size_bytes = ? AND mtime_ns = ? LIMIT 1",
            (
                mark.size_bytes,
                mark.mtime_ns,
                to_column(path),
                str(mark.inode),
                str(mark.device),
                mark.size_bytes,
                mark.mtime_ns,
            ),
        ).fetchone()
        return from_column(row[0]) if row else None

    def forget(self, path: Path) -> None:
        """Whatever comes to this path next is new."""
        self._db.execute("DELETE FROM seen WHERE path = ?", (to_column(path),))

    # What is tried again

    def note_retry(self, retry: Retry) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO retry (path, attempts, due, reason) VALUES (?, ?, ?, ?)",
            (to_column(retry.path), *retry[1:]),
        )

    def drop_retry(self, path: Path) -> None:
        self._db.execute("DELETE FROM retry WHERE path = ?", (to_column(path),))

    def retries(self) -> list[Retry]:
        rows = self._db.execute("SELECT path, attempts, due, reason FROM retry ORDER BY due")
        return [Retry(from_column(path), attempts, due, reason) for path, attempts, due, reason in rows]

    # What could not be cleaned up

    def note_leftovers(self, paths: Iterable[Path]) -> None:
        """Temporary files of failed actions, to be removed when their disks allow it."""
        self._db.executemany(
            "INSERT OR REPLACE INTO leftover (path) VALUES (?)", [(to_column(path),) for path in paths]
        )

    def drop_leftover(self, path: Path) -> None:
        self._db.execute("DELETE FROM leftover WHERE path = ?", (to_column(path),))

    def leftovers(self) -> list[Path]:
        return [from_column(path) for (path,) in self._db.execute("SELECT path FROM leftover")]

    def check(self) -> str:
        """What SQLite finds wrong with the file; empty when it is sound."""
        found = "; ".join(row[0] for row in self._db.execute("PRAGMA quick_check(3)"))
        return "" if found == "ok" else found

    # How the daemon is

    def tell(self, **facts: object) -> None:
        """Leave a word for `drumwatch status`; None takes it back."""
        with self.transaction():
            for key, value in facts.items():
                if value is None:
                    self._db.execute("DELETE FROM status WHERE key = ?", (key,))
                else:
                    self._db.execute(
                        "INSERT OR REPLACE INTO status (key, value) VALUES (?, ?)", (key, json.dumps(value))
                    )

    def told(self) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self._db.execute("SELECT key, value FROM status")}


def _entry(row: Sequence[Any]) -> Entry:
    """A row of COLUMNS as an Entry."""
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
        fingerprint=None if inode is None else Fingerprint(int(device), int(inode), size_bytes, mtime_ns),
        verdict=verdict and msgspec.json.decode(verdict, type=Verdict),
        error=error,
        undoes=undoes,
        detail=json.loads(detail),
    )


def to_column(path: Path | None) -> str | bytes | None:
    """A path as SQLite keeps it: text, or the raw bytes where the name is not UTF-8."""
    if path is None:
        return None
    text = os.fspath(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def from_column(value: str | bytes) -> Path:
    return Path(os.fsdecode(value))


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
