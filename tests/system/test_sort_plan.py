"""`sort` shows its plan and asks before it moves much: on a terminal of its own, and where nobody can answer."""

from __future__ import annotations

import os
import re
import time
import zipfile

import pytest
from daemon_harness import TIMEOUT
from pseudo_terminal import CTRL_C, PseudoTerminal

QUESTION = "[m]ove, [c]opy instead, [n]othing"


class Terminal(PseudoTerminal):
    """`drumwatch sort` on a screen."""

    def __init__(self, harness, *words: object) -> None:
        super().__init__(harness, "sort", *words)


@pytest.fixture
def old(harness, tmp_path):
    """Two packs, one of them with a licence, and a single sound."""
    for n in range(4):
        harness.drop(f"Oak Kit/{n}.wav", hz=50 + n, folder=tmp_path / "old")
    for n in range(3):
        harness.drop(f"Elm Kit/{n}.wav", hz=60 + n, folder=tmp_path / "old")
    harness.drop("alone.wav", hz=70, folder=tmp_path / "old")
    (tmp_path / "old/Oak Kit/Licence.txt").write_text("yours")
    (tmp_path / "old/broken.wav").write_text("no sound")
    return tmp_path / "old"


@pytest.fixture
def before(harness, old):
    return harness.tree(old)


def is_untouched(harness, old, before) -> bool:
    """Whether everything lies where it was, and nothing was made or written down."""
    return (
        harness.tree(old) == before
        and harness.tree(harness.library) == []
        and harness.entries() == []
        and not list(harness.state.glob(".drumwatch-unpacked"))
    )


PLAN = [
    "9 files would be moved out of 3 folders into ~/library:",
    "  8  kick",
    "  1  beside the sounds: documents, artwork, presets",
    "From 2 packs and 1 single file:",
    "  5  Oak Kit",
    "  3  Elm Kit",
    "Not filed:",
    "  1  could not be heard",
]


def test_on_a_terminal_the_plan_is_shown_and_m_moves(harness, old):
    terminal = Terminal(harness, old)

    shown = terminal.wait_for(QUESTION)
    assert shown == [*PLAN, f"Move 9 files of 2 packs into ~/library? {QUESTION}:"]
    terminal.process.sendline("m")

    code, _ = terminal.end()
    assert code == 1  # because of the sound that cannot be decoded
    assert len(harness.tree(harness.library)) == 9
    assert harness.tree(old) == ["old/broken.wav"]


def test_c_copies_and_every_original_stays(harness, old, before):
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)

    terminal.process.sendline("c")

    terminal.end()
    assert len(harness.tree(harness.library)) == 9
    assert harness.tree(old) == before


def test_c_keeps_what_a_rule_would_move_and_the_archives(harness, old, tmp_path):
    rule = '[[rule]]\nname = "all"\nmatch = { label = "kick" }\naction = "move"\nto = "mine/{name}"\n'
    harness.configure(rule, after_unpacking="aside")
    with zipfile.ZipFile(old / "Ash Kit.zip", "w") as made:
        made.write(harness.drop("zipped.wav", hz=65, folder=tmp_path), "zipped.wav")
    before = harness.tree(old)
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)

    terminal.process.sendline("copy")

    terminal.end()
    assert harness.tree(old) == before
    assert len([name for name in harness.tree(harness.library) if name.startswith("library/mine/")]) == 9


@pytest.mark.parametrize(("output", "code"), [("n\r", 0), ("\r", 0), ("no\r", 0), (CTRL_C, 130)])
def test_n_and_enter_and_ctrl_c_touch_nothing(harness, old, before, output, code):
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)

    terminal.process.send(output)

    ended, lines = terminal.end()
    assert (ended, lines[-1].removeprefix("Stopped. ")) == (code, "Nothing was touched.")
    assert is_untouched(harness, old, before)


def test_another_answer_is_asked_again(harness, old, before):
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)

    terminal.process.sendline("yes")
    terminal.wait_for("please answer m, c or n")
    terminal.process.sendline("n")

    assert terminal.end()[0] == 0
    assert is_untouched(harness, old, before)


def test_ctrl_c_while_the_plan_is_made_touches_nothing_and_leaves_nothing_unpacked(harness, tmp_path):
    harness.configure(after_unpacking="aside")
    old = tmp_path / "old"
    for n in range(300):
        harness.drop(f"{n:03}.wav", hz=45 + n / 8, folder=tmp_path / "made")
    old.mkdir()
    for name in ("Oak Kit.zip", "Elm Kit.zip"):
        with zipfile.ZipFile(old / name, "w") as made:
            for path in sorted((tmp_path / "made").iterdir()):
                made.write(path, path.name)
    before = harness.tree(old)
    terminal = Terminal(harness, old)
    until = time.monotonic() + TIMEOUT
    while not re.search(r"looking.*[1-9]\d*/[3-9]\d\d", "\n".join(terminal.lines())):
        assert time.monotonic() < until, terminal.raw

    terminal.process.send(CTRL_C)

    code, lines = terminal.end()
    assert (code, lines[-1]) == (130, "Stopped. Nothing was touched.")
    assert is_untouched(harness, old, before)


def test_the_bar_says_what_it_is_doing(harness, old):
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)
    assert "looking" in terminal.raw
    assert "sorting" not in terminal.raw

    terminal.process.sendline("m")

    terminal.end()
    assert "sorting" in terminal.raw


