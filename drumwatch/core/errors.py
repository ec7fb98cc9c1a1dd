"""The ways to fail, sorted by who can help: the user, one file, or nobody (a bug, which keeps its traceback)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EX_SOME_FAILED = 1
EX_USAGE = 2
EX_CONFIG = 78  # sysexits.h EX_CONFIG; systemd is told not to restart on it


class DrumwatchError(Exception):
    """A sentence for a person: what happened, to which file, and what to do."""

    exit_code = EX_SOME_FAILED


class ConfigError(DrumwatchError):
    """The user can fix this: print the problems, no traceback, exit code 78."""

    exit_code = EX_CONFIG

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(DrumwatchError):
    """The command does not fit what is there."""

    exit_code = EX_USAGE


class UnreadableAudio(DrumwatchError):  # noqa: N818  a noun in our trade, like FileNotFoundError's "not found"
    """This file cannot be heard: it stays where it is, the reason goes to the journal."""


class AnalysisUnavailable(DrumwatchError):  # noqa: N818
    """Nothing can be heard at all, and that is no file's fault: the model is missing or does not fit."""


class ActionFailed(DrumwatchError):  # noqa: N818
    """This action could not be done; the sound is still whole where it was."""


class SoundGone(ActionFailed):
    """Somebody else has moved or removed it meanwhile: nothing is wrong, and nothing is left to do."""


class DiskUnavailable(ActionFailed):
    """The disk takes nothing now, be it this sound or another; it is tried again.

    `trouble` says so without a sound's name, so that it can be told once for all; `where` is the folder that it is about.
    """

    def __init__(self, sentence: str, *, trouble: str, where: Path) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.where = where


class CannotUndo(DrumwatchError):  # noqa: N818
    """Something changed since; the reason says what."""
