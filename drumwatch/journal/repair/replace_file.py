"""Puts a new journal in the place of a damaged one, which is kept beside it. A kill between two steps costs neither."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.system import power_safe

if TYPE_CHECKING:
    from drumwatch.journal.repair.pages import Image

BESIDE = ("-wal", "-shm")  # SQLite's files beside a database: its log, and an index of that
TEMPORARY = ".journal-repair-"


def kept_name(journal: Path, now: float) -> Path:
    """Return the name under which a damaged journal is kept, which is free."""
    when = dt.datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d %H.%M.%S")
    number = 1
    while True:
        more = "" if number == 1 else f" {number}"
        path = journal.with_name(f"{journal.stem} damaged {when}{more}{journal.suffix}")
        if not any(os.path.lexists(f"{path}{suffix}") for suffix in ("", *BESIDE)):
            return path
        number += 1


def temporary_name(journal: Path, what: str) -> Path:
    """Return the path of a file that exists only while the journal is repaired."""
    return journal.with_name(f"{TEMPORARY}{what}")


def remove_temporary_files(journal: Path) -> None:
    """Remove what a repair that was killed has left."""
    for path in journal.parent.glob(f"{TEMPORARY}*"):
        path.unlink()


def replace(journal: Path, new: Path, image: Image | None, now: float) -> Path | None:
    """Put the new file in the place of the journal and return where the old one is kept; None if there was none.

    A log that lay beside another database would be read as a part of it. So, where there is a log, its content goes into the
    damaged file before the log is removed: whatever step is the last one, all of the old journal or the new one is in place.
    """
    kept = kept_name(journal, now)
    if journal.is_dir():
        os.rename(journal, kept)
        _clear_beside(journal, kept)
        os.replace(new, journal)
        _sync_folder(journal)
        return kept
    there = os.path.lexists(journal)
    if there:
        _keep(journal, kept)
    for suffix in BESIDE:
        if os.path.isfile(f"{journal}{suffix}"):
            _keep(Path(f"{journal}{suffix}"), Path(f"{kept}{suffix}"))
    _sync_folder(journal)
    if there and image is not None and os.path.exists(f"{journal}{BESIDE[0]}"):
        _write_whole_image(journal, image)
    _clear_beside(journal, kept)
    os.replace(new, journal)
    _sync_folder(journal)
    return kept if there else None


def _keep(path: Path, kept: Path) -> None:
    """Give the file a second name, or make a copy of it where the disk has no hard links."""
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
        with kept.open("rb") as file:
            power_safe.sync(file.fileno())


def _write_whole_image(journal: Path, image: Image) -> None:
    whole = temporary_name(journal, "image")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "wb") as file:
        file.writelines(image.all_bytes())
        file.flush()
        power_safe.sync(file.fileno())
    os.replace(whole, journal)
    _sync_folder(journal)


def _clear_beside(journal: Path, kept: Path) -> None:
    """Remove log and index, which have their second names; what is no file is moved."""
    for suffix in BESIDE:
        path = Path(f"{journal}{suffix}")
        if os.path.lexists(path) and not os.path.lexists(f"{kept}{suffix}"):
            os.rename(path, f"{kept}{suffix}")
        else:
            path.unlink(missing_ok=True)
    _sync_folder(journal)


def _sync_folder(path: Path) -> None:
    handle = os.open(path.parent, os.O_RDONLY)
    with contextlib.suppress(OSError):  # some file systems cannot
        power_safe.sync(handle)
    os.close(handle)
