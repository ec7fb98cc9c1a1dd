"""What the review needs from the audio itself: thumbnails, explanations, features and playable files, computed by workers and cached."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from drumwatch.core.errors import StateUnavailable
from drumwatch.core.formatting import home_short
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import (
    Analyze,
    Analyzed,
    Answer,
    FoundSimilar,
    KnownSound,
    LayOutMap,
    MakeThumbnail,
    MapLayout,
    RenderWav,
    Thumbnail,
    Wav,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Entry, Reason, Verdict
    from drumwatch.learning.similar_sounds import SimilarSounds
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Request

A = TypeVar("A", bound=Answer)

MEDIA_TYPES = {  # of the formats that browsers play
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
}
MOST_REASONS = 8
MAX_CACHED = 200_000_000  # bytes of WAV files that were made for the browser


class SoundPreviews:
    """Sends requests to the workers, and caches their answers by the content of the sound."""

    def __init__(
        self,
        workers: Executor,
        analysis_cache: AnalysisCache,
        cache: Path,
        *,
        neighbors: Callable[[Entry], tuple[LevelEvidence, ...]] = lambda _: (),
        now_called: Callable[[Entry, Verdict], str] = lambda _, __: "",
        similar: SimilarSounds | None = None,
    ) -> None:
        self._similar = similar  # finds the user's own sounds that resemble one
        self._neighbors = neighbors  # their evidence about the sound of an entry
        self._now_called = now_called  # a sentence, where a filed sound would be called something else now
        self._workers = workers
        self._analysis_cache = analysis_cache
        self._cache = cache / "review"
        self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def thumbnail(self, entry: Entry) -> bytes:
        """Return a small waveform and spectrogram, as JSON."""
        cached = self._cache / f"{entry.content_hash}.json"
        if cached.exists():
            return cached.read_bytes()
        made = await self._ask(MakeThumbnail(str(entry.location)), Thumbnail)
        thumbnail = json.dumps(msgspec.structs.asdict(made)).encode()
        with contextlib.suppress(StateUnavailable):  # without a cache, it is made again the next time
            app_paths.write_atomically(cached, thumbnail)
        return thumbnail

    async def explanation(self, entry: Entry) -> dict[str, Any]:
        """Return the reasons for the label, those of the file name and of the neighbors first, and the user's most similar sounds.

        A reason is its text, its weight, and the numbers behind it. `now` says what a filed sound would be called now, if that is
        something else.
        """
        # With the name of the source: the library's folder name is the label that was decided
        by_name = bool(entry.verdict and entry.verdict.name_says)
        path = str(entry.location)
        found = await self._analyze(
            entry,
            Analyze(
                path,
                with_reasons=True,
                use_names=by_name,
                name_from=str(entry.source),
                context=self._neighbors(entry),
            ),
        )
        return {
            "reasons": [
                (reason.text, reason.weight, reason.measured)
                for reason in in_order(found.verdict.reasons)[:MOST_REASONS]
            ],
            "nearest": await self._nearest(entry, found),
            "now": self._now_called(entry, found.verdict),
        }

    async def playable(self, entry: Entry) -> tuple[Path, str]:
        """Return a file that a browser can play, and its media type: the sound itself, or a WAV file made from it."""
        path = entry.location
        if kind := MEDIA_TYPES.get(path.suffix.lower()):
            return path, kind
        return await self.wav(entry), "audio/wav"

    async def wav(self, entry: Entry) -> Path:
        """Return the sound as a WAV file, which every player can play."""
        cached = self._cache / f"{entry.content_hash}.wav"
        if not cached.exists():
            app_paths.write_atomically(cached, (await self._ask(RenderWav(str(entry.location)), Wav)).wav)
            self._limit_cache()
        return cached

    async def features(self, entry: Entry) -> str:
        """Return the feature vector of the sound: float32 values in base64."""
        return (await self._analyze(entry, Analyze(str(entry.location), with_features=True))).features

    async def map_layout(self, features: Sequence[str]) -> list[tuple[float, float, tuple[float, ...]]]:
        """Return for each feature vector x and y on the map, from 0 to 1, and its components in more dimensions."""
        layout = await self._ask(LayOutMap(tuple(features)), MapLayout)
        return [
            (x, y, components) for (x, y), components in zip(layout.places, layout.components, strict=True)
        ]

    async def _analyze(self, entry: Entry, wanted: Analyze) -> Analyzed:
        """Return the analysis of a sound; its file is not opened if the cache holds what is needed."""
        known = self._analysis_cache.of(entry.content_hash)
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
            self._analysis_cache.keep_answer(found, entry.stamp.size_bytes)
        return found

    async def _nearest(self, entry: Entry, found: Analyzed) -> list[dict[str, str]]:
        """Return the sounds of the user's that are most similar to this one, and can be played."""
        record = found.record or self._analysis_cache.of(entry.content_hash)
        if self._similar is None or record is None:
            return []
        request = self._similar.request(record, entry.content_hash, model_store.in_force().file)
        keys = (await self._ask(request, FoundSimilar)).keys if request.among else ()
        return [one.as_json() | {"sound": home_short(one.path)} for one in self._similar.playable(keys)]

    async def _ask(self, request: Request, kind: type[A]) -> A:
        return expect(await asyncio.wrap_future(self._workers.submit(answer, request)), kind)

    def _limit_cache(self) -> None:
        """Delete the oldest WAV files until the others fit into the cache."""
        made = sorted(self._cache.glob("*.wav"), key=lambda path: path.stat().st_mtime, reverse=True)
        size = 0
        for path in made:
            size += path.stat().st_size
            if size > MAX_CACHED:
                path.unlink(missing_ok=True)


def in_order(reasons: Sequence[Reason]) -> list[Reason]:
    """Return the reasons as they are shown: that of the name, those of the neighbors, then the others, the strongest first."""

    def rank(reason: Reason) -> tuple[int, float]:
        kind = 0 if reason.feature == "name" else 1 if reason.feature.startswith("context: ") else 2
        return kind, -abs(reason.weight)

    return sorted(reasons, key=rank)
