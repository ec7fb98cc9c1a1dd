r"""The protocol between the main process and its worker processes: a request record and an answer record for each operation.

One JSON object per line: the fields of the record and an `id`; `op` is the kind of a request, `answer` that of an answer. Each side
validates what it reads. Lone surrogates in paths (names that are not UTF-8) survive as `\udcXX` escapes, which is why `json` writes and
reads the text.
"""

from __future__ import annotations

import enum
import json
import os
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from drumwatch.context.evidence import LevelEvidence  # noqa: TC001  msgspec reads the annotations at run time
from drumwatch.core.errors import ActionFailed, AnalysisUnavailable, DrumwatchError, UnreadableAudio
from drumwatch.core.records import Verdict  # noqa: TC001  msgspec reads the annotations at run time
from drumwatch.core.root_notes import NOTES
from drumwatch.workers import answer_checks

if TYPE_CHECKING:
    from collections.abc import Iterable

# The longest answers that are accepted, because an answer is held in memory before it is validated.
USUAL_CHARACTERS, MAX_CHARACTERS = 1 << 22, 1 << 28
# The most values in it, because each of them takes up to a hundred bytes of memory before it is validated.
USUAL_VALUES, MAX_VALUES = 1 << 16, 1 << 22


class InvalidRequest(Exception):  # noqa: N818  its text is for the log, because only a mistake of ours can cause it
    """A line that is no request that this worker knows; `number` is its id, if it has one."""

    def __init__(self, why: str, number: int | None = None) -> None:
        super().__init__(why)
        self.number = number


class BrokenAnswer(Exception):  # noqa: N818
    """A line that does not answer the request, which means that the worker is broken.

    `stale` is set if the line belongs to an earlier request, so that the present file is not to blame.
    """

    def __init__(self, why: str, *, stale: bool = False) -> None:
        super().__init__(why)
        self.stale = stale


class ErrorKind(enum.Enum):
    """Why a worker has no result."""

    UNREADABLE = "unreadable"  # this file cannot be decoded
    NOT_TAGGED = "not tagged"  # this file's tags cannot be written
    UNEXPECTED = "unexpected"  # this file causes an error that drumwatch does not expect
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
    """The result of an analysis, as the cache stores it: enough for a verdict by any model with the same first layer.

    Only the analysis understands it. The cache may hold rows of a later version: fields that are unknown here are skipped.
    """

    ear: str  # the part of the model that made it: `Model.ear`
    evidence: str  # base64 of float32
    duration: float  # seconds
    onsets: int
    tempo: float | None  # beats per minute, should it be a loop
    sound: str  # the digest, for earlier versions; not read here, as they did not tell float files apart
    digest: str = ""  # of the samples; empty if it was not asked for, or where an earlier version computed it
    note: str | None = None  # root note by its sound, empty if it has none; None: nobody has asked


class KnownSound(Record, frozen=True):
    """The content hash of a file, and the record of an earlier analysis of these bytes."""

    content_hash: str
    record: AnalysisRecord


class ComparedSound(Record, frozen=True):
    """A sound that is compared with others: its vector, the id of the analysis that computed it, and its type."""

    ear: str
    evidence: str  # base64 of float32
    type: str


class NamedSound(Record, frozen=True):
    """A sound that the user has named, for training."""

    content_hash: str
    label: str
    may_be: tuple[str, ...]  # the types, or own classes, that the label allows
    pack: str
    path: str
    known: AnalysisRecord | None = None
    weight: float = 1.0  # less for a sound that only its folder gives a label


class CalibrationBin(Record, frozen=True):
    """Files of similar confidence: the mean confidence, the share of right verdicts, and their share of all files."""

    says: float
    right: float
    share: float


class AnalyzedAgain(Record, frozen=True):
    """A sound that had to be analyzed again, because the cache had lost it."""

    size_bytes: int
    record: AnalysisRecord


class UnpackLimits(Record, frozen=True):
    """How much may be unpacked from an archive; see `intake.archives.limits.Limits`."""

    files: int
    size: int
    ratio: int
    min_free: int = 0
    rate: int = 0


# Answers


class Answer(Record, frozen=True, tag_field="answer"):
    """A worker's answer to a request."""

    names_files: ClassVar[bool] = False  # whether names that are not UTF-8 may be in it

    def problem(self) -> str:
        """Return what is wrong with it although its types are right; empty if nothing is."""
        return ""


