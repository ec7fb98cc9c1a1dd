"""What the user has taught, put to use in the pipeline, the same way for the daemon, `sort` and `why`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.learning.drift import watched_risk

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.learning.drift import Drift
    from drumwatch.learning.named_sounds import NamedSounds
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.model_store import StoredModel


def apply_user_model(
    pipeline: Pipeline, journal: Journal, config: Config, model: StoredModel, copies: NamedSounds | None
) -> list[Drift]:
    """From now on this model judges, with the caution that corrections ask for, and near copies of named sounds are known.

    Returns where more caution was found needed. Without `copies`, as for workers on other machines, only these very sounds are known.
    """
    risk, found = watched_risk(journal, config, model)
    pipeline.use_model(model, risk)
    pipeline.named_sounds = copies.file() if copies else None
    return found
