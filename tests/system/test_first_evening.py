"""The walk of `docs/first-evening.md` is true: its commands are run in order, in one temporary home, and print what stands there.

How the document is read:

- Only blocks of the language `console` are run; a block of another one, such as `text`, is skipped.
- A line that begins with `$ ` is a command. The lines below it, to the next command or to the end of the block, are all that it prints
  on standard output and standard error, in this order. The output is piped.
- The exit code is 0, or that of a comment `<!-- exit code 1 -->` in the line above the block.
- `…` in a line stands for text that differs: at least one character, and never the end of the line. A line that is nothing but `…`
  stands for any number of lines, or none. All other text is compared to the letter.
- `⏎` at the end of a line is the Return key, by which the person takes the default of a question. A pipe does not show it, so what is
  printed next follows in the same line there.
- Blank lines, and blanks at the ends of lines, do not count.
- `run` files in the order in which the disk lists a folder. So lines below each other that begin with a time, which the document writes
  as `…`, and that say where a file went (` → `), may come in any order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import psutil
import pytest
import sounds
from daemon_harness import ROOT, TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = ROOT / "docs/first-evening.md"
# Of the shell's language only paths and options
ALLOWED = re.compile(r"(?!.*\.\.)(?:drumwatch [a-z]|mv ~/)[\w .,~/\\-]*")
BLOCK = re.compile(r"(?:<!-- exit code (\d+) -->\n)?^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
ANY, RETURN = "…", "⏎"
FILED_BY_RUN = re.compile(rf"(?:\d\d:\d\d:\d\d|{ANY}) .* → .+")


class Step(NamedTuple):
    """A command of the document, and what it says that the command prints."""

    command: str
    output: str
    code: int
    line: int  # of the command in the document


def steps_in(text: str) -> list[Step]:
    """The commands of all `console` blocks, in order."""
    found = []
    for block in BLOCK.finditer(text):
        code, language, content = block.groups()
        if language != "console":
            continue
        first = text.count("\n", 0, block.start(3)) + 1
        assert content.startswith("$ "), f"line {first}: a console block begins with a command"
        for command in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, flags=re.MULTILINE):
            line = first + content.count("\n", 0, command.start())
            found.append(Step(command[1], command[2], int(code or 0), line))
    return found


def first_difference(wanted: str, printed: str) -> str:
    """The first line that was not printed as it is wanted, or that is printed besides; empty where there is none."""
    expected, actual = _lines(wanted.replace(f"{RETURN}\n", "")), _lines(printed)
    text = "".join(f"{line}\n" for line in actual)
    pattern = ""
    for line in expected:
        pattern += _pattern(line)
        if not re.match(pattern, text):
            return f"not printed: {line}"
    if re.fullmatch(pattern, text):
        return ""
    matched = re.match(pattern, text)
    assert matched is not None
    return f"printed, too: {text[matched.end() :].splitlines()[0]}"


def _pattern(line: str) -> str:
    if line.strip() == ANY:
        return r"(?:.*\n)*?"
    return ".+?".join(map(re.escape, line.split(ANY))) + r"\n"


def _lines(text: str) -> list[str]:
    """The lines that are not blank; neighbors of which the disk decides the order are sorted by where the files went."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and FILED_BY_RUN.fullmatch(lines[end]):
            end += 1
        lines[at:end] = sorted(lines[at:end], key=lambda line: line.partition(" → ")[2])
        at = end + 1
    return lines


