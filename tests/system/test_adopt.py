"""A library with folders of its own is adopted on a terminal; nothing in it changes, and new sounds come into its folders."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pexpect
import pytest
import sounds
from daemon_harness import TIMEOUT

from drumwatch.config import parse
from drumwatch.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def closed_hat(seed: int) -> np.ndarray:
    """Short noise without its low part."""
    noise = sounds.noise_burst(0.08, decay=0.012, seed=seed)
    return np.diff(noise, 3, prepend=[0, 0, 0]).astype(np.float32)


def blip(seed: int) -> np.ndarray:
    """A tone that rises, as no drum does."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(sounds.SR * 0.25)) / sounds.SR
    rising = np.sin(2 * np.pi * ((600 + 200 * rng.random()) * t + 3000 * t * t))
    return (0.5 * rising * np.exp(-t / (0.05 + 0.02 * rng.random()))).astype(np.float32)


def make_library(library) -> None:
    folders = {
        "Drums/Kicks": [sounds.decaying_sine(45 + n, 0.4) for n in range(10)]
        + [closed_hat(99), closed_hat(98)],
        "Drums/Kicks/808": [sounds.decaying_sine(60 + n, 0.5) for n in range(4)],
        "Hats/Closed": [closed_hat(n) for n in range(9)],
        "FX/Foley hits": [blip(n) for n in range(22)],
        "Misc": [closed_hat(50 + n) for n in range(4)]
        + [sounds.decaying_sine(80 + n, 0.3) for n in range(5)],
        "Vengeance/Kicks": [sounds.decaying_sine(90 + n, 0.3) for n in range(9)],
    }
    for folder, waves in folders.items():
        (library / folder).mkdir(parents=True)
        for number, wave in enumerate(waves):
            sounds.write(library / folder / f"{number}.wav", wave)


def state_of(folder) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *sorted(folder.rglob("*")))
    }


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", place]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs root, and a system where it may mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_disk_that_can_only_be_read_is_heard_and_nothing_would_be_filed_there(harness, disk):
    (disk / "Kicks").mkdir()
    for number in range(9):
        sounds.write(disk / f"Kicks/{number}.wav", sounds.decaying_sine(45 + number, 0.4))
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    result = harness.run("adopt", str(disk), "--dry-run")

    assert result.stdout.splitlines() == [
        "~/disk: 9 sounds",
        "  Kicks: 9 sounds, 100 % kicks",
        "~/disk can only be read, so nothing can be filed there: the configuration would not be changed.",
        "Nothing was changed.",
    ]


def test_a_library_is_adopted_and_new_sounds_are_filed_into_its_folders(harness, tmp_path):
    library = tmp_path / "Samples"
    make_library(library)
    with harness.config.open("a", encoding="utf-8") as file:
        file.write("# my own folders\n[labels]\n# none yet\n")
    text, before = harness.config.read_text("utf-8"), state_of(library)

    unanswered = harness.run("adopt", str(library), code=2, stdin=subprocess.DEVNULL)

    assert "There was no answer, so nothing was changed: say --yes" in unanswered.stderr
    assert harness.config.read_text("utf-8") == text
    assert unanswered.stdout.splitlines()[:9] == [
        "~/Samples: 65 sounds",
        "  Drums/Kicks: 16 sounds, 88 % kicks",
        "  FX/Foley hits: 22 sounds, a class of your own",
        "  Hats: 9 sounds, 100 % hats",
        "  Hats/Closed: 9 sounds, 100 % closed hats",
        "  Misc: 9 sounds, a mixture: not used",
        "  Vengeance: 9 sounds, named like a pack: not used",
        "By ear and name in the wrong folder, for the review; nothing is done with them:",
        "  2 sounds in Drums/Kicks sound like closed hats",
    ]

    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "drumwatch", "adopt", str(library)],
        env=harness.environment | {"TERM": "xterm-256color"},
        dimensions=(60, 120),
        encoding="utf-8",
        cwd=harness.program,
        timeout=2 * TIMEOUT,
    )
    terminal.expect_exact("Nothing in ~/Samples is moved. [y/N]: ")
    terminal.sendline("y")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0, terminal.before
    assert "is in force from now on" in terminal.before
    assert state_of(library) == before
    assert harness.config.with_name("config.toml.before-adopt").read_text("utf-8") == text
    assert "# my own folders\n[labels]\nkick" in harness.config.read_text("utf-8")
    config = parse(harness.config.read_text("utf-8"), home=tmp_path)
    assert (config.library, dict(config.labels)) == (
        library,
        {
            "kick": "Drums/Kicks",
            "hat": "Hats",
            "hat-closed": "Hats/Closed",
            "Foley hits": "FX/Foley hits",
        },
    )
    with Journal(harness.state / "journal.db") as journal:
        assert len(list(journal.adopted.in_wrong_folders())) == 2
        assert {one.label for one in journal.adopted.all()} == {"kick", "hat-closed", "Foley hits"}

    harness.run("run", "--once")
    sounds.write(harness.intake / "boom.wav", sounds.decaying_sine(52.5, 0.4))
    sounds.write(harness.intake / "blip.wav", blip(77))
    harness.run("run", "--once")

    new = [name for name in harness.tree(library) if str(tmp_path / name) not in before]
    assert new == ["Samples/Drums/Kicks/boom.wav", "Samples/FX/Foley hits/blip.wav"]
