"""The system reports wrong, late, too many or no events: every file is handled exactly once all the same."""

from __future__ import annotations

import importlib.metadata
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from daemon_harness import DaemonHarness, sha256

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is a thing of Linux")
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
LONGEST_QUEUE = 40_000
FEW_WATCHES = 25


def each_once(harness, before: dict[str, str]) -> None:
    """Every sound has come to the library, whole, with one entry."""
    harness.wait_for(len(before), states=("done",))
    assert harness.hashes() == before
    assert sorted(entry.source.name for entry in harness.entries()) == sorted(before)


@linux
def test_what_the_kernel_dropped_while_the_daemon_slept_is_found_and_handled_once(harness):
    if importlib.metadata.version("watchdog") < "7":
        pytest.skip("watchdog 6 does not say that it lost events; the rescan finds the files")
    if (room := int(QUEUE.read_text())) > LONGEST_QUEUE:
        pytest.skip("filling this machine's queue would take long")
    harness.configure(rescan=3600)
    harness.start()
    harness.send_signal(signal.SIGSTOP)
    try:
        for number in range(room // 2 + 100):  # each is created and closed: two events
            (harness.intake / f"{number}.txt").touch()
        before = harness.drop_many(8)
        for path in harness.intake.glob("*.txt"):
            path.unlink()
    finally:
        harness.send_signal(signal.SIGCONT)

    each_once(harness, before)


@pytest.fixture
def few_watches(harness) -> None:
    """The daemon runs as root of a user namespace of its own, which has its own limit of watches."""
    lowered = f'echo {FEW_WATCHES} > /proc/sys/user/max_inotify_watches; exec "$@"'
    harness.prefix = ["unshare", "--user", "--map-root-user", "sh", "-c", lowered, "sh"]
    if not shutil.which("unshare") or subprocess.run([*harness.prefix, "true"], check=False).returncode:
        pytest.skip("no user namespaces here")


@linux
@pytest.mark.usefixtures("few_watches")
def test_a_limit_of_watches_that_is_met_later_is_reported_once_and_no_sound_is_missed(harness):
    harness.configure(rescan=1)
    harness.start()
    assert "of folders" not in harness.log

    before = {}
    for n in range(2 * FEW_WATCHES):
        path = harness.drop(f"pack {n}/kick {n}.wav", hz=45 + n)
        before[path.name] = sha256(path)
    each_once(harness, before)
    harness.wait_for_log("sudo sysctl fs.inotify.max_user_watches=")

    (problem,) = harness.run_json("status")[0]["problems"]
    assert "found by the regular rescan" in problem or "limit of watched folders is reached" in problem
    assert harness.log.count("The system watches only") <= 1
    late = harness.drop(f"pack {2 * FEW_WATCHES - 1}/late.wav", hz=44)
    each_once(harness, {**before, "late.wav": sha256(late)})


def test_two_daemons_with_different_libraries_on_one_folder_do_not_fight(harness, tmp_path):
    (tmp_path / "other").mkdir()
    other = DaemonHarness(tmp_path / "other")
    other.intake.rmdir()
    other.intake = harness.intake
    other.configure()
    try:
        harness.start()
        other.start()
        before = harness.drop_many(24)
        harness.wait_until(lambda: harness.tree(harness.intake) == [], "all are gone from the folder")
        harness.stop()
        other.stop()
    finally:
        other.close()

    found = {**harness.hashes(), **other.hashes()}
    assert found == before
    assert len(harness.tree(harness.library)) + len(other.tree(other.library)) == len(before)
    for one in (harness, other):
        assert "Traceback" not in one.log
        assert one.entries(states=("failed",)) == []


def reported(harness) -> list[str]:
    return [entry.error for entry in harness.entries(states=("failed",)) if "brings it back" in entry.error]


def test_two_daemons_that_watch_each_other_s_library_do_not_move_it_back_and_forth(harness, tmp_path):
    (tmp_path / "other").mkdir()
    other = DaemonHarness(tmp_path / "other")
    other.intake, other.library = harness.library, harness.intake
    other.configure(quiet=0.1)
    harness.configure(quiet=0.1)
    other.library.mkdir(exist_ok=True)
    other.intake.mkdir()
    try:
        harness.start()
        other.start()
        before = sha256(harness.drop("kick.wav"))
        harness.wait_until(lambda: reported(harness) or reported(other), "one of them gives in")
        harness.stop()
        other.stop()
    finally:
        other.close()

    assert [sha256(path) for path in harness.intake.rglob("*.wav")] + [
        sha256(path) for path in harness.library.rglob("*.wav")
    ] == [before]
