"""One action on one kind of disk, to be done again and again while power or disk fail."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folder_trees import a_wav, all_files, make_files, read_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folder_trees import Desk

SOUND = a_wav()
BEFORE = {"kick.wav": SOUND, "kick.wav.asd": b"warp", "snare.wav": b"crack"}
TAKEN = {"kick": {"kick.wav": b"old"}}
PLACE = Path("kick/Pack/kick.wav")


@dataclass(frozen=True)
class Way:
    """One kind of action on one kind of disk."""

    kind: Any
    place: Path | None = PLACE
    across: bool = False
    without: tuple[str, ...] = ()  # calls that the file system does not know
    long_way_back: bool = False  # the patch of a tag does not fit into the journal

    def __str__(self) -> str:
        parts = [
            self.kind,
            "with a long way back" if self.long_way_back else "",
            "across" if self.across else "",
            "numbered" if self.place == Path("kick/kick.wav") else "",
        ]
        return " ".join(part for part in (*parts, *(f"no {call}" for call in self.without)) if part)


NO_RENAME, NO_LINK = ("rename_noreplace",), ("rename_noreplace", "link")
NUMBERED = Path("kick/kick.wav")
WAYS = [
    Way("move"),
    Way("move", place=NUMBERED),
    Way("move", without=NO_RENAME),
    Way("move", without=NO_LINK),
    Way("move", across=True),
    Way("move", across=True, without=NO_RENAME),
    Way("move", across=True, without=NO_LINK),
    Way("copy"),
    Way("copy", across=True, without=NO_LINK),
    Way("hardlink"),
    Way("symlink"),
    Way("tag", place=None),
    Way("tag", place=None, long_way_back=True),
]


class Scene:
    """A watched folder and a library, made anew for each crash."""

    def __init__(self, root: Path, other: Path, desk: Desk, way: Way) -> None:
        root.mkdir()
        self.way, self.desk = way, desk
        self.watch = root / "in"
        self.library = (other if way.across else root) / f"Library {root.name}"
        make_files(self.watch, BEFORE)
        make_files(self.library, TAKEN)
        desk.library, desk.backups = self.library, root / "backups"

    def act(self) -> None:
        self.desk.plan(self.way.kind, self.watch / "kick.wav", self.way.place)
        self.desk.act(leave_link=self.way.kind == "move")

    def act_to_the_end(self) -> None:
        """As the daemon does after recovery: what failed is tried again."""
        if self.desk.entry.state == "failed":
            self.act()

    def check_safe(self) -> None:
        """One whole copy at least, whatever happened."""
        files = [*all_files(self.watch), *all_files(self.library)]
        contents = [path.read_bytes() for path in files]
        whole = [content for content in contents if content == SOUND or b"INFOIGNRkick" in content]
        assert whole, f"the sound is gone: {files}"
        assert {b"old", b"crack", b"warp"} <= set(contents)

    def check_tidy(self) -> None:
        names = [path.name for path in (*all_files(self.watch), *all_files(self.library))]
        assert [name for name in names if name.endswith(".tmp")] == []

    def check_original(self) -> None:
        assert read_files(self.watch) == BEFORE
        assert read_files(self.library) == TAKEN
        assert not self.desk.backups.exists() or not list(self.desk.backups.iterdir())

    def check_where_the_journal_says(self) -> None:
        entry = self.desk.entry
        if entry.state == "failed":
            self.check_original()
            return
        assert entry.state == "done"
        assert entry.destination
        if self.way.kind == "move":
            assert sorted(os.listdir(self.watch)) == ["kick.wav", "snare.wav"]
            assert (self.watch / "kick.wav").readlink() == entry.destination
        assert entry.destination.read_bytes() == SOUND or self.way.kind == "tag"
        if self.way.kind in {"move", "copy"}:
            assert entry.destination.with_name(entry.destination.name + ".asd").read_bytes() == b"warp"


def unknown_call(*_: Any) -> None:
    raise OSError(errno.EINVAL, "not on this file system")


def new_scenes(tmp_path: Path, other_disk: Path, desk: Desk, way: Way) -> Iterator[Scene]:
    number = 0
    while True:
        number += 1
        yield Scene(tmp_path / str(number), other_disk, desk, way)
