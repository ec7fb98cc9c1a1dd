"""The interface of a service manager, and the functions that all implementations share."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from drumwatch.core.errors import DrumwatchError
from drumwatch.system import app_paths

HERE = Path(__file__).parent
SETTINGS = ("DRUMWATCH_CONFIG", "DRUMWATCH_STATE")


class ServiceTrouble(DrumwatchError):  # noqa: N818
    """A tool of the system failed or is missing; the text contains its message."""


class ToolResult(NamedTuple):
    """How a tool of the system ended, and what it printed."""

    code: int
    output: str


class Manager(Protocol):
    """Installs, removes and controls the service."""

    path: Path  # the file that starts drumwatch at login

    def install(self, *, start: bool) -> list[str]:
        """Write the file that starts drumwatch at login, and start drumwatch if `start`; return what was done, for the user."""
        ...

    def uninstall(self) -> list[str]:
        """Stop drumwatch and remove what `install` wrote; return what was done, for the user."""
        ...

    def control(self, verb: str) -> list[str]:
        """Start, stop, restart or reload drumwatch; return what was done, for the user."""
        ...

    def status(self) -> str:
        """Return the status that the service manager prints."""
        ...

    def settings(self) -> dict[str, str]:
        """Return the environment variables in the installed file, which select configuration and state folder."""
        ...

    def log_command(self, *, follow: bool) -> list[str] | None:
        """Return the command that prints the system's own log of drumwatch, or None if there is none."""
        ...


def run_command() -> list[str]:
    """Return the command that starts this installation, with absolute paths and without imports from the current folder."""
    return [sys.executable, "-P", "-m", "drumwatch", "run"]


def environment() -> dict[str, str]:
    """Return the environment variables that let the service use the configuration and the state folder of this shell.

    Both are written out: where they are may depend on variables that a service does not get (XDG_CONFIG_HOME, XDG_STATE_HOME).
    """
    config, state = app_paths.config_file(), app_paths.state_path()
    return {"DRUMWATCH_CONFIG": str(config), "DRUMWATCH_STATE": str(state)}


def write_if_changed(path: Path, text: str) -> bool:
    """Write the file atomically unless it has this content already; return whether it was written."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    app_paths.write_atomically(path, text.encode())
    return True


def ask(*command: str, may_fail: bool = False) -> str:
    """Run a tool of the system and return its output; raises ServiceTrouble if it is missing, or if it fails and not `may_fail`."""
    result = run_tool(*command)
    if result.code and not may_fail:
        raise ServiceTrouble(f"{' '.join(command)} failed: {result.output}")
    return result.output


def run_tool(*command: str) -> ToolResult:
    """Run a tool of the system and return its exit code and what it printed; raises ServiceTrouble if it is missing."""
    if shutil.which(command[0]) is None:
        raise ServiceTrouble(
            f"{command[0]} is not on this system, so the service cannot be started from here."
        )
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        return ToolResult(result.returncode, (result.stderr or result.stdout).strip())
    return ToolResult(0, (result.stdout + result.stderr).strip())
