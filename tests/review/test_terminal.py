"""The review in a real terminal: the same queue, by keyboard."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pexpect
import pyte
import pytest
from daemon_harness import ROOT, TIMEOUT

from drumwatch.core.records import LABELS, TYPES
from drumwatch.review.player import Player, PlayerError
from drumwatch.review.shortcuts import letters

WIDE, HIGH = 200, 30  # wide enough for the path of any temporary folder
DOWN, UP, SHIFT_DOWN, TAB, BACKTAB, ESCAPE = "\x1b[B", "\x1b[A", "\x1b[1;2B", "\t", "\x1b[Z", "\x1b"


class Terminal:
    """`drumwatch review --tty` on a screen of its own; what it plays goes to a stand-in that writes down what it was given."""

    def __init__(self, page, folder, wide=WIDE, high=HIGH) -> None:
        self.played = folder / "played"
        (folder / "pw-play").write_text(f'#!/bin/sh\necho "$1" >> "{self.played}"\n')
        (folder / "pw-play").chmod(0o755)
        environment = page.harness.environment | {
            "TERM": "xterm-256color",
            "PATH": f"{folder}:{os.environ['PATH']}",
        }
        for size in ("COLUMNS", "LINES"):  # of the terminal that the tests run in, not of ours
            environment.pop(size, None)
        command = ["-m", "drumwatch", "review", "--tty"]
        self.process = pexpect.spawn(
            sys.executable,
            command,
            env=environment,
            dimensions=(high, wide),
            encoding="utf-8",
            cwd=page.harness.program,
        )
        self.screen = pyte.Screen(wide, high)
        self.stream = pyte.Stream(self.screen)
        self.wait_for("? shows every key.")

    def text(self) -> str:
        """What stands on the screen now."""
        try:
            while True:
                self.stream.feed(self.process.read_nonblocking(65536, timeout=0.05))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return "\n".join(self.screen.display)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.process.send(key)

    def wait_for(self, *words: str) -> str:
        """The screen, as soon as each of these is on it; `a … b` is on one line with anything between."""
        until = time.monotonic() + TIMEOUT
        patterns = [re.compile(".*".join(map(re.escape, word.split(" … ")))) for word in words]
        while not all(pattern.search(text := self.text()) for pattern in patterns):
            assert time.monotonic() < until, f"not on the screen: {words}\n{text}"
        return text


@pytest.fixture(scope="module")
def tty(page, tmp_path_factory):
    terminal = Terminal(page, tmp_path_factory.mktemp("bin"))
    yield terminal
    terminal.process.close(force=True)


@pytest.fixture
def terminal(tty, page):
    """On the first unsure sound, as at the beginning."""
    tty.press(TAB, BACKTAB)
    tty.wait_for("▌kick … one.wav", "Unsure 3")
    yield tty
    page.tidy()


def test_the_queue_is_shown_beside_the_verdict_and_its_reasons(terminal):
    terminal.wait_for(
        "two.wav", "kick … ███ … %", "Why", "Most like", "1 k kick", "sounds it is this sure of"
    )


def test_a_key_files_the_sound_and_u_brings_it_back(terminal, page):
    terminal.press("s")
    terminal.wait_for("snare … ✓  one.wav", "▌kick … two.wav", "Unsure 2")
    filed = page.harness.tree()
    terminal.press("u")
    terminal.wait_for("▌kick … one.wav", "1 sound put back.")

    assert "library/snare/one.wav" in filed
    assert "intake/one.wav" in page.harness.tree()


def test_many_are_chosen_with_shift(terminal, page):
    terminal.press(SHIFT_DOWN, "3")
    terminal.wait_for("2 sounds → hat.")

    assert {"library/hat/one.wav", "library/hat/two.wav"} < set(page.harness.tree())


def test_types_have_letters_of_their_own(terminal, page):
    terminal.press("m")
    terminal.wait_for("h hat-closed", "o hat-open")
    terminal.press("o")
    terminal.wait_for("1 sound → hat-open.", "1 k kick")

    assert "library/hat/one.wav" in page.harness.tree()


def test_all_above_in_the_pack_is_accepted(terminal, page):
    terminal.press(DOWN, "A")
    terminal.wait_for("2 sounds accepted.")

    assert {"library/kick/one.wav", "library/kick/two.wav"} < set(page.harness.tree())


def test_tab_goes_on_to_what_was_done_and_a_sound_is_put_back_from_there(terminal, page):
    terminal.press("s")
    terminal.wait_for("1 sound → snare.")
    terminal.press(TAB)
    terminal.wait_for("▌snare … ✓  one.wav")
    terminal.press("U")
    terminal.wait_for("1 sound put back.")
    terminal.press(BACKTAB)

    assert "intake/one.wav" in page.harness.tree()


def test_backtab_shows_what_was_left_whole_and_no_key_says_anything_of_it(terminal, page):
    before = page.harness.tree()
    terminal.press(BACKTAB)
    terminal.wait_for(
        "Left whole: 2 projects", "▌Oak Kit … a sampled instrument", "Song Project … 14 sounds in it"
    )
    terminal.press("k")
    terminal.wait_for("A project is left whole: it has no label")
    terminal.press(*"aAUm ", DOWN)
    shown = terminal.wait_for("▌Song Project", "as Ableton Project", "sort --projects copy")
    terminal.press(TAB)
    terminal.wait_for("▌kick … one.wav", "1 k kick")

    assert "Why" not in shown
    assert page.harness.tree() == before


def test_the_help_says_where_to_see_what_was_left_whole(terminal):
    terminal.press("?")

    terminal.wait_for("what was left whole")


def test_the_search_narrows_every_view_until_it_is_emptied(terminal):
    terminal.press("/", *"two", "\r")
    found = terminal.wait_for("Unsure 1", "Recent 1", "Clashes 0", "searched for: two")
    terminal.press("/", *("\x7f" * 3), "\r")
    terminal.wait_for("Unsure 3", "one.wav")

    queue = [line.partition("│")[0] for line in found.splitlines()]
    assert [line for line in queue if "one.wav" in line] == []


def test_space_plays_the_sound_through_the_player_of_this_machine(terminal):
    terminal.press(" ")
    until = time.monotonic() + TIMEOUT
    while not (terminal.played.exists() and terminal.played.read_text()):
        assert time.monotonic() < until, terminal.text()

    assert terminal.played.read_text().strip().endswith(".wav")


def test_what_cannot_be_done_is_reported_by_name(terminal, page):
    one = page.harness.intake / "one.wav"
    one.rename(one.with_suffix(".away"))
    terminal.press("k")
    terminal.wait_for("one.wav: ", "is not there any more")
    one.with_suffix(".away").rename(one)


def test_a_hostile_name_is_only_text(terminal):
    terminal.wait_for('<img src=x onerror="document.title=1">.wav')


def test_q_gives_the_terminal_back(page, tmp_path):
    terminal = Terminal(page, tmp_path)
    terminal.press("q")
    terminal.process.expect(pexpect.EOF, timeout=TIMEOUT)
    terminal.process.close()

    assert terminal.process.exitstatus == 0


def test_without_a_terminal_it_says_what_it_needs(page):
    output = page.harness.run("review", "--tty", code=2)

    assert "needs a terminal" in output.stderr


def play(path) -> None:
    """In a thread of its own, as the browser's tests have a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(Player().play(path))).result()


