"""Sums up a run of `sort`: by pack, what could not be filed and why, and all of it in one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from drumwatch.core.formatting import count_of, printable
from drumwatch.core.outcomes import OUTCOMES, in_words, outcome_of, why_alone, with_name
from drumwatch.core.records import LABELS, REMOVE_FOLDERS
from drumwatch.core.screen_width import fit, wrapped
from drumwatch.pipeline import TOO_MANY
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.planner import LEFT_WHOLE, NOT_HEARD, UNKNOWN, WAITING
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry
    from drumwatch.sorting.sorter import Done

PACKS_SHOWN = 10
FAILURES_SHOWN = 5
NOT_WHOLLY_READ, NO_SOUND = "not wholly read", "without a sound"


class Summary:
    """Counts the results; its memory grows with the number of packs, not of files."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self._dry_run = dry_run
        self._outcomes: Counter[Outcome] = Counter()
        self._labels: Counter[str] = Counter()  # of what was filed
        self._alone: Counter[str] = Counter()  # by the reason
        self._others: Counter[str] = (
            Counter()
        )  # files that nothing was decided about in this run, and archives
        self._packs: defaultdict[tuple[int, str], Counter[Outcome]] = defaultdict(Counter)
        self._failures: list[str] = []  # the first ones
        self._failed = 0
        self._along = self._whole = self._emptied = self._heard_before = 0

    @property
    def has_failures(self) -> bool:
        """Whether something was not done that a person may have to see to."""
        kinds = (NOT_WHOLLY_READ, WAITING, UNKNOWN)
        return self._failed > 0 or any(self._others[kind] for kind in kinds)

    def add(self, done: Done) -> None:
        """Count one result."""
        self._heard_before += isinstance(done.result, Analyzed) and done.result.record is None
        left = done.result if isinstance(done.result, Left) else None
        for entry in done.entries:
            self._add_entry(entry, counted=left is None)
        if done.archive:
            self._others[NOT_WHOLLY_READ] += not done.archive.is_good
            self._others[NO_SOUND] += not done.archive.has_sounds
            if not done.archive.is_good:
                self._note_failure(done.archive.sentence)
        elif left:
            self._add_left(left)
        elif not done.entries:  # an earlier run has reported why
            self._outcomes["could not be heard"] += 1
            self._failed += 1

    def _add_entry(self, entry: Entry, *, counted: bool) -> None:
        if entry.action == REMOVE_FOLDERS:
            self._emptied += len(entry.detail.folders)
            return
        if entry.state == "failed":
            self._note_failure(entry.error)
        if not counted:  # it is about the project or the pack around the file
            return
        outcome = outcome_of(entry)
        if outcome is None:
            self._whole += entry.is_kept_whole
            self._along += not (entry.is_kept_whole or entry.is_archive_outcome or entry.rule == TOO_MANY)
            return
        self._failed += entry.state == "failed"
        self._outcomes[outcome] += 1
        self._packs[entry.batch, entry.pack][outcome] += 1
        if outcome == "filed":
            self._labels[entry.label] += 1
        if outcome == "left alone":
            self._alone[why_alone(entry.rule)] += 1

    def _add_left(self, left: Left) -> None:
        if left.why == LEFT_WHOLE:
            self._outcomes["left whole"] += 1
        elif left.why == NOT_HEARD:
            self._outcomes["could not be heard"] += 1
        else:
            self._others[left.why] += 1

    def _note_failure(self, sentence: str) -> None:
        if sentence and len(self._failures) <= FAILURES_SHOWN:
            self._failures.append(sentence)

    # In words

    def lines(self, width: int) -> Iterator[str]:
        """Give the lines for a terminal of this width on which no file had a line: packs, what went wrong, and the sum."""
        named = {key: counts for key, counts in self._packs.items() if key[1]}
        if len(self._packs) > 1 and not self._dry_run:  # whose plan has the packs
            yield from (fit(line, width) for line in self._pack_lines(named))
        for sentence in self._sentences():
            yield from wrapped(sentence, width)

    def _sentences(self) -> Iterator[str]:
        yield from map(printable, self._failures[:FAILURES_SHOWN])
        not_shown = max(self._failed, len(self._failures)) - FAILURES_SHOWN
        if not_shown > 0:
            yield f"… and {not_shown:,} more: `drumwatch log --state failed` shows them."
        yield self.line()
        if self._outcomes["unsure"] and not self._dry_run:
            yield "`drumwatch review` plays what is unsure, `drumwatch log` shows every file."
        elif self._outcomes and not self._dry_run:
            yield "`drumwatch log` shows every file."

    def _pack_lines(self, named: dict[tuple[int, str], Counter[Outcome]]) -> Iterator[str]:
        ordered = sorted(named.items(), key=lambda item: (-item[1].total(), item[0]))
        shown = ordered if len(ordered) <= PACKS_SHOWN else ordered[: PACKS_SHOWN - 1]
        yield from (with_name(name, in_words(counts)) for (_, name), counts in shown)
        if others := ordered[len(shown) :]:
            total: Counter[Outcome] = Counter()
            for _, counts in others:
                total += counts
            yield f"… and {count_of(len(others), 'more pack')}: {in_words(total)}"
        single: Counter[Outcome] = Counter()
        for (_, name), counts in self._packs.items():
            single += Counter() if name else counts
        if single:
            yield with_name("", in_words(single))

    def line(self) -> str:
        """Return the sum in one line, as in "12 files looked at: 9 filed (7 kick, 2 hat), 3 unsure."."""
        parts = [*self._outcome_parts(), *self._other_parts()]
        total = self._outcomes.total() + self._others.total()
        verb = "would be sorted" if self._dry_run else "looked at"
        return f"{count_of(total, 'file')} {verb}: {', '.join(parts) or 'nothing to do'}.{self._notes()}"

    def _outcome_parts(self) -> Iterator[str]:
        for outcome in OUTCOMES:
            if count := self._outcomes[outcome]:
                detail = {"filed": self._by_label(), "left alone": _counted(self._alone.most_common())}
                why = f" ({detail[outcome]})" if outcome in detail else ""
                yield f"{count:,} {outcome}{why}"

    def _other_parts(self) -> Iterator[str]:
        yield from (f"{count:,} {printable(kind)}" for kind, count in sorted(self._others.items()) if count)

    def _by_label(self) -> str:
        own = sorted(self._labels.keys() - set(LABELS))
        return _counted([(label, self._labels[label]) for label in (*LABELS, *own) if self._labels[label]])

    def _notes(self) -> str:
        notes = f" {self._along:,} more went along with their pack." if self._along else ""
        if self._whole and not self._dry_run:
            notes += f" {count_of(self._whole, 'file')} came to the library with a pack that is kept whole."
        if self._emptied:
            was = "was" if self._emptied == 1 else "were"
            notes += f" {count_of(self._emptied, 'emptied folder')} {was} removed."
        return notes + (f" {self._heard_before:,} had been heard before." if self._heard_before else "")


def _counted(kinds: list[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} {printable(kind)}" for kind, count in kinds)
