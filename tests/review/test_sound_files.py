"""The page leads back to the file: show in folder, copy the path, drag it out; and it plays at the volume that was set."""

from __future__ import annotations

import json
import os
from urllib.parse import quote

import pytest
from sounds import HOSTILE
from test_auth import ask, post
from test_page import wait_for_words

from drumwatch.review.auth import FileLinks

PRESS = """selector => document.querySelector(selector).dispatchEvent(
    new PointerEvent('pointerdown', { isPrimary: true, button: 0, bubbles: true }))"""
DRAG = """selector => { const data = new DataTransfer();
    document.querySelector(selector).dispatchEvent(new DragEvent('dragstart', { dataTransfer: data, bubbles: true, cancelable: true }));
    return data.types.includes('downloadurl') && Object.fromEntries([...data.types].map((type) => [type, data.getData(type)])); }"""


def drag(tab, selector: str) -> dict[str, str]:
    """What a drag from this element offers, as soon as the link that the press has asked for is there."""
    tab.evaluate(PRESS, selector)
    return tab.wait_for_function(DRAG, arg=selector).json_value()


@pytest.fixture
def desktop(page, page_of, tmp_path):
    """A second review whose file manager writes down what it was asked to show."""
    (tmp_path / "gdbus").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{tmp_path}/asked"\n')
    (tmp_path / "gdbus").chmod(0o755)
    before = page.harness.environment["PATH"]
    page.harness.environment["PATH"] = f"{tmp_path}{os.pathsep}{before}"
    other = page_of(page.harness)
    page.harness.environment["PATH"] = before
    other.asked = tmp_path / "asked"
    return other


@pytest.fixture
def clipboard(tab, page):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=page.root)
    return lambda: tab.evaluate("navigator.clipboard.readText()")


def one(page) -> dict:
    return next(row for row in page.rows(view="unsure") if row["name"] == "one.wav")


def link_to(page, row: dict) -> str:
    return page.ask("/api/links", {"ids": [row["id"]]})["links"][str(row["id"])]


def test_the_file_manager_is_asked_for_the_file_of_an_entry_and_for_no_other_path(desktop):
    answer = desktop.ask("/api/show-in-folder", {"id": one(desktop)["id"], "path": "/etc/passwd"})

    assert answer == {"shown": "one.wav"}
    assert f"['{(desktop.harness.intake / 'one.wav').as_uri()}']" in desktop.asked.read_text()
    assert "passwd" not in desktop.asked.read_text()


def test_what_is_not_in_the_journal_is_neither_shown_nor_served(desktop):
    projects = desktop.ask("/api/projects")["projects"]

    assert post(desktop, '{"id": 999999}', "/api/show-in-folder").status == 404
    assert post(desktop, '{"id": "/etc/passwd"}', "/api/show-in-folder").status == 400
    assert post(desktop, "{}", "/api/show-in-folder").status == 400
    assert post(desktop, '{"ids": [999999]}', "/api/links").status == 404
    assert desktop.ask("/api/links", {"ids": [projects[0]["id"]]}) == {"links": {}}
    assert not desktop.asked.exists()


@pytest.mark.parametrize("path", ["/api/show-in-folder", "/api/star", "/api/summary", "/api/links"])
def test_another_site_can_ask_for_none_of_it(page, path):
    body, kind = json.dumps({"id": 1, "ids": [1], "starred": True}), "application/json"

    assert ask(page, path, "POST", body=body, Content_Type=kind, Origin="http://evil.example").status == 403
    assert ask(page, path, "POST", body=body, Content_Type=kind).status == 403
    assert ask(page, path, "POST", body=body, Content_Type=kind, Origin=page.root, known=False).status == 403
    assert ask(page, path).status == 405


def test_a_file_that_is_gone_is_reported_in_a_sentence(desktop):
    row, file = one(desktop), desktop.harness.intake / "one.wav"
    link = link_to(desktop, row)
    file.rename(file.with_suffix(".away"))
    answer = post(desktop, json.dumps({"id": row["id"]}), "/api/show-in-folder")
    served = ask(desktop, link)
    file.with_suffix(".away").rename(file)

    assert (answer.status, served.status) == (409, 404)
    assert "one.wav is not there any more" in json.loads(answer.sentence)["error"]


ANSWERED = """() => {
  const real = window.fetch;
  window.fetch = (url, more) => String(url).includes("show-in-folder")
    ? Promise.resolve(new Response("{}", { headers: { "Content-Type": "application/json" } })) : real(url, more);
}"""  # as if there were a file manager; until the page is loaded again


def test_f_shows_the_chosen_sound_in_its_folder(tab):
    tab.evaluate(ANSWERED)
    tab.keyboard.press("f")
    wait_for_words(tab, "#say", "Shown in its folder: one.wav")


@pytest.mark.parametrize("way", ["key", "button", "detail"])
def test_the_path_of_the_chosen_sound_is_copied(tab, page, clipboard, way):
    {
        "key": lambda: tab.keyboard.press("c"),
        "button": lambda: tab.click("#acts [data-act=copy]"),
        "detail": lambda: tab.click("#detail button:has-text('Copy path')"),
    }[way]()
    wait_for_words(tab, "#say", "Copied: ")

    assert clipboard() == str(page.harness.intake / "one.wav")


