"""An analysis record gives a new verdict without the file."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
import soundfile
from sounds import SR, decaying_sine, kick, noise_burst, write

from drumwatch.analysis.analyze import analyze
from drumwatch.analysis.decode import sound_digest
from drumwatch.analysis.model.model_file import SHIPPED, load
from drumwatch.core.errors import UnreadableAudio
from drumwatch.workers.protocol import Analyze, Analyzed, KnownSound

if TYPE_CHECKING:
    from pathlib import Path

FOR_FILING = {
    "with_hash": True,
    "with_digest": True,
    "with_record": True,
    "with_features": True,
    "with_reasons": True,
}
SOUNDS = {
    "kick": kick(),
    "hat": np.diff(noise_burst(0.15, decay=0.015), n=3).astype(np.float32),
    "beat": np.tile(np.concatenate([kick(), np.zeros(4000, np.float32), noise_burst()]), 8),
}


def analyzed(path: Path) -> tuple[Analyzed, KnownSound]:
    """The whole answer about a file that is gone afterwards, and what is kept of it."""
    found = analyze(Analyze(str(path), **FOR_FILING))
    known = KnownSound(found.content_hash, found.record)
    path.unlink()
    return msgspec.structs.replace(found, record=None), msgspec.json.decode(
        msgspec.json.encode(known), type=KnownSound
    )


@pytest.mark.parametrize("name", SOUNDS)
def test_what_is_known_is_judged_to_the_last_digit_without_the_file(tmp_path, name):
    found, known = analyzed(write(tmp_path / f"{name}.wav", SOUNDS[name]))

    assert analyze(Analyze(str(tmp_path / f"{name}.wav"), **FOR_FILING, known=known)) == found


def test_the_digest_that_an_earlier_version_stored_is_computed_anew(tmp_path):
    path = tmp_path / "hat.wav"
    soundfile.write(path, SOUNDS["hat"] / 8, SR, subtype="FLOAT")
    found = analyze(Analyze(str(path), **FOR_FILING))
    old = msgspec.structs.replace(found.record, sound="5d", digest="")

    again = analyze(Analyze(str(path), **FOR_FILING, known=KnownSound(found.content_hash, old)))

    assert again == found
    assert again.record.digest == again.sound_digest == sound_digest(path)


def test_the_name_and_the_longest_length_count_anew(tmp_path):
    _, known = analyzed(write(tmp_path / "a.wav", SOUNDS["beat"]))

    verdict = analyze(Analyze("/Loops/snare.wav", use_names=True, max_seconds=1, known=known)).verdict

    assert (verdict.name_says, verdict.shape) == ("snare", "long")


def altered(folder: Path, **arrays: float) -> str:
    """The shipped model with some of its arrays multiplied."""
    shutil.copy(SHIPPED.with_name("memory.npz"), folder)
    with np.load(SHIPPED) as file:
        changed = {name: array * arrays.get(name, 1) for name, array in file.items()}
    changed = {name: array.astype(np.load(SHIPPED)[name].dtype) for name, array in changed.items()}
    np.savez(folder / "model.npz", **changed)
    digest = hashlib.sha256((folder / "model.npz").read_bytes()).hexdigest()
    card = json.loads(SHIPPED.with_suffix(".json").read_text()) | {"id": "altered", "sha256": digest}
    (folder / "model.json").write_text(json.dumps(card))
    return str(folder / "model.npz")


def test_a_model_with_other_trees_judges_by_what_was_analyzed_before(tmp_path):
    found, known = analyzed(write(tmp_path / "a.wav", SOUNDS["kick"]))
    other = altered(tmp_path, forest_value=0.5, forest_threshold=2)

    verdict = analyze(Analyze(str(tmp_path / "a.wav"), model=other, known=known)).verdict

    assert verdict.model == "altered"
    assert verdict.probabilities != found.verdict.probabilities


def test_a_model_with_another_analysis_id_analyzes_for_itself(tmp_path):
    _, known = analyzed(write(tmp_path / "a.wav", SOUNDS["kick"]))
    other = altered(tmp_path, net0_head_weight=2)

    assert load(other).analysis_id != load().analysis_id
    with pytest.raises(UnreadableAudio, match=r"a\.wav cannot be opened"):
        analyze(Analyze(str(tmp_path / "a.wav"), model=other, known=known))


@pytest.mark.parametrize(("note", "note_from"), [("F#", "sound"), ("", "")])
def test_a_root_note_that_was_found_is_in_every_later_verdict(tmp_path, note, note_from):
    path = write(tmp_path / "deep.wav", decaying_sine(46.25, seconds=1.2, decay=0.4))
    found = analyze(Analyze(str(path), **FOR_FILING))
    noted = msgspec.structs.replace(found.record, note=note, digest="")

    again = analyze(Analyze(str(path), **FOR_FILING, known=KnownSound(found.content_hash, noted)))

    assert (found.verdict.note, found.record.note) == (None, None)
    assert (again.verdict.note, again.verdict.note_from, again.record.note) == (note, note_from, note)


def test_a_note_of_a_sound_that_cannot_ring_is_not_told(tmp_path):
    path = write(tmp_path / "hat.wav", SOUNDS["hat"])
    found = analyze(Analyze(str(path), **FOR_FILING))
    noted = KnownSound(found.content_hash, msgspec.structs.replace(found.record, note="F#"))

    assert analyze(Analyze("/808_C#.wav", use_names=True, known=noted)).verdict.note is None
