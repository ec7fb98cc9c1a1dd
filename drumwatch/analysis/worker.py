"""The worker process: reads one JSON request per line and writes one JSON answer per line.

A bad file gives a failed answer and does not end the process. The process can be run by hand.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from drumwatch.sandbox import run_in_child
from drumwatch.sandbox.limits import UNBOUND, Confinement
from drumwatch.sandbox.suspend import suspend_on_request
from drumwatch.workers import protocol
from drumwatch.workers.protocol import Answer, Failed, InvalidRequest, Request, SandboxChecked

if TYPE_CHECKING:
    from collections.abc import Iterable

EX_SOFTWARE = 70  # exit code of sysexits.h for an internal error
# Once for all children; on macOS, what its own libraries have begun in one process cannot go on in a child of it
IMPORTS_BEFORE_FORK = sys.platform == "linux"
Work = Callable[[Any], Answer]  # takes a request of the type for which it is the operation


def serve(requests: Iterable[str], replies: TextIO, work: Work) -> None:
    """Write one answer per request, in order and at once, until the daemon closes the pipe."""
    for line in requests:
        print(reply_to(line, work), file=replies, flush=True)


def reply_to(line: str, work: Work) -> str:
    """Return the answer to a request as a line, or the reason why it failed; never raises."""
    try:
        number, request = protocol.decode_request(line, OPERATIONS)
    except InvalidRequest as exc:
        return protocol.encode_answer(exc.number, Failed.of(exc))
    return protocol.encode_answer(number, result_of(work, request))


def result_of(work: Work, request: Request) -> Answer:
    """Return the answer to a request, or the reason why it failed; never raises."""
    try:
        return work(request)
    except Exception as exc:  # noqa: BLE001  decoders raise many types of errors
        return Failed.of(exc, request.subject)


def answer(request: Request, process: Confinement = UNBOUND) -> Answer:
    """Do the job in this sandboxed process; the modules it needs are imported at the first request of its kind.

    A request that writes a file is carried out in a child process of its own, which can write that file only. Raises RuntimeError
    for such a request if this process can write nothing any more.
    """
    load = OPERATIONS[type(request)]
    if isinstance(request, protocol.WriteTags):
        if process.is_sandboxed():
            raise RuntimeError(
                "this worker has opened a file and cannot write any more: tags need another worker"
            )
        if process.can_be_sandboxed():
            return answered_by_child(load, request, process)
    work = load()
    methods = process.confine()
    found = work(request)
    return msgspec.structs.replace(found, methods=methods) if isinstance(found, SandboxChecked) else found


def answered_by_child(load: Callable[[], Work], request: protocol.WriteTags, process: Confinement) -> Answer:
    """Return the answer of a child process that can write `request.temp` and nothing else.

    Raises ChildDied if the child's answer is no valid one; this ends the worker too.
    """
    if IMPORTS_BEFORE_FORK:
        load()
    given = run_in_child.run_in_child(
        lambda: answer_in_sandbox(load(), request, process), request.max_characters
    )
    line = given.decode("ascii", "replace")
    try:
        return protocol.decode_answer(line, 0, request)
    except protocol.BrokenAnswer as exc:
        raise run_in_child.ChildDied(EX_SOFTWARE) from exc


def answer_in_sandbox(work: Work, request: protocol.WriteTags, process: Confinement) -> bytes:
    """Carry out a request in a child process that can write `request.temp` and nothing else; return the answer as JSON."""
    process.confine(writable=Path(request.temp))
    return protocol.encode_answer(0, result_of(work, request)).encode("ascii")


def classify() -> Work:
    """Import the classification."""
    from drumwatch.analysis import analyze  # noqa: PLC0415  loads numpy and soundfile with the first job

    return analyze.analyze


def plot() -> Work:
    """Import the analysis with a plot."""
    from drumwatch.analysis import analyze  # noqa: PLC0415

    return analyze.plot


def tag() -> Work:
    """Import the tagger."""
    from drumwatch.analysis.tags import tagger  # noqa: PLC0415

    return tagger.tag


def prove_tags() -> Work:
    """Import the comparison of a tagged copy with its original."""
    from drumwatch.analysis.tags import proof  # noqa: PLC0415

    return proof.prove


def find_note() -> Work:
    """Import librosa, which compiles its code once: in no sandbox yet, as that is written to the cache folder."""
    from drumwatch.analysis import root_note  # noqa: PLC0415  imports librosa and numba

    root_note.prepare()
    return root_note.find


def compile_code() -> Work:
    """Import librosa, which compiles its code."""
    find_note()
    from drumwatch.analysis import root_note  # noqa: PLC0415

    return root_note.compiled


def metrics() -> Work:
    """Import the metrics."""
    from drumwatch.analysis.retraining import metrics  # noqa: PLC0415

    return metrics.answer


def digest() -> Work:
    """Import the decoder, for the hash of all samples."""
    from drumwatch.analysis import decode  # noqa: PLC0415

    return lambda request: protocol.Digested(
        (decode.sound_digest if request.audible else decode.digest)(request.path)
    )


def lay_out() -> Work:
    """Import the map layout."""
    from drumwatch.analysis import map_layout  # noqa: PLC0415

    return map_layout.lay_out


def find_similar() -> Work:
    """Import the comparison of sounds."""
    from drumwatch.analysis import analyze  # noqa: PLC0415

    return analyze.find_similar


def compare() -> Work:
    """Import the comparison of sounds."""
    from drumwatch.analysis import sound_comparison  # noqa: PLC0415

    return sound_comparison.compare


def convert() -> Work:
    """Import the conversion for devices."""
    from drumwatch.analysis import conversion  # noqa: PLC0415

    return conversion.convert


def thumbnail() -> Work:
    """Import the preview."""
    from drumwatch.analysis import thumbnail  # noqa: PLC0415

    return thumbnail.thumbnail


def wav() -> Work:
    """Import the preview, for a WAV that browsers play."""
    from drumwatch.analysis import thumbnail  # noqa: PLC0415

    return thumbnail.wav


def check_model() -> Work:
    """Import the check of a retrained model."""
    from drumwatch.analysis.model import user_model  # noqa: PLC0415

    return user_model.checked


def train() -> Work:
    """Import retraining."""
    from drumwatch.analysis.retraining import retrain_job  # noqa: PLC0415  imports scikit-learn

    return retrain_job.train_user_model


def sandbox_check() -> Work:
    """Import the check of the sandbox."""
    from drumwatch.analysis import sandbox_check  # noqa: PLC0415

    return sandbox_check.escape_attempts


OPERATIONS: dict[type[Request], Callable[[], Work]] = {
    protocol.Analyze: classify,
    protocol.Plot: plot,
    protocol.WriteTags: tag,
    protocol.ProveTags: prove_tags,
    protocol.Digest: digest,
    protocol.FindNote: find_note,
    protocol.CompileCode: compile_code,
    protocol.Measure: metrics,
    protocol.CheckModel: check_model,
    protocol.Train: train,
    protocol.LayOutMap: lay_out,
    protocol.FindSimilar: find_similar,
    protocol.CompareSounds: compare,
    protocol.ConvertSound: convert,
    protocol.MakeThumbnail: thumbnail,
    protocol.RenderWav: wav,
    protocol.CheckSandbox: sandbox_check,
}


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
    suspend_on_request()
    serve(sys.stdin, take_stdout(), functools.partial(answer, process=Confinement(ours=True)))


if __name__ == "__main__":
    main()
