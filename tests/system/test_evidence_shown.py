"""`why` and `classify` agree under the same option, say which evidence counted, and fit into a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest
import sounds
from daemon_harness import DaemonHarness, command

COLUMNS = 80  # a wider terminal leaves the same lines more room


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """A daemon harness, to look at only: two booms of a pack are filed, the third, named like a snare's file, has just come."""
    harness = DaemonHarness(tmp_path_factory.mktemp("filed"))
    harness.configure(max_wrong=0.0)
    for number in range(2):
        path = harness.drop(f"Some Pack/boom {number}.wav")
        sounds.write(path, sounds.decaying_sine(50, decay=0.1 + number / 100))
    harness.run("sort", str(harness.intake))
    sound = sounds.kick() + sounds.noise_burst(0.4, decay=0.1, seed=7)
    sounds.write(harness.intake / "Some Pack/boom snare 2.wav", sound)
    return harness


def new_sound(harness: DaemonHarness) -> str:
    return str(harness.intake / "Some Pack/boom snare 2.wav")


@pytest.mark.parametrize(
    ("option", "evidence"), [("--as-filed", ["sound", "name", "neighbors"]), ("--by-sound", ["sound"])]
)
def test_both_commands_agree_under_the_same_option_and_name_the_same_evidence(filed, option, evidence):
    ((classified,), (explained,)) = (
        filed.run_json(name, new_sound(filed), option) for name in ("classify", "why")
    )

    assert classified["evidence"] == explained["evidence"] == evidence
    assert classified["probabilities"] == pytest.approx(explained["probabilities"], abs=1e-6)
    assert classified["context"] == explained["context"]


def test_each_command_has_a_default_of_its_own(filed):
    ((classified,), (explained,)) = (filed.run_json(name, new_sound(filed)) for name in ("classify", "why"))

    assert (classified["evidence"], explained["evidence"]) == (["sound"], ["sound", "name", "neighbors"])


def test_by_sound_alone_nothing_is_said_about_what_filing_would_do(filed):
    (explained,) = filed.run_json("why", new_sound(filed), "--by-sound")
    shown = filed.run("why", new_sound(filed), "--by-sound").stdout

    assert (explained["rule"], explained["would"]) == (None, [])
    assert "would" not in shown
    assert "by        sound alone (filing also uses name and neighbors: --as-filed)" in shown


def test_names_and_neighbors_count_as_filed_only_as_far_as_the_configuration_lets_them(filed):
    before = filed.config.read_text(encoding="utf-8")
    filed.configure(names="ignore", context=False)

    ((classified,), (explained,)) = (
        filed.run_json(name, new_sound(filed), "--as-filed") for name in ("classify", "why")
    )
    filed.config.write_text(before, encoding="utf-8")

    assert classified["evidence"] == explained["evidence"] == ["sound"]


def test_classify_hears_a_file_that_is_given_by_a_relative_path(filed):
    result = subprocess.run(
        command("classify", "boom snare 2.wav"),
        env=filed.environment,
        cwd=filed.intake / "Some Pack",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, "boom snare 2.wav" in result.stdout) == (0, True)
    assert result.stderr == "By sound alone. Filing also uses names and neighbors: --as-filed shows that.\n"


def test_what_is_similar_is_a_file_of_the_user_s_that_is_there(filed):
    (explained,) = filed.run_json("why", str(filed.intake / "Some Pack/boom 0.wav"))

    assert [near["sound"] for near in explained["nearest"]] == [str(filed.intake / "Some Pack/boom 1.wav")]


def in_terminal(harness: DaemonHarness, *arguments: str) -> list[str]:
    """The lines that a command prints on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    environment = {
        name: text for name, text in harness.environment.items() if name not in ("COLUMNS", "LINES")
    }
    with subprocess.Popen(
        command(*arguments), env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody is there any more
            while more := os.read(ours, 4096):
                shown += more
    os.close(ours)
    assert process.returncode == 0
    return shown.decode().splitlines()


def test_why_fits_into_a_terminal_and_shows_the_numbers_where_asked(filed):
    path, *lines = in_terminal(filed, "why", "-v", new_sound(filed))

    assert path == "~/intake/Some Pack/boom snare 2.wav"
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert any(line.startswith("  for it    ") for line in lines)
    assert any("points: " in line for line in lines)
    assert any("sound, name and neighbors, as filed" in line for line in lines)
    assert all(line.startswith("  ") for line in lines)


def test_classify_says_in_a_terminal_which_evidence_counted(filed):
    said, line = in_terminal(filed, "classify", "--as-filed", new_sound(filed))

    assert said == "As filed: by sound, and by names and neighbors as the settings allow."
    assert "boom snare 2.wav" in line
