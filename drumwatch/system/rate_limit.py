"""A bounded rate for bulk work. Pure: time is an argument."""

from __future__ import annotations

AT_ONCE = 1.0  # seconds' worth that pass without a wait: a single file never waits


class RateLimit:
    """So much per second on the average; a rate of 0 is no bound."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._paid_until = 0.0

    def spend(self, amount: float, now: float) -> None:
        """So much was begun. A large amount is not refused, but waited for afterwards."""
        if self._per_second:
            self._paid_until = max(self._paid_until, now) + amount / self._per_second

    def wait(self, now: float) -> float:
        """Seconds until more may be begun."""
        return max(0.0, self._paid_until - AT_ONCE - now)
