"""Writes label and machine field into a copy of a file, and proves that the sound and all else in it are untouched.

The daemon makes the copy and puts it in the original's place; whatever goes wrong here costs only the copy.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import mutagen
import mutagen.aiff
import mutagen.flac
import mutagen.mp3
import mutagen.oggflac
import mutagen.oggopus
import mutagen.oggvorbis
import mutagen.wave
from mutagen import id3

from drumwatch import containers
from drumwatch.errors import ActionFailed, UnreadableAudio
from drumwatch.hearing import decode, limits, riff
from drumwatch.workers.protocol import TagsWritten

if TYPE_CHECKING:
    from drumwatch.workers.protocol import WriteTags

    Fields = dict[str, str]

FIELDS = ("genre", "group", "machine")
GROUP = "Drums"
ROOM_BYTES = 1 << 20  # tags may make a file this much longer
OWN_CHUNKS = {b"id3 ", b"ID3 "}
COMMENTS = {"genre": "genre", "group": "grouping", "machine": "drumwatch"}
CANNOT_CARRY = {"rf64": "RF64", "w64": "Wave64", "caf": "CAF"}


class TagFile(Protocol):
    """Tags of one file: the three fields, and everything else as it must stay."""

    def read(self) -> Fields: ...
    def write(self, fields: Fields) -> None: ...
    def others(self) -> object: ...


def tag(job: WriteTags) -> TagsWritten:
    """Writes into `temp`: the machine field always, the human ones where they are empty or may be overwritten."""
    wanted = {
        "genre": job.label.title(),
        "group": "" if job.label == "other" else GROUP,
        "machine": job.machine,
    }

    def choose(before: Fields) -> Fields:
        if before["genre"] and not job.overwrite:
            return {"machine": wanted["machine"]}
        return {
            field: value
            for field, value in wanted.items()
            if value and (field != "group" or not before["group"])
        }

    return change(Path(job.path), Path(job.temp), choose)


def change(path: Path, temp: Path, choose: Any) -> TagsWritten:  # noqa: ANN401  a closure over one job
    """Fields written and what they were; ActionFailed if anything but them has changed."""
    try:
        original, copy = tag_file(path), tag_file(temp)
        before = original.read()
        fields = choose(before)
        with limits.may_write(path.stat().st_size + ROOM_BYTES):
            copy.write(fields)
        verify(path, temp, {**before, **fields})
    except ActionFailed as exc:
        raise ActionFailed(f"{path.name} was not tagged: {exc}") from exc
    except containers.NotWhole as exc:
        raise ActionFailed(f"{exc}; it was not tagged, because a tag could damage its sound") from exc
    except UnreadableAudio:
        raise
    except Exception as exc:  # mutagen stumbles over damage in many ways
        why = f"its tags cannot be read or written ({type(exc).__name__}: {exc})"
        raise ActionFailed(f"{path.name} was not tagged: {why}") from exc
    return TagsWritten(fields, {field: before[field] for field in fields})


def tag_file(path: Path) -> TagFile:
    """The right kind of tags for this file, by its bytes."""
    with path.open("rb") as file:
        head = file.read(containers.HEAD_BYTES)
    form = containers.sniff(head)
    if form in CANNOT_CARRY:
        raise ActionFailed(
            f"{CANNOT_CARRY[form]} files have no place for a tag that others read; move or copy it instead"
        )
    if form in {"flac", "ogg"}:
        return VorbisComments(path, head)
    if form == "wav":
        return WavTags(path)
    if form in {"aiff", "aifc", "mp3"}:
        return Id3Tags(path, form)
    raise ActionFailed("it is no WAV, AIFF, FLAC, Ogg or MP3 file")


def verify(path: Path, temp: Path, expected: Fields) -> None:
    """The copy says what it should, sounds the same to the last bit, and has lost nothing."""
    if tag_file(temp).read() != expected:
        raise ActionFailed("the tags could not be read back from the copy")
    if decode.digest(path) != decode.digest(temp):
        raise ActionFailed("the copy with the tags would have sounded different")
    if tag_file(path).others() != tag_file(temp).others():
        raise ActionFailed("something else in the file would have been lost or moved")


def keep_padding(info: Any) -> int:  # noqa: ANN401  mutagen's PaddingInfo
    """Room that is already there stays; none is added, for a kilobyte is a big share of a hit."""
    return max(0, info.padding)


class Id3Tags:
    """ID3 frames in an MP3, or in the chunk that WAV and AIFF keep for them."""

    def __init__(self, path: Path, form: str) -> None:
        kinds: dict[Any, Any] = {
            "wav": mutagen.wave.WAVE,
            "aiff": mutagen.aiff.AIFF,
            "aifc": mutagen.aiff.AIFF,
            "mp3": mutagen.mp3.MP3,
        }
        self.path, self.form = path, form
        try:
            self.file: Any = kinds[form](path, translate=False)  # old frames stay as they are
        except mutagen.MutagenError as exc:
            raise ActionFailed(f"its tags cannot be read ({exc})") from exc
        self.had_tags = self.file.tags is not None

    def read(self) -> Fields:
        tags: Any = self.file.tags or {}
        names = {"genre": "TCON", "group": "TIT1", "machine": "TXXX:DRUMWATCH"}
        return {
            field: str(tags[name].text[0]) if name in tags and tags[name].text else ""
            for field, name in names.items()
        }

    def write(self, fields: Fields) -> None:
        if self.file.tags is None:
            self.file.add_tags()
        tags: Any = self.file.tags
        frames: dict[str, Any] = {
            "genre": ("TCON", id3.TCON, {}),
            "group": ("TIT1", id3.TIT1, {}),
            "machine": ("TXXX:DRUMWATCH", id3.TXXX, {"desc": "DRUMWATCH"}),
        }
        for field, value in fields.items():
            name, frame, more = frames[field]
            tags.delall(name)
            if value:
                tags.add(frame(encoding=1, text=[value], **more))
        if tags:
            tags.save(
                self.path,
                v2_version=4 if tags.version == (2, 4, 0) and self.had_tags else 3,
                padding=keep_padding,
            )
        elif self.had_tags:
            self.file.delete()

    def others(self) -> object:
        tags: Any = self.file.tags or {}
        frames = sorted(
            f"{name}={frame!r}"
            for name, frame in tags.items()
            if name not in {"TCON", "TIT1", "TXXX:DRUMWATCH"}
        )
        return frames if self.form == "mp3" else (frames, foreign_chunks(self.path))


def foreign_chunks(path: Path) -> list[tuple[bytes, str]]:
    """Id and hash of every chunk but the tags', in order."""
    found = []
    with path.open("rb") as file:
        for chunk in containers.chunks(file):
            inside = riff.content(file, chunk)
            if chunk.id not in OWN_CHUNKS and not (chunk.id == b"LIST" and inside.startswith(b"INFO")):
                found.append((chunk.id, hashlib.blake2b(inside).hexdigest()))
    return found


