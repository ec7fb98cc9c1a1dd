"""`drumwatch service`: starts drumwatch at login by systemd or launchd."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import click

from drumwatch import config as configuration
from drumwatch.core.errors import ConfigError
from drumwatch.core.formatting import count_of, home_short
from drumwatch.intake.arrivals import Arrivals
from drumwatch.journal import Journal
from drumwatch.service import this_system
from drumwatch.service.manager import SETTINGS
from drumwatch.system import app_paths, json_log
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from drumwatch.config import Config
    from drumwatch.service.manager import Manager


def install(*, start: bool) -> None:
    """Install the service and start it; without `start`, only write the file and print its path."""
    if start:
        config = configuration.read(app_paths.config_file())
        configuration.require_watches(config)
        _print(_take_baselines(config))
    manager = this_system()
    lines = manager.install(start=start)
    if not start:
        click.echo(manager.path)
    _print(lines, err=not start)


def _take_baselines(config: Config) -> list[str]:
    """Record what is in the watched folders as old, before the service starts; return what that found, for the user.

    The terminal may read what macOS lets the service read only with a permission that comes later.
    """
    with Journal(app_paths.journal_file()) as journal:
        counts = Arrivals(config, journal).take_baselines(time.time())
        unread = [
            watch.folder
            for watch in config.watches
            if os.path.isdir(watch.folder) and journal.seen.watched_since(watch.folder) is None
        ]
    return [
        *(f"{home_short(folder)}: {_are_old(count)}" for folder, count in counts.items() if count),
        *(
            f"{home_short(folder)} cannot be read: what is in it is left alone, also when it can be read."
            for folder in unread
        ),
    ]


def _are_old(count: int) -> str:
    if count == 1:
        return "1 sound is there already and is left alone."
    return f"{count_of(count, 'sound')} are there already and are left alone."


def uninstall() -> None:
    """Remove the service, the logs and the caches; library, configuration and journal stay."""
    manager = this_system()
    _use_settings_of(manager)
    _print(manager.uninstall())
    if Lock(app_paths.lock_file()).holder() is None:  # otherwise a daemon that was started by hand goes on
        for path in (
            app_paths.lock_file(),
            *app_paths.state_folder().glob(f"{app_paths.analysis_cache_file().name}*"),
        ):
            path.unlink(missing_ok=True)
        for folder in (app_paths.log_folder(), app_paths.cache_folder()):
            shutil.rmtree(folder, ignore_errors=True)
    _print(
        [
            "What is kept, because it is yours:",
            f"  configuration  {home_short(app_paths.config_file())}",
            f"  journal        {home_short(app_paths.journal_file())}",
            *_libraries(),
        ]
    )


def _use_settings_of(manager: Manager) -> None:
    """Use the settings of the installed service from here on, whatever this shell has set."""
    if manager.path.exists():
        for name in SETTINGS:
            os.environ.pop(name, None)
        os.environ.update(manager.settings())


def _libraries() -> list[str]:
    """The lines with the library folders, if the configuration can be read."""
    with contextlib.suppress(ConfigError):
        config = configuration.read(app_paths.config_file())
        folders = {config.library, *(watch.library for watch in config.watches)}
        return [f"  library        {home_short(folder)}" for folder in sorted(folders)]
    return ["  and everything in your library."]


def control(verb: str) -> None:
    """Start, stop, restart or reload the service."""
    _print(this_system().control(verb))


def status() -> None:
    """Print what the system knows about the service."""
    click.echo(this_system().status())


def logs(*, follow: bool) -> int:
    """Print the service's log, from the system or else from drumwatch's own files; returns the exit code."""
    manager = this_system()
    if command := manager.log_command(follow=follow):
        return subprocess.run(command, check=False).returncode
    _use_settings_of(manager)
    folder = app_paths.log_folder()
    for line in json_log.follow(folder) if follow else json_log.read(folder):
        click.echo(line)
    return 0


def _print(lines: list[str], *, err: bool = False) -> None:
    for line in lines:
        click.echo(line, err=err)
