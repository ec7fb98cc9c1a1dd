"""Ableton Live's file about a folder on the disk: read, and replaced only if nobody has changed it meanwhile.

Live may save the file at any time, also while it runs, so each change reads it anew, and is made again if it was saved since.
"""

from __future__ import annotations

import contextlib
import errno
import stat
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.core.os_reasons import reason
from drumwatch.filing import ableton_xmp, disk, file_transfer
from drumwatch.filing.ableton_xmp import FolderXmp, NotUnderstood
from drumwatch.filing.aside_names import parse
from drumwatch.filing.held_file import HeldFile
from drumwatch.filing.rename import Renames, put_back
from drumwatch.filing.set_aside import CLOCK_SLACK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.results import Planned

    Change = Callable[[FolderXmp], FolderXmp]
    Announce = Callable[[tuple[str, ...]], None]

FOLDER = "Ableton Folder Info"
FILE = "dc66a3fa-0fe1-5352-91cf-3ec237e9ee90.xmp"  # the same on every machine
TRIES = 3
_IN_THE_WAY = {
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EMLINK,
    errno.EINVAL,
}  # what a link, a pipe or a file there gives
_KEPT = 4  # files that are not read again as long as they have the same bytes


class CannotTag(Exception):  # noqa: N818  named after the state
    """The file stays as it is; the text says why, as a whole sentence."""


def look(folder: Folder) -> FolderXmp | None:
    """Return what Live's file says about a folder, or None if there is none; raises CannotTag if it is not understood whole."""
    with _told(folder), _opened(folder) as info:
        return _read(info)[0] if info and disk.status(info, FILE) else None


@dataclass(frozen=True, slots=True)
class Writer:
    """Changes such files for one entry; `announce` gets the hashes of the old and of the new bytes before anything changes."""

    entry_id: int
    transfer: Transfer
    announce: Announce

    def rewrite(self, folder: Folder, change: Change, *, make: bool = False) -> None:
        """Replace the file by what `change` makes of it, or leave it if that is the same.

        With `make`, one that is not there is made; and one that we have made goes with its last item. Raises CannotTag with the
        file as it was.
        """
        with _told(folder):
            for last in (*[False] * (TRIES - 1), True):
                try:
                    self._rewrite(folder, change, make=make)
                except (ActionFailed, FileExistsError):
                    if last:
                        raise
                else:
                    return

    def _rewrite(self, folder: Folder, change: Change, *, make: bool) -> None:
        with _opened(folder) as info:
            if info is not None and disk.status(info, FILE) is not None:
                was_made_with_folder = self._replace(info, change)
            elif make:
                self._make(folder, change)
                return
            else:
                return
        if was_made_with_folder:
            _remove_folder(folder)

    def _replace(self, info: Folder, change: Change) -> bool:
        """Replace the file; return whether it is gone, and was made by us together with its folder."""
        before, held = _read(info)
        after = change(before)
        data = after.data
        digest = _hash(data)
        if digest == held.content_hash:
            return False
        if creator := ableton_xmp.creator_if_bare(data):
            self.announce((held.content_hash,))
            self.transfer.steps(self.entry_id).remove(held)
            file_transfer.sync_if_possible(info)
            return creator == ableton_xmp.TOOL
        self.announce((held.content_hash, digest))
        temp = file_transfer.temp_name(self.entry_id)
        with self.transfer.removed_on_failure(info, temp):
            with disk.opened_file(info, FILE) as source, disk.created(info, temp) as target:
                disk.copy_attributes(source, target)  # first, as Live notices a change by its time
                disk.write(target, data)
                disk.sync_file(target)
            self.transfer.steps(self.entry_id).replace_by(held, temp, digest)
        _known.keep(digest, after)
        self.transfer.sync(info)
        return False

    def _make(self, folder: Folder, change: Change) -> None:
        is_new = disk.status(folder, FOLDER) is None
        after = change(ableton_xmp.new_file(folder_is_ours=is_new))
        if not after.items:
            return
        data = after.data
        self.announce((_hash(data),))
        if is_new:
            with contextlib.suppress(FileExistsError):
                disk.make_folder(folder, FOLDER)
        try:
            with disk.opened_below(folder, FOLDER) as info:
                temp = file_transfer.temp_name(self.entry_id)
                with self.transfer.removed_on_failure(info, temp):
                    with disk.created(info, temp) as target:
                        disk.set_mode(target, _mode_of(folder))
                        disk.write(target, data)
                        disk.sync_file(target)
                    Renames().rename(info, temp, info, FILE)
                self.transfer.sync(info, folder)
        except OSError:
            if is_new:
                _remove_folder(folder)
            raise
        _known.keep(_hash(data), after)


