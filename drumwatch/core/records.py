"""The nouns: FileEvent → Arrival → Verdict → Decision → Action → Entry. Frozen, and they know nothing of the outside."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  msgspec reads the annotations at run time
from typing import Literal, get_args

LABELS: tuple[str, ...] = ("kick", "snare", "hat", "percussion", "other")

TYPES: dict[str, tuple[str, ...]] = {
    "kick": ("kick",),
    "snare": ("snare",),
    "hat": ("hat-closed", "hat-open"),
    "percussion": ("clap", "rim", "tom", "hand-drum", "bell", "shaker"),
    "other": ("cymbal", "loop", "bass", "tonal", "vocal", "fx"),
}

LABEL_OF_TYPE: dict[str, str] = {kind: label for label, kinds in TYPES.items() for kind in kinds}

# What a class of the user's own may be called: it becomes a folder.
OWN_WORD = r"\w[\w &+-]{0,39}"

# The endings of the sounds that can be heard.
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

SHAPES: tuple[str, ...] = ("one-shot", "loop", "long")

# What a configuration may ask for. The journal also knows REMOVE_FOLDERS, which concerns folders that our own moves emptied.
ActionKind = Literal["move", "copy", "hardlink", "symlink", "tag", "leave"]
ACTIONS: tuple[ActionKind, ...] = get_args(ActionKind)
REMOVE_FOLDERS = "remove-folders"


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
}

FILING = tuple(kind for kind in ACTIONS if KINDS[kind].files)
HOLDING_SOUND = tuple(kind for kind in ACTIONS if KINDS[kind].holds_sound)
WRITING_SOUND = tuple(kind for kind in ACTIONS if KINDS[kind].writes_sound)

State = Literal["planned", "done", "failed", "undone"]
STATES: tuple[State, ...] = ("planned", "done", "failed", "undone")


class EventKind(enum.Enum):
    """What an event says: only a hint to look at the path, except that a close means "written to the end"."""

    CHANGED = "changed"
    CLOSED = "closed"
    GONE = "gone"
    MARKER = "marker"  # it may tell what the folder around it is: a song, an instrument, code
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
    """What tells one file from another without reading it: checked again at the last moment before acting."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int


NO_STAMP = FileStamp(0, 0, 0, 0)  # of what is none: a folder, or what lies in an archive

# The key in the detail of a REMOVE_FOLDERS entry: the removed folders.
FOLDERS = "folders"

# The rule of an entry that put a file of a pack with instruments into the library as it is, and the key of its detail that tells
# the document that needs it there. And the folder in the library for what comes with sounds.
KEPT_WHOLE, NEEDED_BY = "kept whole", "needed_by"
PACKS = "_packs"

# Keys of an entry's detail, for a sound that came in an archive.
ARCHIVE, ARCHIVE_HASH = "archive", "archive_hash"

# The rule of an entry about a project that was left whole, and the keys of its detail.
PROJECT = "project"
PROJECT_KIND, PROJECT_NAME, PROJECT_MARKER, PROJECT_SOUNDS = (
    "project_kind",
    "project_name",
    "marker",
    "sounds",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The archive that an unpacked file came in: while that is whole, the file can be had again."""

    archive: Path
    archive_hash: str  # blake2b-256 of the archive's bytes, hex
    inner: Path  # the name inside, relative

    @property
    def path(self) -> Path:
        """How people know the file: Pack.zip/Kicks/kick.wav."""
        return self.archive / self.inner


@dataclass(frozen=True, slots=True)
class Claim:
    """Something else needs a sound where it lies: it may be copied or linked, never moved."""

    by: str  # "Oak Kit.sfz", or "Song Project, an Ableton Live project"
    instead: ActionKind = "copy"  # what is done where a move was decided
    untouched: bool = False  # it is part of a project: no tag is written into it either
    keep_at: Path | None = None  # where in the library it goes first, with the pack that is kept whole there


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that has come to rest and is ready to be heard."""

    path: Path
    stamp: FileStamp
    watch: Path  # the watched folder, or the folder given to `sort`
    pack: str = ""  # the cleaned name of the pack it came in; empty for a single file
    origin: Origin | None = None  # of a file that lies unpacked at `path`, until it is filed
    claim: Claim | None = None

    @property
    def known_as(self) -> Path:
        """The path that people know it by."""
        return self.origin.path if self.origin else self.path


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: how far a feature moved the verdict towards its label (or, negative, against it)."""

    text: str  # in words: "energy below 120 Hz: 78 %"
    weight: float  # in probability points of the label, signed
    feature: str = ""


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
    name_says: str = ""  # the label that the file's name suggests, where names were asked; empty: nothing
    clash: str = ""  # the type by sound alone, where that leaves hardly a chance to what the name says


@dataclass(frozen=True, slots=True)
class Action:
    """One step to take. `destination` is the wished-for place: a taken name gets a number when it is done."""

    kind: ActionKind
    destination: Path | None = None  # None for leave and tag
    leave_link: bool = False  # after a move: a symlink at the old place
    overwrite_tags: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What should happen to one arrival, and why, in one sentence. Making it does nothing."""

    rule: str  # the rule's name, or "default", "unsure", "too long"
    actions: tuple[Action, ...]
    reason: str
    label: str  # the folder's label: the verdict's, or where the user sends its type
    confidence: float  # of that folder
    sure: bool
    type: str = (
        ""  # the likeliest of those that go there, or what the user has said; empty for what is no sound
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal: one planned action and what became of it."""

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
    undoes: int | None = None  # the entry that this one takes back
    # What only the action itself understands: temp name, tag patch, companions
    detail: dict[str, str] = field(default_factory=dict)

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
        """Whether it is about a project that was left whole, and not about a sound."""
        return self.rule == PROJECT and self.verdict is None

    @property
    def is_kept_whole(self) -> bool:
        """Whether it put a file into the library as it is, with a pack that instruments need as a whole."""
        return self.rule == KEPT_WHOLE and self.verdict is None
