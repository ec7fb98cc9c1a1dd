"""Batches of files that arrived together, and archives that stay unpacked until all their sounds are filed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.journal.columns import from_column, range_below, to_column
from drumwatch.journal.conditions import ABOUT_ARCHIVE, ABOUT_PROJECT, KEPT, NOT_INTO_A_KIT
from drumwatch.journal.entries import EntriesPart
from drumwatch.journal.records import Batch, Unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drumwatch.core.records import Entry, Origin


# The key of the state with the names of unpacked files in their archives.
_NAMES = "names in archives"


class Batches(EntriesPart):
    """Batches, packs that are kept whole, and unpacked archives."""

    def current(self, origin: Path, pack: str, now: float, *, gap: float = 300.0) -> int:
        """Return the latest batch of this pack and origin if it was active within `gap` seconds, else a new one."""
        row = self._db.execute(
            "SELECT id FROM batch WHERE origin = ? AND pack = ? AND latest >= ? ORDER BY id DESC LIMIT 1",
            (to_column(origin), pack, now - gap),
        ).fetchone()
        if row:
            self._db.execute("UPDATE batch SET latest = ? WHERE id = ?", (now, row[0]))
            return int(row[0])
        return self.new(origin, pack, now)

    def new(self, origin: Path, pack: str, now: float) -> int:
        """Start a new batch and return its id."""
        cursor = self._db.execute(
            "INSERT INTO batch (origin, pack, started, latest) VALUES (?, ?, ?, ?)",
            (to_column(origin), pack, now, now),
        )
        return int(cursor.lastrowid or 0)

    def origin_of(self, batch: int) -> Path:
        """Return the watched or sorted folder, or the archive, that this batch came from."""
        (origin,) = self._db.execute("SELECT origin FROM batch WHERE id = ?", (batch,)).fetchone()
        return from_column(origin)

    def count_filed(self, origin: Path, pack: str) -> int:
        """Return how many sounds of this pack are in a library, over all batches."""
        return int(
            self._db.execute(
                "SELECT count(*) FROM entry JOIN batch ON batch.id = entry.batch WHERE origin = ? AND pack = ?"
                " AND state = 'done' AND action IN ('move', 'copy', 'hardlink', 'symlink') AND verdict IS NOT NULL AND undoes IS NULL",
                (to_column(origin), pack),
            ).fetchone()[0]
        )

    def came_from(self, origin: Path, pack: str, since: float) -> list[tuple[Path, int]]:
        """Return the source path and size in bytes of each sound and document of this pack that is in a library."""
        rows = self._db.execute(
            "SELECT source, coalesce(size_bytes, 0) FROM entry JOIN batch ON batch.id = entry.batch WHERE origin = ? AND pack = ?"
            " AND entry.time >= ? AND state = 'done' AND action IN ('move', 'copy', 'hardlink', 'symlink') AND undoes IS NULL",
            (to_column(origin), pack, since),
        )
        return [(from_column(source), size) for source, size in rows]

    def moved_lately(self, origin: Path, since: float) -> list[tuple[int, Path]]:
        """Return the id and former path of each file that was moved out of this watched folder, in batches active since then.

        The newest is first; files that the user has labelled or put back are left out.
        """
        rows = self._db.execute(
            "SELECT entry.id, entry.source FROM entry JOIN batch ON batch.id = entry.batch"
            " WHERE batch.origin = ? AND batch.latest >= ? AND state = 'done' AND action = 'move' AND undoes IS NULL"
            f" AND NOT {KEPT} AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.entry = entry.id) ORDER BY entry.id DESC",
            (to_column(origin), since),
        )
        return [(number, from_column(source)) for number, source in rows]

    def moved_since(self, origin: Path, since: float, after: int) -> list[tuple[int, int, str]]:
        """Return the id, batch and former path of each file that was moved out of this folder, oldest first.

        Only entries after `after` in batches active since then count.
        """
        rows = self._db.execute(
            "SELECT entry.id, entry.batch, entry.source FROM entry JOIN batch ON batch.id = entry.batch"
            " WHERE batch.origin = ? AND batch.latest >= ? AND entry.id > ? AND state IN ('planned', 'done')"
            " AND action = 'move' AND undoes IS NULL ORDER BY entry.id",
            (to_column(origin), since, after),
        )
        return [(number, batch, os.fsdecode(source)) for number, batch, source in rows]

    # Packs that are kept whole

    def kept_below(self, origin: Path, since: float = 0.0) -> Iterator[Entry]:
        """Yield the entries of files that came from this folder or archive with a pack that is kept whole, newest first.

        Entries that were undone are left out.
        """
        begin, end = range_below(origin)
        return self._entries_of(
            f"SELECT id FROM entry WHERE source > ? AND source < ? AND time >= ? AND {KEPT}"
            " AND state IN ('done', 'planned') ORDER BY id DESC",
            (begin, end, since),
        )

    def kept_at(self, path: Path) -> Entry | None:
        """Return the entry that put the file at this path with its pack, which is kept whole, or None."""
        row = self._db.execute(
            f"SELECT max(id) FROM entry WHERE destination = ? AND {KEPT} AND state = 'done'",
            (to_column(path),),
        ).fetchone()
        return self._entries.lookup(row[0]) if row[0] else None

    def kept_and_not_filed(self) -> list[Entry]:
        """Return the entries of files in packs kept whole, sounds or not, about which nothing was decided since."""
        found = self._entries_of(
            f"SELECT id FROM entry WHERE {KEPT} AND state = 'done' AND NOT EXISTS ("
            " SELECT 1 FROM entry AS later WHERE later.source = entry.destination AND later.id > entry.id AND later.undoes IS NULL"
            f" AND {NOT_INTO_A_KIT}"
            " AND (later.state IN ('done', 'undone') OR later.rule = 'cannot be heard')) ORDER BY id"
        )
        return list(found)

    def listed(self, since: float | None = None) -> Iterator[Batch]:
        """Yield a summary of every batch that has entries, in the order in which they began."""
        rows = self._db.execute(
            "SELECT batch.id, pack, origin, started, sum(state = 'done' AND action != 'leave'),"
            f" sum(state = 'done' AND action = 'leave' AND NOT {ABOUT_PROJECT} AND NOT {ABOUT_ARCHIVE}), sum(state = 'failed'),"
            f" sum(state = 'undone'), count(DISTINCT CASE WHEN {ABOUT_PROJECT} THEN source END)"
            " FROM batch JOIN entry ON entry.batch = batch.id AND undoes IS NULL AND action != 'remove-folders'"
            f" AND NOT ({ABOUT_PROJECT} AND state = 'undone')"
            " WHERE latest >= ? GROUP BY batch.id ORDER BY batch.id",
            (since or 0.0,),
        )
        for batch, pack, origin, *rest in rows:
            yield Batch(batch, pack, from_column(origin), *rest)

    # Unpacked archives

    def note_unpacked(self, unpacked: Unpacked) -> None:
        """Record that an archive is unpacked."""
        folder, archive, archive_hash, watch, pack, batch, names = unpacked
        with self._database.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO unpacked (folder, archive, archive_hash, watch, pack, batch) VALUES (?, ?, ?, ?, ?, ?)",
                (to_column(folder), to_column(archive), archive_hash, to_column(watch), pack, batch),
            )
            self._set_names(folder, names)

    def drop_unpacked(self, folder: Path) -> None:
        """Record that an unpacked folder is gone."""
        with self._database.transaction():
            self._db.execute("DELETE FROM unpacked WHERE folder = ?", (to_column(folder),))
            self._set_names(folder, {})

    def unpacked(self) -> list[Unpacked]:
        """Return the archives that are unpacked."""
        rows = self._db.execute("SELECT folder, archive, archive_hash, watch, pack, batch FROM unpacked")
        names = self._names()
        return [
            Unpacked(
                from_column(folder),
                from_column(archive),
                archive_hash,
                from_column(watch),
                pack,
                batch,
                names.get(str(from_column(folder)), {}),
            )
            for folder, archive, archive_hash, watch, pack, batch in rows
        ]

    def _names(self) -> dict[str, dict[str, str]]:
        """Return the names of unpacked files in their archives, by folder and path in it, where these differ."""
        row = self._db.execute("SELECT value FROM status WHERE key = ?", (_NAMES,)).fetchone()
        found: dict[str, dict[str, str]] = json.loads(row[0]) if row else {}
        return found

    def _set_names(self, folder: Path, names: Mapping[str, str]) -> None:
        known = self._names()
        if not names and str(folder) not in known:
            return
        known.pop(str(folder), None)
        if names:
            known[str(folder)] = dict(names)
        self._db.execute(
            "INSERT OR REPLACE INTO status (key, value) VALUES (?, ?)", (_NAMES, json.dumps(known))
        )

    def name_origin(self, entry_id: int, origin: Origin) -> None:
        """Record that the entry's sound was copied out of an archive."""
        known = EntryDetail(
            archive=origin.archive, archive_hash=origin.archive_hash, archive_name=origin.name
        )
        detail = json.dumps(known.stored())
        self._db.execute(
            "UPDATE entry SET source = ?, action = CASE action WHEN 'move' THEN 'copy' ELSE action END,"
            " detail = json_patch(detail, ?) WHERE id = ?",
            (to_column(origin.path), detail, entry_id),
        )
