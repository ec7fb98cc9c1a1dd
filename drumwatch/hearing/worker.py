"""The worker: a loop over JSON lines that can be run by hand; a bad file is an answer, not a crash."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from drumwatch import apart
from drumwatch.hearing.limits import UNBOUND, Confinement
from drumwatch.standstill import stand_still_on_request

if TYPE_CHECKING:
    from collections.abc import Iterable

Job = dict[str, Any]
Answer = Callable[[Job], Job]


def serve(requests: Iterable[str], replies: TextIO, answer: Answer) -> None:
    """One reply per line, in order and at once, until the daemon closes the pipe."""
    for line in requests:
        print(json.dumps(reply_to(line, answer), allow_nan=False), file=replies, flush=True)


def reply_to(line: str, answer: Answer) -> Job:
    """What the job came to, or why it came to nothing; never an exception."""
    try:
        job = json.loads(line)
        return {"id": job["id"], **outcome(answer, job)}
    except Exception as exc:  # noqa: BLE001  a line that is no request
        return {"id": None, **refusal(exc)}


def outcome(answer: Answer, job: Job) -> Job:
    try:
        return answer(job)
    except Exception as exc:  # noqa: BLE001  any decoder may fail in any way
        return refusal(exc)


def refusal(exc: Exception) -> Job:
    return {"error": sentence(exc), "kind": type(exc).__name__}


def sentence(exc: Exception) -> str:
    """Our own errors are sentences already; a foreign one needs its name to be understood."""
    from drumwatch.errors import DrumwatchError  # noqa: PLC0415

    return str(exc) if isinstance(exc, DrumwatchError) else f"{type(exc).__name__}: {exc}"


def answer(job: Job, process: Confinement = UNBOUND) -> Job:
    """Does the one thing that the job asks for, confined; what that takes is imported at the first such job."""
    op = job.get("op")
    if op not in OPERATIONS:
        raise ValueError(f"unknown op {op!r}: this worker knows {', '.join(OPERATIONS)}")
    work = OPERATIONS[op]()
    if op in WRITING and process.is_shut_in():
        raise RuntimeError("this worker has met a file and writes nothing any more: tags are for another one")
    if op in WRITING and process.can_be_fenced():
        return json.loads(apart.answered_by_a_child(lambda: alone(work, job, process)))
    closed = process.confine()
    reply = work(job)
    return {"fences": list(closed), **reply} if op == "escape" else reply


def alone(work: Answer, job: Job, process: Confinement) -> bytes:
    """In a child: the reply to a job that writes into job["temp"], and can write nowhere else."""
    process.confine(writable=Path(job["temp"]))
    return json.dumps(outcome(work, job)).encode()


def hear() -> Answer:
    from drumwatch.hearing import ear  # noqa: PLC0415  numpy and soundfile stay out until there is work

    return ear.hear


def plot() -> Answer:
    from drumwatch.hearing import ear  # noqa: PLC0415

    return ear.plot


def tag() -> Answer:
    from drumwatch.hearing import tagger  # noqa: PLC0415

    return tagger.tag


def figures() -> Answer:
    from drumwatch.hearing import figures  # noqa: PLC0415

    return figures.answer


def digest() -> Answer:
    from drumwatch.hearing import decode  # noqa: PLC0415

    return lambda job: {"digest": decode.digest(job["path"])}


def lay_out() -> Answer:
    from drumwatch.hearing import layout  # noqa: PLC0415

    return layout.lay_out


def thumbnail() -> Answer:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.thumbnail


def wav() -> Answer:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.wav


def check_model() -> Answer:
    from drumwatch.hearing import taught  # noqa: PLC0415

    return taught.checked


def learn() -> Answer:
    from drumwatch.hearing import lesson  # noqa: PLC0415  imports scikit-learn

    return lesson.learn


def escape() -> Answer:
    from drumwatch.hearing import escape  # noqa: PLC0415

    return escape.attempts


OPERATIONS: dict[str, Callable[[], Answer]] = {
    "hear": hear,
    "plot": plot,
    "tag": tag,
    "digest": digest,
    "figures": figures,
    "check model": check_model,
    "learn": learn,
    "map": lay_out,
    "thumbnail": thumbnail,
    "wav": wav,
    "escape": escape,
}
WRITING = frozenset({"tag"})


def take_stdout() -> TextIO:
    """The pipe for replies, for us alone: whatever a library prints goes to stderr from here on."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "w", encoding="ascii")


def main() -> None:
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        # A second thread per sum costs more than it brings, and a DAW wants the cores
        os.environ.setdefault(pool, "1")
    # Ctrl-C reaches the whole group: the daemon decides when we end
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stand_still_on_request()
    serve(sys.stdin, take_stdout(), functools.partial(answer, process=Confinement(ours=True)))


if __name__ == "__main__":
    main()
