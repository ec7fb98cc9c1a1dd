"""No damaged file stops the callers of a worker: each is analyzed or refused with a sentence, and stays unchanged."""

from __future__ import annotations

import pytest
from fuzzing import outcomes
from mutations import mutants

from drumwatch.workers.pool import LocalWorkers


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


def test_the_same_seed_makes_the_same_damage(tmp_path):
    once, again = (list(mutants(tmp_path, 40, seed=5)) for _ in range(2))

    names = [name for name, _ in once]
    assert names == [name for name, _ in again]
    # A WAV: what encoders make of a sound may hold the time, or a number drawn by lot
    assert once[10] == again[10]
    assert names != [name for name, _ in mutants(tmp_path, 40, seed=6)]
