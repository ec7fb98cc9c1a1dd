from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from pathlib import Path

SR = 44_100


def kick(decay: float) -> np.ndarray:
    t = np.arange(round(0.4 * SR)) / SR
    return 0.8 * np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / decay)


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "drumwatch", "evaluate", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_kicks_in_a_folder_of_kicks_are_right(tmp_path):
    (tmp_path / "Kicks").mkdir()
    for number, decay in enumerate((0.06, 0.08, 0.1)):
        soundfile.write(tmp_path / f"Kicks/{number}.wav", kick(decay), SR)

    done = run(tmp_path, "--json")

    result = json.loads(done.stdout)
    assert (done.returncode, result["files"], result["figures"]["accuracy"]) == (0, 3, 1.0)
    assert result["confusion"][0] == [3, 0, 0, 0, 0]


def test_each_figure_is_explained_in_a_sentence(tmp_path):
    (tmp_path / "Kicks").mkdir()
    soundfile.write(tmp_path / "Kicks/1.wav", kick(0.08), SR)

    shown = run(tmp_path).stdout

    assert "accuracy          100 %  Of 100 sounds, 100 are given the label of their folder." in shown
    assert (
        "coverage at 95 %  100 %  If it decides about the surest 100 of 100 sounds only, 95 % are right."
        in shown
    )
    assert "recall kick       100 %  Of 100 sounds whose label is kick, it finds 100." in shown
    assert "How many sounds of each folder (row) were given each label (column):" in shown


def test_a_file_that_cannot_be_analyzed_is_left_out_and_named(tmp_path):
    (tmp_path / "kick").mkdir()
    soundfile.write(tmp_path / "kick/a.wav", kick(0.08), SR)
    (tmp_path / "kick/b.wav").write_text("not a sound at all, but long enough to look like one")

    done = run(tmp_path)

    assert done.returncode == 1
    assert "1 sound, judged by sound alone\n" in done.stdout
    assert "left out:" in done.stderr
    assert "b.wav" in done.stderr


def test_a_folder_without_labels_says_which_names_are_known(tmp_path):
    (tmp_path / "stuff").mkdir()

    done = run(tmp_path)

    assert done.returncode == 2
    assert "no subfolders named like the labels: kick, snare, hat, percussion, other" in done.stderr


def test_why_draws_a_picture_and_never_over_another(tmp_path):
    soundfile.write(tmp_path / "a.wav", kick(0.08), SR)
    words = [
        sys.executable,
        "-m",
        "drumwatch",
        "why",
        str(tmp_path / "a.wav"),
        "--plot",
        str(tmp_path / "a.svg"),
    ]

    first = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    second = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert (first.returncode, second.returncode) == (0, 2)
    assert "resembles" not in first.stdout, "the journal has no sound that could be played"
    assert (tmp_path / "a.svg").read_text("utf-8").startswith("<svg ")
    assert "is there already" in second.stderr


def test_a_picture_with_another_ending_is_refused_and_the_right_one_is_proposed(tmp_path):
    soundfile.write(tmp_path / "a.wav", kick(0.08), SR)
    words = [sys.executable, "-m", "drumwatch", "why", tmp_path / "a.wav", "--plot", tmp_path / "a.png"]

    refused = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 2
    assert f"say --plot {tmp_path / 'a.svg'}" in refused.stderr
    assert not (tmp_path / "a.png").exists()


def test_a_picture_for_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    soundfile.write(tmp_path / "a.wav", kick(0.08), SR)
    words = [sys.executable, "-m", "drumwatch", "why", tmp_path / "a.wav", "--plot", tmp_path / "no/a.svg"]

    refused = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr


def test_a_name_that_says_something_else_than_the_sound_is_reported(tmp_path):
    soundfile.write(tmp_path / "Snare 01.wav", kick(0.08), SR)
    words = [sys.executable, "-m", "drumwatch", "why", str(tmp_path / "Snare 01.wav")]

    reported = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout

    assert "clash     named snare, sounds like kick" in reported
    assert "against   its name says snare\n" in reported
