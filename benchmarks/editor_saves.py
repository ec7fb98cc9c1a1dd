"""Are edits kept that a person saves while the sounds are filed, or taken back? `python benchmarks/editor_saves.py [SOUNDS] [--seed 1]`.

An editor opens each sound while the queue is heard and saves it a moment later: in place (its descriptor was open before), by
its path, or by renaming a new file over it. So for a move on one disk and across two, for copies, hard links and tags, and for
the undo of each. Every edit has samples of its own, which have to be found in the end, wherever the file is by then.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from bench_harness import SR, BenchRun

from drumwatch.journal import Filter, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.core.records import Entry

QUIET = 1.0  # seconds
HEARD_SLOWLY = 0.1  # share of the processors, so that the queue is long enough to open files meanwhile
# Seconds until a file is opened, and until it is saved after that, each between two: most are opened while the queue is heard, and
# saved when they have been filed
Moments = tuple[tuple[float, float], tuple[float, float]]
FILING: Moments = (0.0, 1.0), (1.0, 6.0)
UNDOING: Moments = (0.0, 0.1), (0.0, 0.6)
SAVES = ("in place", "by path", "by rename")
PATIENCE = 120.0


@dataclass(frozen=True)
class Way:
    """An action, and whether the sounds and the library, or the state, are on two disks."""

    action: str
    across: bool = False

    def __str__(self) -> str:
        return f"{self.action} across disks" if self.across else self.action


WAYS = (Way("move"), Way("move", across=True), Way("copy"), Way("hardlink"), Way("tag"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sounds", type=int, nargs="?", default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--other", type=Path, default=Path("/dev/shm"), help="a folder on another disk")
    parser.add_argument("--ways", nargs="*", default=[str(way) for way in WAYS], help="as they are printed")
    chosen = parser.parse_args()
    lost = 0
    for way in WAYS:
        for save in SAVES if str(way) in chosen.ways else ():
            lost += measure(way, save, chosen.sounds, chosen.other, random.Random(chosen.seed))
    print(f"{lost} edits lost")
    sys.exit(min(lost, 1))


def measure(way: Way, save: str, count: int, other: Path, chance: random.Random) -> int:
    """File and take back; returns how many edits are gone."""
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory(dir=other) as elsewhere:
        run = EditedRun(Path(root), Path(elsewhere), way, count, chance)
        filed = run.edit_while_filing(save)
        undone = run.edit_while_undoing(save)
    print(
        f"{str(way) + ', saved ' + save + ':':38} {filed} of {count} edits kept; with undo {undone[0]} of {undone[1]}",
        flush=True,
    )
    return count - filed + undone[1] - undone[0]


class EditedRun(BenchRun):
    """A daemon, and a person who edits what it files."""

    def __init__(self, root: Path, other: Path, way: Way, count: int, chance: random.Random) -> None:
        super().__init__(root, QUIET)
        self.chance, self.number = chance, 0
        if way.across:
            self.library = other / "library"
            self.library.mkdir()
        self._configure(way.action)
        self.sounds = [self.intake / f"kick {number}.wav" for number in range(count)]
        self.way = way

    def _configure(self, action: str, more: str = f"max_share = {HEARD_SLOWLY}") -> None:
        config = Path(self.env["DRUMWATCH_CONFIG"])
        settings = f'max_wrong = 1.0\nquiet = {QUIET}\nmin_free = 0\naction = "{action}"\n{more}\n'
        text = f'library = "{self.library}"\n{settings}[[watch]]\nfolder = "{self.intake}"\n'
        config.write_text(text, "utf-8")

    def edit_while_filing(self, save: str) -> int:
        """Sounds arrive and are edited while they are filed; returns how many edits are there."""
        with self.daemon():
            for path in self.sounds:
                self.write(path)
            wait_for(lambda: any(self.done()), "the first sound filed")
            editors = [self.editor(path, save, FILING) for path in self.sounds]
            for editor in editors:
                editor.join()
            self.wait_until_at_rest()
        return self.kept(editors)

    def edit_while_undoing(self, save: str) -> tuple[int, int]:
        """What is filed is edited while it is taken back; returns how many edits are there, and of how many."""
        filed = {entry.destination or entry.source: entry.id for entry in self.done()}
        there = [path for path in filed if path.is_file()][: len(self.sounds)]
        before = len(list(self.entries_of(())))
        numbers = [str(filed[path]) for path in there]
        command = [sys.executable, "-m", "drumwatch", "undo", *numbers]
        with subprocess.Popen(
            command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as undoing:
            wait_for(
                lambda: len(list(self.entries_of(()))) > before or undoing.poll() is not None,
                "the first undo",
            )
            editors = [self.editor(path, save, UNDOING) for path in there]
            for editor in editors:
                editor.join()
        return self.kept(editors), sum(editor.saved for editor in editors)

    def write(self, path: Path) -> bytes:
        """Write a sound with samples of its own; returns these."""
        self.number += 1
        frames = frames_of(self.number)
        write_wav(path, frames)
        return frames

    def editor(self, path: Path, save: str, within: Moments) -> Editor:
        self.number += 1
        moments = [self.chance.uniform(*seconds) for seconds in within]
        editor = Editor(path, frames_of(self.number), save, *moments)
        editor.start()
        return editor

    def kept(self, editors: Sequence[Editor]) -> int:
        """How many edits are there; what an editor could not save, because the file was gone, counts as kept by its program."""
        there = {frames_in(path) for folder in (self.intake, self.library) for path in visible(folder)}
        return sum(editor.frames in there for editor in editors if editor.saved)

    def wait_until_at_rest(self) -> None:
        """Until what was saved is handled too, or nothing has happened for a while."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < 4 * QUIET:
            now = len(list(self.done()))
            if now != count:
                count, since = now, time.monotonic()
            time.sleep(0.1)

    def done(self) -> Iterator[Entry]:
        return (entry for entry in self.entries_of(("done",)) if entry.undoes is None)

    def entries_of(self, states: tuple[str, ...]) -> Iterator[Entry]:
        with Journal(self.state / "journal.db") as journal:
            yield from list(journal.entries.find(Filter(states=states)))


