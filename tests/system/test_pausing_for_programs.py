"""Arrivals wait for a DAW; settings change while the daemon runs."""

from __future__ import annotations

import json

import pytest
from named_programs import start_as


@pytest.fixture
def daw(tmp_path):
    """A program that runs under the name of a DAW."""
    running = start_as(tmp_path / "test-daw-9000", "100")
    yield running
    running.kill()
    running.communicate()


def test_arrivals_wait_while_a_daw_runs_and_the_status_says_why(harness, daw):
    harness.configure(pause_while=["Test DAW 9000"])
    harness.start()
    sound = harness.drop()
    harness.wait_for_log("Pausing: Test DAW 9000 is running.")
    harness.wait_until(lambda: "paused" in harness.run_json("status", "--json")[0], "the status")
    assert "paused      Test DAW 9000 is running: what arrives waits" in harness.run("status").stdout
    assert sound.exists()

    daw.kill()
    daw.wait()
    harness.wait_for(1)

    assert harness.tree() == ["library/kick/kick.wav"]
    harness.wait_until(lambda: "paused" not in harness.run_json("status", "--json")[0], "the status")


def test_a_saved_configuration_is_taken_up_without_a_signal_and_a_new_watch_works_at_once(harness):
    harness.start()
    second = harness.intake.with_name("second")
    second.mkdir()
    harness.configure(f'[[watch]]\nfolder = "{second}"\n')
    harness.wait_for_log("has been read again")
    harness.wait_for_log("Ready.", times=2)

    harness.drop(folder=second)
    harness.wait_for(1)

    assert harness.tree() == ["library/kick/kick.wav"]


def test_config_reload_signals_the_daemon(harness):
    harness.start()

    assert f"process {harness.daemon.pid}" in harness.run("config", "reload").stdout

    harness.wait_for_log("has been read again")


def test_config_reload_says_the_mistakes_and_leaves_the_daemon_alone(harness):
    harness.start()
    harness.configure(actoin="copy")

    assert "actoin" in harness.run("config", "reload", code=78).stderr


def test_config_reload_without_a_daemon_says_so(harness):
    assert "drumwatch is not running" in harness.run("config", "reload", code=1).stderr


def test_what_the_daemon_says_is_also_in_a_log_for_machines(harness):
    harness.start()
    harness.stop()

    lines = (harness.state / "log" / "drumwatch.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["message"] == "Stopping (SIGTERM)."


def test_the_user_pauses_the_daemon_and_ends_the_pause(harness):
    harness.start()
    assert "drumwatch pauses until" in harness.run("pause", "2h").stdout
    assert "paused      you paused it until" in harness.run("status").stdout
    sound = harness.drop()
    harness.wait_for_log("Pausing: you paused it until")
    assert sound.exists()

    assert "The pause has ended" in harness.run("resume").stdout
    harness.wait_for(1)

    assert harness.tree() == ["library/kick/kick.wav"]
    assert "You have not paused drumwatch" in harness.run("resume").stdout


def test_a_pause_without_a_daemon_holds_for_the_next_one(harness):
    assert "drumwatch is not running" in harness.run("pause", "18:00").stdout
    assert "is not a time to come: say 30m, 2h or 18:00" in harness.run("pause", "soon", code=2).stderr
