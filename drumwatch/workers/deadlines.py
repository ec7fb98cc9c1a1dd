"""Decide when a worker has to be killed: it takes too long for its job, or too much memory. Time and use are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.workers.resource_use import Use

HELD_UP = 10  # times as long may a job take that gets little of the processor
PROGRESS = 0.001  # seconds of processor time between two looks; less is no progress
MOST_IDLE = 5  # looks without progress, one after the other, of a job that waits for the processor only


@dataclass(slots=True)
class JobWatch:
    """One job of a worker, as it is looked at again and again.

    `begun` and `deadline` are its times by the clock; `cpu_begun` and `cpu_before` the processor time that the worker had used at the
    first look at the job and at the last one; `idle` the number of looks without progress up to now.
    """

    begun: float
    cpu_begun: float
    cpu_before: float
    idle: int = 0

    def is_overdue(self, now: float, deadline: float, use: Use) -> bool:
        """Return whether the job has had its time.

        Behind a program that takes the processor, the time is that of the processor, as long as the job goes on at all.
        """
        goes_on = use.cpu_seconds - self.cpu_before >= PROGRESS
        self.idle = 0 if goes_on else self.idle + 1
        self.cpu_before = use.cpu_seconds
        if now <= deadline:
            return False
        allowed = deadline - self.begun
        has_had_its_time = use.cpu_seconds - self.cpu_begun >= allowed
        return has_had_its_time or self.idle >= MOST_IDLE or now > self.begun + HELD_UP * allowed
