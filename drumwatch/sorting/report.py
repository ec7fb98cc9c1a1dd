"""Writes the page of `sort --report`: counts, uncertain sounds, clashes, and a map of the sounds, all in one file."""

from __future__ import annotations

import json
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from drumwatch.core.formatting import printable
from drumwatch.core.outcomes import outcome_of_file
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, REMOVE_FOLDERS
from drumwatch.sorting.tree import Trees
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyzed, LayOutMap, MapLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.core.records import Entry
    from drumwatch.sorting.sorter import Done

TEMPLATE = Path(__file__).with_name("report.html")
PLACEHOLDER = '"the figures"'
MAP_POINTS = 2500  # more take minutes to place, and a screen cannot show them
LIST_LENGTH = 400
PACKS_SHOWN = 60
STEPS = 20  # of the histogram of confidence
MAP_SECONDS = 600.0


class SoundJson(TypedDict):
    """A sound in the page."""

    name: str
    folder: str
    pack: str
    label: str
    type: str
    sure: float  # the confidence
    next: str  # the second label
    says: str  # the label that the sound contradicts, said by the file's name or its neighbors; empty if there is none
    clash: str  # the type of the sound by itself, where another label is said
    seconds: float
    bpm: float | None  # of a loop
    note: str  # root note; empty if it has none, or nobody has asked


class Report:
    """Adds up the results, in memory that does not grow with the library; `write` makes the page."""

    def __init__(self, path: Path, sorted_from: Sequence[Path], *, dry_run: bool = False) -> None:
        self._path = path.expanduser().absolute()
        self._title = ", ".join(printable(folder.name) for folder in sorted_from)
        self._dry_run = dry_run
        self._labels: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._packs: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._confidences: defaultdict[str, list[int]] = defaultdict(lambda: [0] * STEPS)
        self._unsure: list[SoundJson] = []
        self._clashes: list[SoundJson] = []
        self._points: list[tuple[SoundJson, str]] = []
        self._trees = Trees()
        self._analyzed = 0
        self._random = random.Random(0)  # noqa: S311  it only chooses what is shown

    def add(self, done: Done) -> None:
        """Count one result."""
        for entry in done.entries:
            if entry.is_project or entry.action == REMOVE_FOLDERS:
                continue
            outcome = outcome_of_file(entry)
            if outcome is None:
                continue  # an archive, of which its sounds are told
            self._outcomes[outcome] += 1
            if outcome == "filed" and entry.destination:
                self._trees.add(done.item.watch.library, entry.destination)
            if entry.verdict:
                found = done.result
                self._add_sound(entry, found.features if isinstance(found, Analyzed) else "")

    def _add_sound(self, entry: Entry, features: str) -> None:
        self._analyzed += 1
        self._labels[entry.label] += 1
        self._types[entry.type] += 1
        self._packs[entry.pack][entry.label] += 1
        self._confidences[entry.label][min(STEPS - 1, int(entry.confidence * STEPS))] += 1
        sound = _as_json(entry)
        if entry.rule == "unsure":
            _keep_least_confident(self._unsure, sound)
        if entry.verdict and entry.verdict.clash:
            self._clashes += [sound] if len(self._clashes) < LIST_LENGTH else []
        if features:
            self._add_to_map(sound, features)

    def _add_to_map(self, sound: SoundJson, features: str) -> None:
        """Keep a sound for the map; each one has the same chance, however many there are."""
        if len(self._points) < MAP_POINTS:
            self._points.append((sound, features))
        elif (at := self._random.randrange(self._analyzed)) < MAP_POINTS:
            self._points[at] = sound, features

    @property
    def sounds_on_map(self) -> int:
        """How many sounds the map of the page will have."""
        return len(self._points)

    def write(self) -> Path:
        """Write the page, whole or not at all; returns its path."""
        figures = json.dumps(self._figures(), ensure_ascii=True).replace("<", "\\u003c")
        page = TEMPLATE.read_text(encoding="utf-8").replace(PLACEHOLDER, figures)
        temp = self._path.with_name(f".{self._path.name}.part")
        temp.write_text(page, encoding="utf-8")
        temp.replace(self._path)
        return self._path

    def _figures(self) -> dict[str, object]:
        packs = sorted(self._packs.items(), key=lambda pack: -pack[1].total())
        return {
            "title": self._title,
            "written": time.strftime("%d %B %Y, %H:%M"),
            "labels": [*LABELS, *sorted(self._labels.keys() - set(LABELS))],
            "counts": self._labels,
            "types": [
                [kind, count, LABEL_OF_TYPE.get(kind, kind)] for kind, count in self._types.most_common()
            ],
            "fates": self._outcomes,
            "packs": [[printable(name) or "single files", counts] for name, counts in packs[:PACKS_SHOWN]],
            "more_packs": max(0, len(packs) - PACKS_SHOWN),
            "sureness": self._confidences,
            "unsure": sorted(self._unsure, key=lambda sound: sound["sure"]),
            "clashes": self._clashes,
            "trees": self._trees.as_json(),
            "dry_run": self._dry_run,
            "map": self._map(),
        }

    def _map(self) -> list[dict[str, object]]:
        if not self._points:
            return []
        workers = LocalWorkers(limit=1, file_seconds=MAP_SECONDS)
        request = LayOutMap(tuple(features for _, features in self._points))
        try:
            places = expect(workers.submit(answer, request).result(), MapLayout).places
        finally:
            workers.shutdown()
        return [{**sound, "at": at} for (sound, _), at in zip(self._points, places, strict=True)]


def _as_json(entry: Entry) -> SoundJson:
    verdict = entry.verdict
    return {
        "name": printable(entry.source.name),
        "folder": printable(entry.source.parent),
        "pack": printable(entry.pack),
        "label": entry.label,
        "type": entry.type,
        "sure": round(entry.confidence, 3),
        "next": verdict.runner_up if verdict else "",
        "says": verdict.claimed if verdict and verdict.clash else "",
        "clash": verdict.clash if verdict else "",
        "seconds": round(verdict.duration, 2) if verdict else 0,
        "bpm": verdict.tempo if verdict else None,
        "note": (verdict.note or "") if verdict else "",
    }


def _keep_least_confident(kept: list[SoundJson], sound: SoundJson) -> None:
    kept.append(sound)
    if len(kept) > 2 * LIST_LENGTH:
        kept.sort(key=lambda one: one["sure"])
        del kept[LIST_LENGTH:]
