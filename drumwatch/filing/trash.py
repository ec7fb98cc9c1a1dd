"""Move files to the user's trash, from which they can be restored by hand."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from pathlib import Path
from urllib.parse import quote


def trash_folder() -> Path | None:
    """Return the folder of trashed files, made if necessary; None on Windows, which has no such folder."""
    if sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        return Path.home() / ".Trash"
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    for name in ("files", "info"):
        os.makedirs(data / "Trash" / name, mode=0o700, exist_ok=True)
    return data / "Trash" / "files"


def note_trashed(path: Path, original: Path) -> None:
    """Write the file by which file managers know the original path (freedesktop.org's trash specification)."""
    if path.parent.name != "files":
        return
    now = dt.datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    note = f"[Trash Info]\nPath={quote(os.fsencode(original))}\nDeletionDate={now}\n"
    with contextlib.suppress(OSError):
        (path.parent.parent / "info" / f"{path.name}.trashinfo").write_text(note, encoding="ascii")
