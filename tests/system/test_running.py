"""How the daemon starts, ends, reloads, and takes up again what it did not finish."""

from __future__ import annotations

import signal

import pytest
from studio import PATIENCE

from drumwatch.lock import Lock


def everything_once(studio, before: dict[str, str]) -> bool:
    """Every sound of before is there, under its name, whole, and nothing else."""
    return studio.hashes() == before


def test_once_files_what_has_come_since_the_last_run_and_ends(studio):
    studio.say("run", "--once")
    before = studio.drop_many(5)

    ran = studio.say("run", "--once")

    assert "everything that has come has been handled)." in ran.stderr
    assert studio.tree(studio.intake) == []
    assert everything_once(studio, before)


def test_the_first_run_with_once_leaves_what_was_there_and_says_so(studio):
    studio.drop_many(3)

    first = studio.say("run", "--once")
    studio.drop("new.wav")
    second = studio.say("run", "--once")

    left = "3 sounds were there before and stay as they are: `drumwatch run --once --everything` or `drumwatch sort FOLDER` handles them"
    assert left in first.stderr
    assert left in second.stderr
    assert studio.tree(studio.library) == ["library/kick/new.wav"]


def test_everything_files_what_was_there_too_but_not_what_was_taken_back(studio):
    studio.drop("old.wav", hz=50)
    studio.say("run", "--once")
    studio.drop("back.wav", hz=60)
    studio.say("run", "--once")
    studio.say("undo", "--last", "1")

    ran = studio.say("run", "--once", "--everything")

    assert "everything that was there has been handled)." in ran.stderr
    assert studio.tree() == ["intake/back.wav", "library/kick/old.wav"]


def test_everything_without_once_is_a_wrong_usage_and_touches_nothing(studio):
    studio.drop()

    said = studio.say("run", "--everything", code=2)

    assert "`drumwatch run --once --everything`, or `drumwatch sort FOLDER`" in said.stderr
    assert studio.tree() == ["intake/kick.wav"]


def test_everything_on_a_fresh_state_files_what_is_there_and_ends(studio):
    before = studio.drop_many(5)

    ran = studio.say("run", "--once", "--everything")

    assert "everything that was there has been handled)." in ran.stderr
    assert studio.tree(studio.intake) == []
    assert everything_once(studio, before)


def test_a_dry_run_says_what_it_would_do_and_changes_nothing_not_even_the_journal(studio):
    studio.say("run", "--once")
    journal = (studio.state / "journal.db").read_bytes()
    studio.drop()

    ran = studio.say("run", "--once", "--dry-run")

    assert "kick.wav would go to ~/library/kick/kick.wav" in ran.stderr
    assert studio.tree() == ["intake/kick.wav"]
    assert (studio.state / "journal.db").read_bytes() == journal
    assert studio.entries() == []


def test_a_second_daemon_says_so_and_ends(studio):
    studio.start()

    ran = studio.say("run", code=1)

    assert f"drumwatch is already running (process {studio.daemon.pid})" in ran.stderr
    assert studio.daemon.poll() is None


def test_a_daemon_asked_to_end_in_the_middle_ends_soon_and_the_rest_waits_for_the_next(studio):
    studio.say("run", "--once")
    before = studio.drop_many(100)
    studio.start()
    studio.wait_until(lambda: len(studio.entries()) >= 20, "some sounds filed")

    assert studio.stop() < 5
    left = len(studio.tree(studio.intake))
    assert 0 < left < 100
    assert [entry for entry in studio.entries() if entry.state == "planned"] == []

    studio.say("run", "--once")
    assert studio.tree(studio.intake) == []
    assert everything_once(studio, before)
    assert len(studio.entries()) == 100


def test_a_daemon_that_was_killed_recovers_and_loses_nothing(studio):
    studio.say("run", "--once")
    before = studio.drop_many(100)
    studio.start()
    studio.wait_until(lambda: len(studio.entries()) >= 20, "some sounds filed")

    studio.kill()
    studio.say("run", "--once")

    assert studio.tree(studio.intake) == []
    assert everything_once(studio, before)
    assert {entry.state for entry in studio.entries()} <= {"done", "failed"}
    assert Lock(studio.state / "daemon.lock").holder() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_daemon_at_rest_ends_at_once(studio, number):
    studio.start()

    studio.tell(number)

    assert studio.daemon.wait(PATIENCE) == 0
    assert f"Stopping ({number.name})." in studio.log


def test_hup_takes_up_a_new_configuration(studio):
    studio.start()
    studio.configure(action="copy")
    studio.tell(signal.SIGHUP)
    studio.wait_for_log("has been read again")
    studio.wait_for_log("Ready.", times=2)

    studio.drop()
    studio.wait_for(1)

    assert studio.tree() == ["intake/kick.wav", "library/kick/kick.wav"]


def test_hup_with_a_bad_configuration_keeps_the_old_one_and_says_so(studio):
    studio.start()
    studio.configure(actoin="copy")
    studio.tell(signal.SIGHUP)
    studio.wait_for_log("the old one stays in force")
    assert "actoin" in studio.log

    studio.drop()
    studio.wait_for(1)

    assert studio.tree() == ["library/kick/kick.wav"]
    assert "actoin" in studio.say_json("status")[0]["last_error"]["what"]


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


def test_five_mistakes_are_said_at_once_each_with_its_line(studio):
    studio.config.write_text(FIVE_MISTAKES, encoding="utf-8")

    lines = studio.say("run", code=78).stderr.splitlines()

    assert len(lines) == 5
    for number, word in ((3, "actoin"), (4, "quiet"), (5, "max_wrong"), (8, "Downloads"), (12, "lable")):
        assert any(f":{number}:" in line and word in line for line in lines), (number, word, lines)
    assert studio.say("config", "check", code=78).stderr.splitlines() == lines


def test_a_configuration_that_is_not_there_is_answered_with_what_to_do(studio):
    studio.config.unlink()

    assert "drumwatch init" in studio.say("run", code=78).stderr


def test_a_worker_that_is_killed_costs_no_sound(studio):
    studio.say("run", "--once")
    before = studio.drop_many(80)
    studio.start()
    studio.wait_until(lambda: len(studio.entries()) >= 5, "the worker works")

    studio.children()[0].kill()
    studio.wait_for(80)

    assert studio.tree(studio.intake) == []
    assert everything_once(studio, before)
