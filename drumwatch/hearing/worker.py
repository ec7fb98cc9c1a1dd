"""The worker: a loop over JSON lines that can be run by hand; a bad file is an answer, not a crash."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from drumwatch import apart
from drumwatch.hearing import limits
from drumwatch.standstill import stand_still_on_request
from drumwatch.workers import protocol
from drumwatch.workers.protocol import Answer, Failed, InvalidRequest, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

NONSENSE = 70  # exit code, as sysexits.h has it for a fault inside of a program
Work = Callable[[Any], Answer]  # takes the request that it stands beside in OPERATIONS


def serve(requests: Iterable[str], replies: TextIO, work: Work) -> None:
    """One answer per line, in order and at once, until the daemon closes the pipe."""
    for line in requests:
        print(reply_to(line, work), file=replies, flush=True)


def reply_to(line: str, work: Work) -> str:
    """What the request came to, or why it came to nothing; never an exception."""
    try:
        number, request = protocol.decode_request(line, OPERATIONS)
    except InvalidRequest as exc:
        return protocol.encode_answer(exc.number, Failed.of(exc))
    return protocol.encode_answer(number, outcome(work, request))


def outcome(work: Work, request: Request) -> Answer:
    try:
        return work(request)
    except Exception as exc:  # noqa: BLE001  any decoder may fail in any way
        return Failed.of(exc)


def answer(request: Request) -> Answer:
    """Does the one thing that is asked for, confined; what that takes is imported at the first such request."""
    work = OPERATIONS[type(request)]()
    if isinstance(request, protocol.WriteTags):
        if limits.is_shut_in():
            raise RuntimeError(
                "this worker has met a file and writes nothing any more: tags are for another one"
            )
        if limits.can_be_fenced():
            return answered_alone(work, request)
    limits.confine()
    return work(request)


def answered_alone(work: Work, request: protocol.WriteTags) -> Answer:
    """The answer of a child that can write into `temp` and nowhere else; one that makes no sense ends the worker too."""
    line = apart.answered_by_a_child(lambda: alone(work, request)).decode("ascii", "replace")
    try:
        return protocol.decode_answer(line, 0, request)
    except protocol.BrokenAnswer as exc:
        raise apart.ChildEnded(NONSENSE) from exc


def alone(work: Work, request: protocol.WriteTags) -> bytes:
    """In the child."""
    limits.confine(writable=Path(request.temp))
    return protocol.encode_answer(0, outcome(work, request)).encode("ascii")


def hear() -> Work:
    from drumwatch.hearing import ear  # noqa: PLC0415  numpy and soundfile stay out until there is work

    return ear.hear


def plot() -> Work:
    from drumwatch.hearing import ear  # noqa: PLC0415

    return ear.plot


def tag() -> Work:
    from drumwatch.hearing import tagger  # noqa: PLC0415

    return tagger.tag


def figures() -> Work:
    from drumwatch.hearing import figures  # noqa: PLC0415

    return figures.answer


def digest() -> Work:
    from drumwatch.hearing import decode  # noqa: PLC0415

    return lambda request: protocol.Digested(decode.digest(request.path))


def lay_out() -> Work:
    from drumwatch.hearing import layout  # noqa: PLC0415

    return layout.lay_out


def thumbnail() -> Work:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.thumbnail


def wav() -> Work:
    from drumwatch.hearing import thumbnail  # noqa: PLC0415

    return thumbnail.wav


def check_model() -> Work:
    from drumwatch.hearing import taught  # noqa: PLC0415

    return taught.checked


def learn() -> Work:
    from drumwatch.hearing import lesson  # noqa: PLC0415  imports scikit-learn

    return lesson.learn


def escape() -> Work:
    from drumwatch.hearing import escape  # noqa: PLC0415

    return escape.attempts


OPERATIONS: dict[type[Request], Callable[[], Work]] = {
    protocol.Analyze: hear,
    protocol.Plot: plot,
    protocol.WriteTags: tag,
    protocol.Digest: digest,
    protocol.Measure: figures,
    protocol.CheckModel: check_model,
    protocol.Train: learn,
    protocol.LayOutMap: lay_out,
    protocol.MakeThumbnail: thumbnail,
    protocol.RenderWav: wav,
    protocol.CheckSandbox: escape,
}


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
    limits.this_process_is_ours()
    serve(sys.stdin, take_stdout(), answer)


if __name__ == "__main__":
    main()
