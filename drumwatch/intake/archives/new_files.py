"""Make new files in the folder of an unpacked archive, whatever their names are, and remember what the archive calls them."""

from __future__ import annotations

import errno
import itertools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from drumwatch.core.os_reasons import NAME_REFUSED
from drumwatch.core.portable_names import portable
from drumwatch.intake.archives.names import BadName

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Made = TypeVar("Made")

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_TOO_LONG = BadName(
    "its path is too long for the disk: unpack it yourself, and what comes out will be sorted"
)
_NOT_TAKEN = BadName("the disk does not take its name: unpack it yourself under another one")


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Makes files below a new folder, of which no other program knows.

    With `only_portable`, all names are made portable, else only those that the disk refuses. `names_in_archive` has the name of
    each file in the archive by its path below the folder, where these differ.
    """

    folder: Path
    only_portable: bool = False
    names_in_archive: dict[str, str] = field(default_factory=dict)

    def create(self, steps: Sequence[str], name_in_archive: str) -> tuple[Path, int]:
        """Return a new file and its open descriptor; raises BadName if the disk takes no such name, OSError for other faults."""
        path, descriptor = self._with_names_of_the_disk(steps, self._create)
        self._note(path, name_in_archive)
        return path, descriptor

    def make_folder(self, steps: Sequence[str]) -> Path:
        """Return a folder that is there from now on; raises BadName and OSError as `create` does."""
        return self._with_names_of_the_disk(steps, self._make_folder)

    def place_of(self, steps: Sequence[str]) -> Path:
        """Return the path that a file or folder of this name gets if nothing else has it."""
        return self.folder.joinpath(*map(portable, steps) if self.only_portable else steps)

    def remove(self, path: Path) -> None:
        """Remove a file, and forget its name."""
        os.unlink(path)
        self.names_in_archive.pop(self._place(path), None)

    def _note(self, path: Path, name_in_archive: str) -> None:
        plain = "/".join(step for step in name_in_archive.split("/") if step not in ("", "."))
        if self._place(path) != plain:
            self.names_in_archive[self._place(path)] = name_in_archive

    def _place(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _with_names_of_the_disk(self, steps: Sequence[str], make: Callable[[Sequence[str]], Made]) -> Made:
        plain = [portable(step) for step in steps]
        try:
            return make(plain if self.only_portable else steps)
        except OSError as exc:
            if exc.errno == errno.ENAMETOOLONG:
                raise _TOO_LONG from exc
            if exc.errno not in NAME_REFUSED:
                raise
        try:
            return make(plain)
        except OSError as exc:
            if exc.errno in NAME_REFUSED | {errno.ENAMETOOLONG}:
                raise _NOT_TAKEN from exc
            raise

    def _create(self, steps: Sequence[str]) -> tuple[Path, int]:
        path = free(self._make_folder(steps[:-1]) / steps[-1])
        return path, os.open(path, _NEW, 0o644)

    def _make_folder(self, steps: Sequence[str]) -> Path:
        folder = self.folder.joinpath(*steps)
        try:
            os.makedirs(folder, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            for count in range(1, len(steps) + 1):
                self._clear(self.folder.joinpath(*steps[:count]))
            os.makedirs(folder, exist_ok=True)
        return folder

    def _clear(self, place: Path) -> None:
        """Give a file another name if that is a folder's too."""
        if os.path.isdir(place) or not os.path.lexists(place):
            return
        name = self.names_in_archive.pop(self._place(place), self._place(place))
        aside = free(place)
        os.rename(place, aside)
        self._note(aside, name)


def free(path: Path) -> Path:
    """Return the path, or a numbered one if it is taken: two members may have names that a disk does not distinguish."""
    if not os.path.lexists(path):
        return path
    numbered = (path.with_name(f"{path.stem} {number}{path.suffix}") for number in itertools.count(2))
    return next(one for one in numbered if not os.path.lexists(one))
