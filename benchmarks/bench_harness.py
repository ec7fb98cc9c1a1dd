"""The real daemon in a temporary folder, for the other scripts here."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.daemon.loop import Daemon
from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.config import Config

SR = 44_100
WATCHING = "watching"  # in the state folder: there as soon as a daemon of a script's own watches
SOUNDS = {".wav", ".wave", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}


class BenchRun:
    """An empty intake folder and a library on one disk; everything that can be decoded is filed."""

    def __init__(self, root: Path, quiet: float) -> None:
        self.intake, self.library, self.state = root / "intake", root / "library", root / "state"
        self.quiet = quiet
        for folder in (self.intake, self.library, self.state):
            folder.mkdir()
        config = f'library = "{self.library}"\nmax_wrong = 1.0\nquiet = {quiet}\n[[watch]]\nfolder = "{self.intake}"\n'
        (root / "config.toml").write_text(config, "utf-8")
        self.env = {
            **os.environ,
            "DRUMWATCH_STATE": str(self.state),
            "DRUMWATCH_CONFIG": str(root / "config.toml"),
        }

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[str]]:
        """Runs and watches until the end of the block."""
        command = [sys.executable, "-m", "drumwatch", "run"]
        with subprocess.Popen(command, env=self.env, stderr=subprocess.PIPE, text=True, bufsize=1) as process:
            next(line for line in process.stderr if line.endswith("Ready.\n"))
            yield process
            if process.poll() is None:
                stop(process)

    @contextmanager
    def own_daemon(self, script: str) -> Iterator[subprocess.Popen[str]]:
        """What `script daemon` runs, by `run_here`, from the moment it watches; whoever ends it reads what it prints."""
        command = [sys.executable, script, "daemon"]
        with (
            (self.state / "log").open("wb") as log,
            subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            while not (self.state / WATCHING).exists():
                time.sleep(0.1)
            yield process

    def sort_once(self) -> None:
        command = [sys.executable, "-m", "drumwatch", "run", "--once"]
        subprocess.run(command, env=self.env, stderr=subprocess.DEVNULL, check=True)

    def drop(self, sounds: list[Path], times: int = 1) -> dict[str, int]:
        """Copies of the sounds, one pack per time; how often each content is there, by its hash."""
        counts: dict[str, int] = {}
        for pack in range(times):
            for number, sound in enumerate(sounds):
                to = self.intake / f"pack {pack}" / f"{number} {sound.name}"
                to.parent.mkdir(exist_ok=True)
                shutil.copyfile(sound, to)
                counts[sha256(to)] = counts.get(sha256(to), 0) + 1
        return counts

    def entries(self) -> dict[str, int]:
        """How many entries the journal has in each state."""
        counts: dict[str, int] = {}
        with Journal(self.state / "journal.db") as journal:
            for entry in journal.entries.find(Filter()):
                counts[entry.state] = counts.get(entry.state, 0) + 1
        return counts

    def there(self) -> dict[str, int]:
        """How often each content is in intake and library, by its hash."""
        counts: dict[str, int] = {}
        for folder in (self.intake, self.library):
            for path in folder.rglob("*"):
                if path.is_file():
                    counts[sha256(path)] = counts.get(sha256(path), 0) + 1
        return counts

    def left(self) -> int:
        return sum(path.is_file() for path in self.intake.rglob("*"))


class OwnDaemon(Daemon):
    """The real daemon, for a script that counts or times something in it; says when it watches."""

    def _apply_config(self, config: Config) -> None:
        super()._apply_config(config)
        (app_paths.state_folder() / WATCHING).touch()

    def run_here(self) -> None:
        """Until SIGTERM, its log on standard error."""
        logging.basicConfig(level=logging.INFO)
        signal.signal(signal.SIGTERM, lambda *_: self.stop("SIGTERM"))
        self.run()


@contextmanager
def bench_run(quiet: float = 2.0) -> Iterator[BenchRun]:
    with tempfile.TemporaryDirectory(prefix="drumwatch-benchmark-") as folder:
        yield BenchRun(Path(folder), quiet)


def sounds_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)


def write_click(path: Path, number: int, seconds: float) -> str:
    """One of many sounds, each another; its hash."""
    import numpy as np  # noqa: PLC0415  a daemon of a script's own, whose memory counts, needs none of it
    import soundfile  # noqa: PLC0415

    t = np.arange(int(SR * seconds)) / SR
    soundfile.write(path, 0.8 * np.sin(2 * np.pi * (40 + number / 10) * t) * np.exp(-t / 0.01), SR)
    return sha256(path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stop(process: subprocess.Popen[str]) -> float:
    """SIGTERM; the seconds until it has ended."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    return time.monotonic() - begun


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
