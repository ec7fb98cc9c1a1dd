"""Projects that were left whole have a tab of their own: what each is, why, where, and what one can do; they take no label."""

from __future__ import annotations

import urllib.error

import pytest
from test_page import names, wait_for_words

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.journal import Journal


@pytest.fixture
def whole(tab):
    tab.click("[data-view=projects]")
    tab.wait_for_selector(".project")
    return tab


def test_projects_have_one_line_each_with_what_they_are_and_why(whole):
    lines = [line.split("\n") for line in whole.locator(".project").all_inner_texts()]

    assert whole.inner_text("#whole h2") == "Left whole: 2 projects"
    assert [line[:5] for line in lines] == [
        ["Oak Kit", "~/Downloads", "a sampled instrument (SFZ)", "shown by Programs/oak.sfz", "1 sound"],
        [
            "Song Project",
            "~/Downloads",
            "an Ableton Live project",
            "shown by Ableton Project Info",
            "14 sounds",
        ],
    ]
    assert all(line[5].startswith("today ") for line in lines)


def test_a_project_that_is_gone_is_not_listed(whole, page):
    root = page.harness.config.parent / "Downloads"
    before = names(whole)
    (root / "gone").mkdir()
    whole.click("[data-view=projects]")
    wait_for_words(whole, "#whole h2", "3 projects")
    (root / "gone").rmdir()

    assert before == ["Oak Kit", "Song Project"]


def test_it_says_what_one_can_do(whole):
    reported = whole.inner_text("#whole p")

    assert all(words in reported for words in ('projects = "copy"', "[[watch]]", '"sort"', ".nodrumwatch"))
    assert "drumwatch sort --projects copy FOLDER" in reported


def test_there_is_no_label_to_press_beside_a_project_and_there_is_one_beside_a_sound(whole):
    of_sounds = ("#labels", "[data-act=accept]", "[data-act=undo]", "[data-act=star]")
    beside_a_project = [whole.is_visible(one) for one in of_sounds]
    leads_back = [whole.is_visible(f"[data-act={one}]") for one in ("copy", "folder")]
    whole.click("[data-view=unsure]")
    whole.wait_for_selector("#labels button:visible")

    assert (beside_a_project, leads_back) == ([False] * 4, [True] * 2)
    assert all(whole.is_visible(one) for one in of_sounds)
    assert not whole.is_visible("#whole")


@pytest.mark.parametrize("way", ["key", "button"])
def test_the_path_of_the_chosen_project_is_copied(whole, page, way):
    whole.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=page.root)
    whole.keyboard.press("ArrowDown")
    wait_for_words(whole, "#detail h2", "Song Project")
    if way == "key":
        whole.keyboard.press("c")
    else:
        whole.click("#acts [data-act=copy]")
    wait_for_words(whole, "#say", "Copied: ")

    copied = whole.evaluate("navigator.clipboard.readText()")
    assert copied == str(page.harness.config.parent / "Downloads/Song Project")


def test_where_the_browser_does_not_copy_the_path_is_reported(whole, page):
    whole.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    whole.keyboard.press("c")
    whole.wait_for_selector("#trouble:visible")

    assert str(page.harness.config.parent / "Downloads/Oak Kit") in whole.inner_text("#trouble")


def test_keys_that_name_sounds_name_no_project(whole, page):
    before = page.harness.tree()
    for key in ("k", "1", "a", "*", "Shift+A", "Shift+U", "m", "l", " ", "Enter", "Control+a"):
        whole.keyboard.press(key)
    wait_for_words(whole, "#say", "A project is left whole")

    assert page.harness.tree() == before
    assert not [row for row in page.rows(view="recent") if row["confirmed"]]


def test_one_project_is_chosen_at_a_time(whole):
    whole.keyboard.press("Shift+ArrowDown")
    chosen = whole.locator(".project[aria-selected=true] .name").all_inner_texts()

    assert chosen == ["Song Project"]
    assert whole.get_attribute("#list", "aria-multiselectable") == "false"


def test_the_search_finds_a_project_by_what_it_is(whole):
    whole.fill("#search", "ableton")
    wait_for_words(whole, "#whole h2", "1 project")

    assert names(whole) == ["Song Project"]


def test_a_project_has_no_label_so_a_filter_by_label_hides_it(whole):
    whole.select_option("[name=label]", "kick")
    wait_for_words(whole, "#empty strong", "Nothing fits.")

    assert not whole.is_visible("#whole")


def test_nobody_can_file_play_or_put_back_a_project_by_its_number(page):
    before = page.harness.tree()
    number = page.ask("/api/projects")["projects"][0]["id"]
    (confirmed,) = page.ask("/api/confirm", {"ids": [number], "label": "kick"})["results"]
    (undone,) = page.ask("/api/undo", {"ids": [number]})["results"]
    batch = page.rows(view="unsure")[0]["batch"]
    others = page.ask("/api/confirm", {"of": batch, "shown": {"view": "projects"}})["results"]
    with pytest.raises(urllib.error.HTTPError) as audio:
        page.ask(f"/api/sounds/{number}/audio")
    audio.value.close()

    assert confirmed["error"] == undone["error"]
    assert "Oak Kit is left whole" in confirmed["error"]
    assert (others, audio.value.code, page.harness.tree()) == ([], 404, before)


def test_a_hostile_name_is_one_line_of_plain_text(tab, page):
    root = page.harness.config.parent / "Downloads/<b>evil\nrm -rf"
    root.mkdir()
    with Journal(page.harness.state / "journal.db") as journal:
        batch = journal.batches.new(root.parent, "", 1.0)
        entry = journal.projects.note(batch, root, "evil is a git checkout", EntryDetail(marker=root), 1.0)
    tab.click("[data-view=projects]")
    wait_for_words(tab, "#row-0", "evil")
    shown, path = names(tab)[0], page.ask("/api/projects")["projects"][0]["path"]
    with Journal(page.harness.state / "journal.db") as journal:
        journal.entries.finish(entry.id, "undone")
    root.rmdir()

    assert shown == "<b>evil\\nrm -rf"
    assert "\n" not in path
