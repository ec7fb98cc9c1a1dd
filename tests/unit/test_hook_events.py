"""Which entries are events, and what a program is told of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from drumwatch.config.settings import Hook
from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import Entry, Verdict
from drumwatch.hooks.events import call_for_entry, call_for_pack, event_of

VERDICT = Verdict("kick", "kick", 0.97, {"kick": 0.97}, {"kick": 0.97}, "snare", "one-shot", 0.4)
FILED = Entry(
    7, 0.0, 3, "Vendor - Title", Path("/in/bd.wav"), Path("/lib/kick/bd.wav"), "move", "done",
    "kick", "kick", 0.97, "default", "kick at 97 %", "m1", "abc", None, VERDICT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "filed"),
        ({"action": "copy"}, "filed"),
        ({"action": "tag", "destination": None}, "filed"),
        ({"rule": "unsure"}, "unsure"),
        ({"rule": "unsure", "action": "leave", "destination": None}, "unsure"),
        ({"action": "leave", "rule": "too long"}, None),
        ({"state": "failed"}, None),
        ({"state": "undone"}, None),
        ({"state": "planned"}, None),
        ({"undoes": 3}, None),
        ({"verdict": None}, None),
        ({"rule": "moved by you"}, None),
        ({"detail": EntryDetail(stands_for=3)}, None),
    ],
)
def test_what_was_filed_or_is_unsure_is_an_event_and_undoing_is_none(change, expected):
    assert event_of(replace(FILED, **change), is_correction=False) == expected


def test_what_the_user_said_is_a_correction_however_the_sound_was_filed():
    assert event_of(FILED, is_correction=True) == "corrected"
    assert event_of(replace(FILED, rule="moved by you"), is_correction=True) == "corrected"
    assert event_of(replace(FILED, state="undone"), is_correction=True) is None


@pytest.mark.parametrize(
    "name", ["a b.wav", "$(rm -rf ~).wav", "-rf.wav", "{label}.wav", "; x.wav", "\udce4.wav"]
)
def test_each_argument_stays_one_whatever_is_in_a_name(name):
    entry = replace(FILED, destination=Path("/lib/kick") / name)
    hook = Hook(("filed",), ("cp", "{path}", "{label}: {name}", "{x}"), "cp")

    arguments = call_for_entry("filed", entry).arguments(hook)

    assert arguments == ["cp", f"/lib/kick/{name}", f"kick: {name}", "{x}"]


def test_the_input_is_the_entry_as_the_log_shows_it_with_the_event():
    call = call_for_entry("filed", replace(FILED, source=Path("/in/\udce4.wav")))

    told = json.loads(call.as_json())

    assert call.as_json().count(b"\n") == 1
    assert (told["event"], told["path"], told["source"]) == ("filed", "/lib/kick/bd.wav", "/in/\udce4.wav")
    assert (told["id"], told["label"], told["pack"]) == (7, "kick", "Vendor - Title")


def test_a_pack_is_told_with_its_numbers_and_the_folder_that_holds_all_of_it():
    entries = [
        FILED,
        replace(FILED, label="snare", destination=Path("/lib/snare/sd.wav")),
        replace(FILED, rule="unsure", action="leave", destination=None),
        replace(FILED, state="failed"),
        replace(FILED, state="undone", destination=Path("/elsewhere/x.wav")),
    ]

    call = call_for_pack(3, Path("/in"), entries)

    assert json.loads(call.as_json()) == {
        "event": "pack", "path": "/lib", "pack": "Vendor - Title", "batch": 3, "source": "/in",
        "filed": 2, "unsure": 1, "failed": 1, "labels": {"kick": 1, "snare": 1},
    }  # fmt: skip
    assert call.arguments(Hook(("pack",), ("x", "{pack}", "{path}", "{label}"), "x")) == [
        "x",
        "Vendor - Title",
        "/lib",
        "",
    ]