class Failed(Answer, frozen=True, tag="failed"):
    """No result: a sentence for the user, and what is to blame."""

    message: str
    kind: ErrorKind
    cause: str = ""  # name and text of an exception that is not ours, for the log only
    names_files: ClassVar[bool] = True

    def problem(self) -> str:
        """Return whether it is too long for a sentence."""
        too_long = max(len(self.message), len(self.cause)) > answer_checks.LONGEST_MESSAGE
        return "it is too long for a sentence" if too_long else ""

    @classmethod
    def of(cls, exc: Exception, subject: str = "The file") -> Failed:
        """Return the failure that this exception means; `subject` is the name of the file in question."""
        known = (kind for error, kind in KIND_OF_ERROR if isinstance(exc, error))
        kind = next(known, ErrorKind.UNEXPECTED)
        if isinstance(exc, DrumwatchError):
            return cls(str(exc)[: answer_checks.LONGEST_MESSAGE], kind)
        sentence = FOREIGN_ERRORS.get(kind, FOREIGN_ERRORS[ErrorKind.UNEXPECTED])
        cause = f"{type(exc).__name__}: {exc}"
        return cls(sentence.format(subject=subject), kind, cause[: answer_checks.LONGEST_MESSAGE])


class Analyzed(Answer, frozen=True, tag="analyzed"):
    """The verdict on a sound, and the other results that were asked for."""

    verdict: Verdict
    content_hash: str = ""  # blake2b-256 of the file's bytes, hex
    sound_digest: str = ""  # hash of the samples, the same for every format and with any tags
    features: str = ""  # base64 of float32
    record: AnalysisRecord | None = None  # for the cache, if the sound was not in it
    copy_of: str = ""  # content hash of the sound with a label of the user of which this is a near copy

    def problem(self) -> str:
        """Return what is wrong with the verdict or a hash."""
        hashes = (self.content_hash, self.copy_of, self.sound_digest)
        if not all(map(answer_checks.HASH.fullmatch, hashes)):
            return "it has no hash"
        return answer_checks.verdict_problem(self.verdict)


class Plotted(Analyzed, frozen=True, kw_only=True, tag="plotted"):
    """The verdict on a sound with a plot as SVG."""

    svg: str


class TagsWritten(Answer, frozen=True, tag="tags written"):
    """The fields that were written (`genre`, `group`, `machine`, in a WAV also `keywords` and `tempo`), and what they were before."""

    written: dict[str, str]
    before: dict[str, str]


class TagsProven(Answer, frozen=True, tag="tags proven"):
    """The number of frames that were decoded of both files and found equal."""

    frames: int


class Digested(Answer, frozen=True, tag="digested"):
    """Hash of the decoded samples."""

    digest: str

    def problem(self) -> str:
        """Return whether it is no digest."""
        return "" if answer_checks.HASH.fullmatch(self.digest) else "it has no digest"


class NoteFound(Answer, frozen=True, tag="note found"):
    """The root note of a sound, as `F#`; empty if it has none, or its methods do not agree."""

    note: str

    def problem(self) -> str:
        """Return whether it is no note."""
        return "" if self.note in {"", *NOTES} else "it has no note"


class CodeCompiled(Answer, frozen=True, tag="code compiled"):
    """The code that finds root notes is compiled, and was tried."""


class Metrics(Answer, frozen=True, tag="metrics"):
    """The accuracy of a model; rows of `confusion` are the true labels, columns the predicted ones."""

    figures: dict[str, float]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[CalibrationBin, ...]


class ModelChecked(Answer, frozen=True, tag="model checked"):
    """The id of a model that is complete and valid."""

    id_of_model: str


class Trained(Answer, frozen=True, tag="trained"):
    """The trained model, its card with the comparison, and the sounds that had to be analyzed again, by content hash."""

    npz: bytes
    card: dict[str, Any]
    analyzed: dict[str, AnalyzedAgain]


class MapLayout(Answer, frozen=True, tag="map layout"):
    """For each sound its place on the map, from 0 to 1, and its principal components, by which distances are measured."""

    places: tuple[tuple[float, float], ...]
    components: tuple[tuple[float, ...], ...]


class FoundSimilar(Answer, frozen=True, tag="found similar"):
    """The keys of the most similar of the sounds that were compared, the nearest first."""

    keys: tuple[str, ...]


class Compared(Answer, frozen=True, tag="compared"):
    """For each sound its place in a space where sounds that go together are near each other, and which are nearly the same.

    A sound has no place (an empty one) if its vector is of another analysis than the model's.
    """

    places: tuple[tuple[float, ...], ...]
    near: tuple[tuple[int, int], ...]  # indices, the lower one first

    def problem(self) -> str:
        """Return whether the places do not fit each other, or an index is impossible."""
        if len({len(place) for place in self.places if place}) > 1:
            return "its places have different dimensions"
        possible = all(0 <= one < other < len(self.places) for one, other in self.near)
        return "" if possible else "it names a sound that it was not asked about"


