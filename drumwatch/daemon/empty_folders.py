"""Removes folders that moves have emptied, a while after the last file has left them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drumwatch.pipeline import remove_emptied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry
    from drumwatch.daemon.status import StatusReporter
    from drumwatch.session import Session

WAIT = 10.0  # seconds: a program that unpacks or downloads into the folder may write the next file soon
DAY = 86_400.0


class EmptyFolders:
    """Remembers which batches have emptied folders, and when to check each."""

    def __init__(self, session: Session, reporter: StatusReporter) -> None:
        self._session = session
        self._reporter = reporter
        self._due: dict[int, tuple[Watch, float]] = {}

    def resume(self, now: float, wall: float) -> None:
        """Schedule the checks that were open when the last run ended."""
        for watch in () if self._session.dry_run else self._session.config.watches:
            for batch in self._session.journal.folders.recent_batches(watch.folder, wall - DAY):
                self._due[batch] = watch, now + WAIT

    def files_moved(self, entries: Iterable[Entry], watch: Watch, now: float) -> None:
        """Schedule a check after these entries, or postpone it; in a dry run nothing is scheduled."""
        for entry in () if self._session.dry_run else entries:
            if entry.action == "move" and entry.state == "done" and entry.source.parent != watch.folder:
                self._due[entry.batch] = watch, now + WAIT

    def next_due(self) -> float | None:
        """The time of the next check; None where there is none."""
        return min((due for _, due in self._due.values()), default=None)

    def remove_due(self, now: float = math.inf) -> None:
        """Remove the emptied folders whose check is due; without `now`, all of them."""
        for batch, (watch, due) in list(self._due.items()):
            if due <= now:
                del self._due[batch]
                entry = remove_emptied(self._session.journal, self._session.config, watch, batch)
                if entry:
                    self._reporter.report_removed_folders(entry)
