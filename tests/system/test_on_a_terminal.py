"""What a person sees who runs a command on a terminal, and what a pipe gets instead."""

from __future__ import annotations

import subprocess
import sys

import pytest
from daemon_harness import TIMEOUT
from pseudo_terminal import CTRL_C, PseudoTerminal

COLUMNS = 80  # what fits into a narrow terminal fits into a wide one
LONG = 200  # lines of a screen on which everything stays


@pytest.fixture
def old(harness, tmp_path):
    """Two packs, one sound by itself, and a file that is none."""
    for n in range(12):
        harness.drop(f"Oak Kit/sound number {n:02} of a long name.wav", hz=50 + n, folder=tmp_path / "old")
    for n in range(5):
        harness.drop(f"Elm Kit/{n}.wav", hz=62 + n, folder=tmp_path / "old")
    harness.drop("alone.wav", hz=55.5, folder=tmp_path / "old")
    (tmp_path / "old/broken.wav").write_text("no sound")
    return tmp_path / "old"


def unwrapped(lines: list[str]) -> str:
    """The lines as one, however the terminal or the program has broken them."""
    return "".join(lines).replace(" ", "")


def test_sort_shows_the_bar_alone_and_a_summary(harness, old):
    terminal = PseudoTerminal(harness, "sort", old, "--yes", columns=COLUMNS)

    code, lines = terminal.end()

    assert code == 1  # because of the file that is no sound
    assert lines[:3] == [
        "Oak Kit: 12 filed",
        "Elm Kit: 5 filed",
        "Single files: 1 filed, 1 could not be heard",
    ]
    rest = unwrapped(lines[3:])
    assert rest.startswith("broken.wavisnotanaudiofile")
    assert "19fileslookedat:18filed(18kick),1couldnotbeheard." in rest
    assert lines[-1] == "`drumwatch log` shows every file."
    assert "sorting" in terminal.raw
    assert ".wav →" not in terminal.raw
    assert all(len(line) <= COLUMNS for line in lines)


def test_with_v_each_file_has_a_line_that_does_not_run_into_the_bar(harness, old):
    terminal = PseudoTerminal(harness, "sort", old, "--yes", "-v", columns=COLUMNS, high=LONG)

    _, lines = terminal.end()

    begun = [line for line in lines if line.startswith("kick ")]
    assert len(begun) == 18
    assert "sorting" in terminal.raw
    assert not [line for line in lines if "sorting" in line or "━" in line]


def test_piped_each_file_has_a_line_and_the_sum_goes_to_stderr(harness, old):
    output = harness.run("sort", str(old), "--yes", code=1)

    assert len([line for line in output.stdout.splitlines() if line.startswith("kick ")]) == 18
    assert output.stderr.splitlines()[-1].startswith(
        "19 files looked at: 18 filed (18 kick), 1 could not be heard."
    )


def test_the_tree_of_a_dry_run_folds_and_v_opens_it(harness, old):
    _, folded = PseudoTerminal(harness, "sort", old, "--dry-run", columns=COLUMNS).end()
    _, opened = PseudoTerminal(harness, "sort", old, "--dry-run", "-v", columns=COLUMNS, high=LONG).end()

    at = folded.index("~/library (18)")
    assert folded[at + 1 : at + 3] == ["  kick  18 files from 2 packs", "`-v` shows the folders and files."]
    assert not [line for line in folded if ".wav" in line and "broken" not in line]
    assert "└── kick/ (18)" in opened
    assert "    │   ├── 0.wav" in opened


def test_the_tree_of_a_piped_dry_run_is_open(harness, old):
    assert "    │   ├── 0.wav" in harness.run("sort", str(old), "--dry-run", code=1).stdout.splitlines()


def test_ctrl_c_is_answered_at_once_and_at_the_end(harness, tmp_path):
    for n in range(300):
        harness.drop(f"{n:03}.wav", hz=45 + n / 8, folder=tmp_path / "old")
    terminal = PseudoTerminal(harness, "sort", tmp_path / "old", "--yes")
    terminal.wait_for("/300")

    terminal.process.send(CTRL_C)

    code, lines = terminal.end()
    assert code == 130
    assert "Stopping after the files that are begun; Ctrl-C again stops at once." in terminal.raw
    assert lines[-1] == "Stopped. The same command goes on from here."
    assert not [line for line in lines if "━" in line]


