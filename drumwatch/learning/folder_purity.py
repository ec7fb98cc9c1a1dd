"""Judge which folder of the user's own holds what, and how purely, and propose `[labels]` for it; pure.

A folder stands for a label if nearly all of its sounds are of that label. Its subfolders may stand for types of it. A folder that is
named like a pack by a maker stands for none, and neither does anything in it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.config.templates import checked_folder_path
from drumwatch.core.formatting import count_of, share
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_LABEL_PATTERN
from drumwatch.filing.naming import component
from drumwatch.intake.pack_names import divides_a_library

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from drumwatch.core.records import Verdict

Use = Literal["label", "class", "mixture", "pack", "few"]

OTHER = "other"
FEWEST = 8  # sounds; a folder with fewer shows nothing
PURE = 0.8  # least share of one label in a folder that stands for it
PURE_IF_NAMED = 0.6  # the same where the folder's name says the label: the ear is not always right
LEAST_OF_A_NAMED_TYPE = (
    0.4  # least share of the type that the folder's name says, where its label is pure: types are harder
)
FEWEST_OF_A_CLASS = 20  # sounds of a class of the user's own
UNLIKELY = 0.1  # probability of the folder's label, below which a sound seems to lie in the wrong folder
SURE = 0.8  # least confidence in another label for that
LEAST_WEIGHT, MOST_WEIGHT = 0.02, 0.25  # of an adopted sound; a confirmation by the user has 1

# Words in names of folders, in the singular, and the label or type that they say.
_SAID: dict[str, str] = {
    word: kind
    for kind, words in {
        "kick": "kick bd bassdrum",
        "snare": "snare sd sn",
        "hat": "hat hh hihat",
        "percussion": "percussion perc",
        "clap": "clap snap cp",
        "rim": "rim rimshot sidestick rs",
        "tom": "tom",
        "hand-drum": "conga bongo djembe tabla",
        "bell": "bell cowbell cb",
        "shaker": "shaker tambourine maraca cabasa",
        "cymbal": "cymbal crash ride cy",
        "loop": "loop break breakbeat groove drumloop",
        "bass": "bass sub",
        "tonal": "tonal synth pad chord piano guitar key pluck lead melody string",
        "vocal": "vocal vox acapella voice",
        "fx": "fx sfx riser impact sweep transition",
    }.items()
    for word in words.split()
}
MOST_NAMED = 8  # folders in a line about many
_FOLDED: dict[Use, str] = {"pack": "are named like packs", "few": "hold too few sounds to tell"}
_SAID_TOGETHER = {
    "other": "other",
    "bass drum": "kick",
    "hand drum": "hand-drum",
    "side stick": "rim",
    "drum loop": "loop",
}
_KINDS_OF_HATS = {"closed": "hat-closed", "ch": "hat-closed", "open": "hat-open", "oh": "hat-open"}
# Words that say nothing of what is in a folder, so that it is no class of the user's own by its name.
_VAGUE_WORDS = """
    808 909 acoustic aif aiff all analog and artwork audio bonus clean clip copy demo dirty document documentation drum dry
    electronic file flac free from full hit instrument kit misc miscellaneous more mp3 music my new of ogg old one oneshot other
    preset processed project raw sample shot single sort sorted sound stem stuff the to top unsorted various wav wave wet
