"""Write label and machine field into a copy of a file.

The daemon makes the copy and replaces the original by it, so a failure here affects only the copy. That nothing else in it has
changed is not believed: `proof` shows it in another process, and the daemon compares the bytes itself.
"""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import mutagen
import mutagen.aiff
import mutagen.flac
import mutagen.oggflac
import mutagen.oggopus
import mutagen.oggvorbis
import mutagen.wave
from mutagen import id3

from drumwatch import containers
from drumwatch.analysis.tags import info_texts, riff_info
from drumwatch.core.errors import ActionFailed, DrumwatchError
from drumwatch.sandbox import limits
from drumwatch.workers.protocol import TagsWritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.workers.protocol import ProveTags, WriteTags

    Fields = dict[str, str]
    Texts = dict[str, str]

log = logging.getLogger(__name__)

FIELDS = ("genre", "group", "machine")
WAV_FIELDS = ("keywords", "tempo")  # which only a WAV has a place for that others read
GROUP = "Drums"
ROOM_BYTES = 1 << 20  # by which tags may lengthen a file
ID3_CHUNKS = {b"id3 ", b"ID3 "}  # of a WAV
ID3V1_BYTES = 128
NEW_ID3: Any = id3.ID3  # has no types
OWN_FRAMES = {"TCON", "TIT1", "TXXX:DRUMWATCH"}
COMMENTS = {"genre": "genre", "group": "grouping", "machine": "drumwatch"}
WITHOUT_ID3_IN_FRONT = {"wav", "aiff", "aifc", "flac"}  # other tags in them would hide it
CANNOT_CARRY = {"rf64": "RF64", "bw64": "BW64", "w64": "Wave64", "caf": "CAF"}
NOT_WRITTEN = {"rifx": "RIFX", **containers.FOREIGN}  # no proof shows yet that nothing else in them changes


class TagFile(Protocol):
    """The tags of one file: the fields of FIELDS, in a WAV those of WAV_FIELDS too, and everything else, which must not change."""

    def further_fields(self, *, with_genre: bool) -> frozenset[str]:
        """Return the fields of WAV_FIELDS that can be added; `with_genre` says that a genre is written too."""

    def read(self) -> Fields:
        """Return the value of each field; a missing one is empty."""

    def write(self, fields: Fields) -> None:
        """Write these fields; an empty value removes the field."""

    def others(self) -> Texts:
        """Return all other metadata by name, in a form that can be compared."""

    def copied(self) -> Texts:
        """Return what `write` adds to the others, because the new tags would hide it from some readers."""

    def shown(self) -> Texts:
        """Return the texts that readers show which know only one kind of tags, without the three fields."""


def tag(job: WriteTags) -> TagsWritten:
    """Write tags into `job.temp`, a copy of `job.path`.

    The machine field is always written; genre and group only if they are empty or the job has `overwrite`. Returns the written
    fields and their earlier values. Raises ActionFailed, whose message says why nothing was tagged.
    """
    with plain_failures():
        original = tag_file(Path(job.path))
        before = original.read()
        fields = chosen(job, original, before)
        with limits.may_write(Path(job.path).stat().st_size + ROOM_BYTES):
            tag_file(Path(job.temp)).write(fields)
    return TagsWritten(fields, {field: before.get(field, "") for field in fields})


def chosen(job: WriteTags | ProveTags, file: TagFile, before: Fields) -> Fields:
    """Return the fields to write into a file that has these values; keywords and a tempo that are there stay."""
    fields = _with_genre(job, before)
    wanted = {"keywords": job.keywords, "tempo": job.tempo}
    further = file.further_fields(with_genre="genre" in fields)
    return fields | {field: wanted[field] for field in further if wanted[field] and not before.get(field)}


def _with_genre(job: WriteTags | ProveTags, before: Fields) -> Fields:
    if before["genre"] and not job.overwrite:
        return {"machine": job.machine}
    group = "" if job.label == "other" or before["group"] else GROUP
    wanted = {"genre": job.label.title(), "group": group, "machine": job.machine}
    return {field: value for field, value in wanted.items() if value}


