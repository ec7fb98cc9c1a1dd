"""New and stable files come out once: real files, a real journal, and clocks that are arguments."""

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


class ArrivalsHarness:
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

    def notice(self, path: Path, kind: EventKind = EventKind.CLOSED, now: float = 0.0) -> None:
        self.arrivals.notice(FileEvent(path, kind, self.folder), now, self.wall(now))

    def out(self, now: float = LATER) -> list[str]:
        """The names of stable files; refused ones with an exclamation mark."""
        answers = list(self.arrivals.stable(now, self.wall(now)))
        return [
            f"{one.arrival.path.name}!" if isinstance(one, Refused) else one[0].path.name for one in answers
        ]


@pytest.fixture
def harness(tmp_path, journal):
    return ArrivalsHarness(tmp_path, journal)


def test_what_is_there_at_the_first_start_is_counted_and_never_comes_out(harness):
    harness.drop("old.wav")

    assert harness.begin() == {harness.folder: 1}
    assert harness.out() == []


def test_what_is_there_comes_out_where_everything_is_asked_for(harness):
    harness.drop("old.wav")

    assert harness.begin(everything=True) == {}
    assert harness.out() == ["old.wav"]


def test_what_stayed_as_old_comes_out_later_where_everything_is_asked_for_and_what_was_handled_does_not(
    harness, tmp_path, journal
):
    harness.drop("old.wav")
    handled = harness.drop("handled.wav", seed=1)
    harness.begin()
    journal.seen.note(handled, stamp_of(handled), "handled")

    again = ArrivalsHarness(tmp_path, journal)
    again.begin(everything=True)

    assert again.out() == ["old.wav"]


def test_an_old_sound_is_old_under_a_new_name_and_still_comes_out_with_everything(harness, tmp_path, journal):
    path = harness.drop("old.wav")
    harness.begin()
    new = path.rename(harness.folder / "renamed.wav")
    harness.notice(new, EventKind.CHANGED)
    harness.notice(path, EventKind.GONE)
    old = harness.arrivals.old()

    again = ArrivalsHarness(tmp_path, journal)
    again.begin(everything=True)

    assert (old, again.out()) == (1, ["renamed.wav"])


def test_only_what_is_still_there_untouched_counts_as_old(harness):
    harness.drop("old.wav")
    harness.drop("gone.wav").unlink()
    changed = harness.drop("changed.wav", seed=1)
    harness.begin()
    changed.write_bytes(b"another")

    assert harness.arrivals.old() == 1


def test_what_came_since_the_last_run_comes_out(harness, tmp_path, journal):
    harness.begin()
    harness.drop("while off.wav")

    again = ArrivalsHarness(tmp_path, journal)

    assert again.begin() == {}
    assert again.out() == ["while off.wav"]


def test_a_sound_comes_out_after_its_quiet_time_and_only_once(harness):
    harness.begin()
    harness.notice(harness.drop(), now=10.0)

    assert harness.out(now=10.4) == []
    assert harness.out(now=12.0) == ["k.wav"]
    assert harness.out(now=LATER) == []


def test_what_is_done_comes_out_again_only_when_it_changes(harness, journal):
    harness.begin()
    path = harness.drop()
    harness.notice(path)
    harness.out()
    journal.seen.note(path, stamp_of(path), "handled")
    harness.arrivals.done(path, LATER)

    harness.notice(path, now=LATER)
    assert harness.out(2 * LATER) == []

    harness.notice(harness.drop(seed=1), now=2 * LATER)
    assert harness.out(3 * LATER) == ["k.wav"]


def test_an_old_sound_under_a_new_name_is_not_new(harness):
    path = harness.drop("old.wav")
    harness.begin()
    new = path.rename(harness.folder / "renamed.wav")

    harness.notice(new, EventKind.CHANGED)
    harness.notice(path, EventKind.GONE)
    harness.arrivals.rescan(1.0, harness.wall(1.0))

    assert harness.out() == []


def test_a_copy_of_an_old_sound_is_new_even_with_its_old_times(harness):
    old = harness.drop("old.wav")
    harness.begin()
    copy = harness.folder / "copy.wav"
    copy.write_bytes(old.read_bytes())
    os.utime(copy, ns=(0, old.stat().st_mtime_ns))

    harness.notice(copy)

    assert harness.out() == ["copy.wav"]


