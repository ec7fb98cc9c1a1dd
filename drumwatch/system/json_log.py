"""The log as one JSON object per line, for those who ask machines about it. Never larger than a few megabytes.

Not `logging.handlers`: that brings sockets and pickle into a daemon that has to stay small.
"""

from __future__ import annotations

import calendar
import json
import logging
import os
import time
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "drumwatch.jsonl"
LARGEST = 1_000_000  # bytes, then the next file is begun
FOLLOW_SECONDS = 0.5  # between two looks
KEPT = 3  # older files: drumwatch.jsonl.1 is the newest of them


class JsonLines(logging.Handler):
    """Writes each record at once and whole. A full disk costs lines of the log, never the daemon."""

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        super().__init__()
        self._path = folder / NAME
        self._largest = largest

    def emit(self, record: logging.LogRecord) -> None:
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


def as_line(record: logging.LogRecord) -> str:
    """Time in UTC, level, where it was said, the text, and the traceback where there is one."""
    facts = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if record.exc_info:
        facts["traceback"] = logging.Formatter().formatException(record.exc_info)
    return json.dumps(facts, ensure_ascii=False) + "\n"


def read(folder: Path) -> Iterator[str]:
    """What was logged, oldest first, in lines for a person."""
    yield from _all_in(_files(folder))


def follow(folder: Path) -> Iterator[str]:
    """The same, and then what is logged from now on, without an end."""
    latest, before, *older = _files(folder)
    yield from _all_in([before, *older])
    inode, place = _inode(latest), 0
    while True:
        if (now := _inode(latest)) != inode:
            if _inode(before) == inode:  # the next file was begun: the end of this one first
                yield from _lines(before, place)[0]
            inode, place = now, 0
        lines, place = _lines(latest, place)
        yield from lines
        time.sleep(0.0 if lines else FOLLOW_SECONDS)


def _files(folder: Path) -> list[Path]:
    """The newest first."""
    return [folder / NAME, *(folder / f"{NAME}.{number}" for number in range(1, KEPT + 1))]


def _all_in(newest_first: list[Path]) -> Iterator[str]:
    for path in reversed(newest_first):
        yield from _lines(path, 0)[0]


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _lines(path: Path, place: int) -> tuple[list[str], int]:
    """What stands behind this place in whole lines, and where they end."""
    if not path.exists():
        return [], place
    with open(path, "rb") as file:
        file.seek(place)
        *whole, rest = file.read().split(b"\n")
        return [as_text(line.decode("utf-8", "replace")) for line in whole], file.tell() - len(rest)


def as_text(line: str) -> str:
    """One line of the file for a person: local time, the level where it is no mere information, the message."""
    try:
        facts = json.loads(line)
        seconds = calendar.timegm(time.strptime(facts["time"][:19], "%Y-%m-%dT%H:%M:%S"))
        when = time.strftime("%d %b %H:%M:%S", time.localtime(seconds))
        level = "" if facts["level"] == "info" else f"{facts['level']}: "
        return printable(f"{when}  {level}{facts['message']}")
    except (ValueError, KeyError, TypeError):  # a line that was cut short when the power failed
        return printable(line)
