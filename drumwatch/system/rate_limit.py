"""A rate limit for bulk work. Pure: time is an argument."""

from __future__ import annotations

BURST = 1.0  # seconds of the rate that pass without a wait, so that a single file never waits


class RateLimit:
    """Limits an amount per second on average; a rate of 0 is unlimited."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._used_until = 0.0

    def spend(self, amount: float, now: float) -> None:
        """Count an amount that was started; a large one is not refused, but makes the next one wait."""
        if self._per_second:
            self._used_until = max(self._used_until, now) + amount / self._per_second

    def wait(self, now: float) -> float:
        """Return the seconds until more may be started."""
        return max(0.0, self._used_until - BURST - now)
