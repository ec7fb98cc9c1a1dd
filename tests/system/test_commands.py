"""What commands print for people and for programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest
import sounds
from daemon_harness import TIMEOUT, DaemonHarness, command

LOG_FIELDS = {
    "id", "time", "batch", "source", "destination", "action", "state", "label", "type", "confidence", "rule", "reason", "model",
}  # fmt: skip
CLASSIFY_FIELDS = {"path", "label", "type", "confidence", "probabilities", "shape", "duration", "model"}
LABELS = {"kick", "snare", "hat", "percussion", "other"}


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """A daemon harness, to look at only, in which a kick and a hat have been filed and a text has been refused."""
    harness = DaemonHarness(tmp_path_factory.mktemp("filed"))
    harness.run("run", "--once")
    harness.drop("a kick.wav")
    sounds.write(harness.intake / "a hat.wav", sounds.noise_burst())
    (harness.intake / "a text.wav").write_text("no sound")
    harness.run("run", "--once")
    return harness


def names(records: list[dict]) -> set[str]:
    return {os.path.basename(record["source"]) for record in records}


def test_log_prints_every_field_as_json(filed):
    records = filed.run_json("log")

    assert all(record.keys() >= LOG_FIELDS for record in records)
    kick = next(record for record in records if record["label"] == "kick")
    assert kick["destination"] == str(filed.library / "kick/a kick.wav")
    assert kick["probabilities"].keys() == LABELS
    assert next(record for record in records if record["state"] == "failed")["error"].startswith(
        "a text.wav is not"
    )


def test_log_shows_only_what_was_asked_for(filed):
    assert names(filed.run_json("log", "--label", "kick")) == {"a kick.wav"}
    assert names(filed.run_json("log", "--state", "failed")) == {"a text.wav"}
    assert names(filed.run_json("log", "--below", "1")) == {"a kick.wav", "a hat.wav"}
    assert filed.run_json("log", "--below", "0.01") == []
    assert len(filed.run_json("log", "--since", "1h")) == 3
    assert len(filed.run_json("log", "--last", "2")) == 2
    assert filed.run_json("log", "--since", "2030-01-01") == []


def test_log_speaks_to_people_too(filed):
    result = filed.run("log").stdout

    assert "a kick.wav → ~/library/kick/a kick.wav" in result
    assert "a text.wav in ~/intake could not be heard" in result
    assert "\x1b" not in result


def test_log_follows_what_happens(harness):
    harness.start()
    with subprocess.Popen(
        command("log", "--follow", "--json"),
        env=harness.environment,
        cwd=harness.program,
        stdout=subprocess.PIPE,
        text=True,
    ) as following:
        harness.drop("one.wav")
        assert json.loads(following.stdout.readline())["source"].endswith("one.wav")
        harness.drop("two.wav", hz=50)
        assert json.loads(following.stdout.readline())["source"].endswith("two.wav")
        following.send_signal(signal.SIGINT)
        assert following.wait(TIMEOUT) == 130


def test_status_knows_a_daemon_that_lives(harness):
    harness.start()
    harness.drop()
    harness.wait_for(1)
    harness.wait_until(
        lambda: "last_file" in harness.run_json("status")[0], "the daemon's word on its last file"
    )

    (facts,) = harness.run_json("status")

    assert (facts["alive"], facts["pid"]) == (True, harness.daemon.pid)
    assert "kick.wav" in facts["last_file"]["what"]
    assert (facts["today"], facts["to_review"]) == ({"kick": 1}, 0)
    assert [watch["folder"] for watch in facts["watching"]] == [str(harness.intake)]
    assert "drumwatch is running since" in harness.run("status").stdout


def test_status_counts_what_waits_for_review_whenever_it_came(harness):
    harness.configure(max_wrong=0.0)
    harness.start()
    harness.drop_many(2)
    harness.wait_for(2)

    assert harness.run_json("status")[0]["to_review"] == 2
    assert "  to review   2 unsure: `drumwatch review`" in harness.run("status").stdout.splitlines()
    assert "  today       2 unsure" in harness.run("status").stdout.splitlines()

    harness.run("correct", str(harness.intake / "kick 0.wav"), "kick")
    assert harness.run_json("status")[0]["to_review"] == 1


def test_status_is_not_fooled_by_a_daemon_that_died(harness):
    harness.start()
    harness.kill()

    (facts,) = harness.run_json("status", code=1)

    assert (facts["alive"], facts["pid"]) == (False, None)
    assert "drumwatch is not running" in harness.run("status", code=1).stdout


def test_doctor_finds_nothing_wrong_with_a_daemon_at_work(harness):
    harness.start()

    result = harness.run("doctor").stdout

    assert "✗" not in result
    assert "a test kick is recognized as kick" in result
    assert f"the daemon is running (process {harness.daemon.pid})" in result


def test_doctor_names_what_is_wrong(harness):
    harness.configure(actoin="copy")

    (findings,) = harness.run_json("doctor", code=78)

    assert [finding["what"] for finding in findings if "actoin" in finding["what"]]
    assert "the daemon is not running" in [finding["what"] for finding in findings]


def test_classify_prints_the_verdict_of_each_file_as_json(filed):
    records = {
        os.path.basename(record["path"]): record for record in filed.run_json("classify", str(filed.library))
    }

    assert {name: record["label"] for name, record in records.items()} == {
        "a kick.wav": "kick",
        "a hat.wav": "hat",
    }
    assert all(record.keys() >= CLASSIFY_FIELDS for record in records.values())
    assert all(
        sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-3) for record in records.values()
    )
    assert len(filed.entries()) == 3, "and writes nothing down"


def test_classify_says_what_it_cannot_analyze_and_goes_on(filed):
    text, kick = filed.intake / "a text.wav", filed.library / "kick/a kick.wav"

    reported, analyzed = filed.run_json("classify", str(text), str(kick), code=1)

    assert (reported["path"], "error" in reported, analyzed["label"]) == (str(text), True, "kick")


def test_names_count_in_classify_only_when_asked(harness):
    kick = harness.drop("snare clap hihat.wav")

    (deaf,), (reported,) = (harness.run_json("classify", str(kick), *more) for more in ([], ["--use-names"]))

    assert deaf["probabilities"] != reported["probabilities"]


def test_neighbors_count_in_classify_only_as_filed(harness):
    folder = harness.intake / "Some Pack"
    folder.mkdir()
    for number in range(3):
        sound = sounds.kick() * (1 - number / 4) + sounds.noise_burst(0.4, seed=number)
        sounds.write(folder / f"boom {number}.wav", sound)

    alone, together = (harness.run_json("classify", str(folder), *more) for more in ([], ["--as-filed"]))

    assert [record["path"] for record in alone] == [record["path"] for record in together]
    assert all(
        one["probabilities"] != other["probabilities"] for one, other in zip(alone, together, strict=True)
    )


def test_why_explains_without_touching_anything(harness):
    kick = harness.drop()

    (reported,) = harness.run_json("why", str(kick))

    assert (reported["label"], reported["rule"]) == ("kick", "default")
    assert reported["reasons"]
    assert [step["action"] for step in reported["would"]] == ["move"]
    assert "for it" in harness.run("why", str(kick)).stdout
    assert (harness.tree(), harness.entries()) == (["intake/kick.wav"], [])


def test_sort_sorts_what_was_there_before_and_sums_up(harness, tmp_path):
    before = {harness.drop(f"Old pack/{n}.wav", hz=45 + n, folder=tmp_path / "old").name for n in range(4)}
    (tmp_path / "old/Old pack/readme.txt").write_text("hello")

    result = harness.run("sort", str(tmp_path / "old"))

    assert "4 files looked at: 4 filed (4 kick). 1 more went along with their pack." in result.stderr
    assert set(os.listdir(harness.library / "kick/Old pack")) == before
    assert os.listdir(harness.library / "_packs/Old pack") == ["readme.txt"]


def test_a_dry_sort_shows_and_touches_nothing(harness, tmp_path):
    harness.drop("a.wav", folder=tmp_path / "old")

    result = harness.run("sort", str(tmp_path / "old"), "--dry-run")

    assert "a.wav would go to ~/library/kick/" in result.stdout
    assert (os.listdir(tmp_path / "old"), harness.tree(), harness.entries()) == (["a.wav"], [], [])


def test_sort_goes_to_the_given_folder_without_any_configuration(harness, tmp_path):
    harness.config.unlink()
    harness.drop("a.wav", folder=tmp_path / "old")

    harness.run("sort", str(tmp_path / "old"), "--to", str(tmp_path / "elsewhere"), "--action", "copy")

    assert sorted(path.name for path in tmp_path.rglob("*.wav")) == ["a.wav", "a.wav"]
    assert "say where to sort with --to DIR" in harness.run("sort", str(tmp_path / "old"), code=78).stderr


def test_a_sort_that_is_stopped_goes_on_later_and_analyzes_nothing_twice(harness, tmp_path):
    # Leaves everything, so the second run meets it all again, and has nothing new to say of it
    harness.configure(max_wrong=0)
    old = tmp_path / "old"
    for n in range(150):
        harness.drop(f"{n:03}.wav", hz=45 + n / 8, folder=old)
    with subprocess.Popen(
        command("sort", str(old)),
        env=harness.environment,
        cwd=harness.program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sorting:
        for _ in range(20):
            sorting.stdout.readline()
        sorting.send_signal(signal.SIGINT)
        _, result = sorting.communicate(timeout=30)
    assert (sorting.returncode, "Stopped. The same command goes on from here." in result) == (130, True)
    analyzed = {entry.source: entry.verdict for entry in harness.entries()}
    assert 20 <= len(analyzed) < 150

    result = harness.run("sort", str(old)).stderr

    entries = {entry.source: entry.verdict for entry in harness.entries()}
    assert {path.name for path in entries} == {f"{n:03}.wav" for n in range(150)}
    assert {path: entries[path] for path in analyzed} == analyzed
    assert len(harness.entries()) == 150
    assert int(result.split(" had been heard before")[0].split()[-1]) >= len(analyzed)


def test_a_command_that_nobody_knows_is_a_wrong_usage(harness):
    assert "No such command 'sorte'" in harness.run("sorte", code=2).stderr
    assert "There is no " in harness.run("classify", "/nowhere/kick.wav", code=2).stderr


def test_a_sort_that_met_a_broken_file_sorts_the_others_and_says_so_in_its_exit_code(harness, tmp_path):
    harness.drop("good.wav", folder=tmp_path / "old")
    (tmp_path / "old/broken.wav").write_text("no sound")

    result = harness.run("sort", str(tmp_path / "old"), code=1)

    assert "broken.wav in ~/old could not be heard (it is not an audio file" in result.stderr
    assert "1 filed (1 kick), 1 could not be heard" in result.stderr
    assert (os.listdir(tmp_path / "old"), harness.tree()) == (["broken.wav"], ["library/kick/good.wav"])
