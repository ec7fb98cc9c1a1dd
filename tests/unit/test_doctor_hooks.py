"""What `drumwatch doctor` says of hooks."""

from __future__ import annotations

from pathlib import Path

from drumwatch.commands import doctor
from drumwatch.config import Config
from drumwatch.config.settings import Hook


def found(*programs: str) -> list[tuple[str, str]]:
    hooks = tuple(Hook(("filed",), (program,), "mine") for program in programs)
    return [(one.state, one.what) for one in doctor._hooks(Config(Path("/lib"), hooks=hooks))]


def test_a_hook_whose_program_is_not_there_or_cannot_be_run_is_wrong(tmp_path):
    (tmp_path / "plain").touch()

    assert found(str(tmp_path / "gone"), str(tmp_path / "plain"), "no-such-program") == [
        ("wrong", f'hook "mine": there is no program {tmp_path}/gone that can be run'),
        ("wrong", f'hook "mine": there is no program {tmp_path}/plain that can be run'),
        ("wrong", 'hook "mine": there is no program no-such-program that can be run'),
    ]


def test_a_hook_whose_program_is_there_is_fine():
    ((state, what),) = found("sh")

    assert (state, what.endswith("/sh")) == ("fine", True)
