"""Groups of sounds that wait and are named alike: who hears three of them can name them all; pure."""

from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.learning.adopting import sentence_about

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Entry

FEWEST = 4  # sounds of a group; fewer are as quickly named one by one
FEWEST_IN_A_FOLDER = 2  # the same for sounds in a wrong folder, which belong together by what they sound like
TO_HEAR = 3


class StemGroup(NamedTuple):
    """Sounds of one folder that are named alike and wait, or that sound alike and seem to lie in the wrong one."""

    name: str  # "ghost_*", or the folder
    ids: tuple[int, ...]  # of the entries, in the order of the list
    hear: tuple[int, ...]  # those to hear: the surest, the least sure, and one in the middle
    about: str = ""  # what they have in common, if that is not their name

    @property
    def sentence(self) -> str:
        """The sentence about it: "12 unsure, all named ghost_*: hear three, say once"."""
        if self.about:
            return f"{self.about}: hear three, say once"
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


def groups_by_folder(ids: Sequence[int], entries: Iterable[Entry]) -> list[StemGroup]:
    """Return the groups of sounds that seem to lie in the wrong folder, by folder and what they sound like, the largest first."""
    wanted, confidence = set(ids), dict[int, float]()
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in entries:
        if entry.id in wanted and entry.verdict and entry.detail.lies_in:
            members[entry.detail.lies_in, entry.verdict.type or entry.verdict.label].append(entry.id)
            confidence[entry.id] = entry.confidence
    found = []
    for (folder, kind), numbers in members.items():
        if len(numbers) >= FEWEST_IN_A_FOLDER:
            ranked = sorted(numbers, key=lambda number: confidence[number])
            hear = dict.fromkeys((ranked[-1], ranked[len(ranked) // 2], ranked[0]))
            about = sentence_about(len(numbers), folder, kind)
            found.append(StemGroup(folder, tuple(numbers), tuple(hear), about))
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
