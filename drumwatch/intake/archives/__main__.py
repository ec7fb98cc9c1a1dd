"""The unpacker process: a hostile archive meets limits and a sandbox, and cannot reach the journal. JSON lines in and out."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import signal
import sys
from pathlib import Path

import msgspec

from drumwatch.intake import archive_readers
from drumwatch.intake.archives.limits import Limits, NoRoom, NotWhole, Refused, TooMuch
from drumwatch.intake.archives.unpack import unpack
from drumwatch.sandbox import kernel
from drumwatch.sandbox.run_in_child import ChildDied, run_in_child
from drumwatch.sandbox.suspend import suspend_on_request
from drumwatch.workers.protocol import (
    Answer,
    BrokenAnswer,
    ErrorKind,
    Failed,
    InvalidRequest,
    Unpack,
    UnpackedArchive,
    decode_answer,
    decode_request,
    encode_answer,
)

ADDRESS_SPACE = 1 << 30
DESCRIPTORS = 64
EX_SOFTWARE = 70  # exit code of sysexits.h for an internal error
KIND_OF_REFUSAL: tuple[tuple[type[Refused], ErrorKind], ...] = (
    (NotWhole, ErrorKind.ARCHIVE_INCOMPLETE),
    (NoRoom, ErrorKind.NO_SPACE),
    (TooMuch, ErrorKind.ARCHIVE_TOO_LARGE),
    (Refused, ErrorKind.ARCHIVE_REFUSED),
)


def reply_to(line: str) -> str:
    """Return the answer to a request, never raise; a sandboxed child process does the work, where the system has a sandbox."""
    try:
        number, job = decode_request(line, [Unpack])
    except InvalidRequest as exc:
        return encode_answer(exc.number, Failed.of(exc))
    assert isinstance(job, Unpack)  # noqa: S101  the only one that is known here
    outcome = _outcome_of_child(job) if kernel.is_offered() else _outcome(job)
    return encode_answer(number, outcome)


def _outcome_of_child(job: Unpack) -> Answer:
    """Return the answer of a sandboxed child process; raises ChildDied, which ends the unpacker too, if it is no valid one."""
    given = run_in_child(lambda: _sandboxed_outcome(job), job.max_characters)
    try:
        return decode_answer(given.decode("ascii", "replace"), 0, job)
    except BrokenAnswer as exc:
        raise ChildDied(EX_SOFTWARE) from exc


def _sandboxed_outcome(job: Unpack) -> bytes:
    import resource  # noqa: PLC0415  POSIX

    with contextlib.suppress(OSError):  # the unpacking will report the error
        place = Path(job.folder).parent
        place.mkdir(parents=True, exist_ok=True)
        kernel.lower_limits(resource.RLIMIT_FSIZE, job.limits.size)
        kernel.enter_sandbox(writable=place)
    return encode_answer(0, _outcome(job)).encode("ascii")


def _outcome(job: Unpack) -> Answer:
    try:
        return _answer(job)
    except Refused as exc:
        kind = next(kind for error, kind in KIND_OF_REFUSAL if isinstance(exc, error))
        return Failed(f"{job.subject} was not unpacked: {exc}.", kind)
    except Exception as exc:  # noqa: BLE001  parsers raise many types of errors
        return Failed.of(exc, job.subject)


def _answer(job: Unpack) -> UnpackedArchive:
    """Unpack `path` into the new folder `folder`; return the archive's hash and what was left out."""
    path, folder = Path(job.path), Path(job.folder)
    shutil.rmtree(folder, ignore_errors=True)  # of an unpacker that was killed over this request
    limits = Limits(**msgspec.structs.asdict(job.limits))
    found = unpack(path, folder, limits, only_portable=job.portable)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
    return UnpackedArchive(
        digest,
        job.folder,
        found.files,
        found.sounds,
        found.size,
        refused=tuple(found.refused),
        in_packages=found.in_packages,
        names=found.names_in_archive,
    )


def confine() -> None:
    """Limit descriptors and memory, and disable core dumps; macOS refuses the limit on memory, which the pool watches there."""
    import resource  # noqa: PLC0415  POSIX

    kernel.lower_limits(resource.RLIMIT_CORE, 0)
    kernel.lower_limits(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if sys.platform != "darwin":
        kernel.lower_limits(resource.RLIMIT_AS, ADDRESS_SPACE)


def main() -> None:
    """Run the unpacker until its input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole process group, but the caller ends this process
    suspend_on_request()
    confine()
    archive_readers.readers()  # loads libarchive: inside the sandbox it could not be found
    for line in sys.stdin:
        print(reply_to(line), flush=True)  # noqa: T201  the reply


if __name__ == "__main__":
    main()
