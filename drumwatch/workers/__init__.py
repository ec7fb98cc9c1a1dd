"""Starts, asks, limits and ends the worker processes that hear. Knows them only by module name.

An `Executor`, so that hearing can also be lent to other machines: whoever gets `answer` and a request gives a reply.
"""

from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.requests import (
    CannotHear,
    Reply,
    Request,
    WorkerEnded,
    answer,
    answer_all,
    refuse_errors,
)

__all__ = [
    "CannotHear",
    "LocalWorkers",
    "Reply",
    "Request",
    "WorkerEnded",
    "answer",
    "answer_all",
    "refuse_errors",
]
