"""When folders that our moves have emptied are removed: a while after the last file has left them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drumwatch.pipeline import remove_emptied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.status import StatusReporter

WAIT = 10.0  # seconds: whoever unpacks or downloads into a folder may be about to write the next file
DAY = 86_400.0


class EmptyFolders:
    """Batches that folders were emptied by, each with the time of its look."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._reporter = reporter
        self._due: dict[int, tuple[Watch, float]] = {}

    def take_up(self, now: float, wall: float) -> None:
        """What the last run was about to look at, when it ended."""
        for watch in () if self._context.dry_run else self._context.config.watches:
            for batch in self._context.journal.folders.recent_batches(watch.folder, wall - DAY):
                self._due[batch] = watch, now + WAIT

    def moved(self, entries: Iterable[Entry], watch: Watch, now: float) -> None:
        """Files have left their folders, unless it is a dry run: the look is put off until no more have for a while."""
        for entry in () if self._context.dry_run else entries:
            if entry.action == "move" and entry.state == "done" and entry.source.parent != watch.folder:
                self._due[entry.batch] = watch, now + WAIT

    def due(self) -> float | None:
        """When there is something to look at."""
        return min((due for _, due in self._due.values()), default=None)

    def look(self, now: float = math.inf) -> None:
        """Remove what is due, or all of it."""
        for batch, (watch, due) in list(self._due.items()):
            if due <= now:
                del self._due[batch]
                entry = remove_emptied(self._context.journal, self._context.config, watch, batch)
                if entry:
                    self._reporter.folders_removed(entry)
