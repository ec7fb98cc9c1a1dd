"""The page answers only whoever has its address."""

from __future__ import annotations

import http.client


def ask(page, path="/api/choices", method="GET", *, known=True, body=None, **headers):
    port = int(page.root.rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if known:
        sent["Cookie"] = f"drumwatch_{port}={page.token}"
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_who_does_not_know_the_token_gets_nothing(page):
    assert ask(page, known=False).status == 403
    assert ask(page, "/", known=False).status == 403
    assert ask(page, "/?token=guess", known=False).status == 403
    assert ask(page).status == 200


def test_the_token_becomes_a_cookie_and_leaves_the_address(page):
    answer = ask(page, f"/?token={page.token}", known=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=strict" in answer.headers["Set-Cookie"]


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


def test_a_label_cannot_lead_out_of_the_library(page):
    one = page.rows(view="unsure")[0]["id"]

    [result] = page.ask("/api/confirm", {"ids": [one], "label": "../away"})["results"]

    assert "cannot be a label" in result["error"]
