"""Sounds that were filed before the marker of their project came: they are put back, and no others."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from folder_trees import a_wav
from pipeline_harness import PipelineHarness

from drumwatch.packs.projects import Projects
from drumwatch.packs.recently_moved import MARKER_MAY_FOLLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.records import Entry

MARKER = "Song/Ableton Project Info/Project8_1.cfg"


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PipelineHarness]:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    (tmp_path / "house").mkdir()
    harness = PipelineHarness(tmp_path / "house")
    yield harness
    harness.close()


@pytest.fixture
def filed(harness: PipelineHarness) -> list[Path]:
    """Two sounds of a song and one of a pack, which have all been moved into the library."""
    names = ["Song/Samples/1.wav", "Song/Samples/2.wav", "Pack/3.wav"]
    paths = [harness.arrive(name, a_wav(bytes([number, 1]) * 100)) for number, name in enumerate(names)]
    harness.file(*paths)
    assert [path for path in paths if path.exists()] == []
    return paths


def put_back(
    harness: PipelineHarness, setting: Literal["leave", "copy", "sort"] = "leave", later: float = 0.0
) -> list[Entry]:
    watch = replace(harness.config.watches[0], projects=setting)
    projects = Projects(harness.journal, clock=lambda: time.time() + later)
    return [one.entry for one in projects.put_back_early_ones(watch)]


def test_the_sounds_of_a_project_are_put_back_when_its_marker_comes_and_it_is_reported(harness, filed):
    harness.arrive(MARKER, b"x")

    *back, reported = put_back(harness)

    assert [path.exists() for path in filed] == [True, True, False]
    assert len(back) == 2
    assert reported.reason.endswith(
        "with 2 sounds; 2 of them had been filed before this was known, and are back"
    )


def test_nothing_is_put_back_without_a_marker(harness, filed):
    assert put_back(harness) == []
    assert not any(path.exists() for path in filed)


def test_nothing_is_put_back_where_projects_are_sorted(harness, filed):
    harness.arrive(MARKER, b"x")

    assert put_back(harness, "sort") == []
    assert not any(path.exists() for path in filed)


def test_what_was_filed_long_before_stays_filed(harness, filed):
    harness.arrive(MARKER, b"x")

    assert put_back(harness, later=MARKER_MAY_FOLLOW + 60) == []
    assert not any(path.exists() for path in filed)


def test_a_sound_that_cannot_be_put_back_keeps_none_of_the_others_away(harness, filed):
    harness.arrive(MARKER, b"x")
    harness.arrive("Song/Samples/1.wav", b"another one has come there")

    *back, reported = put_back(harness)

    assert filed[1].exists()
    assert filed[0].read_bytes() == b"another one has come there"
    assert len(back) == 1
    assert "; 1 of them had been filed before this was known, and is back" in reported.reason
