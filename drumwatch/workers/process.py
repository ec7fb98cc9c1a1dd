"""One worker process and the thread that sends it requests and reads its answers and stderr."""

from __future__ import annotations

import contextlib
import itertools
import logging
import signal
import threading
import time
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.formatting import printable
from drumwatch.workers import process_group
from drumwatch.workers.jobs import WorkerDied, log_cause
from drumwatch.workers.pipes import LineTooLong, WorkerPipes
from drumwatch.workers.protocol import BrokenAnswer, decode_answer, encode_request
from drumwatch.workers.stderr_log import StderrLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.core.errors import DrumwatchError
    from drumwatch.workers.deadlines import JobWatch
    from drumwatch.workers.protocol import Answer, Request

log = logging.getLogger(__name__)

NEVER = float("inf")
KILLED = 9
IMPORT_FAILED = 1  # exit code of an error of Python itself; whatever a file raises is an answer
BROKEN = "made the analysis process give an invalid answer"
MAX_DEATHS = 2  # a file that has ended two workers is not given to a third
END_SECONDS = 2.0  # that a worker has to end by itself when its input ends
EXIT_SECONDS = 0.5  # between the end of a worker's output and its own
STDERR_SECONDS = 2.0  # for the thread that reads stderr to notice that it shall end
MAX_WORK_SECONDS = (
    3600.0  # of work, after which a worker is replaced: it has a limit of processor time for good
)


@dataclass(slots=True)
class Job:
    """A request, the future of its answer, and how many workers have died over it."""

    request: Request
    future: Future[Any] = field(default_factory=Future)
    deaths: int = 0

    def succeed(self, answer: Answer) -> None:
        """Give the answer to who waits for it, unless the job was cancelled."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_result(answer)

    def fail(self, exc: DrumwatchError) -> None:
        """Give the error to who waits for an answer, unless the job was cancelled."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_exception(exc)


class JobQueue(Protocol):
    """What a worker process needs from the pool that it belongs to."""

    command: Sequence[str]  # that starts the process
    idle_seconds: float  # without a job, after which the process ends
    file_seconds: float  # that one job may take

    @property
    def is_closed(self) -> bool:
        """Whether no job is answered any more."""

    def take(self, timeout: float) -> list[Job]:
        """Return the next jobs; none when it is time to end."""

    def give_back(self, jobs: Sequence[Job]) -> None:
        """Take jobs back that a process could not answer."""

    def watch_deadlines(self) -> None:
        """Kill processes after their deadlines, or with too much memory, from now on."""

    def throttle_after(self, seconds: float) -> None:
        """Wait as long as the share of processor time asks for, after so many seconds of work."""

    def ended(self, worker: WorkerProcess) -> None:
        """Forget a process that has ended."""