"""
_VAGUE = frozenset(_VAGUE_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+|\d{3}")
_PLURALS = {
    "hat-closed": "closed hats",
    "hat-open": "open hats",
    "hand-drum": "hand drums",
    "percussion": "percussion",
    "other": "other sounds",
    "bass": "basses",
    "tonal": "tonal sounds",
    "fx": "effects",
}


class SoundInFolder(NamedTuple):
    """An analyzed sound of a library."""

    path: Path
    folders: tuple[str, ...]  # between the library and the sound
    content_hash: str
    verdict: Verdict


class WrongPlace(NamedTuple):
    """A sound that seems to lie in the wrong folder, by ear and name."""

    sound: SoundInFolder
    folder: str  # as in `[labels]`
    stands_for: str  # the label or type of that folder


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What a folder holds, and what it is used for."""

    folder: str  # relative to the library, with / between its parts
    use: Use
    sounds: int  # with those of its subfolders
    kind: str = ""  # the label, type or own class for which it stands
    right: int = 0  # sounds of that label
    chosen: bool = False  # new sounds of this kind are filed into it
    nameable: bool = True  # its name can be in the configuration, and is the same on the disk
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def purity(self) -> float:
        """The share of sounds of the folder's label."""
        return self.right / self.sounds if self.sounds else 0.0

    def sentence(self) -> str:
        """Return the line about it: "Kicks: 412 sounds, 97 % kicks"."""
        start = f"{self.folder}: {count_of(self.sounds, 'sound')}"
        if self.use == "pack":
            return f"{start}, named like a pack: not used"
        if self.use == "few":
            return f"{start}: too few to tell, not used"
        if self.use == "class":
            return f"{start}, a class of your own"
        if self.use == "label":
            other = "" if self.chosen else "; another folder gets the new ones"
            other = other if self.nameable else "; a folder of this name cannot be in the configuration"
            return f"{start}, {share(self.purity)} {plural_of(self.kind)}{other}"
        return f"{start}, a mixture: not used"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is known of every folder, and the `[labels]` that follow."""

    reports: tuple[FolderReport, ...]

    @property
    def folders(self) -> dict[str, str]:
        """The folder that gets the new sounds of each label, type and own class."""
        chosen = {one.kind: one.folder for one in self.reports if one.chosen}
        order = dict.fromkeys((*LABELS, *LABEL_OF_TYPE, *sorted(self.classes)))
        return {kind: chosen[kind] for kind in order if kind in chosen}

    def changes(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Return what has to be set in these `[labels]`, so that each kind goes to its folder."""
        return {
            kind: folder
            for kind, folder in self.folders.items()
            if folder_of(label_for(kind, labels), labels) != folder
        }

    @property
    def classes(self) -> frozenset[str]:
        """The classes of the user's own."""
        return frozenset(one.kind for one in self.reports if one.use == "class")

    @property
    def is_empty(self) -> bool:
        """Whether no folder stands for anything."""
        return not any(one.chosen for one in self.reports)

    def sentences(self) -> list[str]:
        """Return a line for each folder that was judged by its sounds, and one for all that are named like packs, or hold too few."""
        judged = [one.sentence() for one in self.reports if one.use not in _FOLDED]
        return [*judged, *(line for use, what in _FOLDED.items() if (line := self._folded(use, what)))]

    def _folded(self, use: Use, what: str) -> str:
        folders = [one for one in self.reports if one.use == use]
        if len(folders) == 1:
            return folders[0].sentence()
        names = ", ".join(one.folder for one in folders[:MOST_NAMED]) + (
            " …" if len(folders) > MOST_NAMED else ""
        )
        return f"{len(folders)} folders {what}, not used: {names}" if folders else ""

    def without_folder(self) -> list[str]:
        """Return the labels of which no folder stands for the label or one of its types."""
        found = {one.kind for one in self.reports if one.chosen}
        return [label for label in LABELS if not found & {label, *_types_of(label)}]

    def with_reports(self, sounds: Iterable[SoundInFolder]) -> Iterator[tuple[SoundInFolder, FolderReport]]:
        """Yield each sound with the report of the innermost folder around it that stands for something; others are left out."""
        used = {one.folder: one for one in self.reports if one.kind}
        for sound in sounds:
            steps = ("/".join(sound.folders[:length]) for length in range(len(sound.folders), 0, -1))
            if report := next((used[step] for step in steps if step in used), None):
                yield sound, report


class _Folder:
    """A folder of the library with the labels and types of all sounds in and below it."""

    def __init__(self, steps: tuple[str, ...]) -> None:
        self.steps = steps
        self.labels: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self.direct: Counter[str] = Counter()  # labels of the sounds that lie in itself
        self.inner: dict[str, _Folder] = {}

    @property
    def name(self) -> str:
        return "/".join(self.steps)

    @property
    def sounds(self) -> int:
        return self.labels.total()

    def add(self, folders: tuple[str, ...], label: str, kind: str) -> None:
        """Count a sound in this folder, or in the one below it to which `folders` leads."""
        self.labels[label] += 1
        self.types[kind] += 1
        if not folders:
            self.direct[label] += 1
            return
        name, *rest = folders
        below = self.inner.setdefault(name, _Folder((*self.steps, name)))
        below.add(tuple(rest), label, kind)

    def without(self, inner: Collection[_Folder]) -> _Folder:
        """Return this folder without some of those directly in it."""
        rest = _Folder(self.steps)
        rest.labels, rest.types, rest.direct = Counter(self.labels), Counter(self.types), self.direct
        for one in inner:
            rest.labels -= one.labels
            rest.types -= one.types
        rest.inner = {name: one for name, one in self.inner.items() if one not in inner}
        return rest


