"""One run of `drumwatch sort`: what is found is heard, filed in groups, and packs are opened and closed on the way."""

from __future__ import annotations

import functools
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import FILING
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.intake.pack_names import FEW_SOUNDS
from drumwatch.packs.projects import count_sounds, why_untouched
from drumwatch.pipeline import FILED_AT_ONCE, FilingRequest, make_libraries, recover, remove_emptied
from drumwatch.session import SessionOptions, open_session
from drumwatch.sorting.analyzer import Analyzer, Left, Rejected
from drumwatch.sorting.planner import LEFT_WHOLE, Item, Planner
from drumwatch.sorting.walk import UNDER_WAY, audio_files_in, in_input_order
from drumwatch.system import app_paths
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import ActionKind, Entry
    from drumwatch.sorting.analyzer import Result
    from drumwatch.workers.executors import DaskEngine


DAY = 86_400.0
SURVEY_SECONDS = (
    120.0  # for surveying a folder for projects: longer than in the daemon, as the user waits for it
)


class LeftWhole(NamedTuple):
    """A project that is met in a run, and left as it is."""

    place: Path  # its root, or where it is in an archive
    name: str  # "an Ableton Live project"
    sounds: int


class Done(NamedTuple):
    """What became of one file: its entries, and what was heard; with the first file of a project, the project."""

    case: Item
    entries: Sequence[Entry]
    result: Result
    left_whole: Sequence[LeftWhole] = ()


