"""The map, on which similar sounds are near each other. Sounds are analyzed and laid out once, and cached by content."""

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

CHUNK = 64  # sounds that are sent to the workers together
MOST_SIMILAR = 60  # sounds in an answer


class MapPoint(NamedTuple):
    """The place of a sound: on the map, each from 0 to 1, and in the many dimensions in which similarity is measured."""

    x: float
    y: float
    components: tuple[float, ...]


class SoundMap:
    """Holds a point for each content that could be analyzed, and None for each that could not."""

    def __init__(self, previews: SoundPreviews, cache: Path) -> None:
        self._previews = previews
        self._file = cache / "review" / "map.json"
        self._points = _read(self._file)
        self._job: asyncio.Task[None] | None = None
        self._analyzed = 0

    def points(self, entries: Sequence[Entry]) -> dict[str, Any]:
        """Return the known points of these sounds and the progress of the analysis, which this starts for the others."""
        self._raise_job_error()
        unknown = [entry for entry in entries if entry.content_hash not in self._points]
        if unknown and self._job is None:
            self._analyzed = 0
            self._job = asyncio.create_task(self._make(entries))
        known = ((entry, self._points.get(entry.content_hash)) for entry in entries)
        points = [(entry, point.x, point.y) for entry, point in known if point]
        return {"points": points, "ready": not unknown, "heard": self._analyzed, "of": len(entries)}

    def similar(self, entry: Entry, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that are most similar to one: itself, then the nearest; empty if it could not be analyzed."""
        centre = self._points.get(entry.content_hash)
        if centre is None:
            return []
        distances = [
            (math.dist(centre.components, point.components), other.id != entry.id, other)
            for other in entries
            if (point := self._points.get(other.content_hash))
        ]
        return [other for *_, other in sorted(distances, key=lambda one: one[:2])[:MOST_SIMILAR]]

    def _raise_job_error(self) -> None:
        if self._job and self._job.done():
            job, self._job = self._job, None
            job.result()

    async def _make(self, entries: Sequence[Entry]) -> None:
        """Analyze all sounds and lay them out again, so that a new sound is placed among the others."""
        features: dict[str, str] = {}
        for at in range(0, len(entries), CHUNK):
            chunk = entries[at : at + CHUNK]
            for entry, text in zip(chunk, await asyncio.gather(*map(self._features, chunk)), strict=True):
                features[entry.content_hash] = text
            self._analyzed = at + len(chunk)
        analyzed = [content for content, text in features.items() if text]
        places = (
            await self._previews.map_layout([features[content] for content in analyzed]) if analyzed else []
        )
        points = (MapPoint(*place) for place in places)
        self._points = dict.fromkeys(features) | dict(zip(analyzed, points, strict=True))
        app_paths.write_atomically(self._file, json.dumps(self._points).encode())

    async def _features(self, entry: Entry) -> str:
        try:
            return await self._previews.features(entry)
        except (UnreadableAudio, WorkerDied):
            return ""  # it has no point on the map; the list shows the reason


def _read(file: Path) -> dict[str, MapPoint | None]:
    """Return the cached points; none if the file cannot be read, because they can be computed again."""
    try:
        cached = json.loads(file.read_bytes())
        return {content: point and MapPoint(*point) for content, point in cached.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
