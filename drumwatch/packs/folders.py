"""Packs that come as folders: their documents follow the sounds by the watch's own action."""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import excluded
from drumwatch.core.formatting import home_short
from drumwatch.core.records import NO_STAMP, Action, Arrival
from drumwatch.intake import stability
from drumwatch.intake.pack_evidence import FileInside, too_many, within_limits
from drumwatch.packs.pack_contents import documents_of, evidence_of, place_beside_sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.journal import Journal
    from drumwatch.packs.kept_whole import KeptPack, KeptWhole
    from drumwatch.packs.projects import Projects
    from drumwatch.pipeline import Pipeline

    IsKnown = Callable[[Path, FileStamp], bool]

log = logging.getLogger(__name__)

FILED_LATELY = 86_400.0  # seconds: what was filed earlier is no evidence for what the folder is now


def _unknown(_: Path, __: FileStamp) -> bool:
    return False


class _PackFolder(NamedTuple):
    """A folder in which a pack came, and how its documents are filed."""

    folder: Path
    pack: str
    watch: Watch
    batch: Callable[[], int]  # called only if there is something to file
    is_known: IsKnown  # whether a file was dealt with before


class FolderPacks:
    """Files the documents of packs that came as folders."""

    def __init__(self, journal: Journal, pipeline: Pipeline, projects: Projects, kept: KeptWhole) -> None:
        self._journal = journal
        self._pipeline = pipeline
        self._projects = projects
        self._kept = kept

    def kept_whole(self, folder: Path, watch: Watch) -> tuple[KeptPack, ...]:
        """Return the pack in this folder if some of it is in the library already, because it is kept whole."""
        if not self._kept.has_begun(folder):
            return ()
        return self._kept.of_folder(folder, watch, self._projects.survey_as_one(folder, watch))

    def file_documents(
        self,
        folder: Path,
        pack: str,
        watch: Watch,
        batch: Callable[[], int] | None = None,
        *,
        known: IsKnown = _unknown,
    ) -> Iterator[Entry]:
        """File the documents in this folder that are not `known`, if the folder is a pack."""
        batch = batch or functools.partial(self._journal.batches.current, watch.folder, pack, time.time())
        source = _PackFolder(folder, pack, watch, batch, known)
        if kept := self.kept_whole(folder, watch):
            for each in kept:
                yield from self._file_rest(source, each)
            self._kept.done_with(folder)
        else:
            yield from self._file_documents(source)

    def _file_rest(self, source: _PackFolder, kept: KeptPack) -> Iterator[Entry]:
        """File all that is left of a pack that is kept whole."""
        watch = source.watch
        for path, stamp in self._kept.rest_of(kept, watch, is_done=source.is_known):
            if place := kept.place_of(path):
                arrival, action = Arrival(path, stamp, watch.folder, source.pack), Action(watch.action, place)
                if not self._pipeline.is_in_effect(arrival, action):
                    yield from self._pipeline.file_as_is(
                        arrival, watch, action, source.batch(), needed_by=kept.document
                    ).entries

    def _file_documents(self, source: _PackFolder) -> Iterator[Entry]:
        folder, pack, watch = source.folder, source.pack, source.watch
        filed = self._filed_from(source)
        evidence = evidence_of(folder, pack, [one.path for one in filed], watch.library)
        if not evidence.is_pack:
            log.debug("The documents in %s are left alone: %s.", folder, evidence.why_not)
            return
        survey = self._projects.survey_as_one(folder, watch)
        if survey.kept_whole or survey.project_of(folder) or not survey.complete:
            log.debug(
                "The documents in %s are left alone: instruments in it need what lies beside them.", folder
            )
            return
        new: list[FileInside] = []
        in_effect: list[FileInside] = []  # copied or linked by an earlier run
        for document in evidence.documents:
            if survey.project_of(folder / document.path):
                continue
            if planned := _plan(source, document):
                (in_effect if self._pipeline.is_in_effect(*planned) else new).append(document)
        taken = {one.path: one for one in (*documents_of(filed), *in_effect)}
        for document in new:  # if it was removed from the library, it takes its own place again
            taken.pop(document.path, None)
        go, stay = within_limits(new, taken.values())
        for document in go:
            if planned := _plan(source, document):
                arrival, action = planned
                yield from self._pipeline.file_as_is(arrival, watch, action, source.batch()).entries
        if stay:
            whole = Arrival(folder, NO_STAMP, watch.folder, pack)
            why = too_many(stay, len(go) + len(taken), pack, home_short(folder))
            yield from self._pipeline.leave(whole, why, source.batch())

    def _filed_from(self, source: _PackFolder) -> list[FileInside]:
        """Return what has been filed from this folder lately, as evidence for what the folder is."""
        folder = source.folder
        filed = self._journal.batches.came_from(source.watch.folder, source.pack, time.time() - FILED_LATELY)
        return [
            FileInside(path.relative_to(folder), size)
            for path, size in filed
            if path.is_relative_to(folder) and path != folder
        ]


def _plan(source: _PackFolder, document: FileInside) -> tuple[Arrival, Action] | None:
    """Return a document that is not written to any more, and the action that files it; None if it stays for now."""
    path, watch = source.folder / document.path, source.watch
    stamp = None if excluded(watch, path) else stability.stamp_of(path)
    if not stamp or source.is_known(path, stamp) or stability.check_stable(path, stamp) is not None:
        return None
    place = place_beside_sounds(watch, source.pack, path.relative_to(source.folder))
    action = Action(watch.action, place, name_limit=watch.name_limit)
    return Arrival(path, stamp, watch.folder, source.pack), action
