"""Hearing on a cluster: a real one, with a scheduler and two workers of their own on this machine."""

import os

import pytest
import sounds

from drumwatch import engines
from drumwatch.errors import UnreadableAudio, UsageError
from drumwatch.workers import answer, refuse_errors

distributed = pytest.importorskip("distributed", reason="needs the extra drumwatch[dask]")


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address.replace("tcp://", "dask://")


@pytest.mark.filterwarnings("default")  # what Dask says about itself is not our concern
def test_two_workers_of_a_cluster_hear_and_an_error_is_a_reply(address, tmp_path):
    paths = [sounds.write(tmp_path / f"{n}.wav", sounds.decaying_sine(50 + n)) for n in range(8)]
    (tmp_path / "bad.wav").write_bytes(b"RIFF nonsense")
    with engines.connect(address) as engine:
        futures = [engine.submit(answer, {"op": "hear", "path": str(path)}) for path in paths]
        bad = engine.submit(answer, {"op": "hear", "path": str(tmp_path / "bad.wav")}).result()

        assert {future.result()["verdict"]["label"] for future in futures} == {"kick"}
    with pytest.raises(UnreadableAudio, match=r"bad\.wav"):
        refuse_errors(bad)


@pytest.mark.filterwarnings("default")
def test_sort_files_here_what_a_cluster_has_heard(address, studio, tmp_path):
    for n in range(6):
        studio.drop(f"{n}.wav", hz=50 + n, folder=tmp_path / "old")

    studio.say("sort", str(tmp_path / "old"), "--engine", address)

    assert len(os.listdir(studio.library / "kick")) == 6


@pytest.mark.parametrize("engine", ["cluster", "dask://nowhere", "http://localhost:1"])
def test_an_engine_that_is_none_says_how_to_write_one(engine):
    with pytest.raises(UsageError, match="say dask://HOST:PORT"):
        engines.connect(engine)
