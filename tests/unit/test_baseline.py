"""What could not be looked at is neither old nor new until it is: real files, a real journal, and a disk that refuses.

The errors are fed in, because root may read everything.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sounds

from drumwatch.config import Config, Watch
from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake.arrivals import Arrivals, Refused
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import MIGRATIONS, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = 100.0  # any quiet time is over by then
REFUSALS = [errno.EPERM, errno.EACCES, errno.EIO, errno.ENOTCONN, errno.ESTALE]


class Disk:
    """Refuses to list folders, or to say anything about files and folders."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.refused: dict[Path, int] = {}  # to be listed
        self.unknown: dict[Path, int] = {}  # to be looked at
        self.cut: set[Path] = set()  # listed in part
        self._scandir, self._stat, self._lstat = os.scandir, os.stat, os.lstat
        monkeypatch.setattr(os, "scandir", self.scandir)
        monkeypatch.setattr(os, "stat", self.stat)
        monkeypatch.setattr(os, "lstat", self.lstat)

    def scandir(self, path):
        self._refuse(self.refused, path)
        listing = self._scandir(path)
        return Listing(self, listing, cut=Path(path) in self.cut)

    def stat(self, path, **options):
        self._refuse(self.unknown, path)
        return self._stat(path, **options)

    def lstat(self, path, **options):
        self._refuse(self.unknown, path)
        return self._lstat(path, **options)

    def _refuse(self, refused, path) -> None:
        if number := refused.get(Path(os.fsdecode(path)) if not isinstance(path, int) else Path()):
            raise OSError(number, os.strerror(number), os.fspath(path))


class Listing:
    """A listing that may break off after its first entry, and whose entries may be refused."""

    def __init__(self, disk: Disk, listing, *, cut: bool) -> None:
        self._disk, self._listing, self._cut = disk, listing, cut

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._listing.close()

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._listing:
            yield Entry(self._disk, entry)
            if self._cut:
                raise OSError(errno.EIO, "Input/output error")

    def __next__(self):
        return next(iter(self))


class Entry:
    """One entry of a listing."""

    def __init__(self, disk: Disk, entry: os.DirEntry[str]) -> None:
        self._disk, self._entry = disk, entry
        self.name, self.path = entry.name, entry.path

    def is_dir(self, **options) -> bool:
        return self._entry.is_dir(**options)

    def is_symlink(self) -> bool:
        return self._entry.is_symlink()

    def stat(self, **options):
        self._disk._refuse(self._disk.unknown, self.path)
        return self._entry.stat(**options)


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


class BaselineHarness:
    """A watched folder with old sounds, and arrivals that may begin again, as after a restart."""

    def __init__(self, root: Path, journal: Journal, folder: str = "in") -> None:
        self.folder, self.journal = root / folder, journal
        self.config = Config(root / "lib", watches=(Watch(self.folder, root / "lib"),))
        self.now = 0.0
        self.restart()

    def restart(self) -> None:
        self.arrivals = Arrivals(self.config, self.journal)

    def begin(self, **options) -> dict[Path, int]:
        return self.arrivals.begin(self.now, self.wall, **options)

    @property
    def wall(self) -> float:
        return 4e9 + self.now

    def drop(self, name: str, seed: int = 0) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return sounds.write(path, sounds.noise_burst(seed=seed))

    def notice(self, path: Path, kind: EventKind = EventKind.CLOSED) -> None:
        self.arrivals.notice(FileEvent(path, kind, self.folder), self.now, self.wall)

    def out(self) -> list[str]:
        """The sounds that come out after a rescan and the quiet time; each comes out once."""
        self.arrivals.rescan(self.now, self.wall)
        self.now += LATER
        names = []
        for one in self.arrivals.stable(self.now, self.wall):
            if not isinstance(one, Refused):
                names.append(one[0].path.name)
                self.journal.seen.note(one[0].path, one[0].stamp, "handled")
                self.arrivals.done(one[0].path, self.now)
        return sorted(names)


