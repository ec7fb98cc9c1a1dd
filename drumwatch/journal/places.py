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
from drumwatch.journal.confirmations import LATEST
from drumwatch.journal.entries import EntriesPart

if TYPE_CHECKING:
    from collections.abc import Iterator


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
