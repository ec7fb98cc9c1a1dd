from __future__ import annotations

import contextlib
import io
import os
import random
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from drumwatch.containers import (
    HEAD_BYTES,
    Chunk,
    NotWhole,
    check_whole,
    chunks,
    form_of,
    inspect,
    payload_span,
    sniff,
)

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = bytes(range(1, 201))
FMT = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
COMM = struct.pack(">HIH", 1, 100, 16) + b"\x40\x0b\xfa" + bytes(7)
FORMATS = {
    "wav": {"format": "WAV", "subtype": "PCM_16"},
    "rf64": {"format": "RF64", "subtype": "PCM_16"},
    "w64": {"format": "W64", "subtype": "PCM_16"},
    "aiff": {"format": "AIFF", "subtype": "PCM_16"},
    "aifc": {"format": "AIFF", "subtype": "FLOAT"},
    "caf": {"format": "CAF", "subtype": "PCM_16"},
    "flac": {"format": "FLAC", "subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "VORBIS"},
    "mp3": {"format": "MP3"},
}


def sound(form: str, seconds: float = 0.5) -> bytes:
    """Noise with a decay, written by libsndfile."""
    y = (
        np.random.default_rng(1).standard_normal(int(44100 * seconds))
        * 0.3
        * np.exp(-np.arange(int(44100 * seconds)) / 5000)
    )
    file = io.BytesIO()
    soundfile.write(file, y.astype(np.float32), 44100, **FORMATS[form])
    return file.getvalue()


def riff(*parts: tuple[bytes, bytes], declared: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(
        name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for name, content in parts
    )
    return b"RIFF" + struct.pack("<I", len(body) if declared is None else declared) + body


def form(*parts: tuple[bytes, bytes]) -> bytes:
    body = b"AIFF" + b"".join(
        name + struct.pack(">I", len(content)) + content + bytes(len(content) % 2) for name, content in parts
    )
    return b"FORM" + struct.pack(">I", len(body)) + body


def wav(samples: bytes = SAMPLES) -> bytes:
    return riff((b"fmt ", FMT), (b"data", samples))


@pytest.fixture
def check(tmp_path):
    """check_whole on bytes."""

    def check(content: bytes) -> str:
        (tmp_path / "kick.wav").write_bytes(content)
        return check_whole(tmp_path / "kick.wav")

    return check


def walk(tmp_path: Path, content: bytes) -> tuple[Chunk, ...]:
    (tmp_path / "kick.wav").write_bytes(content)
    with (tmp_path / "kick.wav").open("rb") as file:
        return chunks(file)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_known_by_its_first_bytes(name):
    assert sniff(sound(name)[:HEAD_BYTES]) == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"RIFF",
        b"RIFF\x10\x00\x00\x00AVI LIST",
        b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
        b"<html><body>404",
        "UTF-16".encode("utf-16"),
        b"\xff\xd8\xff\xe0 a picture",
        b"\xff" * HEAD_BYTES,
        b"OggX",
    ],
)
def test_what_is_no_sound_is_none(head):
    assert sniff(head) is None


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_file_is_whole(name, check):
    check(sound(name))


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"mp3"}))
@pytest.mark.parametrize("missing", [100, 500, "half", "all but the header"])
def test_a_file_cut_short_is_not_whole(name, missing, check):
    content = sound(name)
    count = {"half": len(content) // 2, "all but the header": len(content) - 100}.get(missing, missing)

    with pytest.raises(NotWhole, match=r"kick\.wav"):
        check(content[:-count])


def test_an_mp3_needs_at_least_one_frame(check):
    with pytest.raises(NotWhole, match="no complete MP3 frame"):
        check(sound("mp3")[:100])


def test_a_flac_without_its_last_frame_is_not_whole(check):
    content = sound("flac", seconds=1.0)
    last = content.rfind(b"\xff\xf8")

    with pytest.raises(NotWhole, match="last FLAC frame"):
        check(content[:last])


def test_a_flac_of_unknown_length_is_whole_if_its_last_frame_is(check):
    content = bytearray(sound("flac"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)

    check(bytes(content))


@pytest.mark.parametrize("name", ["flac", "mp3"])
def test_tags_around_a_stream_are_no_obstacle(name, check):
    id3v2 = b"ID3\x03\x00\x00" + bytes((0, 0, 1, 0)) + bytes(128)
    id3v1 = b"TAG" + bytes(125)

    check(id3v2 + sound(name) + id3v1)


def test_a_false_size_of_2_gb_is_noticed_by_the_file_size(check):
    lie = bytearray(wav())
    lie[40:44] = struct.pack("<I", 2**31 - 1)

    with pytest.raises(NotWhole, match="promises 2,147,483,647 bytes of sound and holds 200"):
        check(bytes(lie))


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_streamed_wav_can_be_decoded_but_not_be_tagged(size, check, tmp_path):
    content = bytearray(wav())
    content[4:8] = struct.pack("<I", min(size + 36, 0xFFFFFFFF))
    content[40:44] = struct.pack("<I", size)

    check(bytes(content))
    with pytest.raises(NotWhole):
        walk(tmp_path, bytes(content))


def test_rubbish_after_the_end_does_not_matter_to_the_decoder_but_to_the_tagger(check, tmp_path):
    content = wav() + bytes(1000)

    check(content)
    with pytest.raises(NotWhole, match="says that it has 244 bytes, but has 1,244"):
        walk(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        riff((b"fmt ", FMT)),
        riff((b"data", SAMPLES)),
        riff((b"fmt ", FMT), (b"data", b"")),
        form((b"COMM", COMM)),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"fLaC" + bytes(50),
        b"OggS" + bytes(30),
        b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f",
        b"",
        b"just text",
    ],
)
def test_a_header_without_sound_is_not_whole(content, check):
    with pytest.raises(NotWhole):
        check(content)


def test_a_file_cut_behind_its_sound_has_its_sound_and_a_remark(check):
    cut = riff((b"fmt ", FMT), (b"data", SAMPLES), (b"LIST", bytes(100)))[:-50]

    assert check(cut) == "promises 352 bytes and holds 302"


@pytest.mark.parametrize("name", ["aiff", "caf", "rf64", "w64", "wav"])
@pytest.mark.parametrize("missing", [1, 20, 64])
def test_a_few_missing_bytes_of_sound_are_forgiven_with_a_remark(name, missing, check):
    assert "bytes of sound and holds" in check(sound(name)[:-missing])


def test_more_than_a_few_missing_bytes_of_sound_are_not_forgiven(check):
    with pytest.raises(NotWhole, match="is cut short"):
        check(sound("wav")[:-65])


def id3(padding: int = 0) -> bytes:
    title = b"TIT2" + struct.pack(">IH", 5, 0) + b"\0Boom" + bytes(padding)
    return b"ID3\3\0\0" + bytes(len(title) >> shift & 127 for shift in (21, 14, 7, 0)) + title


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"ogg"}))
@pytest.mark.parametrize("padding", [0, 2000])
def test_any_format_is_known_behind_an_id3_tag(name, padding, check, tmp_path):
    content = id3(padding) + sound(name)

    assert check(content) == ""
    assert form_of(tmp_path / "kick.wav") == name


