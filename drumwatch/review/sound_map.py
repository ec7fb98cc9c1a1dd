"""The map: where every sound lies among the others. Heard and laid out once, kept by content, and looked up from then on."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from drumwatch.core.errors import UnreadableAudio
from drumwatch.system import app_paths
from drumwatch.workers.jobs import WorkerDied

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.review.sound_previews import SoundPreviews

AT_ONCE = 64  # sounds asked of the workers together
LIKE = 60  # the most alike that are shown


class Spot(NamedTuple):
    """Where a sound lies: on the map, both from 0 to 1, and in the many dimensions in which likeness is measured."""

    x: float
    y: float
    sense: tuple[float, ...]


class SoundMap:
    """Knows a spot for each content that could be heard, and None for what could not."""

    def __init__(self, sounds: SoundPreviews, cache: Path) -> None:
        self._sounds = sounds
        self._kept = cache / "review" / "map.json"
        self._spots = _read(self._kept)
        self._survey: asyncio.Task[None] | None = None
        self._heard = 0

    def look(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """The points that are known, whether that is all, and how far hearing is. What is not known is heard from now on."""
        self._raise_what_went_wrong()
        unknown = [entry for entry in entries if entry.content_hash not in self._spots]
        if unknown and self._survey is None:
            self._heard = 0
            self._survey = asyncio.create_task(self._make(entries))
        spots = ((entry, self._spots.get(entry.content_hash)) for entry in entries)
        points = [(entry, spot.x, spot.y) for entry, spot in spots if spot]
        return {"points": points, "ready": not unknown, "heard": self._heard, "of": len(entries)}

    def alike(self, entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
        """Of these, what sounds most like that one: itself first, then the nearest; empty where it was never heard."""
        centre = self._spots.get(entry.content_hash)
        if centre is None:
            return []
        away = [
            (math.dist(centre.sense, spot.sense), other.id != entry.id, other)
            for other in entries
            if (spot := self._spots.get(other.content_hash))
        ]
        return [other for *_, other in sorted(away, key=lambda one: one[:2])[:LIKE]]

    def _raise_what_went_wrong(self) -> None:
        if self._survey and self._survey.done():
            ended, self._survey = self._survey, None
            ended.result()

    async def _make(self, entries: Sequence[Entry]) -> None:
        """Hears all of them and lays them out anew: a sound that came later has its place among the others."""
        numbers: dict[str, str] = {}
        for at in range(0, len(entries), AT_ONCE):
            some = entries[at : at + AT_ONCE]
            for entry, text in zip(some, await asyncio.gather(*map(self._numbers, some)), strict=True):
                numbers[entry.content_hash] = text
            self._heard = at + len(some)
        heard = [content for content, text in numbers.items() if text]
        laid_out = await self._sounds.lay_out([numbers[content] for content in heard]) if heard else []
        self._spots = dict.fromkeys(numbers) | dict(zip(heard, (Spot(*one) for one in laid_out), strict=True))
        app_paths.write_atomically(self._kept, json.dumps(self._spots).encode())

    async def _numbers(self, entry: Entry) -> str:
        try:
            return await self._sounds.numbers(entry)
        except (UnreadableAudio, WorkerDied):
            return ""  # it has no place on the map, and the list says why


def _read(kept: Path) -> dict[str, Spot | None]:
    """What was laid out before; nothing where that cannot be read, as it can be made again."""
    try:
        found = json.loads(kept.read_bytes())
        return {content: spot and Spot(*spot) for content, spot in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
