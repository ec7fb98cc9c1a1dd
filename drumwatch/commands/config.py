"""`drumwatch config check` and `config show`: is it right, and what holds in the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from drumwatch.config import FILING, read
from drumwatch.config.writing import as_plain, as_toml

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


def described(watch: Watch) -> str:
    """A watch in a few words: "/home/ada/Downloads (move to /home/ada/Music/Drum Library)"."""
    return f"{watch.folder} ({watch.action}{f' to {watch.library}' if watch.action in FILING else ''})"