def test_the_span_of_a_sound_behind_an_id3_tag_is_counted_from_the_file_s_beginning(tmp_path):
    (tmp_path / "kick.wav").write_bytes(id3() + wav())

    offset, size = payload_span(tmp_path / "kick.wav")
    assert (id3() + wav())[offset : offset + size] == SAMPLES


def ape(*, header: bool = True) -> bytes:
    item = struct.pack("<II", 4, 0) + b"Title\0Boom"

    def block(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, flags) + bytes(8)

    return (block(0xA0000000) if header else b"") + item + block(0x80000000 if header else 0)


ID3V1 = b"TAG" + bytes(125)
BEHIND = {
    "APEv2": ape(),
    "APEv2 without header": ape(header=False),
    "ID3v1": ID3V1,
    "APEv2 and ID3v1": ape() + ID3V1,
    "a few zeros": bytes(3),
    "zeros": bytes(4096),
    "many zeros": bytes(1 << 20),
    "zeros and a tag": bytes(5000) + ID3V1,
}


@pytest.mark.parametrize("behind", BEHIND)
def test_a_flac_is_whole_whatever_tag_or_zeros_stand_behind_it(behind, check):
    assert check(sound("flac") + BEHIND[behind]) == ""


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("missing", [1, 300, 2000])
def test_a_flac_that_is_really_cut_is_not_whole_whatever_stands_behind_it(behind, missing, check):
    with pytest.raises(NotWhole, match="is cut short"):
        check(sound("flac")[:-missing] + BEHIND[behind])


