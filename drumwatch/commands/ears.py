"""Who hears for `sort`: the workers, or a cluster's, and what they have heard before."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.filing.sounds import content_hash
from drumwatch.workers import answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor, Future

    from drumwatch.config import Watch
    from drumwatch.pipeline import Pipeline
    from drumwatch.recall import Recall
    from drumwatch.records import Arrival, Entry
    from drumwatch.workers import Reply, Request


class Ears:
    """Asks for verdicts on sounds that are to be filed; `features`: and for what a map of them needs."""

    def __init__(
        self, engine: Executor, recall: Recall, pipeline: Pipeline, *, features: bool = False
    ) -> None:
        self._engine = engine
        self._recall = recall
        self._pipeline = pipeline
        self._features = features

    def hear(self, arrival: Arrival, watch: Watch) -> Future[Reply]:
        """What is known of its content goes along: then the worker judges by that, and does not open the file."""
        more = {"features": True} if self._features else {}
        request = self._pipeline.request(arrival, watch)
        return self._engine.submit(answer, {**request, **more, **self._known(arrival)})

    def _known(self, arrival: Arrival) -> Request:
        if self._recall.may_know(arrival.fingerprint.size_bytes):
            with contextlib.suppress(OSError):  # it has just gone: the worker will say so
                summed = content_hash(arrival.path)
                if found := self._recall.of(summed):
                    return {"known": {"hash": summed, **found}}
        return {}

    def keep(self, arrival: Arrival, reply: Reply) -> None:
        """What was heard for the first time need not be heard again."""
        self._recall.keep_reply(reply, arrival.fingerprint.size_bytes)

    def keep_tagged(self, entries: Iterable[Entry]) -> None:
        """A tag makes other bytes of a sound that is the same, and known."""
        for entry in entries:
            if (
                entry.action == "tag"
                and entry.state == "done"
                and (found := self._recall.of(entry.content_hash))
            ):
                with contextlib.suppress(OSError):
                    self._recall.keep(content_hash(entry.source), entry.source.stat().st_size, found)
