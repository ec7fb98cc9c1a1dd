"""`drumwatch journal`, `doctor` and the daily copy, with a journal that is damaged for good."""

from __future__ import annotations

import os
import shutil

JOURNAL = "journal.db"


def test_a_journal_that_is_damaged_is_found_repaired_and_still_undoes_everything(harness):
    arrived = {harness.drop(f"kick {number}.wav", hz=50 + number).name for number in range(3)}
    harness.run("sort", "--yes", str(harness.intake))
    assert "copied to" in harness.run("journal", "backup").stdout
    journal = harness.state / JOURNAL
    journal.write_bytes(os.urandom(4096) + journal.read_bytes()[4096:])
    as_damaged = journal.read_bytes()

    checked = harness.run("journal", "check", code=1).stdout
    (findings,) = harness.run_json("doctor", code=1)
    repaired = harness.run("journal", "repair").stdout

    assert "drumwatch journal repair" in checked
    assert [finding["mend"] for finding in findings if "does not begin as one" in finding["what"]] == [
        "`drumwatch journal repair` saves what can be read, and keeps the file as it is now."
    ]
    assert "3 entries saved" in repaired
    assert [path.read_bytes() for path in harness.state.glob("journal damaged *.db")] == [as_damaged]
    assert "✗" not in harness.run("journal", "check").stdout
    assert "nothing to repair" in harness.run("journal", "repair").stdout
    shutil.rmtree(harness.state / "backups")
    harness.run("undo", "--since", "2020-01-01")
    assert len([*harness.state.glob("backups/journal-*.db")]) == 1, "the first command of the day copies it"
    assert {path.name for path in harness.intake.iterdir()} == arrived


def test_the_daemon_copies_its_journal_at_rest(harness):
    harness.start()

    harness.wait_until(lambda: [*harness.state.glob("backups/journal-*.db")], "a copy of the journal")

    assert "the last backup of the journal" in harness.run("doctor").stdout
