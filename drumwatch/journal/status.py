"""What has to be thought of over restarts, and the daemon's word on how it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.database import Database
from drumwatch.journal.rows import Retry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Status(Database):
    """Files to be tried again, files to be cleaned up, facts for `drumwatch status`."""

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
