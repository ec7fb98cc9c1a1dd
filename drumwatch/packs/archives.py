"""Packs that come as archives: unpacked in a hidden folder, filed like other sounds, and put away at the end."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.records import CANNOT_ANALYZE, NO_STAMP, Arrival, Origin
from drumwatch.filing.naming import component, pack_name
from drumwatch.intake import stability
from drumwatch.intake.archives.names import shown as shown_name
from drumwatch.intake.ignore import is_archive_name, is_audio_name, is_sound, needs_extra
from drumwatch.intake.pack_names import name_of_unpacked
from drumwatch.intake.scan import scan
from drumwatch.journal import Filter, Unpacked
from drumwatch.packs.projects import count_sounds, why_untouched
from drumwatch.packs.staging import STAGING, UnpackingRecord, is_abandoned, remove, stagings, sweep
from drumwatch.pipeline import origin_of
from drumwatch.pipeline.portable_disks import PortableDisks
from drumwatch.system import app_paths
from drumwatch.workers.jobs import answer, module_command
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import ErrorKind, Failed, Unpack, UnpackedArchive, UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from drumwatch.config import Watch
    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Entry
    from drumwatch.intake.projects import Project, Survey
    from drumwatch.journal import Journal
    from drumwatch.packs.kept_whole import KeptPack, KeptWhole
    from drumwatch.packs.projects import Projects
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.protocol import Answer

UNPACKER = module_command("drumwatch.intake.archives")
UNPACKING_SECONDS = 3600.0  # many gigabytes on a slow disk
# Between the name of a file that was not taken out and that of its archive; the second one is in older journals.
STILL_IN, EARLIER_STILL_IN = " is still in ", " stays in "
FOR_NOW = frozenset({ErrorKind.ARCHIVE_INCOMPLETE, ErrorKind.NO_SPACE})  # failures that may pass with time


class Pack(NamedTuple):
    """An unpacked archive, and what is known about its contents."""

    archive: Arrival
    watch: Watch
    unpacked: Unpacked
    refused: tuple[tuple[str, str], ...] = ()  # names that were not unpacked, with the reasons
    survey: Survey | None = None  # the projects and instruments in it
    # Number of sounds in packages of macOS (`Song.logicx`), by path
    packages: Mapping[Path, int] = MappingProxyType({})


class ArchivePacks:
    """Unpacks archives in a process of its own, lists the sounds in them, and reports what stays inside."""

    def __init__(
        self,
        config: ConfigHolder,
        journal: Journal,
        pipeline: Pipeline,
        projects: Projects,
        kept: KeptWhole,
        *,
        dry_run: bool = False,
        limit_rate: bool = False,  # keep to the setting `disk_rate`, because no user waits
    ) -> None:
        self._config = config
        self._journal = journal
        self._pipeline = pipeline
        self._projects = projects
        self._kept = kept
        self._dry_run = dry_run
        self._limit_rate = limit_rate
        self._portable = PortableDisks()
        self._unpacking = UnpackingRecord(journal)
        self._failed: list[Path] = []  # folders of archives that could not be unpacked, still in the record
        self._unpacker = LocalWorkers(
            limit=1, idle_seconds=5.0, file_seconds=UNPACKING_SECONDS, command=UNPACKER
        )

    def shutdown(self) -> None:
        """End the unpacker; after a dry run, remove what is still unpacked."""
        self._unpacker.shutdown(cancel_futures=True)
        if self._dry_run:  # the journal of a dry run does not outlive it
            sweep(app_paths.state_folder() / STAGING, set())

    def pause(self) -> None:
        """Suspend the unpacker in the middle of an archive, and let the other archives wait."""
        self._unpacker.pause(at_once=True)

    def resume(self) -> None:
        """Continue after `pause`."""
        self._unpacker.resume()

    def unpack(self, archive: Arrival, watch: Watch) -> Future[Answer]:
        """Have an archive unpacked; the answer is for `open`, or says why that was not possible."""
        config = self._config.current
        limits = UnpackLimits(
            files=config.archive_files,
            size=config.archive_size,
            ratio=config.archive_ratio,
            min_free=config.min_free,
            rate=config.disk_rate if self._limit_rate else 0,
        )
        staging = (app_paths.state_folder() if self._dry_run else watch.library) / STAGING
        # The disk of the library may not take the archive's name
        folder = staging / f"{os.getpid()}-{time.time_ns():x}" / component(archive.path.name, portable=True)
        portable = not self._dry_run and self._portable.holds(watch.library)
        if not self._dry_run:
            self._unpacking.note(folder, archive.path)
            failed, self._failed = self._failed, []
            self._unpacking.drop(failed)
        future = self._unpacker.submit(answer, Unpack(str(archive.path), str(folder), limits, portable))
        future.add_done_callback(lambda done: self._remove_unless_unpacked(folder, done))
        return future

    def open(self, archive: Arrival, watch: Watch, found: UnpackedArchive) -> Pack | None:
        """Record an unpacked archive in the journal; return None if no sound is in it, because it is no pack then.

        Sounds in packages of macOS count, because the package has to be reported as a project; so do those that could not be
        unpacked, and those that need an extra.
        """
        folder = Path(found.folder)
        is_lost = any(
            is_audio_name(name) or is_archive_name(name) or needs_extra(name) for name, _ in found.refused
        )
        if not found.sounds and not found.in_packages and not is_lost:
            remove(folder)
            if not self._dry_run:
                self._unpacking.drop([folder])
            return None
        name = pack_name(name_of_unpacked(archive.path, sorted(os.listdir(folder))))
        batch = self._journal.batches.new(archive.path, name, time.time())
        unpacked = Unpacked(folder, archive.path, found.content_hash, watch.folder, name, batch, found.names)
        self._journal.batches.note_unpacked(unpacked)
        self._unpacking.drop([folder])
        survey = self._projects.survey_as_one(folder, watch)
        packages = {Path(package): sounds for package, sounds in found.in_packages.items()}
        return Pack(archive, watch, unpacked, found.refused, survey, packages)

    def reopen(self, watches: tuple[Watch, ...] = (), libraries: Iterable[Path] = ()) -> Iterator[Pack]:
        """Yield the packs of these watches that were open when the program crashed.

        Other leftovers are removed if their archives are there, so that nothing is lost by it: those in the libraries of these
        watches, in these `libraries`, and in those that the journal knows.
        """
        known = self._journal.batches.unpacked()
        self._sweep({*libraries, *(watch.library for watch in watches)}, known)
        for unpacked in known:
            watch = next((watch for watch in watches if watch.folder == unpacked.watch), None)
            if not is_abandoned(unpacked.folder.parent):
                continue
            if watch and unpacked.folder.is_dir():
                stamp = stability.stamp_of(unpacked.archive) or NO_STAMP
                archive = Arrival(unpacked.archive, stamp, watch.folder, unpacked.pack)
                survey = self._projects.survey_as_one(unpacked.folder, watch)
                entries = self._journal.entries.find(Filter(batch=unpacked.batch, states=("failed",)))
                refused = tuple(refused_in(entries, unpacked.archive))
                yield Pack(archive, watch, unpacked, refused, survey)
            elif unpacked.archive.exists() or not unpacked.folder.is_dir():
                remove(unpacked.folder)
                self._journal.batches.drop_unpacked(unpacked.folder)

    def _sweep(self, libraries: set[Path], known: Sequence[Unpacked]) -> None:
        unpacking = self._unpacking.archives()
        lost = {folder.parent for folder, archive in unpacking.items() if not archive.exists()}
        kept = lost | {unpacked.folder.parent for unpacked in known}
        places = {*libraries, app_paths.state_folder()}  # the state folder has those of a dry run
        for staging in stagings(places, [*unpacking, *(unpacked.folder for unpacked in known)]):
            sweep(staging, kept)
        self._unpacking.drop_removed()

    def sounds(self, pack: Pack, decided: Collection[Path] = ()) -> Iterator[Arrival]:
        """Yield every sound that is still to be filed, in the order of the names; sounds of projects stay in the archive.

        `decided`: paths inside of those about which was decided before.
        """
        kept = self._kept_packs(pack)
        for path in sorted(path for path, _ in scan(pack.unpacked.folder, wanted=is_sound)):
            claim = self._kept.claim_inside(path, kept, pack.watch)
            if claim is None and _is_left_whole(pack, path):
                continue
            if path.relative_to(pack.unpacked.folder) in decided:
                continue
            if arrival := arrival_inside(pack, path):
                yield replace(arrival, claim=claim) if claim else arrival

    def report_projects(self, pack: Pack) -> Iterator[Entry]:
        """Record each project in the archive once, and that the archive could not be searched to the end."""
        if pack.survey and pack.watch.projects == "leave" and not pack.survey.complete:
            archive = replace(pack.archive, pack=pack.unpacked.pack)
            why = why_untouched(pack.archive.path, is_archive=True)
            yield from self._pipeline.refuse(archive, why, pack.unpacked.batch)
        kept = self._kept_packs(pack)
        for project, place, sounds in self.projects_in(pack):
            if any(one.place_of(project.root) for one in kept):
                continue  # the rest of a pack that is kept whole, after a crash
            if entry := self._projects.report(project, pack.unpacked.batch, known_as=place, sounds=sounds):
                yield entry

    def projects_in(self, pack: Pack) -> Iterator[tuple[Project, Path, int]]:
        """Yield the projects with sounds that are left whole: each with its path in the archive and its number of sounds."""
        for project in pack.survey.projects if pack.survey and pack.watch.projects == "leave" else ():
            packed = (count for path, count in pack.packages.items() if path.is_relative_to(project.root))
            if sounds := count_sounds(project) + sum(packed):
                place = pack.archive.path.joinpath(project.root.relative_to(pack.unpacked.folder))
                yield project, place, sounds

    def report_refused(self, pack: Pack) -> Iterator[Entry]:
        """Record the names that were not unpacked, with the reasons."""
        for name, why in pack.refused:
            shown = shown_name(name)
            steps = [step for step in shown.replace("\\", "/").split("/") if step not in ("", ".", "..")]
            origin = Origin(pack.archive.path, pack.unpacked.archive_hash, Path(*steps or ["?"]))
            arrival = Arrival(origin.path, NO_STAMP, pack.watch.folder, pack.unpacked.pack, origin)
            sentence = f"{shown or 'An entry without a name'}{STILL_IN}{pack.archive.path.name}: {why}."
            yield from self._pipeline.refuse(arrival, sentence, pack.unpacked.batch)

    def _remove_unless_unpacked(self, folder: Path, done: Future[Answer]) -> None:
        """Leave nothing of an archive that could not be unpacked, not even an empty folder."""
        if done.cancelled() or done.exception() or isinstance(done.result(), Failed):
            remove(folder)
            self._failed.append(folder)  # the journal is not for this thread

    def _kept_packs(self, pack: Pack) -> tuple[KeptPack, ...]:
        return self._kept.inside(pack.unpacked, pack.watch, pack.survey) if pack.survey else ()


def arrival_inside(pack: Pack, path: Path) -> Arrival | None:
    """Return an unpacked file as an arrival; None if it is gone or no plain file."""
    stamp = stability.stamp_of(path)
    origin = origin_of(path, [pack.unpacked])
    return Arrival(path, stamp, pack.watch.folder, pack.unpacked.pack, origin) if stamp and origin else None


def refused_in(entries: Iterable[Entry], archive: Path) -> Iterator[tuple[str, str]]:
    """Yield the names that were not unpacked with the reasons, from the entries about what is in an archive."""
    for entry in entries:
        for still_in in (STILL_IN, EARLIER_STILL_IN):
            name, found, why = entry.error.partition(f"{still_in}{archive.name}: ")
            if entry.rule == CANNOT_ANALYZE and found:
                yield name, why.removesuffix(".")
                break


def _is_left_whole(pack: Pack, path: Path) -> bool:
    return (
        pack.survey is not None
        and pack.watch.projects == "leave"
        and (pack.survey.project_of(path) is not None or not pack.survey.complete)
    )
