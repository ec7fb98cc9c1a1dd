"""`drumwatch service`: starts drumwatch at login by systemd or launchd."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import click

from drumwatch import config as configuration
from drumwatch.core.errors import ConfigError
from drumwatch.core.formatting import home_short
from drumwatch.service import this_system
from drumwatch.service.manager import SETTINGS
from drumwatch.system import app_paths, json_log
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from drumwatch.service.manager import Manager


def install(*, start: bool) -> None:
    """Install the service and start it; without `start`, only write the file and print its path."""
    if start:
        configuration.require_watches(configuration.read(app_paths.config_file()))
    manager = this_system()
    lines = manager.install(start=start)
    if not start:
        click.echo(manager.path)
    _print(lines, err=not start)


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
            "What stays, because it is yours:",
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
