"""The journal records every action that is planned, done, failed or undone, so that each can be reviewed, corrected and undone.

It is one SQLite file in WAL mode. A planned action is on the disk (synchronous = FULL) before it is carried out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.adopted import Adopted, AdoptedSound
from drumwatch.journal.archives import Archives
from drumwatch.journal.batches import Batches
from drumwatch.journal.confirmations import Confirmations
from drumwatch.journal.database import Database, JournalVersionError
from drumwatch.journal.entries import Entries
from drumwatch.journal.folders import Folders
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.journal.places import PlacedSound, Places
from drumwatch.journal.projects import Projects
from drumwatch.journal.records import (
    Batch,
    Confirmation,
    Filter,
    PackCount,
    Plan,
    Retry,
    Unpacked,
    Way,
)
from drumwatch.journal.seen import BASELINE, FolderPlace, Seen
from drumwatch.journal.selections import Selections, SelectionSummary
from drumwatch.journal.stars import Stars
from drumwatch.journal.state import DaemonState
from drumwatch.journal.statistics import Count, Statistics, Tallies
from drumwatch.journal.view_order import Order, natural_key, order_named
from drumwatch.journal.views import View, ViewQuery, Views, view_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from drumwatch.system.file_lock import FileIdentity

__all__ = [
    "BASELINE",
    "MIGRATIONS",
    "AdoptedSound",
    "Batch",
    "Confirmation",
    "Count",
    "Filter",
    "FolderPlace",
    "Journal",
    "JournalVersionError",
    "Order",
    "PackCount",
    "PlacedSound",
    "Plan",
    "Retry",
    "SelectionSummary",
    "Statistics",
    "Unpacked",
    "View",
    "ViewQuery",
    "Way",
    "natural_key",
    "order_named",
    "view_named",
]


class Journal:
    """One open journal, for one thread; several processes may have the same file open.

    Each part has its own tables, and `transaction` spans them all. Every method raises StateUnavailable, with a sentence for the
    user, if the file cannot be read or written.

    >>> with Journal(":memory:") as journal:
    ...     batch = journal.batches.current(Path("/Downloads"), pack="", now=0.0)
    """

    def __init__(
        self, path: Path | str, *, lock_seconds: float | None = None, only: FileIdentity | None = None
    ) -> None:
        """Open the journal. With `only`, the file must be this one, and no new journal is begun."""
        self._database = database = Database(path, lock_seconds=lock_seconds, only=only)
        self.entries = entries = Entries(database)
        self.archives = archives = Archives(database, entries)
        self.batches = Batches(database, entries)
        self.confirmations = confirmations = Confirmations(database, entries)
        self.adopted = Adopted(database, entries)
        self.tallies = Tallies(database, confirmations)
        self.places = Places(database, entries)
        self.projects = projects = Projects(database, entries)
        self.views = Views(database, entries, projects, archives)
        self.folders = Folders(database, entries)
        self.selections = Selections(database)
        self.stars = Stars(database)
        self.seen = Seen(database)
        self.state = DaemonState(database)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Self:
        """Return a copy of a journal for a dry run: it holds all entries, and what is written to it is discarded.

        SQLite keeps it in memory, or in a temporary file if it grows large.
        """
        journal = cls("")
        try:
            journal._database.copy_from(path)
        except BaseException:
            journal.close()
            raise
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the journal cannot be used afterwards."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Commit the block as a whole, or roll it back; inside another transaction it becomes part of that."""
        return self._database.transaction()

    def without_sync(self) -> AbstractContextManager[None]:
        """Do not wait for the disk in this block: a power cut may lose what is written, a crash of this process does not."""
        return self._database.without_sync()

    def acting(self) -> AbstractContextManager[None]:
        """Hold the lock that only one of all processes with this journal may hold while it acts on files."""
        return self._database.acting()

    @property
    def identity(self) -> FileIdentity | None:
        """What tells this journal from another one at the same path; None for one in memory."""
        return self._database.identity

    def require_in_place(self) -> None:
        """Raise StateUnavailable if the file was deleted or replaced since it was opened, or a guard forbids to act."""
        self._database.require_in_place()

    def require_writable(self) -> None:
        """Raise StateUnavailable if nothing can be written to the journal, as far as that shows without writing."""
        self._database.require_writable()

    def add_guard(self, guard: Callable[[], None]) -> None:
        """Let nothing be done if this function raises StateUnavailable, which is called before each action."""
        self._database.add_guard(guard)

    def check(self) -> str:
        """Return what SQLite finds wrong with the file; empty if nothing."""
        return self._database.check()
