"""What came, what was placed, and what the user corrected, counted over the whole journal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.outcomes import DUPLICATE_RULE, outcome
from drumwatch.core.records import HOLDING_SOUND, LABEL_OF_TYPE, REMOVE_FOLDERS
from drumwatch.journal.columns import from_column
from drumwatch.journal.database import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import State
    from drumwatch.journal.confirmations import Confirmations
    from drumwatch.journal.database import Database
    from drumwatch.journal.records import Confirmation


@dataclass(slots=True)
class Count:
    """How many sounds came, what became of them, and what the user said of them."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    corrected: int = 0  # given another label than drumwatch had given
    confirmed: int = 0  # given the same label

    @property
    def came(self) -> int:
        """The number of sounds."""
        return self.outcomes.total()


@dataclass(frozen=True, slots=True)
class Statistics:
    """The counts by label and by pack; a sound without a label has the label "", and a sound without a pack the pack ""."""

    labels: dict[str, Count]  # by the label that drumwatch gave
    packs: dict[str, Count]
    projects: int  # that were left whole

    @property
    def total(self) -> Count:
        """The sums over all labels."""
        sums = Count()
        for one in self.labels.values():
            sums.outcomes += one.outcomes
            sums.corrected += one.corrected
            sums.confirmed += one.confirmed
        return sums


class Row(NamedTuple):
    """What of an entry is counted."""

    time: float
    batch: int
    pack: str
    source: Path
    destination: Path | None
    action: str
    state: State
    label: str
    rule: str
    has_verdict: bool
    content_hash: str
    in_archive: bool  # the source is a name in an archive, in which the sound is left
    twin: Path | None  # where the sound was in the library already

    @property
    def outcome(self) -> Outcome | None:
        """What became of the file; None for a row about an archive."""
        if self.state == "planned":
            return "not finished"
        return outcome(self.state, self.action, self.rule, self.source, is_sound=self.has_verdict)

    @property
    def is_link_to_twin(self) -> bool:
        """Whether a sound came of which a copy was in the library, and a link to that was made instead."""
        return self.rule == DUPLICATE_RULE and self.action != "leave"

    @property
    def location(self) -> Path:
        """Where the sound is after this entry."""
        holds_sound = self.state == "done" and self.action in HOLDING_SOUND
        return self.destination if holds_sound and self.destination else self.source


@dataclass(slots=True)
class Sound:
    """A sound that came, with the latest that happened to it, and the label that drumwatch gave first."""

    first: Row
    latest: Row
    label: str

    @property
    def outcome(self) -> Outcome:
        """What became of it in the end."""
        return self.latest.outcome or "filed"


class Tallies(Part):
    """Counts of what is in the journal, in the outcomes that people read."""

    def __init__(self, database: Database, confirmations: Confirmations) -> None:
        super().__init__(database)
        self._confirmations = confirmations

    def by_batch(self, since: float | None = None) -> dict[int, Counter[Outcome]]:
        """Return what became of the files of each batch that was active since then, documents and projects included."""
        found: defaultdict[int, Counter[Outcome]] = defaultdict(Counter)
        for row, kind in _once_each(self._rows("batch.latest >= ?", since or 0.0)):
            found[row.batch][kind] += 1
        return found

    def sounds(self, since: float) -> list[Sound]:
        """Return the sounds that have entries since then, each once."""
        return followed(self._rows("entry.time >= ?", since))

    def statistics(self, since: float | None = None) -> Statistics:
        """Count the sounds that came since then, and the labels that the user gave since then to any sound."""
        start = since or 0.0
        sounds = followed(self._rows("entry.time >= ?", 0.0))
        labels = {sound.latest.content_hash: sound.label for sound in sounds}
        labels |= {sound.first.content_hash: sound.label for sound in sounds}
        said = [
            one._replace(model_label=labels.get(one.content_hash, one.model_label))
            for one in self._confirmations.all()
            if one.time >= start and one.entry is not None  # others are not about sounds that came
        ]
        came = [sound for sound in sounds if sound.first.time >= start]
        return count(came, said, self._projects(start))

    def _projects(self, since: float) -> int:
        rows = self._rows("entry.time >= ?", since)
        return len({row.source for row in rows if row.outcome == "left whole"})

    def _rows(self, where: str, value: float) -> Iterator[Row]:
        rows = self._db.execute(
            "SELECT entry.time, entry.batch, pack, source, destination, action, state, label, rule, verdict IS NOT NULL, content_hash,"
            " json_extract(detail, '$.archive_hash') IS NOT NULL, json_extract(detail, '$.twin')"
            f" FROM entry JOIN batch ON batch.id = entry.batch WHERE undoes IS NULL AND action != '{REMOVE_FOLDERS}' AND {where}"
            " ORDER BY entry.id",
            (value,),
        )
        for time, batch, pack, source, destination, *rest, twin in rows:
            place = None if destination is None else from_column(destination)
            yield Row._make(
                (time, batch, pack, from_column(source), place, *rest, twin and from_column(twin))
            )


def followed(rows: Iterable[Row]) -> list[Sound]:
    """Return each sound that came with the latest that happened to it: a correction goes on with the sound that is there."""
    by_place: dict[Path, Sound] = {}
    found: list[Sound] = []
    for row in rows:
        if not (row.has_verdict or row.outcome == "could not be heard"):
            continue  # documents, projects, archives
        sound = by_place.get(row.source) or (by_place.get(row.twin) if row.twin else None)
        if row.is_link_to_twin:  # its source is the twin in the library, and not where the sound came
            by_place[row.location] = Sound(row, row, row.label)
            found.append(by_place[row.location])
            continue
        if sound is None or not (row.twin or _is_same(sound.latest, row)):
            sound = Sound(row, row, row.label)
            found.append(sound)
        elif row.rule == DUPLICATE_RULE and sound.outcome == "filed":
            continue  # the sound was met again where it had come from
        sound.latest, sound.label = row, sound.label or row.label
        by_place[row.source] = by_place[row.location] = sound
        if row.action == "move" and row.location != row.source and not row.in_archive:
            del by_place[row.source]  # what comes there from now on is another one
    return found


def _is_same(before: Row, now: Row) -> bool:
    """Return whether the sound at one path is still the same one; tags change its bytes, and one that was not heard has no hash."""
    return before.action == "tag" or before.content_hash in ("", now.content_hash) or not now.content_hash


def count(sounds: Iterable[Sound], said: Iterable[Confirmation], projects: int) -> Statistics:
    """Return the counts by the label that drumwatch gave, and by pack."""
    labels: defaultdict[str, Count] = defaultdict(Count)
    packs: defaultdict[str, Count] = defaultdict(Count)
    for sound in sounds:
        for one in (labels[sound.label], packs[sound.first.pack]):
            one.outcomes[sound.outcome] += 1
    for word in said:
        is_same = word.model_label in (word.label, LABEL_OF_TYPE.get(word.label))
        for one in (labels[word.model_label], packs[word.pack]):
            one.confirmed += is_same
            one.corrected += not is_same
    return Statistics(dict(labels), dict(packs), projects)


def _once_each(rows: Iterable[Row]) -> Iterator[tuple[Row, Outcome]]:
    """Give the rows about files with their outcomes, without those that say once more that a file of the batch was not filed."""
    told: set[tuple[int, Path, Outcome]] = set()
    for row in rows:
        kind = row.outcome
        if kind is None or (row.batch, row.source, kind) in told:
            continue
        if kind not in ("filed", "undone"):
            told.add((row.batch, row.source, kind))
        yield row, kind
