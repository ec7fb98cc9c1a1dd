"""Sums up what became of the sounds of each pack, for one line when the pack is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.core.outcomes import in_words, outcome_of, with_name

if TYPE_CHECKING:
    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry


@dataclass(slots=True)
class PackCounts:
    """How many sounds of a pack became what, and how many other files went along with them."""

    sounds: Counter[Outcome] = field(default_factory=Counter)
    others: int = 0
    planned: bool = False  # it is a dry run


class PackSummaries:
    """Counts the entries of packs until a pack is done; single files are not counted."""

    def __init__(self) -> None:
        self._packs: dict[str, PackCounts] = {}

    def __bool__(self) -> bool:
        return bool(self._packs)

    def note(self, entry: Entry) -> None:
        """Count an entry, if it is about a file of a pack."""
        if not entry.pack or entry.is_archive_outcome:
            return
        counts = self._packs.setdefault(entry.pack, PackCounts())
        counts.planned = counts.planned or entry.state == "planned"
        if outcome := outcome_of(entry):
            counts.sounds[outcome] += 1
        else:
            counts.others += 1

    def take(self, pack: str) -> str:
        """Return the line about a pack that is done, such as "Vendor - Title: 46 filed, 2 unsure"; empty if nothing was counted."""
        counts = self._packs.pop(pack, None)
        if counts is None:
            return ""
        words = in_words(counts.sounds, more=counts.others)
        return with_name(pack, f"{words} (dry run: nothing was touched)" if counts.planned else words)

    def take_all(self) -> list[str]:
        """Return the lines about all packs of which something was counted."""
        return [self.take(pack) for pack in list(self._packs)]
