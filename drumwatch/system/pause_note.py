"""A note in the state folder that the user has paused the daemon, and until when. The daemon reads it before it begins with a sound."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

from drumwatch.core.formatting import short_time
from drumwatch.system import app_paths
from drumwatch.system.state_errors import translated

if TYPE_CHECKING:
    from pathlib import Path

NAME = "paused.json"


def write(state: Path, until: float) -> None:
    """Note that the daemon pauses until this time, in seconds since 1970; raises StateUnavailable if the note cannot be written."""
    app_paths.write_atomically(state / NAME, json.dumps({"until": until}).encode())


def clear(state: Path) -> bool:
    """Remove the note; returns whether it still held. Raises StateUnavailable if it cannot be removed."""
    held = paused_until(state, time.time()) is not None
    with translated(state / NAME):
        (state / NAME).unlink(missing_ok=True)
    return held


def paused_until(state: Path, now: float) -> float | None:
    """Return the end of the pause that holds at this time, or None; a note that is damaged does not hold."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        until = float(json.loads((state / NAME).read_bytes())["until"])
        if until > now:
            return until
    return None


def reason(state: Path, now: float) -> str:
    """Return why the daemon waits, as in "you paused it until 18:00:00", or "" if no pause holds at this time."""
    until = paused_until(state, now)
    return f"you paused it until {short_time(until, now)}" if until else ""
