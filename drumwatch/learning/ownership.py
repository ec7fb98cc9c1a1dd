"""Find out whether a corrected sound belongs to a project or a pack: then it stays there, whatever its label."""

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

CACHE_SECONDS = 5.0  # so that a hundred corrections at once need one survey


class OwnershipLookup:
    """Surveys the folders around a sound before a correction moves it; surveys are cached for a few seconds."""

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
        """Return what may be done with the file of this entry: nothing in a project, and no move if a document or pack needs it.

        In a `library`, only marked projects count, because everything else there was sorted by drumwatch.
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
        """Return the survey of the watched or given folder, made in the same way as when it was sorted."""
        now = self._clock()
        until, survey = self._surveys.get(watch.folder, (0.0, None))
        if survey is None or now >= until:
            is_given = watch not in self._config.watches
            survey = (
                self._projects.survey_given(watch, is_pack=is_a_pack(watch.folder))
                if is_given
                else self._projects.survey(watch)
            )
            self._surveys[watch.folder] = now + CACHE_SECONDS, survey
        return survey
