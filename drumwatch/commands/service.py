"""`drumwatch service`: at login, by systemd, launchd or the Task Scheduler."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

import click

from drumwatch import config as configuration
from drumwatch import places
from drumwatch.errors import ConfigError
from drumwatch.service import this_system
from drumwatch.words import home_short


def install(*, start: bool) -> None:
    """Write the login item and start it; only write it, and print where, without `start`."""
    if start:
        configuration.require_watches(configuration.read(places.config_file()))
    manager = this_system()
    told = manager.install(start=start)
    if not start:
        click.echo(manager.path)
    _say(told, err=not start)


def uninstall() -> None:
    """Leave no trace but what is the user's."""
    _say(this_system().uninstall())
    for folder in (places.log_folder(), places.cache_folder()):
        shutil.rmtree(folder, ignore_errors=True)
    _say(
        [
            "What stays, because it is yours:",
            f"  configuration  {home_short(places.config_file())}",
            f"  journal        {home_short(places.journal_file())}",
            *_libraries(),
        ]
    )


def _libraries() -> list[str]:
    """Where the sounds are, as long as the configuration can be read."""
    with contextlib.suppress(ConfigError):
        config = configuration.read(places.config_file())
        folders = {config.library, *(watch.library for watch in config.watches)}
        return [f"  library        {home_short(folder)}" for folder in sorted(folders)]
    return ["  and everything in your library."]


def control(verb: str) -> None:
    _say(this_system().control(verb))


def status() -> None:
    click.echo(this_system().status())


def logs(*, follow: bool) -> int:
    """What the system has kept of what it said; returns the tool's exit code."""
    return subprocess.run(this_system().logs(follow=follow), check=False).returncode


def _say(lines: list[str], *, err: bool = False) -> None:
    for line in lines:
        click.echo(line, err=err)
