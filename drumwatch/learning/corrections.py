"""A word from the user: the file goes where it belongs, and the label is kept. Every way of saying it ends here."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.config import watch_for, why_file_protected
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import Arrival
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.results import LINK_WAS
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import REPEATS, Confirmation, Filter
from drumwatch.learning.labels import check_form
from drumwatch.learning.ownership import Surroundings
from drumwatch.learning.undo import INSTEAD_OF, Undone, done_as, undo
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.pipeline import FilingResult, take_back
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal, Way
    from drumwatch.packs.projects import Ownership
    from drumwatch.pipeline import Pipeline

# After these, the file in the library is what is put right
MOVES_WITH_ITS_COPY = ("move", "copy", "hardlink")


class CannotCorrect(DrumwatchError):  # noqa: N818
    """The label cannot be confirmed; the reason says why, and nothing was touched."""


def location(entry: Entry) -> Path:
    """Where the sound of this entry lies now, as far as the journal knows."""
    moved = entry.state == "done" and entry.action in MOVES_WITH_ITS_COPY
    return entry.destination if moved and entry.destination else entry.source


class Corrector:
    """Carries out what the user says about sounds that the journal knows."""

    def __init__(
        self, config: Config, journal: Journal, pipeline: Pipeline, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._config = config
        self._journal = journal
        self._pipeline = pipeline
        self._clock = clock
        self._surroundings = Surroundings(config, journal)
        self._kept = KeptWhole(journal)

    def confirm(self, entry: Entry, label: str, way: Way) -> Entry:
        """The sound goes where `label` belongs, by the same rules; returns the entry that says so, which can be undone.

        A sound in a folder that is not the user's to sort, or in a project, stays there, with the label.
        """
        if label not in self._config.labels.values():
            check_form(label)
        path = location(entry)
        if stamp_of(path) is None:
            raise CannotCorrect(f"{path} is not there any more: nothing was changed.")
        if entry.verdict is None:
            raise CannotCorrect(f"{path} was never heard, so there is nothing to correct: sort it first.")
        bared = None if self._why_it_stays(path, entry) else self._bare(entry)
        try:
            done = self._filed(bared or entry, label)
        except CannotCorrect:
            with contextlib.suppress(CannotCorrect):
                if bared:
                    self.redo(bared)
            raise
        word = Confirmation(
            self._clock(), done.content_hash, label, way, path, entry.verdict.label, entry.pack, done.id
        )
        with self._journal.transaction():
            if bared:
                self._journal.entries.finish(
                    done.id, "done", detail={**done.detail, INSTEAD_OF: str(bared.id)}
                )
            self._journal.confirmations.add(word)
        return self._journal.entries.get(done.id)

    def withdraw_correction(self, entry: Entry, also: Collection[int] = ()) -> Entry:
        """Takes back a word of the user's: the file goes where it was before, and the label teaches no more.

        Returns the entry that holds of the sound now. What it had replaced is made again, unless it is `also` taken back.
        """
        undone = self.undo(entry, also)
        if undone.again:
            return undone.again
        return self._journal.entries.get(entry.id if undone.missing else self._before(entry).id)

    def undo(self, entry: Entry, also: Collection[int] = ()) -> Undone:
        """The same, and what it came to."""
        return undo(self._journal, entry, lambda: self.redo, also)

    def redo(self, entry: Entry) -> Entry:
        """The link or tag of an undone entry once more: as the user said by it, which holds again, or by the rules.

        Returns the entry that stands for it from now on; raises CannotCorrect where it could not be made.
        """
        done = self._filed(entry, self._journal.confirmations.label_given_by(entry.id))
        detail = {**done.detail, REPEATS: str(done_as(entry))}
        if INSTEAD_OF in entry.detail:
            detail[INSTEAD_OF] = entry.detail[INSTEAD_OF]
        with self._journal.transaction():
            self._journal.entries.finish(done.id, "done", detail=detail)
            self._journal.confirmations.reassign(entry.id, done.id)
        return self._journal.entries.get(done.id)

    def _filed(self, entry: Entry, label: str) -> Entry:
        filed = self._file(entry, label)
        done = next((one for one in filed.entries if one.state == "done"), None)
        if done is None:
            raise CannotCorrect(
                filed.again or f"{location(entry)} could not be filed: `drumwatch log` says why."
            )
        return done

    def _file(self, entry: Entry, label: str) -> FilingResult:
        """By the rules, with the verdict that it had; without a label, by what is known of it."""
        path = location(entry)
        mark = stamp_of(path)
        if mark is None or entry.verdict is None:
            return FilingResult((), again=f"{path} is not there any more: nothing was changed.")
        watch = self._watch_around(path)
        claim = (
            self._kept.claim_at(path, watch.library) or self._ownership(path, entry).claim
        )  # where its pack keeps it, the labels get a link
        arrival = Arrival(path, mark, watch.folder, entry.pack, claim=claim)
        known = Analyzed(entry.verdict, content_hash(path))
        return self._pipeline.file(
            arrival, watch, known, entry.batch, confirmed=label, stays=self._why_it_stays(path, entry)
        )

    def _why_it_stays(self, path: Path, entry: Entry) -> str:
        """What keeps us from touching this file, be it corrected or not; a library is ours wherever it lies."""
        if self._library_around(path) is None and (why := why_file_protected(path, do="sort")):
            return f"it {why}"
        project = self._ownership(path, entry).project
        return f"it is part of {project.root.name}, {project.name}, which is left whole" if project else ""

    def _ownership(self, path: Path, entry: Entry) -> Ownership:
        library = self._library_around(path)
        return self._surroundings.ownership(path, entry, library, self._watch_around(path))

    def _library_around(self, path: Path) -> Path | None:
        libraries = (self._config.library, *(watch.library for watch in self._config.watches))
        return next((library for library in libraries if path.is_relative_to(library)), None)

    def _before(self, entry: Entry) -> Entry:
        """What stood in the journal about this sound before this entry: where it will be again."""
        known = self._journal.entries.find(Filter(path=entry.source, states=("done",)))
        earlier = [one for one in known if one.id < entry.id and one.undoes is None and one.verdict]
        return earlier[-1] if earlier else entry

    def _bare(self, entry: Entry) -> Entry | None:
        """A link or a tag is taken back first: the right one is then made of the sound itself. None where there was none."""
        if entry.state == "done" and entry.action in ("symlink", "tag"):
            detail = {key: value for key, value in entry.detail.items() if key != LINK_WAS}
            take_back(
                self._journal, replace(entry, detail=detail)
            )  # a link that you had moved goes altogether
            return self._journal.entries.get(entry.id)
        return None

    def _watch_around(self, path: Path) -> Watch:
        """What holds for this file; in a library, a change of mind is a move, whatever brought the file there."""
        for one in (*self._config.watches, watch_for(self._config, path.parent)):
            if path.is_relative_to(one.library):
                return replace(one, folder=path.parent, action="move", leave_link=False)
        return watch_for(self._config, path.parent)
