"""The pipes of a worker process, of which none is ever waited for without an end: the worker may be in a stranger's hands.

A pipe may stay open although the worker has ended, if another process has it too. So each wait also ends with the worker or by
`WorkerPipes.release`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
import time
from typing import TYPE_CHECKING

from drumwatch.workers.process_group import has_ended

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

CHUNK = 1 << 16  # bytes, which is what a pipe holds on Linux
AHEAD = 1 << 22  # bytes of answers that are kept while requests are written
CHECK_SECONDS = 0.5  # between two looks whether the worker has ended, while an answer is awaited


class LineTooLong(Exception):  # noqa: N818
    """A line is longer than any answer to this request."""


class WorkerPipes:
    """Writes requests to a worker and reads its answers and its stderr, without blocking for ever."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        given = process.stdin, process.stdout, process.stderr
        self._stdin, self._stdout, self._stderr = (pipe for pipe in given if pipe)  # all were asked for
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        self._buffer = bytearray()
        self.closed = False
        self._at_end = False  # whether stdout was closed by the worker
        self._released, self._release = os.pipe()  # readable as soon as nobody shall wait any more
        self._lock = threading.Lock()
        # For `_wait`, by what is waited for: reading, writing
        self._selectors: dict[tuple[bool, bool], selectors.BaseSelector] = {}

    def release(self) -> None:
        """Let every wait end now, in all threads."""
        with self._lock:
            if self._release >= 0:
                os.close(self._release)
                self._release = -1

    def close_input(self) -> None:
        """Close the worker's stdin, with which its loop ends."""
        with contextlib.suppress(OSError):
            self._stdin.close()

    def close(self) -> None:
        """Close all pipes; no thread may use them any more."""
        self.release()
        self.closed = True
        for selector in self._selectors.values():
            selector.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            with contextlib.suppress(OSError):
                pipe.close()
        os.close(self._released)

    def has_unasked_output(self) -> bool:
        """Return whether the worker has written something that no request of the past accounts for."""
        if not self._buffer:
            self._take()
        return bool(self._buffer)

    def write(self, data: bytes) -> bool:
        """Write it all, or return False if the worker takes no more; what it answers meanwhile is kept."""
        rest = memoryview(data)
        while rest:
            reading = not self._at_end and len(self._buffer) < AHEAD
            if not self._wait(reading=reading, writing=True):
                return False
            if reading:
                self._take()
            with contextlib.suppress(BlockingIOError):
                try:
                    rest = rest[os.write(self._stdin.fileno(), rest[:CHUNK]) :]
                except BrokenPipeError:
                    return False
        return True

    def read_line(self, most: int) -> bytes | None:
        """Return the next line without its end; None if the worker has ended or was released. Raises LineTooLong."""
        looked_at = 0
        while (end := self._buffer.find(b"\n", looked_at)) < 0:
            looked_at = len(self._buffer)
            if looked_at > most:
                raise LineTooLong
            if self._at_end or not self._wait(reading=True, writing=False):
                return None
            self._take()
        if end > most:
            raise LineTooLong
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def read_stderr(self, take: Callable[[bytes], float]) -> None:
        """Give `take` what the worker writes to stderr until it ends or is released; it returns how long to wait before the next read."""
        with _selector() as selector:
            selector.register(self._stderr, selectors.EVENT_READ)
            selector.register(self._released, selectors.EVENT_READ)
            pause = 0.0
            while True:
                if pause:
                    time.sleep(pause)
                ready = {key.fileobj for key, _ in selector.select()}
                chunk = self._read(self._stderr.fileno())
                if chunk:
                    pause = take(chunk)
                if chunk == b"" or self._released in ready:
                    return

    def _wait(self, *, reading: bool, writing: bool) -> bool:
        """Wait until something can be done; return False if the worker has ended or was released, and nothing is left to read."""
        selector = self._selector_for(reading=reading, writing=writing)
        while True:
            had_ended = has_ended(self._process)
            ready = [key.fileobj for key, _ in selector.select(0.0 if had_ended else CHECK_SECONDS)]
            if self._released in ready:
                return False
            if ready:
                return True
            if had_ended:
                return False

    def _selector_for(self, *, reading: bool, writing: bool) -> selectors.BaseSelector:
        """Return the selector for such a wait, which is made once; only the thread that exchanges requests and answers waits."""
        if (found := self._selectors.get((reading, writing))) is not None:
            return found
        selector = _selector()
        selector.register(self._released, selectors.EVENT_READ)
        if reading:
            selector.register(self._stdout, selectors.EVENT_READ)
        if writing:
            selector.register(self._stdin, selectors.EVENT_WRITE)
        self._selectors[reading, writing] = selector
        return selector

    def _take(self) -> None:
        """Add to the buffer what can be read of stdout without waiting."""
        chunk = self._read(self._stdout.fileno())
        self._at_end = self._at_end or chunk == b""
        self._buffer += chunk or b""

    @staticmethod
    def _read(handle: int) -> bytes | None:
        """Return what is there; None if nothing is there now, nothing at the end."""
        try:
            return os.read(handle, CHUNK)
        except BlockingIOError:
            return None
        except OSError:
            return b""


def _selector() -> selectors.BaseSelector:
    """Return a selector that takes no descriptor itself, where the system has one."""
    return getattr(selectors, "PollSelector", selectors.DefaultSelector)()
