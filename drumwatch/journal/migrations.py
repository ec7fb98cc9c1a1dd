"""The steps that bring a journal from each version to the next; a new journal goes through all of them.

`PRAGMA user_version` is the number of steps that a journal has behind it. A released step is never edited or moved: a
change of the tables is a new step at the end of MIGRATIONS. `Database` runs each step in a transaction of its own.

Paths are of type ANY: text if the name is UTF-8, else the raw bytes. Device and inode are text, because some systems use
more than 63 bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


def create_first_tables(db: sqlite3.Connection) -> None:
    """Add the entries with their batches, the known files, the files to try again and the facts for `status`."""
    db.execute("""
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT, origin ANY NOT NULL, pack TEXT NOT NULL, started REAL NOT NULL,
            latest REAL NOT NULL
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, batch INTEGER NOT NULL REFERENCES batch (id),
            source ANY NOT NULL, destination ANY, action TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed', 'undone')),
            label TEXT NOT NULL, type TEXT NOT NULL, confidence REAL NOT NULL,
            rule TEXT NOT NULL, reason TEXT NOT NULL, model TEXT NOT NULL,
            content_hash TEXT NOT NULL, device TEXT, inode TEXT, size_bytes INTEGER, mtime_ns INTEGER,
            verdict TEXT, error TEXT NOT NULL DEFAULT '', undoes INTEGER REFERENCES entry (id),
            detail TEXT NOT NULL DEFAULT '{}'
        ) STRICT
    """)
    db.execute("CREATE INDEX entry_by_source ON entry (source)")
    db.execute("CREATE INDEX entry_by_destination ON entry (destination)")
    db.execute("CREATE INDEX entry_by_batch ON entry (batch)")
    db.execute("CREATE INDEX entry_open ON entry (state) WHERE state = 'planned'")
    db.execute("CREATE TABLE watch (folder ANY PRIMARY KEY, since REAL NOT NULL) STRICT")
    db.execute("""
        CREATE TABLE seen (
            path ANY PRIMARY KEY, device TEXT NOT NULL, inode TEXT NOT NULL, size_bytes INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL, why TEXT NOT NULL
        ) STRICT
    """)
    db.execute("CREATE INDEX seen_by_inode ON seen (inode)")
    db.execute("""
        CREATE TABLE retry (
            path ANY PRIMARY KEY, attempts INTEGER NOT NULL, due REAL NOT NULL, reason TEXT NOT NULL
        ) STRICT
    """)
    db.execute("CREATE TABLE status (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")


def add_unpacked_archives_and_digests(db: sqlite3.Connection) -> None:
    """Add the archives that are unpacked, and the digest of each sound, by which duplicates are found."""
    db.execute("""
        CREATE TABLE unpacked (
            folder ANY PRIMARY KEY, archive ANY NOT NULL, archive_hash TEXT NOT NULL, watch ANY NOT NULL, pack TEXT NOT NULL,
            batch INTEGER NOT NULL
        ) STRICT
    """)
    db.execute(
        "CREATE TABLE sound (entry INTEGER PRIMARY KEY REFERENCES entry (id), digest TEXT NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX sound_by_digest ON sound (digest)")


def add_leftovers(db: sqlite3.Connection) -> None:
    """Add the temporary files that could not be removed yet."""
    db.execute("CREATE TABLE leftover (path ANY PRIMARY KEY) STRICT")


def add_confirmations(db: sqlite3.Connection) -> None:
    """Add the labels that the user gave or approved."""
    db.execute("""
        CREATE TABLE confirmed (
            id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, content_hash TEXT NOT NULL, label TEXT NOT NULL,
            way TEXT NOT NULL CHECK (way IN ('review', 'folder', 'command', 'import')), path ANY NOT NULL, said TEXT NOT NULL,
            pack TEXT NOT NULL, entry INTEGER REFERENCES entry (id)
        ) STRICT
    """)
    db.execute("CREATE INDEX confirmed_by_hash ON confirmed (content_hash)")
    db.execute("CREATE INDEX entry_by_hash ON entry (content_hash)")


def add_created_folders(db: sqlite3.Connection) -> None:
    """Add the folders that drumwatch has created in libraries, and fill them in from the entries that did so."""
    db.execute("CREATE TABLE made (folder ANY PRIMARY KEY, there INTEGER NOT NULL) STRICT")
    db.execute("""
        INSERT OR IGNORE INTO made (folder, there)
            SELECT folders.value, 1 FROM entry, json_each(json_extract(entry.detail, '$.made')) AS folders
            WHERE entry.state = 'done' AND entry.undoes IS NULL AND json_extract(entry.detail, '$.made') IS NOT NULL
    """)
    db.execute("CREATE INDEX entry_removals ON entry (id) WHERE action = 'remove-folders'")


def add_volumes(db: sqlite3.Connection) -> None:
    """Add what tells the disk of a file for longer than a device number; rows from before have none, and keep their device."""
    db.execute("ALTER TABLE entry ADD COLUMN volume TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE seen ADD COLUMN volume TEXT NOT NULL DEFAULT ''")


def add_unlisted_folders(db: sqlite3.Connection) -> None:
    """Add what could not be looked at when its watch was listed first, and where each watched folder was then."""
    db.execute("CREATE TABLE unlisted (path ANY PRIMARY KEY, watch ANY NOT NULL) STRICT")
    db.execute("ALTER TABLE watch ADD COLUMN real ANY")  # NULL: an earlier version has listed it
    db.execute("ALTER TABLE watch ADD COLUMN mount ANY")  # the mount point of its disk


def add_places(db: sqlite3.Connection) -> None:
    """Add where each analyzed sound came from: its pack, and its stem, by which others are its neighbors."""
    db.execute("""
        CREATE TABLE place (
            entry INTEGER PRIMARY KEY REFERENCES entry (id), pack ANY NOT NULL, path ANY NOT NULL, stem TEXT NOT NULL
        ) STRICT
    """)
    db.execute("CREATE INDEX place_by_pack ON place (pack)")


def add_adopted_sounds(db: sqlite3.Connection) -> None:
    """Add the sounds in folders of the user's own that stand for a label."""
    db.execute("""
        CREATE TABLE adopted (
            content_hash TEXT PRIMARY KEY, label TEXT NOT NULL, weight REAL NOT NULL, path ANY NOT NULL, pack TEXT NOT NULL,
            library ANY NOT NULL
        ) STRICT
    """)


def add_starred_sounds(db: sqlite3.Connection) -> None:
    """Add the sounds that the user has starred; the key is the content, so that a star stays with a sound that is moved."""
    db.execute("CREATE TABLE starred (content_hash TEXT PRIMARY KEY, time REAL NOT NULL) STRICT")


# Append only
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    create_first_tables,
    add_unpacked_archives_and_digests,
    add_leftovers,
    add_confirmations,
    add_created_folders,
    add_volumes,
    add_unlisted_folders,
    add_places,
    add_adopted_sounds,
    add_starred_sounds,
)
