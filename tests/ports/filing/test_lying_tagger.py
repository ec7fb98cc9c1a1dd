"""A process that writes tags and has been taken over by a file: whatever it did to the copy, the original stays as it is."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from folder_trees import all_files
from pipeline_harness import PipelineHarness, answer, arrival
from sounds import kick, noise_burst, rich_wav

from drumwatch.analysis.tags.tagger import tag
from drumwatch.config import Config, Watch
from drumwatch.containers import payload_span
from drumwatch.journal import Filter
from drumwatch.pipeline import FilingRequest
from drumwatch.session import open_session
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import TagsWritten, WriteTags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Lie = Callable[[WriteTags], object]


def flip_a_bit(request: WriteTags) -> None:
    tag(request)
    content = bytearray(Path(request.temp).read_bytes())
    content[(payload_span(Path(request.temp)) or (0, 0))[0] + 2000] ^= 1
    Path(request.temp).write_bytes(content)


def drop_the_last_sample(request: WriteTags) -> None:
    rich_wav(Path(request.temp), kick()[:-1])
    tag(request)


def change(chunk_id: bytes) -> Lie:
    def lie(request: WriteTags) -> None:
        tag(request)
        content = bytearray(Path(request.temp).read_bytes())
        content[content.rindex(chunk_id) + 9] ^= 1
        Path(request.temp).write_bytes(content)

    return lie


def do_nothing(_: WriteTags) -> None:
    """It only says that it has."""


def write_another_sound(request: WriteTags) -> None:
    rich_wav(Path(request.temp), noise_burst())
    tag(request)


TAG = 'action = "tag"\nmin_free = 0'
LIES: dict[str, Lie] = {
    "one bit of a sample": flip_a_bit,
    "no last sample": drop_the_last_sample,
    "another smpl": change(b"smpl"),
    "another cue": change(b"cue "),
    "another bext": change(b"bext"),
    "another acid": change(b"acid"),
    "nothing": do_nothing,
    "another sound": write_another_sound,
}


class LyingTagger(Executor):
    """Answers that all is done."""

    def __init__(self, lie: Lie) -> None:
        self.lie = lie

    def submit(self, _: Any, request: WriteTags, /) -> Future[TagsWritten]:  # type: ignore[override]
        future: Future[TagsWritten] = Future()
        self.lie(request)
        future.set_result(TagsWritten({"genre": "Kick", "group": "Drums", "machine": request.machine}, {}))
        return future


@pytest.fixture(scope="module")
def proving() -> Iterator[LocalWorkers]:
    with LocalWorkers(limit=1) as workers:
        yield workers


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[PipelineHarness]:
    harness = PipelineHarness(tmp_path)
    yield harness
    harness.close()


def file_with(harness: PipelineHarness, lie: Lie) -> tuple[Path, str]:
    """Let a rich sound be tagged by a liar; return its path, and the reason why it was not."""
    harness.tagging = LyingTagger(lie)
    harness.start(TAG)
    path = a_rich_sound(harness)
    before = path.read_bytes()

    (filed,) = harness.file(path)

    assert [path.read_bytes() for path in all_files(harness.intake)] == [before]
    assert [entry.state for entry in harness.entries()] == ["failed"]
    return path, filed.again


def a_rich_sound(harness: PipelineHarness) -> Path:
    """With the chunks that samplers leave."""
    made = rich_wav(harness.state / "made.wav").read_bytes()
    cue = b"cue " + (28).to_bytes(4, "little") + bytes(28)
    whole = made[:4] + (len(made) + len(cue) - 8).to_bytes(4, "little") + made[8:] + cue
    return harness.arrive("kick.wav", whole)


@pytest.mark.parametrize("lie", LIES)
def test_what_was_not_proven_does_not_take_the_place_of_the_original(harness, proving, lie):
    harness.proving = proving

    path, why = file_with(harness, LIES[lie])

    assert why.startswith(f"{path} was not tagged: the copy ")


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie != "nothing"])
def test_the_bytes_outside_the_tags_are_compared_whatever_both_processes_say(harness, lie):
    path, why = file_with(harness, LIES[lie])

    assert why.startswith(f"{path} was not tagged: the copy with the tags differs from it in ")


def test_the_process_that_proves_is_another_one_than_the_one_that_tags(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    (tmp_path / "in").mkdir()
    path = rich_wav(tmp_path / "in/kick.wav")
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "lib", action="tag", max_wrong=1.0)
    with open_session(Config(library=tmp_path / "lib", watches=(watch,), min_free=0)) as session:
        request = FilingRequest(arrival(path, tmp_path / "in"), watch, answer(path))

        (filed,) = session.pipeline.file_together([request])

        assert [entry.state for entry in session.journal.entries.find(Filter())] == ["done"], filed
        pids = [*session.tag_workers.pids, *session.proof_workers.pids]
        assert len(set(pids)) == len(pids) == 2
