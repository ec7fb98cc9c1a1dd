"""The user pauses the daemon for a while."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from drumwatch.config import Config
from drumwatch.core.formatting import parse_until
from drumwatch.daemon.pause_conditions import advice
from drumwatch.system import pause_note

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HOUR = 3600


@pytest.mark.parametrize(
    ("text", "hours"), [("30m", 0.5), ("2h", 2), ("18:00", 6), ("9:30", 21.5), (" 1h ", 1), ("12:00", 24)]
)
def test_a_time_to_come_is_read_as_people_write_it(text, hours):
    assert parse_until(text, NOON) == NOON.timestamp() + hours * HOUR


@pytest.mark.parametrize("text", ["", "soon", "25:00", "-1h", "1", "12:60", "99999h", "1h\0"])
def test_what_is_no_time_to_come_is_refused_with_the_forms_that_are(text):
    with pytest.raises(ValueError, match="say 30m, 2h or 18:00"):
        parse_until(text, NOON)


def test_a_pause_holds_until_its_end(tmp_path):
    pause_note.write(tmp_path, 100.0)

    assert pause_note.paused_until(tmp_path, 99.0) == 100.0
    assert pause_note.paused_until(tmp_path, 100.0) is None


def test_a_pause_that_is_ended_holds_no_longer(tmp_path):
    pause_note.write(tmp_path, 1e12)

    assert pause_note.clear(tmp_path)
    assert pause_note.paused_until(tmp_path, 0.0) is None
    assert not pause_note.clear(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"until": "later"}', "{}", "\0\xff", '{"until": null}']
)
def test_a_damaged_note_pauses_nothing(tmp_path, text):
    (tmp_path / pause_note.NAME).write_text(text, encoding="latin-1")

    assert pause_note.paused_until(tmp_path, 0.0) is None
    assert not pause_note.clear(tmp_path)


def test_the_daemon_waits_while_the_pause_holds_and_says_until_when(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path))
    assert advice(Config(Path("/home/ada/library")), own_load=0).wait == ""

    pause_note.write(tmp_path, 4102444800.0)

    assert advice(Config(Path("/home/ada/library")), own_load=0).wait.startswith("you paused it until ")
