"""What is known of a sound, whatever became of its file: what it sounds like, and what the user said it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.entries import Entries
from drumwatch.journal.rows import Confirmed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.records import Entry

TWINS_LOOKED_AT = 20  # some sounds, like a click, are in a hundred packs

# SQLite gives the other columns of the row that has the maximum.
LATEST_WORDS = """SELECT confirmed.time, confirmed.content_hash, confirmed.label, way, path, said, pack, confirmed.entry,
    max(confirmed.id) AS latest FROM confirmed LEFT JOIN entry ON entry.id = confirmed.entry
    WHERE coalesce(entry.state, 'done') != 'undone'"""


class Words(Entries):
    """Digests of what is heard, and confirmed labels."""

    # The same sound twice

    def note_sound(self, entry_id: int, digest: str) -> None:
        """What the entry's file sounds like, whatever its format and tags."""
        self._db.execute("INSERT OR REPLACE INTO sound (entry, digest) VALUES (?, ?)", (entry_id, digest))

    def same_sound(self, digest: str) -> Iterator[Entry]:
        """Entries that put this very sound somewhere, and were not taken back; the first one first."""
        rows = self._db.execute(
            "SELECT entry FROM sound JOIN entry ON entry.id = sound.entry WHERE digest = ?"
            " AND state IN ('planned', 'done') AND action != 'leave' AND destination IS NOT NULL ORDER BY entry LIMIT ?",
            (digest, TWINS_LOOKED_AT),
        ).fetchall()
        return (self.get(entry_id) for (entry_id,) in rows)

    def copies(self, digest: str) -> list[Entry]:
        """Every copy of this sound that was ever met: the last word on each, filed or left because another was there."""
        rows = self._db.execute(
            "SELECT max(entry) FROM sound JOIN entry ON entry.id = sound.entry WHERE digest = ? AND state = 'done' AND undoes IS NULL"
            " AND (action != 'leave' OR rule = 'duplicate') GROUP BY source ORDER BY max(entry) LIMIT ?",
            (digest, TWINS_LOOKED_AT),
        ).fetchall()
        return [self.get(entry_id) for (entry_id,) in rows]

    # What the user said

    def confirm(self, word: Confirmed) -> None:
        """From now on this sound has this label, and the label may teach."""
        self._db.execute(
            "INSERT INTO confirmed (time, content_hash, label, way, path, said, pack, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            word._replace(path=to_column(word.path)),  # type: ignore[arg-type]
        )

    def confirmed(self) -> list[Confirmed]:
        """What holds: the latest word on every sound, without what was taken back; oldest first."""
        rows = self._db.execute(f"{LATEST_WORDS} GROUP BY confirmed.content_hash ORDER BY latest").fetchall()
        return [Confirmed._make((*row[:4], from_column(row[4]), *row[5:8])) for row in rows]

    def labels_said(self) -> set[str]:
        """Every label that some sound has by the user's word."""
        rows = self._db.execute(
            f"SELECT DISTINCT label FROM ({LATEST_WORDS} GROUP BY confirmed.content_hash)"
        )
        return {label for (label,) in rows}

    def said_by(self, entry_id: int) -> str:
        """The label that the user gave by this entry; empty where it is no correction."""
        row = self._db.execute(
            "SELECT label FROM confirmed WHERE entry = ? ORDER BY id DESC LIMIT 1", (entry_id,)
        ).fetchone()
        return row[0] if row else ""

    def hand_over(self, entry_id: int, to: int) -> None:
        """What the user said by an entry holds as long as another one, which does again what that had done."""
        self._db.execute("UPDATE confirmed SET entry = ? WHERE entry = ?", (to, entry_id))

    def heard_lately(self, most: int) -> list[str]:
        """The contents of the newest sounds with a verdict, by hash."""
        rows = self._db.execute(
            "SELECT content_hash FROM entry WHERE verdict IS NOT NULL AND content_hash != ''"
            " GROUP BY content_hash ORDER BY max(id) DESC LIMIT ?",
            (most,),
        )
        return [content for (content,) in rows]

    def words_since(self, number: int) -> int:
        """How many sounds the user has named since their word of this number."""
        row = self._db.execute(
            "SELECT count(DISTINCT content_hash) FROM confirmed WHERE id > ?", (number,)
        ).fetchone()
        return int(row[0])

    def filed_alone(self, most: int) -> list[tuple[Entry, str]]:
        """The newest sounds that were filed without asking, and what the user has said of each since; empty where nothing."""
        rows = self._db.execute(
            "SELECT id, content_hash FROM entry WHERE verdict IS NOT NULL AND undoes IS NULL AND action != 'leave' AND rule != 'unsure'"
            " AND confidence < 1 AND state IN ('done', 'undone') ORDER BY id DESC LIMIT ?",
            (most,),
        ).fetchall()
        return [(self.get(number), self.confirmed_label(content)) for number, content in rows]

    def last_word(self) -> int:
        """Grows with every word of the user's: what was worked out from fewer is out of date."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM confirmed").fetchone()[0])

    def confirmed_label(self, content_hash: str) -> str:
        """What the user said of this very sound; empty where nothing was said."""
        row = self._db.execute(
            f"{LATEST_WORDS} AND confirmed.content_hash = ? GROUP BY confirmed.content_hash", (content_hash,)
        ).fetchone()
        return row[2] if row else ""
