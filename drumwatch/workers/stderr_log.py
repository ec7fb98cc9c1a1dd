"""What a worker writes to stderr: a few lines for each file go to the debug log, nothing to the user's terminal."""

from __future__ import annotations

import logging
import threading

from drumwatch.core.formatting import printable

log = logging.getLogger(__name__)

LINES = 5  # logged for each file
LONGEST_LINE = 500  # bytes
FREE_BYTES = (
    1 << 18
)  # for each file; a worker that writes more is read slowly, so that it costs the daemon no time
PAUSE_SECONDS = 0.05  # between two reads of such a worker


class StderrLog:
    """Decoders write to stderr about any odd file, and a captured worker may write without end: only little of it is kept."""

    def __init__(self) -> None:
        self.last_line = ""
        self._lock = threading.Lock()
        self._subject = ""
        self._rest = b""  # of a line that has no end yet
        self._skipping = False  # whether the rest of a long line follows
        self._lines = self._bytes = 0  # about the present file

    def begin(self, subject: str) -> None:
        """What follows is about the file of this name."""
        with self._lock:
            self._report_unlogged()
            self._subject = subject
            self._lines = self._bytes = 0

    def finish(self) -> None:
        """Log what is left when the worker has ended."""
        with self._lock:
            if self._rest:
                self._add(self._rest)
                self._rest = b""
            self._report_unlogged()
            self._lines = 0

    def take(self, chunk: bytes) -> float:
        """Log the lines of a chunk; return how many seconds the reader should wait before the next one."""
        with self._lock:
            self._bytes += len(chunk)
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                if not self._skipping:
                    self._add(self._rest + line)
                self._rest, self._skipping = b"", False
            if not self._skipping:
                self._rest += rest
            if len(self._rest) > LONGEST_LINE:
                self._add(self._rest)
                self._rest, self._skipping = b"", True
            return PAUSE_SECONDS if self._bytes > FREE_BYTES else 0.0

    def _add(self, line: bytes) -> None:
        text = printable(line[:LONGEST_LINE].decode("utf-8", "backslashreplace").strip())
        if not text:
            return
        self.last_line = text
        self._lines += 1
        if self._lines <= LINES:
            log.debug("A worker wrote: %s", text)

    def _report_unlogged(self) -> None:
        if self._lines > LINES:
            log.debug(
                "A worker wrote %d further lines about %s.", self._lines - LINES, printable(self._subject)
            )