class Home:
    """A home folder with the sounds of the document, and `drumwatch` as a command."""

    def __init__(self, root: Path) -> None:
        self.folder, programs = root / "home", root / "bin"
        _write_sounds(self.folder)
        programs.mkdir()
        program = programs / "drumwatch"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m drumwatch "$@"\n', "utf-8")
        program.chmod(0o755)
        # Neither the folders nor the screen of the person who runs the tests
        foreign = ("XDG_", "DRUMWATCH_", "COLUMNS", "LINES", "FORCE_COLOR", "DBUS_SESSION_BUS_ADDRESS")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
            "HOME": str(self.folder),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
        }

    def difference(self, step: Step) -> str:
        """Run the command; in what its exit code or its output differs from the document, or an empty text."""
        assert ALLOWED.fullmatch(step.command), f"{step.command}: this is not run"
        ran = subprocess.run(
            ["/bin/sh", "-c", step.command],
            env=self.environment,
            cwd=self.folder,
            input="\n" * step.output.count(f"{RETURN}\n"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=2 * TIMEOUT,
            check=False,
        )
        different = first_difference(step.output, ran.stdout)
        if ran.returncode != step.code:
            different = f"exit code {ran.returncode} instead of {step.code}. {different}"
        if not different:
            return ""
        place = f"{DOCUMENT.name}:{step.line}: $ {step.command}"
        return f"{place}\n{different}\nAll that was printed:\n{ran.stdout}"

    def shorten_quiet_time(self) -> None:
        """A file counts as complete after a fifth of a second, because a test need not wait for slow downloads."""
        for config in self.folder.rglob("config.toml"):
            text = config.read_text("utf-8")
            config.write_text(text.replace("\nquiet = 2.0", "\nquiet = 0.2"), "utf-8")

    def processes(self) -> list[psutil.Process]:
        """What still runs in this home."""
        return [one for one in psutil.process_iter() if _home_of(one) == str(self.folder)]


def _home_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("HOME", "")
    except psutil.Error:  # ended just now, or not ours
        return ""


def _write_sounds(home: Path) -> None:
    """Two small packs: one in the downloads, one that arrives later."""
    pack, later = home / "Downloads/Dusty Vol 3", home / "Desktop/Tape Hits"
    for folder in (pack, later):
        folder.mkdir(parents=True)
    for number, hz in enumerate((48, 55, 62), 1):
        sounds.write(pack / f"BD_0{number}.wav", sounds.decaying_sine(hz))
        sounds.write(later / f"kick {number}.wav", sounds.decaying_sine(70 + 5 * number))
    for number in (1, 2):
        sounds.write(pack / f"SD_0{number}.wav", _snare(170 + 20 * number, seed=number))
        sounds.write(pack / f"tss {number}.wav", sounds.noise_burst(0.12, seed=number))
        sounds.write(later / f"hat {number}.wav", sounds.noise_burst(0.1, seed=10 + number))
    sounds.write(pack / "CP_01.wav", _clap())
    sounds.write(pack / "01_final_FINAL.wav", sounds.doubtful_hat())
    sounds.write(later / "conga 1.wav", sounds.decaying_sine(230, 0.25, decay=0.06))
    (pack / "Licence.txt").write_text("Do what you like.\n", "utf-8")


def _snare(hz: float, *, seed: int) -> np.ndarray:
    rattle = sounds.noise_burst(0.25, decay=0.07, seed=seed)
    return 0.6 * sounds.decaying_sine(hz, 0.25, decay=0.06) + rattle


def _clap() -> np.ndarray:
    """Three short bursts of noise and a longer one."""
    y = np.zeros(round(0.3 * sounds.SR), np.float32)
    for begin, decay in ((0.0, 0.006), (0.011, 0.006), (0.022, 0.006), (0.033, 0.06)):
        at = round(begin * sounds.SR)
        y[at:] += sounds.noise_burst(0.3, decay=decay, seed=3)[: len(y) - at]
    return y


@pytest.mark.timeout(300)  # a dozen commands one after the other
def test_each_command_of_the_first_evening_prints_what_the_document_says(tmp_path):
    home = Home(tmp_path)

    for step in steps_in(DOCUMENT.read_text("utf-8")):
        different = home.difference(step)
        assert not different, different
        home.shorten_quiet_time()

    assert home.processes() == []


def test_only_console_blocks_are_run_and_a_comment_names_their_exit_code():
    text = "```text\n$ rm x\n```\n\n<!-- exit code 1 -->\n```console\n$ drumwatch status\nno\n$ mv ~/a ~/b\n```\n"

    assert steps_in(text) == [Step("drumwatch status", "no\n", 1, 7), Step("mv ~/a ~/b", "", 1, 9)]


@pytest.mark.parametrize(
    "command", ["rm -r ~/Downloads", "drumwatch log; rm x", "drumwatch log > ~/x", "mv / ~/x"]
)
def test_a_command_of_the_shell_is_not_run(command, tmp_path):
    with pytest.raises(AssertionError, match="this is not run"):
        Home(tmp_path).difference(Step(command, "", 0, 1))


@pytest.mark.parametrize(
    ("wanted", "printed"),
    [
        ("kick … %: a.wav\n", "kick 99 %: a.wav\n"),
        ("\none\n\ntwo\n", "one  \ntwo\n"),
        ("one\n…\nfour\n", "one\ntwo\nthree\nfour\n"),
        ("one\n…\ntwo\n", "one\ntwo\n"),
        ("Where? [here]: ⏎\nWrote it\n", "Where? [here]: Wrote it\n"),
        ("… a → ~/b/a\n… c → ~/b/c\n… two\n", "12:00:00 c → ~/b/c\n12:00:01 a → ~/b/a\n12:00:02 two\n"),
    ],
    ids=[
        "text that differs",
        "blanks",
        "lines that differ",
        "no line that differs",
        "Return",
        "order of the disk",
    ],
)
def test_what_may_differ_is_the_same(wanted, printed):
    assert first_difference(wanted, printed) == ""


@pytest.mark.parametrize(
    ("wanted", "printed", "different"),
    [
        ("kick … %: a.wav\n", "kick 99 %: b.wav\n", "not printed: kick … %: a.wav"),
        ("kick … %\n", "kick  %\n", "not printed: kick … %"),
        ("one\ntwo\n", "one\n", "not printed: two"),
        ("one\n", "one\ntwo\n", "printed, too: two"),
        ("one\n", "  one\n", "not printed: one"),
        ("one…\n", "one\ntwo\n", "not printed: one…"),
        ("a → ~/b/a\nc → ~/b/c\n", "c → ~/b/c\na → ~/b/a\n", "not printed: a → ~/b/a"),
    ],
    ids=["a name", "nothing at all", "less", "more", "an indent", "the end of a line", "order of a list"],
)
def test_everything_else_is_compared_to_the_letter(wanted, printed, different):
    assert first_difference(wanted, printed) == different