class Sorter:
    """Workers, journal and pipeline for one run."""

    def __init__(
        self,
        config: Config,
        stack: ExitStack,
        *,
        given: Iterable[Path] = (),
        engine: DaskEngine | None = None,
        action: ActionKind | None = None,
        library: Path | None = None,
        dry_run: bool = False,
        features: bool = False,
    ) -> None:
        options = SessionOptions(
            engine=engine,
            worker_limit=config.workers or app_paths.cores(),
            dry_run=dry_run,
            survey_seconds=SURVEY_SECONDS,
        )
        session = stack.enter_context(open_session(config, options))
        session.apply_user_model()
        self._config, self._dry_run, self._given = config, dry_run, list(given)
        self._journal, self._pipeline = session.journal, session.pipeline
        self._projects, self._packs = session.projects, session.packs
        self._analyzer = Analyzer(
            session.analyzers, session.analysis_cache, session.pipeline, features=features
        )
        self._asking = Planner(
            config,
            self._analyzer,
            self._packs,
            self._pipeline,
            self._projects,
            given=self._given,
            action=action,
            library=library,
            features=features,
            filed_of=self._journal.batches.count_filed,
        )
        self._under_way = max(UNDER_WAY, engine.max_in_flight) if engine else UNDER_WAY
        self._batches: dict[tuple[Path, str], int] = {}
        self._met: set[Path] = set()  # projects
        self._folder: Path | None = None
        self._last: Item | None = None
        self._filed = 0
        self._told_unknown: set[Path] = set()  # folders that could not be looked through
        if not dry_run:
            recover(self._journal, state=app_paths.state_folder())
            make_libraries(config, self._journal)
            list(self._packs.take_up())  # what an earlier run left unpacked; its archive is sorted anew

    def sort(
        self,
        found: Iterable[tuple[Path, Path]],
        stopping: Sequence[object] = (),
        more: Callable[[int], object] = lambda _: None,
    ) -> Iterator[Done]:
        """Every file in its turn, until `stopping` is not empty any more; what an archive holds comes in its place.

        `more` is told how many sounds turn up in an archive.
        """
        begun = [] if self._dry_run else list(self._begun())
        group: list[tuple[Item, Analyzed]] = []
        for case, result in in_input_order(self._asking.cases(found, more), self._under_way):
            if stopping:
                break
            turned = case.folder != self._folder
            if group and (turned or len(group) == FILED_AT_ONCE or not isinstance(result, Analyzed | Left)):
                yield from self._file(group)
                group = []
            if turned:
                yield from self._complete_folder()
                self._folder = case.folder
            if isinstance(result, Analyzed):
                self._analyzer.keep(case.arrival, result)
                group.append((case, result))
            else:
                left_whole = list(self._left_whole(case, result))  # before an archive is closed
                yield Done(case, self._otherwise(case, result), result, left_whole)
        yield from self._file(group)
        if not stopping or self._folder_is_done():
            yield from self._complete_folder()
            yield from self._complete_what_was_begun(begun)
        if not stopping:
            yield from self._tell_unasked()
        yield from self._remove_emptied_of_all()

    def _folder_is_done(self) -> bool:
        """Stopped right after the last sound of a pack: the next run would find no sound there that brings the rest along."""
        folder = self._folder
        return folder is not None and folder.is_dir() and not any(True for _ in audio_files_in([folder]))

    def _count(self, case: Item, *, filed: bool) -> None:
        self._last = case
        self._filed += filed

    def _complete_folder(self) -> Iterator[Done]:
        """The last sound of a pack that came as a folder has been filed: what belongs to it follows."""
        last, count, self._last, self._filed = self._last, self._filed, None, 0
        if last and last.folder and last.watch.action in FILING and self._is_a_pack(last, count):
            entries = self._packs.bring_along(
                last.folder, last.arrival.pack, last.watch, functools.partial(self._batch, last)
            )
            yield from (Done(last, [entry], None) for entry in entries)
            yield from self._remove_emptied(last.watch, self._batch(last))

    def _tell_unasked(self) -> Iterator[Done]:
        """Projects of which no sound was found: songs that are packages of macOS."""
        for root in self._given:
            watch = self._asking.watch_of(root)
            case = Item(Arrival(root, NO_STAMP, root), watch)
            for project, sounds in self._projects.unasked(self._asking.survey_of(root, watch), watch):
                told = self._projects.tell(project, self._batch(case), sounds=sounds)
                left_whole = LeftWhole(project.root, project.name, sounds)
                yield Done(case, [told] if told else [], Left(LEFT_WHOLE, project=project), [left_whole])

    def _left_whole(self, case: Item, result: Result) -> Iterator[LeftWhole]:
        """The projects that are met with this file for the first time."""
        project = result.project if isinstance(result, Left) else None
        if project and project.root not in self._met:
            self._met.add(project.root)
            yield LeftWhole(project.root, project.name, count_sounds(project))
        if case.closes:
            for inner, place, sounds in self._packs.projects_in(case.closes):
                yield LeftWhole(place, inner.name, sounds)

    def _begun(self) -> Iterator[tuple[Item, int]]:
        """Packs that an earlier run had begun to keep whole, with their batches."""
        for root in self._given:
            watch = self._asking.watch_of(root)
            for folder, pack, batch in self._packs.kept.begun_below(root, watch):
                yield Item(Arrival(folder, NO_STAMP, root, pack), watch), batch

    def _complete_what_was_begun(self, begun: Iterable[tuple[Item, int]]) -> Iterator[Done]:
        """What a run that was cut off has left of them follows."""
        for case, batch in begun:
            folder, pack = case.arrival.path, case.arrival.pack
            for entry in self._packs.bring_along(folder, pack, case.watch, functools.partial(int, batch)):
                yield Done(case, [entry], None)

    def _remove_emptied_of_all(self) -> Iterator[Done]:
        """Of this run, and of earlier ones that were cut off before they came to it."""
        for root in self._given:
            ours = (batch for (origin, _), batch in self._batches.items() if origin == root)
            for batch in sorted({*ours, *self._journal.folders.recent_batches(root, time.time() - DAY)}):
                yield from self._remove_emptied(self._asking.watch_of(root), batch)

    def _remove_emptied(self, watch: Watch, batch: int) -> Iterator[Done]:
        if self._dry_run:
            return
        came_as_a_whole = self._asking.is_pack(watch.folder)
        entry = remove_emptied(self._journal, self._config, watch, batch, root_too=came_as_a_whole)
        if entry:
            yield Done(Item(Arrival(entry.source, NO_STAMP, watch.folder), watch), [entry], None)

    def _is_a_pack(self, case: Item, filed: int) -> bool:
        """Enough of it went somewhere, in this run or in one that was stopped."""
        earlier = functools.partial(self._journal.batches.count_filed, case.watch.folder, case.arrival.pack)
        if filed >= FEW_SOUNDS or (filed > 0 and earlier() >= FEW_SOUNDS):
            return True
        return case.folder is not None and bool(self._packs.keeps_whole(case.folder, case.watch))

    # Filing

    def _file(self, group: Sequence[tuple[Item, Analyzed]]) -> Iterator[Done]:
        if not group:
            return
        incoming = [
            FilingRequest(case.arrival, case.watch, found, self._batch(case)) for case, found in group
        ]
        filed = self._pipeline.file_together(incoming)
        for (case, found), result in zip(group, filed, strict=True):
            self._count(
                case,
                filed=any(entry.state != "failed" and entry.action in FILING for entry in result.entries),
            )
            self._analyzer.keep_tagged(result.entries)
            yield Done(case, result.entries, found)

    def _otherwise(self, case: Item, result: Result) -> Sequence[Entry]:
        """What becomes of a file that was not heard: none where it lies in the library already."""
        if case.closes:
            pack = case.closes
            return [*self._packs.refusals(pack), *self._packs.tell_projects(pack), *self._packs.close(pack)]
        if isinstance(result, Left):
            return self._left(case, result)
        if isinstance(result, Rejected):
            return self._pipeline.refuse(case.arrival, result.why, self._batch(case), for_good=False)
        if result is None:
            return ()
        return self._pipeline.file(case.arrival, case.watch, result, self._batch(case)).entries

    def _left(self, case: Item, left: Left) -> Sequence[Entry]:
        if left.project:
            told = self._projects.tell(left.project, self._batch(case))
            return [told] if told else []
        if left.filed:
            self._count(case, filed=True)
        if left.unknown:
            return self._leave_unknown(case, left.unknown)
        if case.folder and left.lack:
            whole = replace(case.arrival, path=case.folder, stamp=NO_STAMP)
            return self._pipeline.refuse(whole, left.lack, self._batch(case), for_good=False)
        return ()

    def _leave_unknown(self, case: Item, folder: Path) -> Sequence[Entry]:
        """Told once of the folder, not of each file in it."""
        if folder in self._told_unknown:
            return ()
        self._told_unknown.add(folder)
        whole = replace(case.arrival, path=folder, stamp=NO_STAMP)
        return self._pipeline.refuse(whole, why_untouched(folder), self._batch(case), for_good=False)

    def _batch(self, case: Item) -> int:
        if case.batch is not None:
            return case.batch
        key = case.watch.folder, case.arrival.pack
        if key not in self._batches:
            self._batches[key] = self._journal.batches.new(*key, time.time())
        return self._batches[key]
