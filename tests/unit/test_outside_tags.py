from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from ogg_pages import NOTHING_ENDS_HERE, an_ogg, ogg_page

from drumwatch.containers import NotWhole, difference_outside_tags

if TYPE_CHECKING:
    from pathlib import Path

ID3 = b"ID3\3\0\0\0\0\0\4abcd"
LONGER_ID3 = b"ID3\3\0\0\0\0\0\6abcdef"
MP3_FRAMES = (b"\xff\xfb\x90\x00" + bytes(413)) * 4
ID3V1 = b"TAG" + bytes(125)
INFO = (b"LIST", b"INFOINAM\4\0\0\0Boom")
LONGER_INFO = (b"LIST", INFO[1] + b"ICMT\2\0\0\0hi")
COMMENT, PADDING, PICTURE, SEEKTABLE = 4, 1, 6, 3


def wav(*chunks: tuple[bytes, bytes]) -> bytes:
    return _chunked(b"RIFF", b"WAVE", "<", *chunks)


def aiff(*chunks: tuple[bytes, bytes]) -> bytes:
    return _chunked(b"FORM", b"AIFF", ">", *chunks)


def _chunked(form: bytes, kind: bytes, order: str, *chunks: tuple[bytes, bytes]) -> bytes:
    parts = [
        name + struct.pack(f"{order}I", len(body)) + body + b"\0" * (len(body) % 2) for name, body in chunks
    ]
    body = kind + b"".join(parts)
    return form + struct.pack(f"{order}I", len(body)) + body


def flac(*blocks: tuple[int, bytes], frames: bytes = b"\xff\xf8 the frames") -> bytes:
    parts = [
        bytes([kind | (0x80 if number == len(blocks) else 0)]) + len(body).to_bytes(3) + body
        for number, (kind, body) in enumerate([(0, bytes(34)), *blocks])
    ]
    return b"fLaC" + b"".join(parts) + frames


FMT, DATA, SMPL = (b"fmt ", bytes(16)), (b"data", bytes(101)), (b"smpl", bytes(36))
COMM, SSND = (b"COMM", bytes(18)), (b"SSND", bytes(50))

LONG_COMMENTS = b"\x03vorbis" + bytes(70_000)
WITH_LONG_COMMENTS = b"".join(  # they begin on one page and end on the next one, beside the third header
    [
        ogg_page(0, 0, b"\x01vorbis" + bytes(23)),
        ogg_page(1, NOTHING_ENDS_HERE, unfinished=LONG_COMMENTS[: 255 * 255]),
        ogg_page(2, 0, LONG_COMMENTS[255 * 255 :], b"\x05vorbis" + bytes(100)),
        ogg_page(3, 3000, b"sound" * 9),
    ]
)

SAME = {
    "a WAV gets both kinds of tags": (wav(FMT, DATA, SMPL), wav(FMT, DATA, SMPL, INFO, (b"id3 ", ID3))),
    "the tags of a WAV grow in their place": (
        wav(INFO, FMT, (b"ID3 ", ID3), DATA),
        wav(LONGER_INFO, FMT, (b"ID3 ", LONGER_ID3), DATA),
    ),
    "an AIFF gets a tag": (aiff(COMM, SSND), aiff(COMM, SSND, (b"ID3 ", ID3))),
    "the padding of a FLAC becomes comments": (
        flac((PADDING, bytes(40)), (SEEKTABLE, bytes(18))),
        flac((COMMENT, b"genre"), (SEEKTABLE, bytes(18)), (PADDING, b"")),
    ),
    "an MP3 gets a tag in front": (MP3_FRAMES + ID3V1, ID3 + MP3_FRAMES + ID3V1),
    "the tag of an MP3 grows": (ID3 + bytes(9) + MP3_FRAMES, LONGER_ID3 + bytes(9) + MP3_FRAMES),
    "the comments of an Ogg grow": (an_ogg(b"sound" * 9), an_ogg(b"sound" * 9, b"\x03vorbis and more")),
    "the comments of an Ogg fill another page": (an_ogg(b"sound" * 9), WITH_LONG_COMMENTS),
}

