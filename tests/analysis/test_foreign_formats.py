"""Formats that only the extra `formats` decodes: heard like others, with the digest of the same samples in a WAV."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from foreign_sounds import ENCODERS, LOSSLESS, LOSSY, as_format, encoded, silent_ape
from sounds import SR, kick
from without_extras import without_av

from drumwatch.analysis import decode
from drumwatch.analysis.tags import tagger
from drumwatch.containers import FOREIGN, NotWhole, check_whole, form_of
from drumwatch.core.errors import ActionFailed, UnreadableAudio
from drumwatch.workers.jobs import module_command
from drumwatch.workers.protocol import Analyze, WriteTags, encode_request

ROOT = Path(__file__).parents[2]
FORM = {"m4a": "m4a", "aac": "aac", "wma": "wma", "wv": "wv", "amr": "amr"}
STEREO = np.stack([kick(), -0.5 * kick()[::-1]], axis=1)


def put(folder: Path, kind: str, y: np.ndarray | None = None) -> Path:
    (folder / kind).write_bytes(encoded(kind, y))
    return folder / kind


def wav_of(folder: Path, kind: str, y: np.ndarray) -> Path:
    """The samples that are encoded, in a WAV of the same depth."""
    sample_format = ENCODERS[kind][2]
    subtype = {"s16p": "PCM_16", "s32p": "PCM_24", "fltp": "FLOAT"}[sample_format]
    soundfile.write(folder / "same.wav", as_format(y, sample_format), SR, subtype=subtype)
    return folder / "same.wav"


@pytest.mark.parametrize("kind", [*LOSSLESS, *LOSSY])
def test_each_format_is_heard(tmp_path, kind):
    sound = decode.read(put(tmp_path, kind), digest=True)

    assert sound.sr == (8000 if kind == "a.amr" else SR)
    assert sound.duration == pytest.approx(0.4, abs=0.06)
    assert 0.6 < np.abs(sound.y).max() < 1.2  # an AAC encoder may overshoot
    assert sound.digest


@pytest.mark.parametrize("y", [kick(), STEREO, np.tile(kick(), 40)], ids=["mono", "stereo", "long"])
@pytest.mark.parametrize("kind", LOSSLESS)
def test_a_lossless_file_has_the_digest_and_the_samples_of_the_same_wav(tmp_path, kind, y):
    path, wav = put(tmp_path, kind, y), wav_of(tmp_path, kind, y)

    one, other = decode.read(path, digest=True), decode.read(wav, digest=True)

    assert one.digest == other.digest == decode.sound_digest(path)
    assert one.duration == other.duration
    assert np.array_equal(one.y, other.y)


@pytest.mark.parametrize("kind", ["aac.m4a", "a.aac", "a.wma", "alac.m4a", "a.wv"])
def test_of_a_long_file_only_the_beginning_is_read_but_its_length_is_known(tmp_path, kind):
    sound = decode.read(put(tmp_path, kind, np.tile(kick(), 100)))

    assert len(sound.y) == 10 * SR
    assert sound.duration == pytest.approx(40.0, abs=0.1)


def test_a_monkey_s_audio_file_is_decoded(tmp_path):
    """This one holds silence, as ffmpeg has no encoder of the format."""
    (tmp_path / "a.ape").write_bytes(silent_ape())

    with pytest.raises(UnreadableAudio, match=r"a\.ape is silent"):
        decode.read(tmp_path / "a.ape")


@pytest.mark.parametrize("kind", [*LOSSLESS, *LOSSY])
def test_a_format_is_known_by_its_content_whatever_the_name(tmp_path, kind):
    path = tmp_path / "kick.wav"
    path.write_bytes(encoded(kind))

    assert form_of(path) == FORM[kind.rpartition(".")[2]]
    assert decode.read(path).duration == pytest.approx(0.4, abs=0.06)


def test_an_id3_tag_in_front_is_skipped(tmp_path):
    (tmp_path / "a.aac").write_bytes(b"ID3\3\0\0\0\0\0\x0a" + bytes(10) + encoded("a.aac"))

    assert decode.read(tmp_path / "a.aac").duration == pytest.approx(0.4, abs=0.06)


def test_a_cover_beside_the_sound_does_not_matter(tmp_path):
    mp4 = pytest.importorskip("mutagen.mp4")
    path = put(tmp_path, "aac.m4a")
    before = decode.digest(path)
    file = mp4.MP4(path)
    file["covr"] = [mp4.MP4Cover(b"\x89PNG\r\n\x1a\n" + bytes(5000), mp4.MP4Cover.FORMAT_PNG)]
    file["\xa9nam"] = ["Boom"]
    file.save()

    assert decode.digest(path) == before


@pytest.mark.parametrize("kind", ["aac.m4a", "alac.m4a", "a.wma", "a.wv", "float.wv"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.9])
def test_a_file_cut_short_is_not_whole(tmp_path, kind, share):
    raw = encoded(kind)
    (tmp_path / kind).write_bytes(raw[: int(share * len(raw))])

    with pytest.raises(NotWhole, match="is cut short"):
        check_whole(tmp_path / kind)


def test_a_monkey_s_audio_file_cut_short_is_not_whole(tmp_path):
    (tmp_path / "a.ape").write_bytes(silent_ape()[:-1])

    with pytest.raises(NotWhole, match="is cut short"):
        check_whole(tmp_path / "a.ape")


def refusal(path: Path) -> str:
    try:
        decode.read(path, digest=True)
    except UnreadableAudio as exc:
        return str(exc)
    return ""


@pytest.mark.parametrize("kind", ENCODERS)
def test_no_damage_leads_to_anything_but_a_sound_or_a_plain_sentence(tmp_path, kind):
    raw, chance = encoded(kind), random.Random(kind)
    path = tmp_path / kind
    for _ in range(40):
        damaged = bytearray(raw)
        for _ in range(chance.choice([1, 5, 50])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged[: chance.choice([len(raw), chance.randrange(len(raw))])])
        sentence = refusal(path)
        assert not sentence or sentence.startswith(path.name)
        assert not any(word in sentence for word in ("Errno", "Error", "avcodec", str(tmp_path)))


def test_what_is_no_sound_inside_is_refused_with_its_reason(tmp_path):
    """A film without sound has the structure of an M4A."""
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 32
        out.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        out.mux(stream.encode(None))
    (tmp_path / "film.m4a").write_bytes(file.getvalue())

    with pytest.raises(UnreadableAudio, match=r"film\.m4a holds no sound that drumwatch can decode"):
        decode.read(tmp_path / "film.m4a")


def test_a_tag_is_refused_with_a_plain_sentence(tmp_path):
    path = put(tmp_path, "aac.m4a")
    temp = tmp_path / ".temp.m4a"
    temp.write_bytes(path.read_bytes())

    with pytest.raises(ActionFailed, match="writes no tags into M4A files yet; move or copy it instead"):
        tagger.tag(WriteTags(str(path), str(temp), "kick", "v1;kick"))
    assert temp.read_bytes() == path.read_bytes()


def answers_of_a_worker(*requests, environment: dict[str, str] | None = None) -> list[dict]:
    lines = "".join(encode_request(number, request) + "\n" for number, request in enumerate(requests))
    ran = subprocess.run(
        module_command("drumwatch.analysis.worker"),
        input=lines,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), **(environment or {})},
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_sandboxed_worker_hears_them(tmp_path):
    paths = [put(tmp_path, kind) for kind in ("aac.m4a", "alac.m4a", "a.wma", "a.wv", "a.amr")]

    answers = answers_of_a_worker(*(Analyze(str(path), max_seconds=20) for path in paths))

    assert [one["verdict"]["label"] for one in answers] == ["kick"] * len(paths)


def test_a_worker_without_the_extra_says_what_to_install(tmp_path):
    hidden = without_av(tmp_path / "hidden")

    (answer,) = answers_of_a_worker(
        Analyze(str(put(tmp_path, "aac.m4a")), max_seconds=20),
        environment={"PYTHONPATH": f"{hidden}:{ROOT}"},
    )

    assert answer["kind"] == "unavailable"
    assert answer["message"].startswith("aac.m4a needs the extra `formats`, as it is M4A: ")
    assert "[formats]'" in answer["message"]


def test_a_worker_that_meets_no_such_file_never_loads_the_decoders():
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from drumwatch.analysis import analyze, decode; print('av' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )

    assert ran.stdout.strip() == "False"


def test_every_format_has_a_name_for_people():
    assert set(FORM.values()) | {"ape"} == set(FOREIGN)
