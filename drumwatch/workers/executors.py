"""A Dask cluster as an `Executor`, with the same interface as the workers of this machine."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from concurrent import futures
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import printable
from drumwatch.workers.jobs import WorkerDied, answer, answer_all, log_cause
from drumwatch.workers.protocol import BrokenAnswer, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.protocol import Request

log = logging.getLogger(__name__)

T = TypeVar("T")
CONNECT_SECONDS = 10
BATCH = 16  # requests in one task: a tenth of a second of work
BATCHES_PER_THREAD = 3  # one is answered, two are waiting
BATCH_WAIT = 0.01  # seconds, for another request to join a batch
INVALID_ANSWER = "the cluster gave an invalid answer"


class _Submitted(NamedTuple):
    request: Request
    future: Future[Any]


def connect(address: str) -> DaskEngine:
    """Connect to the cluster at `dask://host:port`, which must have drumwatch installed and the sounds under the same paths."""
    url = urlsplit(address)
    if url.scheme != "dask" or not url.hostname or not url.port:
        raise UsageError(f"{address} is no engine: give the address of a Dask scheduler, dask://HOST:PORT.")
    try:
        import distributed  # noqa: PLC0415  an optional dependency
    except ImportError as exc:
        raise UsageError(f"{address} needs Dask: install drumwatch[dask].") from exc
    try:
        return DaskEngine(distributed.Client(f"tcp://{url.hostname}:{url.port}", timeout=CONNECT_SECONDS))
    except OSError as exc:
        raise UsageError(
            f"No Dask scheduler answers at {url.hostname}:{url.port}: start it, or check the address."
        ) from exc


class DaskEngine(Executor):
    """Sends requests to a cluster in batches, because each task takes it a millisecond; closes the client at the end.

    `submit(answer, request)` returns a future of the answer, as with `LocalWorkers`. If the cluster loses its workers over a
    batch, the requests are sent again one by one, so that one file does not affect the others.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401  Dask is an extra
        self._client = client
        self._waiting: queue.SimpleQueue[_Submitted | None] = queue.SimpleQueue()
        self.tasks = 0  # sent to the cluster so far
        self._open: set[Future[Any]] = set()
        self._sender = threading.Thread(target=self._send, name="to the cluster", daemon=True)
        self._sender.start()

    @property
    def max_in_flight(self) -> int:
        """The number of requests that keeps every worker of the cluster busy."""
        threads: int = sum(self._client.nthreads().values())
        return BATCHES_PER_THREAD * BATCH * max(1, threads)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        """Queue a request and return the future of its answer; `fn` is always `jobs.answer`."""
        if fn is not answer or len(args) != 1 or kwargs:
            raise TypeError("a cluster answers requests: submit(answer, request)")
        submitted = _Submitted(args[0], Future())
        self._open.add(submitted.future)
        submitted.future.add_done_callback(self._open.discard)
        self._waiting.put(submitted)
        return submitted.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """Stop sending, wait for the answers unless they are cancelled, and close the client."""
        self._waiting.put(None)
        self._sender.join(CONNECT_SECONDS)
        if wait and not cancel_futures:
            futures.wait(list(self._open))
        self._client.close()

    def _send(self) -> None:
        """Send full batches at once, and others when no request has followed for a moment."""
        while batch := self._next_batch():
            self._ask(batch)

    def _next_batch(self) -> list[_Submitted]:
        """Return the next batch; empty when the engine is shut down."""
        batch: list[_Submitted] = []
        with contextlib.suppress(queue.Empty):
            while len(batch) < BATCH:
                submitted = self._waiting.get(timeout=BATCH_WAIT if batch else None)
                if submitted is None:
                    self._waiting.put(None)
                    break
                batch.append(submitted)
        return batch

    def _ask(self, batch: list[_Submitted], behind: list[_Submitted] | None = None) -> None:
        """Send a batch as one task; the requests `behind` it are sent one by one afterwards."""
        self.tasks += 1
        lines = [encode_request(number, one.request) for number, one in enumerate(batch)]
        task = self._client.submit(answer_all, lines, pure=False)
        task.add_done_callback(lambda done: self._deliver(batch, done, behind or []))

    def _deliver(self, batch: list[_Submitted], done: Any, behind: list[_Submitted]) -> None:  # noqa: ANN401
        if done.status == "finished":
            _hand_out(batch, done.result())
        elif done.status == "cancelled":
            for one in (*batch, *behind):
                one.future.cancel()
            return
        elif len(batch) > 1:  # one by one, because Dask blames every task that waits at a worker that dies
            behind = batch
        else:
            batch[0].future.set_exception(
                WorkerDied(_death_message(batch[0].request, _lost(done.exception())))
            )
        if behind:
            self._ask(behind[:1], behind[1:])


def _hand_out(batch: list[_Submitted], lines: Any) -> None:  # noqa: ANN401  anything may come from a cluster
    """Set the result of each future; an invalid answer affects its own file only."""
    whole = isinstance(lines, list) and len(lines) == len(batch)
    for number, one in enumerate(batch):
        line = lines[number] if whole else None
        try:
            found = decode_answer(line if isinstance(line, str) else "", number, one.request)
        except BrokenAnswer:
            one.future.set_exception(WorkerDied(_death_message(one.request, INVALID_ANSWER)))
        else:
            log_cause(one.request, found)
            one.future.set_result(found)


def _lost(why: BaseException) -> str:
    log.warning("The cluster gave no answer: %s", printable(f"{type(why).__name__}: {why}"))
    return "the cluster lost its workers over it"


def _death_message(request: Request, what: str) -> str:
    return f"{request.subject} could not be analyzed: {what}. Look at it, or sort it without --engine."
