"""A disk whose calls are counted, and can be made to fail or to end the program."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from drumwatch.filing.disk import Folder


REFUSED_LETTERS = set('<>:"|?*')
# Where in the arguments of a call the folder of the new name stands; the name follows.
NEW_NAME = {"make_folder": 0, "create": 0, "rename_noreplace": 2, "replace": 2, "link": 2, "symlink": 1}


class PowerCut(BaseException):
    """The machine is off: nothing that Python would still do on its way out counts."""


def _nothing(_: object, **_how: bool) -> None:
    """This power only goes for the program, not for the disk's own memory: waiting for it shows nothing."""


class FaultyDisk:
    """Counts every call that changes the disk or the journal, and can cut the power or fail the disk at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.log: list[str] = []
        self._cut_after: int | None = None
        self._halfway = False
        self._fail_at: range = range(0)
        self._errno = errno.EIO
        self._refused_below: Path | None = None
        self._refused_with = errno.EINVAL
        for name in disk.CHANGES:
            call = _nothing if name.startswith("sync") else getattr(disk, name)
            monkeypatch.setattr(disk, name, self._watched(name, call))

    def cut_after(self, call: int, *, halfway: bool = False) -> None:
        """The next `call` calls happen, then the power goes; halfway: the last of them writes only half of its bytes."""
        self.restore()
        self._cut_after, self._halfway = call, halfway

    def fail_at(self, call: int, code: int, *, for_good: bool = False) -> None:
        """That call, or all from that one on, do not happen but raise."""
        self.restore()
        self._fail_at, self._errno = range(call, sys.maxsize if for_good else call + 1), code

    def refuse_names(self, below: Path, code: int) -> None:
        """From now on, the disk of this folder takes no new name with a letter that exFAT refuses, and says so by this error."""
        self._refused_below, self._refused_with = below, code

    def restore(self) -> int:
        """All is well again; returns how many calls there were."""
        calls, self.calls, self.log = self.calls, 0, []
        self._cut_after, self._halfway, self._fail_at = None, False, range(0)
        return calls

    def step(self, name: str = "planned") -> None:
        """One call has happened."""
        self.log.append(name)
        if self.calls == self._cut_after:
            raise PowerCut(name)

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls in self._fail_at:
                raise OSError(self._errno, os.strerror(self._errno))
            if name in NEW_NAME and self._is_refused(*args[NEW_NAME[name] :][:2]):
                raise OSError(self._refused_with, os.strerror(self._refused_with))
            if self._halfway and self.calls == self._cut_after and name in {"copy_bytes", "write"}:
                self._half(name, call, args)
            else:
                result = call(*args, **named)
                try:
                    self.step(name)
                except PowerCut:
                    if name == "create":
                        os.close(result)  # as the end of the program does
                    raise
                return result
            raise PowerCut(name)

        return watched

    def _is_refused(self, folder: Folder, name: str) -> bool:
        below = self._refused_below
        return below is not None and folder.path.is_relative_to(below) and bool(set(name) & REFUSED_LETTERS)

    @staticmethod
    def _half(name: str, call: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if name == "write":
            call(args[0], args[1][: len(args[1]) // 2])
        else:
            call(*args)
            os.ftruncate(args[1], os.fstat(args[1]).st_size // 2)
