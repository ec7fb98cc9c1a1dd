"""The review page in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser, unsure_page):
    context = browser.new_context(viewport={"width": 1200, "height": 760})
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: message.type == "error" and tab.complaints.append(message.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.goto(unsure_page.url)
    tab.wait_for_selector(".row")
    yield tab
    context.close()


def names(tab) -> list[str]:
    return tab.locator(".row .name").all_inner_texts()


def test_what_is_unsure_is_listed_and_nobody_else_is_asked(tab, unsure_page):
    asked = tab.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)")

    assert sorted(names(tab))[1:] == ["one.wav", "two.wav"]
    assert set(asked) == {unsure_page.root}
    assert "token" not in tab.url
    assert tab.complaints == []


def test_a_hostile_file_name_is_only_text(tab):
    assert '<img src=x onerror="document.title=1">.wav' in names(tab)
    assert tab.title() == "drumwatch review"
    assert tab.locator("img").count() == 0


def test_space_plays_the_sound(tab):
    tab.keyboard.press(" ")

    tab.wait_for_function("() => document.getElementById('player').currentTime > 0")
    assert 0.1 < tab.evaluate("document.getElementById('player').duration") < 1


def test_a_sound_comes_in_ranges(tab, unsure_page):
    id_ = tab.evaluate("fetch('/api/sounds?view=unsure').then(r => r.json()).then(found => found.rows[0].id)")
    answer = tab.request.get(f"{unsure_page.root}/api/sounds/{id_}/audio", headers={"Range": "bytes=0-3"})

    assert (answer.status, answer.body()) == (206, b"RIFF")


def test_a_key_files_the_sound_and_u_brings_it_back(tab, unsure_page):
    first = names(tab)[0]
    tab.keyboard.press("2")
    tab.wait_for_selector(".row .badge")
    filed = unsure_page.studio.tree()
    tab.keyboard.press("u")
    tab.wait_for_selector(".row .badge", state="detached")

    assert f"library/snare/{first}" in filed
    assert f"intake/{first}" in unsure_page.studio.tree()


def test_several_sounds_are_labelled_at_once(tab, unsure_page):
    tab.keyboard.press("Shift+ArrowDown")
    tab.keyboard.press("h")
    tab.wait_for_function("() => document.querySelectorAll('.row .badge').length === 2")

    assert sum(path.startswith("library/hat/") for path in unsure_page.studio.tree()) == 2


def test_everything_above_in_the_pack_is_accepted(tab, unsure_page):
    tab.keyboard.press("End")
    tab.keyboard.press("Shift+A")
    tab.wait_for_function("() => document.querySelectorAll('.row .badge').length === 3")

    assert not [path for path in unsure_page.studio.tree() if path.startswith("intake/")]


def test_the_reasons_stand_beside_the_sound(tab):
    tab.wait_for_selector("#detail li")

    assert tab.locator("#detail h2").all_inner_texts()[1:] == ["Why", "Most like"]


def test_the_map_shows_every_sound_and_a_lasso_labels_them(tab, unsure_page):
    tab.click("[data-view=map]")
    tab.wait_for_selector("#map[data-sounds='3']")
    box = tab.locator("#map").bounding_box()
    tab.keyboard.down("Shift")
    corners = [(2, 2), (box["width"] - 2, 2), (box["width"] - 2, box["height"] - 2), (2, box["height"] - 2)]
    tab.mouse.move(box["x"] + 2, box["y"] + 2)
    tab.mouse.down()
    for x, y in corners:
        tab.mouse.move(box["x"] + x, box["y"] + y)
    tab.mouse.up()
    tab.keyboard.up("Shift")
    tab.keyboard.press("k")
    tab.wait_for_function("() => document.getElementById('say').textContent === '3 kick'")

    assert sum(path.startswith("library/kick/") for path in unsure_page.studio.tree()) == 3


def test_a_search_narrows_the_list(tab):
    tab.fill("#search", "two")
    tab.wait_for_function("() => document.getElementById('count').textContent === '1 sounds'")

    assert names(tab) == ["two.wav"]


def test_dark_is_dark(tab):
    tab.emulate_media(color_scheme="dark")

    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 21, 19)"


def test_another_site_cannot_write(tab, unsure_page, tmp_path):
    (tmp_path / "evil.html").write_text("<title>evil</title>")
    evil = tab.context.new_page()
    evil.goto(Path(tmp_path / "evil.html").as_uri())
    evil.evaluate(
        "url => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include', body: '{\"ids\": [1]}'}).catch(() => 0)",
        f"{unsure_page.root}/api/confirm",
    )

    assert not [path for path in unsure_page.studio.tree() if path.startswith("library/")]
