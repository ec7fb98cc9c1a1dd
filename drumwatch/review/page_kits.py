"""Kits from the review page: made around the chosen sounds, and shown in the file manager."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.journal import Filter
from drumwatch.kits import kit_run
from drumwatch.kits.devices import DEVICES
from drumwatch.kits.kit_job import MOST_SIZE, KitJob, KitWish, new_seed
from drumwatch.review.file_manager import show_in_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache


class PageKits:
    """Makes kits, and shows their folders."""

    def __init__(self, config: Config, journal: Journal, cache: AnalysisCache, workers: Executor) -> None:
        self._config = config
        self._journal = journal
        self._cache = cache
        self._workers = workers

    def devices(self) -> list[dict[str, str]]:
        """Return the devices that a kit can be for, a plain folder first."""
        found = sorted(DEVICES.values(), key=lambda device: device.converts)
        return [{"name": device.name, "title": device.title} for device in found]

    async def make(self, name: str, ids: Sequence[int], size: int, device: str) -> dict[str, Any]:
        """Make a kit of these sounds and of others that go with them; return where it is, in a sentence.

        Raises UsageError if it cannot be made.
        """
        if device not in DEVICES or not 1 <= size <= MOST_SIZE:
            raise UsageError(f"A kit is for one of {', '.join(DEVICES)}, and has 1 to {MOST_SIZE} sounds.")
        wish = KitWish(name, new_seed(), size, DEVICES[device], ids=tuple(ids))
        job = KitJob(wish, self._config, self._journal, self._cache)
        await kit_run.choose(job, self._workers)
        made = await kit_run.make(job, self._workers)
        return {
            "batch": made.batch,
            "path": printable(made.folder),
            "sentence": f"{count_of(len(made.entries), 'sound')} in {home_short(made.folder)}",
            "notes": [*map(printable, made.problems), *job.notes],
        }

    async def show(self, batch: int) -> None:
        """Show the first sound of a kit in its folder, in the file manager; raises a DrumwatchError if that cannot be done."""
        made = self._journal.entries.find(Filter(batch=batch, states=("done",)))
        file = next((one.destination for one in made if one.is_kit and one.destination), None)
        if file is None:
            raise UsageError("The kit is not there any more.")
        await asyncio.to_thread(show_in_folder, file)
