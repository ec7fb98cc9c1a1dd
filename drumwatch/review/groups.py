"""Groups of sounds that wait and are named alike: who hears three of them can name them all; pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drumwatch.context.neighbors import Place

FEWEST = 4  # sounds of a group; fewer are as quickly named one by one
TO_HEAR = 3


class StemGroup(NamedTuple):
    """Sounds of one folder that are named alike and wait."""

    name: str  # "ghost_*"
    ids: tuple[int, ...]  # of the entries, in the order of the list
    hear: tuple[int, ...]  # those to hear: the surest, the least sure, and one in the middle

    @property
    def sentence(self) -> str:
        """The sentence about it: "12 unsure, all named ghost_*: hear three, say once"."""
        return f"{len(self.ids)} unsure, all named {self.name}: hear three, say once"


def groups_of(ids: Sequence[int], waiting: Mapping[int, tuple[Place, str, float]]) -> list[StemGroup]:
    """Return the groups among the entries with these ids, the largest first; a sound named by numbers alone is in none."""
    members: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number in ids:
        if number in waiting and waiting[number][1]:
            place, stem, _ = waiting[number]
            members[place.pack, place.folder.casefold(), stem].append(number)
    found = [_group(numbers, waiting) for numbers in members.values() if len(numbers) >= FEWEST]
    return sorted(found, key=lambda group: -len(group.ids))


def _group(numbers: Sequence[int], waiting: Mapping[int, tuple[Place, str, float]]) -> StemGroup:
    by_confidence = sorted(numbers, key=lambda number: waiting[number][2])
    hear = (by_confidence[-1], by_confidence[len(by_confidence) // 2], by_confidence[0])
    name = _name(waiting[number][0].name for number in numbers) or f"{waiting[numbers[0]][1]}*"
    return StemGroup(name, tuple(numbers), hear)


def _name(names: Iterable[str]) -> str:
    """Return what the names begin with, and a star; empty if that is nothing."""
    ordered = sorted(names)
    pairs = zip(ordered[0], ordered[-1], strict=False)
    beginning = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    beginning = beginning.rstrip("0123456789")
    return f"{beginning}*" if beginning else ""
