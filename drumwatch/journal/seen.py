"""What is not new: there before us, handled, or our own write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.database import Database
from drumwatch.records import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


BASELINE = "baseline"  # why a file is not new: it was there before its folder was watched


class Seen(Database):
    """Files by path and by inode, and since when each folder is watched."""

    def watched_since(self, folder: Path) -> float | None:
        row = self._db.execute("SELECT since FROM watch WHERE folder = ?", (to_column(folder),)).fetchone()
        return row[0] if row else None

    def note_baseline(self, folder: Path, there: Iterable[tuple[Path, Fingerprint]], now: float) -> int:
        """The first time a watch is seen: whatever is there is not new. Returns how many files that is."""
        with self.transaction():
            before = self._db.total_changes
            for path, mark in there:
                self.note_seen(path, mark, BASELINE)
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

    def why_seen(self, path: Path, mark: Fingerprint) -> str:
        """Why the file at this path, as it is, is nothing new; empty where it is."""
        row = self._db.execute(
            "SELECT why FROM seen WHERE path = ? AND size_bytes = ? AND mtime_ns = ?",
            (to_column(path), mark.size_bytes, mark.mtime_ns),
        ).fetchone()
        return row[0] if row else ""

    def note_renamed(self, path: Path, mark: Fingerprint, old: Path) -> None:
        """The file that was known by its old name is known by this one, for the same reason."""
        row = self._db.execute("SELECT why FROM seen WHERE path = ?", (to_column(old),)).fetchone()
        self.note_seen(path, mark, BASELINE if row and row[0] == BASELINE else "renamed")

    def there_before(self) -> Iterator[tuple[Path, Fingerprint]]:
        """Files that were there before their folders were watched, as they were then; read one by one, as there may be very many."""
        rows = self._db.execute(
            "SELECT path, device, inode, size_bytes, mtime_ns FROM seen WHERE why = ?", (BASELINE,)
        )
        for path, device, inode, size_bytes, mtime_ns in rows:
            yield from_column(path), Fingerprint(int(device), int(inode), size_bytes, mtime_ns)

    def forget_baseline(self, folder: Path) -> None:
        """Whatever was in this folder before it was watched is new; what was handled since, or put back, is not."""
        inside = [path for path, _ in self.there_before() if path.is_relative_to(folder)]
        with self.transaction():
            for path in inside:
                self.forget(path)

    def forget(self, path: Path) -> None:
        """Whatever comes to this path next is new."""
        self._db.execute("DELETE FROM seen WHERE path = ?", (to_column(path),))
