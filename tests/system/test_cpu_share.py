"""A DAW is started in the middle of a burst; shares of the processors; priorities."""

from __future__ import annotations

import sys
import time
import zipfile

import psutil
import pytest
from named_programs import start_as

from drumwatch.daemon import pause_conditions


@pytest.fixture
def start_daw(tmp_path):
    """Starts a program that runs under the name of a DAW."""
    started = []

    yield lambda: started.append(start_as(tmp_path / "test-daw-9000", "100"))
    for daw in started:
        daw.kill()
        daw.communicate()


def test_a_daw_that_starts_in_the_middle_of_a_burst_has_the_machine_and_the_rest_waits(harness, start_daw):
    harness.configure(pause_while=["Test DAW 9000"], max_share=0.1, workers=1)
    harness.start()
    before = harness.drop_many(120)
    harness.wait_for(1)

    start_daw()
    harness.wait_for_log("Pausing: Test DAW 9000 is running.")
    filed = len(harness.entries())
    assert filed < 120
    time.sleep(pause_conditions.CHECK_SECONDS_AT_WORK)
    assert len(harness.entries()) == filed
    assert harness.hashes() == before

    harness.configure()  # nothing to wait for any more, and no share to keep
    harness.wait_for(filed + 1)


def test_an_archive_that_is_being_unpacked_waits_in_the_middle_of_it(harness, start_daw):
    harness.configure(pause_while=["Test DAW 9000"], disk_rate="200 kB")
    harness.start()
    kick = harness.drop(folder=harness.state).read_bytes()
    with zipfile.ZipFile(harness.state / "Vendor - Pack.zip", "w") as pack:
        for number in range(40):
            pack.writestr(f"kick {number}.wav", kick)
    (harness.state / "Vendor - Pack.zip").rename(harness.intake / "Vendor - Pack.zip")
    lies = harness.library / ".drumwatch-unpacked"
    harness.wait_until(lambda: any(lies.rglob("*.wav")), "the first sound of it")

    start_daw()
    harness.wait_for_log("Pausing: Test DAW 9000 is running.")
    out = sum(1 for _ in lies.rglob("*.wav"))
    assert out < 40
    time.sleep(1.0)
    assert sum(1 for _ in lies.rglob("*.wav")) == out

    harness.configure()
    harness.wait_until(lambda: sum(1 for _ in lies.rglob("*.wav")) > out, "the next sound of it")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the priority on the disk as Linux tells it")
def test_the_daemon_and_its_workers_have_a_lower_priority_than_everything_else(harness):
    harness.start()
    harness.drop()
    harness.wait_for(1)

    everybody = [psutil.Process(harness.daemon.pid), *harness.children()]

    assert len(everybody) > 1
    assert {one.nice() for one in everybody} == {max(10, psutil.Process().nice())}
    assert {one.ionice().ioclass for one in everybody} == {psutil.IOPRIO_CLASS_IDLE}
