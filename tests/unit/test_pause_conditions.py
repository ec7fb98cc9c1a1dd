from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from named_programs import CAT, SLEEP, start_as, wait_for_command_line

from drumwatch.config import Config
from drumwatch.config.file_changes import QUIET, Changes
from drumwatch.daemon import pause_conditions
from drumwatch.daemon.pause_conditions import PauseAdvice, advice, first_running, names_in, on_battery

LIBRARY = Path("/home/ada/library")


@pytest.fixture
def bitwig(tmp_path):
    """A program that runs under the name of a DAW."""
    running = start_as(tmp_path / "BitwigStudio", "60")
    yield running
    running.kill()
    running.communicate()


def test_a_running_daw_is_found_by_the_beginning_of_its_name(bitwig):
    assert first_running(("Nobody's DAW", "Bitwig Studio")) == "Bitwig Studio"

    bitwig.kill()
    bitwig.wait()
    assert first_running(("Nobody's DAW", "Bitwig Studio")) == ""


@pytest.mark.parametrize("words", [(), ("60",)])
def test_a_running_daw_is_found_whose_path_has_spaces(tmp_path, words):
    path = tmp_path / "My Tools" / "Bitwig Studio 5"
    path.parent.mkdir()

    with start_as(path, *words, program=SLEEP if words else CAT) as running:
        assert first_running(("Bitwig Studio",)) == "Bitwig Studio"
        running.kill()


def test_a_program_that_only_reads_something_of_a_daw_is_none(tmp_path):
    (tmp_path / "Nobodys DAW").touch()  # tail ends when there is nothing to read
    with subprocess.Popen(
        ["/usr/bin/tail", "-f", str(tmp_path / "Nobodys DAW")], stderr=subprocess.DEVNULL
    ) as reader:
        wait_for_command_line(reader, "Nobodys DAW")
        assert first_running(("Nobodys DAW",)) == ""
        reader.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="read as Linux tells it")
@pytest.mark.parametrize(
    ("says", "emptied"), [("Discharging\n", True), ("Charging\n", False), ("Full\n", False)]
)
def test_a_battery_counts_while_it_is_being_emptied(tmp_path, says, emptied):
    (tmp_path / "BAT0").mkdir()
    (tmp_path / "BAT0" / "status").write_text(says)

    assert on_battery(tmp_path) is emptied


@pytest.mark.skipif(sys.platform != "linux", reason="read as Linux tells it")
def test_the_battery_of_a_mouse_is_none_of_the_machine(tmp_path):
    (tmp_path / "hidpp_battery_0").mkdir()
    (tmp_path / "hidpp_battery_0" / "status").write_text("Discharging\n")

    assert on_battery(tmp_path) is False


@pytest.mark.skipif(sys.platform != "linux", reason="read as Linux tells it")
def test_a_machine_without_a_battery_runs_on_mains(tmp_path):
    assert on_battery(tmp_path) is False


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=None), False),
        (SimpleNamespace(power_plugged=False), True),
    ],
)
def test_a_mac_tells_whether_it_is_plugged_in(monkeypatch, battery, expected):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)

    assert on_battery() is expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("go", PauseAdvice()),
        ("slow", PauseAdvice(slow=True)),
        ("pause", PauseAdvice(wait="the machine runs on battery")),
    ],
)
def test_the_battery_means_what_the_settings_say(monkeypatch, setting, expected):
    monkeypatch.setattr(pause_conditions, "on_battery", lambda: True)

    assert advice(Config(LIBRARY, on_battery=setting), own_load=0) == expected


def test_the_load_of_others_counts_not_our_own(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (5.0, 0.0, 0.0))
    monkeypatch.setattr(pause_conditions.app_paths, "cores", lambda: 2)

    assert advice(Config(LIBRARY, max_load=2.0), own_load=0).wait == "the machine is busy (load 2.5 per core)"
    assert advice(Config(LIBRARY, max_load=2.0), own_load=1) == PauseAdvice()
    assert advice(Config(LIBRARY), own_load=0) == PauseAdvice()


def test_a_new_content_is_news_once_and_only_when_it_has_been_left_alone(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("a")
    changes = Changes(path)
    assert (changes.settled(0.0), changes.due) == (False, None)

    path.write_text("half")
    assert (changes.settled(1.0), changes.due) == (False, 1.0 + QUIET)
    path.write_text("whole now")
    assert changes.settled(1.0 + QUIET) is False
    assert changes.settled(1.0 + 2 * QUIET) is True
    assert (changes.settled(9.0), changes.due) == (False, None)


def test_a_configuration_that_is_gone_is_no_news(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("a")
    changes = Changes(path)

    path.unlink()

    assert (changes.settled(5.0), changes.due) == (False, None)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("/usr/bin/reaper", ["reaper"]),
        ("C:\\Ableton\\Ableton Live 12 Suite.exe", ["Ableton Live 12 Suite.exe"]),
        ("/Applications/Ableton Live 12.app/Contents/MacOS/Live", ["Live", "Ableton Live 12.app"]),
    ],
)
def test_a_program_is_called_by_its_file_or_its_application(command, names):
    assert names_in(command) == names
