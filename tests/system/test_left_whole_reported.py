"""Projects that were left whole, as `status`, `log` and `undo` report them."""

from __future__ import annotations

import shutil
import time

import pytest

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.journal import Journal

WHY = "is an Ableton Live project (Ableton Project Info): left whole, 14 sounds in it"


@pytest.fixture
def noted(harness):
    """A daemon harness with two projects in its intake, both noted as left whole."""
    with Journal(harness.state / "journal.db") as journal:
        batch = journal.batches.new(harness.intake, "", time.time())
        for name in ("Song Project", "Old Song"):
            root = harness.intake / name
            (root / "Ableton Project Info").mkdir(parents=True)
            detail = EntryDetail(
                project_kind="song",
                project_name="an Ableton Live project",
                marker=root / "Ableton Project Info",
                sounds=14,
            )
            journal.projects.note(batch, root, f"{name} {WHY}", detail, time.time())
    return harness


def test_status_names_them_and_counts_them_as_no_sounds(noted):
    result = noted.run("status", code=1).stdout.splitlines()
    (facts,) = noted.run_json("status", code=1)

    assert "  left whole  2 projects: Old Song, Song Project; `drumwatch review` lists them" in result
    assert "  today       nothing yet" in result
    assert facts["left_whole"][1] == {
        "source": str(noted.intake / "Song Project"),
        "kind": "song",
        "name": "an Ableton Live project",
    }


def test_status_names_none_that_is_gone(noted):
    shutil.rmtree(noted.intake / "Old Song")
    one = noted.run("status", code=1).stdout
    shutil.rmtree(noted.intake / "Song Project")
    none = noted.run("status", code=1).stdout

    assert "  left whole  1 project: Song Project; `drumwatch review` lists it\n" in one
    assert "left whole" not in none


def test_log_has_a_sign_for_them_and_the_reason_below(noted):
    first, second, *_ = noted.run("log", "-v").stdout.splitlines()

    assert first.endswith("Song Project left whole in ~/intake")
    assert "◆" in first
    assert second.strip() == f"it {WHY}"


def test_log_prints_the_same_fields_for_any_entry(noted):
    record = noted.run_json("log")[0]

    assert (record["rule"], record["action"], record["state"]) == ("project", "leave", "done")
    assert (record["label"], record["confidence"], record["content_hash"]) == (None, None, None)
    assert record["reason"] == f"Song Project {WHY}"


def test_log_by_pack_counts_them_apart(noted):
    result = noted.run("log", "--packs").stdout
    (record,) = noted.run_json("log", "--packs")

    assert "single files: 2 projects left whole (from ~/intake)" in result
    assert (record["projects"], record["left"]) == (2, 0)


def test_undo_says_that_there_is_nothing_to_take_back(noted):
    result = noted.run("undo", "1", code=2).stderr

    assert "entry 1 left Song Project whole, so there is nothing to take back" in result
