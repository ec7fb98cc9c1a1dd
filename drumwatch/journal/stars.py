"""The sounds that the user has starred. A star belongs to a content, so it survives moves, undo and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.database import Part

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stars(Part):
    """Reads and writes the stars of sounds, which are named by their content hashes."""

    def add(self, content_hashes: Iterable[str], now: float) -> None:
        """Star these sounds; one that has a star keeps it, and an empty hash is no sound."""
        rows = [(content_hash, now) for content_hash in content_hashes if content_hash]
        with self._database.transaction():
            self._db.executemany("INSERT OR IGNORE INTO starred (content_hash, time) VALUES (?, ?)", rows)

    def remove(self, content_hashes: Iterable[str]) -> None:
        """Take the stars of these sounds away."""
        rows = [(content_hash,) for content_hash in content_hashes]
        with self._database.transaction():
            self._db.executemany("DELETE FROM starred WHERE content_hash = ?", rows)

    def has(self, content_hash: str) -> bool:
        """Return whether this sound is starred."""
        row = self._db.execute("SELECT 1 FROM starred WHERE content_hash = ?", (content_hash,)).fetchone()
        return row is not None

    def all(self) -> list[str]:
        """Return the content hashes of all starred sounds, the latest star first."""
        rows = self._db.execute("SELECT content_hash FROM starred ORDER BY time DESC, rowid DESC")
        return [content_hash for (content_hash,) in rows]
