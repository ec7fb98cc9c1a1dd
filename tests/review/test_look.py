"""How the page looks and reads: contrast, dark and light, narrow screens, roles, motion, and its scripts."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from daemon_harness import ROOT

PAGE = ROOT / "drumwatch/review/page"
WEAKEST = (ROOT / "tests/review/contrast.js").read_text()


def every_view(tab):
    """With what is behind each tab on the screen, one after the other."""
    for view, something in (
        ("unsure", ".row"),
        ("recent", ".pack"),
        ("clashes", ".row"),
        ("map", "#map[data-sounds='8']"),
        ("projects", ".project"),
    ):
        tab.click(f"[data-view={view}]")
        tab.wait_for_selector(something)
        tab.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
        yield view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_what_it_stands_on(tab, scheme):
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tab.wait_for_selector("#detail li")

    for view in every_view(tab):
        weakest = tab.evaluate(WEAKEST)
        assert weakest[0][0] >= 4.5, (view, weakest)


def test_dark_is_dark(tab):
    tab.emulate_media(color_scheme="dark")

    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"


def test_a_narrow_screen_shows_everything_without_scrolling_sideways(tab):
    tab.set_viewport_size({"width": 390, "height": 800})

    for view in every_view(tab):
        assert tab.evaluate("document.documentElement.scrollWidth") == 390, view
        assert tab.evaluate(
            "[...document.querySelectorAll('#labels button')].every(one => one.getBoundingClientRect().right <= 390)"
        )
    tab.click("#more-filters")
    assert tab.is_visible("[name=label]")


def test_a_screen_reader_is_given_what_is_chosen_and_of_how_many(tab):
    tab.keyboard.press("ArrowDown")
    row = tab.locator("#row-1")

    assert tab.locator("#list").get_attribute("role") == "listbox"
    assert tab.locator("#list").get_attribute("aria-activedescendant") == "row-1"
    assert [
        row.get_attribute(name) for name in ("role", "aria-selected", "aria-posinset", "aria-setsize")
    ] == ["option", "true", "2", "3"]


def test_packs_are_a_tree_to_a_screen_reader(tab):
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    row = tab.locator("#row-0")

    assert tab.locator("#list").get_attribute("role") == "tree"
    assert [row.get_attribute(name) for name in ("role", "aria-expanded", "aria-level", "aria-setsize")] == [
        "treeitem",
        "false",
        "1",
        "3",
    ]


def test_every_control_has_a_name(tab):
    nameless = tab.evaluate(
        """() => [...document.querySelectorAll('button, input, select, canvas[tabindex]')].filter(one => one.checkVisibility())
        .filter(one => !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length)).map(one => one.outerHTML)"""
    )

    assert nameless == []


def test_the_focus_can_be_seen(tab):
    tab.keyboard.press("ArrowDown")
    on_the_list = tab.evaluate("getComputedStyle(document.querySelector('.cursor')).outlineStyle")
    tab.keyboard.press("Tab")
    on_a_button = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert (on_the_list, on_a_button) == ("solid", "solid")


def test_nothing_moves_where_that_is_not_wanted(tab):
    tab.emulate_media(reduced_motion="reduce")

    assert tab.evaluate("getComputedStyle(document.querySelector('.row')).transitionDuration") == "0s"


def test_labels_have_the_same_colours_in_a_report():
    report = (ROOT / "drumwatch/sorting/report.html").read_text()
    style = (PAGE / "review.css").read_text()
    colours = [line.strip() for line in style.splitlines() if line.strip().startswith("--kick")]

    assert len(colours) == 2
    for line in colours:
        for colour in line.split("; ")[:5]:
            assert colour.rstrip(";") in report, colour


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
@pytest.mark.parametrize("script", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_the_scripts_are_whole(script):
    check = ["node", "--check", "--input-type=module"]
    ran = subprocess.run(check, input=script.read_text(), capture_output=True, text=True, check=False)

    assert ran.stderr == ""
