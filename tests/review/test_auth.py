"""The page answers only whoever has its address."""

from __future__ import annotations

import http.client
import socket
from typing import Any

import pytest

from drumwatch.review.auth import OneTimeTokens


def ask(page, path="/api/choices", method="GET", *, known=True, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if known:
        sent["Cookie"] = page.cookie
    connection.request(method, path, body, sent)
    answer: Any = connection.getresponse()
    answer.sentence = answer.read().decode()
    connection.close()
    return answer


def post(page, body, path="/api/confirm"):
    return ask(page, path, "POST", body=body, Content_Type="application/json", Origin=page.root)


def token_of(page) -> str:
    return page.url.removeprefix(page.root)


def test_who_does_not_know_the_token_gets_nothing(page):
    assert ask(page, known=False).status == 403
    assert ask(page, "/", known=False).status == 403
    assert ask(page, "/?token=guess", known=False).status == 403
    assert ask(page).status == 200


def test_the_token_becomes_a_cookie_and_leaves_the_address(new_page):
    answer = ask(new_page, token_of(new_page), known=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=strict" in answer.headers["Set-Cookie"]
    assert token_of(new_page).removeprefix("/?token=") not in answer.headers["Set-Cookie"]


def test_a_token_is_good_for_one_browser(new_page):
    assert ask(new_page, token_of(new_page), "HEAD", known=False).status == 403
    assert ask(new_page, token_of(new_page), known=False).status == 303

    again = ask(new_page, token_of(new_page), known=False)

    assert again.status == 403
    assert "start it again" in again.sentence


def test_a_used_address_still_opens_the_page_in_its_own_browser(new_page):
    address = token_of(new_page)
    new_page.login()

    assert ask(new_page, address).status == 303  # a reload of the first address
    assert ask(new_page, address, known=False).status == 403
    assert ask(new_page, "/", Cookie="x=1; " + new_page.cookie, known=False).status == 200


def test_a_token_is_good_for_a_minute():
    now = [1000.0]
    tokens = OneTimeTokens(lambda: now[0])
    first, second = tokens.issue(), tokens.issue()

    now[0] += 60
    assert tokens.redeem(first)
    now[0] += 0.1
    assert not tokens.redeem(second)


def test_the_opened_page_can_be_reloaded_and_opened_in_a_second_tab(browser, new_page):
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()

    first.goto(new_page.url)
    first.wait_for_selector(".row")
    first.reload()
    first.wait_for_selector(".row")
    second.goto(new_page.url)
    second.wait_for_selector(".row")

    assert "token" not in first.url + second.url
    context.close()


def test_the_browser_gets_another_token_than_the_terminal(page_opened_by, tmp_path):
    opened = tmp_path / "opened"
    fake = tmp_path / "browser"
    fake.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}.part" && mv "{opened}.part" "{opened}"\n')
    fake.chmod(0o755)
    page = page_opened_by(f"{fake} %s")
    page.harness.wait_until(opened.exists, "the browser was started")
    address = opened.read_text()

    assert address.startswith(page.root + "/?token=")
    assert address != page.url
    assert ask(page, address.removeprefix(page.root), known=False).status == 303
    assert ask(page, token_of(page), known=False).status == 303


def test_a_foreign_name_for_this_machine_is_refused(page):
    assert ask(page, Host="evil.example").status == 403


def test_a_foreign_page_is_refused(page):
    json = {"Content_Type": "application/json", "body": '{"ids": []}'}

    assert ask(page, "/api/confirm", "POST", Origin="http://evil.example", **json).status == 403
    assert ask(page, "/api/confirm", "POST", **json).status == 403
    assert (
        ask(page, "/api/confirm", "POST", Origin=page.root, Sec_Fetch_Site="cross-site", **json).status == 403
    )
    assert ask(page, "/api/confirm", "POST", Origin=page.root, **json).status == 200


def test_every_answer_forbids_scripts_from_elsewhere(page):
    policy = ask(page, "/").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; script-src 'self';")


def test_what_makes_no_sense_is_answered_with_a_sentence(page):
    json = {"Content_Type": "application/json", "Origin": page.root}

    assert ask(page, "/api/confirm", "POST", body="[1]", **json).status == 400
    assert ask(page, "/api/confirm", "POST", body='{"ids": "all"}', **json).status == 400
    assert ask(page, "/api/undo", "POST", body='{"ids": [999999]}', **json).status == 404
    assert ask(page, "/api/undo", "POST", body="{}", Origin=page.root).status == 415
    assert ask(page, "/api/numbers?below=x").status == 400
    assert ask(page, "/api/sounds?ids=1%20OR%201").status == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{}",
        '{"ids": [',
        "\udcff",
        "[" * 100_000,
        '{"ids":' * 100_000,
        '{"ids": [], "more": [[[]]]}',
        '{"ids": [NaN]}',
        '{"ids": [Infinity]}',
        '{"ids": [1e999]}',
        '{"ids": [1.5]}',
        '{"ids": [true]}',
        '{"ids": [null]}',
        '{"ids": [{}]}',
        '{"ids": [9223372036854775808]}',
        '{"ids": [' + "9" * 4000 + "]}",
        '{"ids": [' + "9" * 5000 + "]}",
        '{"ids": ["' + "9" * 5000 + '"]}',
        '{"ids": [' + ",".join(["1"] * 1001) + "]}",
        '{"ids": [], "label": 5}',
        '{"ids": [], "label": null}',
        '{"ids": [], "label": ["kick"]}',
        '{"ids": [], "label": "\\ud800"}',
        '{"ids": [], "label": "' + "k" * 1001 + '"}',
        '{"above": null}',
        '{"above": 9223372036854775808}',
        '{"of": {}}',
        '{"of": 1e400}',
        '{"of": 9223372036854775808}',
        '{"of": 1, "shown": []}',
        '{"of": 1, "shown": "all"}',
        '{"of": 1, "shown": {"q": 5}}',
        '{"of": 1, "shown": {"q": "\\udfff"}}',
        '{"of": 1, "shown": {"view": ["unsure"]}}',
        '{"of": 1, "shown": {"batch": 9223372036854775808}}',
        '{"of": 1, "shown": {"below": [1]}}',
        '{"of": 1, "shown": {"from": "nan"}}',
    ],
    ids=lambda body: body[:40].encode("ascii", "backslashreplace").decode(),
)
def test_an_odd_body_is_answered_with_a_sentence(page, body):
    answer = post(page, body.encode("utf-8", "surrogateescape"))

    assert answer.status == 400
    assert answer.sentence.endswith(".")


