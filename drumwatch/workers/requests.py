"""What is asked of a worker, what comes back, and the ways in which nothing does."""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from drumwatch.errors import DrumwatchError, UnreadableAudio

if TYPE_CHECKING:
    from collections.abc import Sequence

Request = dict[str, Any]
Reply = dict[str, Any]

WORKER, ALLOCATION = "drumwatch.hearing.worker", "drumwatch.hearing.allocation"
OUR_FAULTS = frozenset({"ModelRefused", "ImportError", "ModuleNotFoundError", "CannotHear"})


class WorkerEnded(DrumwatchError):  # noqa: N818
    """A file ended the worker, twice: it crashed, ran out of memory or took too long."""


class CannotHear(DrumwatchError):  # noqa: N818
    """Nothing can be heard at all, and that is no file's fault: the model is missing or does not fit."""


def answer(request: Request) -> Reply:
    """Answer one request in this very process: what an executor on another machine runs. An error is a reply too."""
    worker = importlib.import_module(WORKER)  # by name: whoever only asks must not load it
    reply: Reply = worker.reply_to(json.dumps({"id": 0, **request}), worker.answer)
    return reply


def answer_all(requests: Sequence[Request]) -> list[Reply]:
    """The same for several, in their order: for an executor to whom every call is dear."""
    importlib.import_module(ALLOCATION).keep_what_is_freed()
    return [answer(request) for request in requests]


def refuse_errors(reply: Reply) -> Reply:
    """The reply, or the error that the worker met, raised here: the file's own fault, or a fault in our house."""
    if "error" in reply:
        raise (CannotHear if reply.get("kind") in OUR_FAULTS else UnreadableAudio)(reply["error"])
    return reply
