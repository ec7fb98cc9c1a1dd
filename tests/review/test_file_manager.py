"""A sound is shown in its folder: by the desktop's file manager over D-Bus, by opening the folder, or by a sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drumwatch.review.file_manager import FileManagerError, commands_for, show_in_folder

HOSTILE = "it's 100 % ']\"; $(rm) `x` ü\n.wav"


@pytest.fixture
def sound(tmp_path):
    folder = tmp_path / "Drums & more"
    folder.mkdir()
    (folder / HOSTILE).write_bytes(b"RIFF")
    return folder / HOSTILE


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Has the programs that a test installs, and no other."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("DISPLAY", ":7")

    def install(name, code=0):
        script = f'#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done > "{programs}/{name}.asked"\nexit {code}\n'
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
        return programs / f"{name}.asked"

    return install


def words(asked: Path) -> list[str]:
    return asked.read_text("utf-8").split("\0")[:-1]


def test_linux_asks_the_file_manager_and_opens_the_folder_as_the_way_out():
    show, folder = commands_for(Path("/Drums/a b.wav"), "linux", {"WAYLAND_DISPLAY": "wayland-0"})

    assert show[:4] == ["gdbus", "call", "--session", "--timeout"]
    assert show[-3:] == ["org.freedesktop.FileManager1.ShowItems", "['file:///Drums/a%20b.wav']", "''"]
    assert folder == ["xdg-open", "/Drums"]


def test_without_a_desktop_no_folder_is_opened_as_that_would_start_a_text_browser():
    assert [command[0] for command in commands_for(Path("/a.wav"), "linux", {})] == ["gdbus"]


def test_macos_shows_the_file_in_the_finder():
    assert commands_for(Path("/-R x/it's.wav"), "darwin", {}) == [["open", "-R", "/-R x/it's.wav"]]


def test_a_name_that_is_not_utf_8_is_named_by_its_bytes():
    uri = commands_for(Path(os.fsdecode(b"/\xff.wav")), "linux", {})[0][-2]

    assert uri == "['file:///%FF.wav']"


def test_when_the_file_manager_refuses_the_folder_is_opened(machine, sound):
    refused, opened = machine("gdbus", code=1), machine("xdg-open")

    show_in_folder(sound)

    assert words(opened) == [str(sound.parent)]
    assert words(refused)[-2] == f"['{sound.as_uri()}']"


def test_when_the_file_manager_shows_it_no_folder_is_opened(machine, sound):
    machine("gdbus")
    opened = machine("xdg-open")

    show_in_folder(sound)

    assert not opened.exists()


def test_without_any_file_manager_the_path_is_told_in_one_line(machine, sound):
    machine("xdg-open", code=3)

    with pytest.raises(FileManagerError, match=r"No file manager of this machine could show it") as error:
        show_in_folder(sound)

    assert str(error.value).endswith(r"ü\n.wav")


def test_a_sound_that_is_gone_is_not_asked_for(machine, tmp_path):
    asked = machine("gdbus")

    with pytest.raises(FileManagerError, match=r"gone\.wav is not there any more"):
        show_in_folder(tmp_path / "gone.wav")

    assert not asked.exists()


@pytest.mark.skipif(
    not (shutil.which("dbus-daemon") and shutil.which("gdbus")), reason="no session bus or no gdbus here"
)
def test_a_real_bus_takes_any_name_to_the_file_manager(sound, tmp_path, monkeypatch):
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    )
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    shown = tmp_path / "shown"
    server = Path(__file__).with_name("file_manager_server.py")
    manager = subprocess.Popen([sys.executable, server, shown], stdout=subprocess.PIPE, text=True)
    assert manager.stdout.readline() == "ready\n"

    show_in_folder(sound)

    assert shown.read_text("utf-8") == f"{sound.as_uri()}\n"
    for process in (manager, bus):
        process.kill()
        process.wait()
        process.stdout.close()
