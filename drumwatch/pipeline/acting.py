"""Carry out the actions of a planned filing on the disk."""

from __future__ import annotations

import contextlib
import functools
import logging
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, StateUnavailable
from drumwatch.core.formatting import printable
from drumwatch.filing import file_tags, tags
from drumwatch.filing.actions.handler import ActionRun
from drumwatch.filing.execute import carry_out
from drumwatch.filing.tags import Tagger
from drumwatch.pipeline.library_disks import LibraryDisks
from drumwatch.pipeline.recovery import BACKUPS
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import ProveTags, TagsProven, TagsWritten, WriteTags

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Action
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.results import ActionResult
    from drumwatch.journal import Journal
    from drumwatch.pipeline.portable_disks import PortableDisks
    from drumwatch.pipeline.records import Attempt, PlannedFiling

log = logging.getLogger(__name__)


class Actor:
    """Carries out planned filings; tags are written by one worker process and proven by another one."""

    def __init__(
        self, journal: Journal, tagging: Executor, proving: Executor, state: Path, portable: PortableDisks
    ) -> None:
        self._journal = journal
        self._tagging = tagging
        self._proving = proving
        self._state = state
        self._disks = LibraryDisks(journal)
        self._portable = portable
        self._told: set[str] = set()

    def act(
        self,
        filing: PlannedFiling,
        transfer: Transfer,
        *,
        min_free: int,
        model: str,
        file_tags_wanted: bool = False,
    ) -> Attempt:
        """Carry out one action after the other until one fails.

        Raises only StateUnavailable, if the journal cannot be written: what is half-done then is settled by recovery.
        Nothing is written to a disk that would have less than `min_free` bytes left. `model` is the id that is written into tags.
        """
        results: list[ActionResult] = []
        arrival, library = filing.arrival, filing.watch.library
        try:
            for entry_id, action in zip(filing.entry_ids, filing.decision.actions, strict=True):
                self._journal.require_in_place()
                if action.destination:
                    self._disks.require(library)
                run = ActionRun(
                    action,
                    arrival.path,
                    arrival.stamp,
                    filing.content_hash,
                    entry_id=entry_id,
                    library=library,
                    planned=functools.partial(self._replan, entry_id, action),
                    transfer=transfer,
                    tagger=self._tagger(filing, model) if action.kind == "tag" else None,
                    min_free=min_free,
                    leaves=self._journal.folders.made_around(arrival.path.parent),
                    portable=self._portable.holds(library),
                    unpacked=arrival.origin is not None,
                )
                result = carry_out(run)
                results.append(
                    self._with_file_tag(filing, entry_id, action, result) if file_tags_wanted else result
                )
        except ActionFailed as exc:
            return results, exc
        except StateUnavailable:
            raise
        except Exception as exc:
            # A bug of ours must not stop the other files; what it left half-done is settled as after a crash
            log.exception("%s could not be filed", arrival.path)
            return results, exc
        return results, None

    def _replan(self, entry_id: int, action: Action, destination: Path, detail: EntryDetail) -> None:
        """Write to the journal what the action is about to do.

        A copy does not wait until this is on the disk: if a power cut takes it, the original is still there, and the copy
        is treated as a file of the user.
        """
        with self._journal.without_sync() if action.kind == "copy" else contextlib.nullcontext():
            self._journal.entries.replan(entry_id, destination, detail)

    def _with_file_tag(
        self, filing: PlannedFiling, entry_id: int, action: Action, result: ActionResult
    ) -> ActionResult:
        """Add the label to the tags that file managers show, after the journal has it; what a disk cannot keep is told once."""
        decision = filing.decision
        is_tagged = action.kind in file_tags.TAGGED and filing.verdict and decision.rule != "unsure"
        if not is_tagged or result.detail.untouched:
            return result
        earlier = self._journal.entries.latest_into(filing.arrival.path, before=entry_id)
        ours = earlier.detail.file_tag if earlier and action.kind == "move" else None
        gone, new = ours.added if ours else "", tags.human_text(decision.label)
        try:
            change = file_tags.planned(result.path, gone, new)
            if change is None:
                return result
            detail = replace(result.detail, file_tag=change)
            with self._journal.without_sync():
                self._journal.entries.replan(entry_id, result.path, filing.detail.updated(detail))
            file_tags.exchange(result.path, gone, new)
        except file_tags.CannotKeepTags as exc:
            if str(exc) not in self._told:
                self._told.add(str(exc))
                log.warning("%s", printable(str(exc)))
            return result
        return replace(result, detail=detail)

    def _tagger(self, filing: PlannedFiling, model: str) -> Tagger:
        decision = filing.decision
        machine = tags.machine_text(decision.label, decision.confidence, model)
        label = tags.human_text(decision.label)
        texts = tags.keywords_text(decision.label, filing.verdict), tags.tempo_text(filing.verdict)
        return Tagger(
            functools.partial(self._write_tags, texts=texts),
            functools.partial(self._prove_tags, texts=texts),
            label,
            machine,
            self._state / BACKUPS,
        )

    def _write_tags(
        self,
        path: Path,
        temp: Path,
        label: str,
        machine: str,
        overwrite: bool,  # noqa: FBT001  as WriteTags wants it
        *,
        texts: tuple[str, str],
    ) -> dict[str, str]:
        request = WriteTags(str(path), str(temp), label, machine, overwrite, *texts)
        try:
            return expect(self._tagging.submit(answer, request).result(), TagsWritten).written
        except (CancelledError, RuntimeError) as exc:  # the workers have been ended
            raise ActionFailed(f"{path.name} was not tagged, because drumwatch was stopped.") from exc

    def _prove_tags(
        self,
        path: Path,
        temp: Path,
        label: str,
        machine: str,
        overwrite: bool,  # noqa: FBT001  as ProveTags wants it
        *,
        texts: tuple[str, str],
    ) -> TagsProven:
        request = ProveTags(str(path), str(temp), label, machine, overwrite, *texts)
        try:
            return expect(self._proving.submit(answer, request).result(), TagsProven)
        except (CancelledError, RuntimeError) as exc:  # the workers have been ended
            raise ActionFailed(f"{path.name} was not tagged, because drumwatch was stopped.") from exc
