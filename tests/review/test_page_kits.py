"""A kit from the page: around the chosen sounds, by a button or a key, and taken out again."""

from __future__ import annotations

import json
import urllib.error

import pytest
from test_map import draw_around_everything, sky  # noqa: F401  a fixture
from test_page import wait_for_words


def kits_of(page):
    return sorted(path for path in page.harness.tree() if "/_kits/" in path)


@pytest.mark.parametrize("way", ["key", "button"])
def test_chosen_sounds_become_a_kit_that_says_where_it_lies_and_can_be_taken_out(sky, page, way):  # noqa: F811
    draw_around_everything(sky)
    wait_for_words(sky, "#count", "8 sounds chosen")
    sky.keyboard.press("K") if way == "key" else sky.click("[data-act=kit]")
    wait_for_words(sky, "#kit-about", "The 8 sounds that you have chosen")
    sky.fill("#kit [name=name]", "Dusty")
    sky.keyboard.press("Enter")
    wait_for_words(sky, "#say", "/_kits/Dusty")
    words, made = sky.inner_text("#say"), kits_of(page)
    sky.click("#say button:has-text('Take it out again')")
    wait_for_words(sky, "#say", "The kit is gone")

    assert len(made) > 1
    assert all(path.startswith("library/_kits/Dusty/") for path in made)
    assert f"{len(made)} sounds in " in words
    assert "3 chosen sounds cannot be in a kit" in words  # they are unsure, and were left where they are
    assert kits_of(page) == []
    assert len(page.rows(view="map")) == 8


def test_a_name_that_is_none_and_a_dialog_that_is_left_make_nothing(sky, page):  # noqa: F811
    sky.keyboard.press("K")
    sky.fill("#kit [name=name]", "//")
    sky.keyboard.press("Enter")
    wait_for_words(sky, "#trouble", "cannot be the name of a folder")
    sky.keyboard.press("K")
    sky.keyboard.press("Escape")
    sky.complaints.clear()  # the browser reports the refused request

    assert kits_of(page) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/kits", {"ids": [], "name": "Dusty", "device": "toaster"}),
        ("/api/kits", {"ids": [], "name": "Dusty", "device": "folder", "size": 4000}),
        ("/api/kits/show", {"batch": 1}),
    ],
    ids=["unknown device", "too many", "no kit"],
)
def test_what_cannot_be_done_is_said_in_a_sentence(page, path, body):
    with pytest.raises(urllib.error.HTTPError) as refused:
        page.ask(path, body)

    assert refused.value.code == 409
    assert json.load(refused.value)["error"].endswith(".")
    assert kits_of(page) == []
