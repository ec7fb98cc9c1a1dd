"""Projects that were left whole: each has an entry that records this and acts on no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.records import PROJECT
from drumwatch.journal.columns import to_column
from drumwatch.journal.conditions import ABOUT_PROJECT, LEFT_WHOLE
from drumwatch.journal.entries import EntriesPart
from drumwatch.journal.records import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry


class Projects(EntriesPart):
    """Entries about projects (songs, instruments, code, programs), each by its root folder or archive."""

    def note(self, batch: int, source: Path, reason: str, detail: EntryDetail, now: float) -> Entry | None:
        """Record that this project was left whole; write nothing and return None if its latest entry says the same."""
        with self._database.transaction():
            latest = self._latest(source)
            if latest and latest.state == "done" and latest.reason == reason:
                return None
            number = self._entries.plan(
                Plan(batch, source, None, "leave", PROJECT, reason, state="done"), now
            )
            self._entries.finish(number, "done", detail=detail)
        return self._entries.get(number)

    def left_whole(self) -> list[Entry]:
        """Return the latest entry of every project that was left whole, newest first."""
        return list(self._entries.newest(LEFT_WHOLE))

    def _latest(self, source: Path) -> Entry | None:
        sql = f"SELECT max(id) FROM entry WHERE source = ? AND {ABOUT_PROJECT}"
        (number,) = self._db.execute(sql, (to_column(source),)).fetchone()
        return None if number is None else self._entries.get(number)
