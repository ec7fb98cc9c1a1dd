"""Packs with instruments among their sounds: they come to the library as they are, and their sounds are linked into the label folders.

A pack is found again by the journal: where its first file went, the others go, after a crash as well as when they come late.
"""

from __future__ import annotations

import itertools
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import FILING, excluded
from drumwatch.core.records import ARCHIVE, ARCHIVE_HASH, NEEDED_BY, PACKS, Arrival, Claim
from drumwatch.filing import disk
from drumwatch.filing.naming import pack_name
from drumwatch.intake import stability
from drumwatch.intake.arrivals import is_archive, is_sound
from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name
from drumwatch.intake.pack_documents import is_somebodys_paper, kind_of
from drumwatch.intake.projects import Surveyor
from drumwatch.packs.pack_contents import MOST_FILES
from drumwatch.packs.projects import Ownership, below_single_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import ActionKind, Entry, FileStamp
    from drumwatch.intake.projects import Project, Survey
    from drumwatch.journal import Journal, Unpacked

    Known = Callable[[Path, FileStamp], bool]

BRINGING = frozenset({"move", "copy", "hardlink"})  # a symlink leaves the pack where it is, as a whole
MOVED_LATELY = 86_400.0  # seconds: what comes to the same place later is another pack
NOT_KEPT_HOLDS = 30.0  # seconds: how long it is believed that a folder cannot be kept whole
ITS_INSTRUMENTS = "its instruments"


def _never(_: Path) -> bool:
    return False


class KeptPack(NamedTuple):
    """A pack on its way to its place in the library."""

    root: Path  # where it lies, or lay unpacked
    base: Path  # where it comes to lie
    document: str  # that shows that it is needed as a whole
    projects: tuple[Project, ...] = ()  # in it, which stay where they are

    def place_of(self, path: Path) -> Path | None:
        """Where a file of it belongs; None for what is no part of it."""
        if not path.is_relative_to(self.root) or any(path.is_relative_to(one.root) for one in self.projects):
            return None
        return self.base / path.relative_to(self.root)


