"""What a person can do at the review. The page and the terminal sit at the same desk."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from drumwatch.config import folder_of
from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.journal import Filter
from drumwatch.learning.labels import Vocabulary
from drumwatch.learning.undo import to_undo
from drumwatch.review import rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from drumwatch.config import Config
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal, ViewQuery
    from drumwatch.learning.corrections import Corrector


class ReviewResult(NamedTuple):
    """What became of a word on one sound: the entry that tells of it now, or why nothing was done."""

    was: Entry
    now: Entry | None = None
    error: str = ""


class ReviewService:
    """Looks into the journal and carries out what is said; a sound that fails never holds up the others."""

    def __init__(self, config: Config, journal: Journal, teacher: Corrector) -> None:
        self._config = config
        self._journal = journal
        self._teacher = teacher

    # Looking

    def numbers(self, wanted: ViewQuery) -> list[int]:
        """The entries of a view, newest first: a list that stands still while its sounds are labelled."""
        if wanted.view == "projects":
            return [project.id for project in self.projects(wanted)]
        return self._journal.views.ids(wanted)

    def row(self, entry: Entry) -> dict[str, Any]:
        if entry.is_project:
            return rows.project_row(entry)
        return rows.row(entry, self._journal, self._config.labels)

    def projects(self, wanted: ViewQuery) -> list[Entry]:
        """The projects that were left whole and are still there, newest first."""
        return [project for project in self._journal.views.projects(wanted) if os.path.exists(project.source)]

    def counts(self, wanted: ViewQuery) -> dict[str, int]:
        """Per view; `newest` is the journal's last number, so that whoever looks again knows whether anything is new."""
        counts, projects = self._journal.views.counts(wanted), len(self.projects(wanted))
        return {**counts, "projects": projects, "newest": self._journal.entries.newest_id()}

    def packs(self, wanted: ViewQuery) -> list[dict[str, Any]]:
        return [rows.pack_row(pack) for pack in self._journal.views.packs(wanted)]

    def days(self) -> list[str]:
        """The days on which sounds came, the latest first: 2026-11-24."""
        return self._journal.views.days()

    def entries(self, wanted: ViewQuery, limit: int = -1) -> list[Entry]:
        return self._journal.views.sounds(wanted, limit)

    def entry(self, entry_id: int) -> Entry | None:
        return self._journal.entries.lookup(entry_id)

    def labels(self) -> list[str]:
        """The five, then the user's own: folders of the configuration, and words said before."""
        said = {word.label for word in self._journal.confirmations.all()}
        renamed = {folder_of(label, self._config.labels) for label in LABELS}
        own = {*self._config.labels.values(), *said} - renamed - {*LABELS, *LABEL_OF_TYPE}
        return [*LABELS, *sorted(own)]

    def types(self) -> list[str]:
        return [kind for kind in LABEL_OF_TYPE if kind not in LABELS]

    # Saying

    def confirm(self, entries: Sequence[Entry], word: str = "", *, new: bool = False) -> list[ReviewResult]:
        """The label that is meant for each; without a word, the label that each has is approved.

        Raises UnknownLabel for a word that was never a label, unless `new` ones are welcome.
        """
        try:
            label = word and Vocabulary.of(self._config, self._journal).checked(word, new=new)
        except UsageError as exc:
            return [ReviewResult(entry, error=str(exc)) for entry in entries]
        return [self._confirm(entry, label or entry.label) for entry in entries]

    def take_back(self, entries: Sequence[Entry]) -> list[ReviewResult]:
        """Each goes back to where it was before, the newest first; a word that was said about it teaches no more."""
        return [self._take_back(entry) for entry in sorted(entries, key=lambda one: -one.id)]

    def take_back_pack(self, batch: int) -> list[ReviewResult]:
        """All that can be taken back of a pack, as `drumwatch undo --batch` does it."""
        meant = to_undo(self._journal, Filter(batch=batch))
        also = {entry.id for entry in meant}
        return [self._take_back(entry, also) for entry in meant if entry.state == "done"]

    def above(self, entry: Entry, wanted: ViewQuery) -> list[Entry]:
        """What stands above this sound in its pack, itself included, and was not confirmed yet."""
        return self._open(replace(wanted, batch=entry.batch, from_id=entry.id))

    def of_pack(self, batch: int, wanted: ViewQuery) -> list[Entry]:
        """What of a pack is shown and was not confirmed yet."""
        return self._open(replace(wanted, batch=batch))

    def _open(self, wanted: ViewQuery) -> list[Entry]:
        return [
            one for one in self.entries(wanted) if not self._journal.confirmations.label_of(one.content_hash)
        ]

    def _confirm(self, entry: Entry, label: str) -> ReviewResult:
        if entry.is_project:
            return ReviewResult(entry, error=_left_whole(entry))
        try:
            return ReviewResult(entry, self._teacher.confirm(entry, label, "review"))
        except DrumwatchError as exc:
            return ReviewResult(entry, error=str(exc))

    def _take_back(self, entry: Entry, also: Collection[int] = ()) -> ReviewResult:
        if entry.is_project:
            return ReviewResult(entry, error=_left_whole(entry))
        if entry.action == "leave" and not self._journal.confirmations.label_given_by(entry.id):
            return ReviewResult(entry, error="Nothing was done with it yet: there is nothing to take back.")
        try:
            return ReviewResult(entry, self._teacher.withdraw_correction(entry, also))
        except DrumwatchError as exc:
            return ReviewResult(entry, error=str(exc))


def _left_whole(project: Entry) -> str:
    return f"{printable(project.source.name)} is left whole: it is no sound that could have a label or be put back."