def of_unknown_length(content: bytes) -> bytes:
    unknown = bytearray(content)
    unknown[21] &= 0xF0
    unknown[22:26] = bytes(4)
    return bytes(unknown)


def test_the_length_that_a_flac_does_not_say_is_found_at_its_end(tmp_path):
    content = sound("flac")
    path = tmp_path / "kick.flac"
    path.write_bytes(of_unknown_length(content))

    offset, field = inspect(path, for_decoder=True).overlay

    assert field == content[offset : offset + len(field)]
    path.write_bytes(content)
    assert inspect(path, for_decoder=True).overlay is None


def test_zeros_behind_a_flac_of_unknown_length_may_be_room_for_the_rest(check):
    with pytest.raises(NotWhole, match="is cut short"):
        check(of_unknown_length(sound("flac", seconds=1.0)) + bytes(100_000))


def without_end_mark(ogg: bytes) -> bytes:
    at = ogg.rfind(b"OggS")
    return ogg[: at + 5] + bytes([ogg[at + 5] & ~4]) + ogg[at + 6 :]


def test_an_ogg_without_its_end_mark_is_whole_with_a_remark(check):
    assert check(without_end_mark(sound("ogg"))) == "has no page that is marked as the last one"


def test_an_ogg_may_have_an_empty_last_page(check):
    content = without_end_mark(sound("ogg"))
    last = content[content.rfind(b"OggS") :]

    assert check(content + last[:5] + b"\4" + last[6:26] + b"\0") == ""


def test_zeros_may_follow_the_last_page_of_an_ogg(check):
    assert check(sound("ogg") + bytes(100_000)) == ""


@pytest.mark.parametrize("missing", [1, 200])
def test_zeros_in_place_of_an_ogg_s_end_are_room_for_the_rest(missing, check):
    content = sound("ogg")

    with pytest.raises(NotWhole, match="is cut short"):
        check(content[:-missing] + bytes(100_000))
    with pytest.raises(NotWhole, match="is cut short"):
        check(without_end_mark(content) + bytes(100_000))


@pytest.mark.parametrize("before", [bytes(1000), b"    ", b"rubbish", id3() + bytes(3000), id3() + b"    "])
def test_players_skip_what_stands_before_the_first_frame_of_an_mp3(before, check, tmp_path):
    frames = sound("mp3")

    assert check(before + frames[frames.find(b"\xff\xfb") :]) == ""
    assert form_of(tmp_path / "kick.wav") == "mp3"


def test_zeros_alone_and_noise_are_no_mp3(tmp_path):
    for content in (bytes(100_000), random.Random(1).randbytes(200_000)):
        (tmp_path / "kick.mp3").write_bytes(content)
        assert form_of(tmp_path / "kick.mp3") is None


def test_a_missing_last_pad_byte_is_forgiven_by_the_decoder_only(check, tmp_path):
    content = wav(SAMPLES[:-1])[:-1]

    check(content)
    with pytest.raises(NotWhole):
        walk(tmp_path, content)


