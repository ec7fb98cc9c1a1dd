"""The file into which launchd writes what the service prints; launchd lets it grow without end, so the service itself limits it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TextIO

LARGEST = 1_000_000  # bytes; then the file is kept as the older one, and a new one is begun
STANDARD = (1, 2)  # descriptors of output and errors, which launchd has opened


def path() -> Path:
    """Return the path of the file, as in the plist."""
    return Path.home() / "Library" / "Logs" / "drumwatch" / "drumwatch.log"


def is_written_to(descriptor: int = 2) -> bool:
    """Return whether this process writes its messages into that file, because launchd has started it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path()))
    except OSError:
        return False


class LimitedLog(logging.StreamHandler[TextIO]):
    """Prints records, and begins a new file where the present one has grown too large."""

    def __init__(self, stream: TextIO, largest: int = LARGEST) -> None:
        super().__init__(stream)
        self._largest = largest

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        super().emit(record)
        try:
            if os.fstat(self.stream.fileno()).st_size > self._largest and is_written_to(self.stream.fileno()):
                self._begin_another()
        except OSError:
            return  # the file grows on, and drumwatch goes on

    def _begin_another(self) -> None:
        current = path()
        descriptors = [one for one in {*STANDARD, self.stream.fileno()} if is_written_to(one)]
        os.replace(current, current.with_name(f"{current.name}.1"))
        new = os.open(current, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            for descriptor in descriptors:
                os.dup2(new, descriptor)
        finally:
            os.close(new)
