"""Carry out corrections and confirmations: file the sound by its new label, and store the label. Commands and review both use this."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.config import label_for, watch_for, why_file_protected
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import LABEL_OF_TYPE, Arrival
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Confirmation, Filter
from drumwatch.learning.labels import check_form
from drumwatch.learning.ownership import OwnershipLookup
from drumwatch.learning.training_request import label_to_keep
from drumwatch.learning.undo import Undone, done_as, undo
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.pipeline import FilingRequest, FilingResult, take_back
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.journal import Journal, Way
    from drumwatch.packs.projects import Ownership
    from drumwatch.pipeline import Pipeline


class CannotCorrect(DrumwatchError):  # noqa: N818
    """The label cannot be confirmed, and nothing was changed; the text says why."""


class Corrector:
    """Carries out the user's corrections of sounds that are in the journal."""

    def __init__(
        self, config: Config, journal: Journal, pipeline: Pipeline, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._config = config
        self._journal = journal
        self._pipeline = pipeline
        self._clock = clock
        self._ownership_lookup = OwnershipLookup(config, journal)
        self._kept = KeptWhole(journal)

    @property
    def config(self) -> Config:
        """The configuration by which sounds are filed."""
        return self._config

    def confirm(self, entry: Entry, label: str, way: Way) -> Entry:
        """File the sound with this label by the same rules; return the entry of the action, which can be undone.

        A sound in a protected folder or in a project stays there, and so does one in a folder of the user's own that stands for this
        label; only its label is stored. Raises CannotCorrect if the file is gone, was
        never analyzed, or cannot be filed.
        """
        if label not in self._config.labels.values():
            check_form(label)
        path = entry.location
        if stamp_of(path) is None:
            raise CannotCorrect(f"{path} is not there any more: nothing was changed.")
        if entry.verdict is None:
            raise CannotCorrect(f"{path} was never analyzed, so there is nothing to correct: sort it first.")
        taken_back = None if self._why_it_stays(path, entry, label) else self._take_back_link_or_tag(entry)
        try:
            done = self._file_or_raise(taken_back or entry, label)
        except CannotCorrect:
            with contextlib.suppress(CannotCorrect):
                if taken_back:
                    self.redo(taken_back)
            raise
        kept = label_to_keep(label, self._config.labels)
        confirmation = Confirmation(
            self._clock(), done.content_hash, kept, way, path, entry.verdict.label, entry.pack, done.id
        )
        with self._journal.transaction():
            if taken_back:
                self._journal.entries.finish(
                    done.id, "done", detail=replace(done.detail, instead_of=taken_back.id)
                )
            self._journal.confirmations.add(confirmation)
        return self._journal.entries.get(done.id)

    def withdraw_correction(self, entry: Entry, also: Collection[int] = ()) -> Entry:
        """Undo a correction: move the file back to where it was, and remove its label from the training data.

        Returns the entry that is valid for the sound now. A link or tag that the correction had replaced is made again, unless its entry is
        in `also`, the ids of entries that are undone as well.
        """
        undone = self.undo(entry, also)
        if undone.remade:
            return undone.remade
        return self._journal.entries.get(
            entry.id if undone.why_not_remade else self._previous_entry(entry).id
        )

    def undo(self, entry: Entry, also: Collection[int] = ()) -> Undone:
        """Undo a correction like `withdraw_correction`; return the details."""
        return undo(self._journal, entry, lambda: self.redo, also)

    def redo(self, entry: Entry) -> Entry:
        """Make the link or tag of an undone entry again, with the label that it had confirmed, or else by the rules.

        Returns the new entry, which replaces the undone one; raises CannotCorrect if the link or tag cannot be made.
        """
        done = self._file_or_raise(entry, self._journal.confirmations.label_given_by(entry.id))
        instead_of = entry.detail.instead_of or done.detail.instead_of
        detail = replace(done.detail, stands_for=done_as(entry), instead_of=instead_of)
        with self._journal.transaction():
            self._journal.entries.finish(done.id, "done", detail=detail)
            self._journal.confirmations.reassign(entry.id, done.id)
        return self._journal.entries.get(done.id)

    def refile(
        self, entry: Entry, sound: Analyzed, place: Place | None, follows: int | None = None
    ) -> Entry | None:
        """File a sound that waits by its new verdict, if that is sure now; return the new entry, or None if it stays as it is.

        `follows` is the entry by which the user named a neighbor, if that is the reason.
        """
        path = entry.location
        stamp = stamp_of(path)
        if stamp is None or entry.verdict is None or content_hash(path) != entry.content_hash:
            return None
        if self._why_it_stays(path, entry):
            return None
        arrival, watch = self._arrival(path, stamp, entry)
        if self._pipeline.decide(arrival, watch, Analyzed(entry.verdict, entry.content_hash)).sure:
            return None  # other settings have removed the doubt, not its neighbors: `sort` follows them
        if not self._pipeline.decide(arrival, watch, sound).sure:
            return None
        request = FilingRequest(arrival, watch, sound, entry.batch, place=place, follows=follows)
        (filed,) = self._pipeline.file_together([request])
        return next((one for one in filed.entries if one.state == "done" and one.id != entry.id), None)

    def watch_of(self, entry: Entry) -> Watch:
        """Return the settings by which the sound of an entry is filed."""
        return self._watch_around(entry.location)

    def _file_or_raise(self, entry: Entry, label: str) -> Entry:
        filed = self._file(entry, label)
        done = next((one for one in filed.entries if one.state == "done"), None)
        if done is None:
            raise CannotCorrect(
                filed.again or f"{entry.location} could not be filed: `drumwatch log` says why."
            )
        return done

    def _file(self, entry: Entry, label: str) -> FilingResult:
        """File the sound by the rules with its stored verdict; an empty label leaves the decision to the rules."""
        path = entry.location
        stamp = stamp_of(path)
        if stamp is None or entry.verdict is None:
            return FilingResult((), again=f"{path} is not there any more: nothing was changed.")
        arrival, watch = self._arrival(path, stamp, entry)
        known = Analyzed(entry.verdict, content_hash(path))
        return self._pipeline.file(
            arrival, watch, known, entry.batch, confirmed=label, stays=self._why_it_stays(path, entry, label)
        )

    def _arrival(self, path: Path, stamp: FileStamp, entry: Entry) -> tuple[Arrival, Watch]:
        """Return a sound of the journal as it would arrive now, and the settings that apply there."""
        watch = self._watch_around(path)
        claim = (
            self._kept.claim_at(path, watch.library) or self._ownership(path, entry).claim
        )  # a sound of a kept pack stays there, and its label folder gets a link
        return Arrival(path, stamp, watch.folder, entry.pack, claim=claim), watch

    def _why_it_stays(self, path: Path, entry: Entry, label: str = "") -> str:
        """Return why this file must not be moved, or an empty string; files in a library may always be moved.

        With `label`: unless it lies already in a folder of the user's own for that label.
        """
        stands_for = entry.detail.lies_as
        means_it = {stands_for, LABEL_OF_TYPE.get(stands_for), label_for(stands_for, self._config.labels)}
        if label and stands_for and label in means_it:
            return f"it is in {entry.detail.lies_in} already"
        if self._library_around(path) is None and (why := why_file_protected(path, do="sort")):
            return f"it {why}"
        project = self._ownership(path, entry).project
        return f"it is part of {project.root.name}, {project.name}, which is left whole" if project else ""

    def _ownership(self, path: Path, entry: Entry) -> Ownership:
        library = self._library_around(path)
        return self._ownership_lookup.ownership(path, entry, library, self._watch_around(path))

    def _library_around(self, path: Path) -> Path | None:
        libraries = (self._config.library, *(watch.library for watch in self._config.watches))
        return next((library for library in libraries if path.is_relative_to(library)), None)

    def _previous_entry(self, entry: Entry) -> Entry:
        """Return the entry that was valid for this sound before this one."""
        known = self._journal.entries.find(Filter(path=entry.source, states=("done",)))
        earlier = [one for one in known if one.id < entry.id and one.undoes is None and one.verdict]
        return earlier[-1] if earlier else entry

    def _take_back_link_or_tag(self, entry: Entry) -> Entry | None:
        """Take back a link or a tag, so that the correct one is made from the sound itself; None if the entry is neither."""
        if entry.state == "done" and entry.action in ("symlink", "tag"):
            detail = replace(entry.detail, link_was=None)
            take_back(
                self._journal, replace(entry, detail=detail)
            )  # a link that the user moved is removed too
            return self._journal.entries.get(entry.id)
        return None

    def _watch_around(self, path: Path) -> Watch:
        """Return the settings for this file; in a library, a correction is a move, whatever action filed the sound."""
        for one in (*self._config.watches, watch_for(self._config, path.parent)):
            if path.is_relative_to(one.library):
                return replace(one, folder=path.parent, action="move", leave_link=False)
        return watch_for(self._config, path.parent)
