"""The record of what was planned, done, failed and undone, by which people review, correct and undo.

SQLite in WAL mode. A planned action is on the disk (synchronous = FULL) before it is carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.batches import Batches
from drumwatch.journal.confirmations import Confirmations
from drumwatch.journal.database import Database, JournalFromTheFuture
from drumwatch.journal.entries import Entries
from drumwatch.journal.folders import Folders
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.journal.projects import Projects
from drumwatch.journal.records import (
    STANDS_FOR,
    Batch,
    Confirmation,
    Filter,
    PackCount,
    Plan,
    Retry,
    Unpacked,
    Way,
)
from drumwatch.journal.seen import BASELINE, Seen
from drumwatch.journal.state import DaemonState
from drumwatch.journal.views import View, ViewQuery, Views, view_named

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

__all__ = [
    "BASELINE",
    "MIGRATIONS",
    "STANDS_FOR",
    "Batch",
    "Confirmation",
    "Filter",
    "Journal",
    "JournalFromTheFuture",
    "PackCount",
    "Plan",
    "Retry",
    "Unpacked",
    "View",
    "ViewQuery",
    "Way",
    "view_named",
]


class Journal:
    """One open journal. Used by one thread; several processes may have it open at once.

    Each part knows its own tables, and `transaction` spans them all.

    >>> with Journal(":memory:") as journal:
    ...     batch = journal.batches.current(Path("/Downloads"), pack="", now=0.0)
    """

    def __init__(self, path: Path | str) -> None:
        self._database = database = Database(path)
        self.entries = entries = Entries(database)
        self.batches = Batches(database, entries)
        self.confirmations = Confirmations(database, entries)
        self.projects = projects = Projects(database, entries)
        self.views = Views(database, entries, projects)
        self.folders = Folders(database, entries)
        self.seen = Seen(database)
        self.state = DaemonState(database)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Self:
        """What a dry run writes in: everything is in it, and nothing of it stays. Over a whole library it moves to a temporary file."""
        journal = cls("")
        journal._database.copy_from(path)
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the journal is of no use afterwards."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; inside another transaction it simply joins in."""
        return self._database.transaction()

    def in_no_hurry(self) -> AbstractContextManager[None]:
        """What is written in this block does not wait for the disk: a power cut may take it, our own crash does not."""
        return self._database.in_no_hurry()

    def acting(self) -> AbstractContextManager[None]:
        """One actor at a time, over all processes that have this journal open."""
        return self._database.acting()

    def check(self) -> str:
        """What SQLite finds wrong with the file; empty if nothing."""
        return self._database.check()
