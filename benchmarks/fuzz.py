"""Our own parsers against inputs of a coverage-guided fuzzer: `python benchmarks/fuzz.py [PARSER …] [--seconds 600]`.

Needs `pip install atheris` (libFuzzer for Python). Each parser runs in a process of its own, beginning with good files that are made here.
What breaks a promise of `tests/parsers.py` ends its run and is kept, as `crash-…` or `timeout-…`, in the folder `--finds`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
NAMES = (
    "containers",
    "riff",
    "outside-tags",
    "tagger",
    "patches",
    "config",
    "archive-names",
    "zip",
    "templates",
)
INSTRUMENTED = ["drumwatch", "mutagen", "zipfile", "tomllib"]
HANGS_AFTER = 20  # seconds for one input


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parsers", nargs="*", default=NAMES)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--finds", type=Path, default=Path("finds"))
    chosen = parser.parse_args()
    chosen.finds.mkdir(exist_ok=True)
    for name in chosen.parsers:
        begun = time.monotonic()
        command = [sys.executable, __file__, "--one", name, str(chosen.seconds), str(chosen.finds)]
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        print(f"{name}: {summary(ran)} ({time.monotonic() - begun:.0f} s)", flush=True)


def summary(ran: subprocess.CompletedProcess[str]) -> str:
    """Inputs tried and branches reached, as libFuzzer tells them at its end, and what it found."""
    reported = re.findall(r"^#(\d+)\s.* cov: (\d+) ft: \d+ corp: (\d+)", ran.stderr, re.MULTILINE)
    tried, reached, kept = reported[-1] if reported else ("no", "0", "0")
    found = "nothing found" if ran.returncode == 0 else "FOUND\n" + ran.stderr[-3000:]
    return f"{int(tried) if reported else 0:,} inputs, {reached} branches reached, {kept} inputs worth keeping; {found}"


def fuzz(name: str, seconds: str, finds: str) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris  # noqa: PLC0415  not among what drumwatch is developed with: it has wheels for few machines

    with atheris.instrument_imports(include=INSTRUMENTED):
        sys.path.insert(0, str(TESTS))
        from parsers import PARSERS  # noqa: PLC0415
    parser = PARSERS[name]
    with tempfile.TemporaryDirectory(prefix="drumwatch-fuzz-") as place:
        seeds, work = Path(place, "seeds"), Path(place, "work")
        seeds.mkdir()
        work.mkdir()
        with tempfile.TemporaryDirectory() as kitchen:
            for number, seed in enumerate(parser.seeds(Path(kitchen))):
                (seeds / str(number)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={HANGS_AFTER}",
            f"-artifact_prefix={finds}/{name}-",
            "-max_len=20000",
        ]
        atheris.Setup([name, *options, str(seeds)], lambda content: parser.check(content, work))
        atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fuzz(*sys.argv[2:])
    main()
