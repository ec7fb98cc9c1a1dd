"""macOS asks the user inside the first listing of a folder, which returns with the answer: nobody waits for that in the loop."""

from __future__ import annotations

import os
import threading
import time

import pytest

from drumwatch.config import Config, Watch
from drumwatch.core.errors import DiskUnavailable
from drumwatch.filing import disk, library_folders
from drumwatch.intake import scan as scanning
from drumwatch.intake.scan import Scanner
from drumwatch.journal import Journal
from drumwatch.pipeline import recovery
from drumwatch.system.consent import Consent, ConsentPendingError
from drumwatch.system.macos_permissions import FILES_AND_FOLDERS, ProtectedPlace


class Dialog:
    """A consent dialog of macOS for one folder: whoever lists it waits for the answer."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = 0
        self._answered = threading.Event()
        self._allowed = False
        self._scandir = os.scandir

    def scandir(self, path="."):
        if not isinstance(path, int) and os.fspath(path).startswith(os.fspath(self.folder)):
            self.asked += 1
            assert self._answered.wait(20), "nobody has answered"
            if not self._allowed:
                raise PermissionError(1, "Operation not permitted", os.fspath(path))
        return self._scandir(path)

    def answer(self, *, allow):
        self._allowed = allow
        self._answered.set()


@pytest.fixture
def dialog(tmp_path, monkeypatch):
    (tmp_path / "Downloads/Pack").mkdir(parents=True)
    (tmp_path / "Downloads/Pack/kick.wav").write_bytes(b"boom")
    dialog = Dialog(tmp_path / "Downloads")
    monkeypatch.setattr(os, "scandir", dialog.scandir)
    yield dialog
    dialog.answer(allow=False)


@pytest.fixture
def consent(dialog, monkeypatch):
    place = ProtectedPlace(dialog.folder, "Downloads", FILES_AND_FOLDERS)
    consent = Consent(lambda folder: place if folder.is_relative_to(place.place) else None)
    consent.do_not_wait(0.01)
    for module in (scanning, disk, recovery):
        monkeypatch.setattr(module, "CONSENT", consent)
    return consent


def until_answered(consent, folder):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return consent.require(folder)
        except ConsentPendingError:
            time.sleep(0.01)
    pytest.fail("no answer came")


def test_a_scan_does_not_wait_for_the_dialog_and_finds_everything_after_it(dialog, consent):
    problems = []
    scanner = Scanner(dialog.folder, on_problem=lambda _, why: problems.append(why))

    assert list(scanner.scan()) == []
    assert list(scanner.scan()) == []
    assert len(problems) == 1
    assert "macOS is asking whether drumwatch may read Downloads" in problems[0]
    assert dialog.asked == 1

    dialog.answer(allow=True)
    until_answered(consent, dialog.folder)

    assert [path.name for path, _ in scanner.scan()] == ["kick.wav"]


def test_a_refusal_is_met_by_the_scan_itself(dialog, consent):
    consent_given = []
    scanner = Scanner(dialog.folder, on_problem=lambda _, why: consent_given.append(why))
    list(scanner.scan())
    dialog.answer(allow=False)
    until_answered(consent, dialog.folder)

    assert list(scanner.scan()) == []
    assert consent_given


def test_sounds_for_a_library_that_macos_asks_about_wait_as_for_a_disk(dialog, consent):
    library = dialog.folder / "Pack"

    with (
        pytest.raises(DiskUnavailable, match="macOS is asking whether drumwatch may read Downloads"),
        library_folders.opened_library(library),
    ):
        pass
    dialog.answer(allow=True)
    until_answered(consent, library)

    with library_folders.opened_library(library) as folder:
        assert folder.path == library


def test_a_folder_that_is_not_there_is_asked_about_when_it_is(dialog, consent):
    dialog.answer(allow=True)
    consent.require(dialog.folder / "later")

    assert dialog.asked == 1
    consent.require(dialog.folder)
    assert dialog.asked == 2


def test_a_program_in_a_terminal_waits_for_the_user(dialog):
    Consent(lambda _: pytest.fail("it is not asked")).require(dialog.folder)

    assert dialog.asked == 0


@pytest.mark.usefixtures("consent")
def test_other_folders_are_listed_at_once(tmp_path, dialog):
    (tmp_path / "kick.wav").write_bytes(b"boom")

    assert [path.name for path, _ in Scanner(tmp_path, recursive=False).scan()] == ["kick.wav"]
    assert dialog.asked == 0


def test_a_library_that_is_not_there_yet_is_made_when_the_user_has_answered(dialog, consent, tmp_path):
    library = dialog.folder / "Pack/Library"
    watch = Watch(tmp_path, library)

    with Journal(":memory:") as journal:
        recovery.make_libraries(Config(library, watches=(watch,)), journal)
    dialog.answer(allow=True)
    until_answered(consent, dialog.folder)

    deadline = time.monotonic() + 20
    while not library.is_dir() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert library.is_dir()
