"""Sounds that need the extra `formats`: what is told without it, and what counts as new when it comes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drumwatch.commands.doctor import _extra_formats
from drumwatch.config import Config, Watch
from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake import ignore
from drumwatch.intake.arrivals import Arrivals, Refused
from drumwatch.intake.extra_formats import UnheardFiles, advice, not_heard
from drumwatch.journal import Journal
from drumwatch.system.installation import command

LATER = 100.0
M4A = b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x08moov" + b"\0\0\0\x0cmdat1234"


@pytest.fixture(autouse=True)
def _fresh_answer():
    yield
    ignore.has_av.cache_clear()


def extra(monkeypatch, *, installed: bool) -> None:
    monkeypatch.setattr(ignore.importlib.util, "find_spec", lambda name: name if installed else None)
    ignore.has_av.cache_clear()


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


class Folder:
    """A watched folder whose files are looked at by a new `Arrivals` at each start."""

    def __init__(self, root: Path, journal: Journal) -> None:
        self.folder = root / "in"
        self.folder.mkdir()
        self.config = Config(root / "lib", watches=(Watch(self.folder, root / "lib"),))
        self.journal = journal

    def start(self, **more) -> Arrivals:
        self.arrivals = Arrivals(self.config, self.journal)
        self.arrivals.begin(0.0, 4e9, **more)
        return self.arrivals

    def drop(self, name: str, content: bytes = M4A) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def notice(self, path: Path, kind: EventKind = EventKind.CLOSED) -> None:
        self.arrivals.notice(FileEvent(path, kind, self.folder), 0.0, 4e9)

    def out(self) -> list[str]:
        answers = self.arrivals.stable(LATER, 4e9 + LATER)
        return [
            f"{one.arrival.path.name}!" if isinstance(one, Refused) else one[0].path.name for one in answers
        ]


@pytest.fixture
def folder(tmp_path, journal):
    return Folder(tmp_path, journal)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"M4A": 3}, "3 M4A files could not be heard"),
        ({"WMA": 1}, "1 WMA file could not be heard"),
        ({"WMA": 1, "M4A": 2_000}, "2,000 M4A files and 1 WMA file could not be heard"),
        ({"WMA": 1, "M4A": 3, "AMR": 2}, "3 M4A files, 2 AMR files and 1 WMA file could not be heard"),
        ({}, ""),
    ],
)
def test_the_sentence_counts_files_by_format(counts, sentence):
    assert not_heard(counts) == sentence
    assert advice(counts).startswith(sentence)


@pytest.mark.parametrize(
    ("prefix", "more", "expected"),
    [
        ("/venv", {"pip": "/venv/bin/pip"}, "pip install 'drumwatch[formats]'"),
        ("/my venv", {"pip": "/usr/bin/pip"}, "'/my venv/bin/python' -m pip install 'drumwatch[formats]'"),
        ("/venv", {"pip": None}, "/venv/bin/python -m pip install 'drumwatch[formats]'"),
        ("/home/ada/.local/share/pipx/venvs/drumwatch", {"pip": None}, "pipx install --force 'drumwatch[formats]'"),
        ("/home/ada/.local/share/uv/tools/drumwatch", {"pip": None}, "uv tool install --force 'drumwatch[formats]'"),
        ("/src/.venv", {"pip": None, "source": "/src", "editable": True}, "/src/.venv/bin/python -m pip install -e '/src[formats]'"),
    ],
)  # fmt: skip
def test_the_command_fits_how_drumwatch_was_installed(prefix, more, expected):
    python = Path(prefix) / "bin/python"

    assert command("formats", prefix=Path(prefix), python=python, **more) == expected


def test_the_endings_of_the_extra_are_sounds_only_where_it_is_installed(monkeypatch):
    extra(monkeypatch, installed=True)
    assert ignore.is_audio_name("kick.M4A")
    assert not ignore.needs_extra("kick.M4A")

    extra(monkeypatch, installed=False)
    assert not ignore.is_audio_name("kick.M4A")
    assert ignore.needs_extra("kick.M4A")
    assert not ignore.needs_extra("._kick.m4a")
    assert not ignore.needs_extra("kick.wav")


def test_a_watch_is_reported_once_when_no_other_file_has_come_for_a_while():
    files, watch = UnheardFiles(2.0, ()), Path("/in")
    files.note(watch / "a.m4a", watch, "M4A", 0.0)
    files.note(watch / "b.m4a", watch, "M4A", 1.5)
    files.note(watch / "a.m4a", watch, "M4A", 1.5)

    assert files.pop_reports(3.0) == []
    assert [text.partition(":")[0] for text in files.pop_reports(3.5)] == ["2 M4A files could not be heard"]

    files.note(watch / "c.m4a", watch, "M4A", 4.0)
    assert files.pop_reports(LATER) == []
    assert files.summary().startswith("3 M4A files could not be heard")

    files.forget(watch / "c.m4a")
    assert files.summary().startswith("2 M4A files could not be heard")


def test_without_the_extra_a_new_file_is_reported_and_never_comes_out(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    folder.notice(folder.drop("kick.m4a"))

    assert folder.arrivals.waiting() == 1
    assert folder.out() == []
    assert [text.partition(":")[0] for text in folder.arrivals.pop_unheard(LATER)] == [
        "1 M4A file could not be heard"
    ]
    assert folder.arrivals.waiting() == 0


def test_a_watch_is_not_reported_again_after_a_restart(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    folder.notice(folder.drop("kick.m4a"))
    folder.arrivals.pop_unheard(LATER)

    assert folder.start().pop_unheard(LATER) == []
    assert folder.arrivals.unheard.summary().startswith("1 M4A file could not be heard")


def test_what_came_without_the_extra_comes_out_when_it_is_installed(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    folder.notice(folder.drop("kick.m4a"))
    folder.arrivals.pop_unheard(LATER)

    extra(monkeypatch, installed=True)
    folder.start()

    assert folder.out() == ["kick.m4a"]
    assert folder.arrivals.unheard.summary() == ""


def test_a_running_daemon_notices_the_extra_with_a_full_rescan(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    folder.notice(folder.drop("kick.m4a"))
    folder.arrivals.pop_unheard(LATER)

    monkeypatch.setattr(ignore.importlib.util, "find_spec", lambda name: name)
    folder.arrivals.rescan(1.0, 4e9 + 1)

    assert folder.out() == ["kick.m4a"]
    assert folder.arrivals.unheard.summary() == ""
    assert folder.arrivals.unheard.pop_changed()


@pytest.mark.parametrize("installed", [True, False])
def test_what_was_there_before_the_folder_was_watched_stays(folder, monkeypatch, installed):
    folder.drop("old.m4a")
    extra(monkeypatch, installed=installed)
    folder.start()
    assert folder.arrivals.unheard.summary() == ""
    assert folder.arrivals.old() == int(installed)

    extra(monkeypatch, installed=True)
    folder.start()

    assert folder.out() == []


def test_what_an_earlier_version_left_stays_when_the_extra_comes_with_the_new_version(
    folder, journal, monkeypatch
):
    """The earlier version recorded no file of these formats as old, as it never looked at them."""
    folder.drop("old.m4a")
    journal.seen.note_baseline(folder.folder, (), 1.0)

    extra(monkeypatch, installed=True)
    folder.start()
    folder.notice(folder.drop("new.m4a", M4A + b"\0\0\0\x08free"))

    assert folder.out() == ["new.m4a"]
    assert {path.name for path, _ in journal.seen.baseline()} == {"old.m4a"}


def test_old_files_come_out_where_everything_is_asked_for(folder, monkeypatch):
    folder.drop("old.m4a")
    extra(monkeypatch, installed=False)
    folder.start()

    extra(monkeypatch, installed=True)
    folder.start(everything=True)

    assert folder.out() == ["old.m4a"]


def test_the_content_counts_not_the_ending(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    folder.notice(folder.drop("kick.wav"))

    assert folder.out() == []
    assert folder.arrivals.unheard.summary().startswith("1 M4A file could not be heard")

    extra(monkeypatch, installed=True)
    folder.start()
    assert folder.out() == ["kick.wav"]


def test_a_file_that_is_gone_is_counted_no_longer(folder, monkeypatch):
    extra(monkeypatch, installed=False)
    folder.start()
    path = folder.drop("kick.m4a")
    folder.notice(path)
    path.unlink()
    folder.notice(path, EventKind.GONE)

    assert folder.arrivals.pop_unheard(LATER) == []
    assert folder.arrivals.unheard.summary() == ""


def test_doctor_names_the_files_and_the_command(folder, monkeypatch):
    folder.drop("a.m4a")
    folder.drop("b.wma")
    extra(monkeypatch, installed=False)

    (finding,) = _extra_formats(folder.config.watches)

    assert finding.state == "note"
    assert finding.what == "1 M4A file and 1 WMA file could not be heard"
    assert "[formats]'" in finding.remedy

    extra(monkeypatch, installed=True)
    assert list(_extra_formats(folder.config.watches)) == []


def test_the_daemon_finds_the_extra_without_importing_it():
    ignore.has_av.cache_clear()
    before = "av" in sys.modules

    ignore.has_av()

    assert ("av" in sys.modules) == before
