"""Somebody's work among what arrives: songs, instruments, code. It is left whole, and told once for each project."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.errors import CannotUndo
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import PROJECT_KIND, PROJECT_MARKER, PROJECT_NAME, PROJECT_SOUNDS, Claim
from drumwatch.intake.arrivals import is_sound
from drumwatch.intake.projects import Project, Survey, Surveyor, enclosing_project, is_marker_name
from drumwatch.intake.projects.survey import SECONDS
from drumwatch.intake.scan import scan
from drumwatch.journal import Plan
from drumwatch.packs.recently_moved import MovedLately
from drumwatch.pipeline import take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal

COUNTED = 10_000  # sounds of a project are counted up to here
ENCLOSING_HOLDS = 30.0  # seconds: how long the folders above a watch are believed to be what they were
UNIT_HOLDS = 5.0  # seconds: the same for a folder that is judged alone, because all of the watch is too much
TOO_MUCH_HOLDS = 600.0  # seconds until a folder that could not be looked through is looked at again
SHARE_OF_A_PART = 0.25  # of the time for all of a watch
NEEDED = (
    "needed"  # the rule of an entry that tells of sounds put back because something needs them where they lay
)


class Ownership(NamedTuple):
    """Whose a file is, by what lies around it; at most one of these is set."""

    project: Project | None = None  # it is part of this one, which is left whole
    claim: Claim | None = None
    unknown: Path | None = None  # this folder around it could not be looked through: nothing in it is touched


class PutBack(NamedTuple):
    """One step of putting back: what was done or told, and the file that is to be handled anew, under its claim."""

    entry: Entry
    anew: Path | None = None


FREE = Ownership()


class Projects:
    """Looks at folders before anything in them is touched. One for each process: it remembers what it has read."""

    def __init__(
        self, journal: Journal, *, seconds: float = SECONDS, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal = journal
        self._seconds = seconds  # for a look at one folder
        self._clock = clock
        self._surveyor = Surveyor()
        self._moved = MovedLately(journal, clock=clock)
        self._enclosing: dict[Path, tuple[float, Project | None]] = {}
        self._parts: dict[tuple[Path, bool], tuple[float, Survey]] = {}
        self._too_much: dict[tuple[Path, bool], float] = {}  # watches, and until when that is believed
        self._told: set[Path] = set()
        self._cannot_return: set[int] = set()

    # Looking

    def survey(self, watch: Watch) -> Survey:
        """What is somebody's in a watched folder; nothing where `projects` is "sort"."""
        if watch.projects == "sort":
            return Survey(watch.folder)
        if around := self._around(watch.folder):
            return Survey(watch.folder, (around,))
        return self._whole(watch, root_is_unit=False)

    def survey_given(self, watch: Watch, *, is_pack: bool) -> Survey:
        """The same for a folder given to `sort`, which may be a project or a pack itself."""
        found = self.survey(watch)
        if watch.projects == "sort" or found.project_of(watch.folder):
            return found
        whole = self._whole(watch, root_is_unit=True)
        return whole if is_pack or whole.project_of(watch.folder) else found

    def survey_as_one(self, folder: Path, watch: Watch) -> Survey:
        """The same for a folder that came as one thing: an archive that lies unpacked there, or a pack."""
        if watch.projects == "sort":
            return Survey(folder)
        inside = os.path.join(folder, "")
        if not any(f"{path}{os.sep}".startswith(inside) for path in self._moved.sounds_of(watch.folder)):
            folder = below_single_folders(folder)
        return self._look(folder, watch, self._seconds, root_is_unit=True)

    def _whole(self, watch: Watch, *, root_is_unit: bool) -> Survey:
        """All of the watched folder. Where that was too much a short while ago, only what lies directly in it: see `_part`."""
        is_flat = time.monotonic() < self._too_much.get((watch.folder, root_is_unit), 0.0)
        found = self._look(watch.folder, watch, self._seconds, root_is_unit=root_is_unit, is_flat=is_flat)
        if not found.complete and not is_flat:
            self._too_much[watch.folder, root_is_unit] = time.monotonic() + TOO_MUCH_HOLDS
        return replace(found, complete=False) if is_flat else found

    def _part(self, path: Path, watch: Watch, root: Path) -> Survey:
        """What came as one thing directly in the root, looked at alone; of a file directly in it, what lies beside it."""
        steps = path.relative_to(root).parts
        is_flat = len(steps) == 1
        part = root if is_flat else root / steps[0]
        until, found = self._parts.get((part, is_flat), (0.0, None))
        if found is None or time.monotonic() >= until:
            # Each part that takes too long leaves less time for the next one: the daemon has to show that it is alive
            slow = sum(not one.complete for _, one in self._parts.values())
            seconds = SHARE_OF_A_PART * self._seconds / (1 + slow)
            found = self._look(part, watch, seconds, root_is_unit=not is_flat, is_flat=is_flat)
            holds = UNIT_HOLDS if found.complete else TOO_MUCH_HOLDS
            self._parts[part, is_flat] = time.monotonic() + holds, found
        return found

    def _look(
        self, folder: Path, watch: Watch, seconds: float, *, root_is_unit: bool, is_flat: bool = False
    ) -> Survey:
        moved = self._moved.sounds_of(watch.folder)
        return self._surveyor.survey(
            folder, root_is_unit=root_is_unit, is_flat=is_flat, seconds=seconds, moved=moved
        )

    def _around(self, folder: Path) -> Project | None:
        until, project = self._enclosing.get(folder, (0.0, None))
        now = time.monotonic()
        if now >= until:
            project = enclosing_project(folder, Path.home())
            self._enclosing[folder] = now + ENCLOSING_HOLDS, project
        return project

    def ownership(self, path: Path, watch: Watch, survey: Survey) -> Ownership:
        """What may be done with this file, by what was found around it."""
        around = [survey]
        if not survey.complete and path != survey.root and path.is_relative_to(survey.root):
            around.append(self._part(path, watch, survey.root))
        for one in around:
            if (found := _owner(path, watch, one)) != FREE:
                return found
        return FREE if around[-1].complete else Ownership(unknown=around[-1].root)

    # Telling

    def report(
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
        return self._journal.projects.note(batch, place, printable(reason), detail, self._clock())

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

    def has_moved_lately(self, watch: Watch) -> bool:
        """Whether sounds were moved out of it for which a marker may still come."""
        return watch.projects != "sort" and bool(self._moved.sounds_of(watch.folder))

    def put_back_early_ones(self, watch: Watch) -> Iterator[PutBack]:
        """Files that were moved before it was known what they belong to are put back, and it is told why.

        Those of a project stay; those that something needs where they lay are to be handled anew. What cannot be put back stays
        where it is; the journal has the reason.
        """
        if not self.has_moved_lately(watch):
            return
        survey = self.survey(watch)
        if survey.complete and not (survey.projects or survey.needed or survey.kept_whole):
            return
        of_projects, claimed = Counter[Project](), defaultdict[Claim, list[Path]](list)
        for number, source in self._journal.batches.moved_lately(watch.folder, self._moved.since):
            owned = self.ownership(source, watch, survey)
            if owned.unknown or owned == FREE or not (entry := self._returned(number)):
                continue
            yield PutBack(entry, source if owned.claim else None)
            if owned.project:
                of_projects[owned.project] += 1
            elif owned.claim:
                claimed[owned.claim].append(source)
        batch = (
            self._journal.batches.current(watch.folder, "", self._clock()) if of_projects or claimed else 0
        )
        for project, count in of_projects.items():
            if told := self.report(project, batch, put_back=count):
                yield PutBack(told)
        for claim, sources in claimed.items():
            yield PutBack(self._tell_needed(claim, sources, batch))

    def _returned(self, number: int) -> Entry | None:
        """The entry by which this one is taken back; None where that is not possible, which is tried once."""
        entry = self._journal.entries.get(number)
        if entry.state != "done" or number in self._cannot_return:
            return None
        try:
            return take_back(self._journal, entry)
        except CannotUndo:
            self._cannot_return.add(number)
            return None

    def _tell_needed(self, claim: Claim, sources: list[Path], batch: int) -> Entry:
        """Write down why sounds are back and filed again, as an entry about the folder that holds them all."""
        folder = Path(os.path.commonpath([source.parent for source in sources]))
        count = len(sources)
        is_one = count == 1
        reason = (
            f"{count} {'file' if is_one else 'files'} in it had been moved before {claim.by} came, which needs"
            f" {'it' if is_one else 'them'} there: {'it is' if is_one else 'they are'} back, and only copies or links are filed"
        )
        plan = Plan(batch, folder, None, "leave", NEEDED, printable(reason), state="done")
        return self._journal.entries.get(self._journal.entries.plan(plan, self._clock()))


def why_untouched(place: Path, *, is_archive: bool = False) -> str:
    """The sentence about a folder or an archive that could not be looked through, with what to do."""
    then = (
        "it stays as it is. Unpack it, and sort its folders one by one with `drumwatch sort`."
        if is_archive
        else "nothing in it is touched. Move its folders apart, or sort them one by one with `drumwatch sort`."
    )
    return (
        f"{home_short(place)} holds too much to be looked through, so nobody can tell whether its sounds belong to a song or an"
        f" instrument: {then}"
    )


def _owner(path: Path, watch: Watch, survey: Survey) -> Ownership:
    if project := survey.project_of(path):
        if watch.projects == "copy":
            return Ownership(claim=Claim(f"{project.root.name}, {project.name}", untouched=True))
        return Ownership(project=project)
    whole = next((pack for pack in survey.kept_whole if path.is_relative_to(pack)), None)
    document = survey.kept_whole[whole] if whole else survey.needed.get(path)
    return Ownership(claim=Claim(document.name)) if document else FREE


def count_sounds(project: Project) -> int:
    """How many sounds lie in it, up to `COUNTED`."""
    return sum(1 for _ in itertools.islice(scan(project.root, wanted=is_sound), COUNTED))


def shown_count(sounds: int) -> str:
    """As in "41 sounds", or "10000 or more sounds"."""
    return f"{sounds}{' or more' if sounds >= COUNTED else ''} sound{'s' * (sounds != 1)}"


def below_single_folders(folder: Path) -> Path:
    """The folder in which all that is in this one lies: most archives hold one folder, and all the rest in it."""
    while True:
        try:
            with os.scandir(folder) as entries:
                inside = list(itertools.islice(entries, 2))
        except OSError:  # gone, or not to be read: the survey finds nothing in it
            return folder
        if len(inside) != 1 or not inside[0].is_dir(follow_symlinks=False) or is_marker_name(inside[0].name):
            return folder
        folder = folder / inside[0].name
