"""List the files of a folder tree; events are only hints, a scan is reliable.

Links to files or folders are never followed: a loop would not end, and moving a link moves no sample.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.os_reasons import reason
from drumwatch.intake.ignore import is_audio_name, is_ignored_folder, is_package, is_wanted
from drumwatch.intake.stability import why_not_regular
from drumwatch.system import cloud_files, macos_permissions
from drumwatch.system.consent import CONSENT, ConsentPendingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COARSEST_TIMESTAMP_NS = 2_000_000_000  # FAT has a resolution of two seconds


class _Listed(NamedTuple):
    """A folder as it was when it was listed; changed_ns is 0 if a later change could have the same timestamp."""

    inode: int
    changed_ns: int
    subfolders: tuple[str, ...]


class Scanner:
    """Scans one tree repeatedly; skips unchanged folders, and reports each problem once."""

    def __init__(
        self,
        root: Path,
        *,
        recursive: bool = True,
        excluded: Callable[[Path], bool] = lambda _: False,
        wanted: Callable[[str], bool] = is_wanted,
        on_problem: Callable[[Path, str], None] = lambda _path, _sentence: None,
        on_package: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self.root = root
        self.recursive = recursive
        self._excluded = excluded
        self._wanted = wanted
        self._on_problem = on_problem
        self._on_package = on_package  # called for each package such as `Song.logicx`, which is not entered
        self._listed: dict[str, _Listed] = {}
        self._reported: set[str] = set()
        self._problems: set[str] = set()
        self.unlisted: list[
            Path
        ] = []  # folders that the last scan could not list whole, and files it could not look at

    def scan(self, *, full: bool = True) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield the regular files whose names are wanted, each with its lstat result.

        Without `full`, a folder in which no name was added or removed since the last scan is not listed again. That misses files
        rewritten in place: scan fully at start, after lost events, and at intervals.
        """
        listed: dict[str, _Listed] = {}
        self._problems, self.unlisted = set(), []
        pending = [os.fspath(self.root)]
        while pending:
            folder = pending.pop()
            try:
                CONSENT.require(Path(folder))
                state = _folder_state(folder)
                known = self._listed.get(folder)
                if full or known is None or not known.changed_ns or known[:2] != state[:2]:
                    subfolders: list[str] = []
                    yield from self._files_in(folder, subfolders)
                    known = state._replace(subfolders=tuple(subfolders))
            except OSError as exc:
                self._cannot_read(folder, exc)
                continue
            listed[folder] = known
            pending.extend(os.path.join(folder, name) for name in known.subfolders)
        self._listed = listed
        if full:  # a problem that is gone is reported again if it returns
            self._reported &= self._problems

    def _files_in(self, folder: str, subfolders: list[str]) -> Iterator[tuple[Path, os.stat_result]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if self._enters(entry):
                        subfolders.append(entry.name)
                elif self._wanted(entry.name) and not entry.is_symlink():
                    yield from self._file(entry)

    def _file(self, entry: os.DirEntry[str]) -> Iterator[tuple[Path, os.stat_result]]:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return  # gone after it was listed
        except OSError:
            self.unlisted.append(Path(entry.path))
            return
        if why := why_not_regular(status):
            self._report(entry.path, f"{entry.name} {why}")
        else:
            yield Path(entry.path), status

    def _enters(self, entry: os.DirEntry[str]) -> bool:
        if not self.recursive or self._excluded(Path(entry.path)):
            return False
        if is_ignored_folder(entry.name):
            if is_package(entry.name):
                self._on_package(Path(entry.path))
            return False
        if is_audio_name(entry.name):
            self._report(entry.path, f"{entry.name} is a folder in spite of its name; drumwatch searches it")
        return True

    def _cannot_read(self, folder: str, exc: OSError) -> None:
        """Report a folder that cannot be read, unless it is gone: the watcher reports a missing root."""
        is_root = folder == os.fspath(self.root)
        if is_root or not isinstance(exc, (FileNotFoundError, NotADirectoryError)):
            self.unlisted.append(Path(folder))
        if not isinstance(exc, FileNotFoundError) and (is_root or not isinstance(exc, NotADirectoryError)):
            if exc.errno == cloud_files.NOT_HERE:
                self._report(folder, cloud_files.why_not_here(Path(folder)))
                return
            why = exc.sentence if isinstance(exc, ConsentPendingError) else reason(exc)
            advice = f". {macos_permissions.advice(Path(folder))}" if isinstance(exc, PermissionError) else ""
            self._report(
                folder,
                f"{folder} cannot be read, because {why}; what is in it is left alone{advice}",
            )

    def _report(self, path: str, sentence: str) -> None:
        self._problems.add(path)
        if path not in self._reported:
            self._reported.add(path)
            self._on_problem(Path(path), sentence)


def scan(
    root: Path,
    recursive: bool = True,  # noqa: FBT001, FBT002  reads well as scan(folder, recursive)
    excluded: Callable[[Path], bool] = lambda _: False,
    *,
    wanted: Callable[[str], bool] = is_wanted,
    on_problem: Callable[[Path, str], None] = lambda _path, _sentence: None,
) -> Iterator[tuple[Path, os.stat_result]]:
    """Scan a tree fully once; see `Scanner.scan`."""
    return Scanner(root, recursive=recursive, excluded=excluded, wanted=wanted, on_problem=on_problem).scan()


def _folder_state(folder: str) -> _Listed:
    """Return the folder's identity and last change, read before it is listed; ctime too, because rsync resets mtimes."""
    seen_ns = time.time_ns()
    status = os.stat(folder)
    changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
    is_old = seen_ns - changed_ns > COARSEST_TIMESTAMP_NS
    return _Listed(status.st_ino, changed_ns if is_old else 0, ())
