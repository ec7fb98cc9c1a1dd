"""One worker process: started, asked, overheard, and mourned where a file has ended it."""

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
from typing import TYPE_CHECKING, Any

from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.formatting import printable
from drumwatch.workers.jobs import WorkerDied
from drumwatch.workers.protocol import BrokenAnswer, decode_answer, encode_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.core.errors import DrumwatchError
    from drumwatch.workers.pool import LocalWorkers
    from drumwatch.workers.protocol import Answer, Request

log = logging.getLogger(__name__)

NEVER = float("inf")
KILLED = 9
NEVER_BEGAN = 1  # exit code of an error of Python itself; whatever a file raises is an answer
BROKEN = "made the process that hears give an answer that makes no sense"
TAKEN_BACK_AFTER = 2  # a file that has ended two workers is not given to a third


@dataclass(slots=True)
class Job:
    request: Request
    future: Future[Any] = field(default_factory=Future)
    deaths: int = 0


class WorkerProcess(threading.Thread):
    """One worker process and the thread that talks to it."""

    def __init__(self, pool: LocalWorkers) -> None:
        super().__init__(name="worker line", daemon=True)
        self.pool = pool
        self.busy = True
        self.deadline = NEVER
        self.process = _start(pool.command)
        self.last_words = ""
        self.broken: BrokenAnswer | None = None  # why it is not asked again
        self._numbers = itertools.count()  # one for each request, so that no answer is taken for another's
        self.overhearing = threading.Thread(target=self._read_stderr, name="worker's stderr", daemon=True)

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
        self.tell(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def tell(self, number: signal.Signals) -> None:
        """A signal to the worker and its child."""
        with contextlib.suppress(OSError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)

    def _read_stderr(self) -> None:
        """Decoders mutter on stderr, over any odd file: kept for who looks for a fault, and off everybody's screen."""
        for line in self._stderr_pipe:
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
        if self.broken:
            log.debug("A worker's answer makes no sense: %s.", printable(str(self.broken)))
            self.kill()
        if answered < len(jobs):
            self._on_death(jobs[answered:])
        self.pool.throttle_after(time.monotonic() - begun)
        return answered == len(jobs)

    def _ask(self, jobs: Sequence[Job]) -> int:
        """Write all, read one by one; returns how many were answered before the worker ended, or turned out to be broken."""
        self.deadline = time.monotonic() + self.pool.file_seconds
        self.pool.watch_the_clock()
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
                self.broken = exc
                return count
            if answer is None:
                return count
            self.deadline = time.monotonic() + self.pool.file_seconds
            _deliver(job, answer)
        self.deadline = NEVER
        return len(jobs)

    def _read_answer(self, number: int, request: Request) -> Answer | None:
        """The next answer; None when the worker has ended. Raises BrokenAnswer."""
        line = self._stdout.readline(request.most_characters)
        if line.endswith("\n"):
            return decode_answer(line, number, request)
        if len(line) < request.most_characters:
            return None
        raise BrokenAnswer("it does not come to an end")

    def _on_death(self, jobs: Sequence[Job]) -> None:
        """The worker ended over the first of these; the others only stood behind it, or all of them behind an earlier one."""
        guilty, *behind = jobs
        guilty.deaths += not (self.broken and self.broken.stale)
        if self.pool._closed.is_set():  # noqa: SLF001
            guilty.future.cancel()
        elif guilty.deaths >= TAKEN_BACK_AFTER:
            guilty.future.set_exception(self._death_message(guilty))
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
        self._stderr_pipe.close()

    def _death_message(self, job: Job) -> DrumwatchError:
        """Whose fault it was, and what is known of it."""
        name = job.request.subject
        code = self.process.wait()
        self.overhearing.join()
        if code == NEVER_BEGAN and not self.broken:
            return AnalysisUnavailable(
                f"Nothing can be heard: the process that hears cannot be started ({self.last_words}). Install drumwatch anew."
            )
        how = BROKEN if self.broken else _cause(code, self.pool.file_seconds)
        return WorkerDied(f"{name} could not be heard: it {how}, twice. It is left alone until it changes.")

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


def _deliver(job: Job, answer: Answer) -> None:
    if not job.future.cancelled():
        job.future.set_result(answer)
