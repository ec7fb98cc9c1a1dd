"""Shows a file in its folder, in the file manager of this machine's desktop. Commands are argument vectors, never shell text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# The freedesktop interface of file managers (Files, Dolphin, Nemo, Thunar…): the only way to open a folder with a file chosen in it.
SHOW_ITEMS = (
    *("gdbus", "call", "--session", "--timeout", "10", "--dest", "org.freedesktop.FileManager1"),
    *("--object-path", "/org/freedesktop/FileManager1", "--method", "org.freedesktop.FileManager1.ShowItems"),
)
SECONDS = 15.0  # to wait for a command; an opener that runs on is the file manager itself


class FileManagerError(DrumwatchError):
    """The file is gone, or nothing on this machine can show it; the message says which."""


def commands_for(
    path: Path, platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> list[list[str]]:
    """Return the commands that show a file in its folder, in the order in which they are tried."""
    if platform == "darwin":
        return [["open", "-R", str(path)]]
    # A file URI is percent-encoded, so that nothing in a name can end the quotes of the GVariant text
    commands = [[*SHOW_ITEMS, f"['{path.absolute().as_uri()}']", "''"]]
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        commands.append(["xdg-open", str(path.parent)])  # without a desktop, it would start a text browser
    return commands


def show_in_folder(path: Path) -> None:
    """Show this file in its folder; raises FileManagerError with a sentence if that cannot be done."""
    if not os.path.lexists(path):
        raise FileManagerError(f"{printable(path)} is not there any more: it was moved or deleted.")
    if not path.parent.is_dir() or not any(map(_succeeds, commands_for(path))):
        raise FileManagerError(
            f"No file manager of this machine could show it. Press c to copy its path, which is {printable(path)}"
        )


def _succeeds(command: Sequence[str]) -> bool:
    """Run a command that outlives the review and cannot read its terminal; return whether it did what it was asked."""
    if shutil.which(command[0]) is None:
        return False
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError:
        return False
    try:
        return process.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
