"""Nothing lies over anything, nothing is cut off, and nothing jumps, in windows from a phone to a wide screen."""

from __future__ import annotations

import pytest
from daemon_harness import ROOT
from test_look import every_view
from test_page import wait_for_words

FAULTS = (ROOT / "tests/review/layout.js").read_text()
WINDOWS = {
    "phone": (390, 800),
    "tablet": (820, 1180),
    "laptop": (1280, 800),
    "desktop": (1600, 950),
    "wide": (1920, 1080),
}
STAGE = "document.getElementById('stage').getBoundingClientRect().height"
BAR = "document.getElementById('bar').getBoundingClientRect().height"
WIDTH = "one => document.querySelector(one).getBoundingClientRect().width"


@pytest.fixture(params=WINDOWS)
def window_of(request, tab):
    """The page in a window of this size, and the size."""
    width, height = WINDOWS[request.param]
    tab.set_viewport_size({"width": width, "height": height})
    return tab, width


def test_nothing_overlaps_or_is_cut_off_in_any_section(window_of):
    tab, _ = window_of

    for view in every_view(tab):
        assert tab.evaluate(FAULTS) == [], view


def test_nothing_overlaps_while_many_are_chosen_or_types_are_offered(window_of):
    tab, _ = window_of
    tab.keyboard.press("Control+a")
    tab.keyboard.press("m")
    wait_for_words(tab, "#detail .facts", "3 unsure")

    assert tab.evaluate(FAULTS) == []


def test_the_list_keeps_its_height_whatever_the_bars_say(window_of):
    tab, _ = window_of
    heights = [tab.evaluate(f"[{STAGE}, {BAR}]")]
    tab.keyboard.press("m")
    heights.append(tab.evaluate(f"[{STAGE}, {BAR}]"))
    tab.keyboard.press("Escape")
    tab.keyboard.press("s")
    wait_for_words(tab, "#say", "1 sound → snare")
    heights.append(tab.evaluate(f"[{STAGE}, {BAR}]"))
    tab.keyboard.press("Control+a")
    wait_for_words(tab, "#count", "chosen")
    heights.append(tab.evaluate(f"[{STAGE}, {BAR}]"))
    tab.click("[data-view=projects]")
    tab.wait_for_selector(".project")
    heights.append(tab.evaluate(f"[{STAGE}, {BAR}]"))

    assert heights == [heights[0]] * 5


def test_the_map_lies_under_no_hint(tab):
    tab.click("[data-view=map]")
    tab.wait_for_selector("#map[data-sounds='8']")

    above, canvas, below = (tab.locator(one).bounding_box() for one in ("#legend", "#map", "#below-map"))
    assert above["y"] + above["height"] <= canvas["y"]
    assert canvas["y"] + canvas["height"] <= below["y"]
    assert tab.is_visible(".hint")


def test_a_wide_screen_shows_more_of_each_sound_and_a_tablet_both_panes(tab):
    tab.set_viewport_size({"width": 1920, "height": 1080})
    tab.wait_for_selector(".further:visible")
    wide = [tab.evaluate(WIDTH, one) for one in (".thumb", "#detail")]
    tab.set_viewport_size({"width": 820, "height": 1180})
    tablet = [tab.evaluate(WIDTH, one) for one in ("#list-pane", "#detail")]

    assert wide == [240, 480]
    assert sum(tablet) == 820
    assert all(width >= 250 for width in tablet)
