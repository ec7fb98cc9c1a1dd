"""Limits how much of the processors drumwatch uses: what the daemon itself uses, the workers do without."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.session import Session

MIN_CORES = 0.02  # analysis is slow then, but does not stop


class WorkerLimits(NamedTuple):
    """How many workers may run, and the share of the time that each may work."""

    workers: int
    share: float


def worker_limits(config: Config, *, cores: int, own_use: float = 0.0, slow: bool = False) -> WorkerLimits:
    """Return the limits that keep to the settings on `cores` cores, of which the daemon uses `own_use`.

    `slow`: one worker is enough.
    """
    most = 1 if slow else config.workers or max(1, cores - 1)
    if config.max_share >= 1.0:
        return WorkerLimits(most, 1.0)
    allowed = max(MIN_CORES, config.max_share * cores - own_use)
    workers = min(most, math.ceil(allowed))
    return WorkerLimits(workers, min(1.0, allowed / workers))


class CpuShare:
    """Measures what the daemon uses, and gives the workers the rest of the share."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._used, self._measured = time.process_time(), time.monotonic()

    def update(self, now: float, *, slow: bool) -> None:
        """Adjust the workers' limits; call it now and then during work, and when the settings have changed."""
        workers = self._session.workers
        workers.limit, workers.share = worker_limits(
            self._session.config, cores=app_paths.cores(), own_use=self._own_use(now), slow=slow
        )
        self._session.note_workers.share = workers.share

    def _own_use(self, now: float) -> float:
        """How many cores this process has used since the last call."""
        used, seconds = time.process_time(), now - self._measured
        own = (used - self._used) / seconds if seconds > 0 else 0.0
        self._used, self._measured = used, now
        return own
