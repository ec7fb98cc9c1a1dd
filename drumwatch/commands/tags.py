"""`drumwatch tags`: gives the sounds that are in the library already the tags of other programs, or takes them away."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.daemon.pause_conditions import first_running
from drumwatch.pipeline.live_tags import LIVE, LiveTagger, written_sentence
from drumwatch.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.pipeline.live_tags import Outcome


def ableton(config_path: Path, *, write: bool) -> int:
    """Write the tags of all sounds that have none yet, or remove all that are ours; returns the exit code, 1 where some stayed."""
    if program := first_running(LIVE):
        raise DrumwatchError(
            f"{program} is running, and writes the same files: end it first. Nothing was changed."
        )
    with open_session(functools.partial(config_or_defaults, config_path)) as session:
        session.recover()
        tagger = LiveTagger(session.journal)
        if write:
            keys = session.config.ableton.keys
            if keys:
                session.root_notes.find_all(tagger.untagged())
            outcome = tagger.write(tagger.untagged(), session.config.labels, keys=keys)
            outcome.problems += filter(None, [session.analyzers.problem])
            click.echo(written_sentence(outcome))
        else:
            outcome = tagger.remove(tagger.tagged())
            click.echo(_removed_sentence(outcome))
    for problem in outcome.problems:
        click.echo(printable(problem), err=True)
    return EX_SOME_FAILED if outcome.problems else 0


def _removed_sentence(outcome: Outcome) -> str:
    sounds = "1 sound has" if outcome.sounds == 1 else f"{outcome.sounds:,} sounds have"
    return f"{sounds} no tags of drumwatch in Ableton Live any more; those that you gave are kept."
