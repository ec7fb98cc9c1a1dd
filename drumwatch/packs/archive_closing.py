"""Close an unpacked archive: its documents follow the sounds, the archive is put away, and the unpacked folder is removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable
from drumwatch.core.records import FILING, NO_STAMP, Action, Arrival
from drumwatch.filing.trash import is_kept_by_system, note_trashed, trash_folder
from drumwatch.intake.ignore import is_sound
from drumwatch.intake.pack_evidence import FileInside, too_many, within_limits
from drumwatch.journal import Filter
from drumwatch.packs.archives import arrival_inside
from drumwatch.packs.pack_contents import documents_of, evidence_of, place_beside_sounds
from drumwatch.packs.staging import count_files, holds_files, remove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.config import Config
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal, Unpacked
    from drumwatch.packs.archives import Pack
    from drumwatch.packs.kept_whole import KeptPack, KeptWhole
    from drumwatch.pipeline import Pipeline

ARCHIVES = "_archives"  # the folder in the library for archives that were unpacked


class ArchiveCloser:
    """Closes unpacked archives when their last sound is filed."""

    def __init__(self, journal: Journal, pipeline: Pipeline, kept: KeptWhole, *, dry_run: bool) -> None:
        self._journal = journal
        self._pipeline = pipeline
        self._kept = kept
        self._dry_run = dry_run

    def close(self, pack: Pack, config: Config) -> list[Entry]:
        """File the documents of the pack, put the archive where the user wants it, and remove the unpacked folder.

        An archive of which no sound was filed is left as it is.
        """
        entries: list[Entry] = []
        has_filed = self._has_filed(pack.unpacked.batch)
        if self._dry_run or has_filed:
            entries += self._file_rest(pack)
            entries += self._put_away(pack, config)
        remove(pack.unpacked.folder)
        self._journal.batches.drop_unpacked(pack.unpacked.folder)
        return entries

    def _has_filed(self, batch: int) -> bool:
        return any(True for _ in self._journal.entries.find(Filter(batch=batch, undoable=True, last=1)))

    def _file_rest(self, pack: Pack) -> Iterator[Entry]:
        unpacked, watch = pack.unpacked, pack.watch
        for kept in self._kept.inside(unpacked, watch, pack.survey) if pack.survey else ():
            yield from self._file_kept(pack, kept)
        self._kept.done_with(unpacked.folder)
        filed = self._filed_from(unpacked)
        filed_documents = documents_of(filed)
        evidence = evidence_of(unpacked.folder, unpacked.pack, [one.path for one in filed])
        go, stay = within_limits(evidence.documents, filed_documents)
        for one in go:
            path = unpacked.folder / one.path
            if pack.survey and pack.survey.project_of(path):
                continue
            if arrival := arrival_inside(pack, path):
                place = place_beside_sounds(watch, unpacked.pack, Path(one.path))
                action = Action("move", place, name_limit=watch.name_limit)
                yield from self._pipeline.file_as_is(arrival, watch, action, unpacked.batch).entries
        if stay:
            archive = Arrival(unpacked.archive, NO_STAMP, watch.folder, unpacked.pack)
            shown = printable(unpacked.archive.name)
            why = too_many(stay, len(go) + len(filed_documents), unpacked.pack, shown)
            yield from self._pipeline.leave(archive, why, unpacked.batch)

    def _file_kept(self, pack: Pack, kept: KeptPack) -> Iterator[Entry]:
        """File what is left of a pack that is kept whole: all but sounds, and sounds that cannot be analyzed."""
        for path in self._kept.files_in(kept, pack.watch.library):
            place = None if self._dry_run and is_sound(path.name) else kept.place_of(path)
            if place and (arrival := arrival_inside(pack, path)):
                yield from self._pipeline.file_as_is(
                    arrival, pack.watch, Action("move", place), pack.unpacked.batch, needed_by=kept.document
                ).entries

    def _filed_from(self, unpacked: Unpacked) -> list[FileInside]:
        """Return what has been filed from an archive since it was unpacked."""
        entries = self._journal.entries.find(Filter(batch=unpacked.batch, undoable=True))
        return [
            FileInside(entry.source.relative_to(unpacked.archive), entry.stamp.size_bytes)
            for entry in entries
            if entry.stamp
            and entry.source != unpacked.archive
            and entry.source.is_relative_to(unpacked.archive)
        ]

    def _put_away(self, pack: Pack, config: Config) -> Iterator[Entry]:
        """Move the archive as the setting `after_unpacking` wants it, if all that was in it has been filed.

        If the system does not put it into its trash, it is set aside.
        """
        if config.after_unpacking == "keep" or pack.refused or self._keeps_some(pack):
            return
        aside = pack.watch.library, pack.watch.library / ARCHIVES
        places = [aside]
        if config.after_unpacking == "trash":
            bin_ = trash_folder()
            places = [(bin_, bin_), aside] if is_kept_by_system() else [(bin_, bin_)]
        for library, folder in places:
            entries = self._move_to(library, folder, pack)
            yield from entries
            if all(entry.state != "failed" for entry in entries):
                return

    def _move_to(self, library: Path, folder: Path, pack: Pack) -> tuple[Entry, ...]:
        archive, watch = pack.archive, replace(pack.watch, library=library)
        action = Action("move", folder / archive.path.name)
        entries = self._pipeline.file_as_is(archive, watch, action, pack.unpacked.batch).entries
        for entry in entries:
            if library != pack.watch.library and entry.state == "done" and entry.destination:
                note_trashed(entry.destination, archive.path)
        return entries

    def _keeps_some(self, pack: Pack) -> bool:
        """Return whether an unpacked file stays in the archive; a dry run counts the files that would be filed."""
        if not self._dry_run:
            return holds_files(pack.unpacked.folder)
        planned = self._journal.entries.find(Filter(batch=pack.unpacked.batch, states=("planned",)))
        going = sum(
            entry.action in FILING and entry.source.is_relative_to(pack.archive.path) for entry in planned
        )
        return going < count_files(pack.unpacked.folder)
