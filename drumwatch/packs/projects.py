"""Projects of the user among the arrivals (songs, instruments, code): they are left whole, and each is reported once."""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.errors import CannotUndo
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import Claim
from drumwatch.intake.ignore import is_sound
from drumwatch.intake.projects import Project, Survey, Surveyor, enclosing_project, is_marker_name
from drumwatch.intake.projects.survey import SECONDS
from drumwatch.intake.scan import scan
from drumwatch.journal import Plan
from drumwatch.packs.recently_moved import RecentlyMoved
from drumwatch.pipeline import take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal

COUNTED = 10_000  # the highest number of sounds that is counted in a project
ENCLOSING_SECONDS = 30.0  # after which the folders above a watched folder are searched again
PART_SECONDS = 5.0  # after which a part of a watched folder that is too large as a whole is searched again
TOO_LARGE_SECONDS = 600.0  # after which a folder that was too large is searched again
SHARE_OF_A_PART = 0.25  # of the time for a whole watched folder
NEEDED = "needed"  # the rule of an entry about sounds that were put back because a document needs them there


class Ownership(NamedTuple):
    """What a file belongs to; at most one of these is set."""

    project: Project | None = None  # the project of which the file is a part; it is left whole
    claim: Claim | None = None
    unknown: Path | None = (
        None  # the folder around it that is too large to be searched: nothing in it is touched
    )


class PutBack(NamedTuple):
    """One step of putting back: the entry about it, and the file that is to be filed again under its claim, if any."""

    entry: Entry
    anew: Path | None = None


FREE = Ownership()


