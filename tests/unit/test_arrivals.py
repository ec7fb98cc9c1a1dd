"""What is new and at rest goes out once: real files, a real journal, and clocks that are arguments."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import sounds

from drumwatch.config import Config, Watch
from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake.arrivals import Arrivals, Refused, pack_of
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal

LATER = 100.0  # any quiet time is over by then


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


class Desk:
    """Arrivals of one watched folder, with both clocks in one hand."""

    def __init__(self, root: Path, journal: Journal, **watch) -> None:
        self.folder, self.journal = root / "in", journal
        self.folder.mkdir(exist_ok=True)
        self.watch = Watch(self.folder, root / "lib", **watch)
        self.arrivals = Arrivals(Config(root / "lib", watches=(self.watch,)), journal)

    def begin(self, now: float = 0.0, **more) -> dict[Path, int]:
        return self.arrivals.begin(now, self.wall(now), **more)

    def wall(self, now: float) -> float:
        """The calendar, far enough in the future for every file to be old."""
        return 4e9 + now

    def drop(self, name: str = "k.wav", seed: int = 0) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return sounds.write(path, sounds.noise_burst(seed=seed))

    def sight(self, path: Path, sighting: EventKind = EventKind.CLOSED, now: float = 0.0) -> None:
        self.arrivals.notice(FileEvent(path, sighting, self.folder), now, self.wall(now))

    def out(self, now: float = LATER) -> list[str]:
        """The names that have come to rest; refused ones with an exclamation mark."""
        answers = list(self.arrivals.settled(now, self.wall(now)))
        return [
            f"{one.arrival.path.name}!" if isinstance(one, Refused) else one[0].path.name for one in answers
        ]


@pytest.fixture
def desk(tmp_path, journal):
    return Desk(tmp_path, journal)


def test_what_is_there_at_the_first_start_is_counted_and_never_comes_out(desk):
    desk.drop("old.wav")

    assert desk.begin() == {desk.folder: 1}
    assert desk.out() == []


def test_what_is_there_comes_out_where_everything_is_asked_for(desk):
    desk.drop("old.wav")

    assert desk.begin(everything=True) == {}
    assert desk.out() == ["old.wav"]


def test_what_stayed_as_old_comes_out_later_where_everything_is_asked_for_and_what_was_handled_does_not(
    desk, tmp_path, journal
):
    desk.drop("old.wav")
    handled = desk.drop("handled.wav", seed=1)
    desk.begin()
    journal.seen.note(handled, stamp_of(handled), "handled")

    again = Desk(tmp_path, journal)
    again.begin(everything=True)

    assert again.out() == ["old.wav"]


def test_an_old_sound_is_old_under_a_new_name_and_still_comes_out_with_everything(desk, tmp_path, journal):
    path = desk.drop("old.wav")
    desk.begin()
    new = path.rename(desk.folder / "renamed.wav")
    desk.sight(new, EventKind.CHANGED)
    desk.sight(path, EventKind.GONE)
    old = desk.arrivals.old()

    again = Desk(tmp_path, journal)
    again.begin(everything=True)

    assert (old, again.out()) == (1, ["renamed.wav"])


def test_only_what_is_still_there_untouched_counts_as_old(desk):
    desk.drop("old.wav")
    desk.drop("gone.wav").unlink()
    changed = desk.drop("changed.wav", seed=1)
    desk.begin()
    changed.write_bytes(b"another")

    assert desk.arrivals.old() == 1


def test_what_came_since_the_last_run_comes_out(desk, tmp_path, journal):
    desk.begin()
    desk.drop("while off.wav")

    again = Desk(tmp_path, journal)

    assert again.begin() == {}
    assert again.out() == ["while off.wav"]


def test_a_sound_comes_out_after_its_quiet_time_and_only_once(desk):
    desk.begin()
    desk.sight(desk.drop(), now=10.0)

    assert desk.out(now=10.4) == []
    assert desk.out(now=12.0) == ["k.wav"]
    assert desk.out(now=LATER) == []


def test_what_is_done_comes_out_again_only_when_it_changes(desk, journal):
    desk.begin()
    path = desk.drop()
    desk.sight(path)
    desk.out()
    journal.seen.note(path, stamp_of(path), "handled")
    desk.arrivals.done(path, LATER)

    desk.sight(path, now=LATER)
    assert desk.out(2 * LATER) == []

    desk.sight(desk.drop(seed=1), now=2 * LATER)
    assert desk.out(3 * LATER) == ["k.wav"]


def test_an_old_sound_under_a_new_name_is_not_new(desk):
    path = desk.drop("old.wav")
    desk.begin()
    new = path.rename(desk.folder / "renamed.wav")

    desk.sight(new, EventKind.CHANGED)
    desk.sight(path, EventKind.GONE)
    desk.arrivals.rescan(1.0, desk.wall(1.0))

    assert desk.out() == []


def test_a_copy_of_an_old_sound_is_new_even_with_its_old_times(desk):
    old = desk.drop("old.wav")
    desk.begin()
    copy = desk.folder / "copy.wav"
    copy.write_bytes(old.read_bytes())
    os.utime(copy, ns=(0, old.stat().st_mtime_ns))

    desk.sight(copy)

    assert desk.out() == ["copy.wav"]


def test_a_hint_that_comes_late_does_not_make_a_sound_new_that_is_back(desk, journal):
    desk.begin()
    path = desk.drop()
    journal.seen.note(path, stamp_of(path), "put back")

    desk.sight(path, EventKind.GONE)

    assert desk.out() == []


def test_what_comes_to_the_place_of_a_sound_that_went_is_new(desk, journal):
    desk.begin()
    path = desk.drop()
    aside = desk.folder.parent / "aside.wav"
    journal.seen.note(path, stamp_of(path), "handled")
    os.link(path, aside)
    path.unlink()
    desk.sight(path, EventKind.GONE)

    path.write_bytes(aside.read_bytes())
    desk.sight(path, now=1.0)

    assert desk.out() == ["k.wav"]


@pytest.mark.parametrize("sighting", [EventKind.FOLDER, EventKind.OVERFLOW])
def test_a_folder_or_lost_events_bring_out_what_nobody_told_of(desk, sighting):
    desk.begin()
    desk.drop("Pack/deep/a.wav")
    desk.drop("Pack/b.wav", seed=1)

    desk.sight(desk.folder / "Pack" if sighting is EventKind.FOLDER else desk.folder, sighting)

    assert sorted(desk.out()) == ["a.wav", "b.wav"]


def test_a_rescan_finds_what_no_event_told_of(desk):
    desk.begin()
    desk.drop()

    desk.arrivals.rescan(1.0, desk.wall(1.0))

    assert desk.out() == ["k.wav"]


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.wav", "k.wav.part", "~$k.wav", "Out/k.wav"])
def test_what_is_no_sample_or_left_out_does_not_come_out(tmp_path, journal, name):
    desk = Desk(tmp_path, journal, exclude=("Out",))
    desk.begin()

    desk.sight(desk.drop("k.wav").rename(_made(desk.folder / name)))
    desk.arrivals.rescan(0.0, desk.wall(0.0))

    assert desk.out() == []


def _made(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


def test_what_is_no_sound_is_refused_once_and_for_good(desk):
    desk.begin()
    path = desk.folder / "text.wav"
    path.write_text("no sound at all")
    desk.sight(path)

    (refused,) = desk.arrivals.settled(LATER, desk.wall(LATER))

    assert (refused.for_good, "text.wav is not an audio file" in refused.why) == (True, True)
    assert desk.out(2 * LATER) == []


def test_a_sound_that_is_cut_short_is_told_of_and_looked_at_again(desk, journal):
    desk.begin()
    path = desk.drop()
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    desk.sight(path)

    assert desk.out() == ["k.wav!"]
    assert [retry.path for retry in journal.state.retries()] == [path]

    path.write_bytes(whole)
    desk.sight(path, now=LATER)
    assert desk.out(2 * LATER) == ["k.wav"]


def test_a_cut_sound_that_has_rested_is_told_of_and_not_tried_again_until_it_changes(
    desk, journal, monkeypatch
):
    desk.begin()
    path = desk.drop()
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    desk.sight(path)
    later = time.time() + 120
    monkeypatch.setattr("drumwatch.intake.stability.time.time", lambda: later)

    assert desk.out() == ["k.wav!"]
    assert list(journal.state.retries()) == []

    path.write_bytes(whole)
    desk.sight(path, now=LATER)
    assert desk.out(2 * LATER) == ["k.wav"]


def test_a_sound_that_has_to_wait_is_remembered_over_a_restart(desk, tmp_path, journal):
    desk.begin()
    path = desk.drop()
    desk.sight(path)
    desk.out(10.0)
    assert desk.arrivals.again(path, "the library is away", 10.0, desk.wall(10.0))

    again = Desk(tmp_path, journal)
    again.begin(10.0)

    assert again.out(11.0) == []
    assert again.arrivals.settling() == 0
    assert again.out(30.0) == ["k.wav"]


def test_a_retry_for_a_file_that_is_gone_is_dropped(desk, tmp_path, journal):
    desk.begin()
    path = desk.drop()
    desk.sight(path)
    desk.out()
    desk.arrivals.again(path, "the library is away", LATER, desk.wall(LATER))
    path.unlink()

    Desk(tmp_path, journal).begin()

    assert journal.state.retries() == []


def test_a_folder_that_appears_late_is_new_with_all_that_is_in_it(desk):
    desk.folder.rmdir()
    desk.begin()
    desk.drop()

    desk.arrivals.rescan(1.0, desk.wall(1.0))

    assert "k.wav" in desk.out()


def test_events_of_a_folder_that_is_watched_no_longer_are_not_listened_to(desk, tmp_path):
    desk.begin()
    path = desk.drop()

    desk.arrivals.notice(FileEvent(path, EventKind.CLOSED, tmp_path / "elsewhere"), 0.0, desk.wall(0.0))

    assert desk.out() == []


@pytest.mark.parametrize(
    ("path", "pack"),
    [("k.wav", ""), ("Dusty Vol 3/k.wav", "Dusty Vol 3"), ("Dusty Vol 3/Kicks/k.wav", "Dusty Vol 3")],
)
def test_a_pack_is_the_first_folder_on_the_way(path, pack):
    assert pack_of(Path("/in") / path, Path("/in")) == pack


def test_an_archive_comes_out_where_archives_are_unpacked_and_nowhere_else(tmp_path, journal):
    for archives, out in (("unpack", ["pack.zip"]), ("ignore", [])):
        desk = Desk(tmp_path, journal, archives=archives)
        desk.begin()
        (desk.folder / "pack.zip").write_bytes(b"PK\5\6" + bytes(18))
        desk.sight(desk.folder / "pack.zip")

        assert desk.out() == out


# Packages of macOS


def packages(desk: Desk, now: float = LATER) -> list[str]:
    """The names of those that have come to rest."""
    return [path.name for path, _ in desk.arrivals.packages(now)]


@pytest.mark.parametrize("how", ["event", "around", "rescan"])
def test_a_package_that_comes_is_told_once_and_nothing_in_it_goes_out(desk, how):
    desk.begin()
    desk.drop("Delivery/Song.logicx/Media/1.wav")
    inner, outer = desk.folder / "Delivery/Song.logicx", desk.folder / "Delivery"
    for now in (1.0, LATER + 1):
        if how == "rescan":
            desk.arrivals.rescan(now, desk.wall(now))
        else:
            desk.sight(inner if how == "event" else outer, EventKind.FOLDER, now)
        assert desk.arrivals.settling() == (now == 1.0)
        assert packages(desk, now + LATER - 1) == (["Song.logicx"] if now == 1.0 else [])
        assert desk.out(now + LATER - 1) == []

    assert desk.arrivals.next_due() is None


def test_a_package_that_was_there_before_is_old_and_everything_makes_it_new(desk):
    desk.drop("Song.logicx/Media/1.wav")

    counted = desk.begin()
    assert packages(desk) == []
    desk.begin(LATER, everything=True)

    assert counted == {desk.folder: 0}
    assert packages(desk, 2 * LATER) == ["Song.logicx"]


def test_a_package_is_no_newcomer_after_a_restart_or_a_new_name(tmp_path, journal):
    desk = Desk(tmp_path, journal)
    desk.begin()
    desk.drop("Song.logicx/Media/1.wav")
    desk.arrivals.rescan(0.0, desk.wall(0.0))
    assert packages(desk) == ["Song.logicx"]

    desk.drop("Song.logicx/Media/2.wav", seed=2)
    (desk.folder / "Song.logicx").rename(desk.folder / "Tune.logicx")
    again = Desk(tmp_path, journal)
    again.begin(LATER)

    assert packages(again, 2 * LATER) == []


@pytest.mark.parametrize("options", [{"exclude": ("*.logicx",)}, {"recursive": False}])
def test_a_package_that_is_not_watched_is_not_told(tmp_path, journal, options):
    desk = Desk(tmp_path, journal, **options)
    desk.begin()
    desk.drop("Song.logicx/Media/1.wav")

    desk.sight(desk.folder / "Song.logicx", EventKind.FOLDER)
    desk.arrivals.rescan(0.0, desk.wall(0.0))

    assert packages(desk) == []
