"""A disk whose calls are counted, and can be made to fail or to end the program."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


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
            if self._halfway and self.calls == self._cut_after and name in {"copy_bytes", "write"}:
                self._half(name, call, args)
            else:
                result = call(*args, **named)
                self.step(name)
                return result
            raise PowerCut(name)

        return watched

    @staticmethod
    def _half(name: str, call: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if name == "write":
            call(args[0], args[1][: len(args[1]) // 2])
        else:
            call(*args)
            os.ftruncate(args[1], os.fstat(args[1]).st_size // 2)
