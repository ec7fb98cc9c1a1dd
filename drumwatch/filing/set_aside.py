"""Remove or replace a file so that no save of a person is lost between the last look at it and the step itself.

The file is renamed to a hidden name in its own folder and compared there, where nobody else can reach it by its name. If it
is the file that was read, and nobody has it open for writing, it goes; else it gets its name back. A file that came to the name
meanwhile stays in any case. Each step can be the last one: `settle` does the rest at the next start.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk
from drumwatch.filing.aside_names import aside_name, original_name, parse
from drumwatch.filing.held_file import HeldFile, find, found, one_file
from drumwatch.filing.rename import Renames, put_back
from drumwatch.system import file_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.filing.disk import Folder

CLOCK_SLACK = 3.0  # seconds; FAT stores times with a resolution of two
_NO_PLAIN_FILE = {errno.EINVAL, errno.ELOOP, errno.EMLINK}  # what opening a link, a pipe or a device gives


@dataclass(frozen=True, slots=True)
class AsideSteps:
    """The steps of one entry; `left` gets the files that a failing disk keeps under their hidden names."""

    entry_id: int
    left: list[Path]

    def remove(self, file: HeldFile, last_look: Callable[[], None] | None = None) -> None:
        """Remove the file if it is still the one that was read and nobody writes to it.

        Raises ActionFailed, SoundGone or OSError if it stays. `last_look` is called at the last moment, and keeps the file by raising.
        """
        aside = self._set_aside(file)
        with self._put_back_on_failure(file.folder, aside, file.name):
            _unlink_if_unchanged(file, aside, last_look)

    def remove_if(self, folder: Folder, name: str, is_ours: Callable[[Folder, str], bool]) -> bool:
        """Remove what has this name if it is ours, which is asked when nobody can put something else there; return whether it was."""
        if not is_ours(folder, name):
            return False
        aside = aside_name(self.entry_id, name)
        disk.replace(folder, name, folder, aside)
        with self._put_back_on_failure(folder, aside, name):
            if ours := is_ours(folder, aside):
                disk.unlink(folder, aside)
        if not ours:
            self._put_back(folder, aside, name)
        return ours

    def replace_by(self, file: HeldFile, temp: str, content_hash: str) -> FileStamp:
        """Put the finished temporary file, which has this hash, into the file's place; return its stamp there.

        Raises ActionFailed, SoundGone or OSError if the file was changed or is written to; it is then in its place.
        """
        folder, name = file.folder, file.name
        file.check()
        _require_no_writer(file)
        ours = HeldFile(folder, name, find_stamp(folder, temp), content_hash)
        aside = self._exchange(file, temp)
        try:
            _unlink_if_unchanged(file, aside)
        except Exception as exc:
            if (now := self.swap_back(ours, aside)) not in {name, ""}:
                raise ActionFailed(_kept_as(file.path, now)) from exc
            raise
        return ours.stamp

    def swap_back(self, ours: HeldFile, aside: str) -> str:
        """Give a file set aside its name again, which our file has now; a newer file keeps the name. Returns the name it has then.

        An empty name says that the disk refused; the file is noted in `left`.
        """
        try:
            if not ours.is_at(ours.folder, ours.name):
                return put_back(ours.folder, aside, ours.name)
            spare = self._exchange_back(ours, aside)
            try:
                _unlink_if_unchanged(ours, spare)
            except ActionFailed:  # a file that was saved meanwhile: that is the newest one
                with contextlib.suppress(OSError):
                    disk.exchange(ours.folder, spare, ours.folder, ours.name)
                return put_back(ours.folder, spare, ours.name)
        except OSError:
            self._remember(ours.folder)
            return ""
        return ours.name

    def _set_aside(self, file: HeldFile) -> str:
        file.check()
        _require_no_writer(file)
        aside = aside_name(self.entry_id, file.name)
        try:
            disk.replace(file.folder, file.name, file.folder, aside)
        except FileNotFoundError:
            file.check()  # raises SoundGone if it is the file that is missing
            raise
        return aside

    def _exchange(self, file: HeldFile, temp: str) -> str:
        """Put the temporary file into the file's place; return the hidden name that the file has now.

        The temporary file gets a name that recovery does not take for a temporary one, because the file has that name afterwards.
        """
        folder, name = file.folder, file.name
        ours = aside_name(self.entry_id, name)
        disk.replace(folder, temp, folder, ours)
        try:
            disk.exchange(folder, ours, folder, name)
        except OSError as exc:
            with self._dropped_on_failure(folder, ours):
                if exc.errno in disk.UNSUPPORTED:
                    return self._rename_twice(file, ours)
                file.check()  # raises SoundGone if it is the file that is missing
                raise
        return ours

    def _rename_twice(self, file: HeldFile, ours: str) -> str:
        """Do the same where the file system cannot exchange files; for a moment, nothing has the name."""
        aside = self._set_aside(file)
        with self._put_back_on_failure(file.folder, aside, file.name):
            try:
                Renames().rename(file.folder, ours, file.folder, file.name)
            except FileExistsError as exc:
                raise ActionFailed(_changed(file.path)) from exc
        return aside

    @contextlib.contextmanager
    def _dropped_on_failure(self, folder: Folder, ours: str) -> Iterator[None]:
        """Remove our new file, which nobody has seen, if the block fails."""
        try:
            yield
        except Exception:
            try:
                disk.unlink(folder, ours)
            except OSError:
                self._remember(folder)
            raise

    def _exchange_back(self, ours: HeldFile, aside: str) -> str:
        folder, name = ours.folder, ours.name
        try:
            disk.exchange(folder, aside, folder, name)
        except OSError as exc:
            if exc.errno not in disk.UNSUPPORTED:
                raise
            spare = aside_name(self.entry_id, name)
            disk.replace(folder, name, folder, spare)
            put_back(folder, aside, name)
            return spare
        return aside

    @contextlib.contextmanager
    def _put_back_on_failure(self, folder: Folder, aside: str, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as exc:
            now = self._put_back(folder, aside, name)
            if now not in {name, ""}:
                raise ActionFailed(_kept_as(folder / name, now)) from exc
            raise

    def _put_back(self, folder: Folder, aside: str, name: str) -> str:
        try:
            return put_back(folder, aside, name)
        except OSError:
            self._remember(folder)
            return ""

    def _remember(self, folder: Folder) -> None:
        """Note what this entry has set aside in the folder, for the next start."""
        with contextlib.suppress(OSError):
            hidden_names = (
                name
                for name in disk.names(folder)
                if (aside := parse(name)) and aside.entry_id == self.entry_id
            )
            self.left.extend(folder / name for name in hidden_names)


def find_stamp(folder: Folder, name: str) -> FileStamp:
    """Return the stamp of that name; raises FileNotFoundError if nothing has it."""
    now = disk.status(folder, name)
    if now is None:
        raise FileNotFoundError(errno.ENOENT, "nothing has this name", str(folder / name))
    return disk.stamp(now)


def is_file_at(other: HeldFile) -> Callable[[Folder, str], bool]:
    """Return the question whether a name is a second one of the file that has the other name now."""

    def is_ours(folder: Folder, name: str) -> bool:
        one, two = disk.status(folder, name), disk.status(other.folder, other.name)
        return one is not None and two is not None and os.path.samestat(one, two)

    return is_ours


def is_empty_file(folder: Folder, name: str) -> bool:
    """Return whether a plain, empty file has this name, and nobody is about to write into it as far as the system tells."""
    try:
        with disk.opened_file(folder, name) as fd:
            return disk.file_status(fd).st_size == 0 and not file_lease.has_writer(fd)
    except OSError:
        return False


def is_placeholder(entry: Entry, folder: Folder, name: str) -> bool:
    """Return whether this is an empty file that reserves a name on some file systems; it is ours if younger than the plan."""
    now = disk.status(folder, name)
    return now is not None and now.st_mtime >= entry.time - CLOCK_SLACK and is_empty_file(folder, name)


def find_asides(folders: Iterable[Path], *, older_than: float) -> Iterator[Path]:
    """Yield the files in these folders and below that have been set aside for that many seconds, and that nobody has put back."""
    before = time.time() - older_than
    for top in folders:
        for path, _, names in os.walk(top):
            for name in filter(parse, names):
                with contextlib.suppress(OSError):
                    if os.lstat(os.path.join(path, name)).st_ctime < before:
                        yield Path(path, name)


def settle(entry: Entry, folder: Folder) -> None:
    """Put back what an interrupted step of this entry has set aside in the folder; remove it only if it is a copy.

    May be interrupted again. A file gets a number if another one has its name.
    """
    pairs = entry.detail.companions
    candidates = [path.name for path in (entry.source, entry.destination) if path is not None] + [
        name for pair in pairs for name in (pair.name, pair.new_name)
    ]
    for hidden in sorted(disk.names(folder)):
        aside = parse(hidden)
        if aside and aside.entry_id == entry.id:
            _settle_one(entry, folder, hidden, original_name(aside, candidates) or entry.source.name)


def _settle_one(entry: Entry, folder: Folder, hidden: str, name: str) -> None:
    steps = AsideSteps(entry.id, [])
    this = find(folder, hidden)
    if this and this.stamp.size_bytes and is_placeholder(entry, folder, name):
        steps.remove_if(folder, name, is_empty_file)
    there = find(folder, name)
    ours = {entry.content_hash, entry.detail.tagged_hash} - {""}
    if this is None or disk.status(folder, name) is None:
        put_back(folder, hidden, name)
    elif there and one_file(this, there):
        disk.unlink(folder, hidden)
    elif is_empty_file(folder, hidden):
        disk.unlink(folder, hidden)  # a placeholder
    elif there and this.content_hash == _made_by(entry) and _is_removed(this):
        return
    elif there and entry.action == "tag" and there.content_hash in ours:
        # One is tagged, the other is not: the journal turns the one into the other
        if this.content_hash in ours and _is_removed(this):
            return
        steps.swap_back(there, hidden)
        if steps.left:
            raise ActionFailed(f"{folder / hidden} could not be given its name {name} back.")
    elif not (this.content_hash in ours and _is_elsewhere(entry, this) and _is_removed(this)):
        put_back(folder, hidden, name)


def _made_by(entry: Entry) -> str | None:
    """Return the hash of the file that a tag action or its undo has made to replace the sound; None for other kinds."""
    if entry.action != "tag":
        return None
    return entry.content_hash if entry.undoes else entry.detail.tagged_hash


def _is_elsewhere(entry: Entry, this: HeldFile) -> bool:
    """Return whether the same bytes are at one of the entry's places."""
    for path in {entry.source, entry.destination or entry.source}:
        with found(path) as there:
            if there and there.content_hash == this.content_hash:
                return True
    return False


