"""What the review needs of a sound itself, asked of the workers and kept: pictures, reasons, numbers, something to play."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import (
    Analyze,
    Analyzed,
    Answer,
    KnownSound,
    LayOutMap,
    MakeThumbnail,
    MapLayout,
    RenderWav,
    Thumbnail,
    Wav,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Request

A = TypeVar("A", bound=Answer)

PLAYS = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
}
KEPT = 200_000_000  # bytes of sounds that had to be turned into something a browser plays


class SoundPreviews:
    """Asks workers, and keeps what they said by the sound's content."""

    def __init__(self, workers: Executor, recall: AnalysisCache, cache: Path) -> None:
        self._workers = workers
        self._recall = recall
        self._cache = cache / "review"
        self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def picture(self, entry: Entry) -> bytes:
        """Waveform and spectrogram in small, as JSON."""
        kept = self._cache / f"{entry.content_hash}.json"
        if not kept.exists():
            small = await self._ask(MakeThumbnail(str(entry.location)), Thumbnail)
            app_paths.write_atomically(kept, json.dumps(msgspec.structs.asdict(small)).encode())
        return kept.read_bytes()

    async def explained(self, entry: Entry) -> dict[str, Any]:
        """The verdict's reasons in words, what the name did before what was heard, and the known sounds that are most like it."""
        # By the name that it came with: a folder of the library would say what was decided
        by_name = bool(entry.verdict and entry.verdict.name_says)
        path = str(entry.location)
        found = await self._hear(
            entry, Analyze(path, with_reasons=True, use_names=by_name, name_from=str(entry.source))
        )
        ranked = sorted(found.verdict.reasons, key=lambda one: (one.feature != "name", -abs(one.weight)))
        reasons = [(reason.text, reason.weight) for reason in ranked[:6]]
        return {"reasons": reasons, "nearest": [msgspec.structs.asdict(near) for near in found.nearest]}

    async def playable(self, entry: Entry) -> tuple[Path, str]:
        """A file that a browser plays, and its media type: the sound itself, or a WAV made of it."""
        path = entry.location
        if kind := PLAYS.get(path.suffix.lower()):
            return path, kind
        return await self.wav(entry), "audio/wav"

    async def wav(self, entry: Entry) -> Path:
        """The sound as a plain WAV, which every player plays."""
        kept = self._cache / f"{entry.content_hash}.wav"
        if not kept.exists():
            app_paths.write_atomically(kept, (await self._ask(RenderWav(str(entry.location)), Wav)).wav)
            self._make_room()
        return kept

    async def numbers(self, entry: Entry) -> str:
        """What was measured of the sound, as base64 of float32."""
        return (await self._hear(entry, Analyze(str(entry.location), with_features=True))).features

    async def lay_out(self, features: Sequence[str]) -> list[tuple[float, float, tuple[float, ...]]]:
        """For each of these measurements a place on the map, x and y from 0 to 1, and where it lies in more dimensions."""
        layout = await self._ask(LayOutMap(tuple(features)), MapLayout)
        return [(x, y, sense) for (x, y), sense in zip(layout.places, layout.components, strict=True)]

    async def _hear(self, entry: Entry, wanted: Analyze) -> Analyzed:
        """A sound that was ever heard is not opened again: what is known of it goes along."""
        known = self._recall.of(entry.content_hash)
        request = msgspec.structs.replace(
            wanted,
            model=model_store.in_force().file,
            known=KnownSound(entry.content_hash, known) if known else None,
            with_record=not known,
            with_digest=not known,
            with_hash=not known,
        )
        found = await self._ask(request, Analyzed)
        if entry.stamp and found.content_hash == entry.content_hash:
            self._recall.keep_answer(found, entry.stamp.size_bytes)
        return found

    async def _ask(self, request: Request, kind: type[A]) -> A:
        return expect(await asyncio.wrap_future(self._workers.submit(answer, request)), kind)

    def _make_room(self) -> None:
        """The oldest go first."""
        made = sorted(self._cache.glob("*.wav"), key=lambda path: path.stat().st_mtime, reverse=True)
        size = 0
        for path in made:
            size += path.stat().st_size
            if size > KEPT:
                path.unlink(missing_ok=True)
