"""The composition root: builds the journal, the workers, the pipeline and what else the commands, the daemon and the review share."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from drumwatch.config.holder import ConfigHolder
from drumwatch.intake.projects.survey import SECONDS
from drumwatch.journal import Journal
from drumwatch.learning.apply_user_model import apply_user_model
from drumwatch.learning.corrections import Corrector
from drumwatch.learning.judge_again import JudgeAgain
from drumwatch.learning.named_sounds import NamedSounds
from drumwatch.learning.retrain import retrain_worker
from drumwatch.learning.similar_sounds import SimilarSounds
from drumwatch.packs import Packs
from drumwatch.packs.projects import Projects
from drumwatch.pipeline import KnownNeighbors, Pipeline, recover
from drumwatch.pipeline.root_notes import RootNotes
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.note_finder import NOTE_SECONDS, NoteFinder
from drumwatch.workers.pool import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from drumwatch.config import Config
    from drumwatch.learning.drift import Drift
    from drumwatch.workers.model_store import StoredModel


P = TypeVar("P", bound="Executor")

NOTE_IDLE_SECONDS = (
    20.0  # after which the process that finds root notes ends: it is large, and starts again within seconds
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session differs from the usual one."""

    journal: Journal | None = None  # an open journal, instead of the one in the state folder
    engine: Executor | None = None  # analyzes sounds, instead of the workers of this machine
    worker_limit: int = 0  # the most worker processes; 0: one less than there are cores
    dry_run: bool = False  # the journal is a copy in memory, and no file is touched
    throttled: bool = False  # archives are unpacked slowly, because nobody waits for them
    survey_seconds: float = SECONDS  # the time limit for surveying one folder for projects


DEFAULTS = SessionOptions()


@contextlib.contextmanager
def open_session(
    config: Config | Callable[[], Config], options: SessionOptions = DEFAULTS
) -> Iterator[Session]:
    """Give a session whose parts are built when they are first used; all of them are closed at the end.

    `config` is the configuration, or a function that reads it when a part first needs it.
    """
    with contextlib.ExitStack() as stack:
        yield Session(config, options, stack)


