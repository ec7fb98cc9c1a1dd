"""The review page in a real browser: play, look, label, undo."""

from __future__ import annotations

import re
from pathlib import Path

from sounds import HOSTILE


def names(tab) -> list[str]:
    return tab.locator(".row .name").all_inner_texts()


def wait_for_words(tab, selector: str, words: str) -> None:
    tab.wait_for_function(
        "([selector, words]) => document.querySelector(selector)?.textContent.includes(words)",
        arg=[selector, words],
    )


def test_what_is_unsure_is_listed_and_nobody_else_is_asked(tab, page):
    asked = tab.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)")

    assert names(tab) == ["one.wav", "two.wav", HOSTILE]
    assert set(asked) == {page.root}
    assert "token" not in tab.url


def test_each_tab_says_how_many_sounds_it_has(tab):
    wait_for_words(tab, "[data-view=map]", "8")

    assert tab.locator("#views [role=tab]").all_inner_texts() == [
        "Unsure 3",
        "Recent 8",
        "Clashes 1",
        "Map 8",
        "Left whole 2",
    ]


def test_a_hostile_file_name_is_only_text(tab):
    assert HOSTILE in names(tab)
    assert tab.title() == "drumwatch review"
    assert tab.locator("#stage img").count() == 0


def test_space_plays_the_sound(tab):
    tab.keyboard.press(" ")

    tab.wait_for_function("() => document.getElementById('player').currentTime > 0")
    assert 0.1 < tab.evaluate("document.getElementById('player').duration") < 1


def test_the_pointer_on_a_picture_plays_that_sound(tab, page):
    two = next(row["id"] for row in page.rows(view="unsure") if row["name"] == "two.wav")
    tab.hover("#row-1 canvas")

    tab.wait_for_function("id => document.getElementById('player').src.includes(`/${id}/audio`)", arg=two)


def test_sounds_play_as_one_goes_where_that_is_wanted(tab):
    tab.check("#listen")
    tab.keyboard.press("ArrowDown")

    tab.wait_for_function("() => document.getElementById('player').currentTime > 0")


def test_a_sound_comes_in_ranges(tab, page):
    one = page.rows(view="unsure")[0]["id"]
    answer = tab.request.get(f"{page.root}/api/sounds/{one}/audio", headers={"Range": "bytes=0-3"})

    assert (answer.status, answer.body()) == (206, b"RIFF")


def test_each_sound_has_its_picture(tab):
    tab.wait_for_function(
        "() => document.querySelector('#row-0 canvas').width > 300 || document.querySelector('#row-0 canvas').width === 168"
    )
    drawn = tab.evaluate(
        """() => { const canvas = document.querySelector('#row-0 canvas');
        return new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size }"""
    )

    assert drawn > 20


def test_a_key_files_the_sound_and_u_brings_it_back(tab, page):
    tab.keyboard.press("2")
    wait_for_words(tab, "#row-0", "✓ snare")
    filed = page.harness.tree()
    tab.keyboard.press("u")
    wait_for_words(tab, "#say", "1 sound put back")

    assert "library/snare/one.wav" in filed
    assert "intake/one.wav" in page.harness.tree()


def test_after_a_confirmation_the_next_sound_is_chosen(tab):
    tab.keyboard.press("s")
    wait_for_words(tab, "#row-0", "✓ snare")

    assert tab.get_attribute("#list", "aria-activedescendant") == "row-1"
    wait_for_words(tab, "#detail h2", "two.wav")


def test_what_was_labelled_stays_on_its_line_until_the_list_is_filled_again(tab):
    tab.keyboard.press("s")
    wait_for_words(tab, "[data-view=unsure]", "2")

    assert names(tab)[0] == "one.wav"

    tab.click("[data-view=unsure]")
    tab.wait_for_function("() => document.querySelectorAll('.row').length === 2")


def test_several_sounds_are_labelled_at_once(tab, page):
    tab.keyboard.press("Shift+ArrowDown")
    tab.keyboard.press("h")
    wait_for_words(tab, "#say", "2 sounds → hat")

    assert sum(path.startswith("library/hat/") for path in page.harness.tree()) == 2


