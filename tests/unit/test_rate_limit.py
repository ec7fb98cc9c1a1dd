from drumwatch.config import Config
from drumwatch.daemon.cpu_share import WorkerLimits, worker_limits
from drumwatch.system.rate_limit import RateLimit


def test_a_single_file_never_waits():
    pace = RateLimit(per_second=50.0)

    pace.spend(10.0, now=100.0)

    assert pace.wait(now=100.0) == 0.0


def test_a_burst_is_spread_over_the_time_that_its_rate_gives_it():
    pace = RateLimit(per_second=50.0)
    for _ in range(10):
        pace.spend(50.0, now=100.0)

    assert [pace.wait(now) for now in (100.0, 105.0, 109.0, 200.0)] == [9.0, 4.0, 0.0, 0.0]


def test_what_was_not_used_in_a_quiet_time_is_not_saved_for_a_storm():
    pace = RateLimit(per_second=50.0)
    pace.spend(50.0, now=0.0)
    pace.spend(150.0, now=1000.0)

    assert pace.wait(now=1000.0) == 2.0


def test_without_a_rate_nothing_waits():
    pace = RateLimit(0)
    pace.spend(1e12, now=1.0)

    assert pace.wait(now=1.0) == 0.0


def test_without_a_share_there_is_one_worker_less_than_there_are_cores(tmp_path):
    assert worker_limits(Config(tmp_path), cores=8) == WorkerLimits(7, 1.0)
    assert worker_limits(Config(tmp_path, workers=3), cores=8) == WorkerLimits(3, 1.0)


def test_a_share_of_the_machine_becomes_workers_that_rest(tmp_path):
    config = Config(tmp_path, max_share=0.25)

    assert worker_limits(config, cores=16) == WorkerLimits(4, 1.0)
    assert worker_limits(config, cores=6) == WorkerLimits(2, 0.75)
    assert worker_limits(config, cores=2) == WorkerLimits(1, 0.5)


def test_what_the_daemon_uses_itself_the_workers_do_without(tmp_path):
    config = Config(tmp_path, max_share=0.25)

    assert worker_limits(config, cores=2, own_use=0.25) == WorkerLimits(1, 0.25)
    assert worker_limits(config, cores=2, own_use=3.0) == WorkerLimits(1, 0.02)


def test_slowly_is_one_sound_at_a_time(tmp_path):
    assert worker_limits(Config(tmp_path), cores=8, slow=True) == WorkerLimits(1, 1.0)
