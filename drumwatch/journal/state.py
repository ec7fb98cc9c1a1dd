"""The state of the daemon that must survive a restart, and facts for `drumwatch status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.database import Part
from drumwatch.journal.records import Retry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class DaemonState(Part):
    """Files to try again, files to clean up, and facts for `drumwatch status`."""

    # Files to try again

    def note_retry(self, retry: Retry) -> None:
        """Record a file to try again."""
        self._db.execute(
            "INSERT OR REPLACE INTO retry (path, attempts, due, reason) VALUES (?, ?, ?, ?)",
            (to_column(retry.path), *retry[1:]),
        )

    def drop_retry(self, path: Path) -> None:
        """Forget the retry of this file."""
        self._db.execute("DELETE FROM retry WHERE path = ?", (to_column(path),))

    def retries(self) -> list[Retry]:
        """Return the files to try again, the earliest due first."""
        rows = self._db.execute("SELECT path, attempts, due, reason FROM retry ORDER BY due")
        return [Retry(from_column(path), attempts, due, reason) for path, attempts, due, reason in rows]

    # Files that could not be removed

    def note_leftovers(self, paths: Iterable[Path]) -> None:
        """Record temporary files of failed actions that are to be removed when their disks allow it."""
        self._db.executemany(
            "INSERT OR REPLACE INTO leftover (path) VALUES (?)", [(to_column(path),) for path in paths]
        )

    def drop_leftover(self, path: Path) -> None:
        """Forget a temporary file that has been removed."""
        self._db.execute("DELETE FROM leftover WHERE path = ?", (to_column(path),))

    def leftovers(self) -> list[Path]:
        """Return the temporary files that are to be removed."""
        return [from_column(path) for (path,) in self._db.execute("SELECT path FROM leftover")]

    # State of the daemon

    def set(self, **facts: object) -> None:
        """Store facts for `drumwatch status`; None deletes one."""
        with self._database.transaction():
            for key, value in facts.items():
                if value is None:
                    self._db.execute("DELETE FROM status WHERE key = ?", (key,))
                else:
                    self._db.execute(
                        "INSERT OR REPLACE INTO status (key, value) VALUES (?, ?)", (key, json.dumps(value))
                    )

    def get(self) -> dict[str, Any]:
        """Return the stored facts."""
        rows = self._db.execute("SELECT key, value FROM status").fetchall()
        with self._database.reading_rows():
            return {key: json.loads(value) for key, value in rows}
