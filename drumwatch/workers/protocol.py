r"""What the main process and its worker processes say to each other: one request record and one answer record per operation.

One JSON object a line, the record's fields beside an `id`; a request is told by `op`, an answer by `answer`. Each side checks what it
reads. Lone surrogates in paths (names that are not UTF-8) survive as `\udcXX` escapes, which is why `json` writes and reads the text.
"""

from __future__ import annotations

import enum
import json
import os
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import msgspec

from drumwatch.core.errors import ActionFailed, AnalysisUnavailable, DrumwatchError, UnreadableAudio
from drumwatch.core.records import Verdict  # noqa: TC001  msgspec reads the annotations at run time

if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL_CHARACTERS, MOST_CHARACTERS = (
    1 << 22,
    1 << 28,
)  # of an answer: it is held in memory before it is checked


class InvalidRequest(Exception):  # noqa: N818  the text is for a log: only a mistake of ours brings it about
    """A line that is no request this worker knows; `number` is its id, if it has one."""

    def __init__(self, why: str, number: int | None = None) -> None:
        super().__init__(why)
        self.number = number


class BrokenAnswer(Exception):  # noqa: N818
    """A line that does not answer the request: whoever wrote it is broken.

    `stale` says that it belongs to an earlier request, so that the file in hand has nothing to do with it.
    """

    def __init__(self, why: str, *, stale: bool = False) -> None:
        super().__init__(why)
        self.stale = stale


