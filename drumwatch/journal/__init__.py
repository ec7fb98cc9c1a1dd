"""The record of what was planned, done, failed and undone, by which people review, correct and undo.

SQLite in WAL mode. A planned action is on the disk (synchronous = FULL) before it is carried out.
"""

from __future__ import annotations

from drumwatch.journal.columns import CURRENT, TO_REVIEW
from drumwatch.journal.database import Database, JournalFromTheFuture
from drumwatch.journal.entries import Entries
from drumwatch.journal.folders import Folders
from drumwatch.journal.packs import Packs
from drumwatch.journal.projects import Projects
from drumwatch.journal.rows import STANDS_FOR, Batch, Confirmed, Filter, Plan, Retry, Unpacked, Way
from drumwatch.journal.schema import MIGRATIONS
from drumwatch.journal.seen import BASELINE, Seen
from drumwatch.journal.status import Status
from drumwatch.journal.words import Words

__all__ = [
    "BASELINE",
    "CURRENT",
    "MIGRATIONS",
    "STANDS_FOR",
    "TO_REVIEW",
    "Batch",
    "Confirmed",
    "Filter",
    "Journal",
    "JournalFromTheFuture",
    "Plan",
    "Retry",
    "Unpacked",
    "Way",
]


class Journal(Packs, Projects, Words, Folders, Entries, Seen, Status, Database):
    """An open journal, used by one thread; several processes may have it open at once.

    Each base class knows its own tables; `transaction` covers them all.

    >>> with Journal(":memory:") as journal:
    ...     batch = journal.batch(Path("/Downloads"), pack="", now=0.0)
    """
