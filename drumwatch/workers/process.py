"""One worker process and the thread that sends it requests and reads its answers and stderr."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.formatting import printable
from drumwatch.workers.jobs import WorkerDied, log_cause
from drumwatch.workers.protocol import BrokenAnswer, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.core.errors import DrumwatchError
    from drumwatch.workers.protocol import Answer, Request

log = logging.getLogger(__name__)

NEVER = float("inf")
KILLED = 9
IMPORT_FAILED = 1  # exit code of an error of Python itself; whatever a file raises is an answer
BROKEN = "made the analysis process give an invalid answer"
MAX_DEATHS = 2  # a file that has ended two workers is not given to a third


@dataclass(slots=True)
class Job:
    """A request, the future of its answer, and how many workers have died over it."""

    request: Request
    future: Future[Any] = field(default_factory=Future)
    deaths: int = 0


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
        """Kill processes after their deadlines from now on."""

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
        self.process = _start(queue.command)
        self._queue = queue
        self._last_stderr = ""
        self._broken: BrokenAnswer | None = None  # set if the worker must not be asked again
        self._numbers = itertools.count()  # one for each request, so that no answer is taken for another's
        self._stderr_reader = threading.Thread(target=self._read_stderr, name="worker's stderr", daemon=True)

    def run(self) -> None:
        """Answer jobs until the queue says that it is time to end, or the process dies."""
        self._stderr_reader.start()
        try:
            while self._answer_some():
                pass
        finally:
            self.deadline = NEVER
            self._end()
            self._queue.ended(self)

    def kill(self) -> None:
        """Kill the worker and its child process, if it has one."""
        self.send_signal(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker and its child process."""
        with contextlib.suppress(OSError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)

    def _read_stderr(self) -> None:
        """Keep the last line and log all: decoders write to stderr about any odd file, which no user needs to see."""
        for line in self._stderr_pipe:
            self._last_stderr = printable(line.strip()) or self._last_stderr
            log.debug("A worker wrote: %s", self._last_stderr)

    def _answer_some(self) -> bool:
        """Send some jobs and wait for their answers; return False when it is time to end."""
        self.busy = False
        jobs = self._queue.take(self._queue.idle_seconds)
        self.busy = bool(jobs)
        if not jobs:
            return False
        begun = time.monotonic()
        answered = self._exchange(jobs)
        if self._broken:
            log.debug("A worker's answer is invalid: %s.", printable(str(self._broken)))
            self.kill()
        if answered < len(jobs):
            self._on_death(jobs[answered:])
        self._queue.throttle_after(time.monotonic() - begun)
        return answered == len(jobs)

    def _exchange(self, jobs: Sequence[Job]) -> int:
        """Write all requests and read the answers; return how many came before the worker died or gave an invalid one."""
        self.deadline = time.monotonic() + self._queue.file_seconds
        self._queue.watch_deadlines()
        numbered = list(zip(jobs, self._numbers, strict=False))
        try:
            self._stdin.write("".join(encode_request(number, job.request) + "\n" for job, number in numbered))
            self._stdin.flush()
        except OSError:
            return 0
        for count, (job, number) in enumerate(numbered):
            try:
                answer = self._read_answer(number, job.request)
            except BrokenAnswer as exc:
                self._broken = exc
                return count
            if answer is None:
                return count
            self.deadline = time.monotonic() + self._queue.file_seconds
            log_cause(job.request, answer)
            if not job.future.cancelled():
                job.future.set_result(answer)
        self.deadline = NEVER
        return len(jobs)

    def _read_answer(self, number: int, request: Request) -> Answer | None:
        """Return the next answer; None if the worker has ended. Raises BrokenAnswer."""
        line = self._stdout.readline(request.max_characters)
        if line.endswith("\n"):
            return decode_answer(line, number, request)
        if len(line) < request.max_characters:
            return None
        raise BrokenAnswer("it does not come to an end")

    def _on_death(self, jobs: Sequence[Job]) -> None:
        """Handle the jobs without an answer: the worker died over the first, and the others only waited behind it.

        After an answer that belongs to an earlier request, none of these is to blame.
        """
        culprit, *behind = jobs
        culprit.deaths += not (self._broken and self._broken.stale)
        if self._queue.is_closed:
            culprit.future.cancel()
        elif culprit.deaths >= MAX_DEATHS:
            culprit.future.set_exception(self._death_message(culprit))
        else:
            behind.insert(0, culprit)
        self._queue.give_back(behind)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()  # the worker's loop ends with its input
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        self._stdout.close()
        if self._stderr_reader.ident:
            self._stderr_reader.join()
        self._stderr_pipe.close()

    def _death_message(self, job: Job) -> DrumwatchError:
        """Return the error that says why there is no answer, and whether the file is to blame."""
        code = self.process.wait()
        self._stderr_reader.join()
        if code == IMPORT_FAILED and not self._broken:
            log.warning("The analysis process cannot be started: %s", self._last_stderr)
            return AnalysisUnavailable(
                "No sound can be analyzed, because the analysis process cannot be started. Install drumwatch again."
            )
        how = BROKEN if self._broken else _cause(code, self._queue.file_seconds)
        return WorkerDied(
            f"{job.request.subject} could not be analyzed: it {how} twice. It is left alone until it changes."
        )

    @property
    def _stdin(self) -> Any:  # noqa: ANN401  a pipe that was asked for is there
        return self.process.stdin

    @property
    def _stdout(self) -> Any:  # noqa: ANN401
        return self.process.stdout

    @property
    def _stderr_pipe(self) -> Any:  # noqa: ANN401
        return self.process.stderr


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        command,
        cwd=os.sep,  # nothing in the folder in which drumwatch was started matters to a worker
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",  # decoders may write anything; answers are ASCII
        env={**os.environ, **one_thread},
        start_new_session=True,  # a Ctrl-C in the terminal is for the main process; the worker ends with its input
    )


def _cause(code: int, file_seconds: float) -> str:
    """Return what a file did to the worker, by the exit code: the pool kills slow workers, the system those that take too much memory."""
    if code == -KILLED:
        return f"took more than {file_seconds:g} s or too much memory"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    return f"crashed the analysis process ({name})"
