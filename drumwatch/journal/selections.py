"""What any number of chosen sounds have in common, counted by the journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.journal.conditions import STARRED
from drumwatch.journal.database import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHOSEN = (
    "FROM entry JOIN batch ON batch.id = entry.batch WHERE entry.verdict IS NOT NULL"
    " AND entry.id IN (SELECT value FROM json_each(?))"
)


class SelectionSummary(NamedTuple):
    """The numbers of some sounds by label and by pack, and the range of their confidence."""

    sounds: int
    labels: dict[str, int]
    packs: dict[str, int]  # by name; "" is for sounds without a pack
    unsure: int
    starred: int
    least_confidence: float
    most_confidence: float
    seconds: float  # of all of them together


class Selections(Part):
    """Summarizes chosen entries without reading each of them."""

    def summary(self, ids: Sequence[int]) -> SelectionSummary:
        """Return the summary of the sounds with these ids; other ids do not count."""
        chosen = (json.dumps(list(ids)),)
        count, unsure, starred, least, most, seconds = self._db.execute(
            f"SELECT count(*), coalesce(sum(entry.rule = 'unsure'), 0), coalesce(sum({STARRED}), 0),"
            " coalesce(min(entry.confidence), 0.0), coalesce(max(entry.confidence), 0.0),"
            f" coalesce(sum(json_extract(entry.verdict, '$.duration')), 0.0) {_CHOSEN}",
            chosen,
        ).fetchone()
        return SelectionSummary(
            count, self._counts("entry.label", chosen), self._counts("batch.pack", chosen),
            unsure, starred, least, most, float(seconds),
        )  # fmt: skip

    def _counts(self, column: str, chosen: tuple[str]) -> dict[str, int]:
        rows = self._db.execute(
            f"SELECT {column} AS what, count(*) AS number {_CHOSEN} GROUP BY what ORDER BY number DESC, what",
            chosen,
        )
        return dict(rows.fetchall())
