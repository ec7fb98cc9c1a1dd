"""The records that a sound passes through: FileEvent → Arrival → Verdict → Decision → Action → Entry. Frozen and pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  msgspec reads the annotations at run time
from typing import Literal, get_args

from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail

LABELS: tuple[str, ...] = ("kick", "snare", "hat", "percussion", "other")

TYPES: dict[str, tuple[str, ...]] = {
    "kick": ("kick",),
    "snare": ("snare",),
    "hat": ("hat-closed", "hat-open"),
    "percussion": ("clap", "rim", "tom", "hand-drum", "bell", "shaker"),
    "other": ("cymbal", "loop", "bass", "tonal", "vocal", "fx"),
}

LABEL_OF_TYPE: dict[str, str] = {kind: label for label, kinds in TYPES.items() for kind in kinds}

# The pattern of the user's own labels: a label becomes a folder.
OWN_LABEL_PATTERN = r"\w[\w &+-]{0,39}"

# The file name endings of the sounds that can be analyzed.
AUDIO_SUFFIXES = frozenset(
    {
        ".wav",
        ".wave",
        ".rf64",
        ".w64",
        ".aif",
        ".aiff",
        ".aifc",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".caf",
    }
)

# The endings of the sounds that the extra `formats` decodes, with the names by which people know these formats.
EXTRA_FORMATS = {
    ".m4a": "M4A",
    ".aac": "AAC",
    ".wma": "WMA",
    ".wv": "WavPack",
    ".ape": "Monkey's Audio",
    ".amr": "AMR",
    ".awb": "AMR",
}

SOUND_SUFFIXES = AUDIO_SUFFIXES | EXTRA_FORMATS.keys()

SHAPES: tuple[str, ...] = ("one-shot", "loop", "long")

# What a configuration may ask for. The journal also knows REMOVE_FOLDERS, which concerns folders that our own moves emptied, and CONVERT.
ActionKind = Literal["move", "copy", "hardlink", "symlink", "tag", "leave"]
ACTIONS: tuple[ActionKind, ...] = get_args(ActionKind)
REMOVE_FOLDERS = "remove-folders"
CONVERT = "convert"  # writes a converted copy of a sound into a kit; it too is no action of a configuration


@dataclass(frozen=True, slots=True)
class KindTraits:
    """What all packages may know of a kind of action; how it is carried out is in `filing/actions/`."""

    files: bool = False  # it makes a file or a link in the library, at the place that the layout gives
    holds_sound: bool = (
        False  # what it makes is a file with the sound's own bytes: from then on, the sound is there
    )
    writes_sound: bool = False  # it writes a file as large as the sound


KINDS: dict[str, KindTraits] = {
    "move": KindTraits(files=True, holds_sound=True),
    "copy": KindTraits(files=True, holds_sound=True, writes_sound=True),
    "hardlink": KindTraits(files=True, holds_sound=True),
    "symlink": KindTraits(files=True),
    "tag": KindTraits(writes_sound=True),
    "leave": KindTraits(),
    REMOVE_FOLDERS: KindTraits(),
    CONVERT: KindTraits(writes_sound=True),
}

FILING = tuple(kind for kind in ACTIONS if KINDS[kind].files)
HOLDING_SOUND = tuple(kind for kind in ACTIONS if KINDS[kind].holds_sound)
WRITING_SOUND = tuple(kind for kind in ACTIONS if KINDS[kind].writes_sound)

State = Literal["planned", "done", "failed", "undone"]
STATES: tuple[State, ...] = ("planned", "done", "failed", "undone")


class EventKind(enum.Enum):
    """What happened at a path: only a hint to look there, except that CLOSED means that the file was written to its end."""

    CHANGED = "changed"
    CLOSED = "closed"
    GONE = "gone"
    MARKER = "marker"  # a file that may show what the folder around it is: a song, an instrument, code
    FOLDER = "folder"  # a folder appeared or changed: scan it
    OVERFLOW = "overflow"  # events were lost: scan everything


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A hint that something happened at a path below a watched folder."""

    path: Path
    kind: EventKind
    watch: Path


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What distinguishes a file from others without reading it; checked again at the last moment before an action."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    volume: str = field(
        default="", compare=False
    )  # of files in the journal: what tells the disk for longer than `device`


