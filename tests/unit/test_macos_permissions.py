import errno
import sys
from pathlib import Path

import pytest

from drumwatch.commands import doctor
from drumwatch.filing import os_errors
from drumwatch.system import macos_calls, macos_permissions
from drumwatch.system.macos_permissions import ProtectedPlace, advice, guarded, needs_permission, program

FRAMEWORK = "/opt/homebrew/Frameworks/Python.framework/Versions/3.13/Resources/Python.app"


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("~/Downloads/Packs", "Downloads"),
        ("~/Desktop", "Desktop"),
        ("~/Documents/Samples", "Documents"),
        ("~/Library/Mobile Documents/com~apple~CloudDocs/Samples", "iCloud Drive"),
        ("~/Library/CloudStorage/Dropbox/Samples", "the folders of cloud services"),
        ("~/.Trash", "the Trash"),
        ("/Volumes/SSD/Samples", "disks that can be removed, and network disks"),
    ],
)
def test_a_mac_guards_these_places_from_programs_without_a_permission(folder, name):
    found = guarded(Path(folder).expanduser(), "darwin")

    assert found
    assert found.name == name
    assert not needs_permission(Path(folder).expanduser(), "linux")


@pytest.mark.parametrize("folder", ["~/Music", "~/DownloadsOld", "/Volumes", "/Users/Shared", "~"])
def test_a_mac_asks_nobody_about_other_places(folder):
    assert not needs_permission(Path(folder).expanduser(), "darwin")


def test_the_disks_of_a_mac_are_guarded_one_by_one():
    found = guarded(Path("/Volumes/SSD/Samples/Kicks"), "darwin")

    assert found
    assert found.place == Path("/Volumes/SSD")


def test_the_advice_for_a_mac_is_one_line_with_the_dialog_the_pane_and_the_program():
    line = advice(Path.home() / "Downloads", "darwin")

    assert "click Allow when it asks" in line
    assert (
        f"allow Downloads for {program()} in System Settings > Privacy & Security > Files & Folders" in line
    )
    assert "\n" not in line


def test_the_trash_has_no_dialog_and_one_pane():
    line = advice(Path.home() / ".Trash", "darwin")

    assert "Privacy & Security > Full Disk Access add" in line
    assert "Allow" not in line


def test_the_program_is_the_application_that_a_framework_python_has_started(monkeypatch):
    monkeypatch.setattr(macos_calls, "program_path", lambda: f"{FRAMEWORK}/Contents/MacOS/Python")

    assert program() == Path(FRAMEWORK)


def test_a_python_outside_any_application_is_named_itself():
    assert program() == Path(sys.executable).resolve()


@pytest.fixture
def mac(monkeypatch, tmp_path):
    """A Mac that guards one folder."""
    place = ProtectedPlace(tmp_path / "guarded", "Documents", macos_permissions.FILES_AND_FOLDERS)
    monkeypatch.setattr(
        macos_permissions,
        "guarded",
        lambda folder, *_: place if folder.is_relative_to(place.place) else None,
    )
    return place.place


def test_the_doctor_tells_of_libraries_as_well_as_of_watched_folders_each_place_once(mac, tmp_path):
    (note,) = doctor._macos_permissions([mac / "in", tmp_path / "free", mac / "library", mac / "library"])

    assert note.what == f"{mac / 'in'}, {mac / 'library'} are protected by macOS"
    assert "Files & Folders" in note.remedy


def test_a_library_that_macos_refuses_is_told_with_the_pane_and_not_with_its_mode(mac):
    refused = os_errors.sentence(
        PermissionError(errno.EPERM, "Operation not permitted"), Path("/in/kick.wav"), mac / "kick/kick.wav"
    )

    assert "Files & Folders" in refused
    assert "Change the folder's permissions" not in refused
