"""The entries of the journal: one row for each planned action and its result."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import msgspec

from drumwatch.journal.columns import COLUMNS, as_entry, from_column, placeholders, to_column
from drumwatch.journal.conditions import (
    ABOUT_ARCHIVE,
    ABOUT_KIT,
    ABOUT_PROJECT,
    CURRENT,
    IN_LIBRARY,
    PUT_A_FILE,
    RESULT_PATH,
    TO_REVIEW,
)
from drumwatch.journal.database import Database, Part
from drumwatch.journal.records import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry, FileStamp, State
    from drumwatch.journal.records import Plan


HIGHEST_ID = 2**63 - 1
READ_TOGETHER = 500  # entries that are read at once where many are shown


class Entries(Part):
    """The entries, from the plan of each action to its result."""

    def plan(self, plan: Plan, now: float) -> int:
        """Record an action before it is carried out, and return the entry's number."""
        stamp = plan.stamp
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
            "device": stamp and str(stamp.device),
            "inode": stamp and str(stamp.inode),
            "size_bytes": stamp and stamp.size_bytes,
            "mtime_ns": stamp and stamp.mtime_ns,
            "verdict": plan.verdict and msgspec.json.encode(plan.verdict).decode(),
            "error": plan.error,
            "undoes": plan.undoes,
            "volume": self._volume_of(plan.source, stamp) if stamp else "",
        }
        cursor = self._db.execute(  # the column names are constants, the values are bound
            f"INSERT INTO entry ({', '.join(row)}) VALUES ({placeholders(row)})", tuple(row.values())
        )
        return int(cursor.lastrowid or 0)

    def replan(self, entry_id: int, destination: Path | None, detail: EntryDetail) -> None:
        """Record that the action will use another destination than planned."""
        self._db.execute(
            "UPDATE entry SET destination = ?, detail = ? WHERE id = ?",
            (to_column(destination), json.dumps(detail.stored()), entry_id),
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
        detail: EntryDetail | None = None,
    ) -> None:
        """Record the result of an action; what is not given stays as planned."""
        self._db.execute(
            "UPDATE entry SET state = ?, action = coalesce(nullif(?, ''), action), destination = coalesce(?, destination),"
            " reason = coalesce(nullif(?, ''), reason), error = ?, detail = coalesce(?, detail) WHERE id = ?",
            (
                state,
                action,
                to_column(destination),
                reason,
                error,
                None if detail is None else json.dumps(detail.stored()),
                entry_id,
            ),
        )

    def add_note(self, entry: Entry, note: str, note_from: str) -> None:
        """Add the root note, which was looked for later, to the verdict of an entry and of all others about the same content.

        A note that a verdict has already stays.
        """
        self._db.execute(
            "UPDATE entry SET verdict = json_set(verdict, '$.note', ?, '$.note_from', ?)"
            " WHERE (id = ? OR (content_hash = ? AND content_hash != '')) AND verdict IS NOT NULL"
            " AND json_extract(verdict, '$.note') IS NULL",
            (note, note_from, entry.id, entry.content_hash),
        )

    def drop_repeated_failure(self, entry_id: int) -> Entry | None:
        """Return the entry that has just failed, or delete it and return None if an earlier one has the same error for the same file."""
        entry = self.get(entry_id)
        stamp = entry.stamp
        repeated = self._db.execute(
            "SELECT 1 FROM entry WHERE source = ? AND id < ? AND state = 'failed' AND error = ? AND inode IS ? AND mtime_ns IS ?",
            (
                to_column(entry.source),
                entry_id,
                entry.error,
                stamp and str(stamp.inode),
                stamp and stamp.mtime_ns,
            ),
        ).fetchone()
        if repeated is None:
            return entry
        self.withdraw(entry_id)
        return None

    def drop_repeated_leave(self, entry_id: int) -> Entry:
        """Return the entry that has just left a file, or delete it and return the latest one if that has the same content."""
        entry = self.get(entry_id)
        earlier = entry.stamp and self._latest(entry.source, entry.stamp, entry_id)
        if not earlier or _content(earlier) != _content(entry):
            return entry
        self.withdraw(entry_id)
        return earlier

    def withdraw(self, entry_id: int) -> None:
        """Delete a planned entry whose action was not carried out."""
        self._db.execute("DELETE FROM sound WHERE entry = ?", (entry_id,))
        self._db.execute("DELETE FROM place WHERE entry = ?", (entry_id,))
        self._db.execute("DELETE FROM entry WHERE id = ?", (entry_id,))

    def times_moved(self, source: Path, content_hash: str, since: float) -> int:
        """Return how often this sound was moved away from this path since then."""
        (times,) = self._db.execute(
            "SELECT count(*) FROM entry WHERE source = ? AND content_hash = ? AND time >= ? AND state = 'done' AND action = 'move'"
            " AND undoes IS NULL",
            (to_column(source), content_hash, since),
        ).fetchone()
        return int(times)

    def filed_into(self, library: Path) -> bool:
        """Return whether any file was ever put into this library."""
        folder = os.path.join(os.fspath(library), "")
        row = self._db.execute(
            "SELECT 1 FROM entry WHERE state = 'done' AND substr(destination, 1, ?) = ? LIMIT 1",
            (len(folder), folder),
        ).fetchone()
        return row is not None

    def find(self, query: Filter | None = None) -> Iterator[Entry]:
        """Yield the entries in the order in which they were written."""
        query = query or Filter()
        where, values = query.where()
        newest = "" if query.last is None else f"ORDER BY {query.age} DESC LIMIT {query.last:d}"
        sql = f"SELECT * FROM (SELECT {COLUMNS} FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} {newest}) ORDER BY id"
        for row in self._db.execute(sql, values):
            yield self._read(row)

    def newest_first(self, query: Filter) -> Iterator[Entry]:
        """Yield the entries that match, the newest first; nothing is kept open in the database while the caller waits."""
        where, values = query.where()
        sql = f"SELECT entry.id FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} ORDER BY entry.id DESC LIMIT ?"
        limit = -1 if query.last is None else query.last
        ids = [number for (number,) in self._db.execute(sql, (*values, limit)).fetchall()]
        for start in range(0, len(ids), READ_TOGETHER):
            chosen = ids[start : start + READ_TOGETHER]
            yield from self.newest(f"entry.id IN ({placeholders(chosen)})", chosen)

    def newest(self, where: str, values: Sequence[object] = (), limit: int = -1) -> Iterator[Entry]:
        """Yield the entries that match an SQL condition of the journal, newest first; a limit of -1 means all of them."""
        sql = f"SELECT {COLUMNS} FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} ORDER BY entry.id DESC LIMIT ?"
        for row in self._db.execute(sql, (*values, limit)).fetchall():
            yield self._read(row)

    def _read(self, row: Sequence[Any]) -> Entry:
        with self._database.reading_rows():
            return as_entry(row)

    def placed(self) -> Iterator[tuple[int, Path]]:
        """Yield the id of the latest entry of every sound, and the path where the sound should be, one row at a time."""
        for number, column in self._db.execute(f"SELECT id, {RESULT_PATH} FROM entry WHERE {CURRENT}"):
            yield number, from_column(column)

    def filed_with(self, content_hash: str) -> Iterator[Entry]:
        """Yield the latest entries of the sounds with this content, newest first."""
        return self.newest(f"entry.content_hash = ? AND {CURRENT}", (content_hash,))

    def has_placed(self, path: Path) -> bool:
        """Return whether the latest entry of some sound says that it is at this path."""
        here = to_column(path)
        where = f"(entry.destination = ? OR (entry.destination IS NULL AND entry.source = ?)) AND {CURRENT}"
        return self.count(where, (here, here)) > 0

    def without_live_tags(self, after: int) -> Iterator[Entry]:
        """Yield the sounds in label folders of a library for which Ableton Live's tags were not tried yet, newest first."""
        where = (
            f"entry.id > ? AND entry.action IN {IN_LIBRARY} AND entry.rule != 'unsure'"
            f" AND json_extract(entry.detail, '$.live_tags') IS NULL AND {CURRENT}"
        )
        return self.newest(where, (after,))

    def with_live_tags(self) -> Iterator[Entry]:
        """Yield the sounds in a library for which Ableton Live's tags were tried, now or before a correction, newest first."""
        tried = "SELECT 1 FROM entry WHERE json_extract(detail, '$.live_tags') IS NOT NULL"
        return self.newest(f"entry.action IN {IN_LIBRARY} AND EXISTS ({tried}) AND {CURRENT}")

    def latest_into(self, path: Path, *, before: int) -> Entry | None:
        """Return the newest earlier entry that has put a file or a link at this path, or None."""
        found = self.newest(
            f"entry.destination = ? AND entry.id < ? AND {PUT_A_FILE}", (to_column(path), before), 1
        )
        return next(found, None)

    def claimed_since(self, entry: Entry) -> int | None:
        """Return the newest later entry by which the file at this entry's destination is another's, or None.

        That entry has put a file there, or has moved this one's file on, after which another entry's came there.
        """
        (newest,) = self._db.execute(
            f"SELECT max(id) FROM entry WHERE id > :id AND {PUT_A_FILE}"
            " AND (destination = :place OR (source = :place AND action = 'move')) AND EXISTS"
            f" (SELECT 1 FROM entry WHERE id != :id AND destination = :place AND {PUT_A_FILE})",
            {"id": entry.id, "place": to_column(entry.destination)},
        ).fetchone()
        return None if newest is None else int(newest)

    def count(self, where: str, values: Sequence[object] = ()) -> int:
        """Return the number of entries that match an SQL condition of the journal."""
        sql = f"SELECT count(*) FROM entry JOIN batch ON batch.id = entry.batch WHERE {where}"
        return int(self._db.execute(sql, values).fetchone()[0])

    def lookup(self, entry_id: int) -> Entry | None:
        """Return the entry with this id, or None."""
        return next(self.find(Filter(ids=(entry_id,))), None)

    def get(self, entry_id: int) -> Entry:
        """Return the entry with this id; raises LookupError if there is none."""
        if (entry := self.lookup(entry_id)) is None:
            raise LookupError(f"the journal has no entry {entry_id}")
        return entry

    def first_after(self, entry_id: int) -> int | None:
        """Return the lowest id above this one, or None if there is none."""
        (first,) = self._db.execute("SELECT min(id) FROM entry WHERE id > ?", (entry_id,)).fetchone()
        return None if first is None else int(first)

    def newest_id(self) -> int:
        """Return the highest id, or 0 if there are no entries."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0])

    def latest_about(self, path: Path, stamp: FileStamp) -> Entry | None:
        """Return the newest entry about this file in its present state, or None."""
        return self._latest(path, stamp, HIGHEST_ID)

    def _latest(self, path: Path, stamp: FileStamp, before: int) -> Entry | None:
        row = self._db.execute(
            "SELECT id FROM entry WHERE source = ? AND inode = ? AND size_bytes = ? AND mtime_ns = ? AND undoes IS NULL"
            f" AND id < ? AND NOT (action = 'leave' AND state = 'undone') AND NOT {ABOUT_KIT} ORDER BY id DESC LIMIT 1",
            (to_column(path), str(stamp.inode), stamp.size_bytes, stamp.mtime_ns, before),
        ).fetchone()
        return self.lookup(row[0]) if row else None

    def count_to_review(self) -> int:
        """Return how many sounds wait for the user's review."""
        return self.count(TO_REVIEW)

    def counts(self, since: float) -> dict[str, int]:
        """Return how many sounds of each label were filed or tagged since then, and how many were left, unsure, failed or undone.

        Projects that were left whole do not count, nor archives that were read, because they are no sounds; nor does what a kit has
        of filed sounds. Sounds in a wrong folder are unsure, until another look at their library replaces what was said of them.
        """
        rows = self._db.execute(
            "SELECT CASE WHEN state != 'done' THEN state WHEN rule IN ('unsure', 'wrong folder') THEN 'unsure'"
            " WHEN action = 'leave' THEN 'left' ELSE label END AS kind, count(*) FROM entry"
            f" WHERE time >= ? AND undoes IS NULL AND action != 'remove-folders' AND NOT {ABOUT_PROJECT}"
            f" AND NOT ({ABOUT_ARCHIVE} AND state != 'failed') AND NOT (rule = 'wrong folder' AND state = 'undone')"
            f" AND NOT {ABOUT_KIT} GROUP BY kind",
            (since,),
        )
        return dict(rows.fetchall())


def _content(entry: Entry) -> tuple[object, ...]:
    """Return the columns by which two entries about one file are the same, without their times."""
    return (
        *(entry.action, entry.state, entry.label, entry.type, entry.rule, entry.reason),
        *(entry.model, entry.content_hash, entry.destination),
    )


class EntriesPart(Part):
    """A part of the journal that returns entries, and reads them through the part that has their rows."""

    def __init__(self, database: Database, entries: Entries) -> None:
        super().__init__(database)
        self._entries = entries

    def _entries_of(self, sql: str, values: Sequence[object] = ()) -> Iterator[Entry]:
        """Return the entries whose ids a query selects, in its order; each is read when it is needed."""
        rows = self._db.execute(sql, values).fetchall()
        return (self._entries.get(entry_id) for (entry_id,) in rows)
