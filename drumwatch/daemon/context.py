"""Who works together in the daemon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.intake.arrivals import Arrivals
    from drumwatch.intake.watch import Watcher
    from drumwatch.journal import Journal
    from drumwatch.packs import Packs
    from drumwatch.packs.projects import Projects
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.pool import LocalWorkers


@dataclass(slots=True)
class Context:
    """All that is started once and shared by the rooms. On a reload `config` and `arrivals` are replaced."""

    config: Config
    journal: Journal
    workers: LocalWorkers
    tagging: LocalWorkers
    pipeline: Pipeline
    packs: Packs
    projects: Projects
    watcher: Watcher
    arrivals: Arrivals
    recall: AnalysisCache
    retrain_workers: LocalWorkers  # for lessons
    dry_run: bool = False
