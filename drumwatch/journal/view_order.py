"""The orders in which the sounds of a view are listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

Order = Literal["newest", "oldest", "unsure", "sure", "name", "pack", "note", "tempo"]

NOTE, TEMPO = "json_extract(entry.verdict, '$.note')", "json_extract(entry.verdict, '$.tempo')"

# Those that SQL knows; what has no note or no tempo comes last. Names need to be compared as people do
SQL_ORDERS: dict[Order, str] = {
    "newest": "entry.id DESC",
    "oldest": "entry.id",
    "unsure": "entry.confidence, entry.id DESC",
    "sure": "entry.confidence DESC, entry.id DESC",
    "note": f"nullif({NOTE}, '') IS NULL, nullif({NOTE}, ''), entry.id DESC",
    "tempo": f"{TEMPO} IS NULL, {TEMPO}, entry.id DESC",
}

NaturalKey = tuple[tuple[str | int, ...], str]


def order_named(name: str) -> Order:
    """Return the order with this name, or the newest first if there is none."""
    return next((order for order in get_args(Order) if order == name), "newest")


def natural_key(name: str) -> NaturalKey:
    """Return the key by which "kick 2" comes before "Kick 10", and equal keys only for equal names.

    >>> sorted(["Kick 10", "kick 2", "Hat"], key=natural_key)
    ['Hat', 'kick 2', 'Kick 10']
    """
    parts = re.split(r"([0-9]+)", name.casefold())  # text and digits in turn, so that equal places compare
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts)), name


def ids_by_name(rows: Iterable[tuple[int, str, str]], order: Order) -> list[int]:
    """Return the ids of (id, pack, file name) in the order of names, or of packs and then of names; single files come last."""

    def key(row: tuple[int, str, str]) -> tuple[bool, NaturalKey, NaturalKey, int]:
        number, pack, name = row
        by_pack = pack if order == "pack" else ""
        return not by_pack, natural_key(by_pack), natural_key(name), -number

    return [number for number, _, _ in sorted(rows, key=key)]
