"""Settings that are each valid but contradict each other: a library or a watch inside another watch."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from drumwatch.config.folder_relations import below
from drumwatch.config.globs import left_out
from drumwatch.core.records import FILING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path, PurePath

    from drumwatch.config.key_lines import KeyPath
    from drumwatch.config.settings import Rule, Watch


def conflicts(watches: Mapping[KeyPath, Watch], rules: Sequence[Rule]) -> Iterator[tuple[KeyPath, str]]:
    """Yield a sentence for each pair of folders that would be sorted twice or again, at the watch to change."""
    filing = {at: watch for at, watch in watches.items() if files_away(watch, rules)}
    for at, watch in filing.items():
        for library in dict.fromkeys(other.library for other in filing.values()):
            if sentence := _library_conflict(watch, library):
                yield at, sentence
    for (_, first), (at, second) in combinations(watches.items(), 2):
        if sentence := _watch_conflict(first, second):
            yield at, sentence


def files_away(watch: Watch, rules: Sequence[Rule]) -> bool:
    """Return whether files of this watch can be put into the library, by its own action or by a rule."""
    return watch.action in FILING or any(
        rule.action in FILING
        and (not rule.match.folder or any(touches(folder, watch.folder) for folder in rule.match.folder))
        for rule in rules
    )


def touches(folder: Path, other: Path) -> bool:
    """Return whether one of the folders is inside the other."""
    return below(folder, other) is not None or below(other, folder) is not None


def _library_conflict(watch: Watch, library: Path) -> str:
    inside = below(library, watch.folder)
    if inside is not None and not inside.parts:
        return f"{watch.folder} is watched and the library at once: sorted files would be sorted again"
    if inside is not None and _is_watched(watch, inside):
        return (
            f"the library {library} lies inside the watched folder {watch.folder}, so sorted files would be sorted again: "
            f'add exclude = ["{inside.as_posix()}"] to this watch, or move one of them'
        )
    if below(watch.folder, library) is not None:
        return f"the watched folder {watch.folder} lies inside the library {library}: take it out of there"
    return ""


def _watch_conflict(first: Watch, second: Watch) -> str:
    inside = below(second.folder, first.folder)
    if inside is not None and not inside.parts:
        return f"{second.folder} is watched twice"
    for outer, inner in ((first, second), (second, first)):
        inside = below(inner.folder, outer.folder)
        if inside is not None and _is_watched(outer, inside):
            return (
                f"{inner.folder} lies inside {outer.folder}, and both are watched: add "
                f'exclude = ["{inside.as_posix()}"] or recursive = false to the outer one'
            )
    return ""


def _is_watched(watch: Watch, inside: PurePath) -> bool:
    """Return whether a watch sees the files in this folder of its tree."""
    return watch.recursive and not left_out(inside / "any file", watch.exclude)
