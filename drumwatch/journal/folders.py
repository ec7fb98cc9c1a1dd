"""Folders that drumwatch emptied or removed, and folders that it created in a library."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.entries import EntriesPart

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.core.records import Entry

_REMOVALS = f"action = '{REMOVE_FOLDERS}' AND undoes IS NULL AND state IN ('done', 'undone')"


class Folders(EntriesPart):
    """Folders that our actions emptied, removed or created."""

    # In watched folders

    def recent_batches(self, origin: Path, since: float) -> list[int]:
        """Return the batches of this watched folder that were active since then."""
        rows = self._db.execute(
            "SELECT id FROM batch WHERE origin = ? AND latest >= ? ORDER BY id", (to_column(origin), since)
        )
        return [number for (number,) in rows]

    def moved_away_from(self, batch: int) -> dict[Path, int]:
        """Return the folders that files of this batch were moved out of, each with the latest such entry."""
        rows = self._db.execute(
            "SELECT id, source FROM entry WHERE batch = ? AND action = 'move' AND state = 'done' AND undoes IS NULL ORDER BY id",
            (batch,),
        )
        latest = {os.path.dirname(source): number for number, source in rows}
        return {from_column(folder): number for folder, number in latest.items()}

    def removed_since(self, entry_id: int) -> list[Entry]:
        """Return the entries after this one that removed folders, undone or not."""
        return list(self._entries_of(f"SELECT id FROM entry WHERE {_REMOVALS} AND id > ?", (entry_id,)))

    def removals_of(self, folder: Path) -> list[Entry]:
        """Return the entries that removed this folder, undone or not, newest first."""
        escaped = json.dumps(json.dumps(str(folder)))[1:-1]  # JSON inside JSON, as in the detail column
        found = self._entries_of(
            f"SELECT id FROM entry WHERE {_REMOVALS} AND instr(detail, ?) ORDER BY id DESC", (escaped,)
        )
        return [entry for entry in found if any(record.path == folder for record in entry.detail.folders)]

    # In a library

    def note_made(self, folders: Iterable[Path]) -> None:
        """Record that we created these folders."""
        self._db.executemany(
            "INSERT OR REPLACE INTO made (folder, there) VALUES (?, 1)",
            [(to_column(path),) for path in folders],
        )

    def note_unmade(self, folders: Iterable[Path]) -> None:
        """Record that these folders are gone: one that is created later is not ours, unless our undo creates it."""
        self._db.executemany(
            "UPDATE made SET there = 0 WHERE folder = ?", [(to_column(path),) for path in folders]
        )

    def note_made_again(self, folders: Iterable[Path]) -> None:
        """Record that an undo created these folders again: those that were ours are ours again."""
        self._db.executemany(
            "UPDATE made SET there = 1 WHERE folder = ?", [(to_column(path),) for path in folders]
        )

    def made_around(self, folder: Path) -> list[Path]:
        """Return this folder and its parents up to the first that we did not create, outermost first."""
        ours: list[Path] = []
        for path in (folder, *folder.parents):
            if not self._db.execute(
                "SELECT 1 FROM made WHERE folder = ? AND there", (to_column(path),)
            ).fetchone():
                break
            ours.append(path)
        return ours[::-1]
