"""A DAW is started while drumwatch is in the middle of a burst; shares of the machine; priorities."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import zipfile

import psutil
import pytest

from drumwatch import company


@pytest.fixture
def start_daw(tmp_path):
    """Starts a program that runs under the name of a DAW."""
    shutil.copy("/bin/sleep", tmp_path / "test-daw-9000")
    started = []

    yield lambda: started.append(subprocess.Popen([tmp_path / "test-daw-9000", "100"]))
    for daw in started:
        daw.kill()
        daw.wait()


def test_a_daw_that_starts_in_the_middle_of_a_burst_has_the_machine_and_the_rest_waits(studio, start_daw):
    studio.configure(pause_while=["Test DAW 9000"], max_share=0.1, workers=1)
    studio.start()
    before = studio.drop_many(120)
    studio.wait_for(1)

    start_daw()
    studio.wait_for_log("Pausing: Test DAW 9000 is running.")
    filed = len(studio.entries())
    assert filed < 120
    time.sleep(company.LOOK_EVERY_AT_WORK)
    assert len(studio.entries()) == filed
    assert studio.hashes() == before

    studio.configure()  # nothing to wait for any more, and no share to keep
    studio.wait_for(filed + 1)


def test_an_archive_that_is_being_unpacked_waits_in_the_middle_of_it(studio, start_daw):
    studio.configure(pause_while=["Test DAW 9000"], disk_rate="200 kB")
    studio.start()
    kick = studio.drop(folder=studio.state).read_bytes()
    with zipfile.ZipFile(studio.state / "Vendor - Pack.zip", "w") as pack:
        for number in range(40):
            pack.writestr(f"kick {number}.wav", kick)
    (studio.state / "Vendor - Pack.zip").rename(studio.intake / "Vendor - Pack.zip")
    lies = studio.library / ".drumwatch-unpacked"
    studio.wait_until(lambda: any(lies.rglob("*.wav")), "the first sound of it")

    start_daw()
    studio.wait_for_log("Pausing: Test DAW 9000 is running.")
    out = sum(1 for _ in lies.rglob("*.wav"))
    assert out < 40
    time.sleep(1.0)
    assert sum(1 for _ in lies.rglob("*.wav")) == out

    studio.configure()
    studio.wait_until(lambda: sum(1 for _ in lies.rglob("*.wav")) > out, "the next sound of it")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the priority on the disk as Linux tells it")
def test_the_daemon_and_its_workers_stand_behind_everything_else(studio):
    studio.start()
    studio.drop()
    studio.wait_for(1)

    everybody = [psutil.Process(studio.daemon.pid), *studio.children()]

    assert len(everybody) > 1
    assert {one.nice() for one in everybody} == {max(10, psutil.Process().nice())}
    assert {one.ionice().ioclass for one in everybody} == {psutil.IOPRIO_CLASS_IDLE}
