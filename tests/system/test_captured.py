"""The real daemon with workers and an unpacker that a hostile file has taken over."""

from __future__ import annotations

import contextlib
import json
import shutil
import zipfile
from pathlib import Path

import psutil
import pytest
import sounds

SCRIPT = Path(__file__).parents[1] / "captured_worker.py"
LIES = (
    "no JSON",
    "a verdict of the wrong type",
    "no verdict",
    "an empty list",
    "a huge whole number",
    "1e400",
    "a label with a lone surrogate",
    "a label that leads away",
    "a line that never ends",
    "no output any more",
    "a child in a session of its own keeps its pipes",
)
MEMORY = 300_000_000  # bytes
STOP_SECONDS = 10.0  # on a busy machine


@pytest.fixture
def captured(harness, tmp_path):
    """A copy of the program whose module of this name is the captured worker."""
    pids = tmp_path / "pids"

    def capture(module: str):
        harness.use_a_copy_of_the_program(tmp_path / "program")
        shutil.copyfile(SCRIPT, harness.program / "drumwatch" / module)
        (tmp_path / "captured.json").write_text(json.dumps(["", str(pids)]))
        harness.environment["CAPTURED"] = str(tmp_path)
        return harness

    yield capture
    for pid in noted(tmp_path):  # the child that nobody else can find
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if process.environ().get("CAPTURED") == str(tmp_path):
                process.kill()
                process.wait(10)


def noted(folder: Path) -> list[int]:
    """The processes that have been captured workers."""
    pids = folder / "pids"
    return [int(pid) for pid in pids.read_text().split()] if pids.exists() else []


def test_the_daemon_hears_on_whatever_its_workers_do(captured):
    daemon = captured("analysis/worker.py")
    daemon.start()
    first = daemon.drop("first.wav")
    daemon.wait_for(1)

    for lie in LIES:
        daemon.drop(f"bad {lie}.wav", hz=60)
    daemon.wait_for(len(LIES) + 1)
    daemon.drop("last.wav", hz=70)
    entries = daemon.wait_for(len(LIES) + 2)

    refused = {entry.source.name: entry.error for entry in entries if entry.state == "failed"}
    assert refused.keys() == {f"bad {lie}.wav" for lie in LIES}
    for name, why in refused.items():
        assert why.startswith(f"{name} could not be analyzed: it ")
        assert why.endswith(" twice. It is left alone until it changes.")
    assert {entry.source.name for entry in entries if entry.state == "done"} == {first.name, "last.wav"}
    assert psutil.Process(daemon.daemon.pid).memory_info().rss < MEMORY
    assert "Traceback" not in daemon.log
    assert daemon.stop() < STOP_SECONDS


def test_the_daemon_ends_although_a_worker_does_not_hear_it(captured, tmp_path):
    daemon = captured("analysis/worker.py")
    daemon.start()
    daemon.drop("bad no signal is heard.wav")
    daemon.wait_until(lambda: len(noted(tmp_path)) == 2, "a worker that hears no signal")

    assert daemon.stop() < STOP_SECONDS


def test_a_tagger_that_lies_leaves_the_file_as_it_was_and_holds_up_nobody(captured, tmp_path):
    daemon = captured("analysis/worker.py")
    daemon.configure(watch='action = "tag"')
    daemon.start()
    sound = daemon.drop("untaggable a line that never ends.wav")
    before = sound.read_bytes()
    (entry,) = daemon.wait_for(1)

    assert (entry.state, sound.read_bytes()) == ("failed", before)
    assert "made the analysis process give an invalid answer" in entry.error

    daemon.drop("untaggable no signal is heard.wav")
    known = len(noted(tmp_path))
    daemon.wait_until(lambda: len(noted(tmp_path)) >= known + 2, "a tagger that hears no signal")
    assert daemon.stop() < STOP_SECONDS
    assert "Traceback" not in daemon.log


def test_an_unpacker_that_lies_costs_its_archive_only(captured, tmp_path):
    daemon = captured("intake/archives/__main__.py")
    lies = ("no JSON", "an archive that is unpacked nowhere", "an end without a word")
    daemon.configure(watch='archives = "unpack"')
    daemon.start()
    sound = sounds.write(tmp_path / "kick.wav", sounds.kick())
    for lie in lies:
        with zipfile.ZipFile(daemon.intake / f"bad {lie}.zip", "w") as archive:
            archive.write(sound, "Pack/kick.wav")
    daemon.wait_for(len(lies))
    daemon.drop("last.wav")
    entries = daemon.wait_for(len(lies) + 1)

    assert {entry.source.name: entry.state for entry in entries} == {
        **{f"bad {lie}.zip": "failed" for lie in lies},
        "last.wav": "done",
    }
    assert "Traceback" not in daemon.log
    assert daemon.stop() < STOP_SECONDS
