"""Sounds that wait and are named alike: the page shows them as one line, whose label is for all of them."""

from __future__ import annotations

import pytest
from daemon_harness import DaemonHarness

SENTENCE = "4 unsure, all named hum *: hear three, say once"


@pytest.fixture
def harness(tmp_path):
    """Four sounds that are named alike wait, and another one."""
    harness = DaemonHarness(tmp_path)
    harness.configure(max_wrong=0)
    harness.run("run", "--once")
    for number in range(1, 5):
        harness.drop(f"hum {number}.wav", hz=45 + number)
    harness.drop("other.wav", hz=90)
    harness.run("run", "--once")
    yield harness
    harness.close()


@pytest.fixture
def tab_with_a_group(harness, browser, page_of):
    """The page of these sounds."""
    page = page_of(harness)
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    name, value = page.cookie.split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": page.root}])
    tab.goto(page.root)
    tab.wait_for_selector(".row")
    yield tab, page
    context.close()
    assert not complaints


def test_a_group_comes_first_three_of_it_are_heard_and_one_label_is_for_all(tab_with_a_group):
    tab, page = tab_with_a_group

    tab.wait_for_function("() => document.querySelectorAll('.row .name').length === 2")
    assert tab.locator(".row .name").all_inner_texts() == [SENTENCE, "other.wav"]
    tab.click("#row-0")
    tab.wait_for_selector("#row-4")
    tab.wait_for_function("() => document.querySelectorAll('#detail button').length === 3")
    tab.keyboard.press("k")
    tab.wait_for_function("() => document.querySelectorAll('.row .badge').length >= 4")
    tab.wait_for_function("() => document.querySelector('[data-view=unsure]').textContent.includes('1')")

    confirmed = {row["name"]: row["confirmed"] for row in page.rows(view="recent")}
    assert [name for name, label in sorted(confirmed.items()) if label == "kick"] == [
        f"hum {number}.wav" for number in range(1, 5)
    ]
    tab.keyboard.press("u")
    tab.wait_for_function("() => document.querySelector('[data-view=unsure]').textContent.includes('5')")
