"""The unpacker process: a hostile archive meets limits and a sandbox, and cannot reach the journal. JSON lines in and out."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drumwatch import fences
from drumwatch.apart import answered_by_a_child
from drumwatch.intake.archives.limits import Limits, Refused
from drumwatch.intake.archives.unpack import unpack
from drumwatch.standstill import stand_still_on_request

ADDRESS_SPACE = 1 << 30
DESCRIPTORS = 64


def reply_to(line: str) -> str:
    """Return the reply to a request, never raise; on Linux a sandboxed child process does the work."""
    return (
        answered_by_a_child(lambda: _fenced_outcome(line)).decode()
        if sys.platform == "linux"
        else json.dumps(_outcome(line))
    )


def _fenced_outcome(line: str) -> bytes:
    with contextlib.suppress(OSError, ValueError, KeyError):  # the unpacking will report the error
        place = Path(json.loads(line)["folder"]).parent
        place.mkdir(parents=True, exist_ok=True)
        fences.close(writable=place)
    return json.dumps(_outcome(line)).encode()


def _outcome(line: str) -> dict[str, Any]:
    job: dict[str, Any] = {}
    try:
        job = json.loads(line)
        return {"id": job["id"], **_answer(job)}
    except Refused as exc:
        name = os.path.basename(job["path"])
        sentence = f"{name} was not unpacked: {exc}."
        return {"id": job["id"], "error": sentence, "kind": type(exc).__name__}
    except Exception as exc:  # noqa: BLE001  parsers raise many types of errors
        return {"id": job.get("id"), "error": f"{type(exc).__name__}: {exc}", "kind": type(exc).__name__}


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    """Unpack `path` into the new folder `folder`; return the archive's hash and what was left out."""
    path = Path(job["path"])
    found = unpack(path, Path(job["folder"]), Limits(**job["limits"]))
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
    return {"hash": digest, "folder": job["folder"], **asdict(found)}


def confine() -> None:
    """Limit memory and descriptors, and disable core dumps; not on macOS, which refuses the limit on memory."""
    if sys.platform != "darwin":
        import resource  # noqa: PLC0415  POSIX

        for which, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, DESCRIPTORS),
            (resource.RLIMIT_AS, ADDRESS_SPACE),
        ):
            fences.lower(which, most)


def main() -> None:
    """Run the unpacker until its input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole process group, but the caller ends this process
    stand_still_on_request()
    confine()
    with contextlib.suppress(ImportError, AttributeError, OSError):
        importlib.import_module("libarchive")  # an extra; inside the sandbox it could not find its library
    for line in sys.stdin:
        print(reply_to(line), flush=True)  # noqa: T201  the reply


if __name__ == "__main__":
    main()
