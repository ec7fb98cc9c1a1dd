"""The tables, as the sequence of migrations."""

from __future__ import annotations

# Append only: a released migration is never edited. Paths are ANY: text if the name is UTF-8, else the raw bytes.
# Device and inode are text, because some systems use more than 63 bits.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, origin ANY NOT NULL, pack TEXT NOT NULL, started REAL NOT NULL, latest REAL NOT NULL
    ) STRICT;
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, batch INTEGER NOT NULL REFERENCES batch (id),
        source ANY NOT NULL, destination ANY, action TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed', 'undone')),
        label TEXT NOT NULL, type TEXT NOT NULL, confidence REAL NOT NULL,
        rule TEXT NOT NULL, reason TEXT NOT NULL, model TEXT NOT NULL,
        content_hash TEXT NOT NULL, device TEXT, inode TEXT, size_bytes INTEGER, mtime_ns INTEGER,
        verdict TEXT, error TEXT NOT NULL DEFAULT '', undoes INTEGER REFERENCES entry (id), detail TEXT NOT NULL DEFAULT '{}'
    ) STRICT;
    CREATE INDEX entry_by_source ON entry (source);
    CREATE INDEX entry_by_destination ON entry (destination);
    CREATE INDEX entry_by_batch ON entry (batch);
    CREATE INDEX entry_open ON entry (state) WHERE state = 'planned';
    CREATE TABLE watch (folder ANY PRIMARY KEY, since REAL NOT NULL) STRICT;
    CREATE TABLE seen (
        path ANY PRIMARY KEY, device TEXT NOT NULL, inode TEXT NOT NULL, size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        why TEXT NOT NULL
    ) STRICT;
    CREATE INDEX seen_by_inode ON seen (inode);
    CREATE TABLE retry (path ANY PRIMARY KEY, attempts INTEGER NOT NULL, due REAL NOT NULL, reason TEXT NOT NULL) STRICT;
    CREATE TABLE status (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE unpacked (
        folder ANY PRIMARY KEY, archive ANY NOT NULL, archive_hash TEXT NOT NULL, watch ANY NOT NULL, pack TEXT NOT NULL,
        batch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sound (entry INTEGER PRIMARY KEY REFERENCES entry (id), digest TEXT NOT NULL) STRICT;
    CREATE INDEX sound_by_digest ON sound (digest);
""",
    "CREATE TABLE leftover (path ANY PRIMARY KEY) STRICT",
    """
    CREATE TABLE confirmed (
        id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, content_hash TEXT NOT NULL, label TEXT NOT NULL,
        way TEXT NOT NULL CHECK (way IN ('review', 'folder', 'command', 'import')), path ANY NOT NULL, said TEXT NOT NULL,
        pack TEXT NOT NULL, entry INTEGER REFERENCES entry (id)
    ) STRICT;
    CREATE INDEX confirmed_by_hash ON confirmed (content_hash);
    CREATE INDEX entry_by_hash ON entry (content_hash);
""",
    """
    CREATE TABLE made (folder ANY PRIMARY KEY, there INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO made (folder, there)
        SELECT folders.value, 1 FROM entry, json_each(json_extract(entry.detail, '$.made')) AS folders
        WHERE entry.state = 'done' AND entry.undoes IS NULL AND json_extract(entry.detail, '$.made') IS NOT NULL;
    CREATE INDEX entry_removals ON entry (id) WHERE action = 'remove-folders'
""",
)
