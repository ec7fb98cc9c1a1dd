"""Files that are not new: there before their folder was watched, already handled, or written by drumwatch itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.records import FileStamp
from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.database import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


BASELINE = "baseline"  # the reason of a file that was there before its folder was watched


class Seen(Part):
    """Known files by path and inode, and the time since when each folder is watched."""

    def watched_since(self, folder: Path) -> float | None:
        """Return since when this folder is watched, in seconds since the epoch, or None."""
        row = self._db.execute("SELECT since FROM watch WHERE folder = ?", (to_column(folder),)).fetchone()
        return row[0] if row else None

    def note_baseline(self, folder: Path, files: Iterable[tuple[Path, FileStamp]], now: float) -> int:
        """Record the files that are in a folder when it is first watched as known; return their number."""
        with self._database.transaction():
            before = self._db.total_changes
            for path, stamp in files:
                self.note(path, stamp, BASELINE)
            count = self._db.total_changes - before
            self._db.execute(
                "INSERT OR IGNORE INTO watch (folder, since) VALUES (?, ?)", (to_column(folder), now)
            )
        return count

    def note(self, path: Path, stamp: FileStamp, reason: str) -> None:
        """Record that this file in its present state is not new."""
        self._db.execute(
            "INSERT OR REPLACE INTO seen (path, device, inode, size_bytes, mtime_ns, why) VALUES (?, ?, ?, ?, ?, ?)",
            (to_column(path), str(stamp.device), str(stamp.inode), stamp.size_bytes, stamp.mtime_ns, reason),
        )

    def is_seen(self, path: Path, stamp: FileStamp) -> bool:
        """Return whether the file is known by this path, or was only renamed."""
        return self.known_path(path, stamp) is not None

    def known_path(self, path: Path, stamp: FileStamp) -> Path | None:
        """Return the path by which this file is known: its own if possible, else its earlier one; None if it is new."""
        row = self._db.execute(
            "SELECT path FROM seen WHERE size_bytes = ? AND mtime_ns = ? AND path = ?"
            " UNION ALL SELECT path FROM seen WHERE inode = ? AND device = ? AND size_bytes = ? AND mtime_ns = ? LIMIT 1",
            (
                stamp.size_bytes,
                stamp.mtime_ns,
                to_column(path),
                str(stamp.inode),
                str(stamp.device),
                stamp.size_bytes,
                stamp.mtime_ns,
            ),
        ).fetchone()
        return from_column(row[0]) if row else None

    def reason(self, path: Path, stamp: FileStamp) -> str:
        """Return the reason why the file at this path, in its present state, is not new; empty if it is new."""
        row = self._db.execute(
            "SELECT why FROM seen WHERE path = ? AND size_bytes = ? AND mtime_ns = ?",
            (to_column(path), stamp.size_bytes, stamp.mtime_ns),
        ).fetchone()
        return row[0] if row else ""

    def note_renamed(self, path: Path, stamp: FileStamp, old: Path) -> None:
        """Record that a known file has a new path, for the same reason."""
        row = self._db.execute("SELECT why FROM seen WHERE path = ?", (to_column(old),)).fetchone()
        self.note(path, stamp, BASELINE if row and row[0] == BASELINE else "renamed")

    def baseline(self) -> Iterator[tuple[Path, FileStamp]]:
        """Yield the files that were in their folders before these were watched; read one by one, because there may be many."""
        rows = self._db.execute(
            "SELECT path, device, inode, size_bytes, mtime_ns FROM seen WHERE why = ?", (BASELINE,)
        )
        for path, device, inode, size_bytes, mtime_ns in rows:
            yield from_column(path), FileStamp(int(device), int(inode), size_bytes, mtime_ns)

    def forget_baseline(self, folder: Path) -> None:
        """Treat the files that were in this folder before it was watched as new; handled ones stay known."""
        inside = [path for path, _ in self.baseline() if path.is_relative_to(folder)]
        with self._database.transaction():
            for path in inside:
                self.forget(path)

    def forget_all(self, reason: str) -> None:
        """Treat the files that are known for this reason as new."""
        self._db.execute("DELETE FROM seen WHERE why = ?", (reason,))

    def forget(self, path: Path) -> None:
        """Treat whatever comes to this path next as new."""
        self._db.execute("DELETE FROM seen WHERE path = ?", (to_column(path),))
