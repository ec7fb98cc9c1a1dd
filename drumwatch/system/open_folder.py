"""Open a folder in the file manager of the desktop."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 2.0  # seconds; most openers hand the folder on, and end


def open_folder(folder: Path) -> bool:
    """Return whether the desktop has taken the folder; False where there is no desktop. It may take a moment."""
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        return False
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [opener, str(folder)], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError:
        return False
    try:
        return process.wait(PATIENCE) == 0
    except (
        subprocess.TimeoutExpired
    ):  # the opener is the file manager itself, and ends when the user closes it
        threading.Thread(target=process.wait, daemon=True).start()
        return True