NO_STAMP = FileStamp(0, 0, 0, 0)  # of a folder, or of a file in an archive

# The rule of an entry that put a file of a pack with instruments into the library as it is.
KEPT_WHOLE = "kept whole"
PACKS = "_packs"  # the folder in the library for files that come with sounds

KIT = "kit"  # the rule of an entry that put a link to a filed sound, or a copy of one, into a kit
KITS = "_kits"  # the folder in the library for kits

CANNOT_ANALYZE = "cannot be heard"  # the rule of an entry about a file that cannot be analyzed or unpacked

# The rules of an entry about what became of an archive as a whole.
ARCHIVE, ARCHIVE_UNREAD = "archive", "archive not wholly read"

# The rule of an entry about a sound in a folder of the user's own that sounds like another label; nothing was done with it.
WRONG_FOLDER = "wrong folder"

MOVED_BY_USER = "moved by you"  # the rule of an entry about a sound that the user has moved in the library

PROJECT = "project"  # the rule of an entry about a project that was left whole


@dataclass(frozen=True, slots=True)
class Origin:
    """The archive that an unpacked file came in: as long as that is unchanged, the file can be unpacked again."""

    archive: Path
    archive_hash: str  # blake2b-256 of the archive's bytes, hex
    inner: Path  # the name inside, relative
    name: str = (
        ""  # the name inside as the archive has it, if that differs; bytes that are no UTF-8 are surrogates
    )

    @property
    def path(self) -> Path:
        """Return the path by which people know the file: Pack.zip/Kicks/kick.wav."""
        return self.archive / self.inner


