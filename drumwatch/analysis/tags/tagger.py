"""Write label and machine field into a copy of a file, and verify that its samples and all other metadata are unchanged.

The daemon makes the copy and replaces the original by it, so a failure here affects only the copy.
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
from drumwatch.analysis import decode
from drumwatch.analysis.tags import riff_info
from drumwatch.core.errors import ActionFailed, UnreadableAudio
from drumwatch.sandbox import limits
from drumwatch.workers.protocol import TagsWritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.protocol import WriteTags

    Fields = dict[str, str]

FIELDS = ("genre", "group", "machine")
GROUP = "Drums"
ROOM_BYTES = 1 << 20  # by which tags may lengthen a file
OWN_CHUNKS = {b"id3 ", b"ID3 "}
COMMENTS = {"genre": "genre", "group": "grouping", "machine": "drumwatch"}
TAGGED_WITHIN = {"wav", "aiff", "aifc"}  # they keep an ID3 tag in a chunk
CANNOT_CARRY = {"rf64": "RF64", "w64": "Wave64", "caf": "CAF"}


class TagFile(Protocol):
    """The tags of one file: the three fields of FIELDS, and everything else, which must not change."""

    def read(self) -> Fields:
        """Return the value of each field; a missing one is empty."""

    def write(self, fields: Fields) -> None:
        """Write these fields; an empty value removes the field."""

    def others(self) -> object:
        """Return all other metadata in a form that can be compared."""


def tag(job: WriteTags) -> TagsWritten:
    """Write tags into `job.temp`, a copy of `job.path`.

    The machine field is always written; genre and group only if they are empty or the job has `overwrite`. Returns the written
    fields and their earlier values. Raises ActionFailed or UnreadableAudio, whose message says why nothing was tagged.
    """
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


def change(path: Path, temp: Path, choose: Callable[[Fields], Fields]) -> TagsWritten:
    """Write the fields that `choose` returns for the present ones into the copy, and verify it.

    Returns the written fields and their earlier values. Raises ActionFailed if anything else changed or the tags cannot be
    written, and UnreadableAudio if the file cannot be decoded.
    """
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
    except Exception as exc:  # mutagen raises many types of errors on damaged files
        why = "its tags cannot be read or written, because they are damaged"
        raise ActionFailed(f"{path.name} was not tagged: {why}") from exc
    return TagsWritten(fields, {field: before[field] for field in fields})


def tag_file(path: Path) -> TagFile:
    """Return the tags of a file, by the format that its first bytes announce.

    Raises ActionFailed if the format cannot hold tags.
    """
    with path.open("rb") as file:
        head = file.read(containers.HEAD_BYTES)
    form = containers.sniff(head)
    if form in {None, "mp3"} and (behind := containers.form_of(path)) != "flac":
        form = behind
    if form in TAGGED_WITHIN and head.startswith(b"ID3"):
        raise ActionFailed("an ID3 tag stands in front of its header, where a WAV or AIFF has none")
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
    """Raise ActionFailed unless the copy has the expected fields, the same samples and the same other metadata."""
    if tag_file(temp).read() != expected:
        raise ActionFailed("the tags could not be read back from the copy")
    if decode.digest(path) != decode.digest(temp):
        raise ActionFailed("the copy with the tags would have sounded different")
    if tag_file(path).others() != tag_file(temp).others():
        raise ActionFailed("something else in the file would have been lost or moved")


def keep_padding(info: Any) -> int:  # noqa: ANN401  mutagen's PaddingInfo
    """Return the padding to keep: present padding stays, none is added, because one-shots are small files."""
    return max(0, info.padding)


class Id3Tags:
    """ID3 frames in an MP3, or in the ID3 chunk of a WAV or AIFF."""

    def __init__(self, path: Path, form: str) -> None:
        kinds: dict[Any, Any] = {
            "wav": mutagen.wave.WAVE,
            "aiff": mutagen.aiff.AIFF,
            "aifc": mutagen.aiff.AIFF,
            "mp3": mutagen.mp3.MP3,
        }
        self.path, self.form = path, form
        try:
            self.file: Any = kinds[form](
                path, translate=False
            )  # frames of older ID3 versions stay as they are
        except mutagen.MutagenError as exc:
            raise ActionFailed("its tags cannot be read, because they are damaged") from exc
        self.had_tags = self.file.tags is not None

    def read(self) -> Fields:
        """Return the value of each field; a missing one is empty."""
        tags: Any = self.file.tags or {}
        names = {"genre": "TCON", "group": "TIT1", "machine": "TXXX:DRUMWATCH"}
        return {
            field: str(tags[name].text[0]) if name in tags and tags[name].text else ""
            for field, name in names.items()
        }

    def write(self, fields: Fields) -> None:
        """Write these fields; an empty value removes the field, and the tag if no frame is left."""
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
        """Return all other frames, and for WAV and AIFF all other chunks."""
        tags: Any = self.file.tags or {}
        frames = sorted(
            f"{name}={frame!r}"
            for name, frame in tags.items()
            if name not in {"TCON", "TIT1", "TXXX:DRUMWATCH"}
        )
        return frames if self.form == "mp3" else (frames, foreign_chunks(self.path))


def foreign_chunks(path: Path) -> list[tuple[bytes, str]]:
    """Return id and hash of every chunk that holds no tags, in order."""
    found = []
    with path.open("rb") as file:
        for chunk in containers.chunks(file):
            inside = riff_info.content(file, chunk)
            if chunk.id not in OWN_CHUNKS and not (chunk.id == b"LIST" and inside.startswith(b"INFO")):
                found.append((chunk.id, hashlib.blake2b(inside).hexdigest()))
    return found


class WavTags:
    """ID3 and INFO with the same genre, because programs differ in which of the two they read."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # Checks the chunks first: in a truncated WAV a tag would be written into the samples
            containers.chunks(file)
        self.path = path

    def read(self) -> Fields:
        """Return the value of each field; the genre comes from ID3, else from INFO."""
        fields = Id3Tags(self.path, "wav").read()
        return {**fields, "genre": fields["genre"] or riff_info.read_genre(self.path)}

    def write(self, fields: Fields) -> None:
        """Write these fields, the genre into both ID3 and INFO."""
        if "genre" in fields:
            riff_info.write_genre(self.path, fields["genre"])
        Id3Tags(self.path, "wav").write(fields)

    def others(self) -> object:
        """Return all other ID3 frames and all other chunks."""
        return Id3Tags(self.path, "wav").others()


