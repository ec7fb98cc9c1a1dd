"""Packs with instruments: they come to the library as they are, and their sounds are linked into the label folders.

The journal knows where the first file of a pack went. The other files go to the same place, also after a crash or if they come later.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import excluded
from drumwatch.core.portable_names import portable
from drumwatch.core.records import CANNOT_ANALYZE, FILING, HOLDING_SOUND, PACKS, Arrival, Claim
from drumwatch.filing import disk
from drumwatch.filing.naming import limited, numbered_folder, pack_name
from drumwatch.intake import stability
from drumwatch.intake.arrivals import is_archive
from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name, is_sound
from drumwatch.intake.pack_documents import is_private_paper, kind_of
from drumwatch.intake.projects import Surveyor
from drumwatch.packs.pack_contents import MAX_FILES
from drumwatch.packs.projects import Ownership, below_single_folders
from drumwatch.pipeline.portable_disks import PortableDisks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import ActionKind, Entry, FileStamp
    from drumwatch.intake.projects import Project, Survey
    from drumwatch.journal import Journal, Unpacked

    Known = Callable[[Path, FileStamp], bool]

MOVED_LATELY = 86_400.0  # seconds, after which a file at the same place belongs to another pack
NOT_KEPT_SECONDS = 30.0  # after which a folder that could not be kept whole is checked again
ITS_INSTRUMENTS = "its instruments"


def _never(_: Path) -> bool:
    return False


class KeptPack(NamedTuple):
    """A pack that is kept whole, and its place in the library."""

    root: Path  # the pack's folder before it is filed
    base: Path  # the pack's folder in the library
    document: str  # the name of the file that needs the whole pack
    projects: tuple[Project, ...] = ()  # projects in it, which stay where they are

    def place_of(self, path: Path) -> Path | None:
        """Return the path in the library for a file of the pack; None for a file that is not part of it."""
        if not path.is_relative_to(self.root) or any(path.is_relative_to(one.root) for one in self.projects):
            return None
        return self.base / path.relative_to(self.root)


class KeptWhole:
    """Finds the packs that are kept whole, and their places. There is one per process, which remembers unfinished packs."""

    def __init__(
        self, journal: Journal, *, dry_run: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal = journal
        self._dry_run = dry_run
        self._clock = clock
        self._surveyor = Surveyor()
        self._portable = PortableDisks()
        self._unfinished: dict[Path, tuple[KeptPack, ...]] = {}  # by the folder in which they came
        self._not_kept: dict[Path, float] = {}  # by folder: the time of the next check
        self._takes_links: dict[Path, bool] = {}

    # Packs that came as folders

    def ownership(
        self,
        path: Path,
        folder: Path | None,
        watch: Watch,
        survey: Survey,
        found: Ownership,
        *,
        given: bool = False,
    ) -> Ownership:
        """Return what may be done with a file in a pack that is kept whole; otherwise what was `found`.

        `folder` is that of the pack. With `given`, the user wants it sorted, even if it was there before its folder was
        watched, or was put back.
        """
        if folder is None or not self._is_kept_in(watch):
            return found
        for pack in self.of_folder(folder, watch, survey) or self._begin(folder, watch, survey, given=given):
            if place := pack.place_of(path):
                return Ownership(claim=self._claim(pack.document, watch, place))
        return found

    def has_begun(self, folder: Path) -> bool:
        """Return whether a file of this folder is in the library with its pack."""
        return folder in self._unfinished or any(True for _ in self._journal.batches.kept_below(folder))

    def of_folder(self, folder: Path, watch: Watch, survey: Survey) -> tuple[KeptPack, ...]:
        """Return the pack in this folder if a file of it is in the library already."""
        if not self._is_kept_in(watch):
            return ()
        if folder not in self._unfinished:
            known = next(self._known(folder, watch.library, survey), None)
            if known is None or not self._is_the_same(known, watch):
                return ()
            self._unfinished[folder] = (known,)
        return self._unfinished[folder]

    def begun_below(self, folder: Path, watch: Watch) -> Iterator[tuple[Path, str, int]]:
        """Yield the folders of recent packs with pack and batch; after a crash, files of them may still be there."""
        seen: set[Path] = set()
        for entry in self._journal.batches.kept_below(folder, self._clock() - MOVED_LATELY):
            inner = None if entry.detail.archive else _inside(entry, watch.library)
            if inner and inner[1] not in seen and inner[1].is_dir():
                seen.add(inner[1])
                yield inner[1], entry.pack, entry.batch

    def done_with(self, folder: Path) -> None:
        """Forget an unfinished pack: the next files in this folder may be another pack."""
        self._unfinished.pop(folder, None)

    def rest_of(self, pack: KeptPack, watch: Watch, *, is_done: Known) -> Iterator[tuple[Path, FileStamp]]:
        """Yield the files of a pack that are not written to any more, except sounds.

        Sounds are filed when they have been analyzed; those that cannot be analyzed are included here.
        """
        for path in sorted(_files(pack, watch.library)):
            if excluded(watch, path) or (watch.archives == "unpack" and is_archive(path.name)):
                continue
            stamp = stability.stamp_of(path)
            if (
                stamp
                and self._may_follow(path, stamp, is_done)
                and stability.check_stable(path, stamp) is None
            ):
                yield path, stamp

    def _may_follow(self, path: Path, stamp: FileStamp, is_done: Known) -> bool:
        if not is_sound(path.name):
            return not is_done(path, stamp)
        about = self._journal.entries.latest_about(path, stamp)
        return about is not None and about.rule == CANNOT_ANALYZE and about.state == "failed"

    def _is_kept_in(self, watch: Watch) -> bool:
        # A symlink leaves the pack where it is, as a whole
        return watch.projects == "leave" and watch.action in HOLDING_SOUND

    def _known(self, origin: Path, library: Path, survey: Survey, digest: str = "") -> Iterator[KeptPack]:
        """Yield the packs of which the journal has files; `digest` is the hash of the archive that they came in."""
        found: dict[Path, KeptPack] = {}
        for entry in self._journal.batches.kept_below(origin):
            inner, by = _inside(entry, library), entry.detail.needed_by
            if inner is None or entry.detail.archive_hash != digest:
                continue
            base, root = inner
            if base not in found:
                marked = tuple(one for one in survey.projects if self._is_marked(one, root))
                found[base] = KeptPack(root, base, by or ITS_INSTRUMENTS, marked)
            elif by and found[base].document == ITS_INSTRUMENTS:
                # The newest entry has no document if a crash prevented it
                found[base] = found[base]._replace(document=by)
        yield from found.values()

    def _is_marked(self, project: Project, root: Path) -> bool:
        """Return whether the project has a marker of its own, and is not just the rest of the pack around it."""
        return (
            project.root != root
            and project.root.is_relative_to(root)
            and self._surveyor.enclosing_project(project.root, root) is not None
        )

    def _is_the_same(self, known: KeptPack, watch: Watch) -> bool:
        """Return False after a move if a sound comes to the same place again, or a day later: it belongs to another pack."""
        if watch.action != "move":
            return True
        latest = next(iter(self._journal.batches.kept_below(known.root)))
        places = (known.place_of(path) for path in _files(known, watch.library) if is_sound(path.name))
        return latest.time >= self._clock() - MOVED_LATELY and not any(
            place and os.path.lexists(place) for place in places
        )

    def _begin(self, folder: Path, watch: Watch, survey: Survey, *, given: bool) -> tuple[KeptPack, ...]:
        """Return the pack in this folder that is kept whole from now on, if there is one."""
        if self._not_kept.get(folder, 0.0) > time.monotonic():
            return ()
        for unit, document in survey.kept_whole.items():
            root = below_single_folders(unit)
            if not folder.is_relative_to(unit) or not root.is_relative_to(folder):
                continue
            base = self._free_base(watch, pack_name(folder.name))
            pack = KeptPack(root, base, document.name, survey.projects)
            if self._may_be_kept(pack, watch.library, is_old=_never if given else self._was_there):
                self._unfinished[folder] = (pack,)
                return self._unfinished[folder]
            self._not_kept[folder] = time.monotonic() + NOT_KEPT_SECONDS
        return ()

    def _was_there(self, path: Path) -> bool:
        """Return whether the file was there before its folder was watched, or was put back."""
        stamp = stability.stamp_of(path)
        return stamp is not None and self._journal.seen.reason(path, stamp) in ("baseline", "put back")

    # Packs that came in archives

    def inside(self, archive: Unpacked, watch: Watch, survey: Survey) -> tuple[KeptPack, ...]:
        """Return the packs in an unpacked archive that are kept whole."""
        if watch.projects != "leave" or watch.action not in FILING:
            return ()
        if archive.folder not in self._unfinished:
            known = [
                pack._replace(root=archive.folder / pack.root.relative_to(archive.archive))
                for pack in self._known(archive.archive, watch.library, survey, archive.archive_hash)
            ]
            self._unfinished[archive.folder] = tuple(known)
            for pack in self._begin_inside(archive, watch, survey, known):
                self._unfinished[archive.folder] += (pack,)
        return self._unfinished[archive.folder]

    def claim_inside(self, path: Path, packs: Iterable[KeptPack], watch: Watch) -> Claim | None:
        """Return the claim on a file in one of these packs; None if it is in none of them."""
        for pack in packs:
            if place := pack.place_of(path):
                return self._claim(pack.document, watch, place)
        return None

    def _begin_inside(
        self, archive: Unpacked, watch: Watch, survey: Survey, known: list[KeptPack]
    ) -> Iterator[KeptPack]:
        whole = below_single_folders(archive.folder)
        for unit, document in survey.kept_whole.items():
            root = below_single_folders(unit)
            name = archive.pack if root == whole else pack_name(root.name) or archive.pack
            pack = KeptPack(root, self._free_base(watch, name), document.name, survey.projects)
            is_new = not any(root.is_relative_to(one.root) or one.root.is_relative_to(root) for one in known)
            if is_new and self._may_be_kept(pack, watch.library):
                yield pack

    # Both kinds of packs

    def files_in(self, pack: KeptPack, library: Path) -> list[Path]:
        """Return the files of the pack, without projects, hidden and temporary files, and personal documents."""
        return sorted(_files(pack, library))

    def claim_at(self, path: Path, library: Path) -> Claim | None:
        """Return the claim on a sound in the library that is kept with its pack; None for any other sound."""
        kept = self._journal.batches.kept_at(path)
        if kept is None and not path.is_relative_to(library / PACKS):
            return None
        by = kept.detail.needed_by or ITS_INSTRUMENTS if kept else "the files beside it"
        return Claim(by, self._link_in(library))

    def left_over(self, watches: Iterable[Watch]) -> Iterator[tuple[Arrival, Watch, int]]:
        """Yield sounds that came to the library with their pack and were not filed because of a crash, with watch and batch."""
        watches = [watch for watch in watches if watch.action in FILING]
        for entry in self._journal.batches.kept_and_not_filed() if watches else ():
            place = entry.destination
            if place is None or not is_sound(place.name) or not (stamp := stability.stamp_of(place)):
                continue
            for watch in watches:
                claim = self.claim_at(place, watch.library)
                if claim and entry.source.is_relative_to(watch.folder):
                    yield Arrival(place, stamp, watch.folder, entry.pack, claim=claim), watch, entry.batch
                    break

    def _claim(self, document: str, watch: Watch, place: Path) -> Claim:
        return Claim(document, self._link_in(watch.library), keep_at=place)

    def _link_in(self, library: Path) -> ActionKind:
        """Return the action for sounds of a pack: a hard link, or a copy if the library's disk has no hard links."""
        if self._dry_run or not library.is_dir():
            return "hardlink"
        if library not in self._takes_links:
            try:
                with disk.opened(library) as folder, self._noted_names(library) as names:
                    self._takes_links[library] = disk.takes_links(folder, *names)
            except OSError:  # full or read-only: filing the sound reports the error
                return "hardlink"
        return "hardlink" if self._takes_links[library] else "copy"

    @contextlib.contextmanager
    def _noted_names(self, library: Path) -> Iterator[tuple[str, str]]:
        """Give two names for files in the library that the next start removes if this process is killed before it does."""
        names = disk.probe_name(), disk.probe_name()
        places = [library / name for name in names]
        self._journal.state.note_leftovers(places)
        yield names
        for place in places:
            self._journal.state.drop_leftover(place)

    def _free_base(self, watch: Watch, name: str) -> Path:
        """Return a folder in the library that does not exist and is no other pack's place.

        Only its own name is portable and within the limit: the instruments in it call their sounds by name.
        """
        library, limit = watch.library, watch.name_limit
        name = portable(name) if watch.portable_names or self._portable.holds(library) else name
        taken = {pack.base for packs in self._unfinished.values() for pack in packs}
        names = (numbered_folder(limited(name, limit), number, limit) for number in itertools.count(1))
        places = (library / PACKS / one for one in names)
        return next(place for place in places if place not in taken and not os.path.lexists(place))

    def _may_be_kept(self, pack: KeptPack, library: Path, *, is_old: Callable[[Path], bool] = _never) -> bool:
        """Return whether the pack is small enough, and holds no work of the user and no file that was there before."""
        count = 0
        for path in _files(pack, library):
            count += 1
            if count > MAX_FILES or kind_of(path.name) == "work" or is_old(path):
                return False
        return count > 0


def _files(pack: KeptPack, library: Path) -> Iterator[Path]:
    """Yield every plain file of the pack, without links, hidden folders, personal documents, and a library in it."""
    for folder, subfolders, names in os.walk(pack.root):
        here = pack.root / folder
        subfolders[:] = [
            name
            for name in subfolders
            if not is_ignored_folder(name) and here / name != library and pack.place_of(here / name)
        ]
        for name in names:
            path = here / name
            if not is_ignored_name(name) and not is_private_paper(name) and stability.stamp_of(path):
                yield path


def _inside(entry: Entry, library: Path) -> tuple[Path, Path] | None:
    """Return a pack's places in the library and before, from the entry of one of its files; None for another library."""
    place = entry.destination
    if place is None or not place.is_relative_to(library / PACKS):
        return None
    base = library / PACKS / place.relative_to(library / PACKS).parts[0]
    depth = len(place.relative_to(base).parts)
    return base, entry.source.parents[depth - 1]