def test_without_a_player_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PlayerError, match="No player was found"):
        play(tmp_path / "kick.wav")


def test_a_player_that_refuses_is_reported_in_the_players_words(monkeypatch, tmp_path):
    (tmp_path / "aplay").write_text("#!/bin/sh\necho 'no sound card' >&2; exit 1\n")
    (tmp_path / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PlayerError, match="aplay could not play it: no sound card"):
        play(tmp_path / "kick.wav")


def test_every_label_and_type_is_a_key_away():
    types = [kind for kinds in TYPES.values() for kind in kinds]

    assert letters(LABELS, "amqu") == {"kick": "k", "snare": "s", "hat": "h", "percussion": "p", "other": "o"}
    assert len(set(letters(types, "amqu").values())) == len(types)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_page_gives_the_same_letters():
    script = (
        "const { letters } = await import(process.argv[1]);"
        "console.log(JSON.stringify(Object.fromEntries(letters(JSON.parse(process.argv[2]), [...'amlu']))))"
    )
    words = ["hat-closed", "hat-open", "clap", "loop", "bass", "tonal"]
    where = (ROOT / "drumwatch/review/page/elements.js").as_uri()
    command = [
        "node",
        "--no-warnings",
        "--input-type=module",
        "-e",
        script,
        where,
        str(words).replace("'", '"'),
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True)

    assert output.stdout.strip() == str(letters(words, "amlu")).replace("'", '"').replace(" ", "")
