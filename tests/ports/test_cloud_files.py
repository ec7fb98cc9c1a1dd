"""Files whose content is only in iCloud, or with another provider: waited for, never fetched, and said once."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sounds

from drumwatch.config import Config, Watch
from drumwatch.core.records import EventKind, FileEvent
from drumwatch.filing import disk, os_errors
from drumwatch.intake import stability
from drumwatch.intake.arrivals import Arrivals, Refused
from drumwatch.intake.projects import reading
from drumwatch.intake.scan import Scanner
from drumwatch.intake.stability import NotStable, check_stable, stamp_of
from drumwatch.journal import Journal
from drumwatch.system import cloud_files

SENTENCE = "kick.wav is in iCloud, not on this Mac yet: download it, and it is taken up"


class Cloud:
    """Which files have their content only in the cloud, and which were opened nevertheless."""

    def __init__(self) -> None:
        self.only_there: set[int] = set()
        self.fetched: list[str] = []

    def evict(self, path: Path) -> None:
        self.only_there.add(path.stat().st_ino)

    def download(self, path: Path) -> None:
        self.only_there.discard(path.stat().st_ino)


@pytest.fixture
def cloud(monkeypatch):
    cloud, opened = Cloud(), os.open
    monkeypatch.setattr(cloud_files, "HAS_FLAGS", True)
    monkeypatch.setattr(cloud_files, "is_dataless", lambda status: status.st_ino in cloud.only_there)

    def watched_open(path, *args, **named):
        if os.stat(path, dir_fd=named.get("dir_fd"), follow_symlinks=False).st_ino in cloud.only_there:
            cloud.fetched.append(str(path))
        return opened(path, *args, **named)

    monkeypatch.setattr(os, "open", watched_open)
    return cloud


@pytest.fixture
def kick(tmp_path):
    (tmp_path / "in").mkdir(exist_ok=True)
    return sounds.write(tmp_path / "in/kick.wav", sounds.noise_burst(seed=1))


@pytest.fixture
def arrivals(tmp_path):
    (tmp_path / "in").mkdir(exist_ok=True)
    with Journal(":memory:") as journal:
        watch = Watch(tmp_path / "in", tmp_path / "lib")
        journal.seen.note_baseline(watch.folder, (), 0.0)
        yield Arrivals(Config(tmp_path / "lib", watches=(watch,)), journal)


def stable(arrivals, now):
    """What comes out: names of arrivals, and sentences about the rest."""
    answers = arrivals.stable(now, 4e9 + now)
    return [one.why if isinstance(one, Refused) else one[0].path.name for one in answers]


def with_flags(flags: int) -> Any:  # a stat result of macOS
    return SimpleNamespace(st_flags=flags)


def test_the_flag_of_the_system_tells_and_missing_blocks_do_not(tmp_path):
    with (tmp_path / "sparse.wav").open("wb") as file:
        file.truncate(10_000)

    assert not cloud_files.is_dataless((tmp_path / "sparse.wav").stat())
    assert cloud_files.is_dataless(with_flags(0x40000020))
    assert not cloud_files.is_dataless(with_flags(0x20))


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Library/Mobile Documents/com~apple~CloudDocs/kick.wav", "iCloud"),
        ("Desktop/kick.wav", "iCloud"),
        ("Library/CloudStorage/Dropbox/kick.wav", "Dropbox"),
        ("Library/CloudStorage/GoogleDrive-me@example.com/My Drive/kick.wav", "GoogleDrive"),
    ],
)
def test_the_provider_is_named(place, name):
    assert cloud_files.provider(Path.home() / place) == name


def test_a_file_that_is_not_here_is_said_once_and_never_opened(arrivals, kick, cloud):
    cloud.evict(kick)

    arrivals.rescan(0.0, 4e9)
    first = stable(arrivals, 100.0)
    arrivals.rescan(200.0, 4e9)

    assert (first, stable(arrivals, 300.0)) == ([SENTENCE], [])
    assert arrivals.waiting() == 0
    assert cloud.fetched == []


def test_it_is_taken_up_when_somebody_has_downloaded_it(arrivals, kick, cloud):
    cloud.evict(kick)
    arrivals.rescan(0.0, 4e9)
    stable(arrivals, 100.0)

    cloud.download(kick)
    arrivals.notice(FileEvent(kick, EventKind.CHANGED, kick.parent), 200.0, 4e9)

    assert stable(arrivals, 300.0) == ["kick.wav"]


def test_a_file_that_leaves_this_computer_while_it_waits_is_waited_for_however_long(
    arrivals, kick, cloud, monkeypatch
):
    monkeypatch.setattr("drumwatch.intake.debounce.GIVE_UP_AFTER", 0.0)
    arrivals.rescan(0.0, 4e9)
    cloud.evict(kick)

    assert stable(arrivals, 100.0) == [SENTENCE]
    stable(arrivals, 1000.0)
    cloud.download(kick)

    assert stable(arrivals, 5000.0) == ["kick.wav"]
    assert cloud.fetched == []


def test_a_file_that_would_be_fetched_is_refused_by_every_reader(kick, cloud):
    stamp = stamp_of(kick)
    cloud.evict(kick)

    assert check_stable(kick, stamp) == NotStable(SENTENCE, elsewhere=True)
    assert reading.head_of(kick) == b""
    with disk.opened(kick.parent) as folder, pytest.raises(cloud_files.NotHereError):
        disk.content_hash(folder, "kick.wav")
    assert cloud.fetched == []


def test_what_macos_answers_where_nothing_may_be_fetched_is_understood(kick, monkeypatch):
    def refused(*_):
        raise OSError(errno.EDEADLK, "Resource deadlock avoided", str(kick))

    monkeypatch.setattr(stability, "has_writer", refused)

    assert check_stable(kick, stamp_of(kick)) == NotStable(SENTENCE, elsewhere=True)
    assert os_errors.sentence(OSError(errno.EDEADLK, "Resource deadlock avoided"), kick) == (
        f"{kick} is in iCloud, not on this Mac yet: kick.wav is still in {kick.parent}. Download it, and it can be tried again."
    )


def test_a_folder_whose_list_is_only_in_the_cloud_is_said_in_the_same_words(tmp_path, monkeypatch):
    def refused(path):
        raise OSError(errno.EDEADLK, "Resource deadlock avoided", path)

    problems = []
    monkeypatch.setattr(os, "scandir", refused)
    scanner = Scanner(tmp_path / "Packs", on_problem=lambda _, why: problems.append(why))
    (tmp_path / "Packs").mkdir()

    assert list(scanner.scan()) == []
    assert problems == ["Packs is in iCloud, not on this Mac yet: download it, and it is taken up"]
