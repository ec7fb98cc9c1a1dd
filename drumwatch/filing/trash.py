"""The user's own trash, from which everything can be taken back by hand too."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from pathlib import Path
from urllib.parse import quote


def trash_folder() -> Path:
    """Where files in the trash lie, made if need be."""
    return Path.home() / ".Trash" if sys.platform == "darwin" else _freedesktop_trash()


def _freedesktop_trash() -> Path:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    for name in ("files", "info"):
        os.makedirs(data / "Trash" / name, mode=0o700, exist_ok=True)
    return data / "Trash" / "files"


def note_trashed(path: Path, original: Path) -> None:
    """The note by which file managers know where it came from (freedesktop.org's trash specification)."""
    if path.parent.name != "files":
        return
    now = dt.datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    note = f"[Trash Info]\nPath={quote(os.fsencode(original))}\nDeletionDate={now}\n"
    with contextlib.suppress(OSError):
        (path.parent.parent / "info" / f"{path.name}.trashinfo").write_text(note, encoding="ascii")
