"""What the journal knows of packs that are kept whole: later files go where the first one went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Watch
from drumwatch.filing import disk
from drumwatch.intake.projects import Survey
from drumwatch.journal import Journal, Plan
from drumwatch.packs.kept_whole import KeptWhole
from drumwatch.packs.projects import FREE
from drumwatch.pipeline import recover

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400.0


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    (tmp_path / "library").mkdir()
    return Watch(folder=tmp_path / "in", library=tmp_path / "library")


def kept(journal: Journal, source: Path, place: Path, *, now: float = 0.0, rule: str = "kept whole") -> int:
    """A file has come from there to here."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    batch = journal.batches.current(source.parent, "Pack", now)
    return journal.entries.plan(Plan(batch, source, place, "move", rule, "", state="done"), now)


def drop(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def place_of(journal: Journal, watch: Watch, path: Path, folder: Path, *, now: float = 1.0) -> Path | None:
    knows = KeptWhole(journal, clock=lambda: now)
    claim = knows.ownership(path, folder, watch, Survey(watch.folder), FREE).claim
    return claim.keep_at if claim else None


def test_what_is_left_of_a_pack_joins_what_has_come(journal, watch):
    pack, base = watch.folder / "Pack", watch.library / "_packs/Pack 2"
    kept(journal, pack / "Kicks/a.wav", base / "Kicks/a.wav")

    assert place_of(journal, watch, drop(pack, "Hats/b.wav"), pack) == base / "Hats/b.wav"


def test_a_pack_whose_name_begins_alike_is_another(journal, watch):
    kept(journal, watch.folder / "Pack 2/a.wav", watch.library / "_packs/Pack 2/a.wav")
    kept(journal, watch.folder / "Pack.x/a.wav", watch.library / "_packs/Pack.x/a.wav")

    assert place_of(journal, watch, drop(watch.folder / "Pack", "b.wav"), watch.folder / "Pack") is None


def test_the_same_sound_once_more_is_another_pack(journal, watch):
    pack, base = watch.folder / "Pack", watch.library / "_packs/Pack"
    kept(journal, pack / "a.wav", base / "a.wav")

    assert place_of(journal, watch, drop(pack, "a.wav"), pack) is None


def test_what_comes_days_later_is_another_pack(journal, watch):
    pack = watch.folder / "Pack"
    kept(journal, pack / "a.wav", watch.library / "_packs/Pack/a.wav")

    assert place_of(journal, watch, drop(pack, "b.wav"), pack, now=2 * DAY) is None


def test_what_was_taken_back_is_forgotten(journal, watch):
    pack = watch.folder / "Pack"
    journal.entries.finish(kept(journal, pack / "a.wav", watch.library / "_packs/Pack/a.wav"), "undone")

    assert place_of(journal, watch, drop(pack, "b.wav"), pack) is None


def test_a_rule_of_the_same_name_in_another_folder_says_nothing(journal, watch):
    pack = watch.folder / "Pack"
    kept(journal, pack / "a.wav", watch.library / "kick/Pack/a.wav")

    assert place_of(journal, watch, drop(pack, "b.wav"), pack) is None


def test_a_sound_is_left_over_until_something_was_decided_about_it(journal, watch):
    place = watch.library / "_packs/Pack/a.wav"
    kept(journal, watch.folder / "Pack/a.wav", place)
    kept(journal, watch.folder / "Pack/Kit.sfz", watch.library / "_packs/Pack/Kit.sfz")
    knows = KeptWhole(journal)

    assert [arrival.path for arrival, _, _ in knows.left_over([watch])] == [place]
    kept(journal, place, watch.library / "kick/Pack/a.wav", rule="default")
    assert list(knows.left_over([watch])) == []


def test_what_lies_below_packs_is_linked_and_never_moved(journal, watch):
    place = watch.library / "_packs/Pack/a.wav"
    kept(journal, watch.folder / "Pack/a.wav", place)
    knows = KeptWhole(journal)

    assert knows.claim_at(place, watch.library).instead == "hardlink"
    assert knows.claim_at(watch.library / "kick/a.wav", watch.library) is None


class Killed(BaseException):
    """The process is no more: nothing that Python would still do on its way out counts."""


@pytest.mark.parametrize("call", ["create", "link", "unlink"])
def test_a_kill_while_the_disk_is_tested_for_hard_links_leaves_nothing(
    journal, watch, tmp_path, monkeypatch, call
):
    place = drop(watch.library, "_packs/Pack/a.wav")
    real = getattr(disk, call)

    with monkeypatch.context() as patches:

        def killed(*_):
            raise Killed

        def done_and_killed(*args):
            real(*args)
            patches.setattr(disk, "unlink", killed)
            raise Killed

        patches.setattr(disk, call, done_and_killed)
        with pytest.raises(Killed):
            KeptWhole(journal).claim_at(place, watch.library)
    recover(journal, state=tmp_path)

    assert [path.name for path in watch.library.iterdir()] == ["_packs"]
    assert journal.state.leftovers() == []


def test_only_the_folder_of_a_pack_that_is_kept_whole_has_a_short_and_portable_name(journal, tmp_path):
    (tmp_path / "library").mkdir()
    watch = Watch(tmp_path / "in", tmp_path / "library", name_limit=12, portable_names=True, max_per_folder=1)
    folder = tmp_path / "in/A pack: with a long name 7"
    sound, instrument = drop(folder, "Samples/A very long name? 1.wav"), drop(folder, "Kit.sfz")
    survey = Survey(watch.folder, kept_whole={folder: instrument})

    claim = KeptWhole(journal).ownership(sound, folder, watch, survey, FREE).claim

    assert claim
    assert claim.keep_at == watch.library / "_packs/A pack_ wi 7/Samples/A very long name? 1.wav"
