"""Starts, asks, limits and ends the worker processes that hear. Knows them only by module name.

An `Executor`, so that hearing can also be lent to other machines: whoever gets `answer` and a request gives a reply.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from drumwatch import places
from drumwatch.errors import DrumwatchError, UnreadableAudio
from drumwatch.words import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

T = TypeVar("T")
Request = dict[str, Any]
Reply = dict[str, Any]

WORKER = "drumwatch.hearing.worker"
AHEAD = 8  # requests written to a worker before its first answer is read: saves a switch between processes per file
NEVER = float("inf")
OVERDUE = 10.0  # seconds after a deadline by which the clock's keeper must have acted
WORTH_ANOTHER = 24  # waiting requests that pay for starting one more worker
OUR_FAULTS = frozenset({"ModelRefused", "ImportError", "ModuleNotFoundError", "CannotHear"})
KILLED = 9
NEVER_BEGAN = 1  # exit code of an error of Python itself; whatever a file raises is an answer
REST_AT_ONCE = 0.5  # seconds: the share may change meanwhile
TAKEN_BACK_AFTER = 2  # a file that has ended two workers is not given to a third


class WorkerEnded(DrumwatchError):  # noqa: N818
    """A file ended the worker, twice: it crashed, ran out of memory or took too long."""


def answer(request: Request) -> Reply:
    """Answer one request in this very process: what an executor on another machine runs. An error is a reply too."""
    worker = importlib.import_module(WORKER)  # by name: whoever only asks must not load it
    reply: Reply = worker.reply_to(json.dumps({"id": 0, **request}), worker.answer)
    return reply


def answer_all(requests: Sequence[Request]) -> list[Reply]:
    """The same for several, in their order: for an executor to whom every call is dear."""
    return [answer(request) for request in requests]


class CannotHear(DrumwatchError):  # noqa: N818
    """Nothing can be heard at all, and that is no file's fault: the model is missing or does not fit."""


def refuse_errors(reply: Reply) -> Reply:
    """The reply, or the error that the worker met, raised here: the file's own fault, or a fault in our house."""
    if "error" in reply:
        raise (CannotHear if reply.get("kind") in OUR_FAULTS else UnreadableAudio)(reply["error"])
    return reply


