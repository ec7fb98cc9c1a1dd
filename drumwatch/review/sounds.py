"""What the review needs of a sound itself, asked of the workers and kept: pictures, reasons, numbers, something to play."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

from drumwatch import models, places
from drumwatch.learning.teach import where
from drumwatch.workers import answer, refuse_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.recall import Recall
    from drumwatch.records import Entry

PLAYS = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
}
KEPT = 200_000_000  # bytes of sounds that had to be turned into something a browser plays


class Sounds:
    """Asks workers, and keeps what they said by the sound's content."""

    def __init__(self, workers: Executor, recall: Recall, cache: Path) -> None:
        self._workers = workers
        self._recall = recall
        self._cache = cache / "review"
        self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def picture(self, entry: Entry) -> bytes:
        """Waveform and spectrogram in small, as JSON."""
        kept = self._cache / f"{entry.content_hash}.json"
        if not kept.exists():
            places.write_whole(kept, json.dumps(await self._ask(entry, op="thumbnail")).encode())
        return kept.read_bytes()

    async def explained(self, entry: Entry) -> dict[str, Any]:
        """The verdict's reasons in words, what the name did before what was heard, and the known sounds that are most like it."""
        # By the name that it came with: a folder of the library would say what was decided
        by_name = bool(entry.verdict and entry.verdict.name_says)
        reply = await self._hear(entry, reasons=True, use_names=by_name, named=str(entry.source))
        ranked = sorted(
            reply["verdict"]["reasons"], key=lambda one: (one["feature"] != "name", -abs(one["weight"]))
        )
        reasons = [(reason["text"], reason["weight"]) for reason in ranked[:6]]
        return {"reasons": reasons, "nearest": reply["nearest"]}

    async def playable(self, entry: Entry) -> tuple[Path, str]:
        """A file that a browser plays, and its media type: the sound itself, or a WAV made of it."""
        path = where(entry)
        if kind := PLAYS.get(path.suffix.lower()):
            return path, kind
        return await self.wav(entry), "audio/wav"

    async def wav(self, entry: Entry) -> Path:
        """The sound as a plain WAV, which every player plays."""
        kept = self._cache / f"{entry.content_hash}.wav"
        if not kept.exists():
            reply = await self._ask(entry, op="wav")
            places.write_whole(kept, base64.b64decode(reply["wav"]))
            self._make_room()
        return kept

    async def numbers(self, entry: Entry) -> str:
        """What was measured of the sound, as base64 of float32."""
        features: str = (await self._hear(entry, features=True))["features"]
        return features

    async def lay_out(self, features: Sequence[str]) -> list[tuple[float, float, tuple[float, ...]]]:
        """For each of these measurements a place on the map, x and y from 0 to 1, and where it lies in more dimensions."""
        reply = await self._reply({"op": "map", "features": list(features)})
        return [(x, y, tuple(sense)) for (x, y), sense in zip(reply["places"], reply["senses"], strict=True)]

    async def _hear(self, entry: Entry, **wanted: bool | str) -> dict[str, Any]:
        """A sound that was ever heard is not opened again: what is known of it goes along."""
        found = self._recall.of(entry.content_hash)
        known = (
            {"known": {"hash": entry.content_hash, **found}}
            if found
            else {"keep": True, "sound": True, "hash": True}
        )
        reply = await self._ask(entry, op="hear", **wanted, **known, **models.in_force().request)
        if (heard := reply.get("heard")) and entry.fingerprint and reply["hash"] == entry.content_hash:
            self._recall.keep(entry.content_hash, entry.fingerprint.size_bytes, heard)
        return reply

    async def _ask(self, entry: Entry, **request: Any) -> dict[str, Any]:  # noqa: ANN401  a request is JSON
        return await self._reply({"path": str(where(entry)), **request})

    async def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        return refuse_errors(await asyncio.wrap_future(self._workers.submit(answer, request)))

    def _make_room(self) -> None:
        """The oldest go first."""
        made = sorted(self._cache.glob("*.wav"), key=lambda path: path.stat().st_mtime, reverse=True)
        size = 0
        for path in made:
            size += path.stat().st_size
            if size > KEPT:
                path.unlink(missing_ok=True)