@contextlib.contextmanager
def plain_failures() -> Iterator[None]:
    """Turn every error of the tag library into ActionFailed with a sentence for people; the error itself goes to the log."""
    try:
        yield
    except containers.NotWhole as exc:
        raise ActionFailed(f"{exc}; it was not tagged, because a tag could damage its sound") from exc
    except DrumwatchError:
        raise
    except Exception as exc:  # mutagen raises many types of errors on damaged files
        log.info("The tags cannot be read or written: %s: %s", type(exc).__name__, exc)
        raise ActionFailed(
            "its tags are damaged or of a kind that drumwatch does not know; it was left alone"
        ) from exc


def tag_file(path: Path) -> TagFile:
    """Return the tags of a file, by the format that its first bytes announce.

    Raises ActionFailed if the format cannot hold tags.
    """
    with path.open("rb") as file:
        head = file.read(containers.HEAD_BYTES)
    form = containers.sniff(head)
    if form in {None, "mp3"}:
        form = containers.form_of(path)
    if form in WITHOUT_ID3_IN_FRONT and head.startswith(b"ID3"):
        raise ActionFailed("an ID3 tag stands in front of its header, where a WAV, AIFF or FLAC has none")
    if form in CANNOT_CARRY:
        raise ActionFailed(
            f"{CANNOT_CARRY[form]} files have no place for a tag that others read; move or copy it instead"
        )
    if form in NOT_WRITTEN:
        raise ActionFailed(
            f"drumwatch writes no tags into {NOT_WRITTEN[form]} files yet; move or copy it instead"
        )
    if form in {"flac", "ogg"}:
        return VorbisComments(path, head)
    if form == "wav":
        return WavTags(path)
    if form in {"aiff", "aifc"}:
        return Id3Chunk(path, form)
    if form == "mp3":
        return Mp3Tags(path)
    raise ActionFailed("it is no WAV, AIFF, FLAC, Ogg or MP3 file")


def keep_padding(info: Any) -> int:  # noqa: ANN401  mutagen's PaddingInfo
    """Return the padding to keep: present padding stays, none is added, because one-shots are small files."""
    return max(0, info.padding)


class Id3Tags:
    """ID3 frames: reading and choosing is the same wherever the tag stands."""

    def __init__(self, tags: Any) -> None:  # noqa: ANN401  mutagen's tags, or None
        self.had_tags = tags is not None
        self.tags: Any = tags if self.had_tags else NEW_ID3()
        if self.had_tags and self.tags.version < (2, 3, 0):
            self.tags.update_to_v23()  # frames of ID3v2.2 get their later names

    @property
    def version(self) -> int:
        """The version of ID3v2 in which the tag is written: the one that it has, and 3 for a new one."""
        return 4 if self.had_tags and self.tags.version == (2, 4, 0) else 3

    def further_fields(self, *, with_genre: bool) -> frozenset[str]:  # noqa: ARG002  as TagFile has it
        """Return nothing: the other formats have one field for all of that."""
        return frozenset()

    def read(self) -> Fields:
        """Return the value of each field; a missing one is empty."""
        names = {"genre": "TCON", "group": "TIT1", "machine": "TXXX:DRUMWATCH"}
        return {
            field: str(self.tags[name].text[0]) if name in self.tags and self.tags[name].text else ""
            for field, name in names.items()
        }

    def replace(self, fields: Fields) -> None:
        """Replace these fields in memory; an empty value removes the field."""
        frames: dict[str, Any] = {
            "genre": ("TCON", id3.TCON, {}),
            "group": ("TIT1", id3.TIT1, {}),
            "machine": ("TXXX:DRUMWATCH", id3.TXXX, {"desc": "DRUMWATCH"}),
            "tempo": ("TBPM", id3.TBPM, {}),
        }
        for field in frames.keys() & fields.keys():
            value, (name, frame, more) = fields[field], frames[field]
            self.tags.delall(name)
            if value:
                self.tags.add(frame(encoding=1, text=[value], **more))

    def others(self) -> Texts:
        """Return all other frames, also those that the tag library does not know."""
        known = {name: repr(frame) for name, frame in self.tags.items() if name not in OWN_FRAMES}
        unknown = {f"unknown {number}": repr(raw) for number, raw in enumerate(self.tags.unknown_frames)}
        return known | unknown

    def copied(self) -> Texts:
        """Return nothing: a tag is only added to."""
        return {}

    def shown(self) -> Texts:
        """Return the texts of all other frames."""
        return texts_of(self.tags)


