"""Record what a library's own folders say: their sounds count as confirmed at a low weight, and those in a wrong folder wait for review."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import WRONG_FOLDER
from drumwatch.filing.confidence import score_folders
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import AdoptedSound, Plan
from drumwatch.learning.folder_purity import plural_of, weight_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from drumwatch.journal import Journal
    from drumwatch.learning.folder_purity import Proposal, SoundInFolder, WrongPlace


def adopted_sounds(
    sounds: Iterable[SoundInFolder], proposal: Proposal, wrong: Iterable[WrongPlace]
) -> list[AdoptedSound]:
    """Return the sounds whose folder gives them a label, each content once.

    Sounds that seem to lie in the wrong folder are left out, and so is a sound that lies in folders of different labels.
    """
    out = {one.sound.path for one in wrong}
    found: dict[str, AdoptedSound] = {}
    contradicted: set[str] = set()
    for sound, report in proposal.with_reports(sounds):
        if sound.path in out:
            continue
        known = found.get(sound.content_hash)
        if known and known.label != report.kind:
            contradicted.add(sound.content_hash)
        pack = "adopted " + "/".join(sound.folders)
        if known is None:
            found[sound.content_hash] = AdoptedSound(
                sound.content_hash, report.kind, weight_of(report), sound.path, pack
            )
    return [one for content, one in found.items() if content not in contradicted]


def record(
    journal: Journal,
    library: Path,
    adopted: Sequence[AdoptedSound],
    wrong: Sequence[WrongPlace],
    *,
    labels: Mapping[str, str],
    now: float,
) -> int:
    """Record the adopted sounds of a library, and an entry for each sound in a wrong folder; return how many of these there are.

    What an earlier call recorded about this library is replaced. A sound that the user has confirmed with a label, or that has an entry
    of another kind, gets none.
    """
    with journal.transaction():
        forget(journal, library)
        journal.adopted.replace(library, adopted)
        return sum(_note_wrong_folder(journal, library, one, labels, now) for one in wrong)


def forget(journal: Journal, library: Path) -> int:
    """Forget the adopted sounds of a library and the entries about sounds in wrong folders; return how many sounds were adopted."""
    with journal.transaction():
        count = journal.adopted.count(library)
        journal.adopted.replace(library, ())
        for entry in list(journal.adopted.in_wrong_folders()):
            if entry.source.is_relative_to(library):
                journal.entries.finish(entry.id, "undone")
    return count


def wrong_folder_sentences(wrong: Iterable[WrongPlace]) -> list[str]:
    """Return a sentence for each folder and the label that sounds in it seem to be: "14 sounds in Kicks sound like toms"."""
    counts: dict[tuple[str, str], int] = {}
    for one in wrong:
        verdict = one.sound.verdict
        key = one.folder, verdict.type or verdict.label
        counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [sentence_about(count, folder, kind) for (folder, kind), count in ordered]


def sentence_about(count: int, folder: str, kind: str) -> str:
    """Return the sentence about so many sounds in a folder that seem to be of another kind."""
    one = "s" if count == 1 else ""
    return f"{count:,} sound{'s' * (count != 1)} in {folder} sound{one} like {plural_of(kind)}"


def _note_wrong_folder(
    journal: Journal, library: Path, wrong: WrongPlace, labels: Mapping[str, str], now: float
) -> bool:
    sound, stamp = wrong.sound, stamp_of(wrong.sound.path)
    if (
        stamp is None
        or journal.confirmations.label_of(sound.content_hash)
        or journal.entries.has_placed(sound.path)
    ):
        return False
    score = score_folders(sound.verdict, labels)
    kind = sound.verdict.type or sound.verdict.label
    plan = Plan(
        journal.batches.current(library, "", now),
        sound.path,
        None,
        "leave",
        WRONG_FOLDER,
        f"it lies in {wrong.folder} and sounds like {plural_of(kind)}",
        label=score.label,
        type=score.type,
        confidence=score.confidence,
        verdict=replace(sound.verdict, reasons=()),
        content_hash=sound.content_hash,
        stamp=stamp,
        state="done",
    )
    number = journal.entries.plan(plan, now)
    detail = EntryDetail(lies_in=wrong.folder, lies_as=wrong.stands_for)
    journal.entries.finish(number, "done", detail=detail)
    return True
