"""Wait for no consent dialog: macOS shows it inside the call that first lists a guarded folder, which returns with the answer.

The first listing of each guarded place is made by a thread. What macOS has answered holds for the process as a whole, and so does
`CONSENT`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from typing import TYPE_CHECKING

from drumwatch.system import macos_permissions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.system.macos_permissions import ProtectedPlace

PATIENCE = 1.0  # seconds: a listing without a dialog takes milliseconds


class ConsentPendingError(PermissionError):
    """macOS is asking the user whether drumwatch may read a folder."""

    @property
    def sentence(self) -> str:
        """What macOS asks."""
        return self.strerror or ""


class Consent:
    """Knows to which guarded places macOS has answered, and never waits long for an answer."""

    def __init__(self, guarded: Callable[[Path], ProtectedPlace | None] = macos_permissions.guarded) -> None:
        self._guarded = guarded
        self._patience: float | None = None
        self._answered: set[Path] = set()
        self._listings: dict[Path, _Listing] = {}

    def do_not_wait(self, patience: float = PATIENCE) -> None:
        """Wait at most so many seconds for an answer from now on; before this call, a listing waits for the user."""
        self._patience = patience

    def require(self, folder: Path) -> None:
        """Raise ConsentPendingError while macOS asks the user about this folder; a refusal is for the caller's own call to meet."""
        if (
            self._patience is None
            or (about := self._guarded(folder)) is None
            or about.place in self._answered
        ):
            return
        listing = self._listings.get(about.place)
        if listing is None:
            listing = self._listings[about.place] = _Listing(folder)
            listing.ended.wait(self._patience)
        if not listing.ended.is_set():
            asking = f"macOS is asking whether drumwatch may read {about.name}"
            raise ConsentPendingError(errno.EPERM, asking, os.fspath(folder))
        del self._listings[about.place]
        if listing.answered:
            self._answered.add(about.place)


def run_aside(do: Callable[[], object]) -> None:
    """Do something in a thread that may wait for the user's answer; what the disk refuses is not done."""

    def quietly() -> None:
        with contextlib.suppress(OSError):
            do()

    threading.Thread(target=quietly, name="after consent", daemon=True).start()


class _Listing:
    """The first listing of a folder, in a thread that ends when macOS has an answer."""

    def __init__(self, folder: Path) -> None:
        self.ended = threading.Event()
        self.answered = False
        self._folder = folder
        threading.Thread(target=self._list, name="first listing", daemon=True).start()

    def _list(self) -> None:
        try:
            with os.scandir(self._folder) as entries:
                next(entries, None)
            self.answered = True
        except PermissionError:
            self.answered = True
        except OSError:  # it is not there, and nobody was asked
            self.answered = False
        finally:
            self.ended.set()


CONSENT = Consent()
