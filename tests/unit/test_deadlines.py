"""When a worker has had its time: by the clock, or by the processor where other programs have it. Time and use are arguments."""

from __future__ import annotations

from drumwatch.workers.deadlines import HELD_UP, MOST_IDLE, JobWatch
from drumwatch.workers.resource_use import Use

ALLOWED = 30.0


def looks(cpu_per_second, until):
    """Whether the job, begun at 100 with 7 s of processor time, is overdue at each second."""
    watch = JobWatch(100.0, 7.0, 7.0)
    return [
        watch.is_overdue(100.0 + at, 100.0 + ALLOWED, Use(0, 7.0 + at * cpu_per_second))
        for at in range(1, until + 1)
    ]


def test_a_job_is_not_overdue_before_its_deadline():
    assert not any(looks(0.0, 30) + looks(1.0, 30))


def test_a_job_that_has_the_processor_is_overdue_after_its_deadline():
    assert looks(1.0, 31)[-1]


def test_a_job_that_does_nothing_is_overdue_after_its_deadline():
    assert looks(0.0, 31)[-1]


def test_a_job_that_gets_a_fifth_of_the_processor_has_five_times_as_long():
    assert looks(0.2, 155).index(True) + 1 in range(149, 153)


def test_a_job_that_gets_next_to_nothing_is_overdue_in_the_end():
    assert looks(0.01, 310).index(True) == HELD_UP * ALLOWED


def test_a_job_may_be_without_the_processor_for_some_looks_and_not_for_more():
    watch = JobWatch(100.0, 0.0, 0.0)
    late = [watch.is_overdue(100.0 + at, 100.0 + ALLOWED, Use(0, at * 0.1)) for at in range(1, 41)]
    stands_still = [
        watch.is_overdue(140.0 + at, 100.0 + ALLOWED, Use(0, 4.0)) for at in range(1, MOST_IDLE + 1)
    ]

    assert not any(late)
    assert stands_still == [False] * (MOST_IDLE - 1) + [True]
