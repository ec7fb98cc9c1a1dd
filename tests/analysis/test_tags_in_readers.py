"""What other programs show of a file's tags before and after drumwatch has added its own: nothing vanishes."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import mutagen
import pytest
import soundfile
from sounds import chunk, kick, write

from drumwatch.analysis.tags import riff_info
from drumwatch.analysis.tags.proof import prove
from drumwatch.analysis.tags.tagger import tag
from drumwatch.workers.protocol import ProveTags, WriteTags

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = "v1;kick;p=0.93;model=m1"
ffprobe = pytest.mark.skipif(
    not shutil.which("ffprobe"), reason="ffprobe is not here: install the package ffmpeg"
)

ID3V1 = (
    b"TAG"
    + b"".join(
        text.ljust(size, b"\0")
        for text, size in ((b"Boom", 30), (b"Maker", 30), (b"Kit", 30), (b"1999", 4), (b"by hand", 28))
    )
    + bytes((0, 5, 255))
)  # track 5, no genre
ROCK = 17
TITLE_ONLY = ("TIT2", "Boom")
USUAL = (TITLE_ONLY, ("TPE1", "Maker"), ("TALB", "Kit"), ("TYER", "1999"), ("TBPM", "120"), ("TKEY", "Am"))


def id3(*frames: tuple[str, str]) -> bytes:
    body = b"".join(_frame(name, text) for name, text in frames)
    return b"ID3\3\0\0" + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


def _frame(name: str, text: str) -> bytes:
    content = b"\0" + (b"eng\0" if name == "COMM" else b"") + text.encode("latin-1")
    return name.encode() + struct.pack(">IH", len(content), 0) + content


def with_chunks(path: Path, *more: bytes) -> Path:
    body = write(path, kick()).read_bytes() + b"".join(more)
    path.write_bytes(body[:4] + struct.pack("<I", len(body) - 8) + body[8:])
    return path


def mp3(path: Path, before: bytes = b"", behind: bytes = b"") -> Path:
    frames = write(path, kick()).read_bytes()
    path.write_bytes(before + frames[frames.find(b"\xff\xfb") :] + behind)
    return path


def tagged(path: Path, *, overwrite: bool = False) -> Path:
    """The copy with the tags, which has been proven."""
    temp = path.with_name(f".drumwatch-1-00000000{path.suffix}")
    shutil.copy(path, temp)
    words = (str(path), str(temp), "kick", MACHINE, overwrite)
    tag(WriteTags(*words))
    prove(ProveTags(*words))
    return temp


def shown_by_ffprobe(path: Path) -> dict[str, str]:
    command = ("ffprobe", "-v", "error", "-of", "json", "-show_entries", "format_tags:stream_tags", str(path))
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    places = [found["format"], *found.get("streams", [])]
    return {name: text for place in places for name, text in place.get("tags", {}).items()}


def shown_by_mutagen(path: Path) -> dict[str, str]:
    return {name: str(text) for name, text in mutagen.File(path).tags.items()}


FILES = {
    "WAV with ID3": lambda at: with_chunks(at / "a.wav", chunk(b"id3 ", id3(*USUAL, ("COMM", "by hand")))),
    "WAV with ID3 of which INFO has no field": lambda at: with_chunks(
        at / "a.wav", chunk(b"id3 ", id3(*USUAL, ("TCOM", "Somebody")))
    ),
    "WAV with ID3 in capitals": lambda at: with_chunks(at / "a.wav", chunk(b"ID3 ", id3(TITLE_ONLY))),
    "WAV with two ID3 chunks": lambda at: with_chunks(
        at / "a.wav", chunk(b"id3 ", id3(TITLE_ONLY)), chunk(b"ID3 ", id3(("TPE1", "Maker")))
    ),
    "WAV with an empty INFO": lambda at: with_chunks(
        at / "a.wav", chunk(b"LIST", b"INFO"), chunk(b"id3 ", id3(*USUAL))
    ),
    "WAV with INFO and ID3": lambda at: with_chunks(
        at / "a.wav",
        chunk(b"LIST", b"INFO" + chunk(b"INAM", b"Boom\0") + chunk(b"ICMT", b"by hand\0")),
        chunk(b"id3 ", id3(*USUAL)),
    ),
    "MP3 with ID3v1": lambda at: mp3(at / "a.mp3", behind=ID3V1),
    "MP3 with both": lambda at: mp3(at / "a.mp3", id3(("TIT2", "Boom and more")), ID3V1),
    "MP3 with ID3v1 behind an ID3v2 without texts": lambda at: mp3(at / "a.mp3", id3(("WCOM", "x")), ID3V1),
    "MP3 with ID3v2.2": lambda at: mp3(at / "a.mp3", b"ID3\2\0\0\0\0\0\x0bTT2\0\0\5\0Boom"),
    "MP3 with ID3v2": lambda at: mp3(at / "a.mp3", id3(*USUAL)),
}


def with_title(path: Path) -> Path:
    """By mutagen, as most taggers write it."""
    file = mutagen.File(write(path, kick()))
    if path.suffix == ".aiff":
        file.add_tags()
        file.tags.add(mutagen.id3.TIT2(encoding=3, text=["Boom"]))
    else:
        file.update({"title": ["Boom"], "artist": ["Maker", "Another"], "bpm": ["120"]})
    file.save()
    return path


@ffprobe
@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.aiff"])
def test_what_ffprobe_showed_of_other_formats_it_shows_too(tmp_path, name):
    path = with_title(tmp_path / name)
    before = shown_by_ffprobe(path)

    after = shown_by_ffprobe(tagged(path))

    assert "Boom" in before.values()
    assert after == {**after, **before}
    assert "Kick" in after.values()


@ffprobe
@pytest.mark.parametrize("kind", FILES)
def test_what_ffprobe_showed_it_shows_with_the_new_tags_too(tmp_path, kind):
    path = FILES[kind](tmp_path)
    before = shown_by_ffprobe(path)

    after = shown_by_ffprobe(tagged(path))

    assert before
    assert after == {**after, **before}
    assert after["genre"] == "Kick"


@pytest.mark.parametrize("kind", FILES)
def test_what_mutagen_showed_it_shows_with_the_new_tags_too(tmp_path, kind):
    path = FILES[kind](tmp_path)
    before = shown_by_mutagen(path)

    after = shown_by_mutagen(tagged(path))

    assert after == {**after, **before}
    assert after["TCON"] == "Kick"


def test_a_new_info_list_holds_the_texts_that_the_id3_tag_had(tmp_path):
    path = FILES["WAV with ID3"](tmp_path)

    assert riff_info.read_items(tagged(path)) == [
        (b"INAM", b"Boom\0"),
        (b"IART", b"Maker\0"),
        (b"IPRD", b"Kit\0"),
        (b"ICRD", b"1999\0"),
        (b"TBPM", b"120\0"),
        (b"TKEY", b"Am\0"),
        (b"ICMT", b"by hand\0"),
        (b"IGNR", b"Kick\0"),
    ]


def test_no_info_list_is_made_where_it_would_hide_a_text_that_it_has_no_field_for(tmp_path):
    path = FILES["WAV with ID3 of which INFO has no field"](tmp_path)

    assert riff_info.read_items(tagged(path)) == []


@pytest.mark.parametrize("kind", ["MP3 with ID3v1", "MP3 with both"])
def test_an_id3v1_tag_keeps_every_byte(tmp_path, kind):
    temp = tagged(FILES[kind](tmp_path))

    assert temp.read_bytes()[-len(ID3V1) :] == ID3V1


def test_the_genre_of_an_id3v1_tag_is_one_that_is_there_already(tmp_path):
    path = mp3(tmp_path / "a.mp3", behind=ID3V1[:-1] + bytes([ROCK]))

    assert str(mutagen.File(tagged(path)).tags["TCON"]) == "Rock"
    assert str(mutagen.File(tagged(path, overwrite=True)).tags["TCON"]) == "Kick"


@pytest.mark.parametrize("junk", [bytes(3000), b"    "], ids=["zeros", "spaces"])
@pytest.mark.parametrize("before", [id3(TITLE_ONLY), b""], ids=["tag", "no tag"])
def test_an_mp3_with_junk_before_its_first_frame_is_tagged_and_sounds_the_same(tmp_path, before, junk):
    path = mp3(tmp_path / "a.mp3", before + junk)

    temp = tagged(path)

    assert (soundfile.read(temp)[0] == soundfile.read(path)[0]).all()
    assert str(mutagen.File(temp).tags["TCON"]) == "Kick"
