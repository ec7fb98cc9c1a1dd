from __future__ import annotations

import json

import numpy as np
import soundfile

SR = 44_100


def kick(decay: float) -> np.ndarray:
    t = np.arange(round(0.4 * SR)) / SR
    return 0.8 * np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / decay)


def test_kicks_in_a_folder_of_kicks_are_right(harness):
    (harness.intake / "Kicks").mkdir()
    for number, decay in enumerate((0.06, 0.08, 0.1)):
        soundfile.write(harness.intake / f"Kicks/{number}.wav", kick(decay), SR)

    done = harness.run("evaluate", str(harness.intake), "--json")

    result = json.loads(done.stdout)
    assert (result["files"], result["figures"]["accuracy"]) == (3, 1.0)
    assert result["confusion"][0] == [3, 0, 0, 0, 0]


def test_each_figure_is_explained_in_a_sentence(harness):
    (harness.intake / "Kicks").mkdir()
    soundfile.write(harness.intake / "Kicks/1.wav", kick(0.08), SR)

    shown = harness.run("evaluate", str(harness.intake)).stdout

    assert "accuracy          100 %  Of 100 sounds, 100 are given the label of their folder." in shown
    assert (
        "coverage at 95 %  100 %  If it decides about the surest 100 of 100 sounds only, 95 % are right."
        in shown
    )
    assert "recall kick       100 %  Of 100 sounds whose label is kick, it finds 100." in shown
    assert "How many sounds of each folder (row) were given each label (column):" in shown


def test_a_file_that_cannot_be_analyzed_is_left_out_and_named(harness):
    (harness.intake / "kick").mkdir()
    soundfile.write(harness.intake / "kick/a.wav", kick(0.08), SR)
    (harness.intake / "kick/b.wav").write_text("not a sound at all, but long enough to look like one")

    done = harness.run("evaluate", str(harness.intake), code=1)

    assert "1 sound, judged by sound alone\n" in done.stdout
    assert "left out:" in done.stderr
    assert "b.wav" in done.stderr


def test_a_folder_without_labels_says_which_names_are_known(harness):
    (harness.intake / "stuff").mkdir()

    done = harness.run("evaluate", str(harness.intake), code=2)

    assert "no subfolders named like the labels: kick, snare, hat, percussion, other" in done.stderr


def test_why_draws_a_picture_and_never_over_another(harness):
    soundfile.write(harness.intake / "a.wav", kick(0.08), SR)
    words = [
        "why",
        str(harness.intake / "a.wav"),
        "--plot",
        str(harness.intake / "a.svg"),
    ]

    first = harness.run(*map(str, words))
    second = harness.run(*map(str, words), code=2)

    assert "resembles" not in first.stdout, "the journal has no sound that could be played"
    assert (harness.intake / "a.svg").read_text("utf-8").startswith("<svg ")
    assert "is there already" in second.stderr


def test_a_picture_with_another_ending_is_refused_and_the_right_one_is_proposed(harness):
    soundfile.write(harness.intake / "a.wav", kick(0.08), SR)
    words = ["why", harness.intake / "a.wav", "--plot", harness.intake / "a.png"]

    refused = harness.run(*map(str, words), code=2)

    assert f"say --plot {harness.intake / 'a.svg'}" in refused.stderr
    assert not (harness.intake / "a.png").exists()


def test_a_picture_for_a_folder_that_is_not_there_is_a_sentence(harness):
    soundfile.write(harness.intake / "a.wav", kick(0.08), SR)
    words = ["why", harness.intake / "a.wav", "--plot", harness.intake / "no/a.svg"]

    refused = harness.run(*map(str, words), code=2)

    assert "cannot be written" in refused.stderr


def test_a_name_that_says_something_else_than_the_sound_is_reported(harness):
    soundfile.write(harness.intake / "Snare 01.wav", kick(0.08), SR)
    words = ["why", str(harness.intake / "Snare 01.wav")]

    reported = harness.run(*map(str, words)).stdout

    assert "clash     named snare, sounds like kick" in reported
    assert "against   its name says snare\n" in reported
