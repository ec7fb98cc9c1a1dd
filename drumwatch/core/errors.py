"""The expected errors, by cause: the user's input, or one file. A bug raises any other exception and keeps its traceback."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EX_SOME_FAILED = 1
EX_USAGE = 2
EX_CONFIG = 78  # EX_CONFIG in sysexits.h; the systemd unit does not restart on it


class DrumwatchError(Exception):
    """An error whose text is for the user: what happened, to which file, and what to do."""

    exit_code = EX_SOME_FAILED


class ConfigError(DrumwatchError):
    """The configuration has problems that the user can fix; `problems` is printed without a traceback, with exit code 78."""

    exit_code = EX_CONFIG

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(DrumwatchError):
    """The command has wrong arguments or cannot be applied to the present state."""

    exit_code = EX_USAGE


class StateFault(enum.Enum):
    """Why one of drumwatch's own files cannot be used."""

    FULL = "full"
    LOCKED = "locked"
    FAILING = "failing"  # the disk reports errors of reading or writing
    READ_ONLY = "read-only"
    FORBIDDEN = "forbidden"
    DAMAGED = "damaged"
    BLOCKED = "blocked"  # a folder is where the file belongs, or a file where a folder belongs
    REPLACED = "replaced"  # deleted, or another file was put there, while it was in use
    OTHER = "other"

    @property
    def passes(self) -> bool:
        """Whether it may end without anybody changing drumwatch's files."""
        return self in {StateFault.FULL, StateFault.LOCKED, StateFault.FAILING}


class StateUnavailable(DrumwatchError):  # noqa: N818
    """One of drumwatch's own files, such as the journal, cannot be read or written; nothing may be done without it.

    `what` says what happened to which file, and `remedy` what to do.
    """

    def __init__(self, what: str, remedy: str, *, fault: StateFault, path: Path) -> None:
        super().__init__(f"{what}: {remedy}.")
        self.what = what
        self.remedy = remedy
        self.fault = fault
        self.path = path


class UnreadableAudio(DrumwatchError):  # noqa: N818  named after the state
    """This file cannot be analyzed; it stays where it is, and the reason is recorded in the journal."""


class AnalysisUnavailable(DrumwatchError):  # noqa: N818
    """No file can be analyzed at present, because the model is missing or does not fit."""


class ActionFailed(DrumwatchError):  # noqa: N818
    """This action failed; the sound is unchanged at its old path."""


class SoundGone(ActionFailed):
    """Another program has moved or removed the sound meanwhile, so nothing is left to do."""


class DiskUnavailable(ActionFailed):
    """The disk cannot be written at present; the action is tried again later.

    `trouble` is the message without a sound's name, so that it is shown once for all sounds; `where` is the folder concerned.
    """

    def __init__(self, sentence: str, *, trouble: str, where: Path) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.where = where


class CannotUndo(DrumwatchError):  # noqa: N818
    """The action cannot be undone, because something has changed since; the text says what."""
