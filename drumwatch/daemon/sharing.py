"""The share of the processors that drumwatch may use: what the daemon itself uses, the workers do without."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch import places

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.daemon.crew import Crew

LEAST = 0.02  # of a processor: hearing is slow then, but does not stand still


class Hands(NamedTuple):
    """So many workers, each of them at work for this share of the time."""

    number: int
    share: float


def hands(config: Config, *, cores: int, own_use: float = 0.0, slow: bool = False) -> Hands:
    """As many as the settings allow on a machine of so many cores, of which `own_use` are taken already."""
    most = 1 if slow else config.workers or max(1, cores - 1)
    if config.max_share >= 1.0:
        return Hands(most, 1.0)
    allowed = max(LEAST, config.max_share * cores - own_use)
    number = min(most, math.ceil(allowed))
    return Hands(number, min(1.0, allowed / number))


class Sharing:
    """Measures what the daemon uses, and tells the workers how much is left for them."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._used, self._measured = time.process_time(), time.monotonic()

    def settle(self, now: float, *, slow: bool) -> None:
        """To be asked now and then during work, and when the settings have changed."""
        workers = self._crew.workers
        workers.limit, workers.share = hands(
            self._crew.config, cores=places.cores(), own_use=self._own_use(now), slow=slow
        )

    def _own_use(self, now: float) -> float:
        """Processors that this process has used since it was last asked."""
        used, seconds = time.process_time(), now - self._measured
        own = (used - self._used) / seconds if seconds > 0 else 0.0
        self._used, self._measured = used, now
        return own
