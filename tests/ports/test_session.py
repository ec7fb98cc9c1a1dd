"""What a session builds, and when."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Config, Watch
from drumwatch.core.errors import ConfigError
from drumwatch.journal import Journal
from drumwatch.session import SessionOptions, open_session
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import CheckSandbox

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "library")
    return Config(library=tmp_path / "library", watches=(watch,))


def test_a_session_that_is_not_used_makes_no_file(config, state):
    with open_session(config):
        pass

    assert not state.exists()


def test_the_journal_can_be_used_with_a_configuration_that_cannot_be_read():
    def unreadable() -> Config:
        raise ConfigError(["line 1: this is no TOML"])

    with open_session(unreadable) as session:
        assert session.journal.entries.newest_id() == 0
        with pytest.raises(ConfigError):
            _ = session.corrector


def test_the_configuration_is_read_once(config):
    reads = []

    def read() -> Config:
        reads.append(1)
        return config

    with open_session(read) as session:
        assert session.config is session.config is config
    assert reads == [1]


def test_a_part_is_built_once(config):
    with open_session(config) as session:
        assert session.pipeline is session.pipeline
        assert session.packs is session.packs
        assert session.workers is session.workers


def test_a_replaced_configuration_holds_for_the_parts_that_are_built_already(config):
    with open_session(config) as session:
        pipeline, packs = session.pipeline, session.packs
        changed = replace(config, min_free=12_345)

        session.replace_config(changed)

        assert session.config is changed
        assert pipeline._config.current is changed
        assert packs._config.current is changed


def test_the_workers_and_the_journal_end_with_the_session(config):
    with open_session(config) as session:
        pools = [session.workers, session.tag_workers, session.retrain_workers]
        journal = session.journal

    for pool in pools:
        with pytest.raises(RuntimeError, match="closed"):
            pool.submit(answer, CheckSandbox("."))
    with pytest.raises(sqlite3.ProgrammingError):
        journal.entries.newest_id()


def test_a_journal_that_was_given_stays_open(config):
    with Journal(":memory:") as journal:
        with open_session(config, SessionOptions(journal=journal)) as session:
            assert session.journal is journal
        assert journal.entries.newest_id() == 0


def test_a_dry_run_writes_into_a_copy_of_the_journal(config):
    with open_session(config) as session:
        session.journal.state.set(model="before")
    with open_session(config, SessionOptions(dry_run=True)) as session:
        session.journal.state.set(model="dry")
    with open_session(config) as session:
        assert session.journal.state.get()["model"] == "before"