@pytest.fixture
def harness(tmp_path, journal):
    harness = BaselineHarness(tmp_path, journal)
    harness.drop("old.wav")
    return harness


@pytest.mark.parametrize("number", REFUSALS, ids=errno.errorcode.get)
@pytest.mark.parametrize("restarted", [False, True], ids=["meanwhile", "after a restart"])
def test_old_sounds_stay_when_their_folder_can_be_read_only_later(harness, disk, number, restarted):
    disk.refused[harness.folder] = number
    assert harness.begin() == {}
    assert harness.out() == []

    disk.refused.clear()
    if restarted:
        harness.restart()
        assert harness.begin() == {harness.folder: 1}
    assert harness.out() == []

    harness.drop("new.wav", seed=1)
    assert harness.out() == ["new.wav"]


def test_that_a_folder_can_be_read_now_and_what_stays_there_is_told_once(harness, disk, caplog):
    caplog.set_level("INFO")
    harness.drop("Pack/inner.wav", seed=1)
    disk.refused = dict.fromkeys((harness.folder, harness.folder / "Pack"), errno.EPERM)
    harness.begin()
    for folder in (harness.folder, harness.folder / "Pack"):
        del disk.refused[folder]
        harness.out()
        harness.out()

    assert [record.message for record in caplog.records] == [
        f"{folder} can be read now. 1 sound in it was there before and is left alone."
        for folder in (harness.folder, harness.folder / "Pack")
    ]


@pytest.mark.parametrize("number", REFUSALS, ids=errno.errorcode.get)
@pytest.mark.parametrize("restarted", [False, True], ids=["meanwhile", "after a restart"])
def test_old_sounds_stay_when_their_subfolder_can_be_read_only_later(harness, disk, number, restarted):
    inner = harness.drop("Pack/deep/inner.wav", seed=1).parent
    disk.refused[inner] = number
    assert harness.begin() == {harness.folder: 1}
    harness.drop("new.wav", seed=2)
    assert harness.out() == ["new.wav"]

    disk.refused.clear()
    if restarted:
        harness.restart()
        harness.begin()
    assert harness.out() == []

    harness.drop("Pack/deep/later.wav", seed=3)
    assert harness.out() == ["later.wav"]


def test_nothing_is_handled_in_a_folder_that_was_never_listed_whatever_events_say(harness, disk):
    inner = harness.drop("Pack/inner.wav", seed=1)
    disk.refused = {harness.folder: errno.EPERM}
    harness.begin()
    harness.notice(harness.drop("new.wav", seed=2))
    assert harness.out() == []

    disk.refused = {inner.parent: errno.EPERM}
    assert harness.out() == []
    harness.notice(harness.drop("Pack/arrived.wav", seed=3))
    harness.notice(inner.parent, EventKind.FOLDER)

    assert harness.out() == []


def test_a_folder_whose_listing_breaks_off_counts_as_not_listed(harness, disk):
    harness.drop("old too.wav", seed=1)
    disk.cut.add(harness.folder)
    assert harness.begin() == {}
    assert list(harness.journal.seen.baseline()) == []
    assert harness.out() == []

    disk.cut.clear()
    assert harness.out() == []
    assert {path.name for path, _ in harness.journal.seen.baseline()} == {"old.wav", "old too.wav"}


def test_a_file_that_cannot_be_looked_at_at_first_is_old_later_and_holds_up_no_other(harness, disk):
    path = harness.drop("hidden by the disk.wav", seed=1)
    disk.unknown[path] = errno.EACCES
    assert harness.begin() == {harness.folder: 1}
    harness.drop("new.wav", seed=2)
    assert harness.out() == ["new.wav"]

    disk.unknown.clear()
    assert harness.out() == []
    assert path in {path for path, _ in harness.journal.seen.baseline()}


def test_a_folder_in_a_folder_that_may_not_be_entered_has_no_baseline_and_stops_nothing(harness, disk):
    disk.unknown[harness.folder] = errno.EACCES
    assert harness.begin() == {}

    disk.unknown.clear()
    assert harness.out() == []
    harness.drop("new.wav", seed=1)
    assert harness.out() == ["new.wav"]


