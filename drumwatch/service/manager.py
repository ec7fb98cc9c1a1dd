"""What every service manager can do for us, and how we ask it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from drumwatch.core.errors import DrumwatchError
from drumwatch.system import app_paths

HERE = Path(__file__).parent
SETTINGS = ("DRUMWATCH_CONFIG", "DRUMWATCH_STATE")


class ServiceTrouble(DrumwatchError):  # noqa: N818
    """The system's own tool refused; what it said is in the text."""


class Manager(Protocol):
    """Installs, removes and asks about the login item. Every method says in words what it did."""

    path: Path  # the file that makes us start

    def install(self, *, start: bool) -> list[str]: ...

    def uninstall(self) -> list[str]: ...

    def control(self, verb: str) -> list[str]: ...

    def status(self) -> str: ...

    def settings(self) -> dict[str, str]:
        """The environment of what is installed: which set-up it uses."""
        ...

    def log_command(self, *, follow: bool) -> list[str] | None:
        """What prints the system's own record of what we said; None where it keeps none."""
        ...


def run_command() -> list[str]:
    """Return the command that starts this installation: with absolute paths, and without imports from the current folder."""
    return [sys.executable, "-P", "-m", "drumwatch", "run"]


def environment() -> dict[str, str]:
    """The set-up that was in force when the service was installed."""
    return {
        name: str(Path(os.environ[name]).expanduser().absolute()) for name in SETTINGS if os.environ.get(name)
    }


def write_if_changed(path: Path, text: str) -> bool:
    """False where the file says so already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    app_paths.write_atomically(path, text.encode())
    return True


def ask(*command: str, may_fail: bool = False) -> str:
    """What a tool of the system prints; ServiceTrouble with its own words where it fails."""
    if shutil.which(command[0]) is None:
        raise ServiceTrouble(
            f"{command[0]} is not on this system, so the service cannot be started from here."
        )
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode and not may_fail:
        said = (result.stderr or result.stdout).strip()
        raise ServiceTrouble(f"{' '.join(command)} failed: {said}")
    return (result.stdout + result.stderr).strip()
