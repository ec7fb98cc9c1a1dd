"""Packs on their way through: an archive is unpacked aside, its sounds are filed like any others, then it is put away."""

from __future__ import annotations

import functools
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import FILING, excluded
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import NO_STAMP, PACKS, Action, Arrival, FileStamp, Origin
from drumwatch.filing.naming import pack_name
from drumwatch.filing.trash import note_trashed, trash_folder
from drumwatch.intake import stability
from drumwatch.intake.arrivals import is_sound
from drumwatch.intake.pack_documents import belongs_to_a_pack
from drumwatch.intake.pack_evidence import FileInside, too_many, within_limits
from drumwatch.intake.pack_names import telling_name
from drumwatch.intake.scan import scan
from drumwatch.journal import Filter, Unpacked
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.packs.pack_contents import evidence_of
from drumwatch.packs.projects import count_sounds, why_untouched
from drumwatch.packs.staging import STAGING, count_files, holds_files, is_abandoned, remove, sweep
from drumwatch.pipeline import HANDLED, origin_of, remember
from drumwatch.system import app_paths
from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import ErrorKind, Failed, Unpack, UnpackedArchive, UnpackLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    from drumwatch.config import Watch
    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Entry
    from drumwatch.intake.projects import Project, Survey
    from drumwatch.journal import Journal
    from drumwatch.packs.kept_whole import KeptPack
    from drumwatch.packs.projects import Projects
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.protocol import Answer

log = logging.getLogger(__name__)

ASIDE = "_archives"
UNPACKER = (sys.executable, "-m", "drumwatch.intake.archives")
UNPACKING_SECONDS = 3600.0  # many gigabytes on a slow disk
FILED_LATELY = 86_400.0  # seconds: what was filed longer ago says nothing about what lies there now
FOR_NOW = frozenset({ErrorKind.ARCHIVE_INCOMPLETE, ErrorKind.NO_SPACE})  # refusals that time may cure


class Pack(NamedTuple):
    """An archive that lies unpacked; `refused` are the names that were not let out, with the reasons."""

    archive: Arrival
    watch: Watch
    lies: Unpacked
    refused: tuple[tuple[str, str], ...] = ()
    survey: Survey | None = None  # whose the things in it are
    packages: Mapping[Path, int] = MappingProxyType(
        {}
    )  # sounds by the `Song.logicx` that they stay packed in


class FiledFromPack(list[FileInside]):
    """What has been filed from a pack, by its path in it."""

    @property
    def documents(self) -> list[FileInside]:
        return [one for one in self if belongs_to_a_pack(one.path.name)]


