"""What the icon in the tray shows, and what its menu does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from drumwatch.commands import tray
from drumwatch.core.errors import UsageError
from drumwatch.system import pause_note

AT_REST: Any = {"alive": True, "to_review": 0, "settling": 0, "hearing": 0}


def shown(**facts):
    return tray.state_of(AT_REST | facts, paused_by_user=False)


@pytest.fixture
def without_desktop(monkeypatch, tmp_path):
    """A pystray that has no desktop to show anything on, and a state folder of its own."""
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("facts", "look", "headline"),
    [
        ({}, "at work", "drumwatch watches"),
        ({"settling": 2, "hearing": 1}, "at work", "drumwatch works: 3 sounds to go"),
        ({"paused": "Bitwig is running"}, "paused", "drumwatch waits: Bitwig is running"),
        ({"problems": ["The disk is full."]}, "problem", "The disk is full."),
        ({"alive": False, "problems": ["old"]}, "not running", "drumwatch is not running"),
    ],
)
def test_the_icon_says_in_one_line_how_it_is(facts, look, headline):
    state = shown(**facts)

    assert (state.look, state.headline) == (look, headline)


def test_every_state_has_a_picture_of_its_own():
    assert len({tray._picture(look).tobytes() for look in tray.COLORS}) == len(tray.COLORS)


def test_the_menu_leads_to_what_is_unsure():
    assert shown().review_text == "Open the review"
    assert shown(to_review=1).review_text == "Review 1 unsure sound"
    assert shown(to_review=12).review_text == "Review 12 unsure sounds"


def test_a_long_problem_is_cut_and_shows_no_control_characters():
    state = shown(problems=["a\x1b[2Jb" + "x" * 500])

    assert len(state.headline) == tray.TITLE_CHARS
    assert "\x1b" not in state.headline


def test_the_menu_pauses_for_an_hour_and_goes_on(without_desktop, monkeypatch):
    from pystray import Icon  # noqa: PLC0415  it looks for a desktop when it is imported

    state = tray.ShownState()
    menu = tray._menu(state, None)
    icon = Icon("drumwatch", menu=menu)
    monkeypatch.setattr(Icon, "update_menu", lambda _: None)  # the dummy has no menu to update
    monkeypatch.setattr(Icon, "title", "", raising=False)
    monkeypatch.setattr(Icon, "icon", None, raising=False)
    pause = next(item for item in menu.items if item.text == "Pause for an hour")

    pause(icon)
    until = pause_note.paused_until(without_desktop, time.time())
    assert until == pytest.approx(time.time() + 3600, abs=60)
    assert pause.text == "Go on"

    pause(icon)
    assert pause_note.paused_until(without_desktop, time.time()) is None
    assert pause.text == "Pause for an hour"


def test_a_desktop_without_a_tray_is_told_what_to_do(tmp_path):
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    result = subprocess.run(
        [sys.executable, "-m", "drumwatch", "tray"],
        env={**environment, "DRUMWATCH_STATE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 2
    assert "This desktop has no tray" in result.stderr


def test_without_the_extra_the_command_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(tray, "find_spec", lambda _: None)

    with pytest.raises(UsageError, match=r'pip install "drumwatch\[tray\]"'):
        tray.tray(None)