@dataclass(frozen=True, slots=True)
class Claim:
    """Something else needs a sound where it is: it may be copied or linked, never moved."""

    by: str  # "Oak Kit.sfz", or "Song Project, an Ableton Live project"
    instead: ActionKind = "copy"  # what is done where a move was decided
    untouched: bool = False  # it is part of a project: no tag is written into it either
    keep_at: Path | None = None  # where in the library it goes first, with the pack that is kept whole there


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that is written to its end and ready to be analyzed."""

    path: Path
    stamp: FileStamp
    watch: Path  # the watched folder, or the folder given to `sort`
    pack: str = ""  # the cleaned name of the pack it came in; empty for a single file
    origin: Origin | None = None  # of a file that is unpacked at `path` until it is filed
    claim: Claim | None = None

    @property
    def known_as(self) -> Path:
        """Return the path by which people know the file."""
        return self.origin.path if self.origin else self.path


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: how much it changed the probability of the label; negative: lowered it."""

    text: str  # as a musician says it: "long low boom without a click"
    weight: float  # in probability points of the label, signed
    feature: str = ""
    measured: str = ""  # the numbers behind it; empty in reasons of earlier versions


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sound is, how sure that is, and why."""

    label: str
    type: str
    confidence: float  # calibrated probability that the label is right
    probabilities: dict[str, float]  # per label, sums to 1
    types: dict[str, float]  # per type, sums to 1; the types of a label sum to its probability
    runner_up: str
    shape: str  # one of SHAPES
    duration: float
    tempo: float | None = None  # beats per minute, loops only
    reasons: tuple[Reason, ...] = ()
    model: str = ""
    name_says: str = ""  # the label that the file's name suggests, if names are used; empty: none
    clash: str = ""  # the type by sound alone, if the label of the name or of the verdict is very unlikely by it; else empty
    # Per label, by sound alone; empty in verdicts of earlier versions
    by_sound: dict[str, float] = field(default_factory=dict)
    # The same with the file's name; empty if that is no evidence
    with_name: dict[str, float] = field(default_factory=dict)
    context: tuple[Reason, ...] = ()  # how its neighbors changed the probability of the label
    context_strength: float = 0.0  # strength of their evidence, as a natural log; 0: none
    note: str | None = (
        None  # root note, as "F#"; empty: it has none, or in doubt; None: nobody has looked for it
    )
    note_from: str = ""  # "name" or "sound": what the note was read from

    @property
    def claimed(self) -> str:
        """The label that the sound contradicts: what the name says, or what the neighbors made of it; empty if there is no clash."""
        if not self.clash:
            return ""
        claims = (name for name in (self.name_says, self.label) if name)
        return min(claims, key=lambda name: self.by_sound.get(name, 0.0))


@dataclass(frozen=True, slots=True)
class Action:
    """One step to take. `destination` is the wanted place: if its name is taken, a number is added when the action is carried out."""

    kind: ActionKind
    destination: Path | None = None  # None for leave and tag
    leave_link: bool = False  # after a move: a symlink at the old place
    overwrite_tags: bool = False
    name_limit: int = 0  # bytes of the name with its number; 0: only what the disk takes
    max_per_folder: int = 0  # sounds and folders; a full one is followed by another; 0: no limit


@dataclass(frozen=True, slots=True)
class Decision:
    """What should happen to one arrival, and why, in one sentence; nothing has been done yet."""

    rule: str  # the rule's name, or "default", "unsure", "too long"
    actions: tuple[Action, ...]
    reason: str
    label: str  # the folder's label: the verdict's, or where the user sends its type
    confidence: float  # of that folder
    sure: bool
    type: str = ""  # the likeliest type in that folder, or the user's; empty for a file that is no sound


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal: one planned action and its result."""

    id: int
    time: float  # seconds since the epoch
    batch: int
    pack: str
    source: Path
    destination: Path | None
    action: str
    state: State
    label: str
    type: str
    confidence: float
    rule: str
    reason: str
    model: str
    content_hash: str  # blake2b-256 of the file's bytes before the action, hex
    stamp: FileStamp | None  # of the source before the action
    verdict: Verdict | None = None
    error: str = ""
    undoes: int | None = None  # the entry that this one undoes
    detail: EntryDetail = NO_DETAIL

    @property
    def location(self) -> Path:
        """Return where the sound is now, as far as this entry knows; for an entry about a folder, that folder.

        After a move, a copy or a hard link that is the file in the library; a symlink and tags leave the sound at its source.
        """
        holds_sound = self.state == "done" and self.action in HOLDING_SOUND
        return self.destination if holds_sound and self.destination else self.source

    @property
    def result_path(self) -> Path:
        """Return the path of the file or link that the action makes in the library; the source if it makes none."""
        return self.destination if self.action in FILING and self.destination else self.source

    @property
    def is_project(self) -> bool:
        """Return whether the entry is about a project that was left whole, and not about a sound."""
        return self.rule == PROJECT and self.verdict is None

    @property
    def is_archive_outcome(self) -> bool:
        """Return whether the entry says what became of an archive as a whole, and acts on no file."""
        return self.rule in (ARCHIVE, ARCHIVE_UNREAD) and self.verdict is None

    @property
    def is_about_no_sound(self) -> bool:
        """Return whether the entry is about a project or an archive, and has no sound of its own."""
        return self.is_project or self.is_archive_outcome

    @property
    def is_kit(self) -> bool:
        """Return whether the entry put a filed sound into a kit as well; the sound itself stays where it was filed."""
        return self.rule == KIT and self.verdict is None

    @property
    def is_kept_whole(self) -> bool:
        """Return whether the entry put a file into the library as it is, with a pack that instruments need as a whole."""
        return self.rule == KEPT_WHOLE and self.verdict is None
