"""One kit from the wish to the files: what the workers have to be asked, in which order, and what follows from their answers."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.core.errors import UsageError
from drumwatch.core.formatting import count_of, printable
from drumwatch.kits import library_sounds
from drumwatch.kits.choosing import Candidate, choose
from drumwatch.kits.conversions import AS_IT_IS, Conversion, request_for
from drumwatch.kits.devices import FOLDER, Device
from drumwatch.kits.making import KitFile, KitMaker
from drumwatch.kits.names import file_stems
from drumwatch.kits.places import place_for
from drumwatch.kits.roles import in_words
from drumwatch.workers import model_store
from drumwatch.workers.protocol import Analyze, ComparedSound, CompareSounds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.kits.library_sounds import FileNow, LibrarySound
    from drumwatch.kits.making import MadeKit
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Analyzed, Compared, ConvertedSound, ConvertSound

USUAL_SIZE = 16
MOST_SIZE = 128
NOTHING = "The library has no sound for a kit: sort some one-shots first, or connect the disk on which the sorted ones are."


@dataclass(frozen=True, slots=True)
class KitWish:
    """What the user wants."""

    name: str
    seed: int
    size: int = USUAL_SIZE
    device: Device = FOLDER
    to: Path | None = None  # None: into the library's folder for kits
    links: bool = True  # hard links where that is possible
    ids: tuple[int, ...] = ()  # entries of filed sounds that have to be in the kit


class KitJob:
    """Chooses and makes one kit; `kit_run` calls the methods, in the order in which they stand here."""

    def __init__(
        self,
        wish: KitWish,
        config: Config,
        journal: Journal,
        cache: AnalysisCache,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Read the filed sounds; raises UsageError if the name or the folder is none for a kit, or too much is wanted."""
        if wish.device.most_files and wish.size > wish.device.most_files:
            raise UsageError(
                f"{wish.device.title[0].upper()}{wish.device.title[1:]} takes {wish.device.most_files} sounds at once: choose a"
                " smaller --size."
            )
        self.wish = wish
        self.place = place_for(wish.name, config, wish.device, wish.to)
        self.notes: list[str] = []  # sentences about what is otherwise than wanted
        self._journal = journal
        self._cache = cache
        self._clock = clock
        self._wanted = set(wish.ids)
        self._sounds = {
            one.id: one
            for one in library_sounds.filed_sounds(journal, cache, seed=wish.seed, wanted=self._wanted)
        }
        self._like: list[ComparedSound] = []
        self._unreadable: set[int] = set()
        self._now: dict[int, FileNow] = {}
        self._chosen: list[LibrarySound] = []
        if self._wanted and (left := len(self._wanted - self._sounds.keys())):
            self.notes.append(
                f"{count_of(left, 'chosen sound')} cannot be in a kit: not filed, no one-shot, or the same as another."
            )

    # Analysis

    def like_request(self, path: Path) -> Analyze:
        """Return the request to analyze a file that the kit is to be like."""
        return Analyze(
            str(path),
            use_names=True,
            model=model_store.in_force().file,
            with_hash=True,
            with_digest=True,
            with_record=True,
        )

    def add_like(self, analyzed: Analyzed) -> None:
        """Let the kit be like an analyzed file; if it is a filed sound, that is in the kit as well."""
        record = analyzed.record
        if record is None:
            return
        same = (
            one
            for one in self._sounds.values()
            if one.entry.content_hash == analyzed.content_hash
            or (analyzed.sound_digest and one.identity == analyzed.sound_digest)
        )
        if filed := next(same, None):
            self._wanted.add(filed.id)
        else:
            self._like.append(ComparedSound(record.ear, record.evidence, analyzed.verdict.type))

    def analysis_requests(self) -> dict[int, Analyze]:
        """Return the requests to analyze filed sounds of which the cache knows nothing (any more), by entry."""
        return {
            one.id: self.like_request(one.path)
            for one in self._sounds.values()
            if one.record is None and one.id not in self._unreadable
        }

    def add_analysis(self, entry_id: int, analyzed: Analyzed | None) -> None:
        """Take an answer; None if the file could not be analyzed, or is another one by now."""
        sound = self._sounds[entry_id]
        if analyzed is None or analyzed.record is None:
            self._unreadable.add(entry_id)
            return
        if sound.entry.stamp:
            self._cache.keep_answer(analyzed, sound.entry.stamp.size_bytes)
        self._sounds[entry_id] = library_sounds.with_record(sound, analyzed.record)

    # Choosing

    def comparison_request(self) -> CompareSounds:
        """Return the request to compare all sounds; raises UsageError if there are none."""
        compared = [
            ComparedSound(one.record.ear, one.record.evidence, one.entry.type)
            for one in self._compared()
            if one.record
        ]
        if not compared:
            raise UsageError(NOTHING)
        return CompareSounds((*compared, *self._like), model_store.in_force().file)

    def outdated(self, compared: Compared) -> bool:
        """Return whether sounds were analyzed by an earlier version: they are to be analyzed again, and then compared again."""
        old = [one for one, place in zip(self._compared(), compared.places, strict=False) if not place]
        for one in old:
            self._sounds[one.id] = library_sounds.with_record(one, None)
        return bool(old)

    def choose(self, compared: Compared) -> None:
        """Choose the sounds; those whose files are gone or have changed are replaced by others.

        Raises UsageError if there is none.
        """
        candidates = self._candidates(compared)
        like = [place for place in compared.places[len(self._compared()) :] if place]
        gone: set[int] = set()
        while True:
            choice = choose(
                [one for one in candidates if one.id not in gone],
                size=self.wish.size,
                seed=self.wish.seed,
                wanted=self._wanted,
                like=like,
            )
            changed = {number for number in choice.ids if not self._is_unchanged(number)}
            if not changed:
                break
            gone |= changed
        if not choice.ids:
            raise UsageError(NOTHING)
        self._chosen = [self._sounds[number] for number in choice.ids]
        self._note_what_is_missing(choice.missing, len(gone))

    def conversion_requests(self) -> dict[int, ConvertSound]:
        """Return the requests to convert the chosen sounds for the device, by entry; none for a plain folder."""
        requests = ((one.id, request_for(one.path, self.wish.device)) for one in self._chosen)
        return {number: request for number, request in requests if request}

    # Making

    @property
    def chosen(self) -> list[LibrarySound]:
        """The chosen sounds in the order of the pads."""
        return self._chosen

    def names(self, converted: Mapping[int, ConvertedSound] | None = None) -> list[str]:
        """Return the names of the files; before the conversion with the endings that the sounds have now."""
        stems = file_stems([(one.role, one.path.stem) for one in self._chosen], self.wish.device)
        endings = (_conversion(converted, one.id).ending(one.path) for one in self._chosen)
        return [f"{stem}{ending}" for stem, ending in zip(stems, endings, strict=True)]

    def make(self, converted: Mapping[int, ConvertedSound], unreadable: Collection[int] = ()) -> MadeKit:
        """Make the files; sounds that could not be converted are left out."""
        files = [
            KitFile(one, self._now[one.id], name, _conversion(converted, one.id).content)
            for one, name in zip(self._chosen, self.names(converted), strict=True)
            if one.id not in unreadable and self._is_what_was_converted(converted, one.id)
        ]
        links = self.wish.links and not self.wish.device.ascii_only
        return KitMaker(self._journal, self.place, links=links, clock=self._clock).make(files)

    # Details

    def _compared(self) -> list[LibrarySound]:
        return [one for one in self._sounds.values() if one.record]

    def _candidates(self, compared: Compared) -> list[Candidate]:
        sounds = self._compared()
        twins: dict[int, set[int]] = {}
        for one, other in compared.near:
            if other < len(sounds):
                twins.setdefault(one, set()).add(sounds[other].id)
                twins.setdefault(other, set()).add(sounds[one].id)
        return [
            Candidate(
                sound.id,
                sound.role,
                place,
                sound.entry.type,
                sound.confirmed,
                frozenset(twins.get(at, ())),
            )
            for at, (sound, place) in enumerate(zip(sounds, compared.places, strict=False))
            if place
        ]

    def _is_unchanged(self, number: int) -> bool:
        if number not in self._now and (now := library_sounds.file_now(self._sounds[number])):
            self._now[number] = now
        return number in self._now

    def _is_what_was_converted(self, converted: Mapping[int, ConvertedSound], number: int) -> bool:
        answer = converted.get(number)
        if answer is None or answer.content_hash == self._now[number].content_hash:
            return True
        self.notes.append(
            f"{printable(self._sounds[number].path.name)} was changed just now: it was left out."
        )
        return False

    def _note_what_is_missing(self, missing: Mapping[str, int], gone: int) -> None:
        if gone:
            self.notes.append(
                f"{count_of(gone, 'sound')} would have fitted, and {'is' if gone == 1 else 'are'} gone or changed since."
            )
        if lacking := in_words(missing):
            has = Counter(one.role for one in self._chosen)
            total = f"{len(self._chosen)} of {self.wish.size}"
            what = (
                "other sounds stand in for them" if has.total() == self.wish.size else f"the kit has {total}"
            )
            self.notes.append(f"The library has too few sounds: {lacking} missing; {what}.")


def _conversion(converted: Mapping[int, ConvertedSound] | None, number: int) -> Conversion:
    answer = converted.get(number) if converted else None
    return Conversion(answer.wav) if answer else AS_IT_IS


def new_seed() -> int:
    """Return a seed that is short enough to be typed."""
    return int.from_bytes(os.urandom(2))
