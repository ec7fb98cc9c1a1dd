"""Move files to the user's trash, from which they can be restored by hand.

The trash of Linux is a folder like others. On macOS no program may look into it without a permission of its own, so the system is
asked to move a file there; it knows the trash of each disk, and from where a file came ("Put Back").
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

TIMEOUT = 30.0  # seconds for the system to move a file into its trash
TRASH_SCRIPT = """
ObjC.import("Foundation");
function run(argv) {
  const moved = Ref(), url = $.NSURL.fileURLWithPath(argv[0]);
  const done = $.NSFileManager.defaultManager.trashItemAtURLResultingItemURLError(url, moved, null);
  return done ? ObjC.unwrap(moved[0].path) : "";
}
"""


def trash_folder() -> Path:
    """Return the folder of trashed files, made if necessary."""
    return _macos_trash() if is_kept_by_system() else _freedesktop_trash()


def is_kept_by_system() -> bool:
    """Return whether only the system may put files into the trash (macOS)."""
    system: str = sys.platform
    return system == "darwin"


def is_in_system_trash(path: Path | None) -> bool:
    """Return whether this is the path of a file in the trash of macOS, or of a disk of its own (`.Trashes`), or of that trash itself."""
    if path is None or not is_kept_by_system():
        return False
    return path.is_relative_to(_macos_trash()) or ".Trashes" in path.parts


def ask_system_to_trash(path: Path) -> Path | None:
    """Have the system move a file to the trash; return where it says that it is now, or None if it says nothing."""
    command = ["osascript", "-l", "JavaScript", "-e", TRASH_SCRIPT, os.fspath(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    answer = os.fsdecode(done.stdout.removesuffix(b"\n"))
    return Path(answer) if os.path.isabs(answer) else None


def _macos_trash() -> Path:
    return Path.home() / ".Trash"


def _freedesktop_trash() -> Path:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    for name in ("files", "info"):
        os.makedirs(data / "Trash" / name, mode=0o700, exist_ok=True)
    return data / "Trash" / "files"


def note_trashed(path: Path, original: Path) -> None:
    """Write the file by which file managers know the original path (freedesktop.org's trash specification)."""
    if is_kept_by_system() or path.parent.name != "files":
        return
    now = dt.datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    note = f"[Trash Info]\nPath={quote(os.fsencode(original))}\nDeletionDate={now}\n"
    with contextlib.suppress(OSError):
        (path.parent.parent / "info" / f"{path.name}.trashinfo").write_text(note, encoding="ascii")