def test_the_walk_finds_every_chunk(tmp_path):
    content = riff((b"odd!", b"123"), (b"fmt ", FMT), (b"data", SAMPLES))

    assert walk(tmp_path, content) == (Chunk(b"odd!", 20, 3), Chunk(b"fmt ", 32, 16), Chunk(b"data", 56, 200))


def test_the_walk_reads_aiff_too(tmp_path):
    assert walk(tmp_path, form((b"COMM", COMM), (b"SSND", bytes(108)))) == (
        Chunk(b"COMM", 20, 18),
        Chunk(b"SSND", 46, 108),
    )


@pytest.mark.parametrize(
    "content",
    [
        wav()[:-1],
        riff((b"fmt ", FMT), (b"data", SAMPLES)).replace(b"\xc8\x00\x00\x00\x01", b"\xc9\x00\x00\x00\x01"),
        riff((b"fmt ", FMT), declared=100),
        wav(SAMPLES[:-1])[:-1] + b"LIST\x04\x00\x00\x00INFO",
        sound("rf64"),
        sound("w64"),
        b"RIFF\x04\x00\x00\x00WAVE" + bytes(3),
    ],
    ids=["cut", "overrun", "wrong size", "no pad", "RF64", "W64", "loose ends"],
)
def test_the_walk_refuses_what_a_tagger_would_damage(content, tmp_path):
    with pytest.raises(NotWhole):
        walk(tmp_path, content)


def test_the_walk_does_not_follow_a_million_empty_chunks(tmp_path):
    with pytest.raises(NotWhole):
        walk(tmp_path, riff(*[(b"junk", b"")] * 5000))


@pytest.mark.parametrize(
    ("content", "span"),
    [
        (wav(), (44, 200)),
        (wav() + bytes(500), (44, 200)),
        (form((b"COMM", COMM), (b"SSND", bytes(8) + SAMPLES)), (54, 200)),
        (sound("ogg"), None),
        (b"just text", None),
        (riff((b"fmt ", FMT)), None),
    ],
)
def test_the_sound_s_own_bytes_are_found(content, span, tmp_path):
    (tmp_path / "kick.wav").write_bytes(content)

    assert payload_span(tmp_path / "kick.wav") == span


@pytest.mark.parametrize("name", ["rf64", "w64", "caf", "aifc", "flac"])
def test_a_span_holds_the_sound_and_ends_within_the_file(name, tmp_path):
    (tmp_path / "kick").write_bytes(sound(name))

    offset, size = payload_span(tmp_path / "kick")

    assert offset > 16
    assert 10_000 < size <= len(sound(name)) - offset


def test_an_mp3_s_tags_are_outside_its_span(tmp_path):
    content = sound("mp3")
    (tmp_path / "kick.mp3").write_bytes(
        b"ID3\x04\x00\x00\x00\x00\x00\x05 tag " + content + b"TAG" + bytes(125)
    )

    assert payload_span(tmp_path / "kick.mp3") == (15, len(content))


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "kick.wav")

    with pytest.raises(NotWhole, match="not a regular file"):
        check_whole(tmp_path / "kick.wav")


def test_no_bytes_lead_to_anything_but_an_answer(tmp_path):
    """Hundreds of damaged files: whole or not whole, never another exception, and never a span beyond the file."""
    chance = random.Random(1)
    originals = [sound(name, seconds=0.05) for name in FORMATS]
    path = tmp_path / "kick.wav"
    for _ in range(500):
        content = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(min(len(content), 200))] = chance.choice(
                (0, 1, 127, 128, 255, chance.randrange(256))
            )
        path.write_bytes(content[: chance.choice((len(content), chance.randrange(len(content))))])
        with contextlib.suppress(NotWhole):
            check_whole(path)
        if span := payload_span(path):
            assert 0 <= span[0] <= sum(span) <= path.stat().st_size
