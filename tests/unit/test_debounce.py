from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.core.records import FileStamp
from drumwatch.intake.debounce import Debouncer, Retry, retry_delay, waited

WATCH = Path("Downloads")
KICK = Path("Downloads/kick.wav")
HAT = Path("Downloads/hat.wav")


def looks(size_bytes: int, mtime_ns: int = 1) -> FileStamp:
    return FileStamp(device=1, inode=7, size_bytes=size_bytes, mtime_ns=mtime_ns)


def closed(debouncer: Debouncer, path: Path, file_stamp: FileStamp, now: float) -> None:
    debouncer.observe(path, file_stamp, now, watch=WATCH, closed=True)


def settled(debouncer: Debouncer, now: float) -> list[str]:
    return [candidate.path.name for candidate in debouncer.pop_stable(now)]


def test_a_closed_file_settles_after_the_quiet_time() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)

    assert settled(debouncer, now=1.9) == []
    assert settled(debouncer, now=2.0) == ["kick.wav"]


def test_a_growing_file_has_not_settled() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100, mtime_ns=1), now=0.0)
    closed(debouncer, KICK, looks(900, mtime_ns=2), now=1.5)

    assert settled(debouncer, now=3.0) == []
    assert settled(debouncer, now=3.5) == ["kick.wav"]


def test_a_candidate_is_what_was_last_seen_and_where() -> None:
    debouncer = Debouncer()
    closed(debouncer, KICK, looks(100), now=0.0)

    assert debouncer.pop_stable(now=2.0) == [(KICK, looks(100), WATCH, 0)]


def test_a_file_without_a_close_waits_longer() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(100), 0.0, watch=WATCH)

    assert settled(debouncer, now=9.9) == []
    assert settled(debouncer, now=10.0) == ["kick.wav"]


def test_a_file_without_a_close_that_nobody_touched_for_long_waits_only_the_quiet_time() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(100), 0.0, watch=WATCH, age=3600.0)
    debouncer.observe(HAT, looks(100), 0.0, watch=WATCH, age=9.9)

    assert settled(debouncer, now=2.0) == ["kick.wav"]
    assert settled(debouncer, now=10.0) == ["hat.wav"]


def test_a_close_shortens_the_wait() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(100), 0.0, watch=WATCH)
    closed(debouncer, KICK, looks(100), now=1.0)

    assert settled(debouncer, now=3.0) == ["kick.wav"]


def test_a_close_that_is_reported_late_is_not_waited_for_twice() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(100), 0.0, watch=WATCH, closed=True, age=0.4)
    debouncer.observe(HAT, looks(100), 0.0, watch=WATCH, closed=True, age=3600.0)

    assert debouncer.next_due() == 1.5
    assert [file.path for file in debouncer.pop_stable(1.5)] == [HAT]
    assert debouncer.next_due() == 1.6


def test_a_file_on_a_polled_mount_waits_longest_and_its_age_is_not_believed() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(100), 0.0, watch=WATCH, polled=True, age=3600.0)

    assert settled(debouncer, now=29.9) == []
    assert settled(debouncer, now=30.0) == ["kick.wav"]


@pytest.mark.parametrize(
    ("quiet", "unclosed", "polled"), [(0.1, 0.5, 1.5), (2.0, 10.0, 30.0), (60.0, 68.0, 88.0)]
)
def test_the_longer_times_follow_the_quiet_time(quiet: float, unclosed: float, polled: float) -> None:
    debouncer = Debouncer(quiet=quiet)

    assert (debouncer.quiet_unclosed, debouncer.quiet_polled) == (unclosed, polled)


def test_a_rescan_of_an_unchanged_file_does_not_prolong_the_wait() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.observe(KICK, looks(100), 1.9, watch=WATCH)

    assert settled(debouncer, now=2.0) == ["kick.wav"]


def test_a_second_close_starts_the_quiet_time_again() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    closed(debouncer, KICK, looks(100), now=1.5)

    assert settled(debouncer, now=2.0) == []
    assert settled(debouncer, now=3.5) == ["kick.wav"]


