"""The daemon lets the sounds of a pack wait for each other, and judges them together; with real analysis and a real journal."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sounds import decaying_sine, kick, write

from drumwatch.config import Config, Watch
from drumwatch.core.records import Arrival
from drumwatch.daemon import judge_together
from drumwatch.daemon.judge_together import LONGEST, PackJudge
from drumwatch.daemon.messages import AnalysisDone
from drumwatch.intake.stability import stamp_of
from drumwatch.pipeline import FilingRequest, place_of
from drumwatch.session import SessionOptions, open_session
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Analyzed, Failed

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.daemon.messages import Inbox

NOW = 1000.0


class JudgeHarness:
    """A watched folder, a session that analyzes in this process, and the judge of packs."""

    def __init__(self, root: Path, session) -> None:
        self.session, self.intake = session, root / "in"
        self.watch = session.config.watches[0]
        self.more = False  # whether more of the packs is still to come
        self.inbox: Inbox = queue.SimpleQueue()
        self.judge = PackJudge(session, self.inbox, lambda _: self.more)

    def arrive(self, name: str, content: bytes | None = None, hz: float = 50) -> Arrival:
        """A file arrives, and is given to the workers."""
        path = self.intake / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            write(path, decaying_sine(hz) if hz else kick())
        else:
            path.write_bytes(content)
        arrival = Arrival(path, stamp_of(path), self.intake, "Pack" if "/" in name else "")
        self.judge.analyze(arrival, self.watch)
        return arrival

    def answered(self, now: float = NOW) -> list[AnalysisDone]:
        """The next answer of a worker; what can be filed now."""
        done = self.inbox.get(timeout=60)
        assert isinstance(done, AnalysisDone)
        return [] if self.judge.add_analyzed(done, done.future.result(), now) else [done]

    def judged(self, now: float = NOW) -> dict[str, Analyzed]:
        """What is judged now."""
        self.judge.complete_packs(now)
        found = {}
        while self.judge.judge_next():
            (done,) = self.answered(now)
            found[done.arrival.path.name] = expect(done.future.result(), Analyzed)
        return found


@pytest.fixture
def harness(tmp_path, monkeypatch, request):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    (tmp_path / "lib").mkdir()
    watch = Watch(tmp_path / "in", tmp_path / "lib", **getattr(request, "param", {}))
    config = Config(tmp_path / "lib", watches=(watch,), min_free=0)
    with open_session(config, SessionOptions(engine=ThreadPoolExecutor(1))) as session:
        yield JudgeHarness(tmp_path, session)


def test_the_sounds_of_a_pack_wait_until_all_of_them_are_analyzed(harness):
    for number in (1, 2, 3):
        harness.arrive(f"Acme/boom {number}.wav", hz=45 + 5 * number)

    assert harness.answered() == []
    assert harness.judged() == {}
    assert (harness.answered(), harness.answered()) == ([], [])
    found = harness.judged()

    assert found.keys() == {"boom 1.wav", "boom 2.wav", "boom 3.wav"}
    assert all(one.verdict.context_strength > 0 for one in found.values())
    assert all(one.content_hash and one.sound_digest for one in found.values())
    assert harness.judge.waiting == 0


def test_a_pack_waits_for_files_that_are_still_written_but_not_for_ever(harness):
    harness.arrive("Acme/boom 1.wav")
    harness.more = True
    harness.answered()

    assert harness.judged(NOW + LONGEST - 1) == {}
    assert harness.judge.next_due(NOW) == NOW + LONGEST
    assert harness.judged(NOW + LONGEST).keys() == {"boom 1.wav"}


def test_a_broken_sound_does_not_wait_and_holds_nothing_up(harness):
    harness.arrive("Acme/boom 1.wav")
    harness.arrive("Acme/boom 2.wav", b"RIFF")

    harness.answered()
    (broken,) = harness.answered()

    assert isinstance(broken.future.result(), Failed)
    assert harness.judged().keys() == {"boom 1.wav"}


def test_a_huge_pack_is_judged_in_parts(harness, monkeypatch):
    monkeypatch.setattr(judge_together, "MOST_TOGETHER", 2)
    for number in (1, 2, 3):
        harness.arrive(f"Acme/boom {number}.wav", hz=45 + 5 * number)

    harness.answered()
    harness.answered()
    harness.judge.complete_packs(NOW)

    assert harness.judge.judge_next()
    assert harness.judge.judge_next()
    assert not harness.judge.judge_next()


def test_a_single_sound_is_judged_at_once_with_those_that_came_before(harness):
    for number in (1, 2):
        harness.arrive(f"boom {number}.wav", hz=45 + 5 * number)
        (done,) = harness.answered()
        harness.judge.note_judged(done, done.future.result())

    assert done.future.result().verdict.context_strength > 0


def test_a_single_sound_has_neighbors_that_the_journal_knows_also_after_they_were_moved(harness):
    first = harness.arrive("boom 1.wav")
    (done,) = harness.answered()
    request = FilingRequest(first, harness.watch, done.future.result(), place=place_of(first))
    harness.session.pipeline.file_together([request._replace(confirmed="kick")])
    assert not first.path.exists()
    harness.session.neighbors.forget()  # as the daemon does when nothing is left to do

    harness.arrive("boom 2.wav", hz=60)
    (done,) = harness.answered()

    assert done.future.result().verdict.context_strength > 0


@pytest.mark.parametrize("harness", [{"context": False}], indirect=True, ids=["context off"])
def test_without_context_nothing_waits_and_nothing_has_neighbors(harness):
    for number in (1, 2):
        harness.arrive(f"Acme/boom {number}.wav", hz=45 + 5 * number)

    found = [done for _ in range(2) for done in harness.answered()]

    assert [done.future.result().verdict.context_strength for done in found] == [0.0, 0.0]
