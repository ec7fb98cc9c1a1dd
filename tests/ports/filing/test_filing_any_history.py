"""Arrivals, actions, undo and crashes in any order: every sample exists whole, and after each start where the journal says."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import wave
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faulty_disk import FaultyDisk, PowerCut
from folder_trees import a_wav, all_files, stamp_of
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pipeline_harness import PipelineHarness

from drumwatch.core.errors import CannotUndo, DrumwatchError
from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.filing.held_file import content_hash
from drumwatch.journal.database import Database
from drumwatch.journal.entries import Entries
from drumwatch.journal.seen import Seen
from drumwatch.journal.views import ViewQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.core.records import Entry

MEMORY = Path("/dev/shm")
FAST = str(MEMORY) if MEMORY.is_dir() else None
SAMPLES = [a_wav(bytes([n, n + 1]) * 60) for n in range(3)]
ACTIONS = ("move", "copy", "hardlink", "symlink", "tag")
LINKS = "leave_link = true\n"
BOOMS = '[[rule]]\nmatch = { name = "boom*" }\nto = "booms/{name}"\n'
Crash = tuple[int, bool]
WRITES = (
    (Entries, "plan"),
    (Entries, "replan"),
    (Entries, "finish"),
    (Seen, "note"),
    (Seen, "forget"),
)

NEVER = 10_000  # calls: no action has so many


def crashes(calls: int) -> st.SearchStrategy[tuple[int, bool]]:
    """After how many calls the power goes, and whether the last one writes only half of its bytes."""
    return st.tuples(st.sampled_from([*range(1, calls), NEVER]), st.booleans())


class History(RuleBasedStateMachine):
    """A pipeline in which the power may go after any call that changes the disk or the journal."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="drumwatch-history-", dir=FAST))
        self.elsewhere = Path(tempfile.mkdtemp(prefix="drumwatch-history-"))
        self.patches = pytest.MonkeyPatch()
        self.faulty_disk = FaultyDisk(self.patches)
        for part, name in WRITES:
            self.patches.setattr(part, name, self._counted(getattr(part, name)))
        self.patches.setattr(Database, "transaction", self._committed(Database.transaction))
        self.arrived: dict[Path, bytes] = {}
        self.companions: dict[Path, bytes] = {}  # what lies beside some of them, by the sample

    def teardown(self) -> None:
        self.faulty_disk.restore()
        self.harness.close()
        self.patches.undo()
        shutil.rmtree(self.root)
        shutil.rmtree(self.elsewhere)

    def _step(self) -> None:
        self.faulty_disk.calls += 1
        self.faulty_disk.step("journal")

    def _counted(self, write: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **named: object) -> object:
            result = write(*args, **named)
            self._step()
            return result

        return counted

    def _committed(self, transaction: Callable[..., contextlib.AbstractContextManager[None]]) -> object:
        @contextlib.contextmanager
        def committed(database: Database) -> Iterator[None]:
            with transaction(database):
                yield
                self._step()  # all is written, nothing is committed
            self._step()

        return committed

    # What may happen

    @initialize(across=st.booleans(), prepared=st.booleans())
    def create_pipeline(self, *, across: bool, prepared: bool) -> None:
        """`prepared`: the user has made a folder of their library themselves."""
        self.harness = PipelineHarness(self.root, self.elsewhere / "Library" if across else None)
        self.made_by_the_user = {self.harness.library / "kick"} if prepared else set()
        for folder in self.made_by_the_user:
            folder.mkdir()

    @rule(
        sample=st.sampled_from(SAMPLES),
        name=st.sampled_from(["kick.wav", "boom.wav"]),
        accompanied=st.booleans(),
    )
    def a_sample_arrives(self, sample: bytes, name: str, *, accompanied: bool) -> None:
        """Each in a folder of its own: their names clash only in the library."""
        folder = self.harness.intake / str(len(self.arrived))
        folder.mkdir()
        path = self.harness.arrive(f"{folder.name}/{name}", sample)
        self.arrived[path] = sample
        if accompanied:
            self.companions[path] = f"analysis of {path}".encode()
            beside(path).write_bytes(self.companions[path])

    @precondition(lambda self: self.at_home())
    @rule(
        action=st.sampled_from(ACTIONS),
        count=st.integers(1, 3),
        more=st.sampled_from(["", LINKS, BOOMS, LINKS + BOOMS]),
        crash=crashes(40),
        again=crashes(10),
    )
    def samples_are_filed(self, action: str, count: int, more: str, crash: Crash, again: Crash) -> None:
        self.harness.start(f'min_free = 0\naction = "{action}"\n{more if action != "tag" else ""}')
        group = self.at_home()[:count]
        self.survived(lambda: self.harness.file(*group), crash, again)

    @precondition(lambda self: self.done())
    @rule(crash=crashes(12), again=crashes(8))
    def emptied_folders_are_removed(self, crash: Crash, again: Crash) -> None:
        self.survived(self.harness.remove_emptied_folders, crash, again)
        self.harness.remove_emptied_folders()
        put_back = {one.path for entry in self.removals("undone") for one in entry.detail.folders}
        left = {
            path.parent for path in self.arrived if path.parent.is_dir() and not any(path.parent.iterdir())
        }
        assert left <= put_back

    @precondition(lambda self: self.removals("done"))
    @rule(which=st.integers(0, 9), crash=crashes(12), again=crashes(8))
    def a_removal_is_undone(self, which: int, crash: Crash, again: Crash) -> None:
        removals = self.removals("done")
        removal = removals[which % len(removals)]
        self.survived(lambda: self.harness.undo(removal), crash, again)
        if self.harness.journal.entries.get(removal.id).state == "undone":
            assert all(one.path.is_dir() for one in removal.detail.folders)

    @precondition(lambda self: self.current())
    @rule(
        which=st.integers(0, 9),
        label=st.sampled_from(["snare", "kick"]),
        crash=crashes(40),
        again=crashes(10),
    )
    def a_sample_is_corrected(self, which: int, label: str, crash: Crash, again: Crash) -> None:
        """What holds of a sample: an entry that a later one has followed is not shown to be corrected."""
        current = self.current()

        def correct() -> None:
            with contextlib.suppress(DrumwatchError):
                self.harness.correct(current[which % len(current)], label)

        self.survived(correct, crash, again)

    @precondition(lambda self: self.done())
    @rule(which=st.integers(0, 9), crash=crashes(16), again=crashes(10))
    def an_action_is_undone(self, which: int, crash: Crash, again: Crash) -> None:
        filed = self.done()

        def undo() -> None:
            with contextlib.suppress(CannotUndo):
                self.harness.undo(filed[which % len(filed)])

        self.survived(undo, crash, again)

    def survived(self, work: Callable[[], object], *crashes: Crash) -> None:
        """The work, cut off by the first crash; the start after it, cut off by the second; then a start in peace."""
        for doing, (call, halfway) in zip((work, self.harness.start), crashes, strict=True):
            self.faulty_disk.cut_after(call, halfway=halfway)
            with contextlib.suppress(PowerCut):
                doing()
            self.faulty_disk.restore()
            self.every_sample_is_whole()
        self.harness.start()

    # What always holds

    @invariant()
    def every_sample_is_whole(self) -> None:
        there = [frames(path) for path in self.files() if not path.name.startswith(".drumwatch-")]
        missing = [path for path, sample in self.arrived.items() if frames(sample) not in there]
        assert not missing

    @invariant()
    def all_is_where_the_journal_says(self) -> None:
        assert not self.harness.entries(states=("planned",))
        filed = self.filed()
        places = [place for path in self.arrived for place in self.places(path, filed.get(path))]
        assert sorted(places) == sorted(self.files(links=True))

    @invariant()
    def no_folder_of_the_library_is_empty_but_the_user_s_own(self) -> None:
        folders = [path for path in self.harness.library.rglob("*") if path.is_dir()]
        assert {path for path in folders if not any(path.iterdir())} <= self.made_by_the_user
        assert self.made_by_the_user <= set(folders)

    @invariant()
    def what_was_handled_or_put_back_is_not_new(self) -> None:
        dealt_with = {entry.source for entry in self.harness.entries(states=("done", "undone"))}
        there = [
            path for path in self.arrived if path in dealt_with and path.exists() and not path.is_symlink()
        ]
        assert [path for path in there if not self.harness.journal.seen.is_seen(path, stamp_of(path))] == []

    def places(self, path: Path, entry: Entry | None) -> Iterator[Path]:
        """Where the sample is by its entry, each place looked into."""
        if entry is None or entry.detail.untouched:
            assert path.read_bytes() == self.arrived[path]
            yield from self.with_companion(path, path)
            return
        if entry.action != "move":
            yield from self.with_companion(path, path)
        elif entry.detail.link:
            assert path.is_symlink()
            yield path
        if entry.action == "tag":
            assert content_hash(path) == entry.detail.tagged_hash
            return
        assert entry.destination.read_bytes() == self.arrived[path]
        assert entry.action != "hardlink" or entry.destination.samefile(path)
        assert entry.action != "symlink" or entry.destination.readlink() == path
        if entry.action in ("move", "copy"):
            yield from self.with_companion(path, entry.destination)
        else:
            yield entry.destination

    def with_companion(self, path: Path, place: Path) -> Iterator[Path]:
        """The sample at this place, and beside it what came beside it."""
        yield place
        if path in self.companions:
            assert beside(place).read_bytes() == self.companions[path]
            yield beside(place)

    # Looking

    def done(self) -> list[Entry]:
        done = (entry for entry in self.harness.entries(states=("done",)) if entry.undoes is None)
        return [entry for entry in done if entry.action != REMOVE_FOLDERS]

    def current(self) -> list[Entry]:
        """The latest valid entry of each sample."""
        return list(reversed(self.harness.journal.views.sounds(ViewQuery(view="recent"))))

    def removals(self, state: str) -> list[Entry]:
        """Entries that have removed emptied folders."""
        entries = (entry for entry in self.harness.entries(states=(state,)) if entry.undoes is None)
        return [entry for entry in entries if entry.action == REMOVE_FOLDERS]

    def filed(self) -> dict[Path, Entry]:
        """The entry that brought each sample to where it is; after a correction, with the later place."""
        filed: dict[Path, Entry] = {}
        for entry in self.done():
            if entry.source in self.arrived:
                if not entry.detail.untouched or entry.source not in filed:
                    filed[entry.source] = entry
            elif not entry.detail.untouched and entry.action != "leave":
                first = max(
                    (path for path, earlier in filed.items() if is_at(earlier, entry)),
                    key=lambda path: filed[path].id,
                )
                filed[first] = replace(filed[first], destination=entry.destination, id=entry.id)
        return filed

    def at_home(self) -> list[Path]:
        filed = self.filed()
        return [path for path in self.arrived if path not in filed]

    def files(self, *, links: bool = False) -> list[Path]:
        folders = (self.harness.intake, self.harness.library)
        found = [path for folder in folders for path in all_files(folder)]
        if links:
            found += [path for folder in folders for path in folder.rglob("*") if path.is_symlink()]
        return found


def beside(sample: Path) -> Path:
    """Where the analysis of a sample lies."""
    return sample.with_name(f"{sample.name}.asd")


def is_at(entry: Entry, later: Entry) -> bool:
    """Whether the entry has put there what the later one took; one left beside an equal sample has that one's place, but not the file.

    Two entries can have the same place: what an undo brings back there comes after what a correction took away from there.
    """
    is_same = entry.destination == later.source and entry.content_hash == later.content_hash
    return is_same and not entry.detail.untouched


def frames(wav: Path | bytes) -> bytes | None:
    """The samples in a file, whatever its tags; None where it is not whole."""
    with contextlib.suppress(wave.Error, EOFError):
        file = io.BytesIO(wav if isinstance(wav, bytes) else wav.read_bytes())
        with wave.open(file) as sound:
            return sound.readframes(sound.getnframes())
    return None


TestAnyHistory = History.TestCase
TestAnyHistory.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
