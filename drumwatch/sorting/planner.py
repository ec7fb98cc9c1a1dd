"""What `sort` has to do: each file it found with the answer to come, or with the reason why nobody need hear it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import watch_for
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.filing.naming import pack_name
from drumwatch.intake import stability
from drumwatch.intake.arrivals import is_archive, pack_of
from drumwatch.intake.pack_names import is_a_pack, pack_folder
from drumwatch.packs import Pack, Packs, space_lacking
from drumwatch.packs.projects import FREE
from drumwatch.sorting.analyzer import Left, Rejected
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Failed, UnpackedArchive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import ActionKind, FileStamp
    from drumwatch.intake.projects import Survey
    from drumwatch.packs.projects import Ownership, Projects
    from drumwatch.pipeline import Pipeline
    from drumwatch.sorting.analyzer import Analyzer, Result

WAITING = "waiting for room"
UNKNOWN = "in a folder too large to be looked through"
IN_PLACE = Left("in the library already")
STANDS = Left("in the library already", filed=True)
LEFT_WHOLE = "left whole"  # part of a project


def folder_of_pack(path: Path, root: Path, given: Mapping[Path, bool]) -> Path | None:
    """The folder of the pack that a file found from `root` is in; `given` says of each folder given whether it is one pack itself."""
    return pack_folder(path, root, whole=given[root]) if root in given else None


class Item(NamedTuple):
    """One file to sort, with the settings for the folder it was found from; or a pack whose last sound came before."""

    arrival: Arrival
    watch: Watch
    batch: int | None = None  # None: the one of its pack
    closes: Pack | None = None
    folder: Path | None = None  # the pack it is in, where that is a folder


class Planner:
    """Looks at what was found; `action` and `library` take the place of the configuration's, `features`: a map needs all heard."""

    def __init__(
        self,
        config: Config,
        ears: Analyzer,
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
        self._config, self._ears, self._packs, self._pipeline = config, ears, packs, pipeline
        # A run that was stopped has filed what showed that the folder is a pack
        self._given = {path: is_a_pack(path) or filed_of(path, pack_name(path.name)) > 0 for path in given}
        self._action, self._library, self._features = action, library, features
        self._projects = projects
        self._surveys: dict[Path, Survey] = {}
        self._room: tuple[Path | None, str] = None, ""

    def watch_of(self, root: Path) -> Watch:
        """The settings for a folder that files are found from."""
        return watch_for(self._config, root, action=self._action, library=self._library)

    def survey_of(self, root: Path, watch: Watch) -> Survey:
        """Whose the things in a folder that files are found from are; looked at once."""
        if root not in self._surveys:
            self._surveys[root] = self._projects.survey_given(watch, is_pack=self.is_pack(root))
        return self._surveys[root]

    def is_pack(self, root: Path) -> bool:
        """Whether a folder that was given came as one pack."""
        return self._given.get(root, False)

    def cases(
        self, found: Iterable[tuple[Path, Path]], more: Callable[[int], object]
    ) -> Iterator[tuple[Item, Future[Result]]]:
        """Every file with its answer to come; what an archive holds comes in its place, and `more` is told how many."""
        yield from self._left_over()
        for root, path in found:
            watch = self.watch_of(root)
            mark = stability.stamp_of(path)
            folder = folder_of_pack(path, root, self._given)
            pack = pack_of(path, root, whole=self.is_pack(root))
            case = Item(Arrival(path, mark or NO_STAMP, root, pack), watch, folder=folder)
            found_here = self._ownership(path, folder, watch)
            if found_here.project:
                yield case, _answered(Left(LEFT_WHOLE, project=found_here.project))
                continue
            if found_here.unknown:
                yield case, _answered(Left(UNKNOWN, unknown=found_here.unknown))
                continue
            if found_here.claim:
                case = case._replace(arrival=replace(case.arrival, claim=found_here.claim))
            if known := self._known(case):
                yield case, known
            elif is_archive(path.name):
                yield from self._inside(case, more)
            else:
                yield case, self._ears.hear(case.arrival, case.watch)

    def _ownership(self, path: Path, folder: Path | None, watch: Watch) -> Ownership:
        if path.is_relative_to(watch.library):
            return FREE
        survey = self.survey_of(watch.folder, watch)
        found = self._projects.ownership(path, watch, survey)
        return self._packs.kept.ownership(path, folder, watch, survey, found, given=True)

    def _left_over(self) -> Iterator[tuple[Item, Future[Result]]]:
        """Sounds that an earlier run put into the library with their pack, and had no time to file."""
        for arrival, watch, batch in self._packs.kept.left_over(map(self.watch_of, self._given)):
            yield Item(arrival, watch, batch), self._ears.hear(arrival, watch)

    def _inside(self, case: Item, more: Callable[[int], object]) -> Iterator[tuple[Item, Future[Result]]]:
        """What is in an archive, and then the word to close it."""
        answer = self._packs.archives.unpack(case.arrival, case.watch).result()
        if isinstance(answer, Failed):
            yield case, _answered(Rejected(answer.message))
            return
        unpacked = expect(answer, UnpackedArchive)
        if pack := self._packs.archives.open(case.arrival, case.watch, unpacked):
            more(unpacked.sounds)
            for arrival in self._packs.archives.sounds(pack):
                inner = Item(arrival, case.watch, pack.unpacked.batch)
                yield inner, self._ears.hear(arrival, case.watch)
            yield case._replace(closes=pack), _answered(None)

    def _known(self, case: Item) -> Future[Result] | None:
        """What need not be heard: it is no file at rest, or an earlier run has done with it what there is to do."""
        path, mark = case.arrival.path, case.arrival.stamp
        if path.is_relative_to(case.watch.library):
            return _answered(IN_PLACE)
        if not self._features and self._pipeline.is_up_to_date(case.arrival, case.watch):
            return _answered(STANDS)
        if lack := self._lack_of_room(case):
            return _answered(lack)
        match stability.check_stable(path, mark):
            case stability.NotStable(reason) | stability.NotASample(reason):
                return _answered(Rejected(reason))
            case stability.Gone():
                return _answered(Rejected(f"{path} is not there any more."))
        return None

    def _lack_of_room(self, case: Item) -> Left | None:
        """Asked once for each pack, before its first sound, with which the whole pack is told of."""
        if case.folder is None:
            return None
        first = self._room[0] != case.folder
        if first:
            lack = space_lacking(case.folder, case.watch, self._config.min_free, self._is_done(case))
            self._room = case.folder, f"{lack}, and sort it again." if lack else ""
        if not self._room[1]:
            return None
        return Left(WAITING, lack=self._room[1] if first else "")

    def _is_done(self, case: Item) -> Callable[[Path, FileStamp], bool]:
        return lambda path, mark: self._pipeline.is_up_to_date(
            replace(case.arrival, path=path, stamp=mark), case.watch
        )


def _answered(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future
