from __future__ import annotations

import json
import logging
import stat

import pytest

from drumwatch.system import json_log
from drumwatch.system.json_log import JsonLines


def log_record(text: str) -> logging.LogRecord:
    return logging.LogRecord("drumwatch.daemon", logging.WARNING, "", 0, "%s", (text,), None)


def test_each_record_is_a_line_of_json_that_only_the_user_may_read(tmp_path):
    JsonLines(tmp_path).emit(log_record("Kick\n\x1b[31m \udcff.wav"))

    path = tmp_path / "drumwatch.jsonl"
    (line,) = path.read_text().splitlines()
    reported = json.loads(line.replace("\\udcff", "?"))
    assert (reported["level"], reported["logger"], reported["message"]) == (
        "warning",
        "drumwatch.daemon",
        "Kick\n\x1b[31m ?.wav",
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_long_log_is_cut_and_the_oldest_part_forgotten(tmp_path):
    log = JsonLines(tmp_path, largest=1)

    for number in range(6):
        log.emit(log_record(f"line {number}"))

    kept = {path.name: json.loads(path.read_text())["message"] for path in tmp_path.iterdir()}
    assert kept == {
        "drumwatch.jsonl.1": "line 5",
        "drumwatch.jsonl.2": "line 4",
        "drumwatch.jsonl.3": "line 3",
    }


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path):
    JsonLines(tmp_path / "not there").emit(log_record("hello"))


def test_what_was_logged_is_read_in_order_over_the_older_files(tmp_path):
    handler = JsonLines(tmp_path, largest=200)
    for number in range(5):
        handler.emit(log_record(f"line {number}"))

    assert [line.rpartition("line ")[2] for line in json_log.read(tmp_path)] == ["0", "1", "2", "3", "4"]


@pytest.mark.timeout(20)
def test_following_shows_what_comes_and_goes_on_in_the_next_file(tmp_path):
    handler = JsonLines(tmp_path, largest=200)
    handler.emit(log_record("line 0"))
    followed = json_log.follow(tmp_path)
    assert next(followed).endswith("line 0")

    for number in (1, 2):
        handler.emit(log_record(f"line {number}"))

    assert [next(followed)[-1] for _ in range(2)] == ["1", "2"]


def test_a_line_that_was_cut_short_is_shown_as_it_is():
    assert json_log.as_text('{"time": "2026') == '{"time": "2026'