class Editor(threading.Thread):
    """Opens one sound after a while, and saves it after another one."""

    def __init__(self, path: Path, frames: bytes, save: str, opens_after: float, open_for: float) -> None:
        super().__init__()
        self.path, self.frames, self.save = path, frames, save
        self.opens_after, self.open_for = opens_after, open_for
        self.saved = False

    def run(self) -> None:
        time.sleep(self.opens_after)
        try:
            file = self.path.open("r+b")
        except (
            FileNotFoundError
        ):  # it has been moved: the person opens no file, and saves what they have as a new one
            time.sleep(self.open_for)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(self.path, self.frames)
        else:
            with file:
                file.read()
                if self.save == "in place":
                    self._save_after(file.fileno())
            if self.save != "in place":
                time.sleep(self.open_for)
                self._save_by_name()
        self.saved = True

    def _save_after(self, fd: int) -> None:
        time.sleep(self.open_for)
        os.lseek(fd, 0, os.SEEK_SET)
        os.ftruncate(fd, 0)
        with os.fdopen(os.dup(fd), "r+b") as file:
            write_wav(file, self.frames)

    def _save_by_name(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.save == "by path":
            write_wav(self.path, self.frames)
            return
        new = self.path.with_name(f".{self.path.name}.new")
        write_wav(new, self.frames)
        new.replace(self.path)


def frames_of(number: int) -> bytes:
    """The samples of a short click, each number another one."""
    t = np.arange(SR // 10) / SR
    y = 0.8 * np.sin(2 * np.pi * (40 + number / 10) * t) * np.exp(-t / 0.02)
    return (y * 32767).astype("<i2").tobytes()


def write_wav(to: Path | object, frames: bytes) -> None:
    with wave.open(str(to) if isinstance(to, Path) else to, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SR)
        sound.writeframes(frames)


def frames_in(path: Path) -> bytes:
    try:
        with wave.open(str(path)) as sound:
            return sound.readframes(sound.getnframes())
    except (wave.Error, EOFError):
        return b""


def visible(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def wait_for(is_so: object, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"{what}: not within {PATIENCE:.0f} s")
        time.sleep(0.01)


if __name__ == "__main__":
    main()
