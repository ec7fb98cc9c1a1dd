"""Makes `state-<commit>/`: the state folder that an earlier version leaves after a varied day. See README.md beside this file.

    python tests/data/make_earlier_state.py CHECKOUT EMPTY_FOLDER OUTPUT

CHECKOUT is a worktree of the earlier commit; its code runs on computed sounds in EMPTY_FOLDER, and what it keeps is written to OUTPUT.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from earlier_version import CONFIG, PLACEHOLDER, contents, write_before

if TYPE_CHECKING:
    from collections.abc import Iterator


class EarlierVersion:
    """The program of CHECKOUT with folders of its own."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.checkout, self.folder = checkout, folder
        self.environment = {
            **os.environ,
            "DRUMWATCH_STATE": str(folder / "state"),
            "DRUMWATCH_CONFIG": str(folder / "config.toml"),
            "HOME": str(folder / "home"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PYTHONPATH": str(checkout),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *arguments: str) -> str:
        """The command's output; the exit code may be any, since some files are meant to fail."""
        print("$ drumwatch", *arguments)
        ran = subprocess.run(
            [sys.executable, "-m", "drumwatch", *arguments],
            env=self.environment,
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        print(ran.stdout, ran.stderr, sep="")
        return ran.stdout

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("log", "--json").splitlines()]

    def undo_of(self, name: str) -> None:
        """Take back the newest entry about a file of this name."""
        ids = [entry["id"] for entry in self.entries() if Path(entry["source"]).name == name]
        self.run("undo", str(max(ids)))


def live_through_a_day(program: EarlierVersion) -> None:
    """Every kind of entry that the earlier version knows."""
    folder = program.folder
    for name in ("intake", "other intake", "home", "state"):
        (folder / name).mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG.format(folder=folder), "utf-8")
    program.run("run", "--once")  # what is there from here on is new
    write_before(folder)
    program.run("run", "--once")
    for action, name in (
        ("copy", "copied"),
        ("hardlink", "linked"),
        ("symlink", "pointed"),
        ("tag", "tagged"),
    ):
        program.run("sort", "--action", action, str(folder / "shelf" / name))
    program.run("correct", str(folder / "library/snare/called a kick.wav"), "kick")
    program.run("correct", str(folder / "library/kick/Ada Kit/BD 02.wav"), "tom")
    program.run("correct", str(folder / "library/hat/hat.wav"), "shaker")
    program.undo_of("hat.wav")
    program.undo_of("taken back.wav")
    program.undo_of("two.wav")
    program.run("train", str(folder / "mine"))


def dumped(database: Path, folder: Path) -> str:
    """The database as SQL, with the version of its tables, and the placeholder for the folder."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        lines = [*connection.iterdump(), f"PRAGMA user_version = {version};", ""]
    return "\n".join(lines).replace(str(folder), PLACEHOLDER)


def files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or path.is_file():
            yield path


def spliced(content: bytes) -> dict[str, Any]:
    """What has to be changed in one of the files of before to get this content."""
    known = contents()
    for name, before in known.items():
        if before == content:
            return {"from": name}
    shared = {name: _first_difference(before, content) for name, before in known.items()}
    name = max(shared, key=shared.__getitem__)
    before, start = known[name], shared[name]
    end = 0
    while end < min(len(before), len(content)) - start and before[-1 - end] == content[-1 - end]:
        end += 1
    middle = content[start : len(content) - end]
    return {
        "from": name,
        "head": base64.b64encode(content[:8]).decode(),  # the length of a RIFF file stands there
        "middle": [start, len(before) - end, base64.b64encode(middle).decode()],
    }


def _first_difference(before: bytes, after: bytes) -> int:
    """Where two files differ at first, behind the length that stands at the beginning of a RIFF file."""
    pairs = zip(before[8:], after[8:], strict=False)
    return next((8 + n for n, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))


def described(folder: Path) -> Iterator[dict[str, Any]]:
    """Each file of the folders that were sorted: where it is, what it is, and by which number its disk knew it."""
    first_by_inode: dict[int, str] = {}
    for top in ("intake", "other intake", "shelf", "mine", "library"):
        for path in files_of(folder / top):
            name, status = path.relative_to(folder).as_posix(), path.lstat()
            if path.is_symlink():
                target = os.readlink(path).replace(str(folder), PLACEHOLDER)
                yield {"path": name, "link": target}
            elif status.st_ino in first_by_inode:
                yield {"path": name, "hard_link": first_by_inode[status.st_ino]}
            else:
                first_by_inode[status.st_ino] = name
                content = path.read_bytes()
                yield {
                    "path": name,
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "mtime_ns": status.st_mtime_ns,
                    "device": str(status.st_dev),
                    "inode": str(status.st_ino),
                    **spliced(content),
                }


def main(checkout: Path, folder: Path, output: Path) -> None:
    program = EarlierVersion(checkout.resolve(), folder.resolve())
    live_through_a_day(program)
    state = program.folder / "state"
    output.mkdir(parents=True, exist_ok=True)
    databases = [path.name for path in sorted(state.glob("*.db"))]
    for database in map(state.joinpath, databases):
        (output / f"{database.stem}.sql").write_text(dumped(database, program.folder), "utf-8")
    for path in files_of(state):
        name = path.relative_to(state)
        if name.parts[0] not in ("log", *databases) and path.stat().st_size:  # an empty file is a lock
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, output / name)
    shutil.copyfile(program.checkout / "config.example.toml", output / "config.example.toml")
    listed = json.dumps(list(described(program.folder)), indent=1)
    (output / "files.json").write_text(listed + "\n", "utf-8")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
