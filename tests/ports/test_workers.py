"""Real processes, small enough to see through: each test writes the worker it needs."""

import subprocess
import sys
import textwrap
import time
from concurrent.futures import CancelledError

import psutil
import pytest

from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.sandbox.limits import ADDRESS_SPACE
from drumwatch.workers import pool as pool_module
from drumwatch.workers import resource_use
from drumwatch.workers.jobs import WorkerDied, answer
from drumwatch.workers.pool import MOST_MEMORY, OVERDUE, LocalWorkers
from drumwatch.workers.process import Job, WorkerProcess
from drumwatch.workers.protocol import Digest, ErrorKind, Unpack, UnpackLimits
from drumwatch.workers.resource_use import Use

ANY = Digest("any.wav")
HEAD = """
    import json, os, sys, time
    def say(**fields): print(json.dumps(fields), flush=True)
    def reply(job, digest=""): say(id=job["id"], answer="digested", digest=str(digest))
    for line in sys.stdin:
        job = json.loads(line)
"""


@pytest.fixture
def pool_of(tmp_path):
    pools = []

    def make(body, **options):
        script = tmp_path / "worker.py"
        script.write_text(textwrap.dedent(HEAD) + textwrap.indent(textwrap.dedent(body), "    "))
        pools.append(LocalWorkers(command=(sys.executable, str(script)), **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.shutdown(cancel_futures=True)


def test_each_request_gets_its_own_answer(pool_of):
    pool = pool_of('reply(job, job["path"])', limit=2)

    futures = [pool.submit(answer, Digest(f"{number}.wav")) for number in range(200)]

    assert [future.result(10).digest for future in futures] == [f"{number}.wav" for number in range(200)]


def test_a_name_that_is_not_utf8_comes_through(pool_of):
    pool = pool_of('reply(job, os.fsencode(job["path"]).hex())')

    assert pool.submit(answer, Digest("\udcff.wav")).result(10).digest == b"\xff.wav".hex()


def test_no_worker_before_there_is_work(pool_of):
    pool = pool_of("reply(job)")

    assert pool.pids == []


def test_an_idle_worker_ends(pool_of):
    pool = pool_of("reply(job)", idle_seconds=0.1)
    pool.submit(answer, ANY).result(10)

    assert _becomes(lambda: pool.pids, [])


def test_work_after_an_idle_time_starts_a_new_worker(pool_of):
    pool = pool_of("reply(job, os.getpid())", idle_seconds=0.1)
    first = pool.submit(answer, ANY).result(10).digest
    assert _becomes(lambda: pool.pids, [])

    assert pool.submit(answer, ANY).result(10).digest != first


def test_a_small_queue_gets_one_worker_and_a_long_one_more(pool_of):
    pool = pool_of("time.sleep(0.01); reply(job)", limit=2)
    pool.submit(answer, ANY)
    assert len(pool.pids) == 1

    futures = [pool.submit(answer, ANY) for _ in range(200)]
    most = 0
    while not all(future.done() for future in futures):
        most = max(most, len(pool.pids))
        time.sleep(0.01)

    assert most == 2


def test_a_file_that_ends_the_worker_twice_is_reported_and_the_others_are_analyzed(pool_of):
    pool = pool_of('os._exit(3) if job["path"] == "bad.wav" else reply(job, "fine")')

    futures = {name: pool.submit(answer, Digest(name)) for name in ("a.wav", "bad.wav", "b.wav", "c.wav")}

    assert futures["b.wav"].result(10).digest == "fine"
    assert futures["c.wav"].result(10).digest == "fine"
    with pytest.raises(
        WorkerDied, match=r"bad\.wav could not be analyzed: it crashed the analysis process \(code 3\) twice"
    ):
        futures["bad.wav"].result(10)


def test_a_file_that_ends_the_worker_once_is_analyzed_by_the_next(pool_of, tmp_path):
    pool = pool_of(f"""
        flag = {str(tmp_path / "once")!r}
        if not os.path.exists(flag):
            open(flag, "w").close()
            os._exit(1)
        reply(job, "fine")
    """)

    assert pool.submit(answer, Digest("kick.wav")).result(10).digest == "fine"


def test_a_file_that_takes_too_long_is_given_up(pool_of):
    pool = pool_of("time.sleep(60)", file_seconds=0.2)

    with pytest.raises(WorkerDied, match=r"slow\.wav could not be analyzed: it took more than 0\.2 s"):
        pool.submit(answer, Digest("slow.wav")).result(20)


GREEDY = """
    if job["path"] == "greedy.wav":
        taken = b"1" * (300 << 20)
        time.sleep(60)
    reply(job, "fine")
"""


def test_a_worker_that_takes_too_much_memory_is_ended_where_it_cannot_limit_itself(pool_of, monkeypatch):
    monkeypatch.setattr(pool_module, "DEADLINE_CHECK", 0.1)
    pool = pool_of(GREEDY, most_memory=200 << 20)

    with pytest.raises(WorkerDied, match=r"greedy\.wav could not be analyzed: it took .* too much memory"):
        pool.submit(answer, Digest("greedy.wav")).result(20)
    assert pool.submit(answer, Digest("kick.wav")).result(20).digest == "fine"


def test_the_memory_of_a_child_counts_as_its_worker_s(pool_of, monkeypatch):
    monkeypatch.setattr(pool_module, "DEADLINE_CHECK", 0.1)
    in_a_child = GREEDY.replace("taken =", "taken = os.fork() and os.wait() or")
    pool = pool_of(in_a_child, most_memory=200 << 20)

    with pytest.raises(WorkerDied, match="too much memory"):
        pool.submit(answer, Digest("greedy.wav")).result(20)


HELD_UP = """
    for _ in range(15):
        until = time.process_time() + 0.01
        while time.process_time() < until: pass
        time.sleep(0.1)
    reply(job, "fine")
"""


@pytest.mark.parametrize(
    ("body", "seconds", "survives"),
    [(HELD_UP, 1.0, True), ("time.sleep(60)", 0.5, False), ("while True: pass", 0.5, False)],
    ids=["gets little of the processor", "does nothing", "takes the processor"],
)
def test_where_other_programs_go_first_the_time_on_the_processor_counts(
    pool_of, monkeypatch, body, seconds, survives
):
    monkeypatch.setattr(pool_module, "DEADLINE_CHECK", 0.2)
    job = pool_of(body, file_seconds=seconds, most_memory=1 << 40).submit(answer, ANY)

    if survives:
        assert job.result(20).digest == "fine"
    else:
        with pytest.raises(WorkerDied, match=r"took more than 0\.5 s"):
            job.result(20)


def test_use_is_measured_of_what_runs_only():
    command = [sys.executable, "-c", "print(1, flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert resource_use.of_group(process.pid).memory > 1 << 20
        process.kill()
    assert resource_use.of_group(process.pid) == Use()


def test_where_a_process_limits_its_own_memory_the_pool_does_not_look(pool_of):
    assert pool_of("reply(job)").most_memory == (MOST_MEMORY if sys.platform == "darwin" else 0)
    assert MOST_MEMORY == ADDRESS_SPACE


def test_shutting_down_waits_for_what_is_queued(pool_of):
    pool = pool_of("time.sleep(0.01); reply(job)")
    futures = [pool.submit(answer, ANY) for _ in range(20)]

    pool.shutdown()

    assert all(future.done() and not future.cancelled() for future in futures)


def test_ending_at_once_cancels_what_is_queued(pool_of):
    pool = pool_of("time.sleep(60)")
    futures = [pool.submit(answer, ANY) for _ in range(3)]

    pool.shutdown(cancel_futures=True)

    for future in futures:
        with pytest.raises(CancelledError):
            future.result(5)
    assert pool.pids == []


def test_on_hold_nothing_is_begun_and_afterwards_all_is_answered(pool_of):
    pool = pool_of("time.sleep(0.01); reply(job)", limit=2)
    futures = [pool.submit(answer, ANY) for _ in range(60)]
    futures[0].result(10)

    pool.pause()

    assert _becomes(lambda: any(line.busy for line in pool._workers), False)
    answered = sum(future.done() for future in futures)
    assert answered < 60
    assert pool.is_alive(time.monotonic())
    time.sleep(0.1)
    assert sum(future.done() for future in futures) == answered

    pool.resume()
    assert all(future.result(10) for future in futures)


def test_workers_that_have_ended_while_on_hold_are_started_again(pool_of):
    pool = pool_of("time.sleep(0.01); reply(job)", idle_seconds=0.1)
    pool.pause()
    futures = [pool.submit(answer, ANY) for _ in range(3)]
    assert pool.pids == []

    pool.resume()

    assert all(future.result(10) for future in futures)


def test_at_once_is_in_the_middle_of_a_file_and_its_time_limit_is_suspended_too(pool_of, tmp_path):
    body = f"""
        import signal
        moving = []
        signal.signal(signal.SIGCONT, lambda *_: moving.append(1))
        signal.signal(signal.SIGTSTP, lambda *_: [time.sleep(0.01) for _ in iter(lambda: bool(moving), True)])
        open({str(tmp_path / "begun")!r}, "w").close()
        while not os.path.exists({str(tmp_path / "go")!r}): time.sleep(0.01)
        reply(job)
    """
    pool = pool_of(body, file_seconds=1.0)
    future = pool.submit(answer, ANY)
    assert _becomes((tmp_path / "begun").exists, True)

    pool.pause(at_once=True)
    (tmp_path / "go").touch()
    time.sleep(1.5)  # longer than a file may take
    assert not future.done()

    pool.resume()
    assert future.result(10)


def test_a_worker_rests_for_the_share_that_it_may_not_use(pool_of):
    pool = pool_of("time.sleep(0.05); reply(job, time.monotonic())")
    pool.share = 0.2

    first, second = (float(pool.submit(answer, ANY).result(10).digest) for _ in range(2))

    assert second - first >= 0.05 / 0.2


def test_only_requests_are_answered(pool_of):
    with pytest.raises(TypeError, match="answers requests"):
        pool_of("reply(job)").submit(print, "hello")


def _becomes(look, wanted, seconds=5.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if look() == wanted:
            return True
        time.sleep(0.02)
    return look() == wanted


def test_workers_that_nobody_asks_are_alive_and_a_queue_that_nobody_serves_is_not():
    with LocalWorkers(limit=1) as workers:
        assert workers.is_alive(time.monotonic())

        workers._jobs.put(Job(ANY))
        assert not workers.is_alive(time.monotonic())
        workers._jobs.get()


def test_a_worker_that_is_long_overdue_is_a_sign_that_nobody_keeps_the_time():
    with LocalWorkers(limit=1) as workers:
        workers._workers.add(late := WorkerProcess(workers))
        late.deadline = 100.0

        assert workers.is_alive(100.0 + OVERDUE - 1)
        assert not workers.is_alive(100.0 + OVERDUE)
        workers._workers.clear()
        late.process.kill()
        late._end()


def test_what_a_worker_mutters_is_kept_off_the_screen_and_safe_to_read(pool_of, caplog, capfd):
    pool = pool_of(r'print("Note: \x1b[31mfunny frame", file=sys.stderr, flush=True); reply(job)')
    with caplog.at_level("DEBUG"):
        pool.submit(answer, Digest("a.mp3")).result(10)
        pool.shutdown()

    assert caplog.messages == [r"A worker wrote: Note: \x1b[31mfunny frame"]
    assert capfd.readouterr() == ("", "")


def test_the_cause_of_a_failure_is_in_the_log_and_not_in_the_message(pool_of, caplog):
    pool = pool_of(
        """say(id=job["id"], answer="failed", message="a.wav could not be processed.", kind="unexpected",
                cause="IndexError: \x1b[31mlist index out of range")"""
    )

    with caplog.at_level("INFO"):
        found = pool.submit(answer, Digest("x/a.wav")).result(10)

    assert found.message == "a.wav could not be processed."
    assert caplog.messages == [r"a.wav: IndexError: \x1b[31mlist index out of range"]


def test_a_worker_that_cannot_even_start_is_no_file_s_fault(pool_of, caplog):
    pool = pool_of('raise ImportError("no numpy here")')

    with pytest.raises(AnalysisUnavailable) as caught:
        pool.submit(answer, Digest("a.wav")).result(10)

    assert str(caught.value) == (
        "No sound can be analyzed, because the analysis process cannot be started. Install drumwatch again."
    )
    assert caplog.messages[-1].endswith("cannot be started: ImportError: no numpy here")


def test_a_child_of_a_worker_that_takes_too_long_ends_with_it(pool_of, tmp_path):
    pool = pool_of(
        f"""
        if os.fork() == 0:
            open({str(tmp_path / "child")!r}, "w").write(str(os.getpid()))
            time.sleep(600)
        os.wait()
        """,
        file_seconds=0.5,
    )
    with pytest.raises(WorkerDied):
        pool.submit(answer, Digest("slow.wav")).result(20)
    child = int((tmp_path / "child").read_text())

    assert _becomes(lambda: psutil.pid_exists(child) and psutil.Process(child).status(), False)


def answered_by_a_broken_worker(pool_of, body, **options):
    """What becomes of a file at which the worker does this, and of two that are asked with it."""
    pool = pool_of(
        f"""
        if job["path"] == "bad.wav": {body}
        else: reply(job, os.getpid())
    """,
        **options,
    )
    first = pool.submit(answer, Digest("first.wav"))
    first.result(10)
    bad, behind, after = (pool.submit(answer, Digest(name)) for name in ("bad.wav", "b.wav", "c.wav"))
    with pytest.raises(WorkerDied) as caught:
        bad.result(20)
    assert behind.result(20).digest != first.result().digest
    assert after.result(20).digest != first.result().digest
    return str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        'print("Segmentation fault", flush=True)',
        'print("[" * 100_000, flush=True)',
        'os.write(1, b"\\xff\\xfe\\n")',
        "say()",
        'say(id=job["id"])',
        'say(id=job["id"], answer="digested")',
        'say(id=job["id"], answer="digested", digest=5)',
        'say(id=job["id"], answer="digested", digest="d1", label="kick")',
        'say(id=job["id"], answer="sung", digest="d1")',
        'say(id=job["id"], answer="wav", wav="AAAA")',
        'say(id=job["id"] + 1, answer="digested", digest="d1")',
        'say(id=None, answer="digested", digest="d1")',
        'say(id=job["id"], answer="failed", error="odd", kind="odd")',
        'print("Traceback", flush=True); os._exit(1)',
        'say(id=job["id"], error="an answer of another drumwatch", kind="UnreadableAudio")',
    ],
)
def test_a_worker_whose_answer_makes_no_sense_is_ended_and_a_fresh_one_goes_on(pool_of, body):
    reported = answered_by_a_broken_worker(pool_of, body)

    assert reported == (
        "bad.wav could not be analyzed: it made the analysis process give an invalid answer twice."
        " It is left alone until it changes."
    )


def test_a_worker_that_answers_nothing_is_ended_and_a_fresh_one_goes_on(pool_of):
    assert "took more than 0.5 s" in answered_by_a_broken_worker(pool_of, "time.sleep(60)", file_seconds=0.5)


def test_a_worker_that_leaves_without_an_answer_is_replaced_by_a_fresh_one(pool_of):
    assert "(code 0) twice" in answered_by_a_broken_worker(pool_of, "os._exit(0)")


def test_an_answer_that_never_ends_is_not_taken_into_memory(pool_of, monkeypatch):
    monkeypatch.setattr(Digest, "max_characters", 1000)

    reported = answered_by_a_broken_worker(
        pool_of, 'sys.stdout.write("x" * 100_000); sys.stdout.flush(); time.sleep(60)'
    )

    assert "invalid answer" in reported


def test_a_second_answer_is_never_taken_for_that_of_the_next_file_and_no_file_is_blamed(pool_of):
    pool = pool_of('reply(job, job["path"]); reply(job, "once more")')

    futures = [pool.submit(answer, Digest(f"{number}.wav")) for number in range(30)]

    assert [future.result(30).digest for future in futures] == [f"{number}.wav" for number in range(30)]


def test_a_request_that_a_worker_does_not_know_is_refused_and_costs_it_nothing():
    with LocalWorkers(limit=1) as workers:
        unpack = Unpack("a.zip", "out", UnpackLimits(1, 1, 1))
        refused = workers.submit(answer, unpack).result(30)
        pids = workers.pids
        workers.submit(answer, Digest("none.wav")).result(30)

        assert (refused.kind, workers.pids) == (ErrorKind.INVALID_REQUEST, pids)
