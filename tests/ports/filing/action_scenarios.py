"""One action on one kind of disk, to be repeated while the power or the disk fails."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folder_trees import CONVERTED, a_wav, all_files, make_files, read_files
from live_folders import item, keywords, live_file

from drumwatch.filing.folder_info import FILE, FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folder_trees import ActionRunner

SOUND = a_wav()
BEFORE = {"kick.wav": SOUND, "kick.wav.asd": b"warp", "snare.wav": b"crack"}
TAKEN = {"kick": {"kick.wav": b"old"}}
LIVE_BEFORE = {
    FOLDER: {FILE: live_file(item("kick.wav", ["Drums|Kick"], colors=["1"]), item("snare.wav", ["Mine|2"]))}
}
LIVE_TAKEN = {"kick": {**TAKEN["kick"], FOLDER: {FILE: live_file(item("kick.wav", ["Mine|3"]))}}}
PLACE = Path("kick/Pack/kick.wav")


@dataclass(frozen=True)
class Variant:
    """One kind of action on one kind of disk."""

    kind: Any
    place: Path | None = PLACE
    across: bool = False
    without: tuple[str, ...] = ()  # calls that the file system does not know
    large_patch: bool = False  # the patch of a tag does not fit into the journal
    live: bool = False  # Ableton Live keeps tags for the sound

    def __str__(self) -> str:
        parts = [
            self.kind,
            "with a long way back" if self.large_patch else "",
            "across" if self.across else "",
            "with tags of Live" if self.live else "",
            "numbered" if self.place == Path("kick/kick.wav") else "",
        ]
        return " ".join(part for part in (*parts, *(f"no {call}" for call in self.without)) if part)


NO_RENAME, NO_LINK = ("rename_noreplace",), ("rename_noreplace", "link")
NUMBERED = Path("kick/kick.wav")
VARIANTS = [
    Variant("move"),
    Variant("move", place=NUMBERED),
    Variant("move", live=True),
    Variant("move", without=NO_RENAME),
    Variant("move", without=NO_LINK),
    Variant("move", across=True),
    Variant("move", across=True, without=NO_RENAME),
    Variant("move", across=True, without=NO_LINK),
    Variant("copy"),
    Variant("copy", across=True, without=NO_LINK),
    Variant("convert"),
    Variant("convert", across=True, without=NO_LINK),
    Variant("hardlink"),
    Variant("symlink"),
    Variant("tag", place=None),
    Variant("tag", place=None, large_patch=True),
    Variant("tag", place=None, without=("exchange",)),
    Variant("tag", place=None, without=("exchange", *NO_RENAME)),
    Variant("tag", place=None, without=("exchange", *NO_LINK)),
]


class Scenario:
    """A watched folder and a library, made anew for each crash."""

    def __init__(self, root: Path, other: Path, runner: ActionRunner, way: Variant) -> None:
        root.mkdir()
        self.way, self.runner = way, runner
        self.watch = root / "in"
        self.library = (other if way.across else root) / f"Library {root.name}"
        self.before = {**BEFORE, **(LIVE_BEFORE if way.live else {})}
        self.taken = LIVE_TAKEN if way.live else TAKEN
        make_files(self.watch, self.before)
        make_files(self.library, self.taken)
        runner.library, runner.backups = self.library, root / "backups"

    def act(self) -> None:
        self.runner.plan(self.way.kind, self.watch / "kick.wav", self.way.place)
        self.runner.act(leave_link=self.way.kind == "move")

    def act_to_the_end(self) -> None:
        """As the daemon does after recovery: what failed is tried again."""
        if self.runner.entry.state == "failed":
            self.act()

    def check_safe(self) -> None:
        """One whole copy at least, whatever happened."""
        files = [*all_files(self.watch), *all_files(self.library)]
        contents = [path.read_bytes() for path in files]
        whole = [content for content in contents if content == SOUND or b"INFOIGNRkick" in content]
        assert whole, f"the sound is gone: {files}"
        assert {b"old", b"crack", b"warp"} <= set(contents)
        if self.way.live:
            tags = b"".join(content for content in contents if b"xmpmeta" in content)
            assert all(word in tags for word in (b"Drums|Kick", b"Mine|2", b"Mine|3"))

    def check_tidy(self) -> None:
        names = [path.name for path in (*all_files(self.watch), *all_files(self.library))]
        assert [name for name in names if name.startswith((".drumwatch-", ".aside"))] == []

    def check_original(self) -> None:
        assert read_files(self.watch) == self.before
        assert read_files(self.library) == self.taken
        assert not self.runner.backups.exists() or not list(self.runner.backups.iterdir())

    def check_where_the_journal_says(self) -> None:
        entry = self.runner.entry
        if entry.state == "failed":
            self.check_original()
            return
        assert entry.state == "done"
        assert entry.destination
        if self.way.kind == "move":
            assert sorted(set(os.listdir(self.watch)) - {FOLDER}) == ["kick.wav", "snare.wav"]
            assert (self.watch / "kick.wav").readlink() == entry.destination
        made = CONVERTED if self.way.kind == "convert" else SOUND
        assert entry.destination.read_bytes() == made or self.way.kind == "tag"
        if self.way.live:
            assert keywords(entry.destination.parent, entry.destination.name) == ("Drums|Kick",)
            assert keywords(self.watch, "kick.wav") == ()
            assert keywords(self.watch, "snare.wav") == ("Mine|2",)
        if self.way.kind in {"move", "copy"}:
            assert entry.destination.with_name(entry.destination.name + ".asd").read_bytes() == b"warp"


def unknown_call(*_: Any) -> None:
    raise OSError(errno.EINVAL, "not on this file system")


def new_scenarios(tmp_path: Path, other_disk: Path, runner: ActionRunner, way: Variant) -> Iterator[Scenario]:
    number = 0
    while True:
        number += 1
        yield Scenario(tmp_path / str(number), other_disk, runner, way)
