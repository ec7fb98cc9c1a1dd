"""No damaged file stops the callers of a worker: each is analyzed or refused with a sentence, and stays unchanged."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from foreign_sounds import ENCODERS, encoded, silent_ape
from fuzzing import outcomes
from mutations import DAMAGES, mutants

from drumwatch.workers.pool import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pools():
    pools = [LocalWorkers(limit=1, file_seconds=20.0) for _ in range(2)]
    yield pools
    for pool in pools:
        pool.shutdown(cancel_futures=True)


def test_damaged_files_of_every_format_are_analyzed_or_refused(tmp_path, pools):
    count = 300
    (tmp_path / "files").mkdir()

    counts = outcomes(tmp_path / "files", mutants(tmp_path, count, seed=1), *pools)

    assert counts.total() == count + count // 4 + counts["tagged"]
    assert counts["analyzed"] > 20
    assert counts["refused (unreadable)"] > 20
    assert counts["proof: proven"] > 5
    assert counts["refused (not tagged)"] > 5
    assert counts["ended the worker twice"] == 0


def damaged_foreign_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(seed)
    seeds = {"silence.ape": silent_ape(), **{kind: encoded(kind) for kind in ENCODERS}}
    for number in range(count):
        kind = chance.choice(list(seeds))
        content = bytearray(seeds[kind])
        for damage in chance.choices(DAMAGES, k=chance.randint(0, 3)):
            damage(content, chance)
        yield f"{number} {kind}", bytes(content)


def test_damaged_files_of_the_extra_s_formats_are_analyzed_or_refused_and_never_tagged(tmp_path, pools):
    counts = outcomes(tmp_path, damaged_foreign_files(120, seed=2), *pools)

    assert counts.total() == 150
    assert counts["analyzed"] > 20
    assert counts["refused (unreadable)"] > 20
    assert counts["refused (not tagged)"] == 30
    assert counts["ended the worker twice"] == 0


def test_the_same_seed_makes_the_same_damage(tmp_path):
    once, again = (list(mutants(tmp_path, 40, seed=5)) for _ in range(2))

    names = [name for name, _ in once]
    assert names == [name for name, _ in again]
    # A WAV: what encoders make of a sound may hold the time, or a number drawn by lot
    assert once[10] == again[10]
    assert names != [name for name, _ in mutants(tmp_path, 40, seed=6)]
