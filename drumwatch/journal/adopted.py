"""Sounds of a library that the user has adopted: each counts as confirmed with the label of its folder, at a low weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drumwatch.journal.columns import from_column, to_column
from drumwatch.journal.conditions import CONFIRMED, CURRENT
from drumwatch.journal.entries import EntriesPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.core.records import Entry

WAITS_IN_WRONG_FOLDER = f"entry.rule = 'wrong folder' AND {CURRENT} AND NOT {CONFIRMED}"


class AdoptedSound(NamedTuple):
    """A sound in a folder of the user's that stands for a label."""

    content_hash: str
    label: str  # a label, a type, or a class of the user's own
    weight: float  # of a confirmation, 0 to 1; the purer the folder, the more
    path: Path
    pack: str  # the folder in the library, by which a large one does not outweigh the rest


class Adopted(EntriesPart):
    """The adopted sounds by library. A confirmation of the same sound by the user goes before."""

    def replace(self, library: Path, sounds: Iterable[AdoptedSound]) -> None:
        """Record the adopted sounds of a library; those that it had before are forgotten."""
        column = to_column(library)
        self._db.execute("DELETE FROM adopted WHERE library = ?", (column,))
        self._db.executemany(
            "INSERT OR REPLACE INTO adopted (content_hash, label, weight, path, pack, library) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.content_hash, one.label, one.weight, to_column(one.path), one.pack, column)
                for one in sounds
            ),
        )

    def all(self) -> list[AdoptedSound]:
        """Return the adopted sounds that the user has not confirmed with a label, in the order of their content hashes."""
        rows = self._db.execute(
            "SELECT content_hash, label, weight, path, pack FROM adopted AS entry"
            f" WHERE NOT {CONFIRMED} ORDER BY content_hash"
        )
        return [
            AdoptedSound(content_hash, label, weight, from_column(path), pack)
            for content_hash, label, weight, path, pack in rows
        ]

    def labels(self) -> set[str]:
        """Return the labels of the adopted sounds."""
        return {label for (label,) in self._db.execute("SELECT DISTINCT label FROM adopted")}

    def count(self, library: Path) -> int:
        """Return how many sounds of a library are adopted."""
        row = self._db.execute("SELECT count(*) FROM adopted WHERE library = ?", (to_column(library),))
        return int(row.fetchone()[0])

    def in_wrong_folders(self) -> Iterator[Entry]:
        """Yield the entries of sounds that seem to lie in the wrong folder and wait for the user's review, newest first."""
        return self._entries.newest(WAITS_IN_WRONG_FOLDER)
