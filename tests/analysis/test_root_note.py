"""Root notes: where the methods disagree there is none, and librosa finds them in a sandboxed worker of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sounds import kick, write

from drumwatch.analysis import root_note
from drumwatch.analysis.root_note import HOP, SR, common_note, strongest_partial, tail_of
from drumwatch.workers import compiled_code
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.note_finder import NoteFinder
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze, Analyzed, CheckSandbox, SandboxChecked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAN = float("nan")
COMPILING = 600.0  # seconds; on a loaded machine


def an_808(hz: float, seconds: float = 1.5, sr: int = SR, drive: float = 1.0) -> np.ndarray:
    """A sine that glides down to its pitch, through a soft clipper."""
    t = np.arange(round(seconds * sr)) / sr
    phase = 2 * np.pi * np.cumsum(hz + 120 * np.exp(-30 * t)) / sr
    return (0.8 * np.tanh(drive * np.sin(phase) * np.exp(-2 * t))).astype(np.float32)


def noise(seconds: float = 1.0) -> np.ndarray:
    """A snare without a drum."""
    y = np.random.default_rng(1).standard_normal(round(seconds * SR)) * np.exp(
        -np.linspace(0, 3, round(seconds * SR))
    )
    return (0.3 * y).astype(np.float32)


@pytest.mark.parametrize(
    ("pitches", "note"),
    [
        ([46.2, 46.3, 46.25], "F#"),
        ([440.0, 440.0, 440.0], "A"),
        ([46.2, 92.5, 46.2], ""),  # an octave apart
        ([46.2, 49.0, 46.2], ""),
        ([46.2, 46.2, NAN], ""),
        ([47.6, 47.6, 47.6], ""),  # between F# and G
        ([27.5, 27.5, 27.5], "A"),
    ],
)
def test_three_pitches_are_a_note_only_if_they_agree(pitches, note):
    assert common_note(pitches) == note


def test_the_tail_begins_behind_the_attack_and_ends_where_it_is_quiet():
    y = np.concatenate([np.zeros(HOP * 10), an_808(50, 4.0), np.zeros(SR)]).astype(np.float32)

    tail = tail_of(y)

    assert len(tail) == pytest.approx(2.3 * SR, rel=0.1)  # to 40 dB below the peak
    assert strongest_partial(tail) == pytest.approx(50, abs=0.5)


def test_an_offset_of_all_samples_is_no_pitch():
    assert strongest_partial(tail_of(an_808(50) + np.float32(0.3))) == pytest.approx(50, abs=0.5)


@pytest.mark.parametrize("y", [np.zeros(0, np.float32), np.zeros(5000, np.float32)], ids=["empty", "silent"])
def test_what_has_no_tail_has_no_note(y):
    assert len(tail_of(y)) < SR / 2


def test_without_librosa_the_worker_says_that_it_is_unavailable(tmp_path: Path):
    code = (
        "import sys; sys.modules['librosa'] = None\n"
        "from drumwatch.workers.jobs import answer\nfrom drumwatch.workers.protocol import CompileCode\n"
        "print(answer(CompileCode()).kind.value)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=environment
    )

    assert done.stdout.strip() == "unavailable"


@pytest.fixture(scope="module")
def workers(request, tmp_path_factory) -> Iterator[tuple[NoteFinder, LocalWorkers]]:
    """A finder with real processes; the compiled code is kept from one run of the tests to the next."""
    pytest.importorskip("librosa", reason="is left out on Intel Macs")
    cache = request.config.cache if hasattr(request.config, "cache") else None
    folder = cache.mkdir("compiled") if cache else tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("HOME", str(folder))  # by which macOS knows the folder
        with LocalWorkers(limit=1) as analyzers, LocalWorkers(limit=1) as notes:
            yield NoteFinder(analyzers, notes), notes


@pytest.mark.timeout(COMPILING)
def test_notes_are_found_by_a_sandboxed_process_that_has_compiled_before(workers, tmp_path: Path):
    finder, notes = workers
    sounds = {
        "fis.wav": (an_808(46.25, sr=44_100), 44_100),
        "driven gis.wav": (an_808(51.91, sr=48_000, drive=4.0), 48_000),
        "tom a.wav": (an_808(110.0), SR),
        "noise.wav": (noise(), SR),
        "short.wav": (kick(), 44_100),
    }
    paths = {name: write(tmp_path / name, y, sr) for name, (y, sr) in sounds.items()}

    found = {name: finder.find(str(path)) for name, path in paths.items()}
    checked = notes.submit(answer, CheckSandbox(str(tmp_path)))

    assert {name: future.result(COMPILING) for name, future in found.items()} == {
        "fis.wav": "F#",
        "driven gis.wav": "G#",
        "tom a.wav": "A",
        "noise.wav": "",
        "short.wav": "",
    }
    if sys.platform == "linux":
        assert "files" in expect(checked.result(60), SandboxChecked).refused


@pytest.mark.timeout(COMPILING)
def test_a_name_that_gives_a_note_wins_over_the_sound(workers, tmp_path: Path):
    finder, _ = workers
    path = write(tmp_path / "808_C#.wav", an_808(46.25))

    verdicts = [
        expect(finder.submit(answer, request).result(COMPILING), Analyzed).verdict
        for request in (
            Analyze(str(path), use_names=True, with_note=True),
            Analyze(str(path), with_note=True),
            Analyze(str(path), use_names=True),
            Analyze(str(path)),
        )
    ]

    assert [(verdict.note, verdict.note_from) for verdict in verdicts] == [
        ("C#", "name"),
        ("F#", "sound"),
        ("C#", "name"),
        (None, ""),
    ]


@pytest.mark.timeout(COMPILING)
def test_that_it_is_compiled_is_known_without_importing_it(workers):
    finder, _ = workers
    assert finder.find("/gone.wav").result(COMPILING) is None

    known = json.loads(compiled_code.marker().read_text("utf-8"))
    compiled_code.marker().write_text(json.dumps({**known, "numba": "0.1"}), "utf-8")
    other_version = compiled_code.is_compiled()
    compiled_code.marker().write_text(json.dumps(known), "utf-8")

    assert (compiled_code.is_compiled(), other_version) == (True, False)


def test_a_tone_that_librosa_gets_wrong_is_no_working_librosa(monkeypatch):
    monkeypatch.setattr(root_note, "note_of", lambda *_: "C")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")

    with pytest.raises(RuntimeError):
        root_note._prepare.__wrapped__("/cache")