def test_without_a_terminal_it_is_refused_with_the_plan(harness, old, before):
    output = harness.run("sort", str(old), code=2)

    assert output.stderr.splitlines() == [
        *PLAN,
        "9 files would be moved out of 2 packs: say --yes to move them, or --action copy to keep the originals.",
    ]
    assert output.stdout == ""
    assert is_untouched(harness, old, before)


def test_without_a_terminal_yes_moves(harness, old):
    output = harness.run("sort", str(old), "--yes", code=1)

    assert "would" not in output.stdout + output.stderr
    assert len(harness.tree(harness.library)) == 9


@pytest.mark.parametrize("action", ["copy", "hardlink", "symlink", "tag"])
def test_an_action_that_moves_nothing_is_not_asked_about(harness, old, before, action):
    rule = '[[rule]]\nname = "all"\nmatch = { label = "kick" }\naction = "move"\n'
    harness.configure(rule)

    harness.run("sort", str(old), "--action", action, code=1)

    assert harness.tree(old) == before


def test_a_configuration_that_copies_is_not_asked_about(harness, old, before):
    harness.configure(action="copy")

    harness.run("sort", str(old), code=1)

    assert (harness.tree(old), len(harness.tree(harness.library))) == (before, 9)


def test_a_rule_that_moves_more_than_one_pack_is_asked_about_where_all_else_is_copied(harness, old):
    rule = '[[rule]]\nname = "packs"\nmatch = { pack = "*" }\naction = "move"\n'
    harness.configure(rule, action="copy")

    output = harness.run("sort", str(old), code=2).stderr.splitlines()
    harness.configure(rule.replace("*", "Oak*"), action="copy")
    harness.run("sort", str(old), code=1)

    assert output[0] == "7 files would be moved out of 2 folders, 2 copied into ~/library:"
    assert harness.tree(old / "Oak Kit") == ["old/Oak Kit/Licence.txt"]
    assert len(harness.tree(old / "Elm Kit")) == 3


def test_two_hundred_files_of_one_pack_go_on_at_once_and_one_more_does_not(harness, tmp_path):
    old = tmp_path / "Oak Kit"
    for n in range(200):
        harness.drop(f"Kicks/{n:03}.wav", hz=45 + n / 8, folder=old)

    harness.drop("Kicks/more.wav", hz=44, folder=old)
    output = harness.run("sort", str(old), code=2).stderr
    assert output.splitlines()[-1] == (
        "201 files would be moved, more than 200: say --yes to move them, or --action copy to keep the originals."
    )
    (old / "Kicks/more.wav").unlink()
    harness.run("sort", str(old))

    assert len(harness.tree(harness.library)) == 200


def test_one_pack_goes_on_at_once_and_is_gone_through_once(harness, old):
    output = harness.run("sort", str(old / "Oak Kit"))

    assert "would" not in output.stdout + output.stderr
    assert "heard before" not in output.stderr
    assert len(harness.tree(harness.library)) >= 4


def test_many_files_of_which_few_would_move_are_not_asked_about(harness, tmp_path):
    old = tmp_path / "Oak Kit"
    for n in range(3):
        harness.drop(f"Kicks/{n}.wav", hz=50 + n, folder=old)
    for n in range(300):
        (old / f"{n}.exe").write_bytes(b"MZ")

    output = harness.run("sort", str(old))

    assert "3 files looked at: 3 filed (3 kick)." in output.stderr
    assert "would" not in output.stderr


def test_an_archive_that_is_kept_is_not_asked_about_and_one_that_is_put_away_is(harness, tmp_path):
    (tmp_path / "old").mkdir()
    for n, name in enumerate(("Oak Kit.zip", "Elm Kit.zip")):
        with zipfile.ZipFile(tmp_path / "old" / name, "w") as made:
            made.write(harness.drop(f"{n}.wav", hz=50 + n, folder=tmp_path / "made"), f"{n}.wav")
    harness.configure(after_unpacking="aside")

    output = harness.run("sort", str(tmp_path / "old"), code=2).stderr
    harness.configure()
    harness.run("sort", str(tmp_path / "old"))

    assert output.splitlines()[0] == "2 files would be moved out of 1 folder, 2 copied into ~/library:"
    assert "  2  archives, put away when they are empty" in output.splitlines()
    assert len(harness.tree(harness.library)) == 2
    assert len(os.listdir(tmp_path / "old")) == 2


def test_the_plan_and_the_sorting_analyze_each_sound_once(harness, old):
    terminal = Terminal(harness, old)
    terminal.wait_for(QUESTION)

    terminal.process.sendline("m")

    terminal.end()
    assert "8 had been heard before" in terminal.raw


def test_the_report_of_a_run_that_was_asked_about_counts_each_sound_once(harness, old, tmp_path):
    terminal = Terminal(harness, old, "--report", tmp_path / "page.html")
    terminal.wait_for(QUESTION)
    assert not (tmp_path / "page.html").exists()

    terminal.process.sendline("m")

    terminal.end()
    assert '"fates": {"filed": 9, "could not be heard": 1}' in (tmp_path / "page.html").read_text()
    assert terminal.raw.count("Drawing the map") == 1


def test_a_dry_run_shows_the_same_plan_before_its_tree(harness, old, before):
    output = harness.run("sort", str(old), "--dry-run", code=1).stdout.splitlines()

    at = output.index(PLAN[0])
    assert output[at : at + len(PLAN) + 2] == [*PLAN, "", "~/library (9)"]
    assert is_untouched(harness, old, before)
