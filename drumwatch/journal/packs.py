"""Packs: what came together, and what lies unpacked until all of it has been handled."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from drumwatch.journal.columns import ABOUT_PROJECT, from_column, to_column
from drumwatch.journal.entries import Entries
from drumwatch.journal.rows import Batch, PackCount, Unpacked
from drumwatch.records import ARCHIVE, ARCHIVE_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.records import Origin


class Packs(Entries):
    """Batches and unpacked archives."""

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

    def filed_of(self, origin: Path, pack: str) -> int:
        """How many sounds of this pack have a place in a library, over all batches."""
        return int(
            self._db.execute(
                "SELECT count(*) FROM entry JOIN batch ON batch.id = entry.batch WHERE origin = ? AND pack = ?"
                " AND state = 'done' AND action IN ('move', 'copy', 'hardlink', 'symlink') AND verdict IS NOT NULL AND undoes IS NULL",
                (to_column(origin), pack),
            ).fetchone()[0]
        )

    def came_from(self, origin: Path, pack: str, since: float) -> list[tuple[Path, int]]:
        """Where each file of this pack that has a place in a library came from, and its size in bytes; sounds and documents."""
        rows = self._db.execute(
            "SELECT source, coalesce(size_bytes, 0) FROM entry JOIN batch ON batch.id = entry.batch WHERE origin = ? AND pack = ?"
            " AND entry.time >= ? AND state = 'done' AND action IN ('move', 'copy', 'hardlink', 'symlink') AND undoes IS NULL",
            (to_column(origin), pack, since),
        )
        return [(from_column(source), size) for source, size in rows]

    def moved_lately(self, origin: Path, since: float) -> list[tuple[int, Path]]:
        """The number and the former place of what was moved out of this watched folder in batches active since then.

        Newest first, without what the user has named or put back.
        """
        rows = self._db.execute(
            "SELECT entry.id, entry.source FROM entry JOIN batch ON batch.id = entry.batch"
            " WHERE batch.origin = ? AND batch.latest >= ? AND state = 'done' AND action = 'move' AND undoes IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM confirmed WHERE confirmed.entry = entry.id) ORDER BY entry.id DESC",
            (to_column(origin), since),
        )
        return [(number, from_column(source)) for number, source in rows]

    def moved_since(self, origin: Path, since: float, after: int) -> list[tuple[int, int, str]]:
        """Number, batch and former place of what was moved out of this folder, in batches active since then, behind entry `after`."""
        rows = self._db.execute(
            "SELECT entry.id, entry.batch, entry.source FROM entry JOIN batch ON batch.id = entry.batch"
            " WHERE batch.origin = ? AND batch.latest >= ? AND entry.id > ? AND state IN ('planned', 'done')"
            " AND action = 'move' AND undoes IS NULL ORDER BY entry.id",
            (to_column(origin), since, after),
        )
        return [(number, batch, os.fsdecode(source)) for number, batch, source in rows]

    def batches(self, since: float | None = None) -> Iterator[Batch]:
        """Every batch that has entries, in the order they began, each summed up: its sounds, and the projects left whole."""
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
        """The packs of entries that fit our own SQL condition, newest first."""
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
        detail = json.dumps({ARCHIVE: str(origin.archive), ARCHIVE_HASH: origin.archive_hash})
        self._db.execute(
            "UPDATE entry SET source = ?, action = CASE action WHEN 'move' THEN 'copy' ELSE action END,"
            " detail = json_patch(detail, ?) WHERE id = ?",
            (to_column(origin.path), detail, entry_id),
        )
