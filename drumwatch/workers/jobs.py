"""Answer requests in this process, and turn failed answers into errors."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING, TypeVar

from drumwatch.core.errors import AnalysisUnavailable, DrumwatchError, UnreadableAudio
from drumwatch.core.formatting import printable
from drumwatch.workers.protocol import Answer, ErrorKind, Failed, Request, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

A = TypeVar("A", bound=Answer)

WORKER, ALLOCATION = "drumwatch.analysis.worker", "drumwatch.analysis.malloc_settings"
OUR_FAULTS = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.INVALID_REQUEST})


def module_command(module: str) -> tuple[str, ...]:
    """Return the command that runs a module of drumwatch in a process of its own.

    With `-P` nothing is imported from the current folder: what lies in a folder of downloads is never run.
    """
    return (sys.executable, "-P", "-m", module)


class WorkerDied(DrumwatchError):  # noqa: N818
    """A file ended the worker twice: by a crash, too much memory or time, or an invalid answer."""


def answer(request: Request) -> Answer:
    """Answer one request in this process. An error is an answer too."""
    worker = importlib.import_module(WORKER)  # by name, because the main process must not load it
    return decode_answer(worker.reply_to(encode_request(0, request), worker.answer), 0, request)


def answer_all(lines: Sequence[str]) -> list[str]:
    """Answer several requests, as lines of the protocol; this is what an executor on another machine runs."""
    importlib.import_module(ALLOCATION).keep_freed_memory()
    worker = importlib.import_module(WORKER)
    return [worker.reply_to(line, worker.answer) for line in lines]


def expect(answer: Answer, kind: type[A]) -> A:
    """Return the answer, which has the type that its request promises.

    Raises UnreadableAudio if the file is to blame for a failed answer, and AnalysisUnavailable if drumwatch is.
    """
    if isinstance(answer, Failed):
        raise (AnalysisUnavailable if answer.kind in OUR_FAULTS else UnreadableAudio)(answer.message)
    if not isinstance(answer, kind):
        raise TypeError(f"{type(answer).__name__} is no answer to what was asked: {kind.__name__} is")
    return answer


def log_cause(request: Request, answer: Answer) -> None:
    """Log the exception behind a failed answer, which the user does not see."""
    if isinstance(answer, Failed) and answer.cause:
        log.info("%s: %s", printable(request.subject), printable(answer.cause))


def failed(exc: DrumwatchError) -> Failed:
    """Return the answer that stands for the error of a future."""
    kind = ErrorKind.UNAVAILABLE if isinstance(exc, AnalysisUnavailable) else ErrorKind.WORKER_ENDED
    return Failed(str(exc), kind)