class WavTags:
    """ID3 and INFO with equal genres: readers differ in which of the two they believe."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # The strict walk first: in a WAV cut short a tag would land inside the sound
            containers.chunks(file)
        self.path = path

    def read(self) -> Fields:
        fields = Id3Tags(self.path, "wav").read()
        return {**fields, "genre": fields["genre"] or riff.read_genre(self.path)}

    def write(self, fields: Fields) -> None:
        if "genre" in fields:
            riff.write_genre(self.path, fields["genre"])
        Id3Tags(self.path, "wav").write(fields)

    def others(self) -> object:
        return Id3Tags(self.path, "wav").others()


class VorbisComments:
    """The comments of FLAC, Ogg Vorbis and Opus."""

    def __init__(self, path: Path, head: bytes) -> None:
        kinds: dict[Any, Any] = {
            b"fLaC": mutagen.flac.FLAC,
            b"OpusHead": mutagen.oggopus.OggOpus,
            b"\x01vorbis": mutagen.oggvorbis.OggVorbis,
            b"\x7fFLAC": mutagen.oggflac.OggFLAC,
        }
        kind = next((kind for magic, kind in kinds.items() if magic in head), None)
        if kind is None:
            raise ActionFailed("it is an Ogg file of a kind that carries no tags we know")
        try:
            self.file: Any = kind(path)
        except mutagen.MutagenError as exc:
            raise ActionFailed(f"its tags cannot be read ({exc})") from exc

    def read(self) -> Fields:
        tags: Any = self.file.tags or {}
        return {field: tags[name][0] if tags.get(name) else "" for field, name in COMMENTS.items()}

    def write(self, fields: Fields) -> None:
        if self.file.tags is None:
            self.file.add_tags()
        for field, value in fields.items():
            if COMMENTS[field] in self.file.tags:
                del self.file.tags[COMMENTS[field]]
            if value:
                self.file.tags[COMMENTS[field]] = [value]
        self.file.save(padding=keep_padding)

    def others(self) -> object:
        tags: Any = self.file.tags or {}
        kept = [item for item in tags if item[0].lower() not in COMMENTS.values()]
        pictures = [picture.write() for picture in getattr(self.file, "pictures", [])]
        blocks = [type(block).__name__ for block in getattr(self.file, "metadata_blocks", [])]
        return kept, pictures, sorted(set(blocks) - {"VCFLACDict", "Padding"}), self.file.info.length
