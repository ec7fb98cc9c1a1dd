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
EQUAL = 0.02  # of the usual distance: sounds whose distances differ by less are equally near


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sound that may be chosen."""

    id: int
    role: str
    place: Place
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
    ranked = _ranked(pool, center)
    if len(fixed) > size:
        chosen_ids = {one.id for one in fixed}
        ranked, fixed = [one for one in ranked if one.id in chosen_ids], []
    chosen, missing = _filled(fixed, ranked, size)
    order = list(ROLES)
    place_of = {one.id: at for at, one in enumerate(ranked)}
    chosen.sort(key=lambda one: (order.index(one.role), place_of.get(one.id, 0), one.id))
    return Choice(tuple(one.id for one in chosen), missing)


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


def _ranked(pool: Sequence[Candidate], center: Place) -> list[Candidate]:
    """Return the candidates, the nearest first; of those that are equally near, the confirmed ones come first."""
    step = EQUAL * _usual_distance(pool, center) or 1.0

    def rank(one: Candidate) -> tuple[int, bool, float, int]:
        away = math.dist(one.place, center)
        return int(away / step), not one.confirmed, away, one.id

    return sorted(pool, key=rank)


def _filled(
    fixed: Sequence[Candidate], ranked: Sequence[Candidate], size: int
) -> tuple[list[Candidate], dict[str, int]]:
    """Return the fixed sounds and the best others for the roles that are left, and what is missing."""
    chosen, free = list(fixed), quotas(size)
    for one in fixed:
        free[one.role if free[one.role] else max(free, key=lambda role: free[role])] -= 1
    taken = {one.id for one in fixed}
    for role in ROLES:
        _take(role, role, free, (chosen, taken), ranked)
    missing = dict(free)
    for role, partner in PARTNERS.items():
        _take(role, partner, free, (chosen, taken), ranked)
    return chosen, missing


def _take(
    role: str,
    source: str,
    free: dict[str, int],
    kit: tuple[list[Candidate], set[int]],
    ranked: Sequence[Candidate],
) -> None:
    """Fill the free places of a role with the best sounds of the `source` role."""
    chosen, taken = kit
    for one in ranked:
        if not free[role]:
            return
        if one.role == source and one.id not in taken:
            chosen.append(one)
            taken.add(one.id)
            free[role] -= 1