def test_all_sounds_are_chosen_and_one_u_takes_all_back(tab, page):
    tab.keyboard.press("Control+a")
    tab.keyboard.press("k")
    wait_for_words(tab, "#say", "3 sounds → kick")
    tab.keyboard.press("u")
    wait_for_words(tab, "#say", "3 sounds put back")

    assert {"intake/one.wav", "intake/two.wav"} < set(page.harness.tree())


def test_accepting_approves_the_predicted_label(tab, page):
    tab.keyboard.press("a")
    wait_for_words(tab, "#row-0", "✓ kick")

    assert "library/kick/one.wav" in page.harness.tree()


def test_everything_above_in_the_pack_is_accepted(tab, page):
    tab.keyboard.press("End")
    tab.keyboard.press("Shift+A")
    wait_for_words(tab, "#say", "3 sounds accepted")

    assert not [path for path in page.harness.tree() if path in ("intake/one.wav", "intake/two.wav")]


def test_an_unknown_label_is_asked_about_before_it_becomes_one(tab, page):
    def offer_one_more(route):
        offered = route.fetch().json()
        route.fulfill(json={**offered, "labels": [*offered["labels"][:4], "kik"]})

    choices = re.compile("/api/choices")
    tab.route(choices, offer_one_more)
    tab.reload()
    tab.wait_for_selector(".row")
    tab.keyboard.press("5")
    tab.wait_for_selector("#ask[open]")
    question, proposal = tab.inner_text("#ask h2"), tab.inner_text("#ask p")
    before = page.rows(view="recent", label="kik")
    tab.click("#ask [value=yes]")
    wait_for_words(tab, "#say", "1 sound → kik")
    tab.unroute(choices)
    tab.complaints.clear()  # the browser logs each refusal

    assert (question, before) == ("Make kik a label of your own?", [])
    assert proposal == '"kik" is no label that is known: did you mean kick?'
    assert "library/kik/one.wav" in page.harness.tree()


def test_m_offers_types_each_with_a_letter_of_its_own(tab, page):
    tab.keyboard.press("m")
    keys = tab.locator("#labels kbd").all_inner_texts()
    tab.keyboard.press("t")
    wait_for_words(tab, "#say", "tom")

    assert len(set(keys)) == len(keys) == 14
    assert page.rows(view="recent")[0]["type"] == "tom"
    assert tab.locator("#labels button").all_inner_texts()[0] == "1kkick"


def test_the_reasons_are_shown_beside_the_sound(tab):
    tab.wait_for_selector("#detail li")

    assert tab.locator("#detail h3").all_inner_texts() == ["Why", "Most like, of your sounds"]
    assert tab.locator("#detail .chances dt").count() == 3


def test_the_numbers_behind_a_reason_appear_under_the_pointer(tab):
    tab.wait_for_selector("#detail li.for")

    titles = tab.locator("#detail li.for").evaluate_all("items => items.map(item => item.title)")

    assert all(re.search(r"\d.*; makes it .+ more likely$", title) for title in titles), titles


def test_a_clash_says_what_it_is_named_and_what_it_sounds_like(tab):
    tab.click("[data-view=clashes]")
    wait_for_words(tab, "#detail", "Named snare, sounds like kick.")
    wait_for_words(tab, "#detail", "its name says snare")


def test_the_page_and_the_journal_give_the_same_number(tab):
    sure = re.search(r"\d+ %", tab.inner_text("#row-0 .badge"))[0]

    assert f"{sure} sure of kick" in tab.inner_text("#detail")


def test_a_settled_clash_does_not_come_back(tab):
    tab.click("[data-view=clashes]")
    wait_for_words(tab, "#row-0", "Snare 01.wav")
    tab.keyboard.press("a")
    wait_for_words(tab, "[data-view=clashes]", "0")

    tab.click("[data-view=clashes]")
    wait_for_words(tab, "#empty", "No clashes.")


