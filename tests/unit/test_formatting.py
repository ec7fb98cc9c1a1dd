import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.core.formatting import home_short, parse_since, printable, share, short_time
from drumwatch.core.records import Entry
from drumwatch.filing.describe import as_sentence, describe

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


@given(st.text())
def test_nothing_printable_can_steer_a_terminal(text):
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in printable(text))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Kick é né 808.wav", "Kick é né 808.wav"),
        ("\x1b[31mred\x1b[0m.wav", "\\x1b[31mred\\x1b[0m.wav"),
        ("two\nlines.wav", "two\\nlines.wav"),
        ("\udcff.wav", "\\xff.wav"),
        ("\u202egnp.wav", "\\u202egnp.wav"),
    ],
)
def test_what_cannot_be_shown_becomes_visible(raw, shown):
    assert printable(raw) == shown


@pytest.mark.parametrize(("value", "text"), [(0.0, "0 %"), (0.934, "93 %"), (0.9999, "99 %"), (1.0, "100 %")])
def test_a_share_never_claims_certainty_that_is_not_there(value, text):
    assert share(value) == text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2h", NOW - dt.timedelta(hours=2)),
        ("30m", NOW - dt.timedelta(minutes=30)),
        ("1w", NOW - dt.timedelta(weeks=1)),
        ("today", NOW.replace(hour=0)),
        ("yesterday", NOW.replace(day=23, hour=0)),
        ("14:30", NOW.replace(hour=14, minute=30)),
        ("2026-11-24T10:00+00:00", NOW.replace(hour=10)),
    ],
)
def test_times_as_people_say_them(text, meant):
    assert parse_since(text, NOW) == meant.timestamp()


@pytest.mark.parametrize("text", ["soon", "25:00", "2026-13-01", ""])
def test_a_time_not_understood_is_answered_with_the_forms_that_are(text):
    with pytest.raises(ValueError, match="say 2h, 30m"):
        parse_since(text, NOW)


def test_home_is_shortened_only_as_a_whole_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")

    assert home_short("/home/ana/x.wav") == "~/x.wav"
    assert home_short("/home/anab/x.wav") == "/home/anab/x.wav"


def test_yesterday_has_a_date_and_today_has_not():
    now = NOW.timestamp()

    assert short_time(now - 2 * 86400, now)[:2].isdigit()
    assert short_time(now - 1, now).count(":") == 2


def test_a_project_is_left_whole_and_a_sound_is_left():
    whole = Entry(
        id=1, time=0.0, batch=1, pack="", source=Path("/in/Song"), destination=None, action="leave", state="done", label="", type="",
        confidence=0.0, rule="project", reason="Song is a git checkout (.git): left whole", model="", content_hash="", stamp=None,
    )  # fmt: skip

    assert describe(whole) == "Song left whole in /in"
    assert as_sentence(whole) == "Song left whole in /in (it is a git checkout (.git))"
    assert describe(replace(whole, rule="default")) == "Song left alone in /in"