def test_a_hint_that_comes_late_does_not_make_a_sound_new_that_is_back(harness, journal):
    harness.begin()
    path = harness.drop()
    journal.seen.note(path, stamp_of(path), "put back")

    harness.notice(path, EventKind.GONE)

    assert harness.out() == []


def test_what_comes_to_the_place_of_a_sound_that_went_is_new(harness, journal):
    harness.begin()
    path = harness.drop()
    aside = harness.folder.parent / "aside.wav"
    journal.seen.note(path, stamp_of(path), "handled")
    os.link(path, aside)
    path.unlink()
    harness.notice(path, EventKind.GONE)

    path.write_bytes(aside.read_bytes())
    harness.notice(path, now=1.0)

    assert harness.out() == ["k.wav"]


@pytest.mark.parametrize("kind", [EventKind.FOLDER, EventKind.OVERFLOW])
def test_a_folder_or_lost_events_bring_out_what_no_event_reported(harness, kind):
    harness.begin()
    harness.drop("Pack/deep/a.wav")
    harness.drop("Pack/b.wav", seed=1)

    harness.notice(harness.folder / "Pack" if kind is EventKind.FOLDER else harness.folder, kind)

    assert sorted(harness.out()) == ["a.wav", "b.wav"]


def test_a_rescan_finds_what_no_event_reported(harness):
    harness.begin()
    harness.drop()

    harness.arrivals.rescan(1.0, harness.wall(1.0))

    assert harness.out() == ["k.wav"]


@pytest.mark.parametrize("name", ["notes.txt", ".hidden.wav", "k.wav.part", "~$k.wav", "Out/k.wav"])
def test_what_is_no_sample_or_left_out_does_not_come_out(tmp_path, journal, name):
    harness = ArrivalsHarness(tmp_path, journal, exclude=("Out",))
    harness.begin()

    harness.notice(harness.drop("k.wav").rename(_made(harness.folder / name)))
    harness.arrivals.rescan(0.0, harness.wall(0.0))

    assert harness.out() == []


