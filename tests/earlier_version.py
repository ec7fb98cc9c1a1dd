"""The stored state folder of an earlier version, and the sounds that it knows, computed anew. See data/README.md."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import io
import json
import os
import shutil
import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any

import exact_sounds

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "@FOLDER@"  # stands for the folder in which all of it was
NO_STATE = ("files.json", "config.example.toml")  # stored beside the state, but no part of it
TABLES = ("entry", "seen")  # of the journal, that know files by their number on the disk
ZIP_DATE = (2026, 11, 1, 12, 0, 0)
README = b"Thank you for listening.\n"

# Every sound by its path, and the function and number that compute it.
SOUNDS: dict[str, tuple[str, int]] = {
    "intake/kick.wav": ("kick", 0),
    "intake/again/kick.wav": ("kick", 1),
    "intake/snare.wav": ("snare", 0),
    "intake/hat.wav": ("hat", 0),
    "intake/called a kick.wav": ("snare", 1),
    "intake/taken back.wav": ("kick", 2),
    "intake/rise.wav": ("blip", 40),
    "intake/Ada Kit/BD 01.wav": ("kick", 3),
    "intake/Ada Kit/BD 02.wav": ("kick", 4),
    "intake/Ada Kit/SD 01.wav": ("snare", 2),
    "intake/Ada Kit/HH 01.wav": ("hat", 1),
    "other intake/boom.wav": ("kick", 5),
    "shelf/copied/one.wav": ("kick", 6),
    "shelf/copied/two.wav": ("hat", 2),
    "shelf/linked/one.wav": ("snare", 3),
    "shelf/pointed/one.wav": ("hat", 3),
    "shelf/tagged/one.wav": ("kick", 7),
    "shelf/tagged/two.wav": ("snare", 4),
    **{f"mine/blips/blip {number}.wav": ("blip", number) for number in range(24)},
}
ZIPPED = {"BD.wav": ("kick", 8), "SD.wav": ("snare", 5), "HH.wav": ("hat", 4)}
OTHERS = {
    "intake/broken.wav": b"RIFF\x10\x00\x00\x00WAVEfmt \x10\x00",
    "intake/Ada Kit/readme.txt": README,
}

CONFIG = """\
library = "{folder}/library"
quiet = 0.2
rescan = 5
min_free = "1 MB"
[[watch]]
folder = "{folder}/intake"

[[watch]]
folder = "{folder}/other intake"
leave_link = true
"""


def computed(name: str, number: int) -> bytes:
    """The bytes of a sound of this module's tables."""
    return exact_sounds.wav(getattr(exact_sounds, name)(number))


def zip_of_sounds() -> bytes:
    """The same bytes each time: nothing in it is compressed, and all has one date."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, (sound, number) in ZIPPED.items():
            archive.writestr(zipfile.ZipInfo(f"Bits/{name}", ZIP_DATE), computed(sound, number))
        archive.writestr(zipfile.ZipInfo("Bits/readme.txt", ZIP_DATE), README)
    return whole.getvalue()


@functools.cache
def files_before() -> dict[str, bytes]:
    """Every file that was there before the earlier version began, by its path."""
    found = {path: computed(*sound) for path, sound in SOUNDS.items()}
    return {**found, **OTHERS, "intake/Bits.zip": zip_of_sounds()}


def contents() -> dict[str, bytes]:
    """The same, and what was in the zip."""
    zipped = {name: computed(*sound) for name, sound in ZIPPED.items()}
    return {**files_before(), **zipped, "readme.txt": README}


def write_before(folder: Path) -> None:
    """The folders as they were before."""
    for path, content in files_before().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def restore(stored: Path, folder: Path) -> None:
    """`folder` is as the earlier version left it: its state, its configuration, every file with its bytes and its time."""
    state = folder / "state"
    shutil.copytree(stored, state, ignore=shutil.ignore_patterns("*.sql", *NO_STATE), dirs_exist_ok=True)
    for dump in stored.glob("*.sql"):
        load(dump.read_text("utf-8").replace(PLACEHOLDER, str(folder)), state / f"{dump.stem}.db")
    (folder / "config.toml").write_text(CONFIG.format(folder=folder), "utf-8")
    files = json.loads((stored / "files.json").read_text("utf-8"))
    for file in files:
        _write(folder, file)
    _renumber(state / "journal.db", folder, [file for file in files if "inode" in file])


def load(sql: str, database: Path) -> None:
    """Make a database of what a dump says."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.executescript(sql)


def _write(folder: Path, file: dict[str, Any]) -> None:
    path = folder / file["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if "link" in file:
        path.symlink_to(file["link"].replace(PLACEHOLDER, str(folder)))
    elif "hard_link" in file:
        path.hardlink_to(folder / file["hard_link"])
    else:
        content = _content(file)
        assert hashlib.sha256(content).hexdigest() == file["sha256"], f"{path} was computed differently"
        path.write_bytes(content)
        os.utime(path, ns=(file["mtime_ns"], file["mtime_ns"]))


def _content(file: dict[str, Any]) -> bytes:
    """One of the files of before, with the change that the earlier version made."""
    before = contents()[file["from"]]
    if "middle" not in file:
        return before
    start, end, middle = file["middle"]
    return base64.b64decode(file["head"]) + before[8:start] + base64.b64decode(middle) + before[end:]


def _renumber(journal: Path, folder: Path, files: list[dict[str, Any]]) -> None:
    """The disk of today has other numbers than the one of then, for itself and for its files."""
    with contextlib.closing(sqlite3.connect(journal)) as connection, connection:
        for file in files:
            status = (folder / file["path"]).stat()
            new, old = (str(status.st_dev), str(status.st_ino)), (file["device"], file["inode"])
            for table in TABLES:
                where = f"UPDATE {table} SET device = ?, inode = 'new' || ? WHERE device = ? AND inode = ?"
                connection.execute(where, (*new, *old))
        for table in TABLES:  # only now: a new number may be the old one of another file
            connection.execute(f"UPDATE {table} SET inode = substr(inode, 4) WHERE inode LIKE 'new%'")
