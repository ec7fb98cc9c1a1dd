"""Plans what `sort` does: gives each file with the analysis to come, or with the reason why none is needed."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import watch_for
from drumwatch.containers import FOREIGN
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.filing.naming import pack_name
from drumwatch.intake import stability
from drumwatch.intake.arrivals import is_archive, pack_of
from drumwatch.intake.extra_formats import format_name
from drumwatch.intake.ignore import needs_extra
from drumwatch.intake.pack_names import is_a_pack, named_after, pack_folder
from drumwatch.packs import Pack, Packs, space_lacking
from drumwatch.packs.projects import FREE
from drumwatch.pipeline import place_of
from drumwatch.sorting.analyzer import Left, NoSounds, NotUnpacked, Rejected
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Failed, UnpackedArchive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import ActionKind, FileStamp
    from drumwatch.intake.projects import Survey
    from drumwatch.packs.projects import Ownership, Projects
    from drumwatch.pipeline import Pipeline
    from drumwatch.sorting.analyzer import Analyzer, Result

WAITING = "waiting for room"
UNKNOWN = "in a folder too large to be looked through"
IN_PLACE = Left("in the library already")
UP_TO_DATE = Left("in the library already", filed=True)
NOT_HEARD = "could not be heard"  # the format needs an extra that is not installed
LEFT_WHOLE = "left whole"  # the file is part of a project


def folder_of_pack(path: Path, root: Path, given: Mapping[Path, bool]) -> Path | None:
    """Return the folder of the pack of a file that was found from `root`; `given` tells which given folders are one pack."""
    return pack_folder(path, root, whole=given[root]) if root in given else None


class Item(NamedTuple):
    """A file to sort with the settings of the folder that it was found from, or the end of an archive."""

    arrival: Arrival
    watch: Watch
    place: Place  # where the sound came from, by which others are its neighbors
    batch: int | None = None  # None: the batch of its pack
    closes: Pack | None = None  # the unpacked archive that ends here
    folder: Path | None = None  # of the pack that the file is in, where that came as a folder


class Planner:
    """Gives the items to sort, in order.

    `action` and `library` replace the configured ones. `features`: a map is drawn, so every sound is analyzed.
    """

    def __init__(
        self,
        config: Config,
        analyzer: Analyzer,
        packs: Packs,
        pipeline: Pipeline,
        projects: Projects,
        *,
        given: Iterable[Path] = (),
        action: ActionKind | None = None,
        library: Path | None = None,
        features: bool = False,
        filed_of: Callable[[Path, str], int] = lambda _, __: 0,
    ) -> None:
        self._config, self._analyzer, self._packs, self._pipeline = config, analyzer, packs, pipeline
        # An interrupted run may have filed the sounds that showed that the folder is a pack
        self._given = {path: is_a_pack(path) or filed_of(path, pack_name(path.name)) > 0 for path in given}
        self._action, self._library, self._features = action, library, features
        self._projects = projects
        self._surveys: dict[Path, Survey] = {}
        self._space_lacking: tuple[Path | None, str] = None, ""  # of the pack that was measured last

    def watch_of(self, root: Path) -> Watch:
        """The settings for files that are found from a folder."""
        return watch_for(self._config, root, action=self._action, library=self._library)

    def survey_of(self, root: Path, watch: Watch) -> Survey:
        """Survey a folder that files are found from for projects, once."""
        if root not in self._surveys:
            self._surveys[root] = self._projects.survey_given(watch, is_pack=self.is_pack(root))
        return self._surveys[root]

    def is_pack(self, root: Path) -> bool:
        """Whether a folder that was given is one pack."""
        return self._given.get(root, False)

    def items(
        self, found: Iterable[tuple[Path, Path]], more: Callable[[int], object]
    ) -> Iterator[tuple[Item, Future[Result]]]:
        """Give every file with its result to come; the sounds of an archive come in its place, and `more` gets their number."""
        yield from self._left_over()
        for root, path in found:
            watch = self.watch_of(root)
            stamp = stability.stamp_of(path)
            folder = folder_of_pack(path, root, self._given)
            pack = pack_of(path, root, whole=self.is_pack(root))
            arrival = Arrival(path, stamp or NO_STAMP, root, pack)
            named = named_after(path, root, whole=self.is_pack(root))
            item = Item(arrival, watch, place_of(arrival, named), folder=folder)
            owner = self._ownership(path, folder, watch)
            if owner.project:
                yield item, _done(Left(LEFT_WHOLE, project=owner.project))
                continue
            if owner.unknown:
                yield item, _done(Left(UNKNOWN, unknown=owner.unknown))
                continue
            if owner.claim:
                item = item._replace(arrival=replace(item.arrival, claim=owner.claim))
            if known := self._known(item):
                yield item, known
            elif is_archive(path.name):
                yield from self._inside(item, more)
            else:
                yield item, self._analyzer.analyze(item.arrival, item.watch)

    def _ownership(self, path: Path, folder: Path | None, watch: Watch) -> Ownership:
        if path.is_relative_to(watch.library):
            return FREE
        survey = self.survey_of(watch.folder, watch)
        found = self._projects.ownership(path, watch, survey)
        return self._packs.kept.ownership(path, folder, watch, survey, found, given=True)

    def _left_over(self) -> Iterator[tuple[Item, Future[Result]]]:
        """The sounds that an interrupted run moved to the library with their pack, but did not file."""
        for arrival, watch, batch in self._packs.kept.left_over(map(self.watch_of, self._given)):
            yield Item(arrival, watch, place_of(arrival), batch), self._analyzer.analyze(arrival, watch)

    def _inside(self, item: Item, more: Callable[[int], object]) -> Iterator[tuple[Item, Future[Result]]]:
        """The sounds in an archive, and then the item that closes it."""
        answer = self._packs.archives.unpack(item.arrival, item.watch).result()
        if isinstance(answer, Failed):
            yield item, _done(NotUnpacked(answer))
            return
        unpacked = expect(answer, UnpackedArchive)
        if pack := self._packs.archives.open(item.arrival, item.watch, unpacked):
            more(unpacked.sounds)
            for arrival in self._packs.archives.sounds(pack):
                inner = Item(arrival, item.watch, place_of(arrival), pack.unpacked.batch)
                yield inner, self._analyzer.analyze(arrival, item.watch)
            yield item._replace(closes=pack), _done(None)
        else:
            yield item, _done(NoSounds())

    def _known(self, item: Item) -> Future[Result] | None:
        """The result for a file that is not analyzed: it is not stable, or an earlier run has done all that there is to do."""
        path, stamp = item.arrival.path, item.arrival.stamp
        if path.is_relative_to(item.watch.library):
            return _done(IN_PLACE)
        if not self._features and self._pipeline.is_up_to_date(item.arrival, item.watch):
            return _done(UP_TO_DATE)
        if lack := self._lack_of_space(item):
            return _done(lack)
        found = _unless_stable(path, stamp)
        return _done(found) if found else None

    def _lack_of_space(self, item: Item) -> Left | None:
        """The lack of space for a pack, measured before its first sound, with which it is reported."""
        if item.folder is None:
            return None
        first = self._space_lacking[0] != item.folder
        if first:
            lack = space_lacking(item.folder, item.watch, self._config.min_free, self._is_done(item))
            self._space_lacking = item.folder, f"{lack}, and sort it again." if lack else ""
        if not self._space_lacking[1]:
            return None
        return Left(WAITING, lack=self._space_lacking[1] if first else "")

    def _is_done(self, item: Item) -> Callable[[Path, FileStamp], bool]:
        return lambda path, stamp: self._pipeline.is_up_to_date(
            replace(item.arrival, path=path, stamp=stamp), item.watch
        )


def _unless_stable(path: Path, stamp: FileStamp) -> Left | Rejected | None:
    """The result for a file that cannot be analyzed: nothing here decodes it, or it is not complete."""
    if needs_extra(path.name):
        return Left(NOT_HEARD, needs=format_name(path.name))
    match stability.check_stable(path, stamp):
        case stability.NotStable(reason) | stability.NotASample(reason):
            return Rejected(reason)
        case stability.NeedsExtra(form):
            return Left(NOT_HEARD, needs=FOREIGN[form])
        case stability.Gone():
            return Rejected(f"{path} is not there any more.")
    return None


def _done(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future