def propose(
    sounds: Iterable[SoundInFolder], *, classes: Collection[str] = (), rejected: Collection[str] = ()
) -> Proposal:
    """Return what each folder stands for.

    `classes` are folders that the user names as classes of their own; `rejected` ones are no classes, because they could not be
    told apart from other sounds.
    """
    root = _Folder(())
    for sound in sounds:
        root.add(sound.folders, sound.verdict.label, sound.verdict.type or sound.verdict.label)
    reports = sorted(_below(root, frozenset(classes), frozenset(rejected)), key=lambda one: one.folder)
    return Proposal(tuple(_with_choice(reports)))


def wrong_places(sounds: Iterable[SoundInFolder], proposal: Proposal) -> Iterator[WrongPlace]:
    """Yield the sounds that are, by ear and name, very unlikely to be of their folder's label, and surely of another one."""
    for sound, report in proposal.with_reports(sounds):
        if report.use != "label":
            continue
        label, verdict = LABEL_OF_TYPE.get(report.kind, report.kind), sound.verdict
        if (
            verdict.label != label
            and verdict.confidence >= SURE
            and verdict.probabilities.get(label, 0.0) <= UNLIKELY
        ):
            yield WrongPlace(sound, report.folder, report.kind)


def weight_of(report: FolderReport) -> float:
    """Return how much the label of a folder counts for each of its sounds: the purer the folder, the more.

    A class of the user's own counts fully: the model knows nothing else of it, so that it contradicts nothing.
    """
    if report.use == "class":
        return 1.0
    return max(LEAST_WEIGHT, MOST_WEIGHT * (2 * report.purity - 1))


def named_kind(steps: tuple[str, ...]) -> str:
    """Return the label or type that the name of the last folder says; empty if it says none, or more than one label.

    "Closed" says a type only in a folder of hats.
    """
    words = _words(steps[-1])
    if kind := _SAID_TOGETHER.get(" ".join(words)):
        return kind
    said = {_SAID[word] for word in words if word in _SAID}
    is_of_hats = any(_SAID.get(word) == "hat" for step in steps for word in _words(step))
    if is_of_hats and said <= {"hat"}:
        said = {_KINDS_OF_HATS[word] for word in words if word in _KINDS_OF_HATS} or said
    if len(said) == 1:
        return said.pop()
    labels = {LABEL_OF_TYPE.get(kind, kind) for kind in said}
    return labels.pop() if len(labels) == 1 else ""


def plural_of(kind: str) -> str:
    """Return what the sounds of a label or type are called: kicks, closed hats."""
    return _PLURALS.get(kind, f"{kind}s" if kind in LABEL_OF_TYPE or kind in LABELS else kind)


def _below(folder: _Folder, classes: frozenset[str], rejected: frozenset[str]) -> Iterator[FolderReport]:
    """Yield the reports of the folders in one that stands for nothing itself."""
    for inner in sorted(folder.inner.values(), key=lambda one: one.name):
        yield from _reports_of(inner, classes, rejected)


def _reports_of(folder: _Folder, classes: frozenset[str], rejected: frozenset[str]) -> Iterator[FolderReport]:
    if folder.name in classes and folder.name not in rejected:
        yield FolderReport(folder.name, "class", folder.sounds, folder.steps[-1])
        return
    if not divides_a_library(folder.steps[-1]):
        yield FolderReport(folder.name, "pack", folder.sounds, labels=dict(folder.labels))
        return
    if folder.sounds < FEWEST:
        yield FolderReport(folder.name, "few", folder.sounds, labels=dict(folder.labels))
        return
    if _may_be_a_class(folder) and folder.name not in rejected:
        yield FolderReport(folder.name, "class", folder.sounds, folder.steps[-1])
        return
    kind = _kind_of(folder)
    if kind and not _only_holds_others(folder, kind):
        yield from _of_a_label(folder, kind, rejected)
        return
    if not kind and (folder.direct.total() >= FEWEST or not folder.inner):
        yield FolderReport(folder.name, "mixture", folder.direct.total(), labels=dict(folder.direct))
    yield from _below(folder, classes, rejected)


def _only_holds_others(folder: _Folder, kind: str) -> bool:
    """Return whether a folder whose name says nothing holds only folders, one of which is for its sounds: Drums with Kicks in it."""
    return (
        not named_kind(folder.steps)
        and folder.direct.total() < FEWEST
        and any(
            inner.sounds >= FEWEST and divides_a_library(name) and _kind_of(inner) == kind
            for name, inner in folder.inner.items()
        )
    )


