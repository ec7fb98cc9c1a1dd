"""What an analysis costs: `python benchmarks/cost.py FOLDER [EVERY]`, of every EVERY-th sound (default: 1).

CPU of the analysis with a digest against decoding alone, in one process, in turn on each file, best of PASSES; CPU of
`drumwatch classify` against decoding the same files with soundfile alone, whole process against whole process (imports, worker
and all); then a cold worker's time to its first verdict, and its memory. All with one thread.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOUNDS = {".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
DECODE = (
    "import sys, soundfile\nfor path in sys.stdin.read().split('\\0'): soundfile.read(path, dtype='float32')"
)


PASSES = 5


def main(folder: Path, every: int = 1, runs: int = 4) -> None:
    paths = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)[::every]
    subprocess.run([sys.executable, __file__], input="\0".join(paths), text=True, env=ONE_THREAD, check=True)
    decode = [sys.executable, "-c", DECODE]
    classify = [sys.executable, "-m", "drumwatch", "classify", "--json", *paths]
    floor = min(cpu_of(decode, "\0".join(paths)) for _ in range(runs))
    ours = min(cpu_of(classify, "") for _ in range(runs))
    print(
        f"{len(paths)} files: decoding {floor:.2f} s, classify {ours:.2f} s of CPU: {ours / floor:.2f} times"
    )
    print(f"a file: {1000 * floor / len(paths):.2f} ms and {1000 * ours / len(paths):.2f} ms")
    cold = statistics.median(cold_start(paths[0]) for _ in range(12))
    print(
        f"cold worker to its first verdict: {cold:.2f} s; its memory after all files: {worker_rss(paths):.0f} MB"
    )


def in_process(paths: list[str]) -> None:
    """The best of PASSES for each file, decoding and analysis in turn."""
    import soundfile  # noqa: PLC0415  a process of its own

    from drumwatch.analysis.analyze import analyze  # noqa: PLC0415
    from drumwatch.workers.protocol import Analyze  # noqa: PLC0415

    best = {path: [math.inf, math.inf] for path in paths}
    for _, path in itertools.product(range(PASSES), paths):
        job = Analyze(path, with_digest=True)
        begun = time.process_time()
        soundfile.read(path, dtype="float32")
        decoded = time.process_time()
        analyze(job)
        taken = decoded - begun, time.process_time() - decoded
        best[path] = [min(pair) for pair in zip(best[path], taken, strict=True)]
    floor, ours = (1000 * statistics.fmean(column) for column in zip(*best.values(), strict=True))
    print(
        f"in process: decoding {floor:.2f} ms, analysis {ours:.2f} ms a file: {ours / floor:.2f} times",
        flush=True,
    )


def cpu_of(command: list[str], reported: str) -> float:
    """User and system time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=reported, text=True, env=ONE_THREAD, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def worker() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "drumwatch.analysis.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ONE_THREAD,
    )


def ask(process: subprocess.Popen[str], path: str) -> None:
    process.stdin.write(json.dumps({"id": 1, "op": "analyze", "path": path}) + "\n")
    process.stdin.flush()
    process.stdout.readline()


def cold_start(path: str) -> float:
    begun = time.perf_counter()
    with worker() as process:
        ask(process, path)
        return time.perf_counter() - begun


def worker_rss(paths: list[str]) -> float:
    """Resident memory in MB, Linux only."""
    with worker() as process:
        for path in paths:
            ask(process, path)
        status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    else:
        in_process(sys.stdin.read().split("\0"))