def test_the_search_looks_in_names_packs_and_labels_and_the_tabs_count_what_fits(tab):
    tab.keyboard.press("/")
    tab.keyboard.type("acme kick")
    wait_for_words(tab, "[data-view=recent]", "3")

    assert tab.locator("#views [role=tab]").all_inner_texts() == [
        "Unsure 0",
        "Recent 3",
        "Clashes 1",
        "Map 3",
        "Left whole 0",
    ]
    assert tab.inner_text("#empty strong") == "Nothing fits."


def test_escape_goes_back_from_the_search_to_the_list(tab):
    tab.keyboard.press("/")
    tab.keyboard.press("Escape")

    assert tab.evaluate("document.activeElement.id") == "list"


def test_filters_hold_in_every_tab_until_they_are_cleared(tab):
    tab.select_option("[name=batch]", label=tab.locator("[name=batch] option", has_text="spare").inner_text())
    tab.select_option("[name=label]", "percussion")
    wait_for_words(tab, "[data-view=recent]", "2")
    filtered = tab.locator("#views [role=tab]").all_inner_texts()
    tab.click("#clear")
    wait_for_words(tab, "[data-view=recent]", "8")

    assert filtered == ["Unsure 0", "Recent 2", "Clashes 0", "Map 2", "Left whole 0"]


def test_sounds_are_filtered_by_how_sure_drumwatch_is(tab, page):
    tab.select_option("[name=sure]", "0.8-0.95")
    tab.wait_for_selector("#clear:visible")
    fit = [row["name"] for row in page.rows(view="unsure") if 0.8 <= row["confidence"] < 0.95]
    tab.wait_for_function(  # the list is drawn anew as the answers come in
        "fit => [...document.querySelectorAll('.row .name')].map(name => name.innerText).join() === fit.join()",
        arg=fit,
    )

    assert names(tab) == fit


def test_sounds_are_filtered_by_type_and_day(page):
    day = page.ask("/api/choices")["days"][0]

    assert len(page.rows(view="recent", type="kick", day=day)) == 6
    assert page.rows(view="recent", day="2001-01-01") == []


def test_what_cannot_be_done_is_reported_in_sentences_and_the_others_are_done(tab, page):
    gone = page.harness.intake / "two.wav"
    gone.rename(gone.with_suffix(".away"))
    tab.keyboard.press("Control+a")
    tab.keyboard.press("k")
    tab.wait_for_selector("#trouble:visible")
    gone.with_suffix(".away").rename(gone)

    assert "two.wav is not there any more" in tab.inner_text("#trouble")
    assert "library/kick/one.wav" in page.harness.tree()


def test_when_drumwatch_has_ended_the_page_says_what_to_do(tab):
    tab.context.set_offline(True)
    tab.keyboard.press("k")
    tab.wait_for_selector("#trouble:visible")
    tab.context.set_offline(False)
    tab.complaints.clear()  # the browser's own, of the network

    assert "Start it again and open the address that it prints." in tab.inner_text("#trouble")


def test_u_with_nothing_to_undo_says_so(tab):
    tab.keyboard.press("u")

    wait_for_words(tab, "#say", "No label was given here that could be undone.")


def test_what_happens_meanwhile_is_offered_and_not_forced_on_the_list(tab, page):
    one = page.rows(view="unsure")[0]["id"]
    page.ask("/api/confirm", {"ids": [one], "label": "hat"})
    tab.wait_for_selector("#news:visible")
    before = names(tab)
    tab.click("#news")
    tab.wait_for_function("() => document.querySelectorAll('.row').length === 2")

    assert before[0] == "one.wav"
    assert names(tab) == ["two.wav", HOSTILE]


def test_question_mark_lists_every_key(tab):
    tab.keyboard.press("?")

    assert "accept all above in the same pack" in tab.inner_text("#help[open]")


def test_another_site_cannot_write(tab, page, tmp_path):
    (tmp_path / "evil.html").write_text("<title>evil</title>")
    evil = tab.context.new_page()
    evil.goto(Path(tmp_path / "evil.html").as_uri())
    evil.evaluate(
        "url => fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include', body: '{\"ids\": [1]}'}).catch(() => 0)",
        f"{page.root}/api/confirm",
    )
    evil.close()

    assert not [row for row in page.rows(view="recent") if row["confirmed"]]