def test_what_comes_to_the_place_of_an_unreadable_folder_that_went_is_new(harness, disk):
    inner = harness.drop("Pack/inner.wav", seed=1)
    disk.refused[inner.parent] = errno.EIO
    harness.begin()
    inner.unlink()
    inner.parent.rmdir()
    assert harness.out() == []

    disk.refused.clear()
    harness.drop("Pack/another.wav", seed=2)
    assert harness.out() == ["another.wav"]


def test_a_subfolder_that_came_unreadable_is_new_when_it_can_be_read(harness, disk):
    harness.begin()
    inner = harness.drop("Pack/inner.wav", seed=1)
    disk.refused[inner.parent] = errno.EACCES
    assert harness.out() == []

    disk.refused.clear()
    assert harness.out() == ["inner.wav"]


def test_a_folder_that_was_listed_before_loses_nothing_by_an_outage(harness, disk):
    harness.begin()
    disk.refused[harness.folder] = errno.EIO
    harness.drop("meanwhile.wav", seed=1)
    assert harness.out() == []

    disk.refused.clear()
    assert harness.out() == ["meanwhile.wav"]


def test_an_old_package_in_a_folder_that_can_be_read_only_later_is_not_reported(harness, disk):
    harness.drop("Pack/Song.logicx/Media/1.wav", seed=1)
    disk.refused[harness.folder / "Pack"] = errno.EPERM
    harness.begin()
    disk.refused.clear()

    assert harness.out() == []
    assert list(harness.arrivals.packages(harness.now + LATER)) == []


def test_everything_takes_what_could_not_be_read_before(harness, disk):
    inner = harness.drop("Pack/inner.wav", seed=1)
    disk.refused[inner.parent] = errno.EPERM
    harness.begin()
    disk.refused.clear()

    harness.restart()
    harness.begin(everything=True)

    assert harness.out() == ["inner.wav", "old.wav"]


# Folders that were not there


def test_old_sounds_on_a_disk_that_comes_later_stay(harness, monkeypatch):
    away = harness.folder.rename(harness.folder.parent / "away")
    monkeypatch.setattr("drumwatch.intake.baseline._device_around", lambda _: away.stat().st_dev + 1)
    harness.begin()
    away.rename(harness.folder)

    assert harness.out() == []
    harness.drop("new.wav", seed=1)
    assert harness.out() == ["new.wav"]


def test_old_sounds_on_a_disk_that_is_mounted_on_an_empty_folder_later_stay(tmp_path, journal, monkeypatch):
    harness = BaselineHarness(tmp_path, journal)
    harness.folder.mkdir()
    harness.begin()
    monkeypatch.setattr("drumwatch.intake.baseline._mount_point", lambda _: harness.folder)
    harness.drop("old.wav")
    assert harness.out() == []

    harness.drop("new.wav", seed=1)
    assert harness.out() == ["new.wav"]
    monkeypatch.undo()
    harness.drop("beneath.wav", seed=2)
    assert harness.out() == ["beneath.wav"]
    monkeypatch.setattr("drumwatch.intake.baseline._mount_point", lambda _: harness.folder)
    harness.drop("later.wav", seed=3)
    assert harness.out() == ["later.wav"]


def test_a_link_that_leads_to_old_sounds_later_leaves_those(harness, tmp_path, journal, monkeypatch):
    link = BaselineHarness(tmp_path, journal, "link")
    link.folder.symlink_to(tmp_path / "stick/samples")
    monkeypatch.setattr("drumwatch.intake.baseline._device_around", lambda _: -1)
    assert link.begin() == {}
    (tmp_path / "stick").mkdir()
    harness.folder.rename(tmp_path / "stick/samples")

    assert link.out() == []
    link.drop("new.wav", seed=1)
    assert link.out() == ["new.wav"]