def test_an_odd_pack_to_undo_is_answered_with_a_sentence(page):
    for pack in ("9223372036854775808", "[]", "true", "1.5", '"\\ud800"'):
        assert post(page, f'{{"ids": [], "pack": {pack}}}', "/api/undo").status == 400


def test_an_odd_address_is_answered_with_a_sentence(page):
    huge = "9" * 5000
    for path in (
        "/api/sounds?ids=9223372036854775808",
        f"/api/sounds/{huge}/why",
        "/api/sounds/9223372036854775808/audio",
        "/api/sounds/one/picture",
        "/api/numbers?batch=9223372036854775808",
        "/api/numbers?below=nan",
        "/api/numbers?from=inf",
        f"/api/counts?batch={huge}",
        "/api/counts?q=" + "x" * 1001,
    ):
        assert ask(page, path).status == 400
    assert ask(page, "/api/numbers?q=%ff%ed%a0%80%00").status == 200
    assert ask(page, "/api/counts?q=" + "+".join("x" * 500)).status == 200
    assert ask(page, "/page/%00.js").status == 404


def test_a_body_that_is_too_large_is_not_read_to_its_end(page):
    request = (
        f"POST /api/confirm HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nOrigin: {page.root}\r\n"
        f"Cookie: {page.cookie}\r\nContent-Type: application/json\r\n"
    )
    too_much = b" " * 1_000_001
    for length, body in (
        ("Content-Length: 20000000000", too_much),
        ("Transfer-Encoding: chunked", b"f4241\r\n" + too_much + b"\r\n"),
    ):
        with socket.create_connection(("127.0.0.1", page.port), 30) as connection:
            connection.sendall(f"{request}{length}\r\n\r\n".encode() + body)
            assert connection.recv(12) == b"HTTP/1.1 413"
    assert post(page, '{"ids": []}' + " " * 900_000).status == 200


def test_a_label_cannot_lead_out_of_the_library(page):
    one = page.rows(view="unsure")[0]["id"]

    [result] = page.ask("/api/confirm", {"ids": [one], "label": "../away"})["results"]

    assert "cannot be a label" in result["error"]
