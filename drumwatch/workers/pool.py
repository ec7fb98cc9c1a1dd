"""The worker processes of this machine: as many as the queue deserves, each with its time for a file."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from drumwatch.system import app_paths
from drumwatch.workers.jobs import WORKER, answer
from drumwatch.workers.process import NEVER, Job, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

AHEAD = 8  # requests written to a worker before its first answer is read: saves a switch between processes per file
OVERDUE = 10.0  # seconds after a deadline by which the clock's keeper must have acted
WORTH_ANOTHER = 24  # waiting requests that pay for starting one more worker
REST_AT_ONCE = 0.5  # seconds: the share may change meanwhile


class LocalWorkers(Executor):
    """Worker processes of this machine: none at rest, up to `limit` when the queue deserves them.

    `submit(answer, request)` gives a future of the reply. A worker that is idle for `idle_seconds` ends; one that
    needs more than `file_seconds` for a file is killed, and the file is tried once more, alone.
    """

    def __init__(
        self,
        *,
        limit: int = 0,
        idle_seconds: float = 60.0,
        file_seconds: float = 30.0,
        command: Sequence[str] = (sys.executable, "-m", WORKER),
    ) -> None:
        self.limit = limit or max(1, app_paths.cores() - 1)
        self.share = 1.0  # of the time that each worker may be at work: after that it rests
        self.idle_seconds = idle_seconds
        self.file_seconds = file_seconds
        self.command = command
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._lines: set[WorkerProcess] = set()
        self._timekeeper: threading.Thread | None = None
        self._closed = threading.Event()
        self._may_begin = threading.Event()
        self._may_begin.set()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        if fn is not answer or len(args) != 1 or kwargs:
            raise TypeError("a worker answers requests: submit(answer, request)")
        if self._closed.is_set():
            raise RuntimeError("the workers have been closed")
        job = Job(args[0])
        self._jobs.put(job)
        self._start_as_queue_needs()
        return job.future

    @property
    def pids(self) -> list[int]:
        """The processes alive now."""
        return [line.process.pid for line in list(self._lines)]

    @property
    def queued(self) -> int:
        return self._jobs.qsize()

    def is_alive(self, now: float) -> bool:
        """Whoever waits is being served: somebody is at the queue, and nobody sits over a file for ever."""
        lines = list(self._lines)
        if not self._may_begin.is_set():
            return True
        served = not self._jobs.qsize() or any(line.is_alive() for line in lines)
        return served and all(now < line.deadline + OVERDUE for line in lines)

    def pause(self, *, at_once: bool = False) -> None:
        """Begin nothing of what waits; what a worker has in hand (AHEAD files at most) it answers first.

        `at_once`: it stands still in the middle of it, and its time with it (see `standstill`).
        """
        self._may_begin.clear()
        if at_once:
            self._signal_all(signal.SIGTSTP)

    def resume(self) -> None:
        """After `pause`: as if nothing had been."""
        now = time.monotonic()
        for line in list(self._lines):
            line.deadline = NEVER if line.deadline == NEVER else now + self.file_seconds
        self._signal_all(signal.SIGCONT)
        self._may_begin.set()
        for _ in range(self.limit):
            self._start_as_queue_needs()

    def _signal_all(self, number: signal.Signals) -> None:
        for line in list(self._lines):
            line.tell(number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """End the workers: after what is queued, or at once with `cancel_futures`."""
        if not cancel_futures:
            self._wait_until_answered()
        self._closed.set()
        self._may_begin.set()
        for line in list(self._lines):
            self._jobs.put(None)
            if cancel_futures:
                line.kill()
        for line in list(self._lines) if wait else ():
            line.join()
        self._cancel_the_rest()

    def _wait_until_answered(self) -> None:
        while self._jobs.qsize() or any(line.busy for line in list(self._lines)):
            time.sleep(0.01)

    def _cancel_the_rest(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                if job := self._jobs.get_nowait():
                    job.future.cancel()

    def _start_as_queue_needs(self) -> None:
        with self._lock:
            free = sum(not line.busy for line in self._lines)
            deserved = min(self.limit, 1 + self._jobs.qsize() // WORTH_ANOTHER)
            may_begin = self._may_begin.is_set() and not self._closed.is_set()
            if self._jobs.qsize() and not free and len(self._lines) < deserved and may_begin:
                line = WorkerProcess(self)
                self._lines.add(line)
                line.start()

    def watch_the_clock(self) -> None:
        """A line has asked for something: from now on its deadline counts."""
        with self._lock:
            if self._timekeeper is None:
                self._timekeeper = threading.Thread(target=self._keep_time, name="timekeeper", daemon=True)
                self._timekeeper.start()

    def _keep_time(self) -> None:
        """Kill what takes too long. One look a second, and only while somebody works: an idle worker wakes nobody."""
        while not self._closed.wait(1.0):
            now = time.monotonic()
            for line in list(self._lines) if self._may_begin.is_set() else ():
                if line.deadline < now:
                    line.kill()
            with self._lock:
                if all(line.deadline == NEVER for line in self._lines):
                    self._timekeeper = None
                    return

    # What a line asks of its pool

    def take(self, timeout: float) -> list[Job]:
        """The next jobs for one line: several when many wait, none when it is time to end."""
        if not self._may_begin.wait(timeout):
            return []
        try:
            first = self._jobs.get(timeout=timeout)
        except queue.Empty:
            return []
        jobs = [first]
        share = min(AHEAD, self._jobs.qsize() // max(1, self.limit))
        with contextlib.suppress(queue.Empty):
            while first is not None and len(jobs) < share:
                jobs.append(self._jobs.get_nowait())
        if None in jobs:
            return []
        return [job for job in jobs if job and not job.future.cancelled()]

    def throttle_after(self, seconds: float) -> None:
        """So long that the share is kept; the answers have been given by then, so that a single file never waits."""
        begun = time.monotonic()
        while (left := begun + seconds * (1.0 / self.share - 1.0) - time.monotonic()) > 0.0:
            if self._closed.wait(min(left, REST_AT_ONCE)):
                return

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Requests that were sent ahead to a worker that has ended."""
        for job in jobs:
            self._jobs.put(job)

    def ended(self, line: WorkerProcess) -> None:
        with self._lock:
            self._lines.discard(line)
        if not self._closed.is_set():
            self._start_as_queue_needs()