@pytest.mark.parametrize(
    ("restarted", "other_disk"),
    [(False, False), (True, False), (False, True)],
    ids=["meanwhile", "after a restart", "on another disk"],
)
def test_a_link_that_leads_elsewhere_leaves_the_old_sounds_there(
    tmp_path, journal, monkeypatch, restarted, other_disk
):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, seed in ((first, 1), (second, 2)):
        folder.mkdir()
        sounds.write(folder / f"{folder.name}.wav", sounds.noise_burst(seed=seed))
    harness = BaselineHarness(tmp_path, journal, "link")
    harness.folder.symlink_to(first)
    harness.begin()
    before = os.lstat(harness.folder).st_ctime_ns
    while os.lstat(harness.folder).st_ctime_ns <= before + 20_000_000:  # the clock of the disk is coarse
        harness.folder.unlink()
        harness.folder.symlink_to(second)
    link_made = os.lstat(harness.folder).st_ctime_ns
    while harness.drop("new.wav", seed=3).stat().st_ctime_ns <= link_made:
        pass

    if other_disk:
        monkeypatch.setattr("drumwatch.intake.baseline._mount_point", lambda _: second)
    if restarted:
        harness.restart()
        harness.begin()

    assert harness.out() == ([] if other_disk else ["new.wav"])
    harness.drop("later.wav", seed=4)
    assert harness.out() == ["later.wav"]


# Journals of earlier versions


def state_of_an_earlier_version(path: Path, folder: Path) -> None:
    """A journal in which the folder is watched since long ago, and nothing is known of it."""
    with Journal(path) as journal:
        journal.seen.note_baseline(folder, (), 1.0)
        database = journal._database.connection
        for table in ("unlisted", "place", "adopted", "starred"):
            database.execute(f"DROP TABLE {table}")
        database.execute("ALTER TABLE watch DROP COLUMN real")
        database.execute("ALTER TABLE watch DROP COLUMN mount")
        names = [migration.__name__ for migration in MIGRATIONS]
        database.execute(f"PRAGMA user_version = {names.index('add_unlisted_folders')}")


def test_an_empty_baseline_that_an_earlier_version_took_of_an_unreadable_folder_does_not_count(
    tmp_path, disk
):
    state_of_an_earlier_version(tmp_path / "journal.db", tmp_path / "in")
    with Journal(tmp_path / "journal.db") as journal:
        harness = BaselineHarness(tmp_path, journal)
        harness.drop("old.wav")
        disk.refused[harness.folder] = errno.EPERM
        harness.begin()
        disk.refused.clear()

        assert harness.out() == []


def test_what_an_earlier_version_could_not_list_in_a_folder_stays_when_it_can_be_read(tmp_path, disk):
    state_of_an_earlier_version(tmp_path / "journal.db", tmp_path / "in")
    with Journal(tmp_path / "journal.db") as journal:
        harness = BaselineHarness(tmp_path, journal)
        unknown, known = harness.drop("unknown/old.wav"), harness.drop("known/old.wav", seed=1)
        journal.seen.note(known, stamp_of(known), "handled")
        disk.refused = dict.fromkeys((unknown.parent, known.parent), errno.EACCES)
        harness.begin()
        disk.refused.clear()
        harness.drop("known/new.wav", seed=2)

        assert harness.out() == ["new.wav"]


def test_a_folder_that_an_earlier_version_watched_goes_on_as_it_was(tmp_path):
    state_of_an_earlier_version(tmp_path / "journal.db", tmp_path / "in")
    with Journal(tmp_path / "journal.db") as journal:
        harness = BaselineHarness(tmp_path, journal)
        harness.drop("came while off.wav")

        assert harness.begin() == {}
        assert harness.out() == ["came while off.wav"]


def test_a_dry_run_on_a_journal_of_an_earlier_version_works(tmp_path):
    state_of_an_earlier_version(tmp_path / "journal.db", tmp_path / "in")

    with Journal.copy_in_memory(tmp_path / "journal.db") as journal:
        assert journal.seen.unlisted(tmp_path / "in") == []
