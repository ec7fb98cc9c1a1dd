"""Whether a sound that was filed would be called something else now; it is shown, and never moved for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable
from drumwatch.core.records import FILING

if TYPE_CHECKING:
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal


def is_filed_otherwise(entry: Entry, label: str, journal: Journal) -> bool:
    """Return whether an entry has filed its sound under another label than this one, and the user has not said what it is."""
    is_filed = entry.state == "done" and entry.action in FILING and entry.rule != "unsure"
    return is_filed and entry.label != label and not journal.confirmations.label_of(entry.content_hash)


def would_now_call(label: str, filed_as: str) -> str:
    """Return the sentence that says so: "drumwatch would now call it snare; it was filed as kick"."""
    return f"drumwatch would now call it {printable(label)}; it was filed as {printable(filed_as)}"
