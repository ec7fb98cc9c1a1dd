from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import mutagen
import pytest
from sounds import kick, rich_wav, write

from drumwatch.analysis.decode import digest
from drumwatch.analysis.tags import riff_info
from drumwatch.analysis.tags.proof import prove
from drumwatch.analysis.tags.tagger import tag, tag_file
from drumwatch.containers import chunks
from drumwatch.core.errors import ActionFailed
from drumwatch.workers.protocol import ProveTags, TagsWritten, WriteTags

MACHINE = "v1;kick;p=0.93;model=dw1-00000000"


def copy_of(path: Path) -> Path:
    return Path(shutil.copy(path, path.with_name(".drumwatch-1.tmp")))


def tagged(path: Path, label: str = "kick", *, overwrite: bool = False) -> tuple[Path, TagsWritten]:
    temp = copy_of(path)
    return temp, tag(WriteTags(str(path), str(temp), label, MACHINE, overwrite))


def made(folder: Path, kind: str) -> Path:
    if kind == "wav":
        return rich_wav(folder / "a.wav")
    if kind == "opus":
        return write(folder / "a.opus", kick(48_000), 48_000, format="OGG", subtype="OPUS")
    return write(folder / f"a.{kind}", kick())


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "opus", "mp3"])
def test_a_tag_is_written_and_the_sound_is_the_same(tmp_path, kind):
    path = made(tmp_path, kind)
    temp, done = tagged(path)

    assert done.written == {"genre": "Kick", "group": "Drums", "machine": MACHINE}
    assert tag_file(temp).read() == done.written
    assert digest(temp) == digest(path)


