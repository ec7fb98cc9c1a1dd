"""Packs: sounds that arrived together, and archives that stay unpacked until all their sounds are filed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from drumwatch.journal.columns import ABOUT_PROJECT, from_column, to_column
from drumwatch.journal.entries import Entries
from drumwatch.journal.rows import Batch, PackCount, Unpacked
from drumwatch.records import ARCHIVE, ARCHIVE_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.records import Entry, Origin


class Packs(Entries):
    """Batches and unpacked archives."""

    def batch(self, origin: Path, pack: str, now: float, *, gap: float = 300.0) -> int:
        """Return the latest batch of this pack and origin if it was active within `gap` seconds, else a new one."""
        row = self._db.execute(
            "SELECT id FROM batch WHERE origin = ? AND pack = ? AND latest >= ? ORDER BY id DESC LIMIT 1",
            (to_column(origin), pack, now - gap),
        ).fetchone()
        if row:
            self._db.execute("UPDATE batch SET latest = ? WHERE id = ?", (now, row[0]))
            return int(row[0])
        return self.new_batch(origin, pack, now)

    def new_batch(self, origin: Path, pack: str, now: float) -> int:
        """Start a new batch and return its id."""
        cursor = self._db.execute(
            "INSERT INTO batch (origin, pack, started, latest) VALUES (?, ?, ?, ?)",
            (to_column(origin), pack, now, now),
        )
        return int(cursor.lastrowid or 0)

    def origin_of_batch(self, batch: int) -> Path:
        """The watched or sorted folder, or the archive, that this batch came from."""
        (origin,) = self._db.execute("SELECT origin FROM batch WHERE id = ?", (batch,)).fetchone()
        return from_column(origin)

    def filed_of(self, origin: Path, pack: str) -> int:
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

    def moved_lately(self, origin: Path, since: float) -> list[Entry]:
        """Return what was moved out of this watched folder in recently active batches, newest first, without confirmed sounds."""
        rows = self._db.execute(
            "SELECT entry.id FROM entry JOIN batch ON batch.id = entry.batch WHERE batch.origin = ? AND batch.latest >= ?"
            " AND state = 'done' AND action = 'move' AND undoes IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.entry = entry.id) ORDER BY entry.id DESC",
            (to_column(origin), since),
        ).fetchall()
        return [self.get(entry_id) for (entry_id,) in rows]

    def batches(self, since: float | None = None) -> Iterator[Batch]:
        """Yield a summary of every batch that has entries, in the order in which they began."""
        rows = self._db.execute(
            "SELECT batch.id, pack, origin, started, sum(state = 'done' AND action != 'leave'),"
            f" sum(state = 'done' AND action = 'leave' AND NOT {ABOUT_PROJECT}), sum(state = 'failed'),"
            f" sum(state = 'undone'), count(DISTINCT CASE WHEN {ABOUT_PROJECT} THEN source END)"
            " FROM batch JOIN entry ON entry.batch = batch.id AND undoes IS NULL AND action != 'remove-folders'"
            f" AND NOT ({ABOUT_PROJECT} AND state = 'undone')"
            " WHERE latest >= ? GROUP BY batch.id ORDER BY batch.id",
            (since or 0.0,),
        )
        for batch, pack, origin, *rest in rows:
            yield Batch(batch, pack, from_column(origin), *rest)

    def packs(self, where: str, values: Sequence[object]) -> list[PackCount]:
        """Return the packs of the entries that match an SQL condition of ours, newest first."""
        found: dict[int, PackCount] = {}
        for batch, pack, origin, latest, label, left, count in self._db.execute(
            "SELECT batch.id, pack, origin, max(entry.time), label, sum(action = 'leave'), count(*)"
            f" FROM entry JOIN batch ON batch.id = entry.batch WHERE {where} GROUP BY batch.id, label ORDER BY batch.id DESC, label",
            tuple(values),
        ):
            so_far = found.get(batch) or PackCount(batch, pack, from_column(origin), latest, 0, {})
            found[batch] = so_far._replace(
                latest=max(latest, so_far.latest),
                left=so_far.left + left,
                labels={**so_far.labels, label: count},
            )
        return list(found.values())

    # What lies unpacked

    def note_unpacked(self, unpacked: Unpacked) -> None:
        """Record that an archive is unpacked."""
        folder, archive, archive_hash, watch, pack, batch = unpacked
        self._db.execute(
            "INSERT OR REPLACE INTO unpacked (folder, archive, archive_hash, watch, pack, batch) VALUES (?, ?, ?, ?, ?, ?)",
            (to_column(folder), to_column(archive), archive_hash, to_column(watch), pack, batch),
        )

    def drop_unpacked(self, folder: Path) -> None:
        """Record that an unpacked folder is gone."""
        self._db.execute("DELETE FROM unpacked WHERE folder = ?", (to_column(folder),))

    def unpacked(self) -> list[Unpacked]:
        """Return the archives that are unpacked."""
        rows = self._db.execute("SELECT folder, archive, archive_hash, watch, pack, batch FROM unpacked")
        return [
            Unpacked(from_column(folder), from_column(archive), archive_hash, from_column(watch), pack, batch)
            for folder, archive, archive_hash, watch, pack, batch in rows
        ]

    def name_origin(self, entry_id: int, origin: Origin) -> None:
        """Record that the entry's sound comes from an archive, from which it was copied."""
        detail = json.dumps({ARCHIVE: str(origin.archive), ARCHIVE_HASH: origin.archive_hash})
        self._db.execute(
            "UPDATE entry SET source = ?, action = CASE action WHEN 'move' THEN 'copy' ELSE action END,"
            " detail = json_patch(detail, ?) WHERE id = ?",
            (to_column(origin.path), detail, entry_id),
        )
