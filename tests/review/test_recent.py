"""Filed sounds by pack: unfold, accept, undo."""

from __future__ import annotations

import pytest
from test_page import names, wait_for_words


@pytest.fixture
def recent(tab):
    tab.click("[data-view=recent]")
    tab.wait_for_selector(".pack")
    return tab


def go_to(recent, pack: str) -> int:
    """The cursor is on this pack's line, whose number is returned."""
    line = names(recent).index(pack)
    recent.keyboard.press("Home")
    for _ in range(line):
        recent.keyboard.press("ArrowDown")
    return line


def unfold(recent, pack: str) -> int:
    """The cursor is on the pack's first sound, whose line is returned."""
    line = go_to(recent, pack)
    recent.keyboard.press("ArrowRight")
    recent.wait_for_selector(f"#row-{line + 1} canvas")
    recent.keyboard.press("ArrowDown")
    return line + 1


def test_packs_have_one_line_each_with_what_is_in_them(recent):
    reported = dict(zip(names(recent), recent.locator(".pack .told").all_inner_texts(), strict=True))

    assert reported == {"Single files": "3 kick", "spare": "2 percussion", "acme": "3 kick"}
    assert "3 sounds · 3 unsure or left alone" in recent.inner_text(f"#row-{go_to(recent, 'Single files')}")


def test_enter_unfolds_a_pack_and_left_folds_it(recent):
    line = go_to(recent, "acme")
    recent.keyboard.press("Enter")
    recent.wait_for_selector(f"#row-{line + 3} canvas")
    unfolded = sorted(names(recent))
    recent.keyboard.press("ArrowDown")
    recent.keyboard.press("ArrowLeft")
    recent.wait_for_function("() => document.querySelectorAll('.row').length === 3")

    assert unfolded == ["Single files", "Snare 01.wav", "acme", "kick b.wav", "kick c.wav", "spare"]
    assert recent.get_attribute("#list", "aria-activedescendant") == f"row-{line}"
    assert recent.get_attribute(f"#row-{line}", "aria-expanded") == "false"


def test_a_sound_of_a_pack_is_corrected_in_place(recent, page):
    line = unfold(recent, "acme")
    recent.keyboard.press("s")
    wait_for_words(recent, f"#row-{line}", "✓ snare")

    assert [path for path in page.harness.tree() if path.startswith("library/snare/acme/")]


def test_the_rest_of_a_pack_is_accepted_on_its_own_line(recent, page):
    go_to(recent, "acme")
    recent.keyboard.press("Shift+A")
    wait_for_words(recent, "#say", "3 sounds accepted")

    assert [row["confirmed"] for row in page.rows(view="recent") if row["pack"] == "acme"] == ["kick"] * 3


def test_a_sound_is_put_back_where_it_came_from_and_its_label_is_forgotten(recent, page):
    line = unfold(recent, "acme")
    recent.keyboard.press("h")
    wait_for_words(recent, f"#row-{line}", "✓ hat")
    recent.keyboard.press("ArrowUp")
    recent.keyboard.press("Shift+U")
    wait_for_words(recent, "#say", "1 sound put back")

    assert "✓" not in recent.inner_text(f"#row-{line}")
    assert not [path for path in page.harness.tree() if path.startswith("library/hat/")]


def test_undoing_a_pack_is_asked_for_first_and_puts_every_sound_back(recent, page):
    go_to(recent, "spare")
    recent.keyboard.press("Shift+U")
    recent.wait_for_selector("#ask[open]")
    asked = recent.inner_text("#ask")
    recent.click("#ask [value=no]")
    kept = page.harness.tree()
    recent.keyboard.press("Shift+U")
    recent.click("#ask [value=yes]")
    recent.wait_for_function("() => document.querySelectorAll('.pack').length === 2")
    undone = page.harness.tree()
    page.sort_again("spare")

    assert "Everything that was done with its 2 sounds is undone" in asked
    assert "library/percussion/spare/x.wav" in kept
    assert [path for path in undone if "spare" in path] == ["intake/spare/x.wav", "intake/spare/y.wav"]


def test_a_search_leaves_only_the_packs_that_have_what_fits(recent):
    recent.fill("#search", "Snare")
    recent.wait_for_function("() => document.querySelectorAll('.pack').length === 1")

    assert recent.inner_text("#row-0 .where").startswith("1 sound ")