def texts_of(tags: Any) -> Texts:  # noqa: ANN401  mutagen's tags, or frames by name
    """Return the texts that readers show of these frames."""
    fields, others = info_texts.shown_by_id3(tags)
    return {name.decode("latin-1"): text for name, text in fields.items()} | others


class Id3Chunk(Id3Tags):
    """ID3 frames in the chunk of a WAV or AIFF."""

    def __init__(self, path: Path, form: str) -> None:
        kind: Any = mutagen.wave.WAVE if form == "wav" else mutagen.aiff.AIFF
        self.file: Any = kind(path, translate=False)  # frames of older ID3 versions stay as they are
        super().__init__(self.file.tags)
        self.path = path

    def write(self, fields: Fields) -> None:
        """Write these fields; an empty value removes the field, and the tag if no frame is left."""
        if not self.had_tags:
            self.file.add_tags()
            self.tags = self.file.tags
        self.replace(fields)
        if self.tags:
            self.tags.save(self.path, v2_version=self.version, padding=keep_padding)
        elif self.had_tags:
            self.file.delete()


class Mp3Tags(Id3Tags):
    """ID3 frames in front of an MP3. An ID3v1 tag at its end is read, and left as it is.

    Where only the ID3v1 tag has texts, a new tag holds them too, as most readers look at ID3v1 only where there is no other.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.end = containers.id3_bytes(file)
            file.seek(0)
            self.head = file.read(self.end)
            file.seek(max(0, path.stat().st_size - ID3V1_BYTES))
            tail = file.read()
        super().__init__(
            NEW_ID3(io.BytesIO(self.head), translate=False, load_v1=False) if self.head else None
        )
        self.path = path
        self.id3v1 = id3v1_frames(tail, self.version)

    def read(self) -> Fields:
        """Return the value of each field; the genre comes from ID3v2, else from ID3v1."""
        fields = super().read()
        return {**fields, "genre": fields["genre"] or str(self.id3v1.get("TCON", ""))}

    def write(self, fields: Fields) -> None:
        """Write these fields into the tag at the beginning; all behind it moves, unchanged."""
        for frame in self._to_copy():
            self.tags.add(frame)
        self.replace(fields)
        made = io.BytesIO(self.head)
        self.tags.save(made, v1=0, v2_version=self.version, padding=keep_padding)
        with self.path.open("r+b") as file:
            file.seek(self.end)
            rest = file.read()
            file.seek(0)
            file.write(made.getvalue() + rest)
            file.truncate()

    def copied(self) -> Texts:
        """Return the frames of ID3v1 that a new tag would hide."""
        return {frame.HashKey: repr(frame) for frame in self._to_copy() if frame.FrameID != "TCON"}

    def shown(self) -> Texts:
        """Return the texts of the tag at the beginning, or those of ID3v1 where that has none."""
        if self._has_texts():
            return super().shown()
        return texts_of(self.id3v1)

    def _has_texts(self) -> bool:
        return any(info_texts.is_shown(frame.FrameID) for frame in self.tags.values())

    def _to_copy(self) -> list[Any]:
        return [] if self._has_texts() else list(self.id3v1.values())


def id3v1_frames(tail: bytes, version: int) -> dict[str, Any]:
    """Return the texts of an ID3v1 tag as frames of this version of ID3v2; none if these are no such tag's bytes."""
    parse: Any = id3.ParseID3v1
    frames: dict[str, Any] = (parse(tail, version) if tail.startswith(b"TAG") else None) or {}
    if comment := frames.get("COMM"):
        comment.desc = ""  # under any other name it would not be shown as the comment
    if genre := frames.get("TCON"):
        genre.text = genre.genres  # a name instead of a number
    return frames