def test_files_settle_in_the_order_they_came_to_rest() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    closed(debouncer, HAT, looks(100), now=0.5)
    closed(debouncer, KICK, looks(200), now=1.0)

    assert settled(debouncer, now=9.0) == ["hat.wav", "kick.wav"]


def test_a_limit_leaves_the_rest_for_the_next_call() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    closed(debouncer, HAT, looks(100), now=0.0)

    assert [candidate.path for candidate in debouncer.pop_stable(now=2.0, limit=1)] == [KICK]
    assert debouncer.next_due() == 2.0
    assert settled(debouncer, now=2.0) == ["hat.wav"]


def test_a_file_in_hand_does_not_settle_again() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    assert settled(debouncer, now=2.0) == ["kick.wav"]
    debouncer.observe(KICK, looks(100), 2.5, watch=WATCH)

    assert settled(debouncer, now=99.0) == []
    assert debouncer.in_hand() == 1


def test_a_file_that_changed_while_in_hand_starts_again_when_done() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    closed(debouncer, KICK, looks(200), now=3.0)
    debouncer.done(KICK, now=4.0)

    assert [candidate.stamp.size_bytes for candidate in debouncer.pop_stable(now=6.0)] == [200]


def test_a_change_without_a_close_while_in_hand_waits_the_longer_time() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.observe(KICK, looks(200), 3.0, watch=WATCH)
    debouncer.done(KICK, now=4.0)

    assert settled(debouncer, now=13.9) == []
    assert settled(debouncer, now=14.0) == ["kick.wav"]


def test_a_file_that_is_done_is_forgotten() -> None:
    debouncer = Debouncer()
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.done(KICK, now=2.0)

    assert KICK not in debouncer
    assert debouncer.next_due() is None


def test_a_forgotten_file_does_not_settle() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.forget(KICK)

    assert settled(debouncer, now=99.0) == []
    assert KICK not in debouncer


def test_a_file_that_vanished_and_came_back_while_in_hand_is_in_hand_once() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.forget(KICK)
    closed(debouncer, KICK, looks(200), now=3.0)

    assert settled(debouncer, now=9.0) == []
    debouncer.done(KICK, now=9.0)
    assert settled(debouncer, now=19.0) == ["kick.wav"]


def test_a_file_that_changed_and_vanished_while_in_hand_is_forgotten_when_done() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    closed(debouncer, KICK, looks(200), now=3.0)
    debouncer.forget(KICK)
    debouncer.done(KICK, now=4.0)

    assert KICK not in debouncer


def test_an_empty_file_never_settles_and_is_reported_once() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(0), now=0.0)

    assert settled(debouncer, now=29.0) == []
    assert debouncer.pop_reports() == []
    assert settled(debouncer, now=30.0) == []
    assert [report.reason for report in debouncer.pop_reports()] == [
        "kick.wav is empty; drumwatch waits for its content"
    ]
    closed(debouncer, KICK, looks(0), now=40.0)
    assert settled(debouncer, now=9999.0) == []
    assert debouncer.pop_reports() == []


def test_a_browsers_placeholder_settles_when_the_content_comes() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(0), now=0.0)
    debouncer.pop_stable(now=500.0)
    closed(debouncer, KICK, looks(100), now=500.0)

    assert settled(debouncer, now=502.0) == ["kick.wav"]


def test_a_file_put_back_is_tried_again_after_growing_delays() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)

    assert debouncer.put_back(KICK, 2.0, "kick.wav is open") == Retry(KICK, 1, 5.0, "kick.wav is open")
    assert settled(debouncer, now=6.9) == []
    assert settled(debouncer, now=7.0) == ["kick.wav"]
    assert debouncer.put_back(KICK, 7.0, "kick.wav is open") == Retry(KICK, 2, 10.0, "kick.wav is open")
    assert settled(debouncer, now=16.9) == []
    assert [candidate.attempts for candidate in debouncer.pop_stable(now=17.0)] == [2]


