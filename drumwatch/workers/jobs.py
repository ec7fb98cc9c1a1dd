"""How a worker is asked, in whatever process it is, and the ways in which no result comes back."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, TypeVar

from drumwatch.core.errors import AnalysisUnavailable, DrumwatchError, UnreadableAudio
from drumwatch.workers.protocol import Answer, ErrorKind, Failed, Request, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Sequence

A = TypeVar("A", bound=Answer)

WORKER, ALLOCATION = "drumwatch.analysis.worker", "drumwatch.analysis.malloc_settings"
OUR_FAULTS = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.INVALID_REQUEST})


def module_command(module: str) -> tuple[str, ...]:
    """Return the command that runs a module of drumwatch in a process of its own.

    With `-P` nothing is imported from the current folder: what lies in a folder of downloads is never run.
    """
    return (sys.executable, "-P", "-m", module)


class WorkerDied(DrumwatchError):  # noqa: N818
    """A file ended the worker, twice: it crashed, ran out of memory, took too long or made it answer nonsense."""


def answer(request: Request) -> Answer:
    """Answer one request in this very process. An error is an answer too."""
    worker = importlib.import_module(WORKER)  # by name: whoever only asks must not load it
    return decode_answer(worker.reply_to(encode_request(0, request), worker.answer), 0, request)


def answer_all(lines: Sequence[str]) -> list[str]:
    """The answers to several requests, as lines of the protocol: what an executor on another machine runs."""
    importlib.import_module(ALLOCATION).keep_freed_memory()
    worker = importlib.import_module(WORKER)
    return [worker.reply_to(line, worker.answer) for line in lines]


def expect(answer: Answer, kind: type[A]) -> A:
    """The answer, of the type that its request promises, or the error that the worker met, raised here: the file's fault, or ours."""
    if isinstance(answer, Failed):
        raise (AnalysisUnavailable if answer.kind in OUR_FAULTS else UnreadableAudio)(answer.message)
    if not isinstance(answer, kind):
        raise TypeError(f"{type(answer).__name__} is no answer to what was asked: {kind.__name__} is")
    return answer


def failed(exc: DrumwatchError) -> Failed:
    """A future that ended without an answer, as an answer like any other."""
    kind = ErrorKind.UNAVAILABLE if isinstance(exc, AnalysisUnavailable) else ErrorKind.WORKER_ENDED
    return Failed(str(exc), kind)
