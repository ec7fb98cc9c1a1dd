"""How filing would judge a file: with the settings of its folder, by the name that it came with, and with the neighbors from there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from drumwatch.config import watch_around, watch_for
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.journal.columns import to_column
from drumwatch.pipeline import place_of
from drumwatch.sorting.classify_together import RequestedSound, place_in

if TYPE_CHECKING:
    from drumwatch.context.neighbors import Place
    from drumwatch.session import Session

LATEST = 3  # journal entries of a file that may know where it came from


def as_filed(
    path: Path, session: Session, root: Path | None = None, *, whole: bool = False
) -> RequestedSound:
    """Return the request by which filing would judge this file; `why` and `classify` both make theirs here, so that they agree.

    `root` is the folder that it was found from, by default its own; with `whole`, that folder is one pack.
    """
    root = root or path.parent
    around = watch_around(session.config, path)
    watch = around or watch_for(session.config, root)
    known = _came_from(path, session)
    place = known or (
        place_of(Arrival(path, NO_STAMP, watch.folder)) if around else place_in(path, root, whole=whole)
    )
    request = msgspec.structs.replace(
        session.pipeline.request(Arrival(path, NO_STAMP, watch.folder), watch),
        name_from=os.fspath(Path(known.folder, known.name)) if known else "",
    )
    return RequestedSound(path, place, request, watch.context)


def _came_from(path: Path, session: Session) -> Place | None:
    """Return where the sound of a file that drumwatch has filed came from; None if the journal does not know."""
    column = to_column(path)
    entries = session.journal.entries.newest(
        "(entry.source = ? OR entry.destination = ?)", (column, column), LATEST
    )
    places = (session.journal.places.of_entry(entry) for entry in entries)
    return next((place for place in places if place), None)