def _made(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


def test_what_is_no_sound_is_refused_once_and_for_good(harness):
    harness.begin()
    path = harness.folder / "text.wav"
    path.write_text("no sound at all")
    harness.notice(path)

    (refused,) = harness.arrivals.stable(LATER, harness.wall(LATER))

    assert (refused.for_good, "text.wav is not an audio file" in refused.why) == (True, True)
    assert harness.out(2 * LATER) == []


def test_a_sound_that_is_cut_short_is_reported_and_looked_at_again(harness, journal):
    harness.begin()
    path = harness.drop()
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    harness.notice(path)

    assert harness.out() == ["k.wav!"]
    assert [retry.path for retry in journal.state.retries()] == [path]

    path.write_bytes(whole)
    harness.notice(path, now=LATER)
    assert harness.out(2 * LATER) == ["k.wav"]


def test_a_cut_sound_that_has_rested_is_told_of_and_not_tried_again_until_it_changes(
    harness, journal, monkeypatch
):
    harness.begin()
    path = harness.drop()
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    harness.notice(path)
    later = time.time() + 120
    monkeypatch.setattr("drumwatch.intake.stability.time.time", lambda: later)

    assert harness.out() == ["k.wav!"]
    assert list(journal.state.retries()) == []

    path.write_bytes(whole)
    harness.notice(path, now=LATER)
    assert harness.out(2 * LATER) == ["k.wav"]


def test_a_sound_that_has_to_wait_is_remembered_over_a_restart(harness, tmp_path, journal):
    harness.begin()
    path = harness.drop()
    harness.notice(path)
    harness.out(10.0)
    assert harness.arrivals.retry_later(path, "the library is away", 10.0, harness.wall(10.0))

    again = ArrivalsHarness(tmp_path, journal)
    again.begin(10.0)

    assert again.out(11.0) == []
    assert again.arrivals.waiting() == 0
    assert again.out(30.0) == ["k.wav"]


def test_a_retry_for_a_file_that_is_gone_is_dropped(harness, tmp_path, journal):
    harness.begin()
    path = harness.drop()
    harness.notice(path)
    harness.out()
    harness.arrivals.retry_later(path, "the library is away", LATER, harness.wall(LATER))
    path.unlink()

    ArrivalsHarness(tmp_path, journal).begin()

    assert journal.state.retries() == []


def test_a_folder_that_appears_late_is_new_with_all_that_is_in_it(harness):
    harness.folder.rmdir()
    harness.begin()
    harness.drop()

    harness.arrivals.rescan(1.0, harness.wall(1.0))

    assert "k.wav" in harness.out()


def test_events_of_a_folder_that_is_watched_no_longer_are_not_listened_to(harness, tmp_path):
    harness.begin()
    path = harness.drop()

    harness.arrivals.notice(FileEvent(path, EventKind.CLOSED, tmp_path / "elsewhere"), 0.0, harness.wall(0.0))

    assert harness.out() == []


@pytest.mark.parametrize(
    ("path", "pack"),
    [("k.wav", ""), ("Dusty Vol 3/k.wav", "Dusty Vol 3"), ("Dusty Vol 3/Kicks/k.wav", "Dusty Vol 3")],
)
def test_a_pack_is_the_first_folder_on_the_way(path, pack):
    assert pack_of(Path("/in") / path, Path("/in")) == pack


def test_an_archive_comes_out_where_archives_are_unpacked_and_nowhere_else(tmp_path, journal):
    for archives, out in (("unpack", ["pack.zip"]), ("ignore", [])):
        harness = ArrivalsHarness(tmp_path, journal, archives=archives)
        harness.begin()
        (harness.folder / "pack.zip").write_bytes(b"PK\5\6" + bytes(18))
        harness.notice(harness.folder / "pack.zip")

        assert harness.out() == out


# Packages of macOS


def packages(harness: ArrivalsHarness, now: float = LATER) -> list[str]:
    """The names of those that have come to rest."""
    return [path.name for path, _ in harness.arrivals.packages(now)]


@pytest.mark.parametrize("how", ["event", "around", "rescan"])
def test_a_package_that_comes_is_reported_once_and_nothing_in_it_goes_out(harness, how):
    harness.begin()
    harness.drop("Delivery/Song.logicx/Media/1.wav")
    inner, outer = harness.folder / "Delivery/Song.logicx", harness.folder / "Delivery"
    for now in (1.0, LATER + 1):
        if how == "rescan":
            harness.arrivals.rescan(now, harness.wall(now))
        else:
            harness.notice(inner if how == "event" else outer, EventKind.FOLDER, now)
        assert harness.arrivals.waiting() == (now == 1.0)
        assert packages(harness, now + LATER - 1) == (["Song.logicx"] if now == 1.0 else [])
        assert harness.out(now + LATER - 1) == []

    assert harness.arrivals.next_due() is None


def test_a_package_that_was_there_before_is_old_and_everything_makes_it_new(harness):
    harness.drop("Song.logicx/Media/1.wav")

    counted = harness.begin()
    assert packages(harness) == []
    harness.begin(LATER, everything=True)

    assert counted == {harness.folder: 0}
    assert packages(harness, 2 * LATER) == ["Song.logicx"]


def test_a_package_is_no_newcomer_after_a_restart_or_a_new_name(tmp_path, journal):
    harness = ArrivalsHarness(tmp_path, journal)
    harness.begin()
    harness.drop("Song.logicx/Media/1.wav")
    harness.arrivals.rescan(0.0, harness.wall(0.0))
    assert packages(harness) == ["Song.logicx"]

    harness.drop("Song.logicx/Media/2.wav", seed=2)
    (harness.folder / "Song.logicx").rename(harness.folder / "Tune.logicx")
    again = ArrivalsHarness(tmp_path, journal)
    again.begin(LATER)

    assert packages(again, 2 * LATER) == []


@pytest.mark.parametrize("options", [{"exclude": ("*.logicx",)}, {"recursive": False}])
def test_a_package_that_is_not_watched_is_not_reported(tmp_path, journal, options):
    harness = ArrivalsHarness(tmp_path, journal, **options)
    harness.begin()
    harness.drop("Song.logicx/Media/1.wav")

    harness.notice(harness.folder / "Song.logicx", EventKind.FOLDER)
    harness.arrivals.rescan(0.0, harness.wall(0.0))

    assert packages(harness) == []