def _label_report(folder: _Folder, kind: str) -> FolderReport:
    right = folder.labels[kind] if kind in LABELS else folder.types[kind]
    return FolderReport(folder.name, "label", folder.sounds, kind, right, labels=dict(folder.labels))


def _of_a_label(folder: _Folder, kind: str, rejected: frozenset[str]) -> Iterator[FolderReport]:
    """Yield the reports of a folder that stands for a label, and of its subfolders that stand for something of their own.

    These may be types of its label and, among other sounds than drums, classes of the user's own.
    """
    if LABEL_OF_TYPE.get(kind, kind) == OTHER:
        classes = [
            inner for inner in folder.inner.values() if _may_be_a_class(inner) and inner.name not in rejected
        ]
        for inner in sorted(classes, key=lambda one: one.name):
            yield FolderReport(inner.name, "class", inner.sounds, inner.steps[-1])
        folder = folder.without(classes)
        kind = _kind_of(folder) if folder.sounds >= FEWEST else ""
    if kind:
        yield _label_report(folder, kind)
        yield from _types_below(folder, kind)


def _types_below(folder: _Folder, kind: str) -> Iterator[FolderReport]:
    for inner in sorted(folder.inner.values(), key=lambda one: one.name):
        found = _kind_of(inner) if kind in LABELS and inner.sounds >= FEWEST else ""
        if found not in (kind, "") and LABEL_OF_TYPE.get(found) == kind:
            yield _label_report(inner, found)


def _kind_of(folder: _Folder) -> str:
    """Return the label or type for which a folder stands, by what is in it and by its name; empty for a mixture."""
    (label, count), *_ = folder.labels.most_common(1)
    said = named_kind(folder.steps)
    is_said = LABEL_OF_TYPE.get(said, said) == label
    if count < (PURE_IF_NAMED if is_said else PURE) * folder.sounds:
        return ""
    if is_said and said in LABELS:
        return said
    kind = said if is_said else folder.types.most_common(1)[0][0]
    least = LEAST_OF_A_NAMED_TYPE if is_said else PURE
    is_type = LABEL_OF_TYPE.get(kind) == label and folder.types[kind] >= least * folder.sounds
    return kind if is_type else label


def _may_be_a_class(folder: _Folder) -> bool:
    """Return whether a folder may be a class of the user's own: its name says something, and no label or type."""
    name = folder.steps[-1]
    telling = [word for word in _words(name) if word not in _VAGUE]
    return (
        bool(telling)
        and re.fullmatch(OWN_LABEL_PATTERN, name) is not None
        and not any(word in _SAID for word in telling)
        and not named_kind(folder.steps)
        and not any(divides_a_library(name) for name in folder.inner)
        and folder.sounds >= FEWEST_OF_A_CLASS
    )


def _with_choice(reports: list[FolderReport]) -> Iterator[FolderReport]:
    """Yield the reports; of several folders of one kind, the largest and purest gets the new sounds."""
    rivals: dict[str, list[FolderReport]] = defaultdict(list)
    for one in reports:
        if one.kind and _is_nameable(one):
            rivals[one.kind].append(one)
    best = {kind: max(some, key=_rank).folder for kind, some in rivals.items()}
    for one in reports:
        nameable = not one.kind or _is_nameable(one)
        yield replace(one, chosen=best.get(one.kind) == one.folder, nameable=nameable)


def _rank(report: FolderReport) -> tuple[float, str]:
    size = report.sounds if report.use == "class" else report.right * report.purity
    return size, report.folder


def _is_nameable(report: FolderReport) -> bool:
    """Return whether a folder can be in `[labels]`, and a sound that is filed there gets into this very folder.

    "Hat" cannot be the folder of kicks: on many disks it is that of the label hat.
    """
    try:
        checked_folder_path(report.folder).encode()
    except ValueError:  # a name that is not UTF-8 is one, too
        return False
    is_of_another = report.folder.casefold() in {*LABELS} - {report.kind}
    return not is_of_another and all(component(part) == part for part in report.folder.split("/"))


def _types_of(label: str) -> list[str]:
    return [kind for kind, of in LABEL_OF_TYPE.items() if of == label]


def _words(name: str) -> list[str]:
    """Return the words of a name in small letters and in the singular."""
    return [_singular(word.casefold()) for word in _WORD.findall(name)]


def _singular(word: str) -> str:
    if word in _SAID or word in _VAGUE:
        return word
    for ending in ("es", "s"):
        if word.endswith(ending) and (stem := word.removesuffix(ending)) in _SAID:
            return stem
    return word.removesuffix("s")
