"""What the tab key proposes, asked as a shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drumwatch.commands import completion
from drumwatch.journal import Confirmation, Journal, Plan
from drumwatch.workers import model_store


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of our own, which is not there yet."""
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DRUMWATCH_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / "state"


@pytest.fixture
def journal(state: Path):
    state.mkdir()
    with Journal(state / "journal.db") as journal:
        yield journal


def file_one(journal: Journal, pack: str) -> int:
    batch = journal.batches.new(Path("/in"), pack, time.time())
    planned = Plan(batch, Path(f"/in/{pack}.wav"), Path("/lib/kick.wav"), "move", "default", "")
    journal.entries.finish(journal.entries.plan(planned, time.time()), "done")
    return batch


def values(items: list) -> list[str]:
    return [item.value for item in items]


def proposed(*words: str) -> list[str]:
    """What bash gets for the last of these words."""
    environment = {
        **os.environ,
        "_DRUMWATCH_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("drumwatch", *words)),
        "COMP_CWORD": str(len(words)),
    }
    asked = subprocess.run(
        [sys.executable, "-m", "drumwatch"], env=environment, capture_output=True, text=True, check=False
    )
    assert asked.stderr == ""
    return [line.partition(",")[2] for line in asked.stdout.splitlines() if "," in line]


def test_batches_are_proposed_with_their_packs_the_newest_first(journal):
    first, second = file_one(journal, "Oak Kit"), file_one(journal, "Elm Kit")

    found = completion.batches("")

    assert values(found) == [str(second), str(first)]
    assert found[0].help.startswith("Elm Kit, ")
    assert proposed("undo", "--batch", "") == proposed("log", "--batch", "") == [str(second), str(first)]


def test_undo_is_not_offered_a_batch_that_filed_nothing(journal):
    batch = journal.batches.new(Path("/in"), "Ash Kit", time.time())
    journal.entries.plan(
        Plan(batch, Path("/in/a.wav"), None, "leave", "unsure", "", state="done"), time.time()
    )

    assert values(completion.batches("", only_undoable=True)) == []
    assert values(completion.batches("")) == [str(batch)]


def test_labels_are_the_five_and_the_users_own(journal):
    journal.confirmations.add(
        Confirmation(time.time(), "00", "foley hits", "command", Path("/a.wav"), "other", "")
    )

    assert values(completion.labels("")) == ["kick", "snare", "hat", "percussion", "other", "foley hits"]
    assert values(completion.labels("fo")) == ["foley hits"]
    assert proposed("log", "--label", "h") == ["hat"]


@pytest.mark.usefixtures("journal")
def test_correct_is_offered_files_first_and_then_labels_and_types():
    assert proposed("correct", "") == [""]
    assert proposed("correct", "a.wav", "cl") == ["clap"]
    assert set(proposed("correct", "a.wav", "b.wav", "h")) == {"hat", "hat-closed", "hat-open", "hand-drum"}
    assert proposed("correct", "a.wav", "/mus") == ["/mus"]


@pytest.mark.usefixtures("state")
def test_models_are_proposed_by_their_ids():
    card = {"id": "my2-00000001", "parent": model_store.shipped().id, "made": "2026-01-01T10:00", "risk": {}}
    model_store.keep(b"arrays", card)

    assert proposed("model", "use", "") == ["shipped", "my2-00000001"]
    assert proposed("model", "show", "my") == ["my2-00000001"]
    assert proposed("model", "export", "--id", "") == ["my2-00000001"]
    assert completion.models("my")[0].help == "made on 2026-01-01"


def test_the_tab_key_creates_nothing(state):
    assert proposed("undo", "--batch", "") == []
    assert not state.exists()


def test_a_damaged_journal_is_no_trouble_for_the_tab_key(state):
    state.mkdir()
    (state / "journal.db").write_bytes(b"no database" * 1000)

    assert proposed("undo", "--batch", "") == []
    assert proposed("log", "--label", "k") == ["kick"]