class WorkerProcess(threading.Thread):
    """A worker process, and the thread that exchanges requests and answers with it."""

    def __init__(self, queue: JobQueue) -> None:
        super().__init__(name="worker", daemon=True)
        self.busy = True
        self.deadline = NEVER
        self.begun = 0.0  # when the job was begun to which the deadline belongs
        self.watch: JobWatch | None = None  # the pool's, of the job at which it looked last
        self.process = process_group.start(queue.command)
        try:
            self._pipes = WorkerPipes(self.process)
        except OSError:
            process_group.end(self.process, 0.0)
            raise
        self._queue = queue
        self._stderr = StderrLog()
        self._broken: BrokenAnswer | None = None  # set if the worker must not be asked again
        self._numbers = itertools.count()  # one for each request, so that no answer is taken for another's
        self._worked = 0.0  # seconds
        self._stderr_reader = threading.Thread(
            target=self._pipes.read_stderr, args=(self._stderr.take,), name="worker's stderr", daemon=True
        )

    def begin(self) -> None:
        """Start the thread; raises RuntimeError, and ends the process, if the system has no more threads."""
        try:
            self.start()
        except RuntimeError:
            self._end()
            raise

    def run(self) -> None:
        """Answer jobs until the queue says that it is time to end, or the process dies."""
        try:
            self._stderr_reader.start()
            while self._answer_some():
                pass
        finally:
            self.deadline = NEVER
            self._end()
            self._queue.ended(self)

    def kill(self) -> None:
        """Kill the worker and what it has started; its thread ends too, whoever holds the worker's pipes."""
        process_group.kill(self.process)
        self._pipes.release()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker and its child process."""
        process_group.send_signal(self.process, number)

    def _answer_some(self) -> bool:
        """Send some jobs and wait for their answers; return False when it is time to end."""
        self.busy = False
        jobs = self._queue.take(self._queue.idle_seconds)
        self.busy = bool(jobs)
        if not jobs:
            return False
        begun = time.monotonic()
        answered = self._answered(jobs)
        seconds = time.monotonic() - begun
        if answered < len(jobs):
            self._on_death(jobs[answered:])
        self._queue.throttle_after(seconds)
        self._worked += seconds
        return answered == len(jobs) and self._worked < MAX_WORK_SECONDS

    def _answered(self, jobs: Sequence[Job]) -> int:
        """Return how many of the jobs were answered before the worker died or gave an invalid answer."""
        answered = 0
        try:
            for job, found in self._exchange(jobs):
                answered += 1
                self.begin_job(time.monotonic())
                log_cause(job.request, found)
                job.succeed(found)
        except BrokenAnswer as exc:
            self._broken = exc
            log.debug("A worker's answer is invalid: %s.", printable(str(exc)[:200]))
        except Exception as exc:  # whatever a worker answers, the queue is served
            self._broken = BrokenAnswer(type(exc).__name__)
            log.exception("The answer of a worker could not be read.")
        self.deadline = NEVER
        return answered

    def _exchange(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
        """Write all requests and yield each job with its answer until the worker has ended. Raises BrokenAnswer."""
        if self._pipes.has_unasked_output():
            raise BrokenAnswer("it answers before it was asked", stale=True)
        self.begin_job(time.monotonic())
        self._queue.watch_deadlines()
        numbered = list(zip(jobs, self._numbers, strict=False))
        lines = (encode_request(number, job.request) + "\n" for job, number in numbered)
        if not self._pipes.write("".join(lines).encode("ascii")):
            return
        for job, number in numbered:
            self._stderr.begin(job.request.subject)
            if (answer := self._read_answer(number, job.request)) is None:
                return
            yield job, answer

    def begin_job(self, now: float) -> None:
        """Set the deadline of the next answer."""
        self.begun, self.deadline = now, now + self._queue.file_seconds

    def _read_answer(self, number: int, request: Request) -> Answer | None:
        """Return the next answer; None if the worker has ended. Raises BrokenAnswer."""
        try:
            line = self._pipes.read_line(request.max_characters)
        except LineTooLong as exc:
            raise BrokenAnswer("it does not come to an end") from exc
        if line is None:
            return None
        try:
            answer = decode_answer(line.decode("ascii"), number, request)
        except UnicodeDecodeError as exc:
            raise BrokenAnswer("it is no ASCII text") from exc
        if not request.is_done(answer):
            raise BrokenAnswer("what it claims to have made is not there")
        return answer

    def _on_death(self, jobs: Sequence[Job]) -> None:
        """Handle the jobs without an answer: the worker died over the first, and the others only waited behind it.

        After an answer that belongs to an earlier request, none of these is to blame.
        """
        if not self._broken and not process_group.wait_for_end(self.process, EXIT_SECONDS):
            self._broken = BrokenAnswer("it has closed its output")
        if self._broken:
            self.kill()
        code = self._end()
        culprit, *behind = jobs
        culprit.deaths += not (self._broken and self._broken.stale)
        if self._queue.is_closed:
            culprit.future.cancel()
        elif culprit.deaths >= MAX_DEATHS:
            culprit.fail(self._death_message(culprit, code))
        else:
            behind.insert(0, culprit)
        self._queue.give_back(behind)

    def _end(self) -> int | None:
        """End the process with everything that it has started, and return its exit code, if it has one."""
        if self._pipes.closed:
            return self.process.returncode
        self._pipes.close_input()  # the worker's loop ends with it
        code = process_group.end(self.process, END_SECONDS)
        self._pipes.release()
        if self._stderr_reader.ident:
            self._stderr_reader.join(STDERR_SECONDS)
        if not self._stderr_reader.is_alive():
            self._pipes.close()
        self._stderr.finish()
        return code

    def _death_message(self, job: Job, code: int | None) -> DrumwatchError:
        """Return the error that says why there is no answer, and whether the file is to blame."""
        if code == IMPORT_FAILED and not self._broken:
            log.warning("The analysis process cannot be started: %s", self._stderr.last_line)
            return AnalysisUnavailable(
                "No sound can be analyzed, because the analysis process cannot be started. Install drumwatch again."
            )
        how = BROKEN if self._broken or code is None else _cause(code, self._queue.file_seconds)
        return WorkerDied(
            f"{job.request.subject} could not be analyzed: it {how} twice. It is left alone until it changes."
        )


def _cause(code: int, file_seconds: float) -> str:
    """Return what a file did to the worker, by the exit code: the pool kills slow workers, the system those that take too much memory."""
    if code == -KILLED:
        return f"took more than {file_seconds:g} s or too much memory"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    return f"crashed the analysis process ({name})"
