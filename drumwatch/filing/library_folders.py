"""Open folders of the library one level at a time, so that no symlink leads out of it."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, DiskUnavailable
from drumwatch.filing import disk, system_files
from drumwatch.system import macos_permissions
from drumwatch.system.consent import ConsentPendingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from drumwatch.filing.disk import Folder


@contextlib.contextmanager
def opened_library(library: Path) -> Iterator[Folder]:
    """Open the library's root; raises DiskUnavailable if it is not there.

    The root is never created, because its disk may only be unmounted.
    """
    with contextlib.ExitStack() as stack:
        try:
            root = stack.enter_context(disk.opened(library))
        except (FileNotFoundError, NotADirectoryError) as exc:
            sentence = f"The library {library} is not there: connect its disk, or make the folder, and it will go on."
            raise DiskUnavailable(sentence, trouble=sentence, where=library) from exc
        except ConsentPendingError as exc:
            sentence = f"{exc.sentence}, where the library {library} is. {macos_permissions.advice(library)}"
            raise DiskUnavailable(sentence, trouble=sentence, where=library) from exc
        yield root


def steps_down(library: Path, destination: Path) -> tuple[str, ...]:
    """Return the names of the folders between the library and a destination; raises ActionFailed if it is elsewhere."""
    parts = destination.parts[len(library.parts) :]
    if destination.parts[: len(library.parts)] != library.parts or not parts or ".." in parts:
        raise ActionFailed(
            f"{destination} is not inside the library {library}: please correct the rule that names it."
        )
    return parts[:-1]


def missing(root: Folder, steps: Sequence[str]) -> list[Path]:
    """Return the folders on the way down that do not exist, outermost first."""
    with contextlib.ExitStack() as stack:
        folder = root
        for depth, step in enumerate(steps):
            if disk.status(folder, step) is None:
                return [root.path.joinpath(*steps[: n + 1]) for n in range(depth, len(steps))]
            folder = stack.enter_context(_opened_step(folder, step))
    return []


@contextlib.contextmanager
def opened_if_there(root: Folder, steps: Sequence[str]) -> Iterator[Folder | None]:
    """Open the folder at the end of the steps, or give None if it is not there; nothing is made."""
    with contextlib.ExitStack() as stack:
        folder = root
        for step in steps:
            if disk.status(folder, step) is None:
                yield None
                return
            folder = stack.enter_context(_opened_step(folder, step))
        yield folder


@contextlib.contextmanager
def opened_down(root: Folder, steps: Sequence[str]) -> Iterator[Folder]:
    """Open the folder at the end of the steps; missing folders are made."""
    with contextlib.ExitStack() as stack:
        folder = root
        for step in steps:
            if disk.status(folder, step) is None:
                with contextlib.suppress(FileExistsError):
                    disk.make_folder(folder, step)
                    disk.sync_folder(folder, order_only=True)
            folder = stack.enter_context(_opened_step(folder, step))
        yield folder


@contextlib.contextmanager
def _opened_step(folder: Folder, step: str) -> Iterator[Folder]:
    with contextlib.ExitStack() as stack:
        try:
            inner = stack.enter_context(disk.opened_below(folder, step))
        except OSError as exc:
            if exc.errno not in {
                errno.ENOTDIR,
                errno.ELOOP,
                errno.EMLINK,
            }:  # errors for a symlink, depending on the system
                raise
            raise ActionFailed(
                f"{folder / step} is in the way: it is a link or a file, and nothing is filed through those."
                " Make it a real folder, or choose another library."
            ) from exc
        yield inner


def remove_empty(made: Iterable[Path]) -> None:
    """Remove folders that we made, innermost first, as far as they are empty, or hold only the Finder's view of them."""
    for path in reversed(list(made)):
        with contextlib.suppress(OSError), disk.opened(path.parent) as parent:
            with disk.opened_below(parent, path.name) as folder:
                files = system_files.only_these(folder, ()) or ()
            of_finder = [file for file in files if file.name == system_files.DS_STORE]
            system_files.remove_folder(parent, path.name, of_finder)
