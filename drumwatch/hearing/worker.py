"""The worker: a loop over JSON lines that can be run by hand; a bad file is an answer, not a crash."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

from drumwatch.hearing import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Job = dict[str, Any]
    Answer = Callable[[Job], Job]


def serve(requests: Iterable[str], replies: TextIO, answer: Answer) -> None:
    """One reply per line, in order and at once, until the daemon closes the pipe."""
    for line in requests:
        print(json.dumps(reply_to(line, answer), allow_nan=False), file=replies, flush=True)


def reply_to(line: str, answer: Answer) -> Job:
    """What the job came to, or why it came to nothing; never an exception."""
    job_id = None
    try:
        job = json.loads(line)
        job_id = job["id"]
        return {"id": job_id, **answer(job)}
    except Exception as exc:  # noqa: BLE001  any decoder may fail in any way
        return {"id": job_id, "error": sentence(exc), "kind": type(exc).__name__}


def sentence(exc: Exception) -> str:
    """Our own errors are sentences already; a foreign one needs its name to be understood."""
    from drumwatch.errors import DrumwatchError  # noqa: PLC0415

    return str(exc) if isinstance(exc, DrumwatchError) else f"{type(exc).__name__}: {exc}"


def answer(job: Job) -> Job:
    """Does the one thing that the job asks for; what that takes is imported at the first such job."""
    op = job.get("op")
    if op not in OPERATIONS:
        raise ValueError(f"unknown op {op!r}: this worker knows {', '.join(OPERATIONS)}")
    return OPERATIONS[op](job)


def hear(job: Job) -> Job:
    from drumwatch.hearing import ear  # noqa: PLC0415  numpy and soundfile stay out until there is work

    return ear.hear(job)


def plot(job: Job) -> Job:
    from drumwatch.hearing import ear  # noqa: PLC0415

    return ear.plot(job)


def tag(job: Job) -> Job:
    from drumwatch.hearing import tagger  # noqa: PLC0415

    return tagger.tag(job)


def untag(job: Job) -> Job:
    from drumwatch.hearing import tagger  # noqa: PLC0415

    return tagger.untag(job)


def figures(job: Job) -> Job:
    from drumwatch.hearing import figures  # noqa: PLC0415

    return figures.answer(job)


def digest(job: Job) -> Job:
    from drumwatch.hearing import decode  # noqa: PLC0415

    return {"digest": decode.digest(job["path"])}


def lay_out(job: Job) -> Job:
    from drumwatch.hearing import layout  # noqa: PLC0415

    return layout.lay_out(job)


def thumbnail(job: Job) -> Job:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.thumbnail(job)


def wav(job: Job) -> Job:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.wav(job)


OPERATIONS: dict[str, Answer] = {
    "hear": hear,
    "plot": plot,
    "tag": tag,
    "untag": untag,
    "digest": digest,
    "figures": figures,
    "map": lay_out,
    "thumbnail": thumbnail,
    "wav": wav,
}


def take_stdout() -> TextIO:
    """The pipe for replies, for us alone: whatever a library prints goes to stderr from here on."""
    ours = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(ours, "w", encoding="ascii")


def main() -> None:
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(
            pool, "1"
        )  # a second thread per sum costs more than it brings, and a DAW wants the cores
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group: the daemon decides when we end
    limits.this_process_is_ours()
    serve(sys.stdin, take_stdout(), answer)


if __name__ == "__main__":
    main()