class WavTags:
    """ID3 and INFO with the same genre, because programs differ in which of the two they read."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # Checks the chunks first: in a truncated WAV a tag would be written into the samples
            found = containers.chunks(file)
        self.path = path
        self.id3 = Id3Chunk(path, "wav")
        self.items = riff_info.read_items(path)
        self.has_other_id3 = sum(chunk.id in ID3_CHUNKS for chunk in found) > 1

    def read(self) -> Fields:
        """Return the value of each field, of WAV_FIELDS only those that are there; the genre comes from ID3, else from INFO."""
        fields = self.id3.read()
        tempo = self.id3.tags.get("TBPM")
        further = {
            "keywords": riff_info.text_of(self.items, riff_info.KEYWORDS),
            "tempo": str(tempo) if tempo else "",
        }
        genre = fields["genre"] or riff_info.text_of(self.items, riff_info.GENRE)
        return {**fields, "genre": genre, **{field: text for field, text in further.items() if text}}

    def further_fields(self, *, with_genre: bool) -> frozenset[str]:
        """Return the fields that can be added; no list is made for keywords alone, as it would hide the genre of the ID3 tag."""
        has_list = info_texts.has_texts(self.items) or (with_genre and self._may_have_info())
        return frozenset({"tempo", "keywords"} if has_list else {"tempo"})

    def write(self, fields: Fields) -> None:
        """Write these fields, the genre into both ID3 and INFO.

        No list is made that would hide texts of the ID3 tag for which it has no field.
        """
        names = {"genre": riff_info.GENRE, "keywords": riff_info.KEYWORDS}
        listed = {name: fields[field] for field, name in names.items() if field in fields}
        if listed and self._may_have_info():
            riff_info.write_fields(self.path, listed, info_texts.as_items(self._hidden_fields()))
        Id3Chunk(self.path, "wav").write(fields)

    def others(self) -> Texts:
        """Return all other ID3 frames and all other fields of INFO."""
        return {**self.id3.others(), **_named_info(info_texts.shown_by_info(self.items))}

    def copied(self) -> Texts:
        """Return the texts of the ID3 tag that a new INFO list would hide."""
        return _named_info({name.decode("latin-1"): text for name, text in self._hidden_fields().items()})

    def shown(self) -> Texts:
        """Return the texts of INFO, or those of the ID3 tag where INFO has none."""
        if info_texts.has_texts(self.items):
            return info_texts.shown_by_info(self.items)
        return self.id3.shown()

    def _may_have_info(self) -> bool:
        return info_texts.has_texts(self.items) or not (
            self.has_other_id3 or info_texts.shown_by_id3(self.id3.tags).others
        )

    def _hidden_fields(self) -> dict[bytes, str]:
        if info_texts.has_texts(self.items):
            return {}
        return info_texts.shown_by_id3(self.id3.tags).fields


def _named_info(texts: Texts) -> Texts:
    return {f"INFO {name}": text for name, text in texts.items()}


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
        self.file: Any = kind(path)

    def further_fields(self, *, with_genre: bool) -> frozenset[str]:  # noqa: ARG002  as TagFile has it
        """Return nothing, as for ID3."""
        return frozenset()

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

    def others(self) -> Texts:
        """Return all other comments, the pictures and the length in seconds."""
        tags: Any = self.file.tags or {}
        kept = [item for item in tags if item[0].lower() not in COMMENTS.values()]
        pictures = [picture.write() for picture in getattr(self.file, "pictures", [])]
        named = {"comments": kept, "pictures": pictures, "length": self.file.info.length}
        return {name: repr(value) for name, value in named.items()}

    def copied(self) -> Texts:
        """Return nothing: there is only one kind of tags."""
        return {}

    def shown(self) -> Texts:
        """Return nothing besides `others`."""
        return {}
