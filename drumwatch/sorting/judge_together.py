"""Judges the sounds of a pack together in `sort`: all are analyzed first, then each is judged with the others as neighbors."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import msgspec

from drumwatch.sorting.walk import in_input_order
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from drumwatch.pipeline import KnownNeighbors
    from drumwatch.sorting.analyzer import Analyzer, Result
    from drumwatch.sorting.planner import Item


class PackJudge:
    """Judges what was analyzed, pack by pack; single files of one folder are a pack, too."""

    def __init__(self, analyzer: Analyzer, neighbors: KnownNeighbors, max_open: int) -> None:
        self._analyzer = analyzer
        self._neighbors = neighbors
        self._max_open = max_open
        self.packs: set[str] = set()  # in which sounds were judged with their neighbors

    def judged(
        self,
        analyzed: Iterable[tuple[Item, Result]],
        stopping: Sequence[object] = (),
        heard: Callable[[], object] = lambda: None,
    ) -> Iterator[tuple[Item, Result]]:
        """Give every item with its result in the given order, after all of its pack were analyzed; `heard` is called for each at once.

        What was analyzed when the run is stopped is in the cache, and is judged by the next run.
        """
        pack: list[tuple[Item, Result]] = []
        for item, result in analyzed:
            if stopping:
                return
            heard()
            if isinstance(result, Analyzed):
                self._analyzer.keep(item.arrival, result)
            if pack and not _are_together(pack[-1][0], item):
                yield from self._judged(pack)
                pack = []
            pack.append((item, result))
        yield from self._judged(pack)

    def _judged(self, pack: Sequence[tuple[Item, Result]]) -> Iterator[tuple[Item, Result]]:
        for item, result in pack:
            if isinstance(result, Analyzed) and item.watch.context:
                self._neighbors.put(item.place, result)
                self.packs.add(item.place.pack)
        requested = ((one, self._with_neighbors(*one)) for one in pack)
        for (item, result), again in in_input_order(requested, self._max_open):
            if isinstance(result, Analyzed) and isinstance(again, Analyzed):
                # What else was asked for is in the first answer
                yield item, msgspec.structs.replace(result, verdict=again.verdict)
            else:
                yield item, result

    def _with_neighbors(self, item: Item, result: Result) -> Future[Result]:
        if isinstance(result, Analyzed) and item.watch.context:
            evidence = self._neighbors.evidence(item.place, result.sound_digest)
            if evidence:
                return self._analyzer.judge(item.arrival, item.watch, result, evidence)
        future: Future[Result] = Future()
        future.set_result(None)
        return future


def _are_together(one: Item, other: Item) -> bool:
    return one.watch.context and one.place.pack == other.place.pack