def hashes_noted(planned: Planned, place: Path, detail: EntryDetail) -> Callable[[tuple[str, ...]], None]:
    """Return the function by which the journal learns of the versions of Ableton Live's files that are about to change."""
    known: list[str] = list(detail.live_hashes)

    def note(hashes: tuple[str, ...]) -> None:
        known.extend(hashes)
        planned(place, replace(detail, live_hashes=tuple(dict.fromkeys(known))))

    return note


def nothing_noted(_: tuple[str, ...]) -> None:
    """Note nothing, because the journal knows of it already."""


def mentions(folder: Folder, name: str) -> bool:
    """Return whether the file has this name in it, also where it is not understood."""
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    with contextlib.suppress(OSError, UnicodeEncodeError), _opened(folder) as info:
        if info:
            with disk.opened_file(info, FILE) as fd:
                data = disk.read(fd, 0, ableton_xmp.MAX_BYTES)
            return any(ableton_xmp.escaped(form) in data for form in forms)
    return False


def settle(entry: Entry, path: Path) -> None:
    """Settle what an interrupted change has left beside the file: a version that somebody else has saved is the file afterwards."""
    with disk.opened_if_there(path) as folder:
        if folder is None:
            return
        with contextlib.suppress(OSError), _opened(folder) as info:
            if info is None:
                return
            file_transfer.remove_temps(info, entry.id)
            for hidden in disk.names(info):
                if (aside := parse(hidden)) and aside.entry_id == entry.id:
                    _settle_one(info, hidden, entry.detail.live_hashes)
            # One that we had just made, and nothing is in it yet
            if disk.folder_status(info).st_mtime >= entry.time - CLOCK_SLACK:
                _remove_folder(folder)


def _settle_one(info: Folder, hidden: str, hashes: Collection[str]) -> None:
    if disk.status(info, FILE) is None:
        put_back(info, hidden, FILE)
        return
    aside, now = disk.content_hash(info, hidden), disk.content_hash(info, FILE)
    if aside not in hashes and now in hashes:
        disk.replace(info, hidden, info, FILE)
    elif aside in hashes or aside == now:
        disk.unlink(info, hidden)
    else:
        put_back(info, hidden, FILE)


# Reading ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _told(folder: Folder) -> Iterator[None]:
    """Turn what prevents a change into a sentence for the user."""
    path = folder / FOLDER / FILE
    try:
        yield
    except NotUnderstood as exc:
        raise CannotTag(f"{path} was left alone, because {exc}.") from exc
    except OSError as exc:
        why = "it is a link or no plain file" if exc.errno in _IN_THE_WAY else reason(exc)
        raise CannotTag(f"{path} was left alone, because {why}.") from exc
    except ActionFailed as exc:
        raise CannotTag(f"{path} was left alone, because another program writes it.") from exc


@contextlib.contextmanager
def _opened(folder: Folder) -> Iterator[Folder | None]:
    with contextlib.ExitStack() as stack:
        info = None
        with contextlib.suppress(FileNotFoundError):
            info = stack.enter_context(disk.opened_below(folder, FOLDER))
        yield info


def _read(info: Folder) -> tuple[FolderXmp, HeldFile]:
    with disk.opened_file(info, FILE) as fd:
        status = disk.file_status(fd)
        if status.st_size > ableton_xmp.MAX_BYTES:
            raise NotUnderstood("it is too large")
        data = disk.read(fd, 0, ableton_xmp.MAX_BYTES + 1)
        if not stat.S_IMODE(status.st_mode) & stat.S_IWUSR:
            raise NotUnderstood("it is read-only")
    digest = _hash(data)
    return _known.get(digest, data), HeldFile(info, FILE, disk.stamp(status), digest)


def _hash(data: bytes) -> str:
    digest = disk.new_digest()
    digest.update(data)
    return digest.hexdigest()


class _KnownFiles:
    """The last few files by their hash: a folder of ten thousand items takes a second to read, and is changed sound by sound."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, FolderXmp] = OrderedDict()

    def get(self, digest: str, data: bytes) -> FolderXmp:
        found = self._files.get(digest) or ableton_xmp.read(data)
        self.keep(digest, found)
        return found

    def keep(self, digest: str, file: FolderXmp) -> None:
        self._files[digest] = file
        self._files.move_to_end(digest)
        while len(self._files) > _KEPT:
            self._files.popitem(last=False)


_known = _KnownFiles()


def _mode_of(folder: Folder) -> int:
    """Return who may read and write a new file: those who may read and write its folder."""
    return stat.S_IMODE(disk.folder_status(folder).st_mode) & 0o666


def _remove_folder(folder: Folder) -> None:
    with contextlib.suppress(OSError):
        disk.remove_folder(folder, FOLDER)