def test_the_paths_of_many_are_copied_one_on_each_line(tab, page, clipboard):
    tab.keyboard.press("Shift+ArrowDown")
    tab.keyboard.press("c")
    wait_for_words(tab, "#say", "Copied the paths of 2 sounds")

    assert clipboard().splitlines() == [str(page.harness.intake / name) for name in ("one.wav", "two.wav")]


def test_a_row_is_dragged_out_as_its_file(tab, page):
    dragged, file = drag(tab, "#row-0"), page.harness.intake / "one.wav"
    kind, name, address = dragged["downloadurl"].split(":", 2)
    answer = tab.request.get(address)

    assert (kind, name) == ("audio/wav", "one.wav")
    assert address.startswith(page.root + "/out/")
    assert address.endswith("/one.wav")
    assert answer.body() == file.read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="one.wav"'
    assert (dragged["text/uri-list"], dragged["text/plain"]) == (address, str(file))


def test_a_browser_that_gives_files_away_gets_their_addresses(tab, page):
    other = tab.context.new_page()
    other.add_init_script("delete Navigator.prototype.userAgentData")  # as in Firefox and Safari
    other.goto(page.root)
    other.wait_for_selector(".row")
    dragged = drag(other, "#row-0")
    other.close()

    assert dragged["text/uri-list"] == (page.harness.intake / "one.wav").as_uri()


def test_a_link_opens_one_file_without_a_cookie_and_nothing_else(page):
    link = link_to(page, one(page))
    secret = link.split("/")[2]

    assert ask(page, link, "HEAD", known=False).status == 200
    assert ask(page, link, known=False, Host="evil.example").status == 403
    assert ask(page, link, "POST", known=False, Origin=page.root).status == 403
    assert ask(page, f"/out/{secret[:-1]}/one.wav", known=False).status == 403
    assert ask(page, "/out/x/one.wav", known=False).status == 403
    assert ask(page, f"/out/{secret}/../../api/choices", known=False).status == 404
    assert ask(page, "/api/choices", known=False, Cookie=f"drumwatch_{page.port}={secret}").status == 403
    assert ask(page, f"/?token={secret}", known=False).status == 403


def test_a_link_is_good_for_five_minutes():
    now = [1000.0]
    links = FileLinks(lambda: now[0])
    first, second = links.issue(7), links.issue(8)

    now[0] += 300
    assert (links.entry_of(first), links.entry_of("x")) == (7, None)
    now[0] += 0.1
    assert (links.entry_of(second), links.entry_of(first)) == (None, None)


def test_all_chosen_rows_are_dragged_with_the_one_under_the_pointer_first(tab, page):
    tab.keyboard.press("Shift+ArrowDown")
    chosen, other = drag(tab, "#row-1"), drag(tab, "#row-2")
    paths = [str(page.harness.intake / name) for name in ("two.wav", "one.wav", HOSTILE)]

    assert chosen["text/plain"].split("\n") == paths[:2]
    assert [uri.rsplit("/", 1)[1] for uri in chosen["text/uri-list"].split("\r\n")] == ["two.wav", "one.wav"]
    assert other["text/plain"] == paths[2]


def test_the_pointer_really_drags_a_row_and_the_picture_of_the_chosen_sound(tab):
    tab.evaluate(
        """() => { window.dragged = [];
        document.addEventListener('dragstart', (event) => window.dragged.push(event.dataTransfer.getData('text/plain'))); }"""
    )
    for count, selector in enumerate(("#row-0 .name", "#detail .large"), start=1):
        box = tab.locator(selector).bounding_box()
        tab.mouse.move(box["x"] + 20, box["y"] + 5)
        tab.mouse.down()
        tab.mouse.move(box["x"] + 60, box["y"] + 30, steps=4)
        tab.wait_for_function("count => window.dragged.length === count", arg=count)
        tab.mouse.up()

    assert [path.rsplit("/", 1)[1] for path in tab.evaluate("window.dragged")] == ["one.wav"] * 2


def test_a_hostile_name_is_one_header_and_the_file_comes_whole(tab, page):
    row = next(row for row in page.rows(view="unsure") if row["name"] == HOSTILE)
    answer = tab.request.get(page.root + link_to(page, row))

    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote(HOSTILE)}"
    assert answer.body() == (page.harness.intake / HOSTILE).read_bytes()


def test_the_volume_is_kept_in_the_browser_and_its_slider_has_the_arrows(tab):
    tab.focus("#volume")
    tab.keyboard.press("Home")
    for _ in range(10):
        tab.keyboard.press("ArrowRight")
    at_half = tab.evaluate("document.getElementById('player').volume")
    line = tab.get_attribute("#list", "aria-activedescendant")
    tab.reload()
    tab.wait_for_selector(".row")

    assert (at_half, line) == (0.25, "row-0")
    assert tab.evaluate("document.getElementById('player').volume") == 0.25
    assert tab.get_attribute("#volume", "aria-valuetext") == "50 %"
