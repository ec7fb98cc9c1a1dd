"""`drumwatch log` and `status` for people: on a terminal of 80 and 120 columns, in a pager, and in a pipe."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest
from daemon_harness import TIMEOUT, DaemonHarness

from drumwatch.core.records import Verdict
from drumwatch.journal import Confirmation, Journal, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERDICT = Verdict("kick", "kick", 0.97, {"kick": 0.97}, {"kick": 0.97}, "", "one-shot", 0.3, model="m")
UNSURE = "61 % sure of snare (percussion 35 %): of 100 sounds it is this sure of, 8 are wrong; you allow 5"
BROKEN = "d broken.wav holds no complete sound: it is cut short or damaged"


def plans(harness: DaemonHarness, batch: int) -> list[Plan]:
    """One entry of each outcome: filed, unsure, left alone, left whole, not heard, failed, undone."""
    here, there = harness.intake / "Dusty Drums", harness.library / "kick/Dusty Drums"
    filed = Plan(
        batch,
        here / "a kick.wav",
        there / "a kick.wav",
        "move",
        "default",
        "kick at 97 %: moved to its usual place",
        label="kick",
        type="kick",
        confidence=0.97,
        verdict=VERDICT,
        content_hash="a",
        state="done",
    )
    unsure = replace(VERDICT, label="snare", confidence=0.61)
    alone = filed._replace(destination=None, action="leave")
    return [
        filed,
        alone._replace(
            source=here / "b odd.wav",
            rule="unsure",
            reason=UNSURE,
            label="snare",
            confidence=0.61,
            verdict=unsure,
            content_hash="b",
        ),
        alone._replace(
            source=here / "c song.wav",
            rule="too long",
            reason="30.0 s long, and samples end at 20 s",
            content_hash="c",
        ),
        Plan(batch, here / "Song", None, "leave", "project", "Song is a git checkout (.git)", state="done"),
        Plan(
            batch, here / "d broken.wav", None, "leave", "cannot be heard", "", state="failed", error=BROKEN
        ),
        filed._replace(source=here / "e.wav", content_hash="e", state="failed", error="The disk is full."),
        filed._replace(source=here / "f\u00a0kick.wav", content_hash="f", state="undone"),
    ]


@pytest.fixture
def told(harness: DaemonHarness) -> DaemonHarness:
    """A harness with a journal that has an entry of each outcome, and a kick that the user has called a tom."""
    with Journal(harness.state / "journal.db") as journal:
        now = time.time()
        batch = journal.batches.new(harness.intake, "Dusty Drums", now)
        ids = [journal.entries.plan(plan, now) for plan in plans(harness, batch)]
        journal.confirmations.add(
            Confirmation(now, "a", "tom", "review", harness.intake, "kick", "Dusty Drums", ids[0])
        )
    return harness


def many(harness: DaemonHarness, count: int) -> None:
    with Journal(harness.state / "journal.db") as journal, journal.transaction():
        now = time.time()
        batch = journal.batches.new(harness.intake, "Many", now)
        filed = plans(harness, batch)[0]
        for n in range(count):
            name = f"kick {n:03}.wav"
            plan = filed._replace(source=harness.intake / name, content_hash=name)
            journal.entries.plan(plan._replace(destination=harness.library / "kick" / name), now)


class Terminal:
    """A command on a screen of so many columns, and what its pager was given."""

    def __init__(
        self, harness: DaemonHarness, *words: str, columns: int = 80, high: int = 24, **more: str
    ) -> None:
        environment = {**harness.environment, "TERM": "xterm-256color", **more}
        for size in ("COLUMNS", "LINES"):  # of the terminal that the tests run in, not of ours
            environment.pop(size, None)
        process = pexpect.spawn(
            sys.executable,
            ["-m", "drumwatch", *words],
            env=environment,
            dimensions=(high, columns),
            encoding="utf-8",
            cwd=str(harness.program),
            timeout=TIMEOUT,
        )
        process.expect(pexpect.EOF)
        process.close()
        self.raw: str = process.before or ""
        screen = pyte.Screen(columns, high)
        pyte.Stream(screen).feed(self.raw)
        self.lines: Sequence[str] = [line.rstrip() for line in screen.display if line.strip()]
        self.code = process.exitstatus


def pager_in(folder: Path, name: str) -> Path:
    """A stand-in for a pager: it writes down what it was given, and LESS."""
    path = folder / name
    path.write_text(f'#!/bin/sh\n{{ echo "LESS=$LESS"; cat; }} > "{folder}/paged"\n')
    path.chmod(0o755)
    return path


def test_a_terminal_shows_one_line_for_each_file_the_newest_first_and_a_sign_for_each_outcome(told):
    lines = Terminal(told, "log").lines

    assert len(lines) == 7
    assert [line[:6].strip() for line in lines] == ["7", "6", "5", "4", "3", "2", "1"]
    assert [line[22] for line in lines] == ["↶", "✗", "!", "◆", "–", "?", "✓"]  # noqa: RUF001  a dash is meant
    assert all(len(line) < 80 for line in lines)
    assert "kick        97 %  a kick.wav → ~/library/kick" in lines[6]


def test_a_wide_terminal_shows_the_words_of_the_table(told):
    lines = Terminal(told, "log", columns=120).lines

    assert [line.partition(".wav")[2] for line in lines[1:6] if ".wav" in line] == [
        " in ~/intake/Dusty Drums failed",
        " in ~/intake/Dusty Drums could not be heard",
        " left alone in ~/intake/Dusty Drums",
        " unsure, waits in ~/intake/Dusty Drums",
    ]
    assert lines[3].endswith("Song left whole in ~/intake/Dusty Drums")
    assert "f\u00a0kick.wav" in lines[0]


def test_the_reasons_are_shown_with_v(told):
    told_once = Terminal(told, "log", columns=120).raw
    verbose = Terminal(told, "log", "-v", columns=120).lines

    assert UNSURE not in told_once
    assert [line.strip() for line in verbose if line.startswith(" " * 24)] == [
        "moved to its usual place",
        "The disk is full",
        "it holds no complete sound: it is cut short or damaged",
        "it is a git checkout (.git)",
        "30.0 s long, and samples end at 20 s",
        UNSURE,
        "moved to its usual place",
    ]


def test_signs_are_ascii_where_the_terminal_shows_nothing_else(told):
    shown = Terminal(told, "log", columns=120, PYTHONIOENCODING="ascii")

    assert [line[22] for line in shown.lines] == ["<", "x", "!", "#", "-", "?", "+"]
    assert "a kick.wav -> ~/library" in shown.lines[6]
    assert "Traceback" not in shown.raw


def test_long_output_goes_to_the_pager_that_is_set_and_short_output_does_not(told, tmp_path):
    pager = pager_in(tmp_path, "my pager")
    short = Terminal(told, "log", PAGER=f"'{pager}'")
    assert not (tmp_path / "paged").exists()
    many(told, 100)

    long = Terminal(told, "log", PAGER=f"'{pager}'")

    paged = (tmp_path / "paged").read_text().splitlines()[1:]
    assert (len(short.lines), long.lines) == (7, [])
    assert [len(paged), paged[0].split()[0], paged[-1].split()[0]] == [107, "107", "1"]


def test_the_usual_pager_is_less_which_shows_colours(told, tmp_path):
    many(told, 100)
    pager_in(tmp_path, "less")

    Terminal(told, "log", PATH=f"{tmp_path}:{os.environ['PATH']}", LESS="", PAGER="")

    first, *paged = (tmp_path / "paged").read_text().splitlines()
    assert first == "LESS=-R"
    assert "\x1b[" in paged[0]


def test_no_pager_prints_it_all(told, tmp_path):
    many(told, 100)

    shown = Terminal(told, "log", "--no-pager", PAGER=str(pager_in(tmp_path, "pager")))

    assert not (tmp_path / "paged").exists()
    assert shown.raw.count("\n") == 107


def test_a_pipe_gets_the_oldest_first_and_whole_lines(told):
    lines = told.run("log").stdout.splitlines()

    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5", "6", "7"]
    assert lines[0].endswith("a kick.wav → ~/library/kick/Dusty Drums/a kick.wav")
    assert [record["id"] for record in told.run_json("log")] == [1, 2, 3, 4, 5, 6, 7]


def test_last_keeps_its_meaning_and_shows_the_newest_first(told):
    assert [line.split()[0] for line in Terminal(told, "log", "--last", "2").lines] == ["7", "6"]
    assert [record["id"] for record in told.run_json("log", "--last", "2")] == [6, 7]


def test_stats_are_a_table_by_label_and_pack(told):
    lines = Terminal(told, "log", "--stats").lines

    above, head, kick, snare, none, total, _, packs, dusty, projects = lines
    assert above.split() == ["left", "not", "you"]
    assert head.split() == [
        "label",
        "came",
        "filed",
        "unsure",
        "alone",
        "heard",
        "failed",
        "undone",
        "corrected",
    ]
    assert kick.split() == ["kick", "4", "1", ".", "1", ".", "1", "1", "1"]
    assert snare.split()[:4] == ["snare", "1", ".", "1"]
    assert none.split()[:3] == ["no", "label", "1"]
    assert total.split()[:5] == ["all", "6", "1", "1", "1"]
    assert packs.startswith("pack")
    assert dusty.split()[:3] == ["Dusty", "Drums", "6"]
    assert projects.startswith("1 project left whole")
    assert all(len(line) <= 80 for line in lines)


def test_stats_for_programs_have_every_count(told):
    (record,) = told.run_json("log", "--stats")

    assert record["total"] == {
        "came": 6,
        "filed": 1,
        "unsure": 1,
        "left_alone": 1,
        "could_not_be_heard": 1,
        "failed": 1,
        "undone": 1,
        "corrected": 1,
        "confirmed": 0,
    }
    assert [one["label"] for one in record["labels"]] == ["kick", "snare", None]
    assert [(one["pack"], one["came"]) for one in record["packs"]] == [("Dusty Drums", 6)]
    assert (record["since"], record["projects_left_whole"]) == (None, 1)


def test_stats_since_count_nothing_older_and_refuse_what_they_do_not_count(told):
    (record,) = told.run_json("log", "--stats", "--since", "2099-01-01")
    refused = told.run("log", "--stats", "--state", "failed", "--packs", code=2)

    assert (record["total"]["came"], record["labels"]) == (0, [])
    assert "leave out --state and --packs" in refused.stderr


def test_the_log_by_pack_counts_in_the_same_words(told):
    (line,) = told.run("log", "--packs").stdout.splitlines()

    assert (
        "Dusty Drums: 1 filed, 1 unsure, 1 left alone, 1 could not be heard, 1 failed, 1 undone, 1 project left whole"
        in line
    )


def test_status_counts_in_the_same_words(told):
    lines = told.run("status", code=1).stdout.splitlines()
    (facts,) = told.run_json("status", code=1)

    assert (
        "  today       1 filed (1 kick), 1 unsure, 1 left alone, 1 could not be heard, 1 failed, 1 undone"
        in lines
    )
    assert facts["today_outcomes"] == {
        "filed": 1,
        "unsure": 1,
        "left_alone": 1,
        "could_not_be_heard": 1,
        "failed": 1,
        "undone": 1,
    }
    assert facts["today"] == {"kick": 1, "unsure": 1, "left": 1, "failed": 2, "undone": 1}
