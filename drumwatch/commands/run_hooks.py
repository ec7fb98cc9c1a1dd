"""Run the user's hooks at the end of a command that has filed or corrected sounds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from drumwatch.hooks.event_queue import EventQueue
from drumwatch.hooks.runner import HookRunner, wanted_events
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock
from drumwatch.system.json_log import keep_off_the_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.config.settings import Hook
    from drumwatch.journal import Journal

LOGGER = "drumwatch.hooks"
log = logging.getLogger(LOGGER)


def begin_events(journal: Journal, hooks: Sequence[Hook]) -> None:
    """Let what the command does be events, if there are hooks; call it before anything is done."""
    if hooks:
        EventQueue(journal).begin()


def run_waiting_hooks(journal: Journal, hooks: Sequence[Hook]) -> None:
    """Run the hooks for all events so far, unless a daemon does that; what they write goes to the log."""
    if not hooks or Lock(app_paths.lock_file()).holder() is not None:
        return
    keep_off_the_terminal(LOGGER, app_paths.log_folder)
    queue, runner, wanted = EventQueue(journal), HookRunner(_tell), wanted_events(hooks)
    told = False
    while True:
        taken = queue.take(wanted, settled=True, fresh=0.0)
        if taken.call is None and taken.again != 0.0:
            return
        if taken.call:
            if not told:
                click.echo("Running the hooks …", err=True)
                told = True
            runner.run(hooks, taken.call)


def _tell(level: int, line: str) -> None:
    log.log(level, "%s", line)
    if level >= logging.WARNING:
        click.echo(line, err=True)
