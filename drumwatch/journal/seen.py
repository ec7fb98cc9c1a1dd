"""Files that are not new: there before their folder was watched, already handled, or written by drumwatch itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.records import FileStamp
from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.database import Part
from drumwatch.system.volumes import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


BASELINE = "baseline"  # the reason of a file that was there before its folder was watched


class FolderPlace(NamedTuple):
    """Where a folder is: its path without links, and the mount point of its disk. Another place has another baseline."""

    real: Path
    mount: Path


class Seen(Part):
    """Known files by path and inode, and the time since when each folder is watched."""

    def watched_since(self, folder: Path) -> float | None:
        """Return since when this folder is watched, in seconds since the epoch, or None."""
        row = self._db.execute("SELECT since FROM watch WHERE folder = ?", (to_column(folder),)).fetchone()
        return row[0] if row else None

    def note_baseline(
        self,
        folder: Path,
        files: Iterable[tuple[Path, FileStamp]],
        now: float,
        *,
        place: FolderPlace | None = None,
    ) -> int:
        """Record the files that are in a folder when it is first watched as known, and where it is; return their number."""
        with self._database.transaction():
            before = self._db.total_changes
            for path, stamp in files:
                self.note(path, stamp, BASELINE)
            count = self._db.total_changes - before
            self._db.execute(
                "INSERT OR IGNORE INTO watch (folder, since) VALUES (?, ?)", (to_column(folder), now)
            )
            if place:
                self.note_place(folder, place)
        return count

    def note_place(self, folder: Path, place: FolderPlace) -> None:
        """Record where a watched folder is."""
        self._db.execute(
            "UPDATE watch SET real = ?, mount = ? WHERE folder = ?",
            (to_column(place.real), to_column(place.mount), to_column(folder)),
        )

    def place(self, folder: Path) -> FolderPlace | None:
        """Return where this folder was when its baseline was taken; None if only an earlier version has listed it."""
        row = self._db.execute(
            "SELECT real, mount FROM watch WHERE folder = ? AND real IS NOT NULL AND mount IS NOT NULL",
            (to_column(folder),),
        ).fetchone()
        return FolderPlace(from_column(row[0]), from_column(row[1])) if row else None

    def forget_watch(self, folder: Path) -> None:
        """Treat the next listing of this folder as its first."""
        self._db.execute("DELETE FROM watch WHERE folder = ?", (to_column(folder),))

    def without_known(self, paths: Iterable[Path]) -> set[Path]:
        """Return the folders and files of which nothing is known."""
        unknown = set(paths)
        for (path,) in self._db.execute("SELECT path FROM seen") if unknown else ():
            file = from_column(path)
            unknown.difference_update((file, *file.parents))
        return unknown

    def note_unlisted(self, path: Path, watch: Path) -> None:
        """Record a folder or file that could not be looked at when its watch was listed first."""
        self._db.execute(
            "INSERT OR REPLACE INTO unlisted (path, watch) VALUES (?, ?)", (to_column(path), to_column(watch))
        )

    def unlisted(self, watch: Path) -> list[Path]:
        """Return what was never looked at in this watched folder, so that nobody knows what is old there."""
        rows = self._db.execute("SELECT path FROM unlisted WHERE watch = ?", (to_column(watch),))
        return [from_column(path) for (path,) in rows]

    def forget_unlisted(self, path: Path) -> None:
        """Record that this folder or file has been looked at, or is gone."""
        self._db.execute("DELETE FROM unlisted WHERE path = ?", (to_column(path),))

    def note(self, path: Path, stamp: FileStamp, reason: str) -> None:
        """Record that this file in its present state is not new."""
        self._db.execute(
            "INSERT OR REPLACE INTO seen (path, device, inode, size_bytes, mtime_ns, why, volume) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(to_column(path), str(stamp.device), str(stamp.inode), stamp.size_bytes, stamp.mtime_ns),
                *(reason, self._volume_of(path, stamp)),
            ),
        )

    def is_seen(self, path: Path, stamp: FileStamp) -> bool:
        """Return whether the file is known by this path, or was only renamed."""
        return self.known_path(path, stamp) is not None

    def known_path(self, path: Path, stamp: FileStamp) -> Path | None:
        """Return the path by which this file is known: its own if possible, else its earlier one; None if it is new."""
        state, here = (stamp.size_bytes, stamp.mtime_ns), to_column(path)
        own = "SELECT 1 FROM seen WHERE size_bytes = ? AND mtime_ns = ? AND path = ?"
        if self._db.execute(own, (*state, here)).fetchone():
            return path
        rows = self._db.execute(
            "SELECT path, volume, device FROM seen WHERE size_bytes = ? AND mtime_ns = ? AND inode = ?",
            (*state, str(stamp.inode)),
        ).fetchall()
        for earlier, volume, device in rows:
            if is_same(volume, int(device), self._volume_of(path, stamp), stamp.device):
                return from_column(earlier)
        return None

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
            "SELECT path, device, inode, size_bytes, mtime_ns, volume FROM seen WHERE why = ?", (BASELINE,)
        )
        for path, device, inode, size_bytes, mtime_ns, volume in rows:
            yield from_column(path), FileStamp(int(device), int(inode), size_bytes, mtime_ns, volume)

    def forget_baseline(self, folder: Path) -> None:
        """Treat the files that were in this folder before it was watched as new; handled ones stay known."""
        inside = [path for path, _ in self.baseline() if path.is_relative_to(folder)]
        with self._database.transaction():
            self._db.execute("DELETE FROM unlisted WHERE watch = ?", (to_column(folder),))
            for path in inside:
                self.forget(path)

    def forget(self, path: Path) -> None:
        """Treat whatever comes to this path next as new."""
        self._db.execute("DELETE FROM seen WHERE path = ?", (to_column(path),))
