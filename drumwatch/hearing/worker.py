"""The worker process: reads a JSON request per line, writes a JSON reply per line; a bad file is a reply, not a crash.

It can be run by hand.
"""

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
    """Write one reply per request, in order and at once, until the daemon closes the pipe."""
    for line in requests:
        print(json.dumps(reply_to(line, answer), allow_nan=False), file=replies, flush=True)


def reply_to(line: str, answer: Answer) -> Job:
    """Return the result of a request, or the reason why it failed; never raises."""
    try:
        job = json.loads(line)
        return {"id": job["id"], **outcome(answer, job)}
    except Exception as exc:  # noqa: BLE001  the line is no valid request
        return {"id": None, **refusal(exc)}


def outcome(answer: Answer, job: Job) -> Job:
    """Return the result of a job, or the reason why it failed; never raises."""
    try:
        return answer(job)
    except Exception as exc:  # noqa: BLE001  decoders raise many types of errors
        return refusal(exc)


def refusal(exc: Exception) -> Job:
    """Return the reply for a failed job: the message, and the name of the exception's class."""
    return {"error": sentence(exc), "kind": type(exc).__name__}


def sentence(exc: Exception) -> str:
    """Return an error as a sentence: drumwatch's own errors are sentences, others are preceded by their class name."""
    from drumwatch.errors import DrumwatchError  # noqa: PLC0415

    return str(exc) if isinstance(exc, DrumwatchError) else f"{type(exc).__name__}: {exc}"


def answer(job: Job, process: Confinement = UNBOUND) -> Job:
    """Do the job in this sandboxed process; the modules it needs are imported at the first job of its kind.

    A job that writes a file runs in a child process of its own, where it can write that file only. Raises ValueError for an unknown
    operation, and RuntimeError for a writing job if this process can write nothing any more.
    """
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
    """Run a job in a child process that can write job["temp"] and nothing else; return the reply as JSON."""
    process.confine(writable=Path(job["temp"]))
    return json.dumps(outcome(work, job)).encode()


def hear() -> Answer:
    """Import the analysis."""
    from drumwatch.hearing import ear  # noqa: PLC0415  loads numpy and soundfile with the first job

    return ear.hear


def plot() -> Answer:
    """Import the analysis with a plot."""
    from drumwatch.hearing import ear  # noqa: PLC0415

    return ear.plot


def tag() -> Answer:
    """Import the tagger."""
    from drumwatch.hearing import tagger  # noqa: PLC0415

    return tagger.tag


def figures() -> Answer:
    """Import the metrics."""
    from drumwatch.hearing import figures  # noqa: PLC0415

    return figures.answer


def digest() -> Answer:
    """Import the decoder, for the hash of all samples."""
    from drumwatch.hearing import decode  # noqa: PLC0415

    return lambda job: {"digest": decode.digest(job["path"])}


def lay_out() -> Answer:
    """Import the map layout."""
    from drumwatch.hearing import layout  # noqa: PLC0415

    return layout.lay_out


def thumbnail() -> Answer:
    """Import the preview."""
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.thumbnail


def wav() -> Answer:
    """Import the preview, for a WAV that browsers play."""
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.wav


def check_model() -> Answer:
    """Import the check of a retrained model."""
    from drumwatch.hearing import taught  # noqa: PLC0415

    return taught.checked


def learn() -> Answer:
    """Import retraining."""
    from drumwatch.hearing import lesson  # noqa: PLC0415  imports scikit-learn

    return lesson.learn


def escape() -> Answer:
    """Import the check of the sandbox."""
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
    """Return the pipe for replies and redirect stdout to stderr, so that nothing a library prints reaches the pipe."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "w", encoding="ascii")


def main() -> None:
    """Run the worker until its input ends."""
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        # More threads slow small matrix products down, and take cores away from a DAW
        os.environ.setdefault(pool, "1")
    # Ctrl-C reaches the whole process group, but the daemon ends its workers itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stand_still_on_request()
    serve(sys.stdin, take_stdout(), functools.partial(answer, process=Confinement(ours=True)))


if __name__ == "__main__":
    main()
