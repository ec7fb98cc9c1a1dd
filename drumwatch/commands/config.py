"""`drumwatch config check`, `show` and `reload`: checks, prints and reloads the configuration."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import click

from drumwatch.config import read
from drumwatch.config.to_toml import as_plain, as_toml
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import FILING
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch


def check(path: Path) -> None:
    """Print what a correct configuration means; raise a ConfigError with every problem otherwise."""
    config = read(path)
    for note in config.notes:
        click.echo(f"{path}: note: {note}", err=True)
    watches = "; ".join(_one_line(watch) for watch in config.watches)
    click.echo(
        f"{path}: fine. "
        + (f"Watches: {watches}" if watches else "It watches nothing, so only `sort` can be used.")
    )


def show(path: Path, *, as_json: bool = False) -> None:
    """Print the complete configuration: defaults filled in, paths absolute, each watch with all its settings."""
    config = read(path)
    click.echo(json.dumps(as_plain(config), ensure_ascii=False) if as_json else as_toml(config), nl=as_json)


def reload(path: Path) -> None:
    """Let the daemon read its configuration again; raise a ConfigError for a bad one, without telling the daemon."""
    read(path)
    pid = Lock(app_paths.lock_file()).holder()
    if not pid:
        raise NotRunningError("drumwatch is not running: it reads the configuration when it starts.")
    os.kill(pid, signal.SIGHUP)
    click.echo(f"drumwatch (process {pid}) reads its configuration again.")


class NotRunningError(DrumwatchError):
    """No daemon is running that could read the configuration."""


def _one_line(watch: Watch) -> str:
    """A watch in one line: "/home/ada/Downloads (move to /home/ada/Music/Drum Library)"."""
    return f"{watch.folder} ({watch.action}{f' to {watch.library}' if watch.action in FILING else ''})"
