"""A journal that cannot be used stops the daemon's work, not the daemon: it is told once, nothing is lost, and it goes on by itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from daemon_harness import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon_harness import DaemonHarness

DELETED = "was deleted or replaced: put it back; or restart drumwatch"


def told(harness: DaemonHarness, words: str) -> int:
    """How many lines of the log say so."""
    return sum(words in line for line in harness.log.splitlines())


def problems(harness: DaemonHarness) -> list[str]:
    """What `drumwatch status` names as wrong in the running daemon."""
    (facts,) = harness.run_json("status")
    assert facts["alive"]
    assert facts["pid"] == harness.daemon.pid
    return facts.get("problems", [])


@pytest.fixture
def small_state(harness) -> Iterator[Path]:
    """The state folder is a disk of three megabytes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a disk, and these are Linux's")
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", harness.state]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("root may not mount here")
    try:
        yield harness.state
    finally:
        subprocess.run(["umount", "--lazy", harness.state], check=True)


def test_a_disk_that_fills_up_under_the_journal_is_told_once_and_all_goes_on_when_there_is_room(
    harness, small_state
):
    harness.start()
    before = {"first.wav": sha256(harness.drop("first.wav", hz=50))}
    harness.wait_for(1, states=("done",))
    with (small_state / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    before |= harness.drop_many(6)
    harness.wait_for_log("is full: make room there")

    harness.wait_until(lambda: problems(harness) != [], "status tells it")
    (problem,) = problems(harness)
    assert f"{small_state}/" in problem
    assert "Nothing is moved until then" in problem
    assert harness.hashes() == before

    (small_state / "filler").unlink()
    harness.wait_for(7, states=("done",))

    assert harness.hashes() == before
    assert harness.tree(harness.intake) == []
    assert told(harness, "is full") == 1
    assert told(harness, "can be used again: going on.") == 1
    assert problems(harness) == []
    assert len(harness.entries(states=("done",))) == 7


def test_a_journal_that_another_program_keeps_locked_is_waited_for(harness):
    harness.start()
    harness.stop()
    with contextlib.closing(sqlite3.connect(harness.state / "journal.db", isolation_level=None)) as viewer:
        viewer.execute("BEGIN IMMEDIATE")
        harness.launch()
        harness.wait_for_log("Another program keeps the journal")
        before = harness.drop_many(3)
        harness.wait_until(lambda: problems(harness) != [], "status tells it")

        assert len(harness.tree(harness.intake)) == 3
        viewer.execute("ROLLBACK")

    harness.wait_for(3, states=("done",))
    assert harness.hashes() == before
    assert told(harness, "Another program keeps the journal") == 1


def test_nothing_is_moved_after_the_state_folder_was_deleted_until_drumwatch_is_restarted(harness):
    harness.start()
    harness.drop("first.wav", hz=50)
    harness.wait_for(1, states=("done",))
    shutil.rmtree(harness.state)
    later = harness.drop("later.wav", hz=60)
    harness.wait_for_log(DELETED)

    (problem,) = problems(harness)
    assert DELETED in problem
    second = harness.drop("second.wav", hz=70)
    daemon, harness.log_file = harness.daemon, harness.config.parent / "second.log"
    harness.start()  # a second daemon may, as the first one's lock is gone
    harness.drop("third.wav", hz=80)
    harness.wait_for(1, states=("done",))

    assert [later.exists(), second.exists()] == [True, True]
    assert daemon.poll() is None
    harness.stop()
    first_log = (harness.config.parent / "daemon.log").read_text("utf-8")
    assert first_log.count(DELETED) == 1
    assert first_log.count("Traceback") == 0


def test_a_state_folder_that_is_put_back_is_used_again(harness):
    harness.start()
    elsewhere = harness.state.with_name("elsewhere")
    harness.state.rename(elsewhere)
    harness.drop()
    harness.wait_for_log(DELETED)
    assert harness.tree(harness.library) == []

    if harness.state.exists():
        shutil.rmtree(harness.state)
    elsewhere.rename(harness.state)
    harness.wait_for(1, states=("done",))

    assert told(harness, "can be used again") == 1


def test_a_daemon_is_not_started_with_a_damaged_journal_and_the_remedy_is_given(harness):
    (harness.state / "journal.db").write_bytes(bytes(range(256)) * 100)
    harness.drop()

    ran = harness.run("run", code=1)

    assert "is damaged: `drumwatch journal check` says how far" in ran.stderr
    assert harness.tree() == ["intake/kick.wav"]
