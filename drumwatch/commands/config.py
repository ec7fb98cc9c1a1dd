"""`drumwatch config check` and `config show`: is it right, and what holds in the end."""

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
    """Say that the configuration is fine and what it means; every problem at once is a ConfigError."""
    config = read(path)
    for note in config.notes:
        click.echo(f"{path}: note: {note}", err=True)
    watches = "; ".join(described(watch) for watch in config.watches)
    click.echo(
        f"{path}: fine. "
        + (f"Watches: {watches}" if watches else "It watches nothing, so only `sort` can be used.")
    )


def show(path: Path, *, as_json: bool = False) -> None:
    """Print what holds in the end: defaults filled in, folders whole, each watch complete."""
    config = read(path)
    click.echo(json.dumps(as_plain(config), ensure_ascii=False) if as_json else as_toml(config), nl=as_json)


def reload(path: Path) -> None:
    """Tell the daemon to read its configuration again; a bad one is a ConfigError, and the daemon is left alone."""
    read(path)
    pid = Lock(app_paths.lock_file()).holder()
    if not pid:
        raise NotRunning("drumwatch is not running: it reads the configuration when it starts.")
    os.kill(pid, signal.SIGHUP)
    click.echo(f"drumwatch (process {pid}) reads its configuration again.")


class NotRunning(DrumwatchError):  # noqa: N818
    """There is nobody to tell."""


def described(watch: Watch) -> str:
    """A watch in a few words: "/home/ada/Downloads (move to /home/ada/Music/Drum Library)"."""
    return f"{watch.folder} ({watch.action}{f' to {watch.library}' if watch.action in FILING else ''})"
