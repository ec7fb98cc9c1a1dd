"""An editor that saves a sound before a chosen call to the disk, in the ways in which editors save."""

from __future__ import annotations

import contextlib
import os
from typing import IO, TYPE_CHECKING, Any

from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

EDITED = b"edited by hand, and longer than it was before " * 20
LOOKS = ("status", "file_status", "hash_of", "device")


class Editor:
    """An editor that has the sound before it; `save` may be called once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = EDITED
        self.saved = False

    def save(self) -> None:
        """Save, or show the person an error because the folder or the file is not there any more."""
        with contextlib.suppress(FileNotFoundError):
            self._save()
            self.saved = True

    def _save(self) -> None:
        """Open the path, empty it and write, as `open(path, "wb")` does."""
        self.path.write_bytes(self.content)

    def close(self) -> None:
        """End the program."""


class ByRename(Editor):
    """Writes a new file and renames it over the old one."""

    def _save(self) -> None:
        new = self.path.with_name(".new~")
        new.write_bytes(self.content)
        os.replace(new, self.path)


class OpenInPlace(Editor):
    """Has opened the file for reading and writing from the beginning, writes into it, and closes it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.file: IO[bytes] = path.open("r+b")

    def _save(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(self.content)
        self.file.flush()
        self.close()

    def close(self) -> None:
        self.file.close()


class SameSizeAndTime(Editor):
    """Changes bytes in place and restores the time, as taggers do when they are told to preserve it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.times = os.stat(path)

    def _save(self) -> None:
        with self.path.open("r+b") as file:
            there = file.read()
            self.content = there[:-8] + b"edited!!"
            file.seek(0)
            file.write(self.content)
            os.utime(file.fileno(), ns=(self.times.st_atime_ns, self.times.st_mtime_ns))


EDITORS = [Editor, ByRename, OpenInPlace, SameSizeAndTime]


def _nothing(*_: object, **_options: object) -> None:
    """No power goes here: waiting for the disk shows nothing."""


class Interruptions:
    """Calls a function before the chosen call to the disk, of those that change and those that look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self._at = 0
        self._act: Callable[[], object] = lambda: None
        for name in (*disk.CHANGES, *LOOKS):
            call = _nothing if name.startswith("sync") else getattr(disk, name)
            monkeypatch.setattr(disk, name, self._watched(call))

    @contextlib.contextmanager
    def before(self, call: int, act: Callable[[], object]) -> Iterator[None]:
        """In the block, call `act` before that call."""
        self.calls, self._at, self._act = 0, call, act
        try:
            yield
        finally:
            self._at = 0

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self._at:
                self._act()
            return call(*args, **named)

        return watched
