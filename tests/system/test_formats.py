"""Sounds that need the extra `formats`: told once while it is missing, and filed when it is there."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from foreign_sounds import encoded
from sounds import decaying_sine
from without_extras import without_av

if TYPE_CHECKING:
    from pathlib import Path

    from daemon_harness import DaemonHarness


def m4a(hz: float) -> bytes:
    return encoded("aac.m4a", decaying_sine(hz))


def library_of(harness: DaemonHarness) -> set[str]:
    filed = (path for path in harness.library.rglob("*.m4a") if path.is_file())
    return {path.name for path in filed if not any(part.startswith(".drumwatch") for part in path.parts)}


def test_what_came_without_the_extra_is_told_once_and_filed_when_the_extra_is_there(
    harness: DaemonHarness, tmp_path: Path
):
    with_it = harness.environment["PYTHONPATH"]
    harness.environment["PYTHONPATH"] = f"{without_av(tmp_path / 'hidden')}:{with_it}"
    (harness.intake / "old.m4a").write_bytes(m4a(70))
    harness.start()
    sounds = {f"kick {n}.m4a": m4a(50 + n) for n in range(3)}
    for name, content in sounds.items():
        (harness.intake / name).write_bytes(content)
    with zipfile.ZipFile(harness.intake / "Small Pack.zip", "w") as archive:
        archive.writestr("kick 4.m4a", m4a(60))
    harness.drop("kick.wav")

    harness.wait_for_log("3 M4A files could not be heard: ")
    harness.wait_for_log("it is still in Small Pack.zip: 1 M4A file could not be heard: ")
    harness.wait_until(lambda: any(harness.library.rglob("kick.wav")), "the kick in the library")
    harness.wait_until(
        lambda: "3 M4A files" in json.loads(harness.run("status", "--json").stdout).get("not_heard", ""),
        "the number in the status",
    )
    assert "[formats]'" in harness.run("status").stdout
    assert harness.log.count("M4A files could not be heard") == 1
    assert library_of(harness) == set()
    harness.stop()

    harness.environment["PYTHONPATH"] = with_it
    harness.start()
    harness.wait_until(lambda: library_of(harness) == {*sounds, "kick 4.m4a"}, "all of them in the library")
    harness.stop()

    assert (harness.intake / "old.m4a").exists()
    harness.run("undo", "--last", "10")
    assert {path.name: path.read_bytes() for path in harness.intake.glob("kick ?.m4a")} == sounds
    assert library_of(harness) == set()


def test_sort_tells_what_is_not_heard_and_hears_it_later(harness: DaemonHarness, tmp_path: Path):
    with_it = harness.environment["PYTHONPATH"]
    harness.environment["PYTHONPATH"] = f"{without_av(tmp_path / 'hidden')}:{with_it}"
    (harness.intake / "kick 1.m4a").write_bytes(m4a(50))
    (harness.intake / "m4a inside.wav").write_bytes(m4a(55))
    harness.drop("kick.wav")

    ran = harness.run("sort", str(harness.intake))
    assert "2 could not be heard" in ran.stderr
    assert "2 M4A files could not be heard: " in ran.stderr

    harness.environment["PYTHONPATH"] = with_it
    assert "not be heard" not in harness.run("sort", str(harness.intake)).stderr
    assert {path.name for path in harness.library.rglob("*.*")} >= {"kick 1.m4a", "m4a inside.wav"}
