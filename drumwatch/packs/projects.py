"""Somebody's work among what arrives: songs, instruments, code. It is left whole, and told once for each project."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.arrivals import is_sound
from drumwatch.errors import CannotUndo
from drumwatch.intake.projects import Project, Survey, Surveyor, enclosing_project, is_marker_name
from drumwatch.intake.scan import scan
from drumwatch.pipeline import take_back
from drumwatch.records import PROJECT_KIND, PROJECT_MARKER, PROJECT_NAME, PROJECT_SOUNDS, Claim
from drumwatch.words import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Watch
    from drumwatch.journal import Journal
    from drumwatch.records import Entry

MARKER_MAY_FOLLOW = (
    900.0  # seconds since a batch was last active: so long a marker may come after the first sounds
)
COUNTED = 10_000  # sounds of a project are counted up to here
ENCLOSING_HOLDS = 30.0  # seconds: how long the folders above a watch are believed to be what they were


class Ownership(NamedTuple):
    """Whose a file is, by what lies around it; at most one of the two is set."""

    project: Project | None = None  # it is part of this one, which is left whole
    claim: Claim | None = None


FREE = Ownership()


class Projects:
    """Looks at folders before anything in them is touched. One for each process: it remembers what it has read."""

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._surveyor = Surveyor()
        self._enclosing: dict[Path, tuple[float, Project | None]] = {}
        self._told: set[Path] = set()

    # Looking

    def survey(self, watch: Watch) -> Survey:
        """What is somebody's in a watched folder; nothing where `projects` is "sort"."""
        if watch.projects == "sort":
            return Survey(watch.folder)
        if around := self._around(watch.folder):
            return Survey(watch.folder, (around,))
        return self._surveyor.survey(watch.folder, root_is_unit=False)

    def survey_given(self, watch: Watch, *, is_pack: bool) -> Survey:
        """The same for a folder given to `sort`, which may be a project or a pack itself."""
        found = self.survey(watch)
        if watch.projects == "sort" or found.project_of(watch.folder):
            return found
        whole = self._surveyor.survey(watch.folder, root_is_unit=True)
        return whole if is_pack or whole.project_of(watch.folder) else found

    def survey_as_one(self, folder: Path, watch: Watch) -> Survey:
        """The same for a folder that came as one thing: an archive that lies unpacked there, or a pack."""
        if watch.projects == "sort":
            return Survey(folder)
        folder = _below_single_folders(folder)
        return self._surveyor.survey(folder, root_is_unit=True)

    def _around(self, folder: Path) -> Project | None:
        until, project = self._enclosing.get(folder, (0.0, None))
        now = time.monotonic()
        if now >= until:
            project = enclosing_project(folder, Path.home())
            self._enclosing[folder] = now + ENCLOSING_HOLDS, project
        return project

    def ownership(self, path: Path, watch: Watch, survey: Survey) -> Ownership:
        """What may be done with this file, by what was found around it."""
        if project := survey.project_of(path):
            if watch.projects == "copy":
                return Ownership(claim=Claim(f"{project.root.name}, {project.name}", untouched=True))
            return Ownership(project=project)
        whole = next((pack for pack in survey.kept_whole if path.is_relative_to(pack)), None)
        document = survey.kept_whole[whole] if whole else survey.needed.get(path)
        return Ownership(claim=Claim(document.name)) if document else FREE

    # Telling

    def tell(
        self,
        project: Project,
        batch: int,
        *,
        known_as: Path | None = None,
        put_back: int = 0,
        sounds: int | None = None,
    ) -> Entry | None:
        """Write down that it is left whole; None where that was told before. `known_as`: its place in an archive.

        `sounds`: how many it holds, where they have been counted. Asked with each file of a project that may still
        be growing, it tells of the first, and counts the sounds only then.
        """
        place = known_as or project.root
        if place in self._told and not put_back:
            return None
        self._told.add(place)
        sounds = count_sounds(project) if sounds is None else sounds
        shown = shown_count(sounds)
        detail = {
            PROJECT_KIND: project.kind,
            PROJECT_NAME: project.name,
            PROJECT_MARKER: str(project.marker),
            PROJECT_SOUNDS: str(sounds),
        }
        what = project.describe().removeprefix(project.root.name)
        reason = f"{place.name}{what} with {shown}"
        if put_back:
            detail["put_back"] = str(put_back)
            reason += f"; {put_back} of them had been filed before this was known, and {'is' if put_back == 1 else 'are'} back"
        return self._journal.note_project(batch, place, printable(reason), detail, self._clock())

    def unasked(
        self, survey: Survey, watch: Watch, *, around: Path | None = None
    ) -> Iterator[tuple[Project, int]]:
        """The projects of which no sound was handed out, such as `Song.logicx`, each with how many it holds; none without sounds.

        With `around`, only the one that this folder is, or is part of.
        """
        for project in survey.projects if watch.projects == "leave" else ():
            is_meant = around is None or around.is_relative_to(project.root)
            if is_meant and project.root not in self._told and (sounds := count_sounds(project)):
                yield project, sounds

    # What was filed before the marker came

    def put_back_early_ones(self, watch: Watch, folder: Path) -> Iterator[Entry]:
        """Files that were moved out of a project before its marker came are put back, and the project is told.

        What cannot be put back stays where it is; the journal has the reason.
        """
        if watch.projects != "leave":
            return
        survey, returned = self.survey(watch), Counter[Project]()
        if not any(
            one.root.is_relative_to(folder) or folder.is_relative_to(one.root) for one in survey.projects
        ):
            return
        for entry in self._journal.moved_lately(watch.folder, self._clock() - MARKER_MAY_FOLLOW):
            if entry.source.is_relative_to(folder) and (project := survey.project_of(entry.source)):
                with contextlib.suppress(CannotUndo):
                    yield take_back(self._journal, entry)
                    returned[project] += 1
        for project, count in returned.items():
            batch = self._journal.batch(watch.folder, "", self._clock())
            if told := self.tell(project, batch, put_back=count):
                yield told


def count_sounds(project: Project) -> int:
    """How many sounds lie in it, up to `COUNTED`."""
    return sum(1 for _ in itertools.islice(scan(project.root, wanted=is_sound), COUNTED))


def shown_count(sounds: int) -> str:
    """As in "41 sounds", or "10000 or more sounds"."""
    return f"{sounds}{' or more' if sounds >= COUNTED else ''} sound{'s' * (sounds != 1)}"


def _below_single_folders(folder: Path) -> Path:
    """Most archives hold one folder, and all the rest in it."""
    while True:
        try:
            with os.scandir(folder) as entries:
                inside = list(itertools.islice(entries, 2))
        except OSError:  # gone, or not to be read: the survey finds nothing in it
            return folder
        if len(inside) != 1 or not inside[0].is_dir(follow_symlinks=False) or is_marker_name(inside[0].name):
            return folder
        folder = folder / inside[0].name
