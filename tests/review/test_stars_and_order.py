"""Stars on the page, in the terminal's journal and in the log; the orders of the lists; what a clash says on its row."""

from __future__ import annotations

import pytest
from test_page import names, wait_for_words


@pytest.fixture
def starred(tab, page):
    """one.wav has a star, and none has one after the test."""
    tab.keyboard.press("*")
    wait_for_words(tab, "#say", "1 sound starred")
    yield tab
    ids = [row["id"] for row in page.rows(view="recent") if row["starred"]]
    page.ask("/api/star", {"ids": ids, "starred": False})


def starred_names(page) -> list[str]:
    return [row["name"] for row in page.rows(view="recent", starred="1")]


def test_a_star_is_given_by_key_and_taken_away_by_the_same(starred, page):
    before = starred_names(page)
    marked = starred.inner_text("#row-0 .star"), starred.inner_text("#detail [aria-pressed]")
    starred.keyboard.press("*")
    wait_for_words(starred, "#say", "1 sound without a star now")

    assert (before, marked) == (["one.wav"], ("★", "★ Starred"))
    assert (starred_names(page), starred.inner_text("#row-0 .star")) == ([], "☆")


def test_a_star_stays_when_the_sound_is_labelled_and_put_back(starred, page):
    starred.keyboard.press("s")
    wait_for_words(starred, "#row-0", "✓ snare")
    filed = starred_names(page), starred.inner_text("#row-0 .star")
    starred.keyboard.press("u")
    wait_for_words(starred, "#say", "1 sound put back")

    assert filed == (["one.wav"], "★")
    assert starred_names(page) == ["one.wav"]


def test_the_pointer_stars_a_row_without_choosing_it(starred, page):
    starred.click("#row-1 .star")
    wait_for_words(starred, "#row-1 .star", "★")

    assert sorted(starred_names(page)) == ["one.wav", "two.wav"]
    assert starred.get_attribute("#list", "aria-activedescendant") == "row-0"


def test_all_chosen_sounds_are_starred_at_once(starred, page):
    starred.keyboard.press("Control+a")
    starred.click("#detail button:has-text('Star all')")
    wait_for_words(starred, "#detail .facts", "3 starred")

    assert len(starred_names(page)) == 3


def test_the_filter_shows_what_is_starred_and_counts_it_in_every_tab(starred):
    starred.check("[name=starred]")
    wait_for_words(starred, "[data-view=recent]", "1")

    assert names(starred) == ["one.wav"] or starred.wait_for_function(
        "() => document.querySelectorAll('.row').length === 1"
    )
    assert starred.locator("#views [role=tab]").all_inner_texts() == [
        "Unsure 1", "Recent 1", "Clashes 0", "Map 1", "Left whole 0",
    ]  # fmt: skip


@pytest.mark.usefixtures("starred")
def test_the_log_shows_what_was_done_with_starred_sounds(page):
    found = page.harness.run_json("log", "--starred")

    assert {record["source"].rsplit("/", 1)[1] for record in found} == {"one.wav"}


def test_a_screen_reader_is_told_of_a_star(starred):
    assert starred.text_content("#row-0 .name") == "one.wav, starred"


def order_by(tab, name: str) -> None:
    with tab.expect_response(lambda answer: f"sort={name}" in answer.url):
        tab.select_option("[name=sort]", name)


def shown(tab, count: int) -> list[str]:
    tab.wait_for_function("count => document.querySelectorAll('.row .name').length === count", arg=count)
    return names(tab)


def wait_for_names(tab, expected: list[str]) -> None:
    tab.wait_for_function(
        "expected => [...document.querySelectorAll('.row .name')].map(name => name.textContent).join('|') === expected.join('|')",
        arg=expected,
    )


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("unsure", lambda row: (row["confidence"], -row["id"])),
        ("sure", lambda row: (-row["confidence"], -row["id"])),
        ("name", lambda row: row["name"].casefold()),
        ("oldest", lambda row: row["id"]),
    ],
    ids=["least sure first", "surest first", "by name", "oldest first"],
)
def test_unsure_sounds_are_listed_in_the_order_that_was_chosen(tab, page, order, key):
    expected = [row["name"] for row in sorted(page.rows(view="unsure"), key=key)]
    order_by(tab, order)

    wait_for_names(tab, expected)


def test_recent_packs_are_listed_by_name_and_their_sounds_by_name_across_packs(tab):
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    order_by(tab, "pack")
    wait_for_names(tab, ["acme", "spare", "Single files"])
    order_by(tab, "name")
    tab.wait_for_selector(".sound")
    sounds = shown(tab, 8)

    assert [name for name in sounds if len(name) < 20] == [
        "kick b.wav", "kick c.wav", "one.wav", "Snare 01.wav", "two.wav", "x.wav", "y.wav"
    ]  # fmt: skip


def test_all_above_means_above_in_the_order_that_is_shown(tab, page):
    order_by(tab, "name")
    expected = sorted((row["name"] for row in page.rows(view="unsure")), key=str.casefold)
    tab.wait_for_function(
        "first => document.querySelector('#row-0 .name')?.textContent === first", arg=expected[0]
    )
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Shift+A")
    wait_for_words(tab, "#say", "2 sounds accepted")

    assert {row["name"] for row in page.rows(view="recent") if row["confirmed"]} == set(expected[:2])


def test_an_order_is_no_filter_and_stays_when_filters_are_cleared(tab):
    order_by(tab, "name")
    tab.select_option("[name=label]", "kick")
    tab.wait_for_selector("#clear:visible")
    tab.click("#clear")
    tab.wait_for_selector("#clear", state="hidden")

    assert tab.input_value("[name=sort]") == "name"
    assert tab.input_value("[name=label]") == ""


def test_a_row_says_its_clash_until_that_is_settled(tab):
    tab.click("[data-view=clashes]")
    wait_for_words(tab, "#row-0 .clash", "named snare, sounds like kick")
    tab.keyboard.press("a")
    wait_for_words(tab, "#row-0", "✓ kick")

    assert tab.locator("#row-0 .clash").count() == 0


def test_chosen_sounds_are_summed_up_instead_of_one_being_explained(tab):
    tab.keyboard.press("Control+a")
    wait_for_words(tab, "#detail .facts", "3 unsure")
    summed = tab.inner_text("#detail h2"), tab.locator("#detail canvas").count()
    tab.keyboard.press("ArrowUp")
    wait_for_words(tab, "#detail h2", "two.wav")

    assert summed == ("3 sounds chosen", 0)