def test_every_other_chunk_keeps_its_bytes_and_its_place(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    temp, _ = tagged(path)

    with path.open("rb") as before, temp.open("rb") as after:
        old = [(chunk.id, riff_info.content(before, chunk)) for chunk in chunks(before)]
        new = [(chunk.id, riff_info.content(after, chunk)) for chunk in chunks(after)]
    assert new[: len(old)] == old
    assert [name for name, _ in new[len(old) :]] == [b"LIST", b"id3 "]


def test_both_places_for_a_genre_in_a_wav_say_the_same(tmp_path):
    temp, _ = tagged(rich_wav(tmp_path / "a.wav"))

    assert riff_info.read_genre(temp) == "Kick"
    assert str(mutagen.File(temp).tags["TCON"]) == "Kick"


def test_a_genre_that_is_there_stays_and_only_the_machine_field_is_written(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    riff_info.write_genre(path, "Industrial")
    temp, done = tagged(path)

    assert done.written == {"machine": MACHINE}
    assert tag_file(temp).read() == {"genre": "Industrial", "group": "", "machine": MACHINE}


def test_a_genre_is_overwritten_where_asked(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    riff_info.write_genre(path, "Industrial")

    temp, _ = tagged(path, overwrite=True)

    assert riff_info.read_genre(temp) == "Kick"


def test_other_fields_of_the_info_list_keep_their_order(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    riff_info.write_genre(path, "Old")
    whole = path.read_bytes().replace(b"IGNR\x04", b"INAM\x04")
    path.write_bytes(whole)

    riff_info.write_genre(path, "Kick")

    with path.open("rb") as file:
        assert riff_info.info_items(riff_info.content(file, riff_info.info_list(file))) == [
            (b"INAM", b"Old\0"),
            (b"IGNR", b"Kick\0"),
        ]


def test_a_wav_cut_short_is_refused_before_anything_is_written(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[:-2000])
    temp = copy_of(path)

    with pytest.raises(ActionFailed, match=r"a.wav says that it has .* it was not tagged"):
        tag(WriteTags(str(path), str(temp), "kick", MACHINE))
    assert temp.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("form", "name"), [("RF64", "RF64"), ("W64", "Wave64"), ("CAF", "CAF")])
def test_a_format_without_a_place_for_tags_is_refused_by_name(tmp_path, form, name):
    path = write(tmp_path / "a.bin", kick(), format=form, subtype="PCM_16")

    with pytest.raises(ActionFailed, match=f"^{name} files have no place for a tag"):
        tagged(path)


def test_a_sound_that_is_no_drum_is_not_grouped_with_them(tmp_path):
    _, done = tagged(made(tmp_path, "flac"), label="other")

    assert done.written == {"genre": "Other", "machine": MACHINE}


def test_old_id3_frames_stay_as_they_are(tmp_path):
    path = made(tmp_path, "mp3")
    song = mutagen.File(path)
    song.add_tags()
    song.tags.add(mutagen.id3.TPE1(encoding=3, text=["Sobot"]))
    song.tags.add(mutagen.id3.TDRC(encoding=3, text=["2018-05-01"]))
    song.save(v2_version=4)

    temp, _ = tagged(path)

    after = mutagen.File(temp)
    assert (str(after.tags["TPE1"]), str(after.tags["TDRC"]), after.tags.version) == (
        "Sobot",
        "2018-05-01",
        (2, 4, 0),
    )


def test_an_ogg_over_which_the_tag_library_stumbles_is_refused_with_a_sentence(tmp_path):
    whole = made(tmp_path, "ogg").read_bytes()
    third_page = [found.start() for found in re.finditer(b"OggS", whole)][2]
    broken = tmp_path / "broken.ogg"
    broken.write_bytes(
        whole[:third_page].replace(b"\x03vorbis", b"\x03vowbis") + b"\x04" + whole[third_page:]
    )

    with pytest.raises(
        ActionFailed, match=r"^its tags are damaged or of a kind that drumwatch does not know"
    ):
        tagged(broken)


def further(path: Path, *, keywords: str = "", tempo: str = "") -> tuple[Path, dict[str, str]]:
    """The copy with tags and these further fields, proven, and what was written."""
    temp = copy_of(path)
    done = tag(WriteTags(str(path), str(temp), "kick", MACHINE, keywords=keywords, tempo=tempo))
    prove(ProveTags(str(path), str(temp), "kick", MACHINE, keywords=keywords, tempo=tempo))
    return temp, done.written


def test_keywords_and_the_tempo_of_a_loop_are_written_into_a_wav(tmp_path):
    path = rich_wav(tmp_path / "a.wav")

    temp, written = further(path, keywords="kick; loop", tempo="120")

    assert (written["keywords"], written["tempo"]) == ("kick; loop", "120")
    assert riff_info.text_of(riff_info.read_items(temp), b"IKEY") == "kick; loop"
    assert str(mutagen.File(temp).tags["TBPM"]) == "120"
    assert digest(temp) == digest(path)
    with path.open("rb") as before, temp.open("rb") as after:
        old = [(chunk.id, riff_info.content(before, chunk)) for chunk in chunks(before)]
        assert [(chunk.id, riff_info.content(after, chunk)) for chunk in chunks(after)][: len(old)] == old


def test_keywords_and_a_tempo_that_are_there_stay(tmp_path):
    path, _ = further(rich_wav(tmp_path / "a.wav"), keywords="mine", tempo="99")
    path = path.rename(tmp_path / "b.wav")

    temp, written = further(path, keywords="kick; loop", tempo="120")

    assert written == {"machine": MACHINE}
    assert riff_info.text_of(riff_info.read_items(temp), b"IKEY") == "mine"
    assert str(mutagen.File(temp).tags["TBPM"]) == "99"


def test_no_list_is_made_for_keywords_alone(tmp_path):
    path = rich_wav(tmp_path / "a.wav")
    sound: Any = mutagen.wave.WAVE(path)
    sound.add_tags()
    sound.tags.add(mutagen.id3.TCON(encoding=1, text=["Industrial"]))
    sound.save()

    temp, written = further(path, keywords="kick; one-shot")

    assert written == {"machine": MACHINE}
    assert riff_info.read_items(temp) == []


@pytest.mark.parametrize("kind", ["aiff", "flac", "ogg", "mp3"])
def test_other_formats_get_neither(tmp_path, kind):
    _, written = further(made(tmp_path, kind), keywords="kick; loop", tempo="120")

    assert sorted(written) == ["genre", "group", "machine"]