def test_ctrl_c_is_answered_where_no_terminal_is(harness, tmp_path):
    for n in range(300):
        harness.drop(f"{n:03}.wav", hz=45 + n / 8, folder=tmp_path / "old")
    with subprocess.Popen(
        [sys.executable, "-m", "drumwatch", "sort", str(tmp_path / "old"), "--yes"],
        env=harness.environment,
        cwd=harness.program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sorting:
        sorting.stdout.readline()
        sorting.send_signal(2)
        _, said = sorting.communicate(timeout=2 * TIMEOUT)

    assert said.splitlines()[0] == "Stopping after the files that are begun; Ctrl-C again stops at once."
    assert said.splitlines()[-1] == "Stopped. The same command goes on from here."


def test_ctrl_c_while_the_program_is_being_loaded_prints_no_traceback():
    interrupted = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'click': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from drumwatch.__main__ import main\n"
        "main()\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", interrupted], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )

    assert (ended.returncode, ended.stderr) == (130, "Stopped.\n")


def test_ctrl_c_ends_the_review_in_a_word(harness):
    terminal = PseudoTerminal(harness, "review", "--no-open", columns=120)
    terminal.wait_for("?token=")

    terminal.process.send(CTRL_C)

    code, lines = terminal.end()
    assert (code, lines[-1]) == (0, "Stopped.")


def test_ctrl_c_ends_run_and_is_answered_at_once(harness):
    terminal = PseudoTerminal(harness, "run", columns=120)
    terminal.wait_for("Ready.")

    terminal.process.send(CTRL_C)

    code, lines = terminal.end()
    assert code == 0
    assert lines[-2] == "Stopping after the files that are being filed."
    assert lines[-1].endswith(" Stopping (Ctrl-C).")


def test_the_report_says_what_it_does_while_the_map_is_drawn(harness, old, tmp_path):
    terminal = PseudoTerminal(harness, "sort", old, "--yes", "--report", tmp_path / "page.html", columns=120)

    _, lines = terminal.end()

    assert lines[-2:] == [
        "Drawing the map of the report: 18 sounds, which takes up to some minutes …",
        "The report is ~/page.html: open it in a browser.",
    ]
    assert "placing similar sounds side by side" in terminal.raw


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_sorted(harness, old, tmp_path):
    output = harness.run("sort", str(old), "--yes", "--report", str(tmp_path / "odl/page.html"), code=2)

    assert output.stderr == "--report: there is no folder ~/odl. Did you mean ~/old?\n"
    assert harness.tree(harness.library) == []


@pytest.mark.parametrize("options", [(), ("-v",)], ids=["short", "with -v"])
def test_run_sums_up_each_pack_in_one_line(harness, old, options):
    harness.run("run", "--once")
    for name in ("Oak Kit", "Elm Kit"):
        (old / name).rename(harness.intake / name)
    terminal = PseudoTerminal(harness, "run", "--once", *options, columns=120, high=LONG)

    _, lines = terminal.end()

    said = [line[len("12:34:56 ") :] for line in lines]
    assert said.count("Oak Kit: 12 filed") == 1
    assert said.count("Elm Kit: 5 filed") == 1
    assert len([line for line in said if ".wav →" in line]) == (17 if options else 0)


def test_the_piped_log_of_run_has_a_line_for_each_file_and_each_pack(harness, old):
    harness.run("run", "--once")
    (old / "Elm Kit").rename(harness.intake / "Elm Kit")

    said = [line[len("12:34:56 ") :] for line in harness.run("run", "--once").stderr.splitlines()]

    assert said.count("Elm Kit: 5 filed") == 1
    assert len([line for line in said if ".wav →" in line]) == 5


@pytest.mark.parametrize("options", [(), ("-v",)], ids=["short", "with -v"])
def test_an_undo_of_much_shows_the_bar_alone_and_the_sum(harness, tmp_path, options):
    for n in range(25):
        harness.drop(f"Oak Kit/{n:02}.wav", hz=50 + n, folder=tmp_path / "old")
    harness.run("sort", str(tmp_path / "old"), "--yes")

    _, planned = PseudoTerminal(harness, "undo", "--batch", 1, "--dry-run", *options, high=LONG).end()
    _, lines = PseudoTerminal(harness, "undo", "--batch", 1, *options, high=LONG).end()

    assert planned[-1] == "25 would be undone."
    assert lines[-1] == "25 undone."
    if options:
        assert len([line for line in lines if " undone: " in line]) == 25
    else:
        assert (planned, lines) == (
            ["Oak Kit: 25 would be undone", "25 would be undone."],
            ["25 undone."],
        )
    assert len(harness.tree(tmp_path / "old")) == 25


def test_two_ways_to_choose_what_is_undone_are_explained(harness):
    said = harness.run("undo", "--since", "3h", "--last", "1", code=2).stderr

    assert said.startswith("Undo what? --last and --since do not go together, because each of them chooses")