class Session:
    """Holds the parts that work together on one state folder; `open_session` opens one."""

    def __init__(
        self, config: Config | Callable[[], Config], options: SessionOptions, stack: contextlib.ExitStack
    ) -> None:
        self._given_config = config
        self._options = options
        self._stack = stack

    @property
    def dry_run(self) -> bool:
        """Whether no file may be touched."""
        return self._options.dry_run

    # The configuration

    @cached_property
    def _config_holder(self) -> ConfigHolder:
        given = self._given_config
        return ConfigHolder(given() if callable(given) else given)

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._config_holder.current

    def replace_config(self, config: Config) -> None:
        """Put another configuration in force for every part of this session."""
        self._config_holder.current = config

    def recover(self) -> None:
        """Settle what an earlier run, which was ended or could not write to the journal, has left half-done."""
        recover(self.journal, state=app_paths.state_folder())

    # The parts

    @cached_property
    def journal(self) -> Journal:
        """The journal of the state folder; in a dry run a copy of it in memory."""
        if self._options.journal is not None:
            return self._options.journal
        path = app_paths.journal_file()
        return self._stack.enter_context(Journal.copy_in_memory(path) if self.dry_run else Journal(path))

    @cached_property
    def workers(self) -> LocalWorkers:
        """The worker processes that analyze sounds."""
        return self._closed_at_the_end(LocalWorkers(limit=self._options.worker_limit))

    @cached_property
    def tag_workers(self) -> LocalWorkers:
        """The worker process that writes tags, which must not wait behind a thousand sounds to analyze."""
        return self._closed_at_the_end(LocalWorkers(limit=1))

    def abort_tagging(self) -> None:
        """Give up the tag that is being written or proven, which stays as it was planned; any thread may call it."""
        for name in ("tag_workers", "proof_workers"):
            if pool := self.__dict__.get(name):
                pool.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def proof_workers(self) -> LocalWorkers:
        """The worker process that checks tagged copies; it writes nothing, and is not the one that tags."""
        return self._closed_at_the_end(LocalWorkers(limit=1))

    @cached_property
    def retrain_workers(self) -> LocalWorkers:
        """The worker process that trains a model on the user's corrections."""
        return self._closed_at_the_end(retrain_worker())

    @cached_property
    def note_workers(self) -> LocalWorkers:
        """The worker process that finds root notes; it holds librosa, and runs only while notes are asked for."""
        pool = LocalWorkers(limit=1, idle_seconds=NOTE_IDLE_SECONDS, file_seconds=NOTE_SECONDS)
        return self._closed_at_the_end(pool)

    @cached_property
    def analyzers(self) -> NoteFinder:
        """Analyzes sounds, by the given engine or else the workers of this machine, and finds the root notes that are asked for."""
        engine = self._closed_at_the_end(self._options.engine) if self._options.engine else self.workers
        return NoteFinder(engine, self.note_workers)

    @cached_property
    def analysis_cache(self) -> AnalysisCache:
        """The analysis of sounds that were analyzed before, by content."""
        return self._stack.enter_context(AnalysisCache(app_paths.analysis_cache_file()))

    @cached_property
    def pipeline(self) -> Pipeline:
        """The pipeline from a worker's answer to the file in its place."""
        return Pipeline(
            self._config_holder,
            self.journal,
            self.analyzers,
            self.tag_workers,
            self.proof_workers,
            state=app_paths.state_folder(),
            dry_run=self.dry_run,
            model=self._model(),
        )

    @cached_property
    def neighbors(self) -> KnownNeighbors:
        """The sounds that were analyzed before, as neighbors of others."""
        return KnownNeighbors(self.journal, self._config_holder)

    @cached_property
    def projects(self) -> Projects:
        """Tells which files are part of a project."""
        return Projects(self.journal, seconds=self._options.survey_seconds)

    @cached_property
    def packs(self) -> Packs:
        """Unpacks archives and completes packs."""
        packs = Packs(
            self._config_holder,
            self.journal,
            self.pipeline,
            self.projects,
            dry_run=self.dry_run,
            limit_rate=self._options.throttled,
        )
        self._stack.callback(packs.shutdown)
        return packs

    @cached_property
    def corrector(self) -> Corrector:
        """Carries out the user's corrections, by the configuration that is in force when it is first used."""
        return Corrector(self.config, self.journal, self.pipeline)

    @cached_property
    def judge_again(self) -> JudgeAgain:
        """Judges sounds that wait again, when a neighbor has come or was named."""
        return JudgeAgain(self.journal, self.pipeline, self.analyzers, self.analysis_cache, self.neighbors)

    @cached_property
    def similar_sounds(self) -> SimilarSounds:
        """Finds the user's own sounds that resemble one."""
        return SimilarSounds(self.journal, self.analysis_cache)

    @cached_property
    def root_notes(self) -> RootNotes:
        """Finds the root notes of sounds that are filed already."""
        return RootNotes(self._config_holder, self.journal, self.analyzers, self.analysis_cache)

    @cached_property
    def named_sounds(self) -> NamedSounds:
        """Writes the file from which workers recognize near copies of sounds that the user has labelled."""
        return NamedSounds(app_paths.named_sounds_file(), self.journal, self.analysis_cache)

    def apply_user_model(self, model: StoredModel | None = None) -> list[Drift]:
        """Let `model`, or the one in force, judge from now on, and let the corrections take effect.

        Returns the labels for which more caution turned out to be necessary.
        """
        # Other machines have neither the user's models nor the file of labelled sounds
        named = None if self._options.engine else self.named_sounds
        return apply_user_model(self.pipeline, self.journal, self.config, model or self._model(), named)

    def _model(self) -> StoredModel:
        return model_store.shipped() if self._options.engine else model_store.in_force()

    def _closed_at_the_end(self, pool: P) -> P:
        self._stack.callback(pool.shutdown, cancel_futures=True)
        return pool
