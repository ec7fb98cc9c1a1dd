"""Decide when a worker has to be killed: it takes too long for its job, or too much memory. Time and use are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.workers.resource_use import Use

HELD_UP = 10  # times as long may a job take that gets little of the processor
PROGRESS = 0.001  # seconds of processor time between two looks; less is no progress


@dataclass(slots=True)
class JobWatch:
    """One job of a worker, as it is looked at again and again.

    `begun` and `deadline` are its times by the clock; `cpu_begun` and `cpu_before` the processor time that the worker had used at the
    first look at the job and at the last one.
    """

    begun: float
    cpu_begun: float
    cpu_before: float

    def is_overdue(self, now: float, deadline: float, use: Use) -> bool:
        """Return whether the job has had its time.

        Behind a program that takes the processor, the time is that of the processor, as long as the job goes on at all.
        """
        progress = use.cpu_seconds - self.cpu_before
        self.cpu_before = use.cpu_seconds
        if now <= deadline:
            return False
        allowed = deadline - self.begun
        has_had_its_time = use.cpu_seconds - self.cpu_begun >= allowed
        return has_had_its_time or progress < PROGRESS or now > self.begun + HELD_UP * allowed
