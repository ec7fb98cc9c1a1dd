"""Who hears: the workers of this machine, or a cluster's, behind one `Executor`."""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent import futures
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from drumwatch.core.errors import UsageError
from drumwatch.workers.jobs import WorkerDied, answer, answer_all
from drumwatch.workers.protocol import BrokenAnswer, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.protocol import Request

T = TypeVar("T")
CONNECT_SECONDS = 10
BATCH = 16  # requests in one task: a tenth of a second of work
BATCHES_A_THREAD = 3  # one under way, two on their way
A_MOMENT = 0.01  # seconds
NONSENSE = "the cluster gave an answer that makes no sense"


class _Submitted(NamedTuple):
    request: Request
    future: Future[Any]


def connect(address: str) -> DaskEngine:
    """The cluster at `dask://host:port`. It must see the sounds under the same paths, and have drumwatch installed."""
    url = urlsplit(address)
    if url.scheme != "dask" or not url.hostname or not url.port:
        raise UsageError(f"{address} is no engine: say dask://HOST:PORT, the address of a Dask scheduler.")
    try:
        import distributed  # noqa: PLC0415  an extra, and only for those who ask for it
    except ImportError as exc:
        raise UsageError(f"{address} needs Dask: install drumwatch[dask].") from exc
    try:
        return DaskEngine(distributed.Client(f"tcp://{url.hostname}:{url.port}", timeout=CONNECT_SECONDS))
    except OSError as exc:
        raise UsageError(
            f"No Dask scheduler answers at {url.hostname}:{url.port} ({exc}): is it running?"
        ) from exc


class DaskEngine(Executor):
    """A cluster that is asked in batches, as a task costs it a millisecond; it takes the connection with it when it ends.

    `submit(answer, request)` gives a future of the reply, as `LocalWorkers` do. A batch over which the cluster loses its
    workers is asked again one by one, so that one file takes no other with it.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401  Dask is an extra
        self._client = client
        self._waiting: queue.SimpleQueue[_Submitted | None] = queue.SimpleQueue()
        self.tasks = 0  # given to the cluster so far
        self._open: set[Future[Any]] = set()
        self._sender = threading.Thread(target=self._send, name="to the cluster", daemon=True)
        self._sender.start()

    @property
    def max_in_flight(self) -> int:
        """How many requests keep every worker of the cluster busy."""
        threads: int = sum(self._client.nthreads().values())
        return BATCHES_A_THREAD * BATCH * max(1, threads)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        if fn is not answer or len(args) != 1 or kwargs:
            raise TypeError("a cluster answers requests: submit(answer, request)")
        asked = _Submitted(args[0], Future())
        self._open.add(asked.future)
        asked.future.add_done_callback(self._open.discard)
        self._waiting.put(asked)
        return asked.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """Let go of what is still to be heard, and of the cluster."""
        self._waiting.put(None)
        self._sender.join()
        if wait and not cancel_futures:
            futures.wait(list(self._open))
        self._client.close()

    def _send(self) -> None:
        """Batches as they come: full ones at once, others when nothing has followed for a moment."""
        while batch := self._next_batch():
            self._ask(batch)

    def _next_batch(self) -> list[_Submitted]:
        """None are left when the engine ends."""
        batch: list[_Submitted] = []
        with contextlib.suppress(queue.Empty):
            while len(batch) < BATCH:
                asked = self._waiting.get(timeout=A_MOMENT if batch else None)
                if asked is None:
                    self._waiting.put(None)
                    break
                batch.append(asked)
        return batch

    def _ask(self, batch: list[_Submitted], behind: list[_Submitted] | None = None) -> None:
        """One task; what is `behind` is asked one by one when it has been answered."""
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
        elif len(batch) > 1:  # not all at once: Dask blames whatever waits at a worker that dies
            behind = batch
        else:
            batch[0].future.set_exception(
                WorkerDied(_death_message(batch[0].request, _lost(done.exception())))
            )
        if behind:
            self._ask(behind[:1], behind[1:])


def _hand_out(batch: list[_Submitted], lines: Any) -> None:  # noqa: ANN401  whatever the cluster has answered
    """Each answer to whoever has asked; one that makes no sense costs its own file only."""
    whole = isinstance(lines, list) and len(lines) == len(batch)
    for number, one in enumerate(batch):
        line = lines[number] if whole else None
        try:
            one.future.set_result(decode_answer(line if isinstance(line, str) else "", number, one.request))
        except BrokenAnswer:
            one.future.set_exception(WorkerDied(_death_message(one.request, NONSENSE)))


def _lost(why: BaseException) -> str:
    return f"the cluster lost its workers over it ({type(why).__name__})"


def _death_message(request: Request, what: str) -> str:
    return f"{request.subject} could not be heard: {what}. Look at it, or sort it without --engine."