class VorbisComments:
    """The comments of FLAC, Ogg FLAC, Ogg Vorbis and Opus."""

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
            raise ActionFailed("its tags cannot be read, because they are damaged") from exc

    def read(self) -> Fields:
        """Return the value of each field; a missing one is empty."""
        tags: Any = self.file.tags or {}
        return {field: tags[name][0] if tags.get(name) else "" for field, name in COMMENTS.items()}

    def write(self, fields: Fields) -> None:
        """Write these fields; an empty value removes the field."""
        if self.file.tags is None:
            self.file.add_tags()
        for field, value in fields.items():
            if COMMENTS[field] in self.file.tags:
                del self.file.tags[COMMENTS[field]]
            if value:
                self.file.tags[COMMENTS[field]] = [value]
        self.file.save(padding=keep_padding)

    def others(self) -> object:
        """Return all other comments, the pictures, the types of metadata blocks and the length in seconds."""
        tags: Any = self.file.tags or {}
        kept = [item for item in tags if item[0].lower() not in COMMENTS.values()]
        pictures = [picture.write() for picture in getattr(self.file, "pictures", [])]
        blocks = [type(block).__name__ for block in getattr(self.file, "metadata_blocks", [])]
        return kept, pictures, sorted(set(blocks) - {"VCFLACDict", "Padding"}), self.file.info.length
