"""`drumwatch pause` and `drumwatch resume`: the user pauses the daemon for a while."""

from __future__ import annotations

import time

import click

from drumwatch.core.formatting import short_time
from drumwatch.system import app_paths, pause_note
from drumwatch.system.file_lock import Lock


def pause(until: float) -> None:
    """Pause the daemon until this time, in seconds since 1970; a daemon that is started meanwhile pauses as well."""
    pause_note.write(app_paths.state_folder(), until)
    when = short_time(until, time.time())
    if Lock(app_paths.lock_file()).holder() is None:
        click.echo(f"drumwatch is not running. If it is started before {when}, it waits until then.")
    else:
        click.echo(f"drumwatch pauses until {when}: what arrives waits. `drumwatch resume` ends the pause.")


def resume() -> None:
    """End the pause."""
    if pause_note.clear(app_paths.state_folder()):
        click.echo("The pause has ended: drumwatch goes on within a few seconds.")
    else:
        click.echo("You have not paused drumwatch. If it waits, `drumwatch status` says why.")