class Packs:
    """Opens archives in a process of its own, tells the sounds in them, and closes them when those are filed."""

    def __init__(
        self,
        config: ConfigHolder,
        journal: Journal,
        pipeline: Pipeline,
        projects: Projects,
        *,
        dry_run: bool = False,
        paced: bool = False,
    ) -> None:
        self._config = config
        self._journal = journal
        self._pipeline = pipeline
        self._projects = projects
        self.kept = KeptWhole(journal, dry_run=dry_run)
        self._dry_run = dry_run
        self._paced = paced  # nobody waits for it: gently
        self._unpacker = LocalWorkers(
            limit=1, idle_seconds=5.0, file_seconds=UNPACKING_SECONDS, command=UNPACKER
        )

    def shutdown(self) -> None:
        self._unpacker.shutdown(cancel_futures=True)
        if self._dry_run:  # what was open when it was stopped is in no journal
            sweep(app_paths.state_folder() / STAGING, set())

    def hold(self) -> None:
        """An archive that is being unpacked waits in the middle of it, the others where they are."""
        self._unpacker.hold(at_once=True)

    def go_on(self) -> None:
        self._unpacker.go_on()

    # Opening

    def ask(self, archive: Arrival, watch: Watch) -> Future[Answer]:
        """Have it looked through and unpacked; the answer is for `opened`, or says why not."""
        config = self._config.current
        limits = UnpackLimits(
            files=config.archive_files,
            size=config.archive_size,
            ratio=config.archive_ratio,
            min_free=config.min_free,
            rate=config.disk_rate if self._paced else 0,
        )
        folder = self._staging(watch) / f"{os.getpid()}-{time.time_ns():x}" / archive.path.name
        opening = self._unpacker.submit(answer, Unpack(str(archive.path), str(folder), limits))
        opening.add_done_callback(lambda done: _remove_if_refused(folder, done))
        return opening

    def _staging(self, watch: Watch) -> Path:
        return (app_paths.state_folder() if self._dry_run else watch.library) / STAGING

    def opened(self, archive: Arrival, watch: Watch, found: UnpackedArchive) -> Pack | None:
        """The pack as it lies unpacked, known to the journal from here on; None where no sound is in it: it is no pack.

        Sounds in a package of macOS count, as the project that it is has to be told.
        """
        folder = Path(found.folder)
        if not found.sounds and not found.in_packages:
            remove(folder)
            self._remember(archive.path)
            return None
        name = pack_name(telling_name(archive.path, sorted(os.listdir(folder))))
        batch = self._journal.batches.new(archive.path, name, time.time())
        lies = Unpacked(folder, archive.path, found.content_hash, watch.folder, name, batch)
        self._journal.batches.note_unpacked(lies)
        survey = self._projects.survey_as_one(folder, watch)
        packages = {Path(package): sounds for package, sounds in found.in_packages.items()}
        return Pack(archive, watch, lies, found.refused, survey, packages)

    # What is inside

    def sounds(self, pack: Pack) -> Iterator[Arrival]:
        """Every sound that still waits in it, in the order of the names; what is part of a project stays in the archive."""
        kept = self._kept_whole(pack)
        for path in sorted(path for path, _ in scan(pack.lies.folder, wanted=is_sound)):
            claim = self.kept.claim_inside(path, kept, pack.watch)
            if claim is None and self._is_left_whole(pack, path):
                continue
            if arrival := self._inside(pack, path):
                yield replace(arrival, claim=claim) if claim else arrival

    def keeps_whole(self, folder: Path, watch: Watch) -> tuple[KeptPack, ...]:
        """The pack in this folder, where it is on its way to the library as a whole."""
        if not self.kept.has_begun(folder):
            return ()
        return self.kept.of_folder(folder, watch, self._projects.survey_as_one(folder, watch))

    def _kept_whole(self, pack: Pack) -> tuple[KeptPack, ...]:
        return self.kept.inside(pack.lies, pack.watch, pack.survey) if pack.survey else ()

    def _is_left_whole(self, pack: Pack, path: Path) -> bool:
        return (
            pack.survey is not None
            and pack.watch.projects == "leave"
            and (pack.survey.project_of(path) is not None or not pack.survey.complete)
        )

    def tell_projects(self, pack: Pack) -> Iterator[Entry]:
        """Each project in the archive is told once, under the archive's name; so is that nobody could look all through it."""
        if pack.survey and pack.watch.projects == "leave" and not pack.survey.complete:
            whole = replace(pack.archive, pack=pack.lies.pack)
            why = why_untouched(pack.archive.path, is_archive=True)
            yield from self._pipeline.refuse(whole, why, pack.lies.batch)
        kept = self._kept_whole(pack)
        for project, place, sounds in self.projects_in(pack):
            if any(one.place_of(project.root) for one in kept):
                continue  # what is left of a pack that is kept whole, after a crash
            if told := self._projects.tell(project, pack.lies.batch, known_as=place, sounds=sounds):
                yield told

    def projects_in(self, pack: Pack) -> Iterator[tuple[Project, Path, int]]:
        """Those that hold sounds and are left whole, each with its place in the archive and how many sounds it holds."""
        for project in pack.survey.projects if pack.survey and pack.watch.projects == "leave" else ():
            packed = (count for path, count in pack.packages.items() if path.is_relative_to(project.root))
            if sounds := count_sounds(project) + sum(packed):
                place = pack.archive.path.joinpath(project.root.relative_to(pack.lies.folder))
                yield project, place, sounds

    def _inside(self, pack: Pack, path: Path) -> Arrival | None:
        mark = stability.stamp_of(path)
        origin = origin_of(path, [pack.lies])
        return Arrival(path, mark, pack.watch.folder, pack.lies.pack, origin) if mark and origin else None

    def refusals(self, pack: Pack) -> Iterator[Entry]:
        """What was not let out of the archive, written down."""
        for name, why in pack.refused:
            steps = [step for step in name.replace("\\", "/").split("/") if step not in ("", ".", "..")]
            inner = Path(*steps or ["?"])
            origin = Origin(pack.archive.path, pack.lies.archive_hash, inner)
            arrival = Arrival(origin.path, NO_STAMP, pack.watch.folder, pack.lies.pack, origin)
            sentence = f"{name} stays in {pack.archive.path.name}: {why}."
            yield from self._pipeline.refuse(arrival, sentence, pack.lies.batch)

    # Closing

    def close(self, pack: Pack) -> list[Entry]:
        """Readme, artwork and presets follow the sounds, the archive goes where it should, nothing lies unpacked any more."""
        entries: list[Entry] = []
        if self._dry_run or self._has_filed(pack.lies.batch):
            entries += self._bring_the_rest(pack)
            entries += self._put_away(pack)
        remove(pack.lies.folder)
        self._journal.batches.drop_unpacked(pack.lies.folder)
        self._remember(pack.archive.path)
        return entries

    def _has_filed(self, batch: int) -> bool:
        """Whether any sound of it was taken; a zip of which all stays inside is left as it is."""
        return any(True for _ in self._journal.entries.find(Filter(batch=batch, undoable=True, last=1)))

    def _remember(self, path: Path) -> None:
        if not self._dry_run:
            remember(self._journal, path, HANDLED)

    def _bring_the_rest(self, pack: Pack) -> Iterator[Entry]:
        lies = pack.lies
        for kept in self._kept_whole(pack):
            yield from self._bring_whole(pack, kept)
        self.kept.done_with(lies.folder)
        came = self._filed_from_archive(lies)
        evidence = evidence_of(lies.folder, lies.pack, [one.path for one in came])
        go, stay = within_limits(evidence.documents, came.documents)
        for one in go:
            if pack.survey and pack.survey.project_of(lies.folder / one.path):
                continue
            if arrival := self._inside(pack, lies.folder / one.path):
                place = self._beside_the_sounds(pack.watch, lies.pack, Path(one.path))
                yield from self._pipeline.bring_along(
                    arrival, pack.watch, Action("move", place), lies.batch
                ).entries
        if stay:
            whole = Arrival(lies.archive, NO_STAMP, pack.watch.folder, lies.pack)
            why = too_many(stay, len(go) + len(came.documents), lies.pack, printable(lies.archive.name))
            yield from self._pipeline.leave(whole, why, lies.batch)

    def _bring_whole(self, pack: Pack, kept: KeptPack) -> Iterator[Entry]:
        """What is beside the sounds in a pack that is kept whole, and sounds that cannot be heard."""
        for path in self.kept.files_in(kept, pack.watch.library):
            place = None if self._dry_run and is_sound(path.name) else kept.place_of(path)
            if place and (arrival := self._inside(pack, path)):
                yield from self._pipeline.bring_along(
                    arrival, pack.watch, Action("move", place), pack.lies.batch, needed_by=kept.document
                ).entries

    def _beside_the_sounds(self, watch: Watch, pack: str, inner: Path) -> Path:
        """A pack whose only folder bears its name needs it once."""
        if len(inner.parts) > 1 and pack_name(inner.parts[0]) == pack:
            inner = Path(*inner.parts[1:])
        return watch.library / PACKS / pack / inner

    def bring_along(
        self,
        folder: Path,
        pack: str,
        watch: Watch,
        batch: Callable[[], int] | None = None,
        *,
        known: Callable[[Path, FileStamp], bool] = lambda _, __: False,
    ) -> Iterator[Entry]:
        """The same for a pack that came as a folder, where it is one: documents that are not `known` follow by the watch's own action."""
        batch = batch or functools.partial(self._journal.batches.current, watch.folder, pack, time.time())
        if kept := self.keeps_whole(folder, watch):
            for each in kept:
                yield from self._bring_rest(each, pack, watch, batch, known)
            self.kept.done_with(folder)
        else:
            yield from self._bring_documents(folder, pack, watch, batch, known)

    def _bring_documents(
        self,
        folder: Path,
        pack: str,
        watch: Watch,
        batch: Callable[[], int],
        known: Callable[[Path, FileStamp], bool],
    ) -> Iterator[Entry]:
        came = self._filed_from_folder(watch.folder, pack, folder)
        evidence = evidence_of(folder, pack, [one.path for one in came], watch.library)
        if not evidence.is_pack:
            log.debug("The documents in %s stay: %s.", folder, evidence.why_not)
            return
        survey = self._projects.survey_as_one(folder, watch)
        if survey.kept_whole or survey.project_of(folder) or not survey.complete:
            log.debug("The documents in %s stay: instruments in it need what lies beside them.", folder)
            return
        fresh: list[FileInside] = []
        standing: list[FileInside] = []  # copied or linked by an earlier run
        for one in evidence.documents:
            if survey.project_of(folder / one.path):
                continue
            if brought := self._to_bring(folder / one.path, folder, pack, watch, known):
                (standing if self._pipeline.is_up_to_date_along(*brought) else fresh).append(one)
        taken = {one.path: one for one in (*came.documents, *standing)}
        for one in fresh:  # gone from the library again: it takes its own place
            taken.pop(one.path, None)
        go, stay = within_limits(fresh, taken.values())
        for one in go:
            if brought := self._to_bring(folder / one.path, folder, pack, watch, known):
                arrival, action = brought
                yield from self._pipeline.bring_along(arrival, watch, action, batch()).entries
        if stay:
            whole = Arrival(folder, NO_STAMP, watch.folder, pack)
            why = too_many(stay, len(go) + len(taken), pack, home_short(folder))
            yield from self._pipeline.leave(whole, why, batch())

    def _bring_rest(
        self,
        kept: KeptPack,
        pack: str,
        watch: Watch,
        batch: Callable[[], int],
        known: Callable[[Path, FileStamp], bool],
    ) -> Iterator[Entry]:
        """The same for a pack that is kept whole: all that is in it, by the watch's own action."""
        for path, mark in self.kept.rest_of(kept, watch, is_done=known):
            if place := kept.place_of(path):
                arrival, action = Arrival(path, mark, watch.folder, pack), Action(watch.action, place)
                if not self._pipeline.is_up_to_date_along(arrival, action):
                    yield from self._pipeline.bring_along(
                        arrival, watch, action, batch(), needed_by=kept.document
                    ).entries

    def _to_bring(
        self, path: Path, folder: Path, pack: str, watch: Watch, known: Callable[[Path, FileStamp], bool]
    ) -> tuple[Arrival, Action] | None:
        """A document at rest, and where it is to go."""
        mark = None if excluded(watch, path) else stability.stamp_of(path)
        if not mark or known(path, mark) or stability.check_stable(path, mark) is not None:
            return None
        place = self._beside_the_sounds(watch, pack, path.relative_to(folder))
        return Arrival(path, mark, watch.folder, pack), Action(watch.action, place)

    def _filed_from_archive(self, lies: Unpacked) -> FiledFromPack:
        """What has been filed from an archive since it was opened."""
        entries = self._journal.entries.find(Filter(batch=lies.batch, undoable=True))
        return FiledFromPack(
            FileInside(one.source.relative_to(lies.archive), one.stamp.size_bytes)
            for one in entries
            if one.stamp and one.source != lies.archive and one.source.is_relative_to(lies.archive)
        )

    def _filed_from_folder(self, origin: Path, pack: str, folder: Path) -> FiledFromPack:
        """What has been filed from this folder lately: it is evidence for what it was."""
        came = self._journal.batches.came_from(origin, pack, time.time() - FILED_LATELY)
        return FiledFromPack(
            FileInside(source.relative_to(folder), size)
            for source, size in came
            if source.is_relative_to(folder) and source != folder
        )

    def _put_away(self, pack: Pack) -> Iterator[Entry]:
        """Only what has given everything away may go; what is gone already, or has changed, is somebody else's."""
        after, archive = self._config.current.after_unpacking, pack.archive
        trash = trash_folder() if after == "trash" else None
        library = trash or pack.watch.library
        if after == "keep" or pack.refused or self._keeps_some(pack):
            return
        place = library / archive.path.name if trash else library / ASIDE / archive.path.name
        watch = replace(pack.watch, library=library)
        for entry in self._pipeline.bring_along(
            archive, watch, Action("move", place), pack.lies.batch
        ).entries:
            if trash and entry.state == "done" and entry.destination:
                note_trashed(entry.destination, archive.path)
            yield entry

    def _keeps_some(self, pack: Pack) -> bool:
        """Whether anything that lies unpacked stays in the archive; in a dry run all lies there, and what would go is counted."""
        if not self._dry_run:
            return holds_files(pack.lies.folder)
        planned = self._journal.entries.find(Filter(batch=pack.lies.batch, states=("planned",)))
        going = sum(one.action in FILING and one.source.is_relative_to(pack.archive.path) for one in planned)
        return going < count_files(pack.lies.folder)

    # After a crash

    def take_up(self, watches: tuple[Watch, ...] = ()) -> Iterator[Pack]:
        """Packs of these watches that were open in a crash. Other leftovers go, if their archives are there: nothing is lost then."""
        known = self._journal.batches.unpacked()
        for library in {watch.library for watch in watches}:
            sweep(library / STAGING, {lies.folder.parent for lies in known})
        for lies in known:
            watch = next((watch for watch in watches if watch.folder == lies.watch), None)
            if not is_abandoned(lies.folder.parent):
                continue
            if watch and lies.folder.is_dir():
                mark = stability.stamp_of(lies.archive) or NO_STAMP
                survey = self._projects.survey_as_one(lies.folder, watch)
                yield Pack(Arrival(lies.archive, mark, watch.folder, lies.pack), watch, lies, survey=survey)
            elif lies.archive.exists() or not lies.folder.is_dir():
                remove(lies.folder)
                self._journal.batches.drop_unpacked(lies.folder)


def _remove_if_refused(folder: Path, done: Future[Answer]) -> None:
    """Nothing is left of an archive that was not unpacked, not even an empty folder."""
    if done.cancelled() or done.exception() or isinstance(done.result(), Failed):
        remove(folder)
