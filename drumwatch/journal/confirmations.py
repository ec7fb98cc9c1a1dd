"""Facts about a sound that do not depend on its file: its digest, and the label that the user gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.entries import EntriesPart
from drumwatch.journal.records import Confirmation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.records import Entry

MOST_COPIES = 20  # a limit, because some sounds, such as a click, are in a hundred packs

# With max(), SQLite takes the other columns from the row that has the maximum.
LATEST = """SELECT confirmed.time, confirmed.content_hash, confirmed.label, way, path, said, pack, confirmed.entry,
    max(confirmed.id) AS latest FROM confirmed LEFT JOIN entry ON entry.id = confirmed.entry
    WHERE coalesce(entry.state, 'done') != 'undone'"""


class Confirmations(EntriesPart):
    """Digests of sounds, and confirmed labels."""

    # Digests

    def note_sound(self, entry_id: int, digest: str) -> None:
        """Record the digest of the entry's sound, which does not depend on format and tags."""
        self._db.execute("INSERT OR REPLACE INTO sound (entry, digest) VALUES (?, ?)", (entry_id, digest))

    def same_sound(self, digest: str) -> Iterator[Entry]:
        """Yield the entries that put this sound somewhere and are not undone, oldest first."""
        return self._entries_of(
            "SELECT entry FROM sound JOIN entry ON entry.id = sound.entry WHERE digest = ?"
            " AND state IN ('planned', 'done') AND action != 'leave' AND destination IS NOT NULL ORDER BY entry LIMIT ?",
            (digest, MOST_COPIES),
        )

    def copies(self, digest: str) -> list[Entry]:
        """Return the latest entry of every copy of this sound, filed or left because another copy was there."""
        found = self._entries_of(
            "SELECT max(entry) FROM sound JOIN entry ON entry.id = sound.entry WHERE digest = ? AND state = 'done' AND undoes IS NULL"
            " AND (action != 'leave' OR rule = 'duplicate') GROUP BY source ORDER BY max(entry) LIMIT ?",
            (digest, MOST_COPIES),
        )
        return list(found)

    def taken_for_copies(self, most: int) -> list[tuple[Entry, str]]:
        """Return the entries that left or linked a sound because a copy was there, the oldest first, with its digest then."""
        rows = self._db.execute(
            "SELECT entry, digest FROM sound JOIN entry ON entry.id = sound.entry WHERE rule = 'duplicate' AND state = 'done'"
            " AND undoes IS NULL ORDER BY entry LIMIT ?",
            (most,),
        ).fetchall()
        return [(self._entries.get(entry_id), digest) for entry_id, digest in rows]

    # Confirmations

    def add(self, confirmation: Confirmation) -> None:
        """Record the user's label for a sound, from which the model may learn."""
        time, content_hash, label, way, path, model_label, pack, entry = confirmation
        self._db.execute(
            "INSERT INTO confirmed (time, content_hash, label, way, path, said, pack, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (time, content_hash, label, way, to_column(path), model_label, pack, entry),
        )

    def all(self) -> list[Confirmation]:
        """Return the latest valid confirmation of every sound, oldest first."""
        rows = self._db.execute(f"{LATEST} GROUP BY confirmed.content_hash ORDER BY latest").fetchall()
        return [Confirmation._make((*row[:4], from_column(row[4]), *row[5:8])) for row in rows]

    def labels(self) -> set[str]:
        """Return every label that the user has given to some sound."""
        rows = self._db.execute(f"SELECT DISTINCT label FROM ({LATEST} GROUP BY confirmed.content_hash)")
        return {label for (label,) in rows}

    def label_given_by(self, entry_id: int) -> str:
        """Return the label that the user gave by this entry, or an empty string."""
        row = self._db.execute(
            "SELECT label FROM confirmed WHERE entry = ? ORDER BY id DESC LIMIT 1", (entry_id,)
        ).fetchone()
        return row[0] if row else ""

    def reassign(self, entry_id: int, to: int) -> None:
        """Attach the confirmations of an entry to the entry that repeats it."""
        self._db.execute("UPDATE confirmed SET entry = ? WHERE entry = ?", (to, entry_id))

    def analyzed_lately(self, most: int) -> list[str]:
        """Return the content hashes of the newest sounds with a verdict."""
        rows = self._db.execute(
            "SELECT content_hash FROM entry WHERE verdict IS NOT NULL AND content_hash != ''"
            " GROUP BY content_hash ORDER BY max(id) DESC LIMIT ?",
            (most,),
        )
        return [content for (content,) in rows]

    def newest_sounds(self, most: int) -> dict[str, int]:
        """Return the content hashes of the newest sounds with a verdict that are not undone, each with its newest entry."""
        rows = self._db.execute(
            "SELECT content_hash, max(id) FROM entry WHERE verdict IS NOT NULL AND content_hash != '' AND state = 'done'"
            " AND undoes IS NULL GROUP BY content_hash ORDER BY max(id) DESC LIMIT ?",
            (most,),
        )
        return dict(rows.fetchall())

    def count_since(self, confirmation_id: int) -> int:
        """Return how many sounds the user has confirmed since the confirmation with this id."""
        row = self._db.execute(
            "SELECT count(DISTINCT content_hash) FROM confirmed WHERE id > ?", (confirmation_id,)
        ).fetchone()
        return int(row[0])

    def filed_without_review(self, most: int) -> list[tuple[Entry, str]]:
        """Return the newest sounds that were filed without review, each with the label that the user gave since, or an empty string."""
        rows = self._db.execute(
            "SELECT id, content_hash FROM entry WHERE verdict IS NOT NULL AND undoes IS NULL AND action != 'leave' AND rule != 'unsure'"
            " AND confidence < 1 AND state IN ('done', 'undone') ORDER BY id DESC LIMIT ?",
            (most,),
        ).fetchall()
        return [(self._entries.get(number), self.label_of(content)) for number, content in rows]

    def latest_id(self) -> int:
        """Return the id of the latest confirmation; what was computed for an earlier one is out of date."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM confirmed").fetchone()[0])

    def label_of(self, content_hash: str) -> str:
        """Return the user's label for this sound, or an empty string."""
        row = self._db.execute(
            f"{LATEST} AND confirmed.content_hash = ? GROUP BY confirmed.content_hash", (content_hash,)
        ).fetchone()
        return row[2] if row else ""