class ConvertedSound(Answer, frozen=True, tag="converted"):
    """The sound as a WAV file that the device takes, or nothing if the device takes the file as it is.

    `content_hash` is that of the file that was read.
    """

    content_hash: str
    wav: bytes = b""

    def problem(self) -> str:
        """Return whether it has no hash."""
        return "" if answer_checks.HASH.fullmatch(self.content_hash) else "it has no hash"


class Thumbnail(Answer, frozen=True, tag="thumbnail"):
    """Peaks per column from 0 to 1, and a small spectrogram as base64 bytes, column by column from low to high."""

    peaks: tuple[float, ...]
    rows: int
    spectrogram: str


class Wav(Answer, frozen=True, tag="wav"):
    """The sound as a WAV file of 16 bit."""

    wav: bytes


class SandboxChecked(Answer, frozen=True, tag="sandbox checked"):
    """The sandbox methods in force, and the attempts (`network`, `files`, `programs`, `processes`) that they refused."""

    methods: tuple[str, ...]
    refused: tuple[str, ...]


class UnpackedArchive(Answer, frozen=True, tag="unpacked"):
    """The contents of an archive: counts, and the names that were not unpacked with the reasons."""

    content_hash: str
    folder: str
    files: int
    sounds: int
    size: int
    refused: tuple[tuple[str, str], ...] = ()
    in_packages: dict[str, int] = {}  # sounds in packages of macOS, by the path of the package
    names: dict[str, str] = {}  # in the archive, by the path in the folder, where these differ
    names_files: ClassVar[bool] = True

    def problem(self) -> str:
        """Return whether a number or the hash is impossible."""
        counts = (self.files, self.sounds, self.size, *self.in_packages.values())
        possible = min(counts) >= 0 and answer_checks.HASH.fullmatch(self.content_hash)
        return "" if possible else "it has no count or no hash"


# Requests


class Request(Record, frozen=True, tag_field="op"):
    """A request to a worker."""

    answered_by: ClassVar[type[Answer]]
    max_characters: ClassVar[int] = USUAL_CHARACTERS
    max_values: ClassVar[int] = USUAL_VALUES

    @property
    def subject(self) -> str:
        """The name of the file that the request is about, for a message."""
        path: str = getattr(self, "path", "")
        return os.path.basename(path) or "the request"

    def fits(self, answer: Answer) -> bool:  # noqa: ARG002  subclasses use it
        """Return whether an answer of the right type can belong to this request."""
        return True

    def is_done(self, answer: Answer) -> bool:  # noqa: ARG002  subclasses use it
        """Return whether that which the answer claims to have been made on this machine is there."""
        return True


class AnalysisRequest(Request, frozen=True):
    """A file, how it is classified, and which results are wanted besides the verdict."""

    path: str
    max_seconds: float | None = None  # a longer sound is `long`
    use_names: bool = False  # use hints in the file's name
    name_from: str = ""  # the path with the hints, if it is not `path`
    model: str = ""  # path of the model file; empty: the shipped one
    context: tuple[
        LevelEvidence, ...
    ] = ()  # evidence of the neighbors of the sound; empty: it is judged alone
    corrections: str = ""  # path of the file with the sounds that have a label of the user
    with_hash: bool = False
    with_digest: bool = False
    with_record: bool = False
    with_reasons: bool = False
    with_features: bool = False
    with_note: bool = (
        False  # `NoteFinder` adds the root note if the sound can ring; the worker only reads names
    )
    known: KnownSound | None = None  # the file is not opened if the model can use this record


class Analyze(AnalysisRequest, frozen=True, tag="analyze"):
    """Classify a sound."""

    answered_by: ClassVar[type[Answer]] = Analyzed


class Plot(AnalysisRequest, frozen=True, tag="plot"):
    """Classify a sound and plot it: waveform, spectrogram, marked reasons."""

    answered_by: ClassVar[type[Answer]] = Plotted


class WriteTags(Request, frozen=True, tag="write tags"):
    """Write label and machine field into `temp`, a copy of `path`."""

    path: str
    temp: str
    label: str
    machine: str
    overwrite: bool = False
    keywords: str = ""  # for a WAV: "kick; one-shot"
    tempo: str = ""  # of a loop, for a WAV: whole beats per minute
    answered_by: ClassVar[type[Answer]] = TagsWritten


