"""What `drumwatch status` knows of a daemon that has ended."""

from pathlib import Path

from drumwatch.daemon.status import StatusReporter
from drumwatch.journal import Journal, Plan
from drumwatch.system.sd_notify import SdNotifier


def test_status_knows_the_last_file_of_a_daemon_that_ends_right_after_it():
    with Journal(":memory:") as journal:
        reporter = StatusReporter(journal, SdNotifier({}))
        reporter.report_start("m1")
        batch = journal.batches.current(Path("/Downloads"), "", 10.0)
        place = Path("/Library/kick/a.wav")
        plan = Plan(
            batch, Path("/Downloads/a.wav"), place, "move", "default", "because", "kick", "kick", 0.9,
            None, content_hash="a", state="done",
        )  # fmt: skip
        journal.entries.plan(plan, 10.0)
        (entry,) = journal.entries.find()

        reporter.report_entry(entry)
        reporter.report_end()

        facts = journal.state.get()
    assert "a.wav" in facts["last_file"]["what"]
    assert "pid" not in facts


def test_a_pause_ends_with_the_daemon_though_it_began_right_before():
    with Journal(":memory:") as journal:
        reporter = StatusReporter(journal, SdNotifier({}))

        reporter.report_pause("Ableton Live is running")
        reporter.report_end()

        assert "paused" not in journal.state.get()
