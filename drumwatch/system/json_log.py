"""The log as one JSON object per line; it never grows beyond a few megabytes.

`logging.handlers` is not used, because it imports sockets and pickle, which cost the daemon memory.
"""

from __future__ import annotations

import calendar
import contextlib
import json
import logging
import os
import time
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.system.state_errors import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "drumwatch.jsonl"
LARGEST = 1_000_000  # bytes; then the next file is started
FOLLOW_SECONDS = 0.5  # between two checks for new lines
KEPT = 3  # older files: drumwatch.jsonl.1 is the newest of them


class JsonLines(logging.Handler):
    """Writes each record at once; if the disk is full, the record is lost and the daemon continues."""

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        super().__init__()
        self._path = folder / NAME
        self._largest = largest

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record to the log file."""
        try:
            self._write(as_line(record).encode("utf-8", "backslashreplace"))
        except OSError:
            return

    def _write(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size + os.write(descriptor, line)
        finally:
            os.close(descriptor)
        if size > self._largest:
            self._rotate()

    def _rotate(self) -> None:
        for number in range(KEPT, 0, -1):
            older = self._path.with_name(f"{NAME}.{number - 1}") if number > 1 else self._path
            if older.exists():
                older.replace(self._path.with_name(f"{NAME}.{number}"))


class LogOfCommand(logging.Handler):
    """Writes what happens to workers into the log file, which is looked up with the first record; a user sees only the answers."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        super().__init__()
        self._folder = folder

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record to the log file, if there can be one."""
        with contextlib.suppress(OSError, DrumwatchError):
            JsonLines(self._folder()).emit(record)


def keep_off_the_terminal(logger: str, folder: Callable[[], Path]) -> None:
    """Let what is logged by this name and below it go to the log file in the folder; without a handler, Python prints warnings."""
    log = logging.getLogger(logger)
    log.setLevel(logging.DEBUG)
    if not log.handlers:
        log.addHandler(LogOfCommand(folder))


def as_line(record: logging.LogRecord) -> str:
    """Return a record as a JSON line: time in UTC, level, logger, message, and the traceback if there is one."""
    fields = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if record.exc_info:
        fields["traceback"] = logging.Formatter().formatException(record.exc_info)
    return json.dumps(fields, ensure_ascii=False) + "\n"


def read(folder: Path) -> Iterator[str]:
    """Yield the logged lines for a person, the oldest first."""
    yield from _all_in(_files(folder))


def follow(folder: Path) -> Iterator[str]:
    """Yield the logged lines like `read`, then new lines without end."""
    latest, before, *older = _files(folder)
    yield from _all_in([before, *older])
    inode, offset = _inode(latest), 0
    while True:
        if (now := _inode(latest)) != inode:
            if _inode(before) == inode:  # a new file was started, so the end of the old one comes first
                yield from _lines(before, offset)[0]
            inode, offset = now, 0
        lines, offset = _lines(latest, offset)
        yield from lines
        time.sleep(0.0 if lines else FOLLOW_SECONDS)


def _files(folder: Path) -> list[Path]:
    """Return the paths of the log files, the newest first."""
    return [folder / NAME, *(folder / f"{NAME}.{number}" for number in range(1, KEPT + 1))]


def _all_in(newest_first: list[Path]) -> Iterator[str]:
    for path in reversed(newest_first):
        yield from _lines(path, 0)[0]


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _lines(path: Path, offset: int) -> tuple[list[str], int]:
    """Return the complete lines after an offset, and the offset of their end."""
    with translated(path):
        if not path.exists():
            return [], offset
        with open(path, "rb") as file:
            file.seek(offset)
            *whole, rest = file.read().split(b"\n")
            return [as_text(line.decode("utf-8", "replace")) for line in whole], file.tell() - len(rest)


def as_text(line: str) -> str:
    """Return a JSON line as text for a person: local time, the level unless it is info, and the message."""
    try:
        fields = json.loads(line)
        seconds = calendar.timegm(time.strptime(fields["time"][:19], "%Y-%m-%dT%H:%M:%S"))
        when = time.strftime("%d %b %H:%M:%S", time.localtime(seconds))
        level = "" if fields["level"] == "info" else f"{fields['level']}: "
        return printable(f"{when}  {level}{fields['message']}")
    except (ValueError, KeyError, TypeError):  # a line that is incomplete after a power failure
        return printable(line)
