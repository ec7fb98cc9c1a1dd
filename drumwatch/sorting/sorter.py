"""One run of `drumwatch sort`: analyzes what is found, files it in groups, and opens and closes packs on the way."""

from __future__ import annotations

import functools
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.records import FILING, NO_STAMP, Arrival
from drumwatch.intake.pack_names import FEW_SOUNDS
from drumwatch.packs.projects import count_sounds, why_untouched
from drumwatch.pipeline import (
    FILED_AT_ONCE,
    FilingRequest,
    make_libraries,
    place_of,
    recover,
    remove_emptied,
)
from drumwatch.pipeline.live_tags import LiveTagger
from drumwatch.session import SessionOptions, open_session
from drumwatch.sorting.analyzer import Analyzer, Left, NoSounds, NotUnpacked, Rejected
from drumwatch.sorting.judge_together import PackJudge
from drumwatch.sorting.planner import LEFT_WHOLE, UP_TO_DATE, Item, Planner
from drumwatch.sorting.walk import MAX_OPEN, audio_files_in, in_input_order
from drumwatch.system import app_paths
from drumwatch.workers.protocol import Analyzed, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import ActionKind, Entry
    from drumwatch.packs.archive_outcomes import Conclusion
    from drumwatch.sorting.analyzer import Result
    from drumwatch.workers.executors import DaskEngine


DAY = 86_400.0
SURVEY_SECONDS = (
    120.0  # for surveying a folder for projects: longer than in the daemon, as the user waits for it
)


class LeftWhole(NamedTuple):
    """A project that a run meets and leaves as it is."""

    place: Path  # its root, or its path in an archive
    name: str  # as in "an Ableton Live project"
    sounds: int


class Done(NamedTuple):
    """The result for one file: its entries, the analysis, and the projects that were met with it for the first time."""

    item: Item
    entries: Sequence[Entry]
    result: Result
    left_whole: Sequence[LeftWhole] = ()
    archive: Conclusion | None = None  # what became of the archive that ends here


