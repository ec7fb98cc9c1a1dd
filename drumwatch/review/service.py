"""What a user can see and do in the review, for the page and for the terminal alike."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.filing.rules import score_folders
from drumwatch.journal import Filter, natural_key
from drumwatch.learning.judged_now import is_filed_otherwise, would_now_call
from drumwatch.learning.labels import Vocabulary
from drumwatch.learning.undo import to_undo
from drumwatch.review.groups import groups_by_folder, groups_of
from drumwatch.review.rows import archive_row, pack_row, project_row, sound_row

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from concurrent.futures import Future

    from drumwatch.config import Config
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Entry, Verdict
    from drumwatch.journal import Journal, Order, SelectionSummary, ViewQuery
    from drumwatch.learning.corrections import Corrector
    from drumwatch.learning.judge_again import JudgeAgain
    from drumwatch.pipeline.root_notes import RootNotes
    from drumwatch.review.groups import StemGroup
    from drumwatch.review.rows import Row


class ReviewResult(NamedTuple):
    """The result for one sound: its entry before, and its entry now, or the error if nothing was done."""

    before: Entry
    after: Entry | None = None
    error: str = ""


class NoRootNotes(DrumwatchError):  # noqa: N818
    """No root note can be found, whatever the sound."""


class ReviewService:
    """Reads the journal, and labels and undoes sounds; an error with one sound never stops the others."""

    def __init__(
        self,
        config: Config,
        journal: Journal,
        corrector: Corrector,
        judge_again: JudgeAgain | None = None,
        root_notes: RootNotes | None = None,
    ) -> None:
        self._root_notes = root_notes  # None: no root note is looked for
        self._judge_again = (
            judge_again  # what waits beside a sound that is named; None: nothing is judged again
        )
        self._config = config
        self._journal = journal
        self._corrector = corrector

    # Reading

    def ids(self, query: ViewQuery) -> list[int]:
        """Return the ids of a view's entries, in order; the list keeps its order while its sounds are labelled."""
        if query.view == "projects":
            return [project.id for project in self.projects(query)]
        return self._journal.views.ids(query)

    def row(self, entry: Entry) -> Row:
        """Return the row of a sound, a project or an archive."""
        if entry.is_archive_outcome:
            return archive_row(entry)
        if entry.is_project:
            return project_row(entry)
        return sound_row(entry, self._journal, self._config.labels)

    def projects(self, query: ViewQuery) -> list[Entry]:
        """Return the entries of projects that were left whole, and of archives not wholly read, that still exist, in order."""
        views = self._journal.views
        found = [
            one for one in (*views.projects(query), *views.archives(query)) if os.path.exists(one.source)
        ]
        return _projects_in_order(found, query.order)

    def counts(self, query: ViewQuery) -> dict[str, int]:
        """Return the number of entries in each view, and as `newest` the highest id, which shows whether anything is new."""
        counts, projects = self._journal.views.counts(query), len(self.projects(query))
        return {**counts, "projects": projects, "newest": self._journal.entries.newest_id()}

    def packs(self, query: ViewQuery) -> list[Row]:
        """Return the rows of the packs in a view, in order."""
        return [pack_row(pack) for pack in self._journal.views.packs(query)]

    def groups(self, query: ViewQuery) -> list[StemGroup]:
        """Return the sounds of the view that wait and are named alike, or sound alike in a wrong folder, in groups, the largest first."""
        if query.view != "unsure" or query.order != "newest":
            return []  # groups are in no other order
        ids = self._journal.views.ids(query)
        alike = groups_of(ids, self._journal.places.waiting_stems())
        misplaced = groups_by_folder(ids, self._journal.adopted.in_wrong_folders())
        return sorted([*alike, *misplaced], key=lambda group: -len(group.ids))

    def days(self) -> list[str]:
        """Return the local days with analyzed sounds, as 2026-11-24, the latest first."""
        return self._journal.views.days()

    def entries(self, query: ViewQuery, limit: int = -1) -> list[Entry]:
        """Return the entries of the sounds in a view, newest first; a limit of -1 means all of them."""
        return self._journal.views.sounds(query, limit)

    def entry(self, entry_id: int) -> Entry | None:
        """Return the entry with this id, or None."""
        return self._journal.entries.lookup(entry_id)

    def neighbors(self, entry: Entry) -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about a sound, as it is now."""
        return self._judge_again.evidence(entry, self._corrector) if self._judge_again else ()

    def now_called(self, entry: Entry, verdict: Verdict) -> str:
        """Return in a sentence what a sound would be called now, if it is filed as something else; else an empty string."""
        label = score_folders(verdict, self._config.labels).label
        return would_now_call(label, entry.label) if is_filed_otherwise(entry, label, self._journal) else ""

    def summary(self, ids: Sequence[int]) -> SelectionSummary:
        """Return what the sounds with these ids have in common."""
        return self._journal.selections.summary(ids)

    def ask_note(self, entry: Entry) -> Future[str | None] | None:
        """Return the future of the root note of a sound; None if the sound can have none, or it was looked for before."""
        if self._root_notes is None or not self._root_notes.unknown([entry]):
            return None
        return self._root_notes.ask(entry)

    def store_note(self, entry: Entry, asked: Future[str | None]) -> Entry:
        """Add a root note to the entries of a sound, and return its entry now; raises NoRootNotes if notes cannot be found."""
        if self._root_notes is None or not self._root_notes.store(entry, asked):
            raise NoRootNotes(
                "Root notes cannot be found now. `drumwatch doctor` says whether librosa, which finds them, is installed."
            )
        return self._journal.entries.get(entry.id)

    def labels(self) -> list[str]:
        """Return the five labels, then the user's own: those of the configuration, and those given before."""
        given = {confirmation.label for confirmation in self._journal.confirmations.all()}
        renamed = {folder_of(label, self._config.labels) for label in LABELS}
        named = {label_for(kind, self._config.labels) for kind in self._config.labels}
        own = {*named, *given, *self._journal.adopted.labels()} - renamed - {*LABELS, *LABEL_OF_TYPE}
        return [*LABELS, *sorted(own)]

    def types(self) -> list[str]:
        """Return the types that are no labels."""
        return [kind for kind in LABEL_OF_TYPE if kind not in LABELS]

    # Acting

    def confirm(self, entries: Sequence[Entry], label: str = "", *, new: bool = False) -> list[ReviewResult]:
        """Give each sound this label; without one, approve the label that it has.

        Raises UnknownLabel for a label that was never used before, unless `new` ones are allowed.
        """
        try:
            label = label and Vocabulary.of(self._config, self._journal).checked(label, new=new)
        except UsageError as exc:
            return [ReviewResult(entry, error=str(exc)) for entry in entries]
        results = [self._confirm(entry, label or entry.label) for entry in entries]
        return [*results, *self._follow([result.after for result in results if result.after])]

    def undo(self, entries: Sequence[Entry]) -> list[ReviewResult]:
        """Undo each entry, the newest first; the model no longer learns from a label that was given by it.

        What was filed because a sound was named is undone with it.
        """
        followers = (one for entry in entries for one in self._journal.places.followers(entry.id))
        all_of_them = {entry.id: entry for entry in (*entries, *followers)}
        return [self._undo(entry) for entry in sorted(all_of_them.values(), key=lambda entry: -entry.id)]

    def star(self, entries: Sequence[Entry], *, starred: bool) -> list[int]:
        """Star these sounds, or take their stars away; return the ids of those that now have what was asked for."""
        sounds = [entry for entry in entries if entry.content_hash and not entry.is_about_no_sound]
        hashes = [entry.content_hash for entry in sounds]
        if starred:
            self._journal.stars.add(hashes, time.time())
        else:
            self._journal.stars.remove(hashes)
        return [entry.id for entry in sounds]

    def undo_pack(self, batch: int) -> list[ReviewResult]:
        """Undo all entries of a pack that can be undone, as `drumwatch undo --batch` does."""
        entries = to_undo(self._journal, Filter(batch=batch))
        also = {entry.id for entry in entries}
        return [self._undo(entry, also) for entry in entries if entry.state == "done"]

    def unconfirmed_above(self, entry: Entry, query: ViewQuery) -> list[Entry]:
        """Return the unconfirmed sounds of a view that are above this one in its pack, and this one."""
        in_pack = replace(query, batch=entry.batch)
        ids = self._journal.views.ids(in_pack)
        above = set(ids[: ids.index(entry.id) + 1]) if entry.id in ids else set()
        return [one for one in self._unconfirmed(in_pack) if one.id in above]

    def unconfirmed_in_pack(self, batch: int, query: ViewQuery) -> list[Entry]:
        """Return the unconfirmed sounds of a view that are in this pack."""
        return self._unconfirmed(replace(query, batch=batch))

    def _unconfirmed_before(self, entry: Entry, query: ViewQuery) -> list[Entry]:
        """Return the unconfirmed sounds up to this one, in the order of the query."""
        ids = self._journal.views.ids(query)
        above = set(ids[: ids.index(entry.id) + 1]) if entry.id in ids else {entry.id}
        return [one for one in self._unconfirmed(query) if one.id in above]

    def _unconfirmed(self, query: ViewQuery) -> list[Entry]:
        return [
            entry
            for entry in self.entries(query)
            if not self._journal.confirmations.label_of(entry.content_hash)
        ]

    def _confirm(self, entry: Entry, label: str) -> ReviewResult:
        if entry.is_about_no_sound:
            return ReviewResult(entry, error=_project_error(entry))
        try:
            return ReviewResult(entry, self._corrector.confirm(entry, label, "review"))
        except DrumwatchError as exc:
            return ReviewResult(entry, error=str(exc))

    def _follow(self, named: Sequence[Entry]) -> list[ReviewResult]:
        """File what still waits beside these sounds and is no longer in doubt, now that they have a name."""
        if self._judge_again is None or not named:
            return []
        done = self._judge_again.after_naming(named, self._corrector)
        waited = ((self._waited_as(entry), entry) for entry in done)
        return [ReviewResult(before, entry) for before, entry in waited if before]

    def _waited_as(self, entry: Entry) -> Entry | None:
        """Return the entry as which a sound has waited until this one filed it."""
        earlier = self._journal.entries.find(Filter(path=entry.source, states=("done",)))
        waited = [one for one in earlier if one.id < entry.id and one.rule == "unsure"]
        return waited[-1] if waited else None

    def _undo(self, entry: Entry, also: Collection[int] = ()) -> ReviewResult:
        if entry.is_about_no_sound:
            return ReviewResult(entry, error=_project_error(entry))
        is_act = self._journal.confirmations.label_given_by(entry.id) or entry.detail.follows
        if entry.action == "leave" and not is_act:
            return ReviewResult(entry, error="Nothing was done with it yet: there is nothing to take back.")
        try:
            return ReviewResult(entry, self._corrector.withdraw_correction(entry, also))
        except DrumwatchError as exc:
            return ReviewResult(entry, error=str(exc))


def _projects_in_order(projects: Sequence[Entry], order: Order) -> list[Entry]:
    """Return projects in an order of the lists; they have no confidence and no pack, so these orders are that of time."""
    if order == "name":
        return sorted(projects, key=lambda entry: (natural_key(entry.source.name), -entry.id))
    return sorted(projects, key=lambda entry: entry.id, reverse=order != "oldest")


def _project_error(project: Entry) -> str:
    if project.is_archive_outcome:
        return f"{printable(project.source.name)} is an archive: it has no label, and cannot be put back."
    return f"{printable(project.source.name)} is left whole: it is no sound that could have a label or be put back."