class KeptWhole:
    """Knows which packs are kept whole, and where. One for each process: it remembers what is under way."""

    def __init__(
        self, journal: Journal, *, dry_run: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal = journal
        self._dry_run = dry_run
        self._clock = clock
        self._surveyor = Surveyor()
        self._under_way: dict[Path, tuple[KeptPack, ...]] = {}  # by the folder of the pack
        self._not_kept: dict[Path, float] = {}  # folders, and until when that is believed
        self._takes_links: dict[Path, bool] = {}

    # What came as a folder

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
        """What may be done with a file, where its pack is kept whole; else what was `found`. `folder`: that of its pack.

        `given`: the user wants it sorted, also where it was there before its folder was watched, or was put back.
        """
        if folder is None or not self._brings(watch):
            return found
        for pack in self.of_folder(folder, watch, survey) or self._begun(folder, watch, survey, given=given):
            if place := pack.place_of(path):
                return Ownership(claim=self._claim(pack.document, watch, place))
        return found

    def has_begun(self, folder: Path) -> bool:
        """Whether some of what was in this folder is in the library with its pack."""
        return folder in self._under_way or any(True for _ in self._journal.batches.kept_below(folder))

    def of_folder(self, folder: Path, watch: Watch, survey: Survey) -> tuple[KeptPack, ...]:
        """The pack in this folder, if some of it is in the library already."""
        if not self._brings(watch):
            return ()
        if folder not in self._under_way:
            known = next(self._known(folder, watch.library, survey), None)
            if known is None or not self._is_the_same(known, watch):
                return ()
            self._under_way[folder] = (known,)
        return self._under_way[folder]

    def begun_below(self, folder: Path, watch: Watch) -> Iterator[tuple[Path, str, int]]:
        """Folders that packs came from lately, each with its pack and batch: something of it may still lie there, after a crash."""
        told: set[Path] = set()
        for entry in self._journal.batches.kept_below(folder, self._clock() - MOVED_LATELY):
            inner = None if ARCHIVE in entry.detail else _inside(entry, watch.library)
            if inner and inner[1] not in told and inner[1].is_dir():
                told.add(inner[1])
                yield inner[1], entry.pack, entry.batch

    def done_with(self, folder: Path) -> None:
        """What there was of it has come; what comes now may be another one."""
        self._under_way.pop(folder, None)

    def rest_of(self, pack: KeptPack, watch: Watch, *, is_done: Known) -> Iterator[tuple[Path, FileStamp]]:
        """What belongs to it beside the sounds and has come to rest; sounds come by themselves, unless they cannot be heard."""
        for path in sorted(_files(pack, watch.library)):
            if excluded(watch, path) or (watch.archives == "unpack" and is_archive(path.name)):
                continue
            mark = stability.stamp_of(path)
            if mark and self._may_follow(path, mark, is_done) and stability.check_stable(path, mark) is None:
                yield path, mark

    def _may_follow(self, path: Path, mark: FileStamp, is_done: Known) -> bool:
        if not is_sound(path.name):
            return not is_done(path, mark)
        about = self._journal.entries.latest_about(path, mark)
        return about is not None and about.rule == "cannot be heard" and about.state == "failed"

    def _brings(self, watch: Watch) -> bool:
        return watch.projects == "leave" and watch.action in BRINGING

    def _known(self, origin: Path, library: Path, survey: Survey, digest: str = "") -> Iterator[KeptPack]:
        """By what the journal has of it; `digest`: of the archive that it came in."""
        found: dict[Path, KeptPack] = {}
        for entry in self._journal.batches.kept_below(origin):
            inner, by = _inside(entry, library), entry.detail.get(NEEDED_BY)
            if inner is None or entry.detail.get(ARCHIVE_HASH, "") != digest:
                continue
            base, root = inner
            if base not in found:
                marked = tuple(one for one in survey.projects if self._is_marked(one, root))
                found[base] = KeptPack(root, base, by or ITS_INSTRUMENTS, marked)
            elif (
                by and found[base].document == ITS_INSTRUMENTS
            ):  # a crash has kept the latest from telling it
                found[base] = found[base]._replace(document=by)
        yield from found.values()

    def _is_marked(self, project: Project, root: Path) -> bool:
        """It is one by what lies in it, and not by what is left of the pack around it."""
        return (
            project.root != root
            and project.root.is_relative_to(root)
            and self._surveyor.enclosing_project(project.root, root) is not None
        )

    def _is_the_same(self, known: KeptPack, watch: Watch) -> bool:
        """After a move, a sound that comes to the same place once more is another pack's; so is what comes days later."""
        if watch.action != "move":
            return True
        latest = next(iter(self._journal.batches.kept_below(known.root)))
        places = (known.place_of(path) for path in _files(known, watch.library) if is_sound(path.name))
        return latest.time >= self._clock() - MOVED_LATELY and not any(
            place and os.path.lexists(place) for place in places
        )

    def _begun(self, folder: Path, watch: Watch, survey: Survey, *, given: bool) -> tuple[KeptPack, ...]:
        """The pack that is to be kept whole from now on, if it is one."""
        if self._not_kept.get(folder, 0.0) > time.monotonic():
            return ()
        for unit, document in survey.kept_whole.items():
            root = below_single_folders(unit)
            if not folder.is_relative_to(unit) or not root.is_relative_to(folder):
                continue
            base = self._free_base(watch.library, pack_name(folder.name))
            pack = KeptPack(root, base, document.name, survey.projects)
            if self._may_be_kept(pack, watch.library, is_old=_never if given else self._was_there):
                self._under_way[folder] = (pack,)
                return self._under_way[folder]
            self._not_kept[folder] = time.monotonic() + NOT_KEPT_HOLDS
        return ()

    def _was_there(self, path: Path) -> bool:
        """The user has it there: it came before its folder was watched, or was put back."""
        mark = stability.stamp_of(path)
        return mark is not None and self._journal.seen.reason(path, mark) in ("baseline", "put back")

    # What came in an archive

    def inside(self, lies: Unpacked, watch: Watch, survey: Survey) -> tuple[KeptPack, ...]:
        """The packs in an unpacked archive that are kept whole."""
        if watch.projects != "leave" or watch.action not in FILING:
            return ()
        if lies.folder not in self._under_way:
            known = [
                pack._replace(root=lies.folder / pack.root.relative_to(lies.archive))
                for pack in self._known(lies.archive, watch.library, survey, lies.archive_hash)
            ]
            self._under_way[lies.folder] = tuple(known)
            for pack in self._begun_inside(lies, watch, survey, known):
                self._under_way[lies.folder] += (pack,)
        return self._under_way[lies.folder]

    def claim_inside(self, path: Path, packs: Iterable[KeptPack], watch: Watch) -> Claim | None:
        """What holds for a file in one of these packs."""
        for pack in packs:
            if place := pack.place_of(path):
                return self._claim(pack.document, watch, place)
        return None

    def _begun_inside(
        self, lies: Unpacked, watch: Watch, survey: Survey, known: list[KeptPack]
    ) -> Iterator[KeptPack]:
        whole = below_single_folders(lies.folder)
        for unit, document in survey.kept_whole.items():
            root = below_single_folders(unit)
            name = lies.pack if root == whole else pack_name(root.name) or lies.pack
            pack = KeptPack(root, self._free_base(watch.library, name), document.name, survey.projects)
            is_new = not any(root.is_relative_to(one.root) or one.root.is_relative_to(root) for one in known)
            if is_new and self._may_be_kept(pack, watch.library):
                yield pack

    # Both

    def files_in(self, pack: KeptPack, library: Path) -> list[Path]:
        """Every file of it that is there, without what is a project, hidden, temporary or somebody's paper."""
        return sorted(_files(pack, library))

    def claim_at(self, path: Path, library: Path) -> Claim | None:
        """What holds for a sound that lies in the library with its pack; None for any other."""
        kept = self._journal.batches.kept_at(path)
        if kept is None and not path.is_relative_to(library / PACKS):
            return None
        by = kept.detail.get(NEEDED_BY, ITS_INSTRUMENTS) if kept else "what lies beside it"
        return Claim(by, self._link_in(library))

    def left_over(self, watches: Iterable[Watch]) -> Iterator[tuple[Arrival, Watch, int]]:
        """Sounds that came to the library with their pack and were then cut off, each with its batch: they are still to be filed."""
        watches = [watch for watch in watches if watch.action in FILING]
        for entry in self._journal.batches.kept_and_not_filed() if watches else ():
            place = entry.destination
            if place is None or not is_sound(place.name) or not (mark := stability.stamp_of(place)):
                continue
            for watch in watches:
                claim = self.claim_at(place, watch.library)
                if claim and entry.source.is_relative_to(watch.folder):
                    yield Arrival(place, mark, watch.folder, entry.pack, claim=claim), watch, entry.batch
                    break

    def _claim(self, document: str, watch: Watch, place: Path) -> Claim:
        return Claim(document, self._link_in(watch.library), keep_at=place)

    def _link_in(self, library: Path) -> ActionKind:
        """A hard link, or a copy where the library's disk knows none; it is asked once."""
        if self._dry_run or not library.is_dir():
            return "hardlink"
        if library not in self._takes_links:
            try:
                with disk.opened(library) as folder:
                    self._takes_links[library] = disk.takes_links(folder)
            except OSError:  # full, or only to be read: the file itself will tell
                return "hardlink"
        return "hardlink" if self._takes_links[library] else "copy"

    def _free_base(self, library: Path, name: str) -> Path:
        """A folder that is not there yet, and that no other pack is on its way to."""
        taken = {pack.base for packs in self._under_way.values() for pack in packs}
        names = (name if number == 1 else f"{name} {number}" for number in itertools.count(1))
        places = (library / PACKS / one for one in names)
        return next(place for place in places if place not in taken and not os.path.lexists(place))

    def _may_be_kept(self, pack: KeptPack, library: Path, *, is_old: Callable[[Path], bool] = _never) -> bool:
        """Nothing in it is somebody's work or was there before, and it can be looked through."""
        count = 0
        for path in _files(pack, library):
            count += 1
            if count > MOST_FILES or kind_of(path.name) == "work" or is_old(path):
                return False
        return count > 0


def _files(pack: KeptPack, library: Path) -> Iterator[Path]:
    """Every plain file of the pack: links and what is in hidden folders stay, and so does a library in it."""
    for folder, subfolders, names in os.walk(pack.root):
        here = pack.root / folder
        subfolders[:] = [
            name
            for name in subfolders
            if not is_ignored_folder(name) and here / name != library and pack.place_of(here / name)
        ]
        for name in names:
            path = here / name
            if not is_ignored_name(name) and not is_somebodys_paper(name) and stability.stamp_of(path):
                yield path


def _inside(entry: Entry, library: Path) -> tuple[Path, Path] | None:
    """The pack's place in the library, and where it came from, by where one file of it went; None for another library."""
    place = entry.destination
    if place is None or not place.is_relative_to(library / PACKS):
        return None
    base = library / PACKS / place.relative_to(library / PACKS).parts[0]
    depth = len(place.relative_to(base).parts)
    return base, entry.source.parents[depth - 1]
