"""Root notes and tempi on the page: shown, filtered and sorted by."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def notes(page):
    """Two of the kits' sounds have a note and one a tempo while a test runs; a fourth is long enough to ring."""
    rows = {row["name"]: row["id"] for row in page.rows(view="recent")}
    facts = {
        "kick b.wav": "'$.note', 'F#', '$.note_from', 'sound'",
        "x.wav": "'$.note', 'C', '$.note_from', 'name'",
        "kick c.wav": "'$.tempo', 120.0",
        "one.wav": "'$.duration', 1.5, '$.types', json('{\"kick\": 1.0}'), '$.shape', 'one-shot'",
    }
    with closing(sqlite3.connect(page.harness.state / "journal.db", isolation_level=None)) as db:
        before = db.execute("SELECT verdict, id FROM entry").fetchall()
        for name, changes in facts.items():
            db.execute(f"UPDATE entry SET verdict = json_set(verdict, {changes}) WHERE id = ?", (rows[name],))
        yield rows
        db.executemany("UPDATE entry SET verdict = ? WHERE id = ?", before)


@pytest.mark.usefixtures("notes")
def test_sounds_are_filtered_by_note_and_tempo(page):
    assert [row["name"] for row in page.rows(view="recent", note="F%23")] == ["kick b.wav"]
    assert [row["name"] for row in page.rows(view="recent", min_bpm="109.5", max_bpm="129.5")] == [
        "kick c.wav"
    ]
    assert page.rows(view="recent", note="G") == page.rows(view="recent", min_bpm="130") == []
    assert [row["name"] for row in page.rows(view="recent", sort="note")][:2] == ["x.wav", "kick b.wav"]
    assert page.rows(view="recent", sort="tempo")[0]["name"] == "kick c.wav"


def test_a_sound_that_cannot_ring_is_not_searched(page, notes):
    row = page.ask(f"/api/sounds/{notes['two.wav']}/note", {})["row"]

    assert (row["id"], row["note"], row["may_have_note"]) == (notes["two.wav"], "", False)


@pytest.mark.usefixtures("notes")
def test_the_page_filters_by_note_and_shows_it(tab):
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    tab.select_option("[name=note]", "F#")
    tab.wait_for_function("() => document.querySelectorAll('.pack').length === 1")
    tab.select_option("[name=sort]", "note")
    tab.wait_for_function("() => !document.querySelector('.pack') && document.querySelector('.row')")

    tab.wait_for_function("() => document.querySelector('#detail .facts')?.textContent.includes('F#')")
    assert tab.locator(".row").count() == 1
    tab.click("#clear")  # the order is no filter, and stays
    tab.wait_for_function("() => document.querySelectorAll('.row').length > 1")


def test_everything_above_in_another_order_is_what_is_shown_above(tab, page, notes):
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    tab.select_option("[name=sort]", "note")
    tab.wait_for_function("() => !document.querySelector('.pack') && document.querySelector('.row')")

    above = {"view": "recent", "sort": "note"}
    page.ask("/api/confirm", {"above": notes["kick b.wav"], "shown": above})

    confirmed = {row["name"] for row in page.rows(view="recent") if row["confirmed"]}
    assert confirmed == {"kick b.wav"}  # x.wav is above it, and in another pack


@pytest.mark.usefixtures("notes")
def test_a_search_is_offered_for_a_sound_that_may_ring(tab):
    for name, offered in (("one.wav", 1), ("two.wav", 0)):
        tab.locator(".row", has_text=name).click()
        tab.wait_for_function(f"() => document.querySelector('#detail h2')?.textContent === '{name}'")
        assert tab.locator("#detail button", has_text="Find root note").count() == offered
