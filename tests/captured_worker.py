"""A worker that a hostile file has taken over: it answers as it should until it is asked about `bad`, and then it lies.

    python captured_worker.py LIE PIDS

Without a LIE, the name of the file says it: `bad no JSON.wav`, or `untaggable no JSON.wav` for a lie about tags only. PIDS is a file
into which each process writes its id. Without arguments, both are read from `captured.json` in the folder that CAPTURED names, so
that it can stand in for a module of the program.
It knows nothing of the program but the lines of the protocol.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    Job = dict[str, Any]

TYPES = {"kick": 0.97, "clap": 0.03}
VERDICT = {
    "label": "kick", "type": "kick", "confidence": 0.97, "probabilities": {"kick": 0.97, "percussion": 0.03}, "types": TYPES,
    "runner_up": "percussion", "shape": "one-shot", "duration": 0.5, "model": "m1",
}  # fmt: skip
FOREVER = 3600


def say(text: str) -> None:
    os.write(1, text.encode("utf-8", "surrogatepass") + b"\n")


def honest(job: Job) -> Job:
    if job["op"] == "digest":
        return {"id": job["id"], "answer": "digested", "digest": str(os.getpid())}
    if job["op"] == "unpack":
        os.makedirs(job["folder"], exist_ok=True)
        counts = {"files": 0, "sounds": 0, "size": 0}
        return {
            "id": job["id"],
            "answer": "unpacked",
            "content_hash": "00",
            "folder": job["folder"],
            **counts,
        }
    content = Path(job["path"]).read_bytes() if os.path.exists(job["path"]) else b""
    digest = hashlib.blake2b(content, digest_size=32).hexdigest()
    return {"id": job["id"], "answer": "analyzed", "verdict": VERDICT, "content_hash": digest}


def answer(job: Job, **more: Any) -> None:
    say(json.dumps({**honest(job), **more}))


def verdict(**more: Any) -> Callable[[Job], None]:
    """An answer whose verdict is as it should be but for these fields; a request for another thing gets it just so."""
    return lambda job: answer(job, answer="analyzed", verdict={**VERDICT, **more})


def text(template: str) -> Callable[[Job], None]:
    """This line, with the id of the request in it."""
    return lambda job: say(template.replace("ID", str(job["id"])))


def number(value: str) -> Callable[[Job], None]:
    """A verdict with a number that only a text can hold."""
    return lambda job: say(
        json.dumps({**honest(job), "answer": "analyzed", "verdict": {**VERDICT, "duration": 7}}).replace(
            '"duration": 7', f'"duration": {value}'
        )
    )


def unpacked_nowhere(job: Job) -> None:
    """An archive that is said to be unpacked, and is not; a request for another thing is not answered."""
    made = {"content_hash": "00", "folder": job.get("folder", ""), "files": 1, "sounds": 1, "size": 1}
    say(json.dumps({"id": job["id"], "answer": "unpacked", **made}))


def silence(_: Job) -> NoReturn:
    while True:
        time.sleep(FOREVER)


def deaf(job: Job) -> NoReturn:
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTSTP, signal.SIGXCPU):
        signal.signal(one, signal.SIG_IGN)
    note_pid()  # once more
    silence(job)


def endless(handle: int, piece: bytes) -> Callable[[Job], None]:
    def write(_: Job) -> NoReturn:
        while True:
            os.write(handle, piece)

    return write


def half_a_line(then: Callable[[Job], None]) -> Callable[[Job], None]:
    def begin(job: Job) -> None:
        os.write(1, b'{"id": ')
        then(job)

    return begin


def leave(_: Job) -> NoReturn:
    os._exit(0)


def without_output(job: Job) -> NoReturn:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    silence(job)


def child_keeps_pipes(*, own_session: bool) -> Callable[[Job], None]:
    def start_one(job: Job) -> None:
        if os.fork() == 0:
            if own_session:
                os.setsid()
            note_pid()
            silence(job)
        time.sleep(0.2)
        os._exit(0)

    return start_one


def parent_of_a_child_in_its_own_session(job: Job) -> None:
    if os.fork() == 0:
        os.setsid()
        note_pid()
        silence(job)
    silence(job)


LIES: dict[str, Callable[[Job], None]] = {
    "no JSON": text("Segmentation fault"),
    "an empty list": text("[]"),
    "null": text("null"),
    "a verdict of the wrong type": lambda job: answer(job, answer="analyzed", verdict=5),
    "no verdict": text('{"id": ID, "answer": "analyzed"}'),
    "a label of the wrong type": verdict(label=["kick"]),
    "NaN": number("NaN"),
    "Infinity": number("Infinity"),
    "1e400": number("1e400"),
    "a huge whole number": number("1" + "0" * 300),
    "a whole number that Python refuses": number("9" * 5000),
    "a negative length": number("-1"),
    "a probability of two": verdict(confidence=2.0),
    "a negative probability": verdict(types={"kick": -1}),
    "a label without a probability": verdict(label="snare"),
    "no types": verdict(types={}),
    "an unknown shape": verdict(shape="round"),
    "a label that leads away": verdict(label="../../x", probabilities={"../../x": 1.0}),
    "a label of two lines": verdict(label="kick\nx", probabilities={"kick\nx": 1.0}),
    "a label with a lone surrogate": verdict(label="\udcff", probabilities={"\udcff": 1.0}),
    "a model with a lone surrogate": verdict(model="\ud800"),
    "a hash that is none": lambda job: answer(job, answer="analyzed", verdict=VERDICT, content_hash="../x"),
    "a sentence of a megabyte": lambda job: say(
        json.dumps({"id": job["id"], "answer": "failed", "kind": "unreadable", "message": "x" * (1 << 20)})
    ),
    "a million lists": lambda job: say(
        f'{{"id": {job["id"]}, "answer": "failed", "message": [{"[]," * 1_000_000}[]]}}'
    ),
    "deep nesting": text("[" * 200_000),
    "deep nesting of objects": text('{"id":' * 100_000),
    "bytes that are no text": lambda _: say("\udcff"),
    "text that is no ASCII": text('{"id": ID, "answer": "digested", "digest": "\u266b"}'),
    "the answer to a later request": lambda job: answer(job, id=job["id"] + 1),
    "an answer without an id": lambda job: answer(job, id=None),
    "an answer of another kind": text('{"id": ID, "answer": "wav", "wav": "AAAA"}'),
    "an archive that is unpacked nowhere": unpacked_nowhere,
    "a line that never ends": endless(1, b"x" * 65536),
    "silence": silence,
    "half a line, then silence": half_a_line(silence),
    "half a line, then its end": half_a_line(leave),
    "an end without a word": leave,
    "no output any more": without_output,
    "no signal is heard": deaf,
    "stderr without end": endless(2, b"warning\n" * 8192),
    "a line on stderr that never ends": endless(2, b"x" * 65536),
    "a child keeps its pipes": child_keeps_pipes(own_session=False),
    "a child in a session of its own keeps its pipes": child_keeps_pipes(own_session=True),
    "a child in a session of its own": parent_of_a_child_in_its_own_session,
}


def note_pid() -> None:
    with open(PIDS, "a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")


def main() -> None:
    note_pid()
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            job = json.loads(line)
            name = os.path.splitext(os.path.basename(job.get("path", "")))[0]
            if "bad" in name:
                LIES[LIE or name.removeprefix("bad ")](job)
            elif name.startswith("untaggable ") and job["op"] == "write tags":
                LIES[name.removeprefix("untaggable ")](job)
            else:
                answer(job)


if len(sys.argv) > 2:
    LIE, PIDS = sys.argv[1:]
else:
    LIE, PIDS = json.loads((Path(os.environ["CAPTURED"]) / "captured.json").read_text())

if __name__ == "__main__":
    main()
