"""The result of a survey of a folder tree: projects, and sounds that a song or instrument needs. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ProjectKind = Literal["song", "instrument", "code", "program", "video", "backup", "asked"]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder tree that belongs together and is left as it is."""

    root: Path
    kind: ProjectKind
    name: str  # display name: "an Ableton Live project", "a git checkout"
    marker: Path  # the file or folder that shows it

    def describe(self) -> str:
        """Return a sentence without a full stop: "Song Project is an Ableton Live project (Ableton Project Info)"."""
        marker = self.marker.name if self.marker != self.root and self.marker.name not in self.name else ""
        return f"{self.root.name} is {self.name}" + (f" ({marker})" if marker else "")


@dataclass(frozen=True, slots=True)
class Survey:
    """The projects and the needed sounds in one folder tree.

    `projects` do not overlap and are sorted by path. `needed` maps each sound outside of all projects that a document refers to, to that
    document. `kept_whole` maps each sample pack that is kept whole for its instruments to one of their documents.
    """

    root: Path
    projects: tuple[Project, ...] = ()
    needed: Mapping[Path, Path] = field(default_factory=dict)
    kept_whole: Mapping[Path, Path] = field(default_factory=dict)
    complete: bool = True  # False: the tree was too large, and nothing in it may be touched

    def project_of(self, path: Path) -> Project | None:
        """Return the project that contains this file or folder, or None."""
        return next((one for one in self.projects if path.is_relative_to(one.root)), None)
