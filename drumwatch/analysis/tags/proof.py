"""Prove that a tagged copy differs from its original in its tags only; runs in another process than the one that has written them."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch import containers
from drumwatch.analysis import decode
from drumwatch.analysis.tags.tagger import chosen, plain_failures, tag_file
from drumwatch.core.errors import ActionFailed, UnreadableAudio
from drumwatch.workers.protocol import TagsProven

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    import soundfile

    from drumwatch.analysis.tags.tagger import TagFile
    from drumwatch.workers.protocol import ProveTags


ADDED = {"keywords": "INFO IKEY", "tempo": "TBPM"}  # the names of fields of a WAV among its other texts


def prove(job: ProveTags) -> TagsProven:
    """Return the number of frames of `job.temp`, the copy of `job.path` with the tags that `job` names.

    Raises ActionFailed if the tags are not there, if a sample or other metadata differs, or if a text would vanish for a reader.
    Raises UnreadableAudio if the original cannot be decoded.
    """
    path, temp = Path(job.path), Path(job.temp)
    with plain_failures():
        require_same_bytes_outside_tags(path, temp)
        original, copy = tag_file(path), tag_file(temp)
        before = original.read()
        written = chosen(job, original, before)
        if copy.read() != {**before, **written}:
            raise ActionFailed("the copy does not carry the tags that were to be written")
        require_same_texts(original, copy, added=[name for field, name in ADDED.items() if field in written])
        return TagsProven(require_same_sound(path, temp))


def require_same_bytes_outside_tags(path: Path, temp: Path) -> None:
    """Raise ActionFailed if a byte outside the tags differs."""
    with path.open("rb") as original, temp.open("rb") as tagged:
        if what := containers.difference_outside_tags(original, tagged, path.name):
            raise ActionFailed(f"the copy with the tags differs from it in {what}")


def require_same_texts(original: TagFile, copy: TagFile, added: Collection[str] = ()) -> None:
    """Raise ActionFailed if other metadata changed, or if one of the readers that know only one kind of tags would lose a text.

    `added` are texts that were to be written and were not there.
    """
    before = original.others()
    after = {name: text for name, text in copy.others().items() if name in before or name not in added}
    if after not in (before, {**original.copied(), **before}):
        raise ActionFailed("something else in its tags would have been lost or changed")
    shown = copy.shown()
    if hidden := [name for name, text in original.shown().items() if shown.get(name) != text]:
        raise ActionFailed(f"its tag {hidden[0]} would no longer be shown by some programs")


def require_same_sound(path: Path, temp: Path) -> int:
    """Return the number of frames of both files; raise ActionFailed unless format, rate, channels and every sample are the same."""
    with decode.opened(path) as original, opened_copy(temp) as copy:
        decode.check_header(original, path.name, path.stat().st_size)
        if header(original) != header(copy):
            raise ActionFailed("the copy with the tags is of another rate, channel count or sample format")
        frames = 0
        for one, other in zip_longest(decode.blocks(original, path.name), decode.blocks(copy, path.name)):
            if one is None or other is None or one.tobytes() != other.tobytes():
                raise ActionFailed("the copy with the tags would have sounded different")
            frames += len(one)
        return frames


def opened_copy(temp: Path) -> AbstractContextManager[soundfile.SoundFile]:
    """Open the copy as `decode.opened` does; raises ActionFailed, because the copy's name means nothing to anybody."""
    try:
        return decode.opened(temp)
    except UnreadableAudio as exc:
        raise ActionFailed("the copy with the tags could not be decoded") from exc


def header(sound_file: soundfile.SoundFile) -> tuple[object, ...]:
    """Return what the header says about the samples."""
    return sound_file.samplerate, sound_file.channels, sound_file.subtype, sound_file.endian
