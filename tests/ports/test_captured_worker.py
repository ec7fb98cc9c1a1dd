"""Worker processes that a hostile file has taken over, under the real pool: nothing that they do harms anything but their file."""

from __future__ import annotations

import ast
import re
import resource
import sys
import time
from pathlib import Path

import psutil
import pytest

from drumwatch.workers import stderr_log
from drumwatch.workers.jobs import WorkerDied, answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import (
    Analyze,
    Analyzed,
    Digest,
    Digested,
    ErrorKind,
    Failed,
    Unpack,
    UnpackLimits,
)

SCRIPT = Path(__file__).parents[1] / "captured_worker.py"
FILE_SECONDS = 0.3
MEMORY = 150_000_000  # bytes that this process may take more than before
SENTENCE = re.compile(
    r"bad\.wav could not be analyzed: it (made the analysis process give an invalid answer"
    r"|took more than 0\.3 s or too much memory|crashed the analysis process \((code 0|SIG[A-Z]+)\)) twice\."
    r" It is left alone until it changes\."
)


def lies() -> list[str]:
    """The names of the lies, read from the script: it is no module."""
    (table,) = (
        node.value
        for node in ast.parse(SCRIPT.read_text("utf-8")).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "LIES"
    )
    assert isinstance(table, ast.Dict)
    return [ast.literal_eval(key) for key in table.keys if key]


@pytest.fixture
def captured(tmp_path, monkeypatch):
    """Pools of captured workers, and a list of the processes that they have been."""
    pids, pools = tmp_path / "pids", []
    monkeypatch.setattr("drumwatch.workers.pool.DEADLINE_CHECK", 0.1)

    def pool_of(lie, **options):
        command = (sys.executable, "-I", "-S", str(SCRIPT), lie, str(pids))
        pools.append(LocalWorkers(limit=1, command=command, file_seconds=FILE_SECONDS, **options))
        return pools[-1], lambda: [int(pid) for pid in pids.read_text().split()]

    yield pool_of
    for pool in pools:
        pool.shutdown(cancel_futures=True)
    for pid in pids.read_text().split() if pids.exists() else ():
        if is_running(int(pid)):
            psutil.Process(int(pid)).kill()


def is_running(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(SCRIPT) in process.cmdline()
    except psutil.Error:
        return False


def becomes(look, wanted, seconds=10.0):
    until = time.monotonic() + seconds
    while look() != wanted and time.monotonic() < until:
        time.sleep(0.02)
    return look() == wanted


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("lie", lies())
def test_a_worker_that_lies_is_ended_and_only_its_file_is_left(captured, lie):
    pool, pids = captured(lie)
    before = peak()
    first = pool.submit(answer, Analyze("/first.wav")).result(10)
    bad = pool.submit(answer, Analyze("/bad.wav"))
    behind = [pool.submit(answer, Analyze(f"/{number}.wav")) for number in range(3)]

    with pytest.raises(WorkerDied) as told:
        bad.result(30)
    answers = [future.result(30) for future in behind]

    assert SENTENCE.fullmatch(str(told.value)), told.value
    assert isinstance(first, Analyzed)
    assert answers == [first] * 3
    assert peak() - before < MEMORY
    begun = time.monotonic()
    pool.shutdown(cancel_futures=True)
    assert time.monotonic() - begun < 5
    if "session of its own keeps" not in lie:  # nobody is left who could say that it was a worker's
        assert becomes(lambda: [pid for pid in pids() if is_running(pid)], [])


def test_a_sound_is_tried_once_more_by_a_fresh_worker_and_then_no_more(captured):
    pool, pids = captured("an end without a word")

    with pytest.raises(WorkerDied):
        pool.submit(answer, Analyze("/bad.wav")).result(30)
    pool.shutdown(cancel_futures=True)

    assert len(pids()) == 2


def test_a_pool_ends_within_seconds_although_a_worker_keeps_everything(captured):
    pool, _ = captured("a child in a session of its own keeps its pipes")
    pool.file_seconds = 600.0
    waiting = pool.submit(answer, Analyze("/bad.wav"))
    assert becomes(lambda: bool(pool.pids), wanted=True)

    begun = time.monotonic()
    pool.shutdown(cancel_futures=True)

    assert time.monotonic() - begun < 5
    assert waiting.done()


@pytest.mark.parametrize("lie", ["a line on stderr that never ends", "stderr without end"])
def test_what_a_worker_writes_to_stderr_costs_a_few_lines_in_the_log(captured, lie, caplog):
    pool, _ = captured(lie)
    with caplog.at_level("DEBUG", logger="drumwatch.workers"):
        with pytest.raises(WorkerDied):
            pool.submit(answer, Analyze("/bad.wav")).result(30)
        pool.shutdown(cancel_futures=True)

    wrote = [line for line in caplog.messages if line.startswith("A worker wrote: ")]
    assert 1 <= len(wrote) <= 2 * stderr_log.LINES  # two workers
    assert max(map(len, wrote)) <= stderr_log.LONGEST_LINE + 20


def test_an_answer_that_comes_before_its_request_is_believed_for_no_file(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(
        "import json, os, sys\n"
        "for line in sys.stdin:\n"
        "    job = json.loads(line)\n"
        "    texts = [job['path'], 'a lie', 'a lie']\n"
        "    answers = [{'id': job['id'] + n, 'answer': 'digested', 'digest': text} for n, text in enumerate(texts)]\n"
        "    os.write(1, ''.join(json.dumps(one) + chr(10) for one in answers).encode())\n"
    )
    with LocalWorkers(limit=1, command=(sys.executable, str(script))) as pool:
        found = [pool.submit(answer, Digest(f"{number}.wav")).result(20) for number in range(4)]

    assert [expect(one, Digested).digest for one in found] == ["0.wav", "1.wav", "2.wav", "3.wav"]


@pytest.mark.parametrize(
    "lie", ["no JSON", "half a line, then its end", "a line that never ends", "silence", "no output any more"]
)
def test_an_unpacker_that_lies_costs_its_archive_only(captured, lie):
    pool, _ = captured(lie)

    with pytest.raises(WorkerDied, match=r"bad\.zip could not be analyzed"):
        pool.submit(answer, unpacking("bad.zip", "/nowhere")).result(60)


def unpacking(name: str, folder: str) -> Unpack:
    return Unpack(f"/{name}", folder, UnpackLimits(10, 1 << 20, 100))


def test_no_process_to_be_had_blames_no_file(monkeypatch):
    def none(_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("drumwatch.workers.process_group.start", none)
    with LocalWorkers(limit=1) as pool:
        future = pool.submit(answer, Analyze("/kick.wav"))

        assert type(future.exception(5)).__name__ == "AnalysisUnavailable"
        assert "Errno" not in str(future.exception(5))


def test_a_refusal_of_a_captured_worker_is_an_answer_like_any_other(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    job = json.loads(line)\n"
        "    print(json.dumps({'id': job['id'], 'answer': 'failed', 'kind': 'unreadable', 'message': 'no sound'}), flush=True)\n"
    )
    with LocalWorkers(limit=1, command=(sys.executable, str(script))) as pool:
        assert pool.submit(answer, Analyze("/a.wav")).result(10) == Failed("no sound", ErrorKind.UNREADABLE)