class ProveTags(Request, frozen=True, tag="prove tags"):
    """Decode `path` and `temp`, its copy with the tags of WriteTags, and prove that they differ in these tags only."""

    path: str
    temp: str
    label: str
    machine: str
    overwrite: bool = False
    keywords: str = ""  # for a WAV: "kick; one-shot"
    tempo: str = ""  # of a loop, for a WAV: whole beats per minute
    answered_by: ClassVar[type[Answer]] = TagsProven


class Digest(Request, frozen=True, tag="digest"):
    """Compute the hash of the decoded samples; with `audible`, the digest of what is heard, as the journal has it."""

    path: str
    audible: bool = False
    answered_by: ClassVar[type[Answer]] = Digested


class FindNote(Request, frozen=True, tag="find note"):
    """Find the root note of a sound; only a worker that does nothing else can do that."""

    path: str
    answered_by: ClassVar[type[Answer]] = NoteFound


class CompileCode(Request, frozen=True, tag="compile code"):
    """Compile the code that finds root notes, unless that was done before."""

    answered_by: ClassVar[type[Answer]] = CodeCompiled


class Measure(Request, frozen=True, tag="measure"):
    """Measure predicted probabilities: a row for each file in the order of LABELS, and the index of its true label."""

    probabilities: tuple[tuple[float, ...], ...]
    labels: tuple[int, ...]
    answered_by: ClassVar[type[Answer]] = Metrics


class CheckModel(Request, frozen=True, tag="check model"):
    """Check whether a model from elsewhere is complete and harmless."""

    model: str
    answered_by: ClassVar[type[Answer]] = ModelChecked


class Train(Request, frozen=True, tag="train"):
    """Train a model with the user's corrections, and compare it with the shipped model and the one in force."""

    sounds: tuple[NamedSound, ...]
    own: tuple[str, ...]  # classes of the user's own
    live: str  # path of the model in force
    history: dict[str, AnalysisRecord]  # recently analyzed sounds, by content hash
    when: str  # for the card
    answered_by: ClassVar[type[Answer]] = Trained
    max_characters: ClassVar[int] = MAX_CHARACTERS
    max_values: ClassVar[int] = MAX_VALUES


class LayOutMap(Request, frozen=True, tag="lay out map"):
    """Lay out sounds with these features (base64 of float32) on a map."""

    features: tuple[str, ...]
    answered_by: ClassVar[type[Answer]] = MapLayout
    max_characters: ClassVar[int] = MAX_CHARACTERS
    max_values: ClassVar[int] = MAX_VALUES

    def fits(self, answer: Answer) -> bool:
        """Return whether there is a place for each sound."""
        return not isinstance(answer, MapLayout) or (
            len(answer.places) == len(answer.components) == len(self.features)
        )


class CompareSounds(Request, frozen=True, tag="compare"):
    """Compare analyzed sounds, each with what is usual for its type."""

    sounds: tuple[ComparedSound, ...]
    model: str = ""  # path of the model file; empty: the shipped one
    answered_by: ClassVar[type[Answer]] = Compared
    max_characters: ClassVar[int] = MAX_CHARACTERS
    max_values: ClassVar[int] = MAX_VALUES

    def fits(self, answer: Answer) -> bool:
        """Return whether there is a place for each sound."""
        return not isinstance(answer, Compared) or len(answer.places) == len(self.sounds)


class ConvertSound(Request, frozen=True, tag="convert"):
    """Convert a whole sound to a WAV file that a device takes, unless it takes the file as it is."""

    path: str
    formats: tuple[str, ...]  # that the device takes, by libsndfile's names: WAV, AIFF
    rates: tuple[int, ...]  # Hz; the first one is what other rates are converted to
    depths: tuple[int, ...]  # bits, 16 and 24
    answered_by: ClassVar[type[Answer]] = ConvertedSound
    max_characters: ClassVar[int] = MAX_CHARACTERS


class FindSimilar(Request, frozen=True, tag="find similar"):
    """Compare a sound with others that the same nets have analyzed; features are base64 of float32, `among` has them by any key."""

    features: str
    among: dict[str, str]
    model: str = ""  # path of the model file; empty: the shipped one
    answered_by: ClassVar[type[Answer]] = FoundSimilar

    def fits(self, answer: Answer) -> bool:
        """Return whether only sounds that were given are named."""
        return not isinstance(answer, FoundSimilar) or self.among.keys() >= set(answer.keys)


class MakeThumbnail(Request, frozen=True, tag="thumbnail"):
    """Compute a thumbnail of a sound."""

    path: str
    answered_by: ClassVar[type[Answer]] = Thumbnail


