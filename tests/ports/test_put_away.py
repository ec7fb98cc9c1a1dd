"""Where an unpacked archive goes if the system does not put it into its trash."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drumwatch.config import Watch
from drumwatch.packs import archive_closing
from drumwatch.packs.archive_closing import ArchiveCloser

ARCHIVE = Path("/in/pack.zip")


class Pipeline:
    """Writes down where a file was to go; the trash takes none."""

    def __init__(self, state):
        self.places = []
        self.state = state

    def file_as_is(self, arrival, watch, action, batch):
        assert (arrival.path, batch) == (ARCHIVE, 7)
        self.places.append((watch.library, action.destination))
        failed = ".Trash" in action.destination.parts
        entry = SimpleNamespace(state=self.state if failed else "done", destination=action.destination)
        return SimpleNamespace(entries=(entry,))


@pytest.mark.parametrize(
    ("state", "places"),
    [
        ("failed", [".Trash/pack.zip", "library/_archives/pack.zip"]),
        ("done", [".Trash/pack.zip"]),
        ("planned", [".Trash/pack.zip"]),
    ],
)
def test_an_archive_that_macos_does_not_trash_is_set_aside(tmp_path, monkeypatch, state, places):
    monkeypatch.setattr(archive_closing, "is_kept_by_system", lambda: True)
    monkeypatch.setattr(archive_closing, "trash_folder", lambda: tmp_path / ".Trash")
    pipeline: Any = Pipeline(state)
    watch = Watch(Path("/in"), tmp_path / "library")
    unpacked = SimpleNamespace(folder=tmp_path / "empty", batch=7)
    (tmp_path / "empty").mkdir()
    pack: Any = SimpleNamespace(
        archive=SimpleNamespace(path=ARCHIVE), watch=watch, refused=False, unpacked=unpacked
    )

    config: Any = SimpleNamespace(after_unpacking="trash")
    closer = ArchiveCloser(None, pipeline, None, dry_run=False)

    entries = list(closer._put_away(pack, config))

    assert [place.relative_to(tmp_path).as_posix() for _, place in pipeline.places] == places
    assert [entry.state for entry in entries][-1] == ("done" if state == "failed" else state)