DIFFERENT = {
    "a sample": (wav(FMT, DATA), wav(FMT, (b"data", b"\1" + bytes(100)), INFO), "its samples"),
    "one sample less": (wav(FMT, DATA), wav(FMT, (b"data", bytes(99)), INFO), "its samples"),
    "a pad byte": (wav(FMT, DATA), wav(FMT, DATA)[:-1] + b"Q", "its samples"),
    "a chunk": (wav(FMT, DATA, SMPL), wav(FMT, DATA, (b"smpl", bytes(35))), 'its chunk "smpl"'),
    "no chunk": (wav(FMT, DATA, SMPL), wav(FMT, DATA, INFO), 'its chunk "smpl"'),
    "a new chunk": (wav(FMT, DATA), wav(FMT, DATA, (b"acid", bytes(24))), 'its chunk "acid"'),
    "chunks in another order": (wav(FMT, SMPL, DATA), wav(FMT, DATA, SMPL), 'its chunk "smpl"'),
    "a second list": (wav(FMT, DATA, INFO, INFO), wav(FMT, DATA, INFO), 'its chunk "LIST"'),
    "another list": (wav(FMT, DATA, (b"LIST", b"adtl")), wav(FMT, DATA, INFO), 'its chunk "LIST"'),
    "a name of an AIFF": (aiff(COMM, SSND, (b"NAME", b"a")), aiff(COMM, SSND, (b"NAME", b"b")), 'its chunk "NAME"'),
    "a picture": (
        flac((PICTURE, b"one")),
        flac((PICTURE, b"two"), (COMMENT, b"genre")),
        "its metadata blocks",
    ),
    "a second block of comments": (
        flac((COMMENT, b"genre"), (COMMENT, b"more")),
        flac((COMMENT, b"genre")),
        "its metadata blocks",
    ),
    "a FLAC frame": (flac(), flac(frames=b"\xff\xf8 the framez"), "its FLAC frames, or what follows them"),
    "an MP3 frame": (MP3_FRAMES, ID3 + MP3_FRAMES[:-1] + b"x", "its MP3 frames, or what follows them"),
    "an ID3v1 tag": (MP3_FRAMES + ID3V1, ID3 + MP3_FRAMES, "its MP3 frames, or what follows them"),
    "the third header of an Ogg": (
        an_ogg(b"sound"),
        an_ogg(b"sound").replace(b"\x05vorbis\0", b"\x05vorbis\1"),
        "its headers",
    ),
    "a packet of an Ogg": (an_ogg(b"sound"), an_ogg(b"sounb"), "its pages"),
    "a page less": (an_ogg(bytes(90_000)), an_ogg(bytes(80_000)), "its pages"),
    "a time of an Ogg": (an_ogg(b"sound"), an_ogg(b"sound").replace(b"\xb8\x0b", b"\xb9\x0b"), "its pages"),
    "another stream in an Ogg": (
        an_ogg(b"sound") + ogg_page(0, 0, b"fishead", serial=8),
        an_ogg(b"sound") + ogg_page(0, 0, b"fishbed", serial=8),
        "another stream in it",
    ),
    "what follows an Ogg": (an_ogg(b"sound") + b"more", an_ogg(b"sound"), "what follows its last page"),
    "a whole other format": (wav(FMT, DATA), MP3_FRAMES, "its format"),
    "what is no sound": (b"hello", b"hallo", "its bytes"),
}  # fmt: skip


def difference(folder: Path, original: bytes, tagged: bytes) -> str:
    paths = folder / "kick.wav", folder / "copy.wav"
    for path, content in zip(paths, (original, tagged), strict=True):
        path.write_bytes(content)
    with paths[0].open("rb") as one, paths[1].open("rb") as other:
        return difference_outside_tags(one, other, "kick.wav")


@pytest.mark.parametrize("case", SAME)
def test_tags_are_no_difference(tmp_path, case):
    before, after = SAME[case]

    assert difference(tmp_path, before, after) == ""
    assert difference(tmp_path, after, before) == ""


@pytest.mark.parametrize("case", DIFFERENT)
def test_anything_else_is_a_difference_and_is_named(tmp_path, case):
    before, after, what = DIFFERENT[case]

    assert difference(tmp_path, before, after) == what
    assert difference(tmp_path, after, before)


def test_a_wav_that_breaks_the_rules_is_refused_by_its_own_name(tmp_path):
    with pytest.raises(NotWhole, match=r"^kick\.wav says that it has"):
        difference(tmp_path, wav(FMT, DATA), wav(FMT, DATA) + b"x")
