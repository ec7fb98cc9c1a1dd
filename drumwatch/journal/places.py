"""Where each analyzed sound came from, and what it sounded like, for its neighbors; it stays the same when the sound is filed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from drumwatch.context.name_stems import stem_of
from drumwatch.context.neighbors import Place
from drumwatch.core.records import Verdict
from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.conditions import CONFIRMED, LOCATION, NOT_INTO_A_KIT, TO_REVIEW
from drumwatch.journal.confirmations import LATEST
from drumwatch.journal.entries import EntriesPart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.records import Entry

# A later entry has filed the sound and was undone, but not together with the naming that it followed
_PUT_BACK = f"""EXISTS (SELECT 1 FROM entry AS later WHERE later.id > entry.id AND later.source = {LOCATION}
    AND later.undoes IS NULL AND later.state = 'undone' AND {NOT_INTO_A_KIT} AND coalesce((SELECT naming.state FROM entry AS naming
    WHERE naming.id = CAST(json_extract(later.detail, '$.follows') AS INTEGER)), 'done') != 'undone')"""


class PlacedSound(NamedTuple):
    """An analyzed sound of the journal, as its neighbors need it."""

    path: Path  # that it came by
    place: Place
    verdict: Verdict
    digest: str  # of the decoded sound; empty if unknown
    confirmed: str  # the label or type that the user gave it; empty if none
    entry: int


class Places(EntriesPart):
    """Places of analyzed sounds. Entries of earlier versions have none, and are nobody's neighbors."""

    def note(self, entry_id: int, place: Place) -> None:
        """Record where the sound of an entry came from."""
        path = Path(place.folder, place.name)
        self._db.execute(
            "INSERT OR REPLACE INTO place (entry, pack, path, stem) VALUES (?, ?, ?, ?)",
            (entry_id, to_column(Path(place.pack)), to_column(path), " ".join(stem_of(place.name))),
        )

    def of(self, entry_id: int) -> Place | None:
        """Return where the sound of an entry came from, or None if that was not recorded."""
        row = self._db.execute("SELECT pack, path FROM place WHERE entry = ?", (entry_id,)).fetchone()
        return _place(*map(from_column, row)) if row else None

    def of_entry(self, entry: Entry) -> Place | None:
        """Return where the sound of an entry came from, also if the entry is a correction of an earlier one; None if unknown."""
        row = self._db.execute(
            "SELECT place.entry FROM place JOIN entry ON entry.id = place.entry"
            " WHERE place.entry = ? OR (entry.content_hash = ? AND entry.batch = ? AND place.entry < ?)"
            " ORDER BY place.entry DESC LIMIT 1",
            (entry.id, entry.content_hash, entry.batch, entry.id),
        ).fetchone()
        return self.of(row[0]) if row else None

    def waiting(self, pack: str, most: int) -> Iterator[Entry]:
        """Yield the newest entries of a pack that wait for the review, at most so many.

        A sound that the user has put back is left out, unless it was put back together with the naming that it followed.
        """
        yield from self._entries.newest(
            f"entry.id IN (SELECT place.entry FROM place WHERE place.pack = ?) AND {TO_REVIEW} AND NOT {CONFIRMED}"
            f" AND NOT {_PUT_BACK}",
            (to_column(Path(pack)),),
            most,
        )

    def is_waiting(self, entry_id: int) -> bool:
        """Return whether an entry still waits for the review."""
        return self._entries.count(f"entry.id = ? AND {TO_REVIEW}", (entry_id,)) > 0

    def named_since(self, confirmation: int) -> list[tuple[Place, int | None]]:
        """Return the places of the sounds that the user has named since this confirmation, each with the entry of the naming."""
        rows = self._db.execute(
            "SELECT max(place.entry), confirmed.entry FROM confirmed"
            " JOIN entry ON entry.content_hash = confirmed.content_hash JOIN place ON place.entry = entry.id"
            " WHERE confirmed.id > ? GROUP BY place.pack, place.path",
            (confirmation,),
        ).fetchall()
        found = ((self.of(entry_id), naming) for entry_id, naming in rows)
        return [(place, naming) for place, naming in found if place]

    def waiting_stems(self) -> dict[int, tuple[Place, str, float]]:
        """Return for every entry that waits for the review where its sound came from, its stem, and its confidence."""
        rows = self._db.execute(
            "SELECT place.entry, place.pack, place.path, place.stem, entry.confidence"
            f" FROM place JOIN entry ON entry.id = place.entry WHERE {TO_REVIEW}"
        )
        return {
            number: (_place(from_column(pack), from_column(path)), stem, confidence)
            for number, pack, path, stem, confidence in rows
        }

    def followers(self, entry_id: int) -> list[Entry]:
        """Return the entries that were done because the user named a sound by this entry and that are not undone, newest first."""
        where = "json_extract(entry.detail, '$.follows') = ? AND entry.state = 'done' AND entry.id > ?"
        return list(self._entries.newest(where, (str(entry_id), entry_id)))

    def of_pack(self, pack: str, most: int) -> Iterator[PlacedSound]:
        """Yield the newest analyzed sounds of a pack, at most so many; of one path, the newest comes first."""
        rows = self._db.execute(
            "SELECT place.path, entry.verdict, sound.digest, said.label, entry.id"
            " FROM place JOIN entry ON entry.id = place.entry LEFT JOIN sound ON sound.entry = entry.id"
            f" LEFT JOIN ({LATEST} GROUP BY confirmed.content_hash) AS said ON said.content_hash = entry.content_hash"
            " WHERE place.pack = ? AND entry.verdict IS NOT NULL ORDER BY entry.id DESC LIMIT ?",
            (to_column(Path(pack)), most),
        )
        for path, verdict, digest, label, entry_id in rows:
            came_by = from_column(path)
            with self._database.reading_rows():
                decoded = msgspec.json.decode(verdict, type=Verdict)
            yield PlacedSound(
                came_by, _place(Path(pack), came_by), decoded, digest or "", label or "", entry_id
            )


def _place(pack: Path, path: Path) -> Place:
    return Place(os.fspath(pack), os.fspath(path.parent), path.name)
