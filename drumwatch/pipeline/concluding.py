"""Write the results of carried out actions to the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, DiskUnavailable, SoundGone
from drumwatch.core.outcomes import DEFAULT_RULE, DUPLICATE_RULE
from drumwatch.pipeline.records import FilingResult, Outage
from drumwatch.pipeline.recovery import recover_one
from drumwatch.pipeline.seen import HANDLED, note_folders, remember_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.records import Action, Entry, FileStamp
    from drumwatch.filing.results import ActionResult
    from drumwatch.journal import Journal
    from drumwatch.pipeline.imagined_folders import ImaginedFolders
    from drumwatch.pipeline.records import Attempt, PlannedFiling


class Recorder:
    """Writes what became of planned filings to the journal, inside the caller's transaction."""

    def __init__(self, journal: Journal, state: Path) -> None:
        self._journal = journal
        self._state = state

    def record_dry_run(self, filing: PlannedFiling, folders: ImaginedFolders) -> FilingResult:
        """Return the plans as they are, because nothing was carried out; in `folders` is what would be there by now."""
        for entry_id, action in zip(filing.entry_ids, filing.decision.actions, strict=True):
            wanted = action.destination
            if wanted and (place := folders.put(action, wanted, filing.watch.library)) != wanted:
                self._journal.entries.replan(entry_id, place, replace(filing.detail, wanted=wanted))
            self._name_origin(filing, entry_id)
        return FilingResult(tuple(self._journal.entries.get(entry_id) for entry_id in filing.entry_ids))

    def record(self, filing: PlannedFiling, attempt: Attempt) -> FilingResult:
        """Write the results of all actions to the journal, and return them."""
        results, error = attempt
        done = zip(filing.entry_ids, filing.decision.actions, results, strict=False)
        entries = [self._finish(filing, *each) for each in done]
        unfinished = filing.entry_ids[len(results) :]
        if error is None:
            return FilingResult(tuple(entries))
        if not isinstance(error, ActionFailed):
            entry = self._journal.entries.get(unfinished[0])
            return FilingResult((*entries, recover_one(self._journal, entry, self._state)))
        if isinstance(error, SoundGone):
            for entry_id in unfinished:
                self._journal.entries.withdraw(entry_id)
            return FilingResult(tuple(entries), str(error), gone=True)
        entries += self._fail(filing, unfinished, str(error))
        outage = Outage(error.trouble, error.where) if isinstance(error, DiskUnavailable) else None
        return FilingResult(tuple(entries), str(error), outage)

    def _finish(self, filing: PlannedFiling, entry_id: int, action: Action, result: ActionResult) -> Entry:
        """Return the finished entry; for a file that stays, the earlier entry if that says the same."""
        untouched, stays = result.detail.untouched, action.kind == "leave"
        note = "" if stays else result.note
        # What was to be done was not: only the note is true
        reason = note if untouched and filing.decision.rule in (DEFAULT_RULE, DUPLICATE_RULE) else ""
        self._journal.entries.finish(
            entry_id,
            "done",
            action="leave" if untouched else "",
            destination=None if untouched else result.path,
            reason=reason or (f"{filing.decision.reason}; {note}" if note else ""),
            detail=filing.detail.updated(result.detail),
        )
        for path, stamp in _visible_files(filing, action, result):
            remember_unchanged(self._journal, path, stamp, HANDLED)
        if result.detail.made or result.detail.left:
            note_folders(self._journal, self._journal.entries.get(entry_id))
        self._name_origin(filing, entry_id)
        if stays and not filing.is_correction:
            return self._journal.entries.drop_repeated_leave(entry_id)
        return self._journal.entries.get(entry_id)

    def _fail(self, filing: PlannedFiling, entry_ids: tuple[int, ...], why: str) -> Iterator[Entry]:
        """Mark the entries as failed; yields those that do not repeat an earlier one."""
        for entry_id in entry_ids:
            self._journal.entries.finish(entry_id, "failed", error=why)
            self._name_origin(filing, entry_id)
            if entry := self._journal.entries.drop_repeated_failure(entry_id):
                yield entry
            why = "Not tried, as the step before it failed."

    def _name_origin(self, filing: PlannedFiling, entry_id: int) -> None:
        """Record the archive and the name inside it as the source of an unpacked file."""
        if filing.arrival.origin:
            self._journal.batches.name_origin(entry_id, filing.arrival.origin)


def _visible_files(
    filing: PlannedFiling, action: Action, result: ActionResult
) -> Iterator[tuple[Path, FileStamp | None]]:
    """The paths at which a watch may have seen the file, and its stamp after the action; an unpacked file has none."""
    if not filing.arrival.origin:
        yield filing.arrival.path, _stamp_after(filing.arrival.stamp, action.kind, result)
    if filing.duplicate and not filing.duplicate.origin:
        yield filing.duplicate.path, filing.duplicate.stamp


def _stamp_after(before: FileStamp, kind: str, result: ActionResult) -> FileStamp | None:
    """Return the stamp that the file has at its old place after the action; None if it is not there any more."""
    if result.detail.untouched or kind not in {"move", "tag"}:
        return before
    return result.stamp if kind == "tag" else None