class ErrorKind(enum.Enum):
    """Why a worker gives no result."""

    UNREADABLE = "unreadable"  # this file cannot be decoded
    NOT_TAGGED = "not tagged"  # this file's tags cannot be written
    UNEXPECTED = "unexpected"  # this file makes a library fail in a way that nobody foresaw
    UNAVAILABLE = "unavailable"  # no file can be analyzed: the model or the installation is damaged
    INVALID_REQUEST = "invalid request"  # the worker does not know what it is asked for
    WORKER_ENDED = "worker ended"  # there was no answer at all
    ARCHIVE_REFUSED = "archive refused"  # the archive is damaged, hostile, or of an unknown kind
    ARCHIVE_TOO_LARGE = "archive too large"  # it goes beyond a limit
    ARCHIVE_INCOMPLETE = "archive incomplete"  # its end is missing: perhaps it is still being written
    NO_SPACE = "no space"  # what is in the archive does not fit on the disk now


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Part of a request or an answer."""


class AnalysisRecord(msgspec.Struct, frozen=True):
    """What stays of a sound that was analyzed, as the cache stores it: enough for any verdict on it.

    Only the analysis understands it. The cache may hold rows of a later version: fields that are unknown here are skipped.
    """

    ear: str  # whose: `Model.ear`
    evidence: str  # base64 of float32
    duration: float  # seconds
    onsets: int
    tempo: float | None  # beats per minute, should it be a loop
    sound: str  # the digest, for earlier versions; not read here, as they did not tell float files apart
    digest: str = ""  # of what is heard; empty where nobody asked for it, or where an earlier version did


class KnownSound(Record, frozen=True):
    """The content hash of a file, and what an earlier analysis of these bytes found."""

    content_hash: str
    record: AnalysisRecord


class NamedSound(Record, frozen=True):
    """A sound that the user has named, for training."""

    content_hash: str
    label: str
    may_be: tuple[str, ...]  # the types, or own classes, that the label allows
    pack: str
    path: str
    known: AnalysisRecord | None = None


class Neighbor(Record, frozen=True):
    """A labelled sound that lies near the one in question."""

    sound: str
    type: str


class CalibrationBin(Record, frozen=True):
    """Files of about the same confidence: its mean, the share that is right, and their share of all files."""

    says: float
    right: float
    share: float


class AnalyzedAgain(Record, frozen=True):
    """A sound that the cache did not know any more."""

    size_bytes: int
    record: AnalysisRecord


class UnpackLimits(Record, frozen=True):
    """How much an archive may ask for; see `intake.archives.limits.Limits`."""

    files: int
    size: int
    ratio: int
    min_free: int = 0
    rate: int = 0


# Answers


class Answer(Record, frozen=True, tag_field="answer"):
    """What a worker says to a request."""


class Failed(Answer, frozen=True, tag="failed"):
    """No result: a sentence for a person, and whose fault it is."""

    message: str
    kind: ErrorKind

    @classmethod
    def of(cls, exc: Exception) -> Failed:
        """What this exception means to whoever has asked."""
        known = (kind for error, kind in KIND_OF_ERROR if isinstance(exc, error))
        return cls(_sentence(exc), next(known, ErrorKind.UNEXPECTED))


class Analyzed(Answer, frozen=True, tag="analyzed"):
    """The verdict on a sound, and what else was asked for."""

    verdict: Verdict
    content_hash: str = ""  # blake2b-256 of the file's bytes, hex
    sound_digest: str = ""  # of what is heard, whatever the format and the tags
    features: str = ""  # base64 of float32
    nearest: tuple[Neighbor, ...] = ()
    record: AnalysisRecord | None = None  # of a sound that was analyzed for the first time, for the cache
    copy_of: str = ""  # content hash of the sound that the user has named and that this is a near copy of


class Plotted(Analyzed, frozen=True, kw_only=True, tag="plotted"):
    """The same with a picture as SVG."""

    svg: str


class TagsWritten(Answer, frozen=True, tag="tags written"):
    """The fields that were written (`genre`, `group`, `machine`), and what they were before."""

    written: dict[str, str]
    before: dict[str, str]


class Digested(Answer, frozen=True, tag="digested"):
    """Hash of the decoded samples."""

    digest: str


class Metrics(Answer, frozen=True, tag="metrics"):
    """How right a model is; rows of `confusion` are what it was, columns what was said."""

    figures: dict[str, float]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[CalibrationBin, ...]


class ModelChecked(Answer, frozen=True, tag="model checked"):
    """The id of a model that is whole."""

    id_of_model: str


class Trained(Answer, frozen=True, tag="trained"):
    """A model that the worker does not write, its card with the comparison, and what had to be analyzed again, by content hash."""

    npz: bytes
    card: dict[str, Any]
    analyzed: dict[str, AnalyzedAgain]


class MapLayout(Answer, frozen=True, tag="map layout"):
    """For each sound its place in two dimensions, from 0 to 1, and in the many in which likeness is measured."""

    places: tuple[tuple[float, float], ...]
    components: tuple[tuple[float, ...], ...]


class Thumbnail(Answer, frozen=True, tag="thumbnail"):
    """A sound in small: peaks per column from 0 to 1, and a spectrogram as base64 bytes, column by column from low to high."""

    peaks: tuple[float, ...]
    rows: int
    spectrogram: str


class Wav(Answer, frozen=True, tag="wav"):
    """The sound as a WAV file of 16 bit."""

    wav: bytes


class SandboxChecked(Answer, frozen=True, tag="sandbox checked"):
    """Which fences stand, and which attempts (`network`, `files`, `programs`) were refused."""

    fences: tuple[str, ...]
    refused: tuple[str, ...]


class UnpackedArchive(Answer, frozen=True, tag="unpacked"):
    """What came out of an archive: counts, and the names that were not let out with the reasons."""

    content_hash: str
    folder: str
    files: int
    sounds: int
    size: int
    refused: tuple[tuple[str, str], ...] = ()
    in_packages: dict[str, int] = {}  # sounds in packages of macOS, by the path of the package


# Requests


class Request(Record, frozen=True, tag_field="op"):
    """What a worker is asked for."""

    answered_by: ClassVar[type[Answer]]
    most_characters: ClassVar[int] = USUAL_CHARACTERS

    @property
    def subject(self) -> str:
        """The name of the file that it is about, for a message."""
        path: str = getattr(self, "path", "")
        return os.path.basename(path) or "the request"

    def fits(self, answer: Answer) -> bool:  # noqa: ARG002  for those who can tell
        """Whether an answer of the right type can belong to this request."""
        return True


class AnalysisRequest(Request, frozen=True):
    """A file, how it is judged, and what is wanted besides the verdict."""

    path: str
    max_seconds: float | None = None  # what lasts longer is `long`
    use_names: bool = False  # words of the file's name count
    name_from: str = ""  # path whose words count where it is not `path`
    model: str = ""  # path of the model file; empty: the shipped one
    corrections: str = ""  # path of the file with the sounds that the user has named
    with_hash: bool = False
    with_digest: bool = False
    with_record: bool = False
    with_reasons: bool = False
    with_features: bool = False
    known: KnownSound | None = None  # then the file is not opened, if the model has the same ear


class Analyze(AnalysisRequest, frozen=True, tag="analyze"):
    """A verdict."""

    answered_by: ClassVar[type[Answer]] = Analyzed


class Plot(AnalysisRequest, frozen=True, tag="plot"):
    """A verdict with its reasons, and a picture: waveform, spectrogram, marked evidence."""

    answered_by: ClassVar[type[Answer]] = Plotted


class WriteTags(Request, frozen=True, tag="write tags"):
    """Write label and machine field into `temp`, a copy of `path`; everything else is verified against `path`."""

    path: str
    temp: str
    label: str
    machine: str
    overwrite: bool = False
    answered_by: ClassVar[type[Answer]] = TagsWritten


class Digest(Request, frozen=True, tag="digest"):
    """Hash of the decoded samples; with `audible`, the digest of what is heard, as the journal has it."""

    path: str
    audible: bool = False
    answered_by: ClassVar[type[Answer]] = Digested


class Measure(Request, frozen=True, tag="measure"):
    """How right these probabilities are: a row for each file in the order of LABELS, and the place of its label there."""

    probabilities: tuple[tuple[float, ...], ...]
    labels: tuple[int, ...]
    answered_by: ClassVar[type[Answer]] = Metrics


class CheckModel(Request, frozen=True, tag="check model"):
    """Whether a stranger's model is whole and harmless."""

    model: str
    answered_by: ClassVar[type[Answer]] = ModelChecked


