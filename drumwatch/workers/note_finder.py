"""Adds root notes to the answers of an executor, by a worker process of its own that holds librosa.

The processes that analyze sounds stay as small as they are, and none is started for notes before one is asked for.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.root_notes import BY_SOUND, is_unknown
from drumwatch.workers import compiled_code
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import (
    AnalysisRequest,
    Analyzed,
    CodeCompiled,
    CompileCode,
    Failed,
    FindNote,
    NoteFound,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.pool import LocalWorkers

log = logging.getLogger(__name__)

T = TypeVar("T")

COMPILING_SECONDS = 900.0  # half a minute of work, on a machine that is busy with something else
NOTE_SECONDS = 60.0  # for one sound, with the start of the process that reads the compiled code
PROBLEM = (
    "Root notes cannot be found, because {}: sounds are filed without them. `drumwatch doctor` says more."
)
NOT_INSTALLED = "librosa is not installed"
NOT_COMPILED = "librosa could not be compiled"


class NoteFinder(Executor):
    """An executor like the one that it wraps; where a request has `with_note`, the verdict on a sound that can ring has its root note.

    A note that cannot be found is left out, and the reason is logged once: no sound waits for that, and none fails by it.
    """

    def __init__(self, analyzers: Executor, workers: LocalWorkers) -> None:
        self._analyzers = analyzers
        self._workers = workers  # for notes only
        self._lock = threading.Lock()
        self._compiled: Future[Any] | None = None
        self.problem = ""  # a sentence that says why notes cannot be found, once that is known

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        """Queue a request and return the future of its answer, as the wrapped executor does."""
        future = self._analyzers.submit(fn, *args, **kwargs)
        request = args[0] if args else None
        if not isinstance(request, AnalysisRequest) or not request.with_note:
            return future
        whole: Future[Any] = Future()
        future.add_done_callback(lambda done: self._complete(request, done, whole))
        return whole

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """Do nothing: whoever has made the two executors ends them."""

    @property
    def is_compiling(self) -> bool:
        """Whether the code that finds notes is being compiled, or read and tried."""
        return self._compiled is not None and not self._compiled.done()

    def prepare(self) -> None:
        """Begin to compile what finds notes, in the background, unless that was done before."""
        if compiled_code.is_installed() and not compiled_code.is_compiled():
            self._compile()

    def find(self, path: str) -> Future[str | None]:
        """Return the future of the root note of a file: empty if it has none, None if notes cannot be found."""
        found: Future[str | None] = Future()
        self._find(path, lambda note: _set(found, note), found.cancel)
        return found

    def _complete(self, request: AnalysisRequest, done: Future[Any], whole: Future[Any]) -> None:
        """Pass on an answer, after its note was found if it is to have one."""
        try:
            found = done.result()
        except CancelledError:
            whole.cancel()
            return
        except DrumwatchError as exc:
            with contextlib.suppress(InvalidStateError):
                whole.set_exception(exc)
            return
        if isinstance(found, Analyzed) and is_unknown(found.verdict):
            self._find(
                request.path,
                lambda note: _set(whole, _with_note(found, note, request)),
                whole.cancel,
            )
        else:
            _set(whole, found)

    def _find(self, path: str, give: Callable[[str | None], object], cancel: Callable[[], object]) -> None:
        """Ask for a note once everything is compiled, and `give` it, or None if it cannot be found; `cancel` if the program ends."""

        def ask(compiled: Future[Any]) -> None:
            if compiled.cancelled():
                cancel()
            elif self._is_possible(compiled):
                try:
                    asked = self._workers.submit(answer, FindNote(path))
                except RuntimeError:  # the workers have been closed
                    cancel()
                else:
                    asked.add_done_callback(receive)
            else:
                give(None)

        def receive(asked: Future[Any]) -> None:
            if asked.cancelled():
                cancel()
            else:
                give(_note_in(asked))

        try:
            compiled = self._compile()
        except RuntimeError:
            cancel()
        else:
            compiled.add_done_callback(ask)

    def _compile(self) -> Future[Any]:
        """Return the future of the compilation, which is asked for once; where it was done before, it is only read and tried."""
        with self._lock:
            if self._compiled is None:
                if compiled_code.is_installed() and not compiled_code.is_compiled():
                    log.info(
                        "Compiling librosa, which finds root notes: that happens once, and takes half a minute."
                    )
                self._workers.file_seconds = COMPILING_SECONDS
                self._compiled = self._workers.submit(answer, CompileCode())
            return self._compiled

    def _is_possible(self, compiled: Future[Any]) -> bool:
        """Return whether notes can be found; the first time that they cannot, the reason is logged."""
        self._workers.file_seconds = NOTE_SECONDS
        try:
            expect(compiled.result(), CodeCompiled)
        except DrumwatchError as exc:
            log.debug("%s", exc)
            self._report(NOT_COMPILED if compiled_code.is_installed() else NOT_INSTALLED)
            return False
        return True

    def _report(self, why: str) -> None:
        with self._lock:
            is_news, self.problem = not self.problem, PROBLEM.format(why)
        if is_news:
            log.warning("%s", self.problem)


def _note_in(asked: Future[Any]) -> str | None:
    try:
        found = asked.result()
    except DrumwatchError:
        return None
    return found.note if isinstance(found, NoteFound) else _none_of(found)


def _none_of(failed: Failed) -> str | None:
    log.debug("A root note could not be found: %s", failed.message)
    return None


def _with_note(found: Analyzed, note: str | None, request: AnalysisRequest) -> Analyzed:
    """Return the answer with a note, also in the record for the cache."""
    if note is None:
        return found
    verdict = replace(found.verdict, note=note, note_from=BY_SOUND if note else "")
    record = found.record or (request.known.record if request.known else None)
    return msgspec.structs.replace(
        found, verdict=verdict, record=record and msgspec.structs.replace(record, note=note)
    )


def _set(future: Future[Any], result: object) -> None:
    with contextlib.suppress(InvalidStateError):  # it was cancelled
        future.set_result(result)
