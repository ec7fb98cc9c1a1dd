"""What a look at a folder tree found: somebody's work, and sounds that a song or instrument needs. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ProjectKind = Literal["song", "instrument", "code", "program", "video", "backup", "asked"]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder tree that is one thing and stays as it is."""

    root: Path
    kind: ProjectKind
    name: str  # what a person calls it: "an Ableton Live project", "a git checkout"
    marker: Path  # the file or folder that shows it

    def describe(self) -> str:
        """A sentence without its end: "Song Project is an Ableton Live project (Ableton Project Info)"."""
        shown = self.marker.name if self.marker != self.root and self.marker.name not in self.name else ""
        return f"{self.root.name} is {self.name}" + (f" ({shown})" if shown else "")


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in one folder tree.

    `projects` do not overlap and are sorted by path. `needed` has, for each sound outside of all projects that a
    document refers to, that document. `kept_whole` has, for each unit that is a sample pack with instruments as a
    minority, the document that shows it.
    """

    root: Path
    projects: tuple[Project, ...] = ()
    needed: Mapping[Path, Path] = field(default_factory=dict)
    kept_whole: Mapping[Path, Path] = field(default_factory=dict)
    complete: bool = (
        True  # False: the tree was too large to be looked through, and nothing in it may be touched
    )

    def project_of(self, path: Path) -> Project | None:
        """The project that this file or folder is part of."""
        return next((one for one in self.projects if path.is_relative_to(one.root)), None)