def test_the_delay_doubles_up_to_ten_minutes() -> None:
    assert [retry_delay(attempts) for attempts in (1, 2, 3, 7, 8, 5000)] == [5, 10, 20, 320, 600, 600]


def test_a_file_put_back_because_it_changed_waits_for_its_quiet_time_only() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)

    assert debouncer.put_back(KICK, 2.0, "kick.wav is still changing", looks(200)) is None
    assert settled(debouncer, now=11.9) == []
    assert [candidate.stamp for candidate in debouncer.pop_stable(now=12.0)] == [looks(200)]


def test_a_change_ends_the_growing_delay() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    for now in (2.0, 7.0, 17.0):
        debouncer.put_back(KICK, now, "kick.wav is cut off")
        debouncer.pop_stable(now + 3600.0)
    debouncer.put_back(KICK, 40.0, "kick.wav is cut off")
    closed(debouncer, KICK, looks(200), now=41.0)

    assert [(found.path, found.attempts) for found in debouncer.pop_stable(now=43.0)] == [(KICK, 0)]


def test_the_writers_close_brings_the_next_try_forward() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.put_back(KICK, 2.0, "kick.wav is open for writing")
    closed(debouncer, KICK, looks(100), now=3.0)

    assert settled(debouncer, now=5.0) == ["kick.wav"]


def test_after_a_day_of_tries_it_says_so_and_waits_for_a_change() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    now = 2.0
    while debouncer.pop_stable(now):
        debouncer.put_back(KICK, now, "kick.wav is cut off")
        now = debouncer.next_due() or now

    assert 23 * 3600 < now <= 24 * 3600 + 2
    assert [report.reason for report in debouncer.pop_reports()] == [
        "kick.wav is cut off; drumwatch has tried for a day and waits until it changes"
    ]
    debouncer.observe(KICK, looks(100), now, watch=WATCH)
    assert debouncer.next_due() is None
    closed(debouncer, KICK, looks(200), now=now)
    assert settled(debouncer, now + 2.0) == ["kick.wav"]


def test_who_is_patient_never_gives_up() -> None:
    debouncer, now = Debouncer(quiet=2.0), 2.0
    closed(debouncer, KICK, looks(100), now=0.0)
    for _ in range(300):
        assert settled(debouncer, now) == ["kick.wav"]
        retry = debouncer.put_back(KICK, now, "the disk is full", patient=True)
        assert retry is not None
        now += retry.delay

    assert debouncer.pop_reports() == []


def test_when_the_reason_is_gone_whatever_waits_for_another_try_has_it_now() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    settled(debouncer, now=2.0)
    debouncer.put_back(KICK, 2.0, "the disk is full")
    closed(debouncer, HAT, looks(200), now=3.0)

    debouncer.retry_now(now=3.0)

    assert settled(debouncer, now=3.0) == ["kick.wav"]
    assert settled(debouncer, now=5.0) == ["hat.wav"]


def test_the_time_waited_is_the_sum_of_the_delays() -> None:
    assert waited(0) == 0.0
    assert waited(3) == 5.0 + 10.0 + 20.0


def test_a_retry_survives_a_restart() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.restore(Retry(KICK, attempts=4, delay=40.0, reason="kick.wav is cut off"), now=0.0)
    debouncer.observe(KICK, looks(100), 1.0, watch=WATCH, age=3600.0)

    assert settled(debouncer, now=39.9) == []
    assert debouncer.pop_stable(now=40.0) == [(KICK, looks(100), WATCH, 4)]
    assert debouncer.put_back(KICK, 40.0, "still") == Retry(KICK, 5, 80.0, "still")


@pytest.mark.parametrize("delay", [-86400.0, 0.0])
def test_an_overdue_retry_is_tried_after_the_quiet_time(delay: float) -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.restore(Retry(KICK, 4, delay, "kick.wav is cut off"), now=0.0)
    debouncer.observe(KICK, looks(100), 1.0, watch=WATCH, age=3600.0)

    assert settled(debouncer, now=3.0) == ["kick.wav"]


