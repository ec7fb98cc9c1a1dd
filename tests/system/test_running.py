"""How the daemon starts, ends, reloads, and takes up again what it did not finish."""

from __future__ import annotations

import signal

import pytest
from daemon_harness import TIMEOUT

from drumwatch.system.file_lock import Lock


def everything_once(harness, before: dict[str, str]) -> bool:
    """Every sound of before is there, under its name, whole, and nothing else."""
    return harness.hashes() == before


def test_once_files_what_has_come_since_the_last_run_and_ends(harness):
    harness.run("run", "--once")
    before = harness.drop_many(5)

    ran = harness.run("run", "--once")

    assert "everything that has come has been handled)." in ran.stderr
    assert harness.tree(harness.intake) == []
    assert everything_once(harness, before)


def test_the_first_run_with_once_leaves_what_was_there_and_says_so(harness):
    harness.drop_many(3)

    first = harness.run("run", "--once")
    harness.drop("new.wav")
    second = harness.run("run", "--once")

    left = "3 sounds were there before and are left alone: `drumwatch run --once --everything` or `drumwatch sort FOLDER` handles them"
    assert left in first.stderr
    assert left in second.stderr
    assert harness.tree(harness.library) == ["library/kick/new.wav"]


def test_everything_files_what_was_there_too_but_not_what_was_taken_back(harness):
    harness.drop("old.wav", hz=50)
    harness.run("run", "--once")
    harness.drop("back.wav", hz=60)
    harness.run("run", "--once")
    harness.run("undo", "--last", "1")

    ran = harness.run("run", "--once", "--everything")

    assert "everything that was there has been handled)." in ran.stderr
    assert harness.tree() == ["intake/back.wav", "library/kick/old.wav"]


def test_everything_without_once_is_a_wrong_usage_and_touches_nothing(harness):
    harness.drop()

    result = harness.run("run", "--everything", code=2)

    assert "`drumwatch run --once --everything`, or `drumwatch sort FOLDER`" in result.stderr
    assert harness.tree() == ["intake/kick.wav"]


def test_everything_on_a_fresh_state_files_what_is_there_and_ends(harness):
    before = harness.drop_many(5)

    ran = harness.run("run", "--once", "--everything")

    assert "everything that was there has been handled)." in ran.stderr
    assert harness.tree(harness.intake) == []
    assert everything_once(harness, before)


def test_a_dry_run_says_what_it_would_do_and_changes_nothing_not_even_the_journal(harness):
    harness.run("run", "--once")
    journal = (harness.state / "journal.db").read_bytes()
    harness.drop()

    ran = harness.run("run", "--once", "--dry-run")

    assert "kick.wav would go to ~/library/kick/kick.wav" in ran.stderr
    assert harness.tree() == ["intake/kick.wav"]
    assert (harness.state / "journal.db").read_bytes() == journal
    assert harness.entries() == []


def test_a_second_daemon_says_so_and_ends(harness):
    harness.start()

    ran = harness.run("run", code=1)

    assert f"drumwatch is already running (process {harness.daemon.pid})" in ran.stderr
    assert harness.daemon.poll() is None


def test_a_daemon_asked_to_end_in_the_middle_ends_soon_and_the_rest_waits_for_the_next(harness):
    harness.run("run", "--once")
    before = harness.drop_many(100)
    harness.start()
    harness.wait_until(lambda: len(harness.entries()) >= 20, "some sounds filed")

    assert harness.stop() < 5
    left = len(harness.tree(harness.intake))
    assert 0 < left < 100
    assert [entry for entry in harness.entries() if entry.state == "planned"] == []

    harness.run("run", "--once")
    assert harness.tree(harness.intake) == []
    assert everything_once(harness, before)
    assert len(harness.entries()) == 100


def test_a_daemon_that_was_killed_recovers_and_loses_nothing(harness):
    harness.run("run", "--once")
    before = harness.drop_many(100)
    harness.start()
    harness.wait_until(lambda: len(harness.entries()) >= 20, "some sounds filed")

    harness.kill()
    harness.run("run", "--once")

    assert harness.tree(harness.intake) == []
    assert everything_once(harness, before)
    assert {entry.state for entry in harness.entries()} <= {"done", "failed"}
    assert Lock(harness.state / "daemon.lock").holder() is None


@pytest.mark.parametrize(
    ("number", "called"),
    [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_daemon_at_rest_ends_at_once(harness, number, called):
    harness.start()

    harness.send_signal(number)

    assert harness.daemon.wait(TIMEOUT) == 0
    assert f"Stopping ({called})." in harness.log


def test_hup_takes_up_a_new_configuration(harness):
    harness.start()
    harness.configure(action="copy")
    harness.send_signal(signal.SIGHUP)
    harness.wait_for_log("has been read again")
    harness.wait_for_log("Ready.", times=2)

    harness.drop()
    harness.wait_for(1)

    assert harness.tree() == ["intake/kick.wav", "library/kick/kick.wav"]


def test_hup_with_a_bad_configuration_keeps_the_old_one_and_says_so(harness):
    harness.start()
    harness.configure(actoin="copy")
    harness.send_signal(signal.SIGHUP)
    harness.wait_for_log("the old one stays in force")
    assert "actoin" in harness.log

    harness.drop()
    harness.wait_for(1)

    assert harness.tree() == ["library/kick/kick.wav"]
    assert "actoin" in harness.run_json("status")[0]["last_error"]["what"]


FIVE_MISTAKES = """
library = "~/Drums"
actoin = "move"
quiet = "long"
max_wrong = 7

[[watch]]
folder = "Downloads"

[[rule]]
name = "toms"
match = { lable = "tom" }
"""


def test_five_mistakes_are_reported_at_once_each_with_its_line(harness):
    harness.config.write_text(FIVE_MISTAKES, encoding="utf-8")

    lines = harness.run("run", code=78).stderr.splitlines()

    assert len(lines) == 5
    for number, word in ((3, "actoin"), (4, "quiet"), (5, "max_wrong"), (8, "Downloads"), (12, "lable")):
        assert any(f":{number}:" in line and word in line for line in lines), (number, word, lines)
    assert harness.run("config", "check", code=78).stderr.splitlines() == lines


def test_a_configuration_that_is_not_there_is_answered_with_what_to_do(harness):
    harness.config.unlink()

    assert "drumwatch init" in harness.run("run", code=78).stderr


def test_a_worker_that_is_killed_costs_no_sound(harness):
    harness.run("run", "--once")
    before = harness.drop_many(80)
    harness.start()
    harness.wait_until(lambda: len(harness.entries()) >= 5, "the worker works")

    harness.children()[0].kill()
    harness.wait_for(80)

    assert harness.tree(harness.intake) == []
    assert everything_once(harness, before)
