"""Libraries on disks of a kind that Windows reads too: names are portable there, whatever the configuration says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from drumwatch.intake.mounts import current_mounts, is_portable, mount_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.intake.mounts import Mount

_KNOWN_FOR = 60.0  # seconds; another disk may come to the same place


class PortableDisks:
    """Finds out which libraries are on such disks, and remembers it for a minute."""

    def __init__(
        self,
        mounts: Callable[[], list[Mount]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mounts = mounts or current_mounts
        self._clock = clock
        self._known: dict[Path, tuple[float, bool]] = {}

    def holds(self, library: Path) -> bool:
        """Return whether names in this library have to be portable because of its disk."""
        now = self._clock()
        until, answer = self._known.get(library, (now, False))
        if until <= now:
            mount = mount_of(_real(library), self._mounts())
            answer = mount is not None and is_portable(mount.kind)
            self._known[library] = now + _KNOWN_FOR, answer
        return answer


def _real(library: Path) -> Path:
    try:
        return library.resolve()
    except (OSError, RuntimeError):  # the disk is away, or the links lead in a circle
        return library.absolute()
