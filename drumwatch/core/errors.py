"""The errors that are shown to the user; any other exception is a bug and keeps its traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EX_SOME_FAILED = 1
EX_USAGE = 2
EX_CONFIG = 78  # sysexits.h EX_CONFIG; the systemd unit does not restart the service on it


class DrumwatchError(Exception):
    """A sentence for a person: what happened, to which file, and what to do."""

    exit_code = EX_SOME_FAILED


class ConfigError(DrumwatchError):
    """The configuration has problems that the user can fix: they are printed without a traceback, and the exit code is 78."""

    exit_code = EX_CONFIG

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(DrumwatchError):
    """The command cannot be carried out with these arguments."""

    exit_code = EX_USAGE


class UnreadableAudio(DrumwatchError):  # noqa: N818  the name says what is wrong, as FileNotFoundError does
    """This file cannot be analyzed: it stays where it is, and the reason is recorded in the journal."""


class AnalysisUnavailable(DrumwatchError):  # noqa: N818
    """No file can be analyzed, because the model is missing or does not fit."""


class ActionFailed(DrumwatchError):  # noqa: N818
    """The action could not be carried out; the sound is unchanged where it was."""


class SoundGone(ActionFailed):
    """The user or another program has moved or removed the sound meanwhile: nothing is left to do."""


class DiskUnavailable(ActionFailed):
    """The disk cannot be written now, for this sound or any other; the action is tried again later.

    `trouble` describes that without a sound's name, so that it is reported once for all; `where` is the folder concerned.
    """

    def __init__(self, sentence: str, *, trouble: str, where: Path) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.where = where


class CannotUndo(DrumwatchError):  # noqa: N818
    """The action cannot be undone, because something has changed since; the message says what."""
