from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from sounds import SR, kick, noise_burst, write

from drumwatch.analysis.analysis_records import SoundAnalysis
from drumwatch.analysis.analyze import analyze, predict
from drumwatch.analysis.features import FEATURE_NAMES
from drumwatch.analysis.loops import kind_of, tempo_of
from drumwatch.analysis.model.model_file import TYPES, VECTOR_NAMES, Model, load
from drumwatch.analysis.spectrum import analyse
from drumwatch.core.records import LABELS
from drumwatch.workers.protocol import Analyze, Analyzed


def beat(bpm: float, beats: int = 8) -> np.ndarray:
    step = round(60 / bpm * SR)
    y = np.zeros(step * beats, np.float32)
    for number in range(beats):
        hit = kick() if number % 2 == 0 else noise_burst()
        y[number * step : number * step + min(step, len(hit))] += hit[:step]
    return y


def test_a_falling_sine_is_a_kick(tmp_path):
    verdict = analyze(Analyze(str(write(tmp_path / "a.wav", kick())))).verdict

    assert (verdict.label, verdict.type, verdict.shape) == ("kick", "kick", "one-shot")
    assert verdict.confidence == max(verdict.probabilities.values())
    assert sum(verdict.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert set(verdict.probabilities) == set(LABELS)


def test_a_short_bright_burst_is_a_hat(tmp_path):
    burst = np.diff(noise_burst(0.15, decay=0.015), n=3).astype(np.float32)

    assert analyze(Analyze(str(write(tmp_path / "a.wav", burst)))).verdict.label == "hat"


def test_what_is_longer_than_the_watch_allows_is_long(tmp_path):
    path = write(tmp_path / "a.wav", np.tile(kick(), 20))

    assert analyze(Analyze(str(path), max_seconds=5)).verdict.shape == "long"


@pytest.mark.parametrize("bpm", [90, 120, 140])
def test_the_tempo_of_a_beat_is_found(bpm):
    y = beat(bpm)

    assert tempo_of(analyse(y, SR), len(y) / SR) == pytest.approx(bpm, rel=0.01)


def test_hash_and_features_come_when_asked(tmp_path):
    path = write(tmp_path / "a.wav", kick())
    found = analyze(Analyze(str(path), with_hash=True, with_features=True))

    assert found.content_hash == hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
    assert len(np.frombuffer(base64.b64decode(found.features), np.float32)) == len(VECTOR_NAMES)
    assert analyze(Analyze(str(path))) == Analyzed(found.verdict)


def test_reasons_are_words_with_signed_weights(tmp_path):
    path = str(write(tmp_path / "a.wav", kick()))
    nets, *facts = analyze(Analyze(path, with_reasons=True)).verdict.reasons

    assert nets.text == "as a whole it sounds like a kick"
    assert nets.measured.startswith("the neural nets give kick ")
    assert facts[0].weight > 0
    assert facts[0].feature in FEATURE_NAMES
    assert abs(facts[0].weight) >= abs(facts[-1].weight)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Snare 01.wav", "its name says snare"),
        ("Perc 01.wav", "its name says percussion"),
        ("Rim 01.wav", "its name says rim"),
        ("Snare and Hat.wav", "its name says snare or hat"),
        ("Snare Hat Tom.wav", "its name fits several labels"),
        ("Claps/01.wav", "its folder's name says clap"),
    ],
)
def test_what_a_name_moves_is_not_given_as_a_reason_of_the_net(tmp_path, name, text):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    path = str(write(tmp_path / name, kick()))
    by_sound, with_name = (
        analyze(Analyze(path, with_reasons=True, use_names=use)).verdict for use in (False, True)
    )
    named, *others = with_name.reasons

    assert named.text == text
    assert named.weight == pytest.approx(with_name.confidence - by_sound.confidence)
    assert others == list(by_sound.reasons)


def test_a_clash_is_reported_even_where_the_name_prevails(monkeypatch):
    by_sound = np.zeros(len(TYPES), np.float32)
    by_sound[[TYPES.index("clap"), TYPES.index("snare")]] = 0.94, 0.06
    monkeypatch.setattr(Model, "predict", lambda *_: by_sound)
    loaded = load()
    analyzed = SoundAnalysis(loaded.analysis_id, np.zeros(len(VECTOR_NAMES), np.float32), 0.3, 1, None)

    named, nameless = (
        predict(analyzed, Analyze(name, use_names=True), loaded) for name in ("snare.wav", "1.wav")
    )

    assert (named.label, named.name_says, named.clash) == ("snare", "snare", "clap")
    assert (nameless.label, nameless.name_says, nameless.clash) == ("percussion", "", "")


def test_the_name_that_a_sound_came_with_counts_where_it_is_given(tmp_path):
    (tmp_path / "Kicks").mkdir()
    path = str(write(tmp_path / "Kicks" / "1.wav", kick()))
    name = "/Downloads/Snares/1.wav"

    assert analyze(Analyze(path, use_names=True)).verdict.name_says == "kick"
    assert analyze(Analyze(path, use_names=True, name_from=name)).verdict.name_says == "snare"


def test_no_heavy_library_is_loaded_for_a_verdict(tmp_path):
    path = write(tmp_path / "a.wav", kick())
    code = (
        "import sys; from drumwatch.analysis.worker import answer; "
        "from drumwatch.workers.protocol import Analyze; "
        f"answer(Analyze({str(path)!r})); "
        "print([m for m in ('librosa', 'sklearn', 'scipy', 'numba', 'mutagen', 'torch', 'drumwatch.analysis.explain') "
        "if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_many_requests_may_be_sent_ahead(tmp_path):
    path = write(tmp_path / "a.wav", kick())
    lines = "".join(json.dumps({"id": n, "op": "analyze", "path": str(path)}) + "\n" for n in range(20))
    done = subprocess.run(
        [sys.executable, "-m", "drumwatch.analysis.worker"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(20))


def test_a_process_that_is_not_ours_is_not_bound(tmp_path):
    path = write(tmp_path / "a.wav", kick())
    code = (
        "from drumwatch.workers.jobs import answer\n"
        "from drumwatch.workers.protocol import Analyze\n"
        f"answer(Analyze({str(path)!r}))\n"
        f"open({str(tmp_path / 'new')!r}, 'w').write('x')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

    assert (tmp_path / "new").read_text() == "x"


def test_speech_is_no_loop_however_regularly_it_is_spoken():
    spoken = kind_of(3.9, onsets=9, max_seconds=20, loop=0.3, vocal=0.6)
    beaten = kind_of(3.9, onsets=9, max_seconds=20, loop=0.3, vocal=0.1)

    assert (spoken, beaten) == ("one-shot", "loop")
