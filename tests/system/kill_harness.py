"""A daemon that is killed again and again while it files, and the checks after each kill."""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import soundfile
from daemon_harness import DaemonHarness, command, sha256

from drumwatch.analysis.decode import digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry

WAITING = 40  # sounds that wait in the intake folder when the daemon starts
EARLY = 0.25  # share of the kills that fall on the start, with its recovery
WITH_WORKERS = 0.7  # share of the kills that end the workers too
UNDONE_AT_ONCE = 15
# Within each, the moment of a kill is drawn
START_SECONDS, FILING_SECONDS, UNDOING_SECONDS = (1.0, 0.4, 0.1)


@dataclass(frozen=True)
class Variant:
    """An action, and whether intake and library lie on two file systems."""

    action: str
    across: bool = False

    def __str__(self) -> str:
        return f"{self.action} across" if self.across else self.action


VARIANTS = (
    Variant("move"),
    Variant("move", across=True),
    Variant("copy"),
    Variant("copy", across=True),
    Variant("hardlink"),  # none is possible across
    Variant("symlink"),
    Variant("symlink", across=True),
    Variant("tag"),
    Variant("tag", across=True),
)


class KillRun:
    """One way of filing real sounds under kills; `root` and `other` are on two file systems."""

    def __init__(self, root: Path, other: Path, sounds: Sequence[Path], way: Variant, seed: int) -> None:
        self.harness, self.sounds, self.way = DaemonHarness(root), sounds, way
        self.chance = random.Random(seed)
        self.dropped: dict[Path, str] = {}  # every sound that ever arrived, by its path: SHA-256
        self.recovered = 0  # entries that a kill left half-done
        if way.across:
            self._put_on_other_disk(other)
        self.harness.configure(action=way.action, quiet=0.1, duplicates="keep")
        self.harness.run("run", "--once")  # from now on every file is new

    def _put_on_other_disk(self, other: Path) -> None:
        """The library; where there is none, as with tags, the intake folder: apart from the state."""
        if self.way.action == "tag":
            self.harness.intake = other / "intake"
            self.harness.intake.mkdir()
        else:
            self.harness.library = other / "library"

    def kill_once(self) -> None:
        """Sounds arrive, the daemon dies at some moment: no sound is lost, and all is in order after the next start."""
        self.top_up()
        self.harness.launch()
        self._wait_for_the_moment()
        self._kill()
        self._check_all()

    def kill_an_undo(self) -> None:
        """`drumwatch undo` dies in the middle of its work: the same has to hold, and what was put back stays there."""
        before = len(self.harness.entries())
        undoing = subprocess.Popen(
            command("undo", "--last", str(UNDONE_AT_ONCE)),
            env=self.harness.environment,
            cwd=self.harness.program,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while len(self.harness.entries()) == before and undoing.poll() is None:
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, UNDOING_SECONDS))
        undoing.kill()
        undoing.wait()
        self._check_all()

    def _check_all(self) -> None:
        self.check_whole()
        self.recovered += len(self.harness.entries(states=("planned",)))
        self.harness.start()
        self.harness.stop()
        self.check_where_the_journal_says()

    def top_up(self) -> None:
        """As many sounds wait as ever; those that an undo has put back do not wait."""
        put_back = {entry.source for entry in self.harness.entries(states=("undone",))}
        waiting = self.dropped.keys() - self.filed().keys() - put_back
        for _ in range(WAITING - len(waiting)):
            path = self._next_sound()
            self.dropped[path] = sha256(path)
            self._identity(path)  # decoded while it is certainly whole

    def filed(self) -> dict[Path, Entry]:
        """The entry that says where each sound is, for those that are anywhere else than where they came."""
        return {
            entry.source: entry for entry in self.harness.entries(states=("done",)) if entry.undoes is None
        }

    def _next_sound(self) -> Path:
        """The real files one after the other, then the same with one sample changed, so that no two sound the same."""
        turn, index = divmod(len(self.dropped), len(self.sounds))
        original = self.sounds[index]
        path = self.harness.intake / f"{turn} {index} {original.name}"
        if turn == 0:
            shutil.copyfile(original, path)
            return path
        y, sr = soundfile.read(original, dtype="int16", always_2d=True)
        y[turn % len(y), 0] ^= 1
        path = path.with_suffix(".wav")
        soundfile.write(path, y, sr)
        return path

    def _wait_for_the_moment(self) -> None:
        if self.chance.random() < EARLY:
            time.sleep(self.chance.uniform(0, START_SECONDS))
            return
        self.harness.wait_until(self._has_news, "the first sound filed")
        time.sleep(self.chance.uniform(0, FILING_SECONDS))

    def _kill(self) -> None:
        """The daemon alone, or with its workers, as a power cut does it."""
        if self.chance.random() < WITH_WORKERS:
            for worker in self.harness.children():
                with contextlib.suppress(psutil.NoSuchProcess):  # who writes a tag lives for a moment only
                    worker.kill()
        self.harness.kill()

    def _has_news(self) -> bool:
        return bool(self.harness.log.partition("Ready.\n")[2])

    # What has to hold

    def check_whole(self) -> None:
        """Every sound is there under a real name, whatever the daemon was doing."""
        there = {self._identity(path) for path in self.files() if not path.name.startswith(".drumwatch-")}
        lost = [path for path, content in self.dropped.items() if self._known_as(content) not in there]
        assert not lost, f"lost: {lost}"

    def check_where_the_journal_says(self) -> None:
        """Each sound is where its entry says, and nothing else lies around: no half copy, no temporary file."""
        assert not self.harness.entries(states=("planned",))
        filed = self.filed()
        expected = [path for sound in self.dropped for path in self._places(sound, filed.get(sound))]
        assert sorted(expected) == sorted(self.files(links=True))

    def _places(self, sound: Path, entry: Entry | None) -> Iterator[Path]:
        """Where the sound is by its entry, each place looked into."""
        content = self.dropped[sound]
        if entry is None or entry.action == "leave":
            assert sha256(sound) == content, sound
            yield sound
            return
        place = entry.destination or sound
        if entry.action == "tag":
            assert hashlib.blake2b(sound.read_bytes(), digest_size=32).hexdigest() == entry.detail.tagged_hash
            assert self._identity(sound) == self._known_as(content), sound
        else:
            assert sha256(place) == content, place
            yield place
        if entry.action == "hardlink":
            assert place.samefile(sound), place
        if entry.action == "symlink":
            assert place.readlink() == sound, place
        if entry.action != "move":
            yield sound

    def undo_everything(self) -> None:
        """All is as it was before drumwatch came."""
        self.harness.run("undo", "--last", str(10 * len(self.dropped)))
        assert {path: sha256(path) for path in self.files(links=True)} == self.dropped

    def files(self, *, links: bool = False) -> list[Path]:
        """All files in intake and library, hidden ones too."""
        found = self.harness._files()
        return [path for path in found if links or not path.is_symlink()]

    def _identity(self, path: Path) -> str:
        """The identity of a sound: its bytes, or, where tags change these, its decoded samples."""
        content = sha256(path)
        return digest_of(content, path) if self.way.action == "tag" else content

    def _known_as(self, content: str) -> str:
        return digest_of(content) if self.way.action == "tag" else content


_digests: dict[str, str] = {}


def digest_of(content: str, path: Path | None = None) -> str:
    """The digest of the decoded sound; decoded once for the same bytes."""
    if content not in _digests:
        assert path
        _digests[content] = digest(str(path))
    return _digests[content]
