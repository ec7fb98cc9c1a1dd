"""One arrival from its verdict to its place, with a real journal and real files; only the workers are a stand-in."""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Config, Watch
from drumwatch.config.holder import ConfigHolder
from drumwatch.core.errors import CannotUndo, DrumwatchError
from drumwatch.core.records import Arrival, Verdict
from drumwatch.filing.file_transfer import Transfer
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter, Journal
from drumwatch.pipeline import FilingRequest, Pipeline, make_libraries, recover, take_back
from drumwatch.pipeline.records import Outage
from drumwatch.workers import model_store
from drumwatch.workers.protocol import Analyze, Analyzed, Answer, ErrorKind, Failed

if TYPE_CHECKING:
    from pathlib import Path

KICK = Verdict(
    "kick",
    "kick",
    0.97,
    {"kick": 0.97, "snare": 0.01, "hat": 0.01, "percussion": 0.005, "other": 0.005},
    {"kick": 0.97, "snare": 0.01, "hat-closed": 0.01, "clap": 0.005, "fx": 0.005},
    "snare",
    "one-shot",
    0.3,
    model="test",
)
NOW = 1000.0
BROKEN = Failed("bad.wav is broken", ErrorKind.UNREADABLE)


class ImmediateExecutor(Executor):
    """Answers every request at once, with the same answer; remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Analyze] = []

    def submit(self, _, request):  # type: ignore[override]
        self.asked.append(request)
        future: Future = Future()
        future.set_result(self.answer)
        return future


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


class PipelineHarness:
    """Intake, library, and a pipeline between them."""

    def __init__(self, root: Path, journal: Journal, **settings) -> None:
        dry_run = settings.pop("dry_run", False)
        self.intake, self.library = root / "in", root / "lib"
        self.intake.mkdir(exist_ok=True)
        self.library.mkdir(exist_ok=True)
        self.watch = Watch(self.intake, self.library, **{"max_wrong": 1.0, **settings})
        self.config = config = Config(self.library, watches=(self.watch,), min_free=0)
        self.workers = ImmediateExecutor(Analyzed(KICK))
        self.pipeline = Pipeline(
            ConfigHolder(config),
            journal,
            self.workers,
            self.workers,
            self.workers,
            state=root,
            dry_run=dry_run,
            clock=lambda: NOW,
        )

    def arrival(self, name: str, content: bytes = b"boom") -> Arrival:
        path = self.intake / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return Arrival(path, stamp_of(path), self.intake, "Pack" if "/" in name else "")

    def incoming(self, name: str, content: bytes = b"boom", failed: Failed | None = None) -> FilingRequest:
        arrival = self.arrival(name, content)
        digest = hashlib.blake2b(content, digest_size=32).hexdigest()
        return FilingRequest(arrival, self.watch, failed or Analyzed(KICK, digest))

    def file(self, *incoming: FilingRequest):
        return self.pipeline.file_together(incoming)

    def tree(self) -> dict[str, bytes]:
        root = self.intake.parent
        found = (
            path for folder in (self.intake, self.library) for path in folder.rglob("*") if path.is_file()
        )
        return {str(path.relative_to(root)): path.read_bytes() for path in found}


@pytest.fixture
def harness(tmp_path, journal):
    return PipelineHarness(tmp_path, journal)


def test_the_worker_is_asked_for_all_that_filing_needs(harness):
    harness.pipeline.analyze(harness.arrival("k.wav"), harness.watch)

    (asked,) = harness.workers.asked
    assert isinstance(asked, Analyze)
    assert asked.path == str(harness.intake / "k.wav")
    assert (asked.with_hash, asked.use_names, asked.max_seconds) == (True, True, 20)


def test_an_analyzed_sound_is_filed_and_written_down(harness, journal):
    (filed,) = harness.file(harness.incoming("k.wav"))

    (entry,) = filed.entries
    assert (filed.again, filed.trouble) == ("", None)
    assert (entry.state, entry.action, entry.time, entry.verdict) == ("done", "move", NOW, KICK)
    assert list(journal.entries.find()) == [entry]
    assert harness.tree() == {"lib/kick/k.wav": b"boom"}


def test_a_group_is_filed_as_each_of_it_would_be_alone(harness):
    results = harness.file(
        harness.incoming("a.wav", b"a"),
        harness.incoming("bad.wav", b"b", BROKEN),
        harness.incoming("c.wav", b"c"),
    )

    assert [[entry.state for entry in filed.entries] for filed in results] == [["done"], ["failed"], ["done"]]
    assert harness.tree() == {"in/bad.wav": b"b", "lib/kick/a.wav": b"a", "lib/kick/c.wav": b"c"}


def test_a_broken_file_is_blamed_once_and_is_nothing_new(harness, journal):
    bad = harness.incoming("bad.wav", failed=BROKEN)

    (first,), (second,) = harness.file(bad), harness.file(bad)

    assert [entry.error for entry in first.entries] == ["bad.wav is broken"]
    assert (second.entries, second.again) == ((), "")
    assert journal.seen.is_seen(bad.arrival.path, bad.arrival.stamp)


def test_a_missing_model_is_no_files_fault(harness, journal):
    (filed,) = harness.file(
        harness.incoming("k.wav", failed=Failed("The model is missing.", ErrorKind.UNAVAILABLE))
    )

    assert (filed.entries, filed.again, filed.trouble) == (
        (),
        "The model is missing.",
        Outage("The model is missing."),
    )
    assert list(journal.entries.find()) == []


def test_an_action_that_fails_is_to_be_tried_again_and_reported_once(harness, journal):
    (harness.library / "kick").write_text("a file where a folder should be")
    incoming = harness.incoming("k.wav")

    (first,), (second,) = harness.file(incoming), harness.file(incoming)

    assert [entry.state for entry in first.entries] == ["failed"]
    assert first.again == first.entries[0].error != ""
    assert (second.entries, second.again, second.trouble) == ((), first.again, None)
    assert harness.tree()["in/k.wav"] == b"boom"
    assert not journal.seen.is_seen(incoming.arrival.path, incoming.arrival.stamp)


def test_a_file_that_changed_since_it_was_analyzed_is_not_touched(harness):
    incoming = harness.incoming("k.wav")
    incoming.arrival.path.write_bytes(b"another take")

    (filed,) = harness.file(incoming)

    assert (filed.entries[0].state, bool(filed.again)) == ("failed", True)
    assert harness.tree() == {"in/k.wav": b"another take"}


def test_a_dry_run_writes_down_what_it_would_do_and_does_nothing(tmp_path, journal):
    harness = PipelineHarness(tmp_path, journal, dry_run=True)

    (filed,) = harness.file(harness.incoming("k.wav"))

    assert [(entry.state, entry.action) for entry in filed.entries] == [("planned", "move")]
    assert harness.tree() == {"in/k.wav": b"boom"}


def test_what_was_handled_is_nothing_new_where_it_stayed(tmp_path, journal):
    harness = PipelineHarness(tmp_path, journal, action="copy")
    incoming = harness.incoming("k.wav")

    harness.file(incoming)

    assert journal.seen.is_seen(incoming.arrival.path, incoming.arrival.stamp)


def test_the_sounds_of_a_pack_are_one_batch(harness, journal):
    harness.file(
        harness.incoming("Pack/a.wav", b"a"),
        harness.incoming("Pack/b.wav", b"b"),
        harness.incoming("c.wav", b"c"),
    )

    a, b, c = journal.entries.find()
    assert a.batch == b.batch != c.batch
    assert [entry.pack for entry in (a, b, c)] == ["Pack", "Pack", ""]


def test_taking_back_restores_the_place_and_says_so(harness, journal):
    (filed,) = harness.file(harness.incoming("k.wav"))

    back = take_back(journal, filed.entries[0], clock=lambda: NOW + 1)

    assert (back.state, back.undoes, back.time) == ("done", filed.entries[0].id, NOW + 1)
    assert journal.entries.get(filed.entries[0].id).state == "undone"
    assert harness.tree() == {"in/k.wav": b"boom"}
    assert journal.seen.is_seen(harness.intake / "k.wav", stamp_of(harness.intake / "k.wav"))


def test_what_cannot_be_taken_back_stays_done_and_the_reason_is_kept(harness, journal):
    (filed,) = harness.file(harness.incoming("k.wav"))
    (harness.library / "kick/k.wav").unlink()

    with pytest.raises(CannotUndo) as refused:
        take_back(journal, filed.entries[0])

    done, tried = journal.entries.find()
    assert (done.state, tried.state, tried.error) == ("done", "failed", str(refused.value))


def test_a_plan_that_a_crash_left_before_the_act_is_failed_and_its_file_new_again(harness, journal):
    incoming = harness.incoming("k.wav")
    filing = harness.pipeline._planner.plan(incoming)

    (entry,) = recover(journal, state=harness.intake.parent)

    assert (entry.id, entry.state) == (*filing.entry_ids, "failed")
    assert harness.tree() == {"in/k.wav": b"boom"}
    assert not journal.seen.is_seen(incoming.arrival.path, incoming.arrival.stamp)


def test_a_plan_that_a_crash_left_after_the_act_is_done(harness, journal):
    filing = harness.pipeline._planner.plan(harness.incoming("k.wav"))
    harness.pipeline._actor.act(filing, Transfer(), min_free=0, model="test")

    (entry,) = recover(journal, state=harness.intake.parent)

    assert entry.state == "done"
    assert entry.destination.read_bytes() == b"boom"
    assert list(journal.entries.find(Filter(states=("planned",)))) == []


def test_a_library_is_made_when_it_is_new_and_never_in_the_place_of_one_that_is_away(
    harness, journal, tmp_path
):
    config = Config(tmp_path / "new/library")
    make_libraries(config, journal)
    assert config.library.is_dir()

    harness.file(harness.incoming("k.wav"))
    harness.library.rename(tmp_path / "unplugged")
    make_libraries(harness.config, journal)
    assert not harness.library.exists()


def test_a_card_that_cannot_be_read_says_what_to_do():
    with pytest.raises(DrumwatchError, match="please reinstall drumwatch"):
        model_store.read_card(model_store.SHIPPED_CARD.with_name("none.json"))


@pytest.mark.parametrize("name_limit", [0, 12], ids=["any name", "short names"])
def test_a_dry_run_shows_the_folders_that_filing_would_choose(tmp_path, name_limit):
    names = [f"{n} a name that is long enough {n}.wav" for n in range(5)]
    places = []
    for dry_run in (True, False):
        root = tmp_path / str(dry_run)
        (root / "lib/kick").mkdir(parents=True)
        (root / "lib/kick/there.wav").write_bytes(b"there")
        with Journal(":memory:") as journal:
            harness = PipelineHarness(root, journal, dry_run=dry_run, max_per_folder=2, name_limit=name_limit)
            results = harness.file(*(harness.incoming(name, name.encode()) for name in names[:2]))
            results += harness.file(*(harness.incoming(name, name.encode()) for name in names[2:]))
            places.append(
                [
                    entry.destination.relative_to(harness.library).as_posix()
                    for one in results
                    for entry in one.entries
                ]
            )

    assert places[0] == places[1]
    assert [place.split("/")[0] for place in places[0]] == ["kick", "kick 2", "kick 2", "kick 3", "kick 3"]
