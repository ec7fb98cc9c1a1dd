"""Hooks are run one after the other; what fails is told of once, and holds up nothing for long."""

from __future__ import annotations

import logging
import sys

import pytest

from drumwatch.config.settings import Hook
from drumwatch.hooks.events import HookCall
from drumwatch.hooks.runner import MOST_LINES, HookRunner, output_lines

CALL = HookCall("filed", {"name": "kick.wav", "path": "/lib/kick.wav"}, {"event": "filed"})


@pytest.fixture
def told() -> list[tuple[int, str]]:
    return []


@pytest.fixture
def runner(told) -> HookRunner:
    return HookRunner(lambda level, line: told.append((level, line)))


def hook(code: str, *arguments: str, on: tuple[str, ...] = ("filed",), limit: float = 30.0) -> Hook:
    return Hook(on, (sys.executable, "-c", code, *arguments), "mine", limit)  # type: ignore[arg-type]


def warnings(told: list[tuple[int, str]]) -> list[str]:
    return [line for level, line in told if level >= logging.WARNING]


def test_each_hook_that_wants_the_event_is_run_in_order(runner, told):
    say = "import sys; print(sys.argv[1])"

    runner.run([hook(say, "1 {name}"), hook(say, "no", on=("pack",)), hook(say, "2 {path}")], CALL)

    assert told == [
        (logging.INFO, 'hook "mine": 1 kick.wav'),
        (logging.INFO, 'hook "mine": 2 /lib/kick.wav'),
    ]


def test_a_hook_that_fails_is_told_once_until_it_works_again(runner, told, tmp_path):
    switch = tmp_path / "works"
    mine = hook(f"import os, sys; sys.exit(0 if os.path.exists({str(switch)!r}) else 3)")

    for _ in range(2):
        runner.run([mine], CALL)
    switch.touch()
    for _ in range(2):
        runner.run([mine], CALL)
    switch.unlink()
    runner.run([mine], CALL)

    sentence = 'The hook "mine" ended with code 3 (filed: kick.wav).'
    assert [line for level, line in told if level > logging.DEBUG] == [
        sentence,
        'The hook "mine" works again.',
        sentence,
    ]


def test_a_hook_that_fails_holds_up_no_other_one(runner, told):
    missing = Hook(("filed",), ("/no/such/program",), "gone")

    runner.run([missing, hook("print('ran')")], CALL)

    assert told[0][1].startswith('The hook "gone" cannot be started: there is no program /no/such/program')
    assert told[1][1] == 'hook "mine": ran'


def test_a_hook_that_hangs_again_and_again_is_left_out_until_the_settings_are_read_again(
    runner, told, tmp_path
):
    runs = tmp_path / "runs"
    mine = hook(f"open({str(runs)!r}, 'a').write('x')\nimport time; time.sleep(60)", limit=1.5)

    for _ in range(5):
        runner.run([mine], CALL)

    assert len(warnings(told)) == 2
    assert "took too long 3 times in a row" in warnings(told)[1]
    before = runs.read_text()
    runner.settings_changed()
    runner.run([mine], CALL)
    assert len(before) <= 3
    assert len(runs.read_text()) == len(before) + 1


def test_the_output_is_short_and_cannot_disturb_a_terminal():
    lines = output_lines("a\x1b[31m\n\n" + "b\n" * 30)

    assert lines[0] == "a\\x1b[31m"
    assert (len(lines), lines[-1]) == (MOST_LINES + 1, "… and 11 more lines")


def test_no_further_hook_is_started_when_drumwatch_ends(runner, told):
    runner.run([hook("print('ran')")], CALL, stopping=lambda: True)

    assert told == []
