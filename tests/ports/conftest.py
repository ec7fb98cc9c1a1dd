from __future__ import annotations

import codecs
import os
import queue
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drumwatch.intake.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.core.records import FileEvent

NOBODY = 65534
PATIENCE = 60.0  # seconds; FSEvents may come late on a loaded machine


@pytest.fixture
def folder_of_a_plain_user() -> Iterator[Path]:
    """A folder in which permissions count: where the tests run as root, this one is run as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="drumwatch-test-"))
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(folder, NOBODY, -1)
            codecs.lookup("utf-8-sig")  # loaded late, from a folder that nobody may not be allowed to read
            os.seteuid(NOBODY)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        for path in folder.iterdir():
            path.chmod(0o700)
        shutil.rmtree(folder)


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: the faster the writer, the harder the burst."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="drumwatch-test-", dir=memory) as folder:
        yield Path(folder)


class Inbox:
    """The events of a watcher, and a way to wait for them."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[FileEvent] = queue.SimpleQueue()
        self.put = self._queue.put
        self.events: list[FileEvent] = []

    def wait_for(
        self, enough: Callable[[list[FileEvent]], bool], seconds: float = PATIENCE
    ) -> list[FileEvent]:
        """The events so far, as soon as they are enough; fails after a while, with what there is."""
        until = time.monotonic() + seconds
        while not enough(self.events):
            try:
                self.events.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"still not enough: {self.events[-20:]}")
        return self.events

    def clear(self) -> None:
        """Forget the events until now."""
        time.sleep(0.1)
        while not self._queue.empty():
            self._queue.get()
        self.events.clear()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def watcher(inbox: Inbox) -> Iterator[Watcher]:
    """A watcher that sends into the inbox, and leaves no thread behind."""
    before = set(threading.enumerate())
    watcher = Watcher(inbox.put)
    watcher.start()
    yield watcher
    watcher.stop()
    assert set(threading.enumerate()) <= before, "a thread was left behind"