def _is_removed(this: HeldFile) -> bool:
    """Remove a copy under its hidden name; return False if it has a writer."""
    try:
        _unlink_if_unchanged(this, this.name)
    except ActionFailed:
        return False
    return True


def _unlink_if_unchanged(file: HeldFile, aside: str, last_look: Callable[[], None] | None = None) -> None:
    """Remove a file set aside if it has the bytes that were read, and nobody can write to it any more.

    Where the system does not tell who has a file open, a write between this comparison and the removal cannot be noticed.
    """
    with _opened(file, aside) as fd, file_lease.held(fd) as lease:
        before = disk.file_status(fd)
        is_same = disk.hash_of(fd) == file.content_hash
        after = disk.file_status(fd)
        is_quiet = (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
        if last_look:
            last_look()
        if lease.has_writer():
            raise ActionFailed(_written(file.path))
        if not (is_same and is_quiet):
            raise ActionFailed(_changed(file.path))
        disk.unlink(file.folder, aside)


def _require_no_writer(file: HeldFile) -> None:
    with _opened(file, file.name) as fd:
        if file_lease.has_writer(fd):
            raise ActionFailed(_written(file.path))


@contextlib.contextmanager
def _opened(file: HeldFile, name: str) -> Iterator[int]:
    with contextlib.ExitStack() as stack:
        try:
            fd = stack.enter_context(disk.opened_file(file.folder, name))
        except BlockingIOError as exc:  # another program has a lease of its own
            raise ActionFailed(_written(file.path)) from exc
        except OSError as exc:
            if exc.errno not in _NO_PLAIN_FILE:
                raise
            raise ActionFailed(_changed(file.path)) from exc
        yield fd


def _written(path: Path) -> str:
    return f"{path} is open for writing in another program: it was left alone, and will be handled when that is done."


def _kept_as(path: Path, name: str) -> str:
    return (
        f"{path} was changed or is open in another program, and something else has come to its name:"
        f" it was kept, and is called {name} now."
    )


def _changed(path: Path) -> str:
    return f"{path} was changed at the last moment: it was left alone, so that the change is not lost, and will be looked at again."
