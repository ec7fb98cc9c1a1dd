"""The log as one JSON object per line, for those who ask machines about it. Never larger than a few megabytes.

Not `logging.handlers`: that brings sockets and pickle into a daemon that has to stay small.
"""

from __future__ import annotations

import json
import logging
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "drumwatch.jsonl"
LARGEST = 1_000_000  # bytes, then the next file is begun
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
