"""What became of each archive as a whole: told in one sentence, recorded, and remembered for as long as no more can be read."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.formatting import count_of, printable
from drumwatch.core.outcomes import DUPLICATE_RULE, UNSURE_RULE, Outcome
from drumwatch.core.records import CANNOT_ANALYZE, FILING
from drumwatch.intake import stability
from drumwatch.intake.archive_readers import capabilities
from drumwatch.intake.ignore import is_archive_name, is_audio_name, needs_extra
from drumwatch.journal import Filter
from drumwatch.pipeline import HANDLED, remember

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Arrival, Entry, State
    from drumwatch.journal import Journal
    from drumwatch.packs.archives import Pack
    from drumwatch.workers.protocol import Failed

NAMED = 3  # files that a sentence names


class FateKind(enum.Enum):
    """What became of one sound of an archive."""

    FILED = "filed"
    BEFORE = "filed before"  # an earlier run, or another archive, has brought it
    UNSURE = "unsure"
    LEFT_ALONE = "left alone"  # too long, or as a rule says
    THERE = "in the library already"  # the same sound, and duplicates = "skip"
    UNREADABLE = "could not be heard"
    NOT_FILED = "failed"


# What became of a sound about which an earlier run has decided.
DECIDED: dict[Outcome, FateKind] = {
    "filed": FateKind.BEFORE,
    "unsure": FateKind.UNSURE,
    "left alone": FateKind.LEFT_ALONE,
}


class Fate(NamedTuple):
    """What became of one sound, and why, if it has to be told."""

    kind: FateKind
    why: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveOutcome:
    """What became of the sounds of one archive."""

    archive: str  # its name
    fates: Mapping[str, Fate] = field(default_factory=dict)  # by the name inside
    in_projects: int = 0  # sounds of songs and instruments that are left whole
    refused: int = 0  # other files that could not be taken out
    planned: bool = False  # nothing was filed, as this is a dry run

    def of(self, *kinds: FateKind) -> dict[str, str]:
        """Return the names of the sounds with one of these fates, each with the reason."""
        return {name: fate.why for name, fate in self.fates.items() if fate.kind in kinds}

    @property
    def sounds(self) -> int:
        """The number of sounds in the archive."""
        return len(self.fates) + self.in_projects

    @property
    def unread(self) -> int:
        """The number of files in it that could not be read, sounds and others."""
        return self.refused + len(self.of(FateKind.UNREADABLE))

    @property
    def has_given_something(self) -> bool:
        """Whether at least one of its sounds could be read."""
        return len(self.of(FateKind.UNREADABLE)) < self.sounds

    @property
    def is_wholly_read(self) -> bool:
        """Whether nothing in it could not be read."""
        return not self.unread

    @property
    def is_good(self) -> bool:
        """Whether everything in it could be read and filed."""
        return self.is_wholly_read and not self.of(FateKind.NOT_FILED)


def sentence_of(outcome: ArchiveOutcome) -> str:
    """Return one sentence like: Pack.zip: 12 of 14 sounds filed, 2 could not be read: kick 3.wav (its check sum is wrong).

    >>> sentence_of(ArchiveOutcome("Pack.zip", {"kick.wav": Fate(FateKind.FILED)}))
    'Pack.zip: 1 of 1 sound filed.'
    """
    name = printable(outcome.archive)
    unreadable = outcome.of(FateKind.UNREADABLE)
    if not outcome.sounds and not outcome.refused:
        return f"{name} has no sound in it."
    if len(unreadable) == outcome.sounds:
        lost = f"{len(unreadable):,} {FateKind.UNREADABLE.value}: {_named(unreadable)}"
        return f"{name}: no sound could be had from it: {lost}{_others(outcome)}."
    filed, before = len(outcome.of(FateKind.FILED, FateKind.BEFORE)), len(outcome.of(FateKind.BEFORE))
    would = "would be filed" if outcome.planned else "filed"
    parts = [f"{filed:,} of {count_of(outcome.sounds, 'sound')} {would}"]
    parts[0] += f" ({before:,} of them before)" if before else ""
    for kind in (FateKind.THERE, FateKind.UNSURE, FateKind.LEFT_ALONE):
        parts += [f"{len(found):,} {kind.value}"] if (found := outcome.of(kind)) else []
    parts += [f"{outcome.in_projects:,} left whole with their project"] if outcome.in_projects else []
    for kind in (FateKind.NOT_FILED, FateKind.UNREADABLE):
        parts += [f"{len(found):,} {kind.value}: {_named(found)}"] if (found := outcome.of(kind)) else []
    return f"{name}: {', '.join(parts)}{_others(outcome)}."


def _may_be_a_sound(name: str) -> bool:
    return is_audio_name(name) or is_archive_name(name) or needs_extra(name)


def _others(outcome: ArchiveOutcome) -> str:
    return f", {count_of(outcome.refused, 'other file')} could not be taken out" if outcome.refused else ""


def _named(reasons: Mapping[str, str]) -> str:
    """Return the first few names, those with one reason together: "kick 3.wav, kick 4.wav (it is damaged) and 2 more"."""
    by_reason: dict[str, list[str]] = {}
    for name in list(reasons)[:NAMED]:
        by_reason.setdefault(reasons[name], []).append(printable(name.rpartition("/")[2]))
    parts = [", ".join(names) + (f" ({printable(why)})" if why else "") for why, names in by_reason.items()]
    rest = len(reasons) - NAMED
    return ", ".join(parts) + (f" and {rest:,} more" if rest > 0 else "")


class Conclusion(NamedTuple):
    """The end of one archive: the sentence, whether all is well, and the entry if it is a new one.

    The sentence is empty where other entries say all that there is to say.
    """

    sentence: str
    is_good: bool
    entry: Entry | None
    has_sounds: bool = True


class ArchiveOutcomes:
    """Counts what becomes of the sounds of each open archive, and records the sum at its end."""

    def __init__(self, config: ConfigHolder, journal: Journal, *, dry_run: bool) -> None:
        self._config = config
        self._journal = journal
        self._dry_run = dry_run
        self._fates: dict[Path, dict[str, Fate]] = {}  # by the archive

    def sound_done(self, arrival: Arrival, entries: Sequence[Entry], why: str = "") -> None:
        """Note what became of a sound; `why` says why it could not be analyzed or filed, if that is not in the entries."""
        if arrival.origin:
            fate = _fate_of(entries, why)
            self._fates.setdefault(arrival.origin.archive, {})[arrival.origin.inner.as_posix()] = _shortened(
                fate, arrival.origin.inner.name
            )

    def decided_before(self, pack: Pack) -> frozenset[Path]:
        """Return the sounds of an archive that is tried again about which was decided before, by their paths inside.

        They stay as they were left, also where the user has taken them back.
        """
        archive, stamp = pack.archive.path, pack.archive.stamp
        if not self._journal.archives.was_unread(archive, stamp):
            return frozenset()
        decided = self._journal.archives.decided(archive, pack.unpacked.archive_hash)
        fates = {name: Fate(DECIDED[outcome]) for name, outcome in decided.items()}
        self._fates.setdefault(archive, {}).update(fates)
        return frozenset(map(Path, decided))

    def conclude(self, pack: Pack, *, in_projects: int) -> Conclusion:
        """Record the end of an unpacked archive."""
        archive = pack.archive
        fates = {**self._recorded(pack), **self._fates.pop(archive.path, {})}
        lost = {name: why for name, why in pack.refused if _may_be_a_sound(name)}
        fates |= {_inside(name): Fate(FateKind.UNREADABLE, why.rstrip(".")) for name, why in lost.items()}
        if pack.survey and pack.watch.projects == "leave" and not pack.survey.complete:
            return self._left_untouched(archive)
        others = len(pack.refused) - len(lost)
        outcome = ArchiveOutcome(archive.path.name, fates, in_projects, others, planned=self._dry_run)
        if not self._dry_run and outcome.is_wholly_read:
            remember(self._journal, archive.path, HANDLED)
        elif not self._dry_run:
            self._remember_unread(archive.path)
        if in_projects == outcome.sounds > 0 and outcome.is_good:
            return Conclusion("", is_good=True, entry=None)  # the entries about its projects say so
        good: State = "planned" if self._dry_run else "done"
        state = good if outcome.has_given_something or not outcome.sounds else "failed"
        sentence, batch = sentence_of(outcome), pack.unpacked.batch
        entry = self._note(archive, sentence, batch, state=state, wholly_read=outcome.is_good)
        return Conclusion(sentence, outcome.is_good, entry)

    def without_sounds(self, archive: Arrival) -> Conclusion:
        """Record that an archive has no sound in it."""
        if not self._dry_run:
            remember(self._journal, archive.path, HANDLED)
        sentence = sentence_of(ArchiveOutcome(archive.path.name))
        entry = self._note(archive, sentence, state="planned" if self._dry_run else "done")
        return Conclusion(sentence, is_good=True, entry=entry, has_sounds=False)

    def refuse(self, archive: Arrival, why: Failed, *, for_good: bool) -> Conclusion:
        """Record that an archive was not unpacked; with `for_good` it is tried again only if it changes, or if more can be read."""
        if for_good and not self._dry_run:
            self._remember_unread(archive.path)
        entry = self._note(archive, why.message, state="failed", wholly_read=False)
        return Conclusion(why.message, is_good=False, entry=entry)

    def _left_untouched(self, archive: Arrival) -> Conclusion:
        """Return the end of an archive that could not be looked through; an entry says so already."""
        if not self._dry_run:
            self._remember_unread(archive.path)
        return Conclusion("", is_good=False, entry=None)

    def _remember_unread(self, archive: Path) -> None:
        if stamp := stability.stamp_of(archive):
            self._journal.archives.note_unread(archive, stamp, capabilities(self._config.current))
        else:
            self._journal.seen.forget(archive)

    def _note(
        self,
        archive: Arrival,
        sentence: str,
        batch: int | None = None,
        *,
        state: State,
        wholly_read: bool = True,
    ) -> Entry | None:
        now = time.time()
        if batch is None:
            batch = self._journal.batches.current(archive.watch, archive.pack, now)
        return self._journal.archives.note(
            batch, archive.path, archive.stamp, sentence, now, state=state, wholly_read=wholly_read
        )

    def _recorded(self, pack: Pack) -> dict[str, Fate]:
        """Return the fates that the journal knows of, of sounds that were done before a crash."""
        archive = pack.archive.path
        by_name: dict[str, list[Entry]] = {}
        for entry in self._journal.entries.find(Filter(batch=pack.unpacked.batch)):
            if entry.source != archive and entry.source.is_relative_to(archive) and _is_about_a_sound(entry):
                by_name.setdefault(entry.source.relative_to(archive).as_posix(), []).append(entry)
        refused = {_inside(name) for name, _ in pack.refused}
        return {
            name: _shortened(_fate_of(entries, ""), Path(name).name)
            for name, entries in by_name.items()
            if name not in refused
        }


def _is_about_a_sound(entry: Entry) -> bool:
    return entry.verdict is not None or (entry.rule == CANNOT_ANALYZE and is_audio_name(entry.source.name))


def _fate_of(entries: Sequence[Entry], why: str) -> Fate:
    filing = [entry for entry in entries if entry.state in ("done", "planned") and entry.undoes is None]
    if any(entry.action in FILING for entry in filing):
        return Fate(FateKind.FILED)
    if failed := next((entry for entry in entries if entry.state == "failed"), None):
        kind = FateKind.UNREADABLE if failed.rule == CANNOT_ANALYZE else FateKind.NOT_FILED
        return Fate(kind, failed.error)
    if any(entry.detail.twin for entry in filing):
        return Fate(FateKind.BEFORE)
    if why and not filing:
        return Fate(FateKind.UNREADABLE, why)
    rules = {entry.rule for entry in filing}
    if DUPLICATE_RULE in rules:
        return Fate(FateKind.THERE)
    return Fate(FateKind.UNSURE if UNSURE_RULE in rules else FateKind.LEFT_ALONE)


def _shortened(fate: Fate, name: str) -> Fate:
    """Return the fate with a reason that does not begin with the name again."""
    why = fate.why.removeprefix(f"{name}: ")
    if why.startswith(f"{name} "):
        why = f"it{why[len(name) :]}"
    return fate._replace(why=why.removesuffix("."))


def _inside(name: str) -> str:
    """Return a member's name as a path inside, as the entry about it has it."""
    return "/".join(step for step in name.replace("\\", "/").split("/") if step not in ("", ".", "..")) or "?"