class Projects:
    """Searches folders before a file in them is touched. There is one per process, which remembers what it has read."""

    def __init__(
        self, journal: Journal, *, seconds: float = SECONDS, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal = journal
        self._seconds = seconds  # for the search of one folder
        self._clock = clock
        self._surveyor = Surveyor()
        self._moved = RecentlyMoved(journal, clock=clock)
        self._enclosing: dict[Path, tuple[float, Project | None]] = {}
        self._parts: dict[tuple[Path, bool], tuple[float, Survey]] = {}
        self._too_large: dict[tuple[Path, bool], float] = {}  # by watched folder: the time of the next search
        self._reported: set[Path] = set()
        self._cannot_return: set[int] = set()

    # Search

    def survey(self, watch: Watch) -> Survey:
        """Return what is found in a watched folder; nothing if the setting `projects` is "sort"."""
        if watch.projects == "sort":
            return Survey(watch.folder)
        if around := self._enclosing_project(watch.folder):
            return Survey(watch.folder, (around,))
        return self._whole(watch, root_is_unit=False)

    def survey_given(self, watch: Watch, *, is_pack: bool) -> Survey:
        """Return what is found in a folder given to `sort`, which may be a project or a pack itself."""
        found = self.survey(watch)
        if watch.projects == "sort" or found.project_of(watch.folder):
            return found
        whole = self._whole(watch, root_is_unit=True)
        return whole if is_pack or whole.project_of(watch.folder) else found

    def survey_as_one(self, folder: Path, watch: Watch) -> Survey:
        """Return what is found in a folder that came as a whole: an unpacked archive, or a pack."""
        if watch.projects == "sort":
            return Survey(folder)
        inside = os.path.join(folder, "")
        if not any(f"{path}{os.sep}".startswith(inside) for path in self._moved.sounds_of(watch.folder)):
            folder = below_single_folders(folder)
        return self._search(folder, watch, self._seconds, root_is_unit=True)

    def _whole(self, watch: Watch, *, root_is_unit: bool) -> Survey:
        """Search the whole watched folder; if it was too large recently, only the files directly in it (see `_part`)."""
        is_flat = time.monotonic() < self._too_large.get((watch.folder, root_is_unit), 0.0)
        found = self._search(watch.folder, watch, self._seconds, root_is_unit=root_is_unit, is_flat=is_flat)
        if not found.complete and not is_flat:
            self._too_large[watch.folder, root_is_unit] = time.monotonic() + TOO_LARGE_SECONDS
        return replace(found, complete=False) if is_flat else found

    def _part(self, path: Path, watch: Watch, root: Path) -> Survey:
        """Search only the folder directly in the root that holds the file, or the files beside it if it is in the root."""
        steps = path.relative_to(root).parts
        is_flat = len(steps) == 1
        part = root if is_flat else root / steps[0]
        until, found = self._parts.get((part, is_flat), (0.0, None))
        if found is None or time.monotonic() >= until:
            # Each part that is too large leaves less time for the next one, because the daemon has to stay responsive
            slow = sum(not one.complete for _, one in self._parts.values())
            seconds = SHARE_OF_A_PART * self._seconds / (1 + slow)
            found = self._search(part, watch, seconds, root_is_unit=not is_flat, is_flat=is_flat)
            seconds_valid = PART_SECONDS if found.complete else TOO_LARGE_SECONDS
            self._parts[part, is_flat] = time.monotonic() + seconds_valid, found
        return found

    def _search(
        self, folder: Path, watch: Watch, seconds: float, *, root_is_unit: bool, is_flat: bool = False
    ) -> Survey:
        moved = self._moved.sounds_of(watch.folder)
        return self._surveyor.survey(
            folder, root_is_unit=root_is_unit, is_flat=is_flat, seconds=seconds, moved=moved
        )

    def _enclosing_project(self, folder: Path) -> Project | None:
        until, project = self._enclosing.get(folder, (0.0, None))
        now = time.monotonic()
        if now >= until:
            project = enclosing_project(folder, Path.home())
            self._enclosing[folder] = now + ENCLOSING_SECONDS, project
        return project

    def ownership(self, path: Path, watch: Watch, survey: Survey) -> Ownership:
        """Return what a file belongs to, by what was found around it."""
        around = [survey]
        if not survey.complete and path != survey.root and path.is_relative_to(survey.root):
            around.append(self._part(path, watch, survey.root))
        for one in around:
            if (found := _owner(path, watch, one)) != FREE:
                return found
        return FREE if around[-1].complete else Ownership(unknown=around[-1].root)

    # Reports

    def report(
        self,
        project: Project,
        batch: int,
        *,
        known_as: Path | None = None,
        put_back: int = 0,
        sounds: int | None = None,
    ) -> Entry | None:
        """Record that a project is left whole; return None if that was recorded before.

        `known_as` is its path in an archive, and `sounds` the number of its sounds if they have been counted. The sounds
        of a project are counted only for its first file, although more files may still come.
        """
        place = known_as or project.root
        if place in self._reported and not put_back:
            return None
        self._reported.add(place)
        sounds = count_sounds(project) if sounds is None else sounds
        shown = shown_count(sounds)
        detail = EntryDetail(
            project_kind=project.kind,
            project_name=project.name,
            marker=project.marker,
            sounds=sounds,
            put_back=put_back or None,
        )
        what = project.describe().removeprefix(project.root.name)
        reason = f"{place.name}{what} with {shown}"
        if put_back:
            reason += f"; {put_back} of them had been filed before this was known, and {'is' if put_back == 1 else 'are'} back"
        return self._journal.projects.note(batch, place, printable(reason), detail, self._clock())

    def unreported(
        self, survey: Survey, watch: Watch, *, around: Path | None = None
    ) -> Iterator[tuple[Project, int]]:
        """Yield the projects with sounds of which no sound arrived by itself, such as `Song.logicx`, with their numbers of sounds.

        With `around`, only the project that is this folder or contains it.
        """
        for project in survey.projects if watch.projects == "leave" else ():
            is_meant = around is None or around.is_relative_to(project.root)
            if is_meant and project.root not in self._reported and (sounds := count_sounds(project)):
                yield project, sounds

    # Sounds that were filed before the marker of their project came

    def has_moved_lately(self, watch: Watch) -> bool:
        """Return whether sounds were moved out of a watched folder for which a marker may still come."""
        return watch.projects != "sort" and bool(self._moved.sounds_of(watch.folder))

    def put_back_early_ones(self, watch: Watch) -> Iterator[PutBack]:
        """Put back files that were moved before it was known what they belong to, and record why.

        Files of a project stay there; files that a document needs there are to be filed again. A file that cannot be put
        back stays where it is, and the journal has the reason.
        """
        if not self.has_moved_lately(watch):
            return
        survey = self.survey(watch)
        if survey.complete and not (survey.projects or survey.needed or survey.kept_whole):
            return
        of_projects, claimed = Counter[Project](), defaultdict[Claim, list[Path]](list)
        for number, source in self._journal.batches.moved_lately(watch.folder, self._moved.since):
            owned = self.ownership(source, watch, survey)
            if owned.unknown or owned == FREE or not (entry := self._put_back(number)):
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
            if entry := self.report(project, batch, put_back=count):
                yield PutBack(entry)
        for claim, sources in claimed.items():
            yield PutBack(self._report_needed(claim, sources, batch))

    def _put_back(self, number: int) -> Entry | None:
        """Undo an entry once; return the entry of the undo, or None if it is not possible."""
        entry = self._journal.entries.get(number)
        if entry.state != "done" or number in self._cannot_return:
            return None
        try:
            return take_back(self._journal, entry)
        except CannotUndo:
            self._cannot_return.add(number)
            return None

    def _report_needed(self, claim: Claim, sources: list[Path], batch: int) -> Entry:
        """Record why sounds are back and filed again, as an entry about the folder that holds them all."""
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
    """Return the sentence about a folder or an archive that is too large to be searched, with what to do."""
    then = (
        "it is left alone. Unpack it, and sort its folders one by one with `drumwatch sort`."
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
    """Return the number of sounds in a project, up to `COUNTED`."""
    return sum(1 for _ in itertools.islice(scan(project.root, wanted=is_sound), COUNTED))


def shown_count(sounds: int) -> str:
    """Return a text such as "41 sounds" or "10000 or more sounds"."""
    return f"{sounds}{' or more' if sounds >= COUNTED else ''} sound{'s' * (sounds != 1)}"


def below_single_folders(folder: Path) -> Path:
    """Return the innermost folder that holds all files of this one, because most archives hold a single folder."""
    while True:
        try:
            with os.scandir(folder) as entries:
                inside = list(itertools.islice(entries, 2))
        except OSError:  # gone or not readable: the search finds nothing in it
            return folder
        if len(inside) != 1 or not inside[0].is_dir(follow_symlinks=False) or is_marker_name(inside[0].name):
            return folder
        folder = folder / inside[0].name
