"""Where drumwatch keeps its own things, and how they get there. `DRUMWATCH_STATE` moves the state for a second set-up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "drumwatch"


def config_file(given: str | os.PathLike[str] | None = None) -> Path:
    """The one configuration: the path given, else DRUMWATCH_CONFIG, else the user's config folder."""
    if given:
        return Path(given).expanduser().absolute()
    if named := os.environ.get("DRUMWATCH_CONFIG"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_config_path(APP, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Journal, queue and lock live here; only the user may look in."""
    folder = _state()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _state() -> Path:
    if named := os.environ.get("DRUMWATCH_STATE"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_state_path(APP, appauthor=False)


def own_folders() -> tuple[Path, ...]:
    """Where state, cache and the usual configuration lie, whether they are there or not: nothing is made and nothing raised."""
    own = (
        _state,
        lambda: platformdirs.user_cache_path(APP, appauthor=False),
        lambda: platformdirs.user_config_path(APP, appauthor=False),
    )
    return tuple(folder for folder in map(_or_none, own) if folder)


def _or_none(where: Callable[[], Path]) -> Path | None:
    try:
        return where()
    except (OSError, RuntimeError, ValueError):  # no home folder, no current folder
        return None


def journal_file() -> Path:
    return state_folder() / "journal.db"


def analysis_cache_file() -> Path:
    """What was heard, by content: may be thrown away."""
    return state_folder() / "heard.db"


def named_sounds_file() -> Path:
    """The sounds that the user has named, for the workers: written anew whenever it is needed."""
    return state_folder() / "said.json"


def lock_file() -> Path:
    return state_folder() / "daemon.lock"


def log_folder() -> Path:
    folder = state_folder() / "log"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def cache_folder() -> Path:
    """What may be thrown away: pictures and the map of the review page."""
    folder = platformdirs.user_cache_path(APP, appauthor=False)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_atomically(path: Path, data: bytes) -> None:
    """The file has its new content whole or not at all, whoever is reading it meanwhile."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_bytes(data)
    half.replace(path)
