"""Whose a sound is that the user says something about: a part of somebody's work stays there, whatever its label."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drumwatch.config import watch_around, watch_for
from drumwatch.intake.pack_names import is_a_pack
from drumwatch.intake.projects import Surveyor
from drumwatch.packs.projects import FREE, Ownership, Projects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import Entry
    from drumwatch.intake.projects import Survey
    from drumwatch.journal import Journal

HOLDS = 5.0  # seconds: a hundred sounds that are confirmed at once take one look


class Surroundings:
    """Looks at what lies around a sound before a word of the user's moves it."""

    def __init__(
        self, config: Config, journal: Journal, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._journal = journal
        self._clock = clock
        self._projects = Projects(journal)
        self._surveyor = Surveyor()
        self._surveys: dict[Path, tuple[float, Survey]] = {}

    def ownership(self, path: Path, entry: Entry, library: Path | None, watch: Watch) -> Ownership:
        """What may be done with the file of this entry: nothing in a project, and no move where something else needs it.

        In a `library`, only the markers of projects in it count, as all else there is ours to sort.
        """
        if library:
            return self._in_library(path, library, watch)
        around = watch_around(self._config, path)
        if around is None:
            origin = self._journal.batches.origin_of(entry.batch)
            around = watch_for(self._config, origin if path.is_relative_to(origin) else path.parent)
        return self._projects.ownership(path, around, self._survey(around))

    def _in_library(self, path: Path, library: Path, watch: Watch) -> Ownership:
        if watch.projects == "sort":
            return FREE
        return Ownership(self._surveyor.enclosing_project(path.parent, library))

    def _survey(self, watch: Watch) -> Survey:
        """As it was looked at when it was sorted: the same folder, as one pack or as many."""
        now = self._clock()
        until, survey = self._surveys.get(watch.folder, (0.0, None))
        if survey is None or now >= until:
            is_given = watch not in self._config.watches
            survey = (
                self._projects.survey_given(watch, is_pack=is_a_pack(watch.folder))
                if is_given
                else self._projects.survey(watch)
            )
            self._surveys[watch.folder] = now + HOLDS, survey
        return survey