def test_a_clock_set_back_cannot_put_a_retry_off_for_years() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.restore(Retry(KICK, 4, 1e9, "kick.wav is cut off"), now=0.0)
    debouncer.observe(KICK, looks(100), 1.0, watch=WATCH)

    assert settled(debouncer, now=600.0) == ["kick.wav"]


def test_retries_whose_files_were_not_found_again_can_be_dropped() -> None:
    debouncer = Debouncer()
    debouncer.restore(Retry(KICK, 1, 5.0, "cut off"), now=0.0)
    debouncer.restore(Retry(HAT, 1, 5.0, "cut off"), now=0.0)
    debouncer.observe(KICK, looks(100), 1.0, watch=WATCH)

    assert debouncer.pop_unclaimed() == [HAT]
    assert debouncer.pop_unclaimed() == []


def test_a_file_that_never_rests_is_reported_once_and_not_moved() -> None:
    debouncer = Debouncer(quiet=2.0)
    for second in range(1200):
        closed(debouncer, KICK, looks(100 + second), now=float(second))
        assert settled(debouncer, now=float(second)) == []

    assert [report.reason for report in debouncer.pop_reports()] == [
        "kick.wav keeps changing; drumwatch waits until no program writes to it"
    ]
    assert settled(debouncer, now=1201.0) == ["kick.wav"]


def test_a_recording_that_is_found_longer_at_each_look_never_rests_either() -> None:
    debouncer = Debouncer(quiet=2.0)
    debouncer.observe(KICK, looks(1), 0.0, watch=WATCH)
    for look in range(1, 100):
        assert settled(debouncer, now=10.0 * look) == ["kick.wav"]
        debouncer.put_back(KICK, 10.0 * look, "kick.wav is still changing", looks(1 + look))

    assert len(debouncer.pop_reports()) == 1


def test_a_file_that_rested_and_then_changed_is_not_restless() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.put_back(KICK, 2.0, "kick.wav is cut off")
    closed(debouncer, KICK, looks(200), now=3000.0)

    assert debouncer.pop_reports() == []


def test_next_due_is_the_earliest_and_follows_changes() -> None:
    debouncer = Debouncer(quiet=2.0)
    assert debouncer.next_due() is None
    debouncer.observe(HAT, looks(100), 0.0, watch=WATCH)
    closed(debouncer, KICK, looks(100), now=1.0)
    assert debouncer.next_due() == 3.0
    closed(debouncer, KICK, looks(200), now=2.5)
    assert debouncer.next_due() == 4.5
    debouncer.forget(KICK)
    assert debouncer.next_due() == 10.0


def test_status_can_say_why_each_file_waits() -> None:
    debouncer = Debouncer(quiet=2.0)
    closed(debouncer, KICK, looks(100), now=0.0)
    debouncer.pop_stable(now=2.0)
    debouncer.put_back(KICK, 2.0, "kick.wav is cut off")
    closed(debouncer, HAT, looks(100), now=6.0)

    assert [tuple(waiting) for waiting in debouncer.waiting()] == [
        (KICK, "kick.wav is cut off", 7.0),
        (HAT, "waits for its quiet time", 8.0),
    ]
    debouncer.pop_stable(now=8.0)
    assert list(debouncer.waiting()) == []


def test_answers_about_unknown_files_change_nothing() -> None:
    debouncer = Debouncer()
    debouncer.done(KICK, now=0.0)
    debouncer.forget(KICK)

    assert debouncer.put_back(KICK, 0.0, "why") is None
    assert KICK not in debouncer


def test_many_observations_of_one_file_take_no_memory() -> None:
    debouncer = Debouncer(quiet=2.0)
    for step in range(10_000):
        closed(debouncer, KICK, looks(1 + step), now=step / 100)

    assert len(debouncer._heap) < 100


def test_many_short_lived_files_take_no_memory() -> None:
    debouncer = Debouncer(quiet=2.0)
    for step in range(10_000):
        closed(debouncer, KICK, looks(1 + step), now=0.0)
        debouncer.forget(KICK)

    assert len(debouncer._heap) < 100
