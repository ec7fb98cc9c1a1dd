"""Folders that a sort, or the daemon, has emptied: gone afterwards, back with undo, and no others."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import sounds
from daemon_harness import TIMEOUT, command

if TYPE_CHECKING:
    from pathlib import Path

    from daemon_harness import DaemonHarness

WAITED = 10.0  # seconds: how long the daemon waits after the last file


def make_pack(folder: Path, hz: float = 50) -> Path:
    """Sounds in drawers, a licence, and presets in a folder of their own."""
    for at, name in enumerate(("Kicks/1.wav", "Kicks/Deep/2.wav", "Loops/3.wav")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sounds.write(path, sounds.decaying_sine(hz + at))
    (folder / "Presets").mkdir()
    (folder / "Presets/bass.fxp").write_text("bass")
    (folder / "Licence.txt").write_text("yours")
    (folder / "Kicks").chmod(0o750)
    return folder


def tree(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Every folder and file below, with its mode and content."""
    return {
        str(path.relative_to(root)): (path.stat().st_mode, None if path.is_dir() else path.read_bytes())
        for path in root.rglob("*")
    }


def test_a_pack_that_was_given_goes_as_a_whole_and_comes_back_as_it_was(harness: DaemonHarness, tmp_path):
    (tmp_path / "shop").mkdir()
    folder = make_pack(tmp_path / "shop/Vendor - Title")
    before = tree(tmp_path / "shop")

    result = harness.run("sort", str(folder))

    assert tree(tmp_path / "shop") == {}
    assert "5 emptied folders of Vendor - Title removed" in result.stdout
    assert "5 emptied folders were removed." in result.stderr
    assert "5 undone." in harness.run("undo", "--batch", "1").stderr
    assert tree(tmp_path / "shop") == before
    assert list(harness.library.iterdir()) == []


def test_a_place_in_which_packs_lie_stays_and_the_last_thing_done_is_a_sound(
    harness: DaemonHarness, tmp_path
):
    place = tmp_path / "Samples"
    packs = [make_pack(place / name, hz) for name, hz in (("Pack A", 50), ("Pack B", 60))]
    (packs[1] / "Extras").mkdir()

    harness.run("sort", str(place), "--yes")

    assert sorted(tree(place)) == ["Pack B", "Pack B/Extras"]
    removals = [entry for entry in harness.run_json("log") if entry["action"] == "remove-folders"]
    assert [entry["pack"] for entry in removals] == ["Pack A", "Pack B"]
    packs_told = [json.loads(line) for line in harness.run("log", "--packs", "--json").stdout.splitlines()]
    assert [pack["filed"] for pack in packs_told] == [5, 5]
    assert "1 undone." in harness.run("undo", "--last", "1").stderr
    assert [name for name in tree(place) if name.endswith("bass.fxp")] == ["Pack B/Presets/bass.fxp"]


def test_a_folder_that_somebody_is_in_or_wants_to_keep_or_only_tries_stays(harness: DaemonHarness, tmp_path):
    folder = make_pack(tmp_path / "Vendor - Title")
    before = tree(folder)

    reported = harness.run("sort", str(folder), "--dry-run")
    assert "emptied" not in reported.stdout + reported.stderr
    assert tree(folder) == before

    subprocess.run(command("sort", "."), env=harness.environment, cwd=folder, check=True, timeout=2 * TIMEOUT)
    assert (folder.is_dir(), tree(folder)) == (True, {})
    harness.run("undo", "--batch", "1")
    assert tree(folder) == before

    harness.configure(keep_empty_folders=True)
    harness.run("sort", str(folder))
    assert {name for name, (_, content) in tree(folder).items() if content is None} == {
        *("Kicks", "Kicks/Deep", "Loops", "Presets")
    }


def test_a_single_run_ends_with_the_emptied_folders(harness: DaemonHarness):
    harness.run("run", "--once")
    make_pack(harness.intake / "Vendor - Title")
    harness.drop("Kicks/single.wav", hz=70)
    (harness.intake / "Mine").mkdir()
    before = tree(harness.intake)

    harness.run("run", "--once")

    assert list(tree(harness.intake)) == ["Mine"]
    for batch in {entry.batch for entry in harness.entries()}:
        harness.run("undo", "--batch", str(batch))
    assert tree(harness.intake) == before


def test_the_daemon_removes_them_a_while_later_and_takes_nothing_for_new_that_an_undo_brings_back(
    harness: DaemonHarness,
):
    harness.start()
    make_pack(harness.intake / "Vendor - Title")
    harness.drop("Kicks/single.wav", hz=70)
    harness.wait_for(6)
    assert os.listdir(harness.intake)
    harness.kill()  # before it comes to it: the next one thinks of it

    harness.start()
    harness.wait_until(lambda: os.listdir(harness.intake) == [], "all emptied folders gone", WAITED + TIMEOUT)
    harness.wait_for_log("5 emptied folders of Vendor - Title removed")
    harness.wait_for_log("emptied folder ~/intake/Kicks removed")
    batch = next(entry.batch for entry in harness.entries() if entry.pack)
    count = len(harness.entries())
    harness.run("undo", "--batch", str(batch))
    harness.drop("after.wav", hz=80)
    harness.wait_until(lambda: not (harness.intake / "after.wav").exists(), "the next one is filed")

    assert len([name for name in tree(harness.intake) if name.startswith("Vendor - Title/")]) == 9
    assert len(harness.entries()) == count + 5 + 1
