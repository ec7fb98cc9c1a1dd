"""The journal's disk fails at any statement: nothing is lost, and when it is well again, journal and disk agree without a restart."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from faulty_journal import KINDS, FaultyJournal, JournalFault
from folder_trees import a_wav, all_files, stamp_of
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from pipeline_harness import PipelineHarness
from test_filing_any_history import ACTIONS, BOOMS, LINKS, History

from drumwatch.core.errors import DrumwatchError, StateUnavailable
from drumwatch.journal.entries import Entries
from drumwatch.pipeline import recover

if TYPE_CHECKING:
    from collections.abc import Callable

FAULTS = st.builds(JournalFault, st.sampled_from([*KINDS]), st.integers(1, 40), st.booleans())


class HistoryWithJournalFaults(History):
    """As any history, and the journal may fail in the middle of whatever is done, for one statement or until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.faulty_journal = FaultyJournal(self.patches)

    @precondition(lambda self: self.at_home())
    @rule(
        action=st.sampled_from(ACTIONS),
        count=st.integers(1, 3),
        more=st.sampled_from(["", LINKS, BOOMS, LINKS + BOOMS]),
        fault=FAULTS,
    )
    def samples_are_filed_with_a_failing_journal(
        self, action: str, count: int, more: str, fault: JournalFault
    ) -> None:
        self.harness.start(f'min_free = 0\naction = "{action}"\n{more if action != "tag" else ""}')
        group = self.at_home()[:count]
        self.endured(lambda: self.harness.file(*group), fault)

    @precondition(lambda self: self.done())
    @rule(which=st.integers(0, 9), fault=FAULTS)
    def an_action_is_undone_with_a_failing_journal(self, which: int, fault: JournalFault) -> None:
        filed = self.done()
        self.endured(lambda: self.harness.undo(filed[which % len(filed)]), fault)

    @precondition(lambda self: self.current())
    @rule(which=st.integers(0, 9), label=st.sampled_from(["snare", "kick"]), fault=FAULTS)
    def a_sample_is_corrected_with_a_failing_journal(
        self, which: int, label: str, fault: JournalFault
    ) -> None:
        current = self.current()
        self.endured(lambda: self.harness.correct(current[which % len(current)], label), fault)

    @precondition(lambda self: self.done())
    @rule(fault=FAULTS)
    def emptied_folders_are_removed_with_a_failing_journal(self, fault: JournalFault) -> None:
        self.endured(self.harness.remove_emptied_folders, fault)
        self.harness.remove_emptied_folders()

    def endured(self, work: Callable[[], object], fault: JournalFault) -> None:
        """The work under the fault; then the fault ends, and the same process settles what it left."""
        self.faulty_journal.begin(fault)
        with contextlib.suppress(DrumwatchError):
            work()
        with contextlib.suppress(StateUnavailable):
            recover(self.harness.journal, state=self.harness.state)  # a try that comes too early
        self.faulty_journal.end()
        self.every_sample_is_whole()
        recover(self.harness.journal, state=self.harness.state)


TestAnyHistoryWithJournalFaults = HistoryWithJournalFaults.TestCase
TestAnyHistoryWithJournalFaults.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
"""Any order of arrivals, actions, undo, crashes and faults of the journal."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_any_statement_leaves_what_recovery_settles_without_a_restart(
    tmp_path, monkeypatch, caplog, kind, action
):
    faulty_journal = FaultyJournal(monkeypatch)
    harness = PipelineHarness(tmp_path)
    harness.start(f'min_free = 0\naction = "{action}"')
    at = 0
    while faulty_journal.raised == at:
        at += 1
        sample = a_wav(bytes([at, at + 1]) * 60)
        path = harness.arrive(f"{at}/kick.wav", sample)
        faulty_journal.begin(JournalFault(kind, at, lasts=True))
        with contextlib.suppress(StateUnavailable):
            harness.file(path)
        faulty_journal.end()
        recover(harness.journal, state=harness.state)
        assert not harness.entries(states=("planned",))
        if path.exists() and not harness.journal.seen.is_seen(path, stamp_of(path)):
            assert path.read_bytes() == sample
            harness.file(path)
        (done,) = [entry for entry in harness.entries(states=("done",)) if entry.source == path]
        assert (done.destination or path).exists()
        faulty_journal.raised = min(faulty_journal.raised, at)
    assert at > 2
    assert harness.temps() == []
    assert len(all_files(harness.library)) == (0 if action in ("tag", "symlink") else at)
    assert [record.message for record in caplog.records if record.exc_info] == []
    harness.close()


def test_a_state_folder_that_is_deleted_in_the_middle_of_a_group_keeps_the_rest_where_it_is(
    tmp_path, monkeypatch
):
    harness = PipelineHarness(tmp_path)
    paths = [harness.arrive(f"{number}.wav", a_wav(bytes([number, 1]) * 60)) for number in range(3)]
    replan = Entries.replan

    def replan_and_delete(*args: Any) -> None:
        replan(*args)
        shutil.rmtree(harness.state, ignore_errors=True)

    monkeypatch.setattr(Entries, "replan", replan_and_delete)
    with pytest.raises(StateUnavailable, match="was deleted or replaced"):
        harness.file(*paths)

    assert [path.exists() for path in paths] == [False, True, True]
    harness.close()
