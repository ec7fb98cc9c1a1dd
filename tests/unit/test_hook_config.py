"""`[[hook]]` in the configuration: what is read, and each mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.config import Config, parse
from drumwatch.config.settings import Hook
from drumwatch.config.to_toml import as_toml
from drumwatch.core.errors import ConfigError

HOME = Path("/home/ada")
GOOD = '[[hook]]\non = "filed"\nrun = ["notify-send", "{name}"]\n'


def parsed(text: str) -> Config:
    return parse(text, home=HOME)


def test_a_hook_is_one_event_and_one_program_and_may_say_more():
    more = '[[hook]]\nname = "to the NAS"\non = ["filed", "corrected"]\nrun = ["~/bin/copy", "--", "{path}"]\ntime_limit = 5\n'

    assert parsed(GOOD + more).hooks == (
        Hook(("filed",), ("notify-send", "{name}"), "notify-send", 30.0),
        Hook(("filed", "corrected"), ("/home/ada/bin/copy", "--", "{path}"), "to the NAS", 5.0),
    )


def test_hooks_are_written_down_as_they_are_read():
    config = parsed(GOOD)

    assert parsed(as_toml(config)) == config


def test_braces_that_are_no_field_stay_as_they_are():
    (hook,) = parsed("[[hook]]\non = 'pack'\nrun = ['jq', '{\"a\": 1}', '{}']\n").hooks

    assert hook.run == ("jq", '{"a": 1}', "{}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('on = "filled"\nrun = ["a"]',
         '2: on must be filed, unsure, pack or corrected, or a list of them: ["filed", "corrected"]; got "filled"; did you mean filed?'),
        ('on = []\nrun = ["a"]', "2: on is empty, so the hook would never run: name an event, such as filed"),
        ('on = "pack"\nrun = []', '3: run is empty: name a program, as in run = ["notify-send", "{name}"]'),
        ('on = "pack"', "1: each [[hook]] needs run"),
        ('on = "pack"\nrun = "cp {path} /nas"', '3: run must be a list of texts: ["a", "b"]; got "cp {path} /nas"'),
        ('on = "pack"\nrun = ["cp {path} /nas"]',
         '3: run = "cp {path} /nas" must be one program: fields such as {path} belong to its arguments'),
        ('on = "pack"\nrun = ["cp -r"]',
         '3: run = "cp -r" must be the program alone: each argument is a text of its own, as in ["cp", "{path}"]'),
        ('on = "pack"\nrun = ["./copy.sh"]', '3: run = "./copy.sh" must be the name of a program, or its whole path from / or ~/'),
        ('on = "pack"\nrun = [""]', '3: run = "" must be the name of a program, or its whole path from / or ~/'),
        ('on = "pack"\nrun = ["cp", "{pth}"]', '3: run = "{pth}" has no field {pth}; did you mean {path}?'),
        ('on = "pack"\nrun = ["cp", "a\\u0000b"]', '3: run = "a?b" has a null character in it, which no program can be given'),
        ('on = "pack"\nrun = ["a"]\ntime_limit = 0', "4: time_limit must be a number of seconds from 0.1 to 3600; got 0"),
        ('on = "pack"\nrun = ["a"]\nshell = true', "4: shell is not a key I know"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(text, expected):
    with pytest.raises(ConfigError) as error:
        parsed(f"[[hook]]\n{text}\n")

    assert [problem.removeprefix("config.toml:") for problem in error.value.problems] == [expected]
