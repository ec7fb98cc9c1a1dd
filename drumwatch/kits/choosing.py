"""Choose the sounds of a kit: balanced over the roles, near each other, never two that are nearly the same. Pure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.kits.roles import PARTNERS, ROLES, quotas

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    Place = tuple[float, ...]

VARIATION = 0.25  # of the usual distance from the center, by which the center differs from seed to seed
# Of the usual distance: sounds of one role that are nearer to each other are too alike, while there are others within that distance
APART = 0.4
MOST_OF_A_TYPE = 2  # of percussion, and of what has no role: a kit with four rims has no toms
EQUAL = 0.02  # of the usual distance: sounds whose distances differ by less are equally near


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sound that may be chosen."""

    id: int
    role: str
    place: Place
    type: str = ""
    confirmed: bool = False  # the user gave or approved its label
    twins: frozenset[int] = frozenset()  # the ids of sounds that are nearly the same


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen ids in the order of the pads, and how many sounds of each role the library lacks."""

    ids: tuple[int, ...]
    missing: Mapping[str, int]


def choose(
    candidates: Sequence[Candidate],
    *,
    size: int,
    seed: int,
    wanted: Collection[int] = (),
    like: Sequence[Place] = (),
) -> Choice:
    """Choose at most `size` sounds: those that are `wanted`, and for each role the nearest to what the kit is to be like.

    That is the mean of the wanted sounds and of `like`; without any, it is a kick that the seed chooses, or else another sound. The same
    candidates and seed give the same kit, in whatever order they come.
    """
    pool = _without_twins(candidates, wanted)
    fixed = [one for one in pool if one.id in set(wanted)]
    rng = random.Random(seed)  # noqa: S311  a choice of sounds, no secret
    start = [*(one.place for one in fixed), *like] or _start(pool, rng)
    if not start:
        return Choice((), quotas(size))
    center = _varied(_mean(start), pool, rng)
    usual = _usual_distance(pool, center)
    ranked = _ranked(pool, center, EQUAL * usual or 1.0)
    only_wanted = len(fixed) > size
    if only_wanted:
        chosen_ids = {one.id for one in fixed}
        ranked, fixed = [one for one in ranked if one.id in chosen_ids], []
    kit = _Kit(fixed, size, apart=APART * usual)
    near = [one for one in ranked if math.dist(one.place, center) <= usual]
    for role in ROLES:
        kit.fill(role, role, near, ranked)
    missing = dict(kit.free)
    for role, partner in PARTNERS.items():
        kit.fill(role, partner, near, ranked)
    if only_wanted:
        kit.fill_up(ranked)
    return Choice(tuple(one.id for one in _in_order(kit.chosen, ranked)), missing)


def _in_order(chosen: Iterable[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the sounds in the order of the pads: by role, and in each role the best first."""
    order, rank = list(ROLES), {one.id: at for at, one in enumerate(ranked)}
    return sorted(chosen, key=lambda one: (order.index(one.role), rank[one.id]))


def _without_twins(candidates: Iterable[Candidate], wanted: Collection[int]) -> list[Candidate]:
    """Return the candidates without those that are nearly the same as a better one: a wanted, then a confirmed, then an older one."""
    found: list[Candidate] = []
    taken: set[int] = set()
    for one in sorted(candidates, key=lambda one: (one.id not in wanted, not one.confirmed, one.id)):
        if not one.twins & taken:
            found.append(one)
            taken.add(one.id)
    return sorted(found, key=lambda one: one.id)


def _start(pool: Sequence[Candidate], rng: random.Random) -> list[Place]:
    kicks = [one for one in pool if one.role == "kick"]
    return [rng.choice(kicks or pool).place] if pool else []


def _mean(places: Sequence[Place]) -> Place:
    return tuple(math.fsum(values) / len(places) for values in zip(*places, strict=True))


def _varied(center: Place, pool: Sequence[Candidate], rng: random.Random) -> Place:
    """Return the center, moved a little in a direction that the seed chooses: so the same sounds give more than one kit."""
    direction = [rng.gauss(0, 1) for _ in center]
    length = math.hypot(*direction) or 1.0
    step = VARIATION * _usual_distance(pool, center) / length
    return tuple(at + step * along for at, along in zip(center, direction, strict=True))


def _usual_distance(pool: Sequence[Candidate], center: Place) -> float:
    distances = sorted(math.dist(one.place, center) for one in pool)
    return distances[len(distances) // 2] if distances else 0.0


def _ranked(pool: Sequence[Candidate], center: Place, step: float) -> list[Candidate]:
    """Return the candidates, the nearest first; of those whose distances are less than a step apart, the confirmed ones come first."""

    def rank(one: Candidate) -> tuple[int, bool, float, int]:
        away = math.dist(one.place, center)
        return int(away / step), not one.confirmed, away, one.id

    return sorted(pool, key=rank)


class _Kit:
    """A kit that is being filled."""

    def __init__(self, fixed: Sequence[Candidate], size: int, *, apart: float) -> None:
        self.chosen = list(fixed)
        self.free = quotas(size)
        self._apart = apart
        for one in fixed:
            role = one.role if self.free[one.role] else max(self.free, key=lambda role: self.free[role])
            self.free[role] -= 1

    def fill(self, role: str, source: str, near: Sequence[Candidate], ranked: Sequence[Candidate]) -> None:
        """Fill the free places of a role with the best sounds of the `source` role: different ones that are near, then any."""
        for pool, is_fit in ((near, self._is_another), (near, self._is_apart), (ranked, self._is_new)):
            for one in pool:
                if not self.free[role]:
                    return
                if one.role == source and self._is_new(one) and is_fit(one):
                    self.chosen.append(one)
                    self.free[role] -= 1

    def fill_up(self, ranked: Sequence[Candidate]) -> None:
        """Fill the places that are left with the best sounds of any role."""
        rest = [one for one in ranked if self._is_new(one)]
        self.chosen += rest[: sum(self.free.values())]

    def _is_new(self, one: Candidate) -> bool:
        return all(other.id != one.id for other in self.chosen)

    def _is_apart(self, one: Candidate) -> bool:
        return all(
            math.dist(other.place, one.place) >= self._apart
            for other in self.chosen
            if other.role == one.role
        )

    def _is_another(self, one: Candidate) -> bool:
        has_types = one.role in ("percussion", "other")
        of_its_type = sum(other.type == one.type for other in self.chosen) if has_types else 0
        return of_its_type < MOST_OF_A_TYPE and self._is_apart(one)