@dataclass(slots=True)
class _Job:
    request: Request
    future: Future[Any] = field(default_factory=Future)
    deaths: int = 0


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
        self.limit = limit or max(1, places.cores() - 1)
        self.share = 1.0  # of the time that each worker may be at work: after that it rests
        self.idle_seconds = idle_seconds
        self.file_seconds = file_seconds
        self.command = command
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._lines: set[_Line] = set()
        self._timekeeper: threading.Thread | None = None
        self._closed = threading.Event()
        self._may_begin = threading.Event()
        self._may_begin.set()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  Executor's signature
        if fn is not answer or len(args) != 1 or kwargs:
            raise TypeError("a worker answers requests: submit(answer, request)")
        if self._closed.is_set():
            raise RuntimeError("the workers have been closed")
        job = _Job(args[0])
        self._jobs.put(job)
        self._start_what_the_queue_deserves()
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

    def hold(self, *, at_once: bool = False) -> None:
        """Begin nothing of what waits; what a worker has in hand (AHEAD files at most) it answers first.

        `at_once`: one that understands SIGTSTP stands still in the middle of it, and its time with it. Not SIGSTOP: whoever
        is stopped by that stays so for ever when we are killed.
        """
        self._may_begin.clear()
        if at_once:
            self._signal_all("SIGTSTP")

    def go_on(self) -> None:
        """After `hold`: as if nothing had been."""
        now = time.monotonic()
        for line in list(self._lines):
            line.deadline = NEVER if line.deadline == NEVER else now + self.file_seconds
        self._signal_all("SIGCONT")
        self._may_begin.set()
        for _ in range(self.limit):
            self._start_what_the_queue_deserves()

    def _signal_all(self, name: str) -> None:
        """Windows has no such signals: there the answer in hand is waited for."""
        for line in list(self._lines) if hasattr(signal, name) else ():
            line.tell(getattr(signal, name))

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

    def _start_what_the_queue_deserves(self) -> None:
        with self._lock:
            free = sum(not line.busy for line in self._lines)
            deserved = min(self.limit, 1 + self._jobs.qsize() // WORTH_ANOTHER)
            may_begin = self._may_begin.is_set() and not self._closed.is_set()
            if self._jobs.qsize() and not free and len(self._lines) < deserved and may_begin:
                line = _Line(self)
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

    def take(self, timeout: float) -> list[_Job]:
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

    def rest_after(self, seconds: float) -> None:
        """So long that the share is kept; the answers have been given by then, so that a single file never waits."""
        begun = time.monotonic()
        while (left := begun + seconds * (1.0 / self.share - 1.0) - time.monotonic()) > 0.0:
            if self._closed.wait(min(left, REST_AT_ONCE)):
                return

    def give_back(self, jobs: Sequence[_Job]) -> None:
        """Requests that were sent ahead to a worker that has ended."""
        for job in jobs:
            self._jobs.put(job)

    def ended(self, line: _Line) -> None:
        with self._lock:
            self._lines.discard(line)
        if not self._closed.is_set():
            self._start_what_the_queue_deserves()


class _Line(threading.Thread):
    """One worker process and the thread that talks to it."""

    def __init__(self, pool: LocalWorkers) -> None:
        super().__init__(name="worker line", daemon=True)
        self.pool = pool
        self.busy = True
        self.deadline = NEVER
        self.process = _start(pool.command)
        self.last_words = ""
        self.overhearing = threading.Thread(target=self._overhear, name="worker's stderr", daemon=True)

    def run(self) -> None:
        self.overhearing.start()
        try:
            while self._serve_some():
                pass
        finally:
            self.deadline = NEVER
            self._end()
            self.pool.ended(self)

    def kill(self) -> None:
        """And with it a child that it may have."""
        if hasattr(signal, "SIGKILL"):
            self.tell(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def tell(self, number: signal.Signals) -> None:
        """A signal to the worker and its child."""
        with contextlib.suppress(OSError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)

    def _overhear(self) -> None:
        """Decoders mutter on stderr, over any odd file: kept for who looks for a fault, and off everybody's screen."""
        for line in self._murmur:
            self.last_words = printable(line.strip()) or self.last_words
            log.debug("A worker says: %s", self.last_words)

    def _serve_some(self) -> bool:
        """Ask for some jobs and wait for their answers; false when it is time to end."""
        self.busy = False
        jobs = self.pool.take(self.pool.idle_seconds)
        self.busy = bool(jobs)
        if not jobs:
            return False
        begun = time.monotonic()
        answered = self._ask(jobs)
        if answered < len(jobs):
            self._mourn(jobs[answered:])
        self.pool.rest_after(time.monotonic() - begun)
        return answered == len(jobs)

    def _ask(self, jobs: Sequence[_Job]) -> int:
        """Write all, read one by one; returns how many were answered before the worker ended."""
        self.deadline = time.monotonic() + self.pool.file_seconds
        self.pool.watch_the_clock()
        try:
            self._stdin.write(
                "".join(json.dumps({"id": number, **job.request}) + "\n" for number, job in enumerate(jobs))
            )
            self._stdin.flush()
        except OSError:
            return 0
        for number, job in enumerate(jobs):
            line = self._stdout.readline()
            if not line.endswith("\n"):
                return number
            self.deadline = time.monotonic() + self.pool.file_seconds
            _deliver(job, json.loads(line))
        self.deadline = NEVER
        return len(jobs)

    def _mourn(self, jobs: Sequence[_Job]) -> None:
        """The worker ended over the first of these; the others only stood behind it."""
        guilty, *behind = jobs
        guilty.deaths += 1
        if self.pool._closed.is_set():  # noqa: SLF001
            guilty.future.cancel()
        elif guilty.deaths >= TAKEN_BACK_AFTER:
            guilty.future.set_exception(self._obituary(guilty))
        else:
            behind.insert(0, guilty)
        self.pool.give_back(behind)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()  # the worker's loop ends with its input
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        self._stdout.close()
        if self.overhearing.ident:
            self.overhearing.join()
        self._murmur.close()

    def _obituary(self, job: _Job) -> DrumwatchError:
        """Whose fault it was, and what is known of it."""
        name = os.path.basename(str(job.request.get("path", "the request")))
        code = self.process.wait()
        self.overhearing.join()
        if code == NEVER_BEGAN:
            return CannotHear(
                f"Nothing can be heard: the process that hears cannot be started ({self.last_words}). Install drumwatch anew."
            )
        how = _cause(code, self.pool.file_seconds)
        return WorkerEnded(f"{name} could not be heard: it {how}, twice. It is left alone until it changes.")

    @property
    def _stdin(self) -> Any:  # noqa: ANN401  a pipe that was asked for is there
        return self.process.stdin

    @property
    def _stdout(self) -> Any:  # noqa: ANN401
        return self.process.stdout

    @property
    def _murmur(self) -> Any:  # noqa: ANN401
        return self.process.stderr


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",  # decoders may say anything; replies are ASCII
        env={**os.environ, **one_thread},
        start_new_session=True,  # a Ctrl-C in the terminal is for us; the worker ends with its input
    )


def _cause(code: int, file_seconds: float) -> str:
    """What a file did to the worker, by its exit code: we kill the slow, the system kills the greedy."""
    if code == -KILLED:
        return f"took more than {file_seconds:g} s or too much memory"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    return f"crashed the process that hears ({name})"


def _deliver(job: _Job, reply: Reply) -> None:
    if not job.future.cancelled():
        job.future.set_result(reply)