class RenderWav(Request, frozen=True, tag="wav"):
    """Convert a sound to a WAV file that every browser plays."""

    path: str
    answered_by: ClassVar[type[Answer]] = Wav
    max_characters: ClassVar[int] = MAX_CHARACTERS


class CheckSandbox(Request, frozen=True, tag="check sandbox"):
    """Try what a hostile file could do; `folder` is where it would try to write a file."""

    folder: str
    answered_by: ClassVar[type[Answer]] = SandboxChecked


class Unpack(Request, frozen=True, tag="unpack"):
    """Unpack the archive `path` into the new folder `folder`."""

    path: str
    folder: str
    limits: UnpackLimits
    portable: bool = False  # make all names portable, as the disk wants it
    answered_by: ClassVar[type[Answer]] = UnpackedArchive
    max_characters: ClassVar[int] = MAX_CHARACTERS
    max_values: ClassVar[int] = MAX_VALUES

    def fits(self, answer: Answer) -> bool:
        """Return whether the archive was unpacked into the right folder."""
        return not isinstance(answer, UnpackedArchive) or answer.folder == self.folder

    def is_done(self, answer: Answer) -> bool:
        """Return whether the folder is there."""
        return not isinstance(answer, UnpackedArchive) or os.path.isdir(self.folder)


KIND_OF_ERROR: tuple[tuple[type[Exception], ErrorKind], ...] = (
    (AnalysisUnavailable, ErrorKind.UNAVAILABLE),
    (ImportError, ErrorKind.UNAVAILABLE),
    (InvalidRequest, ErrorKind.INVALID_REQUEST),
    (ActionFailed, ErrorKind.NOT_TAGGED),
    (UnreadableAudio, ErrorKind.UNREADABLE),
)

# Sentences for the user about exceptions of other libraries and mistakes of ours.
FOREIGN_ERRORS: dict[ErrorKind, str] = {
    ErrorKind.UNAVAILABLE: (
        "No sound can be analyzed, because a module that drumwatch needs cannot be loaded. Install drumwatch again."
    ),
    ErrorKind.INVALID_REQUEST: (
        "No sound can be analyzed, because the analysis process is of another version of drumwatch. Restart drumwatch."
    ),
    ErrorKind.UNEXPECTED: (
        "{subject} could not be processed, because of an error that drumwatch does not expect: its log has the details."
        " Please report it."
    ),
}


# Lines

_STRICT = json.JSONEncoder(allow_nan=False)


def encode_request(number: int, request: Request) -> str:
    """Return the request as one line without its end."""
    return json.dumps({"id": number, **_plain(request)})


def decode_request(line: str, known: Iterable[type[Request]]) -> tuple[int, Request]:
    """Return the id and the request, which is one of the `known` types; raises InvalidRequest."""
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
    """Return the answer as one line of ASCII without its end; a number that JSON cannot express becomes a failure."""
    try:
        return _STRICT.encode({"id": number, **_plain(answer)})
    except (ValueError, TypeError, OverflowError) as exc:
        return json.dumps({"id": number, **_plain(Failed.of(exc))})


def decode_answer(line: str, number: int, request: Request) -> Answer:
    """Return the answer to this request with this id: of the promised type, or Failed. Raises BrokenAnswer."""
    fields = _object_in(line, BrokenAnswer, request.max_values)
    found = fields.pop("id", None)
    if type(found) is not int or found != number:
        stale = type(found) is int and found < number
        raise BrokenAnswer(f"it answers {found!r:.20} and was asked {number}", stale=stale)
    kind = Failed if fields.get("answer") == "failed" else request.answered_by
    try:
        answer = msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise BrokenAnswer(f"it does not fit: {exc}") from exc
    if answer_checks.may_have_surrogates(line) and answer_checks.has_odd_surrogates(
        fields, names=answer.names_files
    ):
        raise BrokenAnswer("it has text that is no Unicode")
    if problem := answer.problem():
        raise BrokenAnswer(problem)
    if not request.fits(answer):
        raise BrokenAnswer("it is about something else")
    return answer


def _object_in(
    line: str, error: type[InvalidRequest | BrokenAnswer], most_values: int | None = None
) -> dict[str, Any]:
    try:
        found = answer_checks.parse(line, most_values)
    except (ValueError, RecursionError) as exc:
        raise error("it is no JSON") from exc
    if not isinstance(found, dict):
        raise error("it is no JSON object")
    return found


def _plain(record: Record) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_number)
    return plain


def _number(value: object) -> float:
    """Return a number of numpy as a plain float."""
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")