class Train(Request, frozen=True, tag="train"):
    """A model of what the user has said, compared with the shipped one and the live one."""

    sounds: tuple[NamedSound, ...]
    own: tuple[str, ...]  # classes of the user's own
    live: str  # path of the model in force
    history: dict[str, AnalysisRecord]  # what was heard lately, by content hash
    when: str  # for the card
    answered_by: ClassVar[type[Answer]] = Trained
    most_characters: ClassVar[int] = MOST_CHARACTERS


class LayOutMap(Request, frozen=True, tag="lay out map"):
    """Places on a map for sounds with these features (base64 of float32)."""

    features: tuple[str, ...]
    answered_by: ClassVar[type[Answer]] = MapLayout
    most_characters: ClassVar[int] = MOST_CHARACTERS

    def fits(self, answer: Answer) -> bool:
        return not isinstance(answer, MapLayout) or (
            len(answer.places) == len(answer.components) == len(self.features)
        )


class MakeThumbnail(Request, frozen=True, tag="thumbnail"):
    """A sound in small."""

    path: str
    answered_by: ClassVar[type[Answer]] = Thumbnail


class RenderWav(Request, frozen=True, tag="wav"):
    """A sound as something that every player plays."""

    path: str
    answered_by: ClassVar[type[Answer]] = Wav
    most_characters: ClassVar[int] = MOST_CHARACTERS


class CheckSandbox(Request, frozen=True, tag="check sandbox"):
    """What a hostile file could do; `folder` is where a file could be written."""

    folder: str
    answered_by: ClassVar[type[Answer]] = SandboxChecked


class Unpack(Request, frozen=True, tag="unpack"):
    """Unpack the archive `path` into the new folder `folder`."""

    path: str
    folder: str
    limits: UnpackLimits
    answered_by: ClassVar[type[Answer]] = UnpackedArchive
    most_characters: ClassVar[int] = MOST_CHARACTERS

    def fits(self, answer: Answer) -> bool:
        return not isinstance(answer, UnpackedArchive) or answer.folder == self.folder


KIND_OF_ERROR: tuple[tuple[type[Exception], ErrorKind], ...] = (
    (AnalysisUnavailable, ErrorKind.UNAVAILABLE),
    (ImportError, ErrorKind.UNAVAILABLE),
    (InvalidRequest, ErrorKind.INVALID_REQUEST),
    (ActionFailed, ErrorKind.NOT_TAGGED),
    (UnreadableAudio, ErrorKind.UNREADABLE),
)


# Lines


def encode_request(number: int, request: Request) -> str:
    """One line without its end."""
    return json.dumps({"id": number, **_plain(request)})


def decode_request(line: str, known: Iterable[type[Request]]) -> tuple[int, Request]:
    """The id and the request, which is one of the `known`; raises InvalidRequest."""
    fields = _object_in(line, InvalidRequest)
    number = fields.pop("id", None)
    if type(number) is not int:
        raise InvalidRequest("a request needs an id, a whole number")
    by_tag = {str(kind.__struct_config__.tag): kind for kind in known}
    op = fields.get("op")
    kind = by_tag.get(op) if isinstance(op, str) else None
    if kind is None:
        raise InvalidRequest(f"unknown op {op!r}: this worker knows {', '.join(by_tag)}", number)
    try:
        return number, msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise InvalidRequest(f"the request {op!r} does not fit: {exc}", number) from exc


def encode_answer(number: int | None, answer: Answer) -> str:
    """One line of ASCII without its end; a number that JSON has no word for becomes a failure."""
    try:
        return json.dumps({"id": number, **_plain(answer)}, allow_nan=False)
    except (ValueError, TypeError, OverflowError) as exc:
        return json.dumps({"id": number, **_plain(Failed.of(exc))})


def decode_answer(line: str, number: int, request: Request) -> Answer:
    """The answer to this request with this id, of the type that the request promises or Failed; raises BrokenAnswer."""
    fields = _object_in(line, BrokenAnswer)
    found = fields.pop("id", None)
    if type(found) is not int or found != number:
        stale = type(found) is int and found < number
        raise BrokenAnswer(f"it answers {found!r:.20} and was asked {number}", stale=stale)
    kind = Failed if fields.get("answer") == "failed" else request.answered_by
    try:
        answer = msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise BrokenAnswer(f"it does not fit: {exc}") from exc
    if not request.fits(answer):
        raise BrokenAnswer("it is about something else")
    return answer


def _object_in(line: str, error: type[InvalidRequest | BrokenAnswer]) -> dict[str, Any]:
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError) as exc:
        raise error("it is no JSON") from exc
    if not isinstance(found, dict):
        raise error("it is no JSON object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _plain(record: Record) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_number)
    return plain


def _number(value: object) -> float:
    """A number of numpy's that is a float too."""
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _sentence(exc: Exception) -> str:
    """Our own errors are sentences already; a foreign one needs its name to be understood."""
    return str(exc) if isinstance(exc, DrumwatchError | InvalidRequest) else f"{type(exc).__name__}: {exc}"
