"""Folders that overlap or are protected although the configuration was valid: links have changed since, or a disk has come.

Such settings are refused when they are read. While the daemon runs nobody can be asked, so each file is handled once, no library
is sorted again, and no protected folder is sorted.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config.conflicts import filing_watches, is_watched
from drumwatch.config.folder_relations import FolderLookup, real
from drumwatch.config.globs import folded
from drumwatch.config.protected import protection_check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from drumwatch.config.settings import Rule, Watch


class Overlaps(NamedTuple):
    """What is not handled: whole watches, each with the reason as a clause, and libraries inside of watches."""

    idle: dict[Path, str]
    libraries: dict[Path, list[PurePath]]  # by watched folder, relative to it

    def is_in_library(self, path: Path, watch: Path) -> bool:
        """Return whether a path below a watched folder lies in a library."""
        inner = self.libraries.get(watch, ())
        return bool(inner) and any(_is_below(path.relative_to(watch), library) for library in inner)


def find_overlaps(watches: Sequence[Watch], rules: Sequence[Rule]) -> Overlaps:
    """Return which watches must not be handled, and which libraries lie in a watch, through links too.

    A watch must not be handled if it leads into another one, into a library, or into a folder that is protected.
    """
    found, lookup = Overlaps({}, {}), FolderLookup()
    _find_protected([watch.folder for watch in watches], found)
    _find_watches(watches, lookup, found)
    _find_libraries(watches, rules, lookup, found)
    return found


def _find_protected(folders: Sequence[Path], found: Overlaps) -> None:
    linked = [folder for folder in folders if folder != real(folder)]
    why_protected = protection_check(Path(os.path.expanduser("~")), do="watch") if linked else None
    for folder in linked:
        if why_protected and (why := why_protected(folder)):
            found.idle[folder] = f"leads to {real(folder)}, which {why}"


def _find_watches(watches: Sequence[Watch], lookup: FolderLookup, found: Overlaps) -> None:
    folders = [watch.folder for watch in watches]
    for earlier, later in lookup.nested(folders, folders):
        if earlier < later:
            first, second = watches[earlier], watches[later]
            for outer, inner in ((first, second), (second, first)):
                inside = lookup.below(inner.folder, outer.folder)
                if inside is not None and (not inside.parts or is_watched(outer, inside)):
                    found.idle[inner.folder] = (
                        f"leads into {outer.folder}, which is watched too: what comes there is handled once, as is set for {outer.folder}"
                    )
                    break


def _find_libraries(
    watches: Sequence[Watch], rules: Sequence[Rule], lookup: FolderLookup, found: Overlaps
) -> None:
    filing = filing_watches(watches, rules, lookup)
    libraries = list(dict.fromkeys(watch.library for watch in filing))
    for number, place in lookup.nested([watch.folder for watch in filing], libraries):
        folder, library = filing[number].folder, libraries[place]
        if lookup.below(folder, library) is not None:
            found.idle[folder] = f"leads into the library {library}, where nothing is sorted again"
        elif inside := lookup.below(library, folder):
            found.libraries.setdefault(folder, []).append(inside)


def _is_below(path: PurePath, folder: PurePath) -> bool:
    """Return whether a relative path is the folder or lies in it, in whatever case and Unicode form."""
    parts = [folded(part) for part in folder.parts]
    return [folded(part) for part in path.parts[: len(parts)]] == parts
