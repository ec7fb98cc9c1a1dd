"""The worker processes of this machine: started as the queue grows, and killed when a file takes too long."""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.os_reasons import reason
from drumwatch.system import app_paths
from drumwatch.workers import resource_use
from drumwatch.workers.deadlines import HELD_UP, JobWatch
from drumwatch.workers.jobs import WORKER, answer, module_command
from drumwatch.workers.process import NEVER, Job, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

T = TypeVar("T")

NO_PROCESS = "No sound can be analyzed, because the system starts no more processes. Close some programs, and it goes on."
AHEAD = 8  # requests written to a worker before its first answer is read; saves a process switch per file
DEADLINE_CHECK = 1.0  # seconds between two looks at the deadlines, as long as a worker is busy
MOST_MEMORY = (
    2 << 30
)  # bytes of a worker with its children, where no process can limit its own memory (macOS)
OVERDUE = 10.0  # seconds after a deadline by which the worker must have been killed
JOBS_PER_WORKER = 24  # waiting requests that are worth the start of one more worker
SHUTDOWN_SECONDS = 10.0  # for all workers together; one that hangs in the kernel is left behind
MAX_THROTTLE_STEP = 0.5  # seconds, after which the share is read again


class LocalWorkers(Executor):
    """An executor with worker processes of this machine: none while idle, up to `limit` for a long queue.

    `submit(answer, request)` returns a future of the answer. A worker that is idle for `idle_seconds` ends; one that
    needs more than `file_seconds` for a file is killed, and the file is tried once more, alone.

    With `most_memory`, a worker is killed too if it uses more bytes, and the time counts that it has had of the processor: for macOS,
    where no process can limit its memory, and the agent gets little of the processor while other programs are busy.
    """

    def __init__(
        self,
        *,
        limit: int = 0,
        idle_seconds: float = 60.0,
        file_seconds: float = 30.0,
        command: Sequence[str] = module_command(WORKER),
        most_memory: int = MOST_MEMORY if sys.platform == "darwin" else 0,
    ) -> None:
        self.limit = limit or max(1, app_paths.cores() - 1)
        self.share = 1.0  # of the time that each worker may be at work; it waits for the rest
        self.idle_seconds = idle_seconds
        self.file_seconds = file_seconds
        self.command = command
        self.most_memory = most_memory
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: set[WorkerProcess] = set()
        self._deadline_watcher: threading.Thread | None = None
        self._closed = threading.Event()
        self._may_begin = threading.Event()
        self._may_begin.set()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        """Queue a request and return the future of its answer; `fn` is always `jobs.answer`."""
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
        """The process ids of the workers."""
        return [worker.process.pid for worker in list(self._workers)]

    @property
    def is_closed(self) -> bool:
        """Whether no job is answered any more."""
        return self._closed.is_set()

    @property
    def queued(self) -> int:
        """The number of requests that no worker has yet."""
        return self._jobs.qsize()

    def is_alive(self, now: float) -> bool:
        """Return whether the queue is being served, and no worker is long past its deadline."""
        workers = list(self._workers)
        if not self._may_begin.is_set():
            return True
        served = not self._jobs.qsize() or any(worker.is_alive() for worker in workers)
        patience = OVERDUE + (HELD_UP * self.file_seconds if self.most_memory else 0.0)
        return served and all(now < worker.deadline + patience for worker in workers)

    def pause(self, *, at_once: bool = False) -> None:
        """Start no waiting job; each worker still answers the jobs that it has (AHEAD at most).

        With `at_once`, the workers are suspended in the middle of a job, and its deadline too (see `sandbox.suspend`).
        """
        self._may_begin.clear()
        if at_once:
            self._signal_all(signal.SIGTSTP)

    def resume(self) -> None:
        """Continue after `pause`, with a new deadline for each job."""
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.deadline != NEVER:
                worker.begin_job(now)
        self._signal_all(signal.SIGCONT)
        self._may_begin.set()
        for _ in range(self.limit):
            self._start_as_queue_needs()

    def _signal_all(self, number: signal.Signals) -> None:
        for worker in list(self._workers):
            worker.send_signal(number)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  Executor's signature
        """End the workers: after what is queued, or at once with `cancel_futures`."""
        if not cancel_futures:
            self._wait_until_answered()
        with self._lock:  # no other worker starts from now on
            self._closed.set()
            workers = list(self._workers)
        self._may_begin.set()
        for worker in workers:
            self._jobs.put(None)
            if cancel_futures:
                worker.kill()
        until = time.monotonic() + SHUTDOWN_SECONDS
        for worker in workers if wait else ():
            worker.join(max(0.0, until - time.monotonic()))
        self._cancel_the_rest()

    def _wait_until_answered(self) -> None:
        while self._jobs.qsize() or any(worker.busy for worker in list(self._workers)):
            time.sleep(0.01)

    def _cancel_the_rest(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                if job := self._jobs.get_nowait():
                    job.future.cancel()

    def _start_as_queue_needs(self) -> None:
        try:
            self._start_one_if_needed()
        except (OSError, RuntimeError) as exc:  # no process, descriptor or thread is to be had
            why = reason(exc) if isinstance(exc, OSError) else "no thread is to be had"
            log.warning("No analysis process can be started, because %s.", why)
            if not self._workers:
                self._refuse_what_waits()

    def _start_one_if_needed(self) -> None:
        with self._lock:
            free = sum(not worker.busy for worker in self._workers)
            wanted = min(self.limit, 1 + self._jobs.qsize() // JOBS_PER_WORKER)
            may_begin = self._may_begin.is_set() and not self._closed.is_set()
            if self._jobs.qsize() and not free and len(self._workers) < wanted and may_begin:
                worker = WorkerProcess(self)
                worker.begin()
                self._workers.add(worker)

    def _refuse_what_waits(self) -> None:
        """Answer what waits with an error that blames no file."""
        with contextlib.suppress(queue.Empty):
            while True:
                if job := self._jobs.get_nowait():
                    job.fail(AnalysisUnavailable(NO_PROCESS))

    def watch_deadlines(self) -> None:
        """Kill workers after their deadlines, or with too much memory, from now on."""
        with self._lock:
            if self._deadline_watcher is None:
                self._deadline_watcher = threading.Thread(
                    target=self._kill_overdue, name="deadlines", daemon=True
                )
                self._deadline_watcher.start()

    def _kill_overdue(self) -> None:
        """Check the deadlines again and again, as long as any worker is busy; an idle program must not wake up."""
        while not self._closed.wait(DEADLINE_CHECK):
            now = time.monotonic()
            for worker in list(self._workers) if self._may_begin.is_set() else ():
                if self._has_to_end(worker, now):
                    worker.kill()
            with self._lock:
                if all(worker.deadline == NEVER for worker in self._workers):
                    self._deadline_watcher = None
                    return

    def _has_to_end(self, worker: WorkerProcess, now: float) -> bool:
        begun, deadline = worker.begun, worker.deadline
        if not self.most_memory:
            return deadline < now
        if deadline == NEVER:
            return False
        use = resource_use.of_group(worker.process.pid)
        if worker.watch is None or worker.watch.begun != begun:
            worker.watch = JobWatch(begun, use.cpu_seconds, use.cpu_seconds)
        return use.memory > self.most_memory or worker.watch.is_overdue(now, deadline, use)

    # For the worker processes: see `process.JobQueue`

    def take(self, timeout: float) -> list[Job]:
        """Return the next jobs for one worker: several if many wait, none when it is time to end."""
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
        """Wait as long as the share asks for, after so many seconds of work; the answers have been given before."""
        begun = time.monotonic()
        while (left := begun + seconds * (1.0 / self.share - 1.0) - time.monotonic()) > 0.0:
            if self._closed.wait(min(left, MAX_THROTTLE_STEP)):
                return

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Queue jobs again that were sent to a worker that has ended; when the pool is closed, cancel them."""
        for job in jobs:
            if self.is_closed:
                job.future.cancel()
            else:
                self._jobs.put(job)

    def ended(self, worker: WorkerProcess) -> None:
        """Forget a worker that has ended, and start another one if the queue needs it."""
        with self._lock:
            self._workers.discard(worker)
        if not self._closed.is_set():
            self._start_as_queue_needs()