class Sorter:
    """Sorts with the parts of one session, which is closed with `stack`.

    `engine`: a cluster that analyzes the sounds. `action` and `library` replace the configured ones.
    `features`: a map is drawn, so every sound is analyzed.
    """

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
        self._session, self._has_own_settings = session, bool(action or library)
        self._config, self._dry_run, self._given = config, dry_run, list(given)
        self._journal, self._pipeline = session.journal, session.pipeline
        self._projects, self._packs = session.projects, session.packs
        self._analyzer = Analyzer(
            session.analyzers, session.analysis_cache, session.pipeline, features=features
        )
        self._planner = Planner(
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
        self._max_open = max(MAX_OPEN, engine.max_in_flight) if engine else MAX_OPEN
        self._judge = PackJudge(self._analyzer, session.neighbors, self._max_open)
        self._batches: dict[tuple[Path, str], int] = {}
        self._met: set[Path] = set()  # roots of the projects that were met
        self._folder: Path | None = None
        self._last: Item | None = None
        self._filed = 0
        self._reported_unknown: set[Path] = set()  # folders that could not be surveyed
        if not dry_run:
            self._journal.require_writable()
            recover(self._journal, state=app_paths.state_folder())
            make_libraries(config, self._journal)
            if config.ableton.tags:
                LiveTagger(self._journal).begin()
            libraries = {config.library, *(watch.library for watch in config.watches)}
            # What an earlier run left unpacked is removed; its archive is sorted again
            list(self._packs.archives.reopen(libraries=libraries | ({library} if library else set())))

    @property
    def note_problem(self) -> str:
        """A sentence that says why the root notes that a layout or a rule asks for cannot be found; empty if they can."""
        return self._session.analyzers.problem

    def sort(
        self,
        found: Iterable[tuple[Path, Path]],
        stopping: Sequence[object] = (),
        more: Callable[[int], object] = lambda _: None,
        heard: Callable[[], object] = lambda: None,
    ) -> Iterator[Done]:
        """Give the result of each file, in order, until `stopping` is not empty; the sounds of an archive come in its place.

        `more` gets the number of sounds found in an archive; `heard` is called for each file that was analyzed or need not be, which is
        before its pack is filed.
        """
        interrupted = [] if self._dry_run else list(self._interrupted_packs())
        group: list[tuple[Item, Analyzed]] = []
        analyzed = in_input_order(self._planner.items(found, more), self._max_open)
        for item, result in self._judge.judged(analyzed, stopping, heard):
            if stopping:
                break
            next_folder = item.folder != self._folder
            if group and (
                next_folder or len(group) == FILED_AT_ONCE or not isinstance(result, Analyzed | Left)
            ):
                yield from self._file(group)
                group = []
            if next_folder:
                yield from self._complete_folder()
                self._folder = item.folder
            if isinstance(result, Analyzed):
                group.append((item, result))
            else:
                left_whole = list(self._left_whole(item, result))  # before the archive is closed
                entries, conclusion = self._handle_unanalyzed(item, result)
                yield Done(item, entries, result, left_whole, conclusion)
        yield from self._file(group)
        if not stopping or self._folder_is_done():
            yield from self._complete_folder()
            yield from self._complete_interrupted_packs(interrupted)
        if not stopping:
            yield from self._judge_waiting()
            yield from self._report_soundless_projects()
        yield from self._remove_all_emptied()

    def _judge_waiting(self) -> Iterator[Done]:
        """File what has waited in the given folders since an earlier run, where the sounds of this run leave no doubt about it.

        Not where this run has an action or a library of its own, because what came before was not given to it.
        """
        if self._dry_run or self._has_own_settings:
            return
        again, corrector = self._session.judge_again, self._session.corrector
        for pack in sorted(self._judge.packs):
            asked = list(again.requests(pack, corrector))
            for entry, found in in_input_order(asked, self._max_open):
                is_given = any(entry.location.is_relative_to(root) for root in self._given)
                if is_given and (filed := again.conclude(entry, found, corrector)):
                    watch = self._planner.watch_of(entry.source.parent)
                    item = _item_of(Arrival(entry.source, NO_STAMP, watch.folder), watch)
                    yield Done(item, [filed], None)

    def _folder_is_done(self) -> bool:
        """Whether the run was stopped right after the last sound of a pack: a later run would find no sound to complete it."""
        folder = self._folder
        return folder is not None and folder.is_dir() and not any(True for _ in audio_files_in([folder]))

    def _count(self, item: Item, *, filed: bool) -> None:
        self._last = item
        self._filed += filed

    def _complete_folder(self) -> Iterator[Done]:
        """Bring along the rest of a pack that came as a folder, after its last sound is filed."""
        last, count, self._last, self._filed = self._last, self._filed, None, 0
        if last and last.folder and last.watch.action in FILING and self._is_a_pack(last, count):
            entries = self._packs.folders.file_documents(
                last.folder, last.arrival.pack, last.watch, functools.partial(self._batch, last)
            )
            yield from (Done(last, [entry], None) for entry in entries)
            yield from self._remove_emptied(last.watch, self._batch(last))

    def _report_soundless_projects(self) -> Iterator[Done]:
        """Report projects in which no sound was found: songs that are macOS packages."""
        for root in self._given:
            watch = self._planner.watch_of(root)
            item = _item_of(Arrival(root, NO_STAMP, root), watch)
            for project, sounds in self._projects.unreported(self._planner.survey_of(root, watch), watch):
                entry = self._projects.report(project, self._batch(item), sounds=sounds)
                left_whole = LeftWhole(project.root, project.name, sounds)
                yield Done(item, [entry] if entry else [], Left(LEFT_WHOLE, project=project), [left_whole])

    def _left_whole(self, item: Item, result: Result) -> Iterator[LeftWhole]:
        """The projects that are met with this file for the first time."""
        project = result.project if isinstance(result, Left) else None
        if project and project.root not in self._met:
            self._met.add(project.root)
            yield LeftWhole(project.root, project.name, count_sounds(project))
        if item.closes:
            for inner, place, sounds in self._packs.archives.projects_in(item.closes):
                yield LeftWhole(place, inner.name, sounds)

    def _interrupted_packs(self) -> Iterator[tuple[Item, int]]:
        """Packs that an interrupted run has begun to keep whole, with their batches."""
        for root in self._given:
            watch = self._planner.watch_of(root)
            for folder, pack, batch in self._packs.kept.begun_below(root, watch):
                yield _item_of(Arrival(folder, NO_STAMP, root, pack), watch), batch

    def _complete_interrupted_packs(self, interrupted: Iterable[tuple[Item, int]]) -> Iterator[Done]:
        """Bring along what an interrupted run has left of these packs."""
        for item, batch in interrupted:
            folder, pack = item.arrival.path, item.arrival.pack
            for entry in self._packs.folders.file_documents(
                folder, pack, item.watch, functools.partial(int, batch)
            ):
                yield Done(item, [entry], None)

    def _remove_all_emptied(self) -> Iterator[Done]:
        """Remove the folders that this run has emptied, and those of interrupted runs."""
        for root in self._given:
            own = (batch for (origin, _), batch in self._batches.items() if origin == root)
            for batch in sorted({*own, *self._journal.folders.recent_batches(root, time.time() - DAY)}):
                yield from self._remove_emptied(self._planner.watch_of(root), batch)

    def _remove_emptied(self, watch: Watch, batch: int) -> Iterator[Done]:
        if self._dry_run:
            return
        is_pack = self._planner.is_pack(watch.folder)
        entry = remove_emptied(self._journal, self._config, watch, batch, root_too=is_pack)
        if entry:
            yield Done(_item_of(Arrival(entry.source, NO_STAMP, watch.folder), watch), [entry], None)

    def _is_a_pack(self, item: Item, filed: int) -> bool:
        """Whether the folder is a pack: enough of its sounds were filed in this run or in an interrupted one."""
        earlier = functools.partial(self._journal.batches.count_filed, item.watch.folder, item.arrival.pack)
        if filed >= FEW_SOUNDS or (filed > 0 and earlier() >= FEW_SOUNDS):
            return True
        return item.folder is not None and bool(self._packs.folders.kept_whole(item.folder, item.watch))

    # Filing

    def _file(self, group: Sequence[tuple[Item, Analyzed]]) -> Iterator[Done]:
        new = []
        for item, found in group:
            if self._pipeline.was_searched_in_vain(item.arrival, item.watch, found):
                yield Done(item, self._left(item, UP_TO_DATE), UP_TO_DATE)
            else:
                new.append((item, found))
        if not new:
            return
        requests = [
            FilingRequest(item.arrival, item.watch, found, self._batch(item), place=item.place)
            for item, found in new
        ]
        filed = self._pipeline.file_together(requests)
        for (item, found), result in zip(new, filed, strict=True):
            self._count(
                item,
                filed=any(entry.state != "failed" and entry.action in FILING for entry in result.entries),
            )
            self._analyzer.keep_tagged(result.entries)
            self._packs.outcomes.sound_done(item.arrival, result.entries, result.again)
            yield Done(item, result.entries, found)

    def _handle_unanalyzed(self, item: Item, result: Result) -> tuple[Sequence[Entry], Conclusion | None]:
        """The entries for a file without an analysis, and what became of the archive that ends with it."""
        if item.closes:
            pack, archives = item.closes, self._packs.archives
            before = [*archives.report_refused(pack), *archives.report_projects(pack)]
            entries, conclusion = self._packs.close(pack)
            return [*before, *entries], conclusion
        if isinstance(result, NotUnpacked):
            return (), self._packs.outcomes.refuse(item.arrival, result.why, for_good=False)
        if isinstance(result, NoSounds):
            return (), self._packs.outcomes.without_sounds(item.arrival)
        return self._entries_of(item, result), None

    def _entries_of(self, item: Item, result: Result) -> Sequence[Entry]:
        """The entries for a file that is not analyzed; none where it is in the library already."""
        if isinstance(result, Left):
            return self._left(item, result)
        if isinstance(result, Rejected):
            return self._pipeline.refuse(item.arrival, result.why, self._batch(item), for_good=False)
        if result is None or isinstance(result, NotUnpacked | NoSounds):
            return ()
        filed = self._pipeline.file(item.arrival, item.watch, result, self._batch(item))
        why = result.message if isinstance(result, Failed) else filed.again
        self._packs.outcomes.sound_done(item.arrival, filed.entries, why)
        return filed.entries

    def _left(self, item: Item, left: Left) -> Sequence[Entry]:
        if left.project:
            entry = self._projects.report(left.project, self._batch(item))
            return [entry] if entry else []
        if left.filed:
            self._count(item, filed=True)
        if left.unknown:
            return self._leave_unknown(item, left.unknown)
        if item.folder and left.lack:
            as_arrival = replace(item.arrival, path=item.folder, stamp=NO_STAMP)
            return self._pipeline.refuse(as_arrival, left.lack, self._batch(item), for_good=False)
        return ()

    def _leave_unknown(self, item: Item, folder: Path) -> Sequence[Entry]:
        """Report the folder once, instead of each file in it."""
        if folder in self._reported_unknown:
            return ()
        self._reported_unknown.add(folder)
        as_arrival = replace(item.arrival, path=folder, stamp=NO_STAMP)
        return self._pipeline.refuse(as_arrival, why_untouched(folder), self._batch(item), for_good=False)

    def _batch(self, item: Item) -> int:
        if item.batch is not None:
            return item.batch
        key = item.watch.folder, item.arrival.pack
        if key not in self._batches:
            self._batches[key] = self._journal.batches.new(*key, time.time())
        return self._batches[key]


def _item_of(arrival: Arrival, watch: Watch) -> Item:
    """Return the item of a folder or a file that is no sound."""
    return Item(arrival, watch, place_of(arrival))
