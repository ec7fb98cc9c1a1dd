"""The share of the processors that drumwatch may use: what the daemon itself uses, the workers do without."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.daemon.context import Context

LEAST = 0.02  # of a processor: hearing is slow then, but does not stand still


class WorkerLimits(NamedTuple):
    """So many workers, each of them at work for this share of the time."""

    number: int
    share: float


def worker_limits(config: Config, *, cores: int, own_use: float = 0.0, slow: bool = False) -> WorkerLimits:
    """As many as the settings allow on a machine of so many cores, of which `own_use` are taken already."""
    most = 1 if slow else config.workers or max(1, cores - 1)
    if config.max_share >= 1.0:
        return WorkerLimits(most, 1.0)
    allowed = max(LEAST, config.max_share * cores - own_use)
    number = min(most, math.ceil(allowed))
    return WorkerLimits(number, min(1.0, allowed / number))


class CpuShare:
    """Measures what the daemon uses, and tells the workers how much is left for them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._used, self._measured = time.process_time(), time.monotonic()

    def settle(self, now: float, *, slow: bool) -> None:
        """To be asked now and then during work, and when the settings have changed."""
        workers = self._context.workers
        workers.limit, workers.share = worker_limits(
            self._context.config, cores=app_paths.cores(), own_use=self._own_use(now), slow=slow
        )

    def _own_use(self, now: float) -> float:
        """Processors that this process has used since it was last asked."""
        used, seconds = time.process_time(), now - self._measured
        own = (used - self._used) / seconds if seconds > 0 else 0.0
        self._used, self._measured = used, now
        return own
