"""The baseline: what was in a watched folder before it was listed for the first time, and therefore is not new.

Nothing is known of a folder that could not be listed: it has no baseline, and nothing in it is handled, until it has been
listed whole. The same holds for a folder in it, and for a file that could not even be looked at.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.formatting import count_of, home_short
from drumwatch.core.records import FileStamp
from drumwatch.intake import stability
from drumwatch.journal import BASELINE, FolderPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Watch
    from drumwatch.intake.scan import Scanner
    from drumwatch.journal import Journal

    ScannerOf = Callable[[Watch, Path, Callable[[Path], None]], Scanner]

log = logging.getLogger(__name__)

NO_DEVICE = -1


class _CannotListError(Exception):
    """The folder could not be listed whole, so that what was noted of it is dropped."""


class Baselines:
    """Takes the baseline of each watched folder as soon as it can be listed."""

    def __init__(self, journal: Journal, scanner: ScannerOf) -> None:
        self._journal = journal
        self._scanner = scanner
        self._missing: dict[Path, int] = {}  # folders that were not there, and the device around them
        self._refused: set[Path] = set()  # folders that were there and could not be listed
        self._listed: set[Path] = set()
        self._unlisted: dict[Path, frozenset[Path]] = {}

    def take(self, watch: Watch, wall: float, *, everything: bool = False) -> int | None:
        """Bring the baseline of a watched folder up to date; return how many old files it got, None if it got none now.

        Call it before each scan. With `everything`, nothing that was not handled is old.
        """
        place = _place_of(watch.folder)
        if everything:
            self._journal.seen.forget_baseline(watch.folder)
        count = self._take(watch, place, wall, everything=everything)
        if self._journal.seen.watched_since(watch.folder) is None:
            self._listed.discard(watch.folder)
        else:
            self._listed.add(watch.folder)
        self._unlisted[watch.folder] = frozenset(self._journal.seen.unlisted(watch.folder))
        return count

    def holds_back(self, path: Path, watch: Path) -> bool:
        """Return whether a file must not be handled, because nobody knows whether it is old."""
        if watch not in self._listed:
            return True
        unlisted = self._unlisted.get(watch, frozenset())
        return bool(unlisted) and any(step in unlisted for step in (path, *path.parents))

    def _take(self, watch: Watch, place: FolderPlace, wall: float, *, everything: bool) -> int | None:
        seen = self._journal.seen
        self._adopt(watch, place)
        if seen.watched_since(watch.folder) is None:
            return self._first(watch, place, wall, everything=everything)
        known = seen.place(watch.folder)
        if known and (known.real != place.real or known.mount in place.mount.parents):
            return self._elsewhere(watch, known, place, wall, everything=everything)
        for path in seen.unlisted(watch.folder):
            self._try_again(path, watch, wall)
        return None

    def _adopt(self, watch: Watch, place: FolderPlace) -> None:
        """Go on with the baseline of an earlier version, except for what it could not list and took for empty."""
        seen = self._journal.seen
        if (
            seen.watched_since(watch.folder) is None
            or seen.place(watch.folder)
            or not os.path.isdir(watch.folder)
        ):
            return
        scanner = self._scanner(watch, watch.folder, lambda _: None)
        for _ in scanner.scan():
            pass  # only what cannot be listed is wanted
        with self._journal.transaction():
            seen.note_place(watch.folder, place)
            for path in seen.without_known(scanner.unlisted):
                if path == watch.folder:
                    seen.forget_watch(watch.folder)
                else:
                    seen.note_unlisted(path, watch.folder)

    def _first(self, watch: Watch, place: FolderPlace, wall: float, *, everything: bool) -> int | None:
        """Take the first baseline; a folder that was made on a disk that was there before has nothing old in it."""
        try:
            status = os.stat(watch.folder)
        except (FileNotFoundError, NotADirectoryError):
            self._missing[watch.folder] = _device_around(place.real)
            return None
        except OSError:  # it is there, and nobody can say what is in it
            return None
        if not stat.S_ISDIR(status.st_mode):
            self._missing[watch.folder] = _device_around(place.real)
            return None
        was_missing = watch.folder in self._missing
        is_made = self._missing.pop(watch.folder, NO_DEVICE) == status.st_dev
        if everything or is_made:
            if _can_be_listed(watch.folder):
                self._journal.seen.note_baseline(watch.folder, (), wall, place=place)
            elif is_made:
                self._missing[watch.folder] = status.st_dev
            return None
        count = self._list(watch, watch.folder, wall, place=place)
        if count is None:
            self._refused.add(watch.folder)
        elif was_missing or watch.folder in self._refused:
            log.info("%s can be read now. %s", home_short(watch.folder), _stay(count))
        return count

    def _elsewhere(
        self, watch: Watch, known: FolderPlace, place: FolderPlace, wall: float, *, everything: bool
    ) -> int | None:
        """Take a baseline of where a link leads now, or of a disk that was mounted on the folder since.

        What came after the link was made is new, except on another disk, which may have been in use elsewhere.
        """
        if not os.path.isdir(watch.folder):
            return None
        if everything:
            self._journal.seen.note_place(watch.folder, place)
            return None
        before_ns = _links_changed_ns(watch.folder) if place.mount == known.mount else None
        count = self._list(watch, watch.folder, wall, place=place, before_ns=before_ns)
        if count is None:  # the earlier baseline says nothing about what is there
            self._journal.seen.forget_watch(watch.folder)
        elif place.real != known.real:
            log.info("%s leads to %s now. %s", home_short(watch.folder), home_short(place.real), _stay(count))
        else:
            log.info("A disk was mounted at %s. %s", home_short(place.mount), _stay(count))
        return count

    def _try_again(self, path: Path, watch: Watch, wall: float) -> None:
        """Take the baseline of a folder or file that could not be looked at before; one that is gone has none."""
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            self._journal.seen.forget_unlisted(path)
            return
        except OSError:
            return
        if stat.S_ISDIR(status.st_mode):
            if (count := self._list(watch, path, wall)) is not None:
                log.info("%s can be read now. %s", home_short(path), _stay(count))
            return
        with self._journal.transaction():
            if stamp := stability.stamp_from(status):
                self._journal.seen.note(path, stamp, BASELINE)
            self._journal.seen.forget_unlisted(path)

    def _list(
        self,
        watch: Watch,
        root: Path,
        wall: float,
        *,
        place: FolderPlace | None = None,
        before_ns: int | None = None,
    ) -> int | None:
        """Note everything below a folder as old, and what cannot be listed there; None if it cannot be listed whole."""
        packages: list[Path] = []
        scanner = self._scanner(watch, root, packages.append)
        try:
            with self._journal.transaction():
                count = sum(1 for _ in self._noted(scanner, before_ns))
                if root in scanner.unlisted:
                    raise _CannotListError  # noqa: TRY301  it rolls the transaction back
                self._finish(watch, root, scanner, wall, place)
                for package in packages:
                    if stamp := stamp_of_package(package):
                        self._journal.seen.note(package, stamp, BASELINE)
        except _CannotListError:
            return None
        return count

    def _noted(self, scanner: Scanner, before_ns: int | None) -> Iterator[Path]:
        for path, status in scanner.scan():
            is_old = before_ns is None or status.st_ctime_ns < before_ns
            if is_old and (stamp := stability.stamp_from(status)):
                self._journal.seen.note(path, stamp, BASELINE)
                yield path

    def _finish(
        self, watch: Watch, root: Path, scanner: Scanner, wall: float, place: FolderPlace | None
    ) -> None:
        if root == watch.folder:
            self._journal.seen.note_baseline(root, (), wall, place=place)
        self._journal.seen.forget_unlisted(root)
        for path in scanner.unlisted:
            self._journal.seen.note_unlisted(path, watch.folder)


def stamp_of_package(path: Path) -> FileStamp | None:
    """Return a stamp that identifies a package, whatever its content; None if it is gone."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return FileStamp(status.st_dev, status.st_ino, 0, 0)


def _place_of(folder: Path) -> FolderPlace:
    """Return where a folder is now, or would be if it were there."""
    real = Path(os.path.realpath(folder))
    return FolderPlace(real, _mount_point(real))


def _mount_point(real: Path) -> Path:
    return next((step for step in (real, *real.parents) if os.path.ismount(step)), Path(real.anchor))


def _can_be_listed(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError:
        return False
    return True


def _device_around(folder: Path) -> int:
    """Return the device of the innermost folder above a missing one."""
    for parent in folder.parents:
        try:
            return os.stat(parent).st_dev
        except OSError:
            continue
    return NO_DEVICE


def _links_changed_ns(folder: Path) -> int | None:
    """Return when the last link in a path was made; None if there is no link in it."""
    changed = []
    for step in (folder, *folder.parents):
        try:
            status = os.lstat(step)
        except OSError:
            continue
        if stat.S_ISLNK(status.st_mode):
            changed.append(status.st_ctime_ns)
    return max(changed, default=None)


def _stay(count: int) -> str:
    if count == 0:
        return "No sound was in it."
    if count == 1:
        return "1 sound in it was there before and is left alone."
    return f"{count_of(count, 'sound')} in it were there before and are left alone."
