"""How fast packs are sorted, against bare unzip and cp; resuming, the cache, workers, Dask.

    python benchmarks/packs.py FOLDER-OF-SOUNDS [--zip 2000] [--folder 20000] [--dask]

The sounds are multiplied with small changes (one sample differs), so that no two are the same. Processor time is that of all
processes; it says more than seconds where the machine has other work.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import psutil
import soundfile

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sounds", type=Path)
    parser.add_argument("--zip", type=int, default=2000)
    parser.add_argument("--folder", type=int, default=20_000)
    parser.add_argument("--dask", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drumwatch-packs-") as place:
        bench = Bench(Path(place), chosen.sounds)
        bench.from_zip(chosen.zip)
        bench.from_folder(chosen.folder)
        bench.resumed(chosen.zip)
        bench.cached(chosen.zip)
        bench.workers(chosen.zip, dask=chosen.dask)


class Bench:
    def __init__(self, place: Path, sounds: Path) -> None:
        self.place = place
        self.originals = sorted(
            path
            for path in sounds.rglob("*")
            if path.suffix in (".wav", ".flac") and path.stat().st_size < 400_000
        )
        self.numbers = itertools.count()

    def make(self, count: int) -> Path:
        """So many different sounds in packs of a thousand, all below one folder; the same again for the same count."""
        folder = self.place / f"made-{count}"
        if folder.exists():
            return folder
        chance = random.Random(1)
        for n in range(count):
            path = folder / f"Vendor - Pack {n // 1000}" / f"{n}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            y, sr = soundfile.read(self.originals[n % len(self.originals)], dtype="int16")
            y[chance.randrange(len(y))] ^= 1 + n % 7
            soundfile.write(path, y, sr)
        return folder

    def fresh(self) -> Path:
        return self.place / f"library-{next(self.numbers)}"

    def sort(self, *arguments: object, library: Path | None = None) -> tuple[float, float]:
        """Seconds, and the highest resident megabytes of the main process."""
        with self.started(*arguments, library=library) as process:
            return watched(process)

    def started(self, *arguments: object, library: Path | None = None) -> subprocess.Popen[bytes]:
        state = self.place / f"state-{next(self.numbers)}"
        return self.started_on(state, *arguments, library=library)

    def started_on(
        self, state: Path, *arguments: object, library: Path | None = None
    ) -> subprocess.Popen[bytes]:
        config = self.place / "config.toml"
        if not config.exists():
            config.write_text('library = "/nowhere/else"\nmax_wrong = 1.0\nmin_free = "1 MB"\n')
        processor_time()  # from here on
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "drumwatch",
                "sort",
                *map(str, arguments),
                "--to",
                str(library or self.fresh()),
            ],
            env={
                **os.environ,
                "DRUMWATCH_STATE": str(state),
                "DRUMWATCH_CONFIG": str(config),
                "PYTHONPATH": str(ROOT),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def from_zip(self, count: int) -> None:
        folder, archive = self.make(count), self.place / "Vendor - Pack.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for path in sorted(folder.rglob("*.wav")):
                made.write(path, path.relative_to(folder))
        bare = timed("unzip", "-q", str(archive), "-d", str(self.place / "bare"))
        shutil.rmtree(self.place / "bare")
        seconds, peak = self.sort(archive)
        report(f"zip of {count}", count, seconds, f"bare unzip {bare:.1f} s, peak {peak:.0f} MB")

    def from_folder(self, count: int) -> None:
        folder = self.make(count)
        bare = timed("cp", "-r", str(folder), str(self.place / "bare"))
        shutil.rmtree(self.place / "bare")
        seconds, peak = self.sort(folder, "--action", "copy")
        report(f"folder of {count}, copied", count, seconds, f"bare cp {bare:.1f} s, peak {peak:.0f} MB")

    def resumed(self, count: int) -> None:
        """Stopped in the middle; then again, where everything analyzed is cached."""
        folder, library, state = self.make(count), self.fresh(), self.place / "resumed"
        with self.started_on(state, folder, "--action", "copy", library=library) as process:
            while not library.exists() or sum(len(names) for _, _, names in os.walk(library)) < count // 2:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            process.communicate()
        done = sum(len(names) for _, _, names in os.walk(library))
        with self.started_on(state, folder, "--action", "copy", library=library) as process:
            rest, _ = watched(process)
        report(f"stopped after {done} of {count}, resumed", count - done, rest)
        with self.started_on(state, folder, "--action", "copy", library=library) as process:
            known, _ = watched(process)
        report(f"all {count} known already", count, known)

    def cached(self, count: int) -> None:
        """A dry run, then the same with everything analyzed in the cache."""
        folder, library, state = self.make(count), self.fresh(), self.place / "cached"
        for what in ("analyzed", "from the cache"):
            with self.started_on(state, folder, "--dry-run", library=library) as process:
                seconds, peak = watched(process)
            report(f"dry run over {count}, all {what}", count, seconds, f"peak {peak:.0f} MB")

    def workers(self, count: int, *, dask: bool) -> None:
        folder, config = self.make(count), self.place / "config.toml"
        plain = config.read_text()
        for number in (1, 2):
            config.write_text(f"{plain}workers = {number}\n")
            seconds, _ = self.sort(folder, "--action", "copy")
            report(f"{number} worker{'s' * (number > 1)}", count, seconds)
        config.write_text(plain)
        if dask:
            import distributed  # noqa: PLC0415

            with distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None
            ) as cluster:
                address = cluster.scheduler_address.replace("tcp://", "dask://")
                for made in (self.make(50), folder):  # with the first the workers load what they need
                    before = used_by_children()
                    seconds, _ = self.sort(made, "--engine", address, "--action", "copy")
                    theirs = 1000 * (used_by_children() - before) / count
                report("Dask, 2 workers", count, seconds, f"and {theirs:.1f} ms by the cluster")


def used_by_children() -> float:
    """Processor seconds of the processes that run below this one."""
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


def watched(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    begun, peak, one = time.monotonic(), 0, psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, one.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.05)
    _, result = process.communicate()
    assert process.returncode == 0, result.decode()
    return time.monotonic() - begun, peak / 1e6


def timed(*command: str) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - begun


def report(what: str, count: int, seconds: float, more: str = "") -> None:
    """With the processor time of the run: its own, and that of all that it started."""
    cost = f"{1000 * processor_time() / count:.1f} ms of processor a file"
    print(
        f"{what}: {seconds:.1f} s, {count / seconds:.0f} files a second, {cost}{f' ({more})' if more else ''}",
        flush=True,
    )


def processor_time() -> float:
    """Seconds that processes which have ended meanwhile have used, since this was asked before."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    since, processor_time.before = processor_time.before, used.ru_utime + used.ru_stime
    return processor_time.before - since


processor_time.before = 0.0


if __name__ == "__main__":
    main()
