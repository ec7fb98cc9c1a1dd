"""What became of each archive as a whole: an entry that acts on no file, and says in a sentence how many sounds came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.records import ARCHIVE, ARCHIVE_UNREAD
from drumwatch.journal.columns import from_column, range_below, to_column
from drumwatch.journal.conditions import ABOUT_ARCHIVE, UNREAD
from drumwatch.journal.entries import EntriesPart
from drumwatch.journal.records import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry, FileStamp, State

_UNREAD = (
    "not all read by "  # the reason of a known file: an archive, followed by what could be read at that time
)


class Archives(EntriesPart):
    """Entries about archives, each by its path, and the known archives that may give more to a later drumwatch."""

    def note(
        self,
        batch: int,
        archive: Path,
        stamp: FileStamp,
        sentence: str,
        now: float,
        *,
        state: State,
        wholly_read: bool = True,
    ) -> Entry | None:
        """Record what became of an archive; write nothing and return None if its latest entry says the same.

        `wholly_read`: everything in it could be read.
        """
        with self._database.transaction():
            if (latest := self._latest(archive)) and _says_the_same(latest, stamp, sentence):
                return None
            reason, error = ("", sentence) if state == "failed" else (sentence, "")
            rule = ARCHIVE if wholly_read else ARCHIVE_UNREAD
            plan = Plan(batch, archive, None, "leave", rule, reason, stamp=stamp, state=state, error=error)
            number = self._entries.plan(plan, now)
        return self._entries.get(number)

    def unread(self) -> list[Entry]:
        """Return the latest entry of every archive that could not be read, or not wholly, newest first."""
        return list(self._entries.newest(UNREAD))

    def note_unread(self, archive: Path, stamp: FileStamp, capabilities: str) -> None:
        """Record that this archive, in its present state, is not tried again as long as no more than this can be read."""
        self._db.execute(
            "INSERT OR REPLACE INTO seen (path, device, inode, size_bytes, mtime_ns, why) VALUES (?, ?, ?, ?, ?, ?)",
            (
                to_column(archive),
                str(stamp.device),
                str(stamp.inode),
                stamp.size_bytes,
                stamp.mtime_ns,
                f"{_UNREAD}{capabilities}",
            ),
        )

    def has_unread(self) -> bool:
        """Return whether any known archive was not wholly read."""
        sql = "SELECT 1 FROM seen WHERE substr(why, 1, ?) = ? LIMIT 1"
        return self._db.execute(sql, (len(_UNREAD), _UNREAD)).fetchone() is not None

    def forget_unread(self, capabilities: str) -> None:
        """Treat as new each archive that was not wholly read when something else than this could be read."""
        self._db.execute(
            "DELETE FROM seen WHERE substr(why, 1, ?) = ? AND why != ?",
            (len(_UNREAD), _UNREAD, f"{_UNREAD}{capabilities}"),
        )

    def forget_untold(self, is_archive: Callable[[str], bool]) -> None:
        """Treat as new each archive that an earlier version has refused, or has handled without a word."""
        rows = self._db.execute("SELECT path, why FROM seen WHERE why IN ('handled', 'failed')").fetchall()
        archives = [(from_column(column), why) for column, why in rows]
        with self._database.transaction():
            for path, why in archives:
                if (
                    is_archive(path.name)
                    and not self._latest(path)
                    and (why == "failed" or self._is_silent(path))
                ):
                    self._db.execute("DELETE FROM seen WHERE path = ?", (to_column(path),))

    def was_unread(self, archive: Path, stamp: FileStamp) -> bool:
        """Return whether this very file was not wholly read when it was handled last."""
        latest = self._latest(archive)
        return latest is not None and latest.rule == ARCHIVE_UNREAD and latest.stamp == stamp

    def decided(self, archive: Path, archive_hash: str) -> dict[str, Outcome]:
        """Return the sounds in an archive of this content about which was decided, by name: filed still, unsure, or left alone."""
        rows = self._db.execute(
            "SELECT source, CASE WHEN max(state = 'done' AND action != 'leave') THEN 'filed'"
            " WHEN max(rule = 'unsure') THEN 'unsure' ELSE 'left alone' END FROM entry"
            " WHERE source > ? AND source < ? AND verdict IS NOT NULL AND undoes IS NULL AND state IN ('done', 'undone')"
            " AND json_extract(detail, '$.archive_hash') = ? GROUP BY source",
            (*range_below(archive), archive_hash),
        )
        return {from_column(source).relative_to(archive).as_posix(): outcome for source, outcome in rows}

    def _is_silent(self, archive: Path) -> bool:
        """Return whether no entry is about the archive or about what is in it."""
        sql = "SELECT 1 FROM entry WHERE source = ? OR (source > ? AND source < ?) LIMIT 1"
        values = (to_column(archive), *range_below(archive))
        return self._db.execute(sql, values).fetchone() is None

    def _latest(self, archive: Path) -> Entry | None:
        sql = f"SELECT max(id) FROM entry WHERE source = ? AND {ABOUT_ARCHIVE}"
        (number,) = self._db.execute(sql, (to_column(archive),)).fetchone()
        return None if number is None else self._entries.get(number)


def _says_the_same(latest: Entry, stamp: FileStamp, sentence: str) -> bool:
    is_same_file = latest.stamp is not None and (latest.stamp.size_bytes, latest.stamp.mtime_ns) == (
        stamp.size_bytes,
        stamp.mtime_ns,
    )
    return is_same_file and sentence in (latest.error, latest.reason)
