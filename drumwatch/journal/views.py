"""The named views of the journal that the review shows: unsure, recent and clashing sounds, the map, and projects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from drumwatch.journal.columns import from_column
from drumwatch.journal.conditions import CONFIRMED, CURRENT, LOCATION, STARRED, TO_REVIEW
from drumwatch.journal.database import Database, Part
from drumwatch.journal.records import PackCount
from drumwatch.journal.view_order import NOTE, SQL_ORDERS, TEMPO, Order, ids_by_name, natural_key

if TYPE_CHECKING:
    from drumwatch.core.records import Entry
    from drumwatch.journal.archives import Archives
    from drumwatch.journal.entries import Entries
    from drumwatch.journal.projects import Projects

View = Literal["unsure", "recent", "clashes", "map", "projects"]

_SOUNDS: dict[View, str] = {
    "unsure": TO_REVIEW,
    "recent": CURRENT,
    "clashes": f"json_extract(entry.verdict, '$.clash') != '' AND {CURRENT} AND NOT {CONFIRMED}",
    "map": CURRENT,
    "projects": "0",  # no sound is in this view
}
_DAY = "date(entry.time, 'unixepoch', 'localtime')"
_SEARCHED = (
    "lower(entry.source || ' ' || coalesce(entry.destination, '') || ' ' || batch.pack || ' ' || entry.label"
    " || ' ' || entry.type)"
)
_FROM = "FROM entry JOIN batch ON batch.id = entry.batch"


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """A view with its search and its filters; an empty one does not filter."""

    view: View = "unsure"
    text: str = ""  # every word must be in the path, pack, label or type
    label: str = ""
    type: str = ""
    day: str = ""  # local, as 2026-11-24
    batch: int | None = None
    below: float | None = None  # only sounds with a lower confidence
    at_least: float | None = None  # only sounds with this confidence or a higher one
    starred: bool = False  # only sounds that the user has starred
    note: str = ""  # root note, as F#
    min_bpm: float | None = None  # only loops of this tempo or a higher one
    max_bpm: float | None = None
    order: Order = "newest"  # of the ids and of the packs


def view_named(name: str) -> View:
    """Return the view with this name, or the recent sounds if there is none."""
    return next((view for view in get_args(View) if view == name), "recent")


def order_named(name: str) -> Order:
    """Return the order with this name, or the newest first if there is none."""
    return next((order for order in get_args(Order) if order == name), "newest")


class Views(Part):
    """Answers queries about a view."""

    def __init__(self, database: Database, entries: Entries, projects: Projects, archives: Archives) -> None:
        super().__init__(database)
        self._entries = entries
        self._projects = projects
        self._archives = archives

    def ids(self, query: ViewQuery) -> list[int]:
        """Return the ids of the sounds in a view, in the order of the query."""
        where, values = _condition(query)
        if order := SQL_ORDERS.get(query.order):
            rows = self._db.execute(f"SELECT entry.id {_FROM} WHERE {where} ORDER BY {order}", values)
            return [entry_id for (entry_id,) in rows]
        rows = self._db.execute(f"SELECT entry.id, batch.pack, {LOCATION} {_FROM} WHERE {where}", values)
        return ids_by_name(
            ((number, pack, from_column(path).name) for number, pack, path in rows), query.order
        )

    def sounds(self, query: ViewQuery, limit: int = -1) -> list[Entry]:
        """Return the entries of the sounds in a view, the newest first; a limit of -1 means all of them."""
        where, values = _condition(query)
        return list(self._entries.newest(where, values, limit))

    def projects(self, query: ViewQuery) -> list[Entry]:
        """Return the entries of the projects that were left whole and match the query, whatever its view."""
        return [project for project in self._projects.left_whole() if _matches(project, query)]

    def archives(self, query: ViewQuery) -> list[Entry]:
        """Return the entries of the archives that were not wholly read and match the query, whatever its view."""
        return [archive for archive in self._archives.unread() if _matches(archive, query)]

    def counts(self, query: ViewQuery) -> dict[str, int]:
        """Return the number of sounds in every view under the query's search and filters."""
        return {view: self._entries.count(*_condition(replace(query, view=view))) for view in _SOUNDS}

    def packs(self, query: ViewQuery) -> list[PackCount]:
        """Return the packs of the sounds in a view, each with its number of sounds by label: newest first, oldest first or by name."""
        where, values = _condition(query)
        packs: dict[int, PackCount] = {}
        for batch, pack, origin, latest, label, left, count in self._db.execute(
            "SELECT batch.id, pack, origin, max(entry.time), label, sum(action = 'leave'), count(*)"
            f" {_FROM} WHERE {where} GROUP BY batch.id, label ORDER BY batch.id DESC, label",
            values,
        ):
            before = packs.get(batch) or PackCount(batch, pack, from_column(origin), latest, 0, {})
            packs[batch] = before._replace(
                latest=max(latest, before.latest),
                left=before.left + left,
                labels={**before.labels, label: count},
            )
        if query.order == "pack":
            return sorted(packs.values(), key=lambda one: (not one.pack, natural_key(one.pack)))
        return list(packs.values())[:: -1 if query.order == "oldest" else 1]

    def days(self) -> list[str]:
        """Return the local days with analyzed sounds, as 2026-11-24, the latest first."""
        rows = self._db.execute(
            f"SELECT DISTINCT {_DAY} AS day FROM entry WHERE verdict IS NOT NULL ORDER BY day DESC"
        )
        return [day for (day,) in rows]


def _condition(query: ViewQuery) -> tuple[str, list[object]]:
    """Return the SQL condition of a query and the values to bind; the quick tests come first."""
    optional: tuple[tuple[str, object], ...] = (
        ("entry.batch = ?", query.batch),
        ("entry.label = ?", query.label or None),
        ("entry.type = ?", query.type or None),
        ("entry.confidence < ?", query.below),
        ("entry.confidence >= ?", query.at_least),
        (f"{NOTE} = ?", query.note or None),
        (f"{TEMPO} >= ?", query.min_bpm),
        (f"{TEMPO} <= ?", query.max_bpm),
        (f"{_DAY} = ?", query.day or None),
    )
    tests = [(sql, value) for sql, value in optional if value is not None]
    tests += [(f"instr({_SEARCHED}, lower(?)) > 0", word) for word in query.text.split()]
    unbound = [STARRED] * query.starred + [_SOUNDS[query.view]]
    return " AND ".join([*(sql for sql, _ in tests), *unbound]), [value for _, value in tests]


def _matches(project: Entry, query: ViewQuery) -> bool:
    """Return whether a project or an archive matches; it has a name, a pack and a day, but nothing of a sound."""
    searched = f"{project.source} {project.pack} {project.reason} {project.error}".lower()
    day = dt.datetime.fromtimestamp(project.time).astimezone().date().isoformat()
    return (
        not (query.label or query.type or query.below or query.at_least or query.starred)
        and not (query.note or query.min_bpm or query.max_bpm)
        and query.batch in (None, project.batch)
        and query.day in ("", day)
        and all(word in searched for word in query.text.lower().split())
    )
