"""Analysis on a cluster: a real one, with a scheduler and two workers of its own on this machine."""

import os

import pytest
import sounds

from drumwatch.core.errors import UnreadableAudio, UsageError
from drumwatch.filing.held_file import content_hash
from drumwatch.workers import executors
from drumwatch.workers.jobs import WorkerDied, answer, expect
from drumwatch.workers.protocol import Analyze, Analyzed, Digest

# What a file can do to a decoder at worst; each worker of the cluster learns it when it begins.
ENDS_THE_PROCESS = """
import os
from drumwatch.analysis import worker
from drumwatch.workers.protocol import Digest
worker.OPERATIONS[Digest] = lambda *_: os._exit(1)
"""

distributed = pytest.importorskip("distributed", reason="needs the extra drumwatch[dask]")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    learnt = tmp_path_factory.mktemp("preload") / "ends_the_process.py"
    learnt.write_text(ENDS_THE_PROCESS)
    dask = pytest.importorskip("dask")
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, preload=[str(learnt)]
        ) as cluster,
    ):
        yield cluster.scheduler_address.replace("tcp://", "dask://")


@pytest.mark.filterwarnings("default")  # what Dask says about itself is not our concern
def test_two_workers_of_a_cluster_analyze_and_an_error_is_a_reply(address, tmp_path):
    paths = [sounds.write(tmp_path / f"{n}.wav", sounds.decaying_sine(50 + n)) for n in range(8)]
    (tmp_path / "bad.wav").write_bytes(b"RIFF nonsense")
    with executors.connect(address) as engine:
        futures = [engine.submit(answer, Analyze(str(path))) for path in paths]
        bad = engine.submit(answer, Analyze(str(tmp_path / "bad.wav"))).result()

        assert {future.result().verdict.label for future in futures} == {"kick"}
    with pytest.raises(UnreadableAudio, match=r"bad\.wav"):
        expect(bad, Analyzed)


@pytest.mark.filterwarnings("default")
def test_sort_files_here_what_a_cluster_has_analyzed(address, harness, tmp_path):
    for n in range(6):
        harness.drop(f"{n}.wav", hz=50 + n, folder=tmp_path / "old")

    harness.run("sort", str(tmp_path / "old"), "--engine", address)

    assert len(os.listdir(harness.library / "kick")) == 6


@pytest.mark.filterwarnings("default")
def test_a_file_that_ends_the_cluster_s_workers_takes_no_other_with_it(address, tmp_path):
    paths = [sounds.write(tmp_path / f"{n}.wav", sounds.decaying_sine(50 + n)) for n in range(3)]
    with executors.connect(address) as engine:
        bad = engine.submit(answer, Digest(str(tmp_path / "bad.wav")))
        futures = [engine.submit(answer, Analyze(str(path))) for path in paths]

        assert {future.result().verdict.label for future in futures} == {"kick"}
        with pytest.raises(WorkerDied, match=r"bad\.wav could not be analyzed: the cluster lost its workers"):
            bad.result()


@pytest.mark.filterwarnings("default")
def test_many_requests_go_in_few_tasks_and_come_back_each_to_its_own(address, tmp_path):
    paths = [sounds.write(tmp_path / f"{n}.wav", sounds.decaying_sine(50 + n)) for n in range(40)]
    with executors.connect(address) as engine:
        futures = [engine.submit(answer, Analyze(str(path), with_hash=True)) for path in paths]
        hashes = [future.result().content_hash for future in futures]

    assert hashes == [content_hash(path) for path in paths]
    assert engine.tasks <= 4


@pytest.mark.parametrize("engine", ["cluster", "dask://nowhere", "http://localhost:1"])
def test_an_engine_that_is_none_says_how_to_write_one(engine):
    with pytest.raises(UsageError, match="dask://HOST:PORT"):
        executors.connect(engine)
