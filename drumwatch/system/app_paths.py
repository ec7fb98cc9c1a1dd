"""The paths of drumwatch's own files. `DRUMWATCH_STATE` sets another state folder, for a second installation."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from drumwatch.system.state_errors import translated

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "drumwatch"
_UNFINISHED = re.compile(r"\..+\.(?P<pid>[0-9]{1,10})")  # the names that `write_atomically` gives


def config_file(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the path of the configuration: the given one, else DRUMWATCH_CONFIG, else the file in the user's config folder."""
    if given:
        return Path(given).expanduser().absolute()
    if named := os.environ.get("DRUMWATCH_CONFIG"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_config_path(APP, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Return the folder of journal, queue and lock; it is created if it is missing, readable by the user only."""
    return _made(state_path())


def state_path() -> Path:
    """Return the path of that folder, without creating it."""
    if named := os.environ.get("DRUMWATCH_STATE"):
        return Path(named).expanduser().absolute()
    return platformdirs.user_state_path(APP, appauthor=False)


def own_folders() -> tuple[Path, ...]:
    """Return the folders of state, cache and default configuration, existing or not; creates nothing and never raises."""
    own = (
        state_path,
        cache_path,
        lambda: platformdirs.user_config_path(APP, appauthor=False),
    )
    return tuple(folder for folder in map(_or_none, own) if folder)


def _or_none(where: Callable[[], Path]) -> Path | None:
    try:
        return where()
    except (OSError, RuntimeError, ValueError):  # no home folder, no current folder
        return None


def journal_file() -> Path:
    """Return the path of the journal."""
    return state_folder() / "journal.db"


def analysis_cache_file() -> Path:
    """Return the path of the analysis cache, which may be deleted."""
    return state_folder() / "heard.db"


def named_sounds_file() -> Path:
    """Return the path of the file of confirmed sounds for the workers, which is rewritten when needed."""
    return state_folder() / "said.json"


def lock_file() -> Path:
    """Return the path of the daemon's lock."""
    return state_folder() / "daemon.lock"


def log_folder() -> Path:
    """Return the folder of the log; it is created if it is missing."""
    return _made(state_folder() / "log")


def cache_folder() -> Path:
    """Return the folder for data that may be deleted: plots and the map of the review page; it is created if it is missing."""
    return _made(cache_path())


def cache_path() -> Path:
    """Return the path of that folder, without creating it."""
    return platformdirs.user_cache_path(APP, appauthor=False)


def runtime_folder() -> Path:
    """Return the folder for what matters only while a process runs; it is not in the state folder, and may not exist."""
    import tempfile  # noqa: PLC0415  the daemon needs it only in an outage, if at all

    user = os.geteuid()
    places = (f"/run/user/{user}", os.environ.get("XDG_RUNTIME_DIR", ""))
    place = next((place for place in places if place and os.path.isdir(place)), "")
    return Path(place) / APP if place else Path(tempfile.gettempdir()) / f"{APP}-{user}"


def _made(folder: Path) -> Path:
    with translated(folder, "drumwatch's folder"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def remove_unfinished(folder: Path) -> None:
    """Remove what processes that were killed left of `write_atomically` in this folder; never raises."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            written = _UNFINISHED.fullmatch(name)
            if written and _has_ended(int(written["pid"])):
                with contextlib.suppress(OSError):
                    os.unlink(folder / name)


def _has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:  # it belongs to another user
        return False
    return False


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that readers see either the old or the complete new content; raises StateUnavailable if it cannot."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with translated(path):
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
