"""Use the user's model and corrections in the pipeline, in the same way for the daemon, `sort` and `why`."""

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
    pipeline: Pipeline, journal: Journal, config: Config, model: StoredModel, named_sounds: NamedSounds | None
) -> list[Drift]:
    """Use this model in the pipeline, with a higher risk for labels that were corrected often, and with near copies of named sounds.

    Returns the labels and packs with too many corrections. Without `named_sounds`, as for workers on other machines, near copies are not
    recognized.
    """
    risk, found = watched_risk(journal, config, model)
    pipeline.use_model(model, risk)
    pipeline.named_sounds = named_sounds.file() if named_sounds else None
    return found
