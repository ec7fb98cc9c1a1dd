"""What a process that writes tags may have done to the copy, and that another process finds it out."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from sounds import chunk, kick, noise_burst, rich_wav, write

from drumwatch.analysis.tags import riff_info
from drumwatch.analysis.tags.proof import prove, require_same_bytes_outside_tags, require_same_sound
from drumwatch.analysis.tags.tagger import Id3Chunk, tag
from drumwatch.containers import chunks, payload_span
from drumwatch.core.errors import ActionFailed
from drumwatch.workers.protocol import ProveTags, WriteTags

MACHINE = "v1;kick;p=0.93;model=m1"
KINDS = ("wav", "aiff", "flac", "ogg", "opus", "mp3")


def made(folder: Path, kind: str) -> Path:
    if kind == "wav":
        return rich_wav(folder / "a.wav")
    if kind == "opus":
        return write(folder / "a.opus", kick(48_000), 48_000, format="OGG", subtype="OPUS")
    return write(folder / f"a.{kind}", kick())


def copy_of(path: Path) -> Path:
    return Path(shutil.copy(path, path.with_name(f".drumwatch-1-00000000{path.suffix}")))


def tagged(path: Path) -> Path:
    temp = copy_of(path)
    tag(WriteTags(str(path), str(temp), "kick", MACHINE))
    return temp


def proof_of(path: Path, temp: Path, *, overwrite: bool = False) -> int:
    return prove(ProveTags(str(path), str(temp), "kick", MACHINE, overwrite)).frames


def flip_a_bit(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_with_the_tags_and_nothing_else_is_proven(tmp_path, kind):
    path = made(tmp_path, kind)

    assert proof_of(path, tagged(path)) >= len(kick())


@pytest.mark.parametrize("kind", KINDS)
def test_one_bit_of_the_encoded_sound_is_noticed_by_the_bytes(tmp_path, kind):
    path = made(tmp_path, kind)
    temp = tagged(path)
    begin, size = payload_span(temp) or (0, temp.stat().st_size)
    flip_a_bit(temp, begin + size * 3 // 4)

    with pytest.raises(ActionFailed, match=r"^the copy with the tags differs from it in its "):
        require_same_bytes_outside_tags(path, temp)


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac"])
def test_one_bit_of_a_sample_is_noticed_by_the_sound(tmp_path, kind):
    path = made(tmp_path, kind)
    altered = kick()
    altered[1000] += 1.5 / 32768
    other = rich_wav(tmp_path / "b.wav", altered) if kind == "wav" else write(tmp_path / f"b.{kind}", altered)

    with pytest.raises(ActionFailed, match="would have sounded different"):
        require_same_sound(path, other)


def test_a_last_sample_that_is_missing_is_noticed_by_the_sound(tmp_path):
    path = made(tmp_path, "wav")

    with pytest.raises(ActionFailed, match="would have sounded different"):
        require_same_sound(path, rich_wav(tmp_path / "b.wav", kick()[:-1]))


@pytest.mark.parametrize(
    ("sr", "subtype"), [(48_000, "PCM_16"), (44_100, "PCM_24")], ids=["rate", "sample format"]
)
def test_another_rate_or_sample_format_is_noticed(tmp_path, sr, subtype):
    path = write(tmp_path / "a.wav", kick(), subtype="PCM_16")

    with pytest.raises(ActionFailed, match="another rate, channel count or sample format"):
        require_same_sound(path, write(tmp_path / "b.wav", kick(), sr, subtype=subtype))


@pytest.mark.parametrize("name", [b"bext", b"fmt ", b"odd!", b"acid", b"smpl"])
def test_a_changed_chunk_is_named(tmp_path, name):
    path = made(tmp_path, "wav")
    temp = tagged(path)
    with temp.open("rb") as file:
        offset = next(chunk.offset for chunk in chunks(file) if chunk.id == name)
    flip_a_bit(temp, offset + 1)

    with pytest.raises(ActionFailed, match=f'differs from it in its chunk "{name.decode().strip()}"'):
        proof_of(path, temp)


def test_a_chunk_that_is_gone_is_named(tmp_path):
    path = made(tmp_path, "wav")
    temp = tagged(path)
    content = temp.read_bytes().replace(chunk(b"acid", bytes(range(24))), b"")
    temp.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])

    with pytest.raises(ActionFailed, match='differs from it in its chunk "acid"'):
        proof_of(path, temp)


def test_tags_that_were_not_written_are_missed(tmp_path):
    path = made(tmp_path, "wav")

    with pytest.raises(ActionFailed, match="does not carry the tags that were to be written"):
        proof_of(path, copy_of(path))


def test_tags_that_were_there_already_are_no_fault(tmp_path):
    path = made(tmp_path, "wav")
    tagged(path).replace(path)

    assert proof_of(path, copy_of(path)) == len(kick())


def test_the_content_of_another_file_is_no_tagged_copy(tmp_path):
    path = made(tmp_path, "wav")
    other = tagged(write(tmp_path / "b.wav", noise_burst()))

    with pytest.raises(ActionFailed, match=r'differs from it in its chunk "bext"'):
        proof_of(path, other)


def test_a_copy_that_is_no_sound_any_more_is_refused_without_its_hidden_name(tmp_path):
    path = made(tmp_path, "flac")
    temp = tagged(path)
    temp.write_bytes(temp.read_bytes()[:60])

    with pytest.raises(ActionFailed, match=r"^the copy with the tags") as refused:
        proof_of(path, temp)
    assert ".drumwatch" not in str(refused.value)


def test_another_field_of_the_info_list_that_is_gone_is_missed(tmp_path):
    path = made(tmp_path, "wav")
    riff_info.write_genre(path, "", [(b"INAM", b"Boom\0"), (b"ICMT", b"by hand\0")])
    temp = tagged(path)
    content = temp.read_bytes().replace(b"ICMT", b"IXXX")
    temp.write_bytes(content)

    with pytest.raises(ActionFailed, match="something else in its tags would have been lost or changed"):
        proof_of(path, temp)


def test_a_list_that_hides_the_texts_of_an_id3_tag_is_refused(tmp_path):
    path = made(tmp_path, "wav")
    frame = b"TIT2" + struct.pack(">IH", 5, 0) + b"\0Boom"
    body = path.read_bytes() + chunk(b"id3 ", b"ID3\3\0\0" + bytes((0, 0, 0, len(frame))) + frame)
    path.write_bytes(body[:4] + struct.pack("<I", len(body) - 8) + body[8:])
    temp = copy_of(path)
    riff_info.write_genre(temp, "Kick")
    Id3Chunk(temp, "wav").write({"genre": "Kick", "group": "Drums", "machine": MACHINE})

    with pytest.raises(ActionFailed, match="its tag INAM would no longer be shown by some programs"):
        proof_of(path, temp)


@pytest.mark.parametrize("form", ["RF64", "W64", "CAF"])
def test_in_a_format_without_tags_every_byte_counts(tmp_path, form):
    path = write(tmp_path / "a.wav", kick(), format=form, subtype="PCM_16")
    temp = copy_of(path)
    temp.write_bytes(temp.read_bytes() + b"\0")

    with pytest.raises(ActionFailed, match="differs from it in its bytes"):
        require_same_bytes_outside_tags(path, temp)
