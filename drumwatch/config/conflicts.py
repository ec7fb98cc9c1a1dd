"""Settings that are each valid but contradict each other: a library or a watch inside another watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.config.folder_relations import FolderLookup
from drumwatch.config.globs import left_out
from drumwatch.core.records import FILING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path, PurePath

    from drumwatch.config.key_lines import KeyPath
    from drumwatch.config.settings import Rule, Watch


def conflicts(watches: Mapping[KeyPath, Watch], rules: Sequence[Rule]) -> Iterator[tuple[KeyPath, str]]:
    """Yield a sentence for each pair of folders that would be sorted twice or again, at the watch to change."""
    lookup = FolderLookup()
    used = {id(watch) for watch in filing_watches(list(watches.values()), rules, lookup)}
    filing = [(at, watch) for at, watch in watches.items() if id(watch) in used]
    libraries = list(dict.fromkeys(watch.library for _, watch in filing))
    for number, place in lookup.nested([watch.folder for _, watch in filing], libraries):
        at, watch = filing[number]
        if sentence := _library_conflict(watch, libraries[place], lookup):
            yield at, sentence
    every = list(watches.items())
    folders = [watch.folder for _, watch in every]
    for earlier, later in lookup.nested(folders, folders):
        if earlier < later:
            at, watch = every[later]
            if sentence := _watch_conflict(every[earlier][1], watch, lookup):
                yield at, sentence


def unwatched(folders: Sequence[Path], watches: Sequence[Watch]) -> list[Path]:
    """Return the folders that are neither inside a watched folder nor around one."""
    touching = FolderLookup().nested(folders, [watch.folder for watch in watches])
    watched = {number for number, _ in touching}
    return [folder for number, folder in enumerate(folders) if number not in watched]


def filing_watches(watches: Sequence[Watch], rules: Sequence[Rule], lookup: FolderLookup) -> list[Watch]:
    """Return the watches whose files can be put into the library, by their own action or by a rule."""
    filing_rules = [rule for rule in rules if rule.action in FILING]
    if any(not rule.match.folder for rule in filing_rules):
        return list(watches)
    folders = [folder for rule in filing_rules for folder in rule.match.folder]
    by_rule = {number for number, _ in lookup.nested([watch.folder for watch in watches], folders)}
    return [watch for number, watch in enumerate(watches) if watch.action in FILING or number in by_rule]


def _library_conflict(watch: Watch, library: Path, lookup: FolderLookup) -> str:
    inside = lookup.below(library, watch.folder)
    if inside is not None and not inside.parts:
        return f"{watch.folder} is watched and the library at once: sorted files would be sorted again"
    if inside is not None and is_watched(watch, inside):
        return (
            f"the library {library} lies inside the watched folder {watch.folder}, so sorted files would be sorted again: "
            f'add exclude = ["{inside.as_posix()}"] to this watch, or move one of them'
        )
    if lookup.below(watch.folder, library) is not None:
        return f"the watched folder {watch.folder} lies inside the library {library}: take it out of there"
    return ""


def _watch_conflict(first: Watch, second: Watch, lookup: FolderLookup) -> str:
    inside = lookup.below(second.folder, first.folder)
    if inside is not None and not inside.parts:
        return f"{second.folder} is watched twice"
    for outer, inner in ((first, second), (second, first)):
        inside = lookup.below(inner.folder, outer.folder)
        if inside is not None and is_watched(outer, inside):
            return (
                f"{inner.folder} lies inside {outer.folder}, and both are watched: add "
                f'exclude = ["{inside.as_posix()}"] or recursive = false to the outer one'
            )
    return ""


def is_watched(watch: Watch, inside: PurePath) -> bool:
    """Return whether a watch sees the files in this folder of its tree, given relative to it."""
    return watch.recursive and not left_out(inside / "any file", watch.exclude)
