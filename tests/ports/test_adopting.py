"""A library of the user's own: heard without a change, recorded in the journal, and reviewed by a person."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
import sounds
from correctors import open_corrector

from drumwatch.config import Config, Watch
from drumwatch.config.replace_file import replace_text
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import WRONG_FOLDER, Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.projects import Surveyor
from drumwatch.journal import AdoptedSound, Confirmation, Journal, ViewQuery
from drumwatch.learning.adopting import forget, record
from drumwatch.learning.folder_corrections import FolderCorrections, FolderLabels
from drumwatch.learning.folder_purity import SoundInFolder, WrongPlace
from drumwatch.learning.labels import Vocabulary
from drumwatch.learning.training_request import MOST_ADOPTED, sample_of, training_request
from drumwatch.review.service import ReviewService
from drumwatch.sorting.library_sounds import hear, library_files
from drumwatch.workers import model_store
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.pool import LocalWorkers

if TYPE_CHECKING:
    from pathlib import Path

LABELS = {"kick": "Drums/Kicks", "tom": "Drums/Toms"}
TOM = {"percussion": 0.97, "kick": 0.03}
VERDICT = Verdict("percussion", "tom", 0.97, TOM, {"tom": 0.97, "kick": 0.03}, "kick", "one-shot", 0.3)


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    library = tmp_path / "Samples"
    (library / "Drums/Kicks/808").mkdir(parents=True)
    return library


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "journal.db") as journal:
        yield journal


def config_of(library: Path) -> Config:
    return Config(library, labels=LABELS, min_free=0)


def adopted(path: Path, label: str = "kick", number: int = 0) -> AdoptedSound:
    return AdoptedSound(f"{label} {number}", label, 0.2, path, "adopted Drums/Kicks")


def misplaced(library: Path, name: str) -> WrongPlace:
    """A sound in the folder of kicks that sounds like a tom."""
    path = sounds.write(library / "Drums/Kicks" / name, sounds.decaying_sine(100 + len(name)))
    folders = path.relative_to(library).parts[:-1]
    return WrongPlace(SoundInFolder(path, folders, content_hash(path), VERDICT), "Drums/Kicks", "kick")


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder with its mode, its modification time and its bytes."""
    return {
        str(path): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (folder, *sorted(folder.rglob("*")))
    }


# Listening


@pytest.fixture
def cache(tmp_path):
    with AnalysisCache(tmp_path / "heard.db") as cache:
        yield cache


def heard(library, cache, files, *, stop_after: int = 1000):
    done, stopping = [], []

    def step():
        done.append(1)
        if len(done) == stop_after:
            stopping.append(1)

    workers = LocalWorkers(limit=1)
    try:
        return hear(files, Watch(library, library), workers, cache, stopping=stopping, step=step)
    finally:
        workers.shutdown()


def test_a_library_is_only_read_and_a_second_run_goes_on_where_the_first_was_stopped(library, cache):
    for number in range(40):
        sounds.write(library / f"Drums/Kicks/{number:02}.wav", sounds.decaying_sine(45 + number))
    (library / "Drums/Kicks/broken.wav").write_bytes(b"RIFF no sound")
    before = state_of(library)
    files = library_files(Watch(library, library), Surveyor().survey(library, root_is_unit=False)).sounds

    first = heard(library, cache, files, stop_after=3)
    kept = [cache.of(sound.content_hash) is not None for sound in first.sounds]
    second = heard(library, cache, files)

    assert first.stopped
    assert 3 <= len(first.sounds) < 40
    assert all(kept)
    assert (len(second.sounds), second.failed, second.stopped) == (40, 1, False)
    assert second.sounds[0] == first.sounds[0]
    assert {sound.folders for sound in second.sounds} == {("Drums", "Kicks")}
    assert state_of(library) == before


def test_the_name_of_the_folder_is_no_evidence_for_what_is_in_it(library, cache):
    snares = library / "Snares"
    snares.mkdir()
    path = sounds.write(snares / "x.wav", sounds.kick())

    (found,) = heard(library, cache, [path]).sounds

    assert (found.verdict.label, found.verdict.name_says) == ("kick", "")


def test_projects_kept_packs_and_our_own_folders_are_not_heard(library):
    places = ("Drums/Kicks", "Song", "_packs/Oak Kit", "_archives", "_kits/Mine", "_unsure", "_Kicks")
    for place in places:
        (library / place).mkdir(parents=True, exist_ok=True)
        sounds.write(library / place / "a.wav", sounds.kick())
    (library / "Song/Song.als").write_bytes(b"")
    (library / "Song/Ableton Project Info").mkdir()
    survey = Surveyor().survey(library, root_is_unit=False)

    found = library_files(Watch(library, library, unsure="_unsure"), survey)

    assert [str(path.relative_to(library)) for path in found.sounds] == ["Drums/Kicks/a.wav", "_Kicks/a.wav"]
    assert (found.in_projects, found.in_packs) == (1, 1)


# The journal


def test_adopted_sounds_are_replaced_by_another_look_at_the_library_and_can_be_forgotten(library, journal):
    elsewhere = adopted(library.parent / "Other/k.wav", "hat", 9)
    record(journal, library.parent / "Other", [elsewhere], [], labels={}, now=1.0)
    record(journal, library, [adopted(library / "a.wav", number=n) for n in range(3)], [], labels={}, now=2.0)

    record(journal, library, [adopted(library / "b.wav", "Foley hits", 7)], [], labels={}, now=3.0)

    assert [(one.label, one.weight) for one in journal.adopted.all()] == [("Foley hits", 0.2), ("hat", 0.2)]
    assert Vocabulary.of(config_of(library), journal).resolve("foley-hits") == "Foley hits"
    assert forget(journal, library) == 1
    assert [one.label for one in journal.adopted.all()] == ["hat"]


def test_what_the_user_has_confirmed_goes_before_what_its_folder_says(library, journal, cache):
    sound = adopted(library / "a.wav")
    others = [adopted(library / f"{n}.wav", "Foley hits", n) for n in range(20)]
    record(journal, library, [sound, *others], [], labels={}, now=1.0)
    journal.confirmations.add(Confirmation(2.0, sound.content_hash, "tom", "review", sound.path, "kick", ""))

    request = training_request(journal, cache, {}, model_store.shipped(), "now")

    assert request.own == ("Foley hits",)
    assert [(one.label, one.weight) for one in request.sounds if one.content_hash == sound.content_hash] == [
        ("tom", 1.0)
    ]
    assert {(one.label, one.weight) for one in request.sounds[:-1]} == {("Foley hits", 0.2)}
    compared = training_request(journal, cache, {}, model_store.shipped(), "now", adopted=[sound])
    assert [(one.label, one.weight) for one in compared.sounds] == [("tom", 1.0)]


def test_a_folder_of_hats_may_hold_every_type_of_them_although_the_closed_ones_have_another_folder(
    library, journal, cache
):
    record(journal, library, [adopted(library / "a.wav", "hat")], [], labels={}, now=1.0)
    labels = {"hat": "Hats", "hat-closed": "Hats/Closed"}

    (sound,) = training_request(journal, cache, labels, model_store.shipped(), "now").sounds

    assert sound.may_be == ("hat-closed", "hat-open")


def test_of_many_adopted_sounds_each_label_gets_its_share_in_the_training(library):
    many = [adopted(library / "a.wav", "kick", n) for n in range(3000)]
    few = [adopted(library / "a.wav", "tom", n) for n in range(30)]

    chosen = sample_of([*many, *few], MOST_ADOPTED)

    assert len(chosen) == MOST_ADOPTED
    assert sum(one.label == "tom" for one in chosen) == 30
    assert chosen == sample_of([*few, *reversed(many)], MOST_ADOPTED)


# The review


def test_sounds_in_the_wrong_folder_wait_as_one_group_and_nothing_is_done_with_them(library, journal):
    config = config_of(library)
    wrong = [misplaced(library, f"{'x' * n}.wav") for n in range(1, 5)]
    before = state_of(library)

    assert record(journal, library, [], wrong, labels=LABELS, now=1.0) == 4

    with open_corrector(config, journal) as corrector:
        service = ReviewService(config, journal, corrector)
        (group,) = service.groups(ViewQuery())
        rows = [service.row(service.entry(number)) for number in group.ids]
    assert group.sentence == "4 sounds in Drums/Kicks sound like toms: hear three, say once"
    assert (len(group.ids), len(set(group.hear))) == (4, 3)
    assert {row["label"] for row in rows} == {"Drums/Toms"}
    assert {row["rule"] for row in rows} == {WRONG_FOLDER}
    assert state_of(library) == before


def test_another_look_at_the_library_replaces_what_was_said_of_its_sounds(library, journal):
    wrong = [misplaced(library, f"{'x' * n}.wav") for n in range(1, 4)]
    record(journal, library, [], wrong, labels=LABELS, now=1.0)

    record(journal, library, [], wrong[:1], labels=LABELS, now=2.0)

    assert [entry.source for entry in journal.adopted.in_wrong_folders()] == [wrong[0].sound.path]
    assert journal.entries.count_to_review() == 1
    assert journal.entries.counts(0.0) == {"unsure": 1}


@pytest.mark.parametrize("label", ["kick", "tom", ""])
def test_a_person_says_that_it_is_right_where_it_is_or_lets_it_be_moved(library, journal, label):
    config = config_of(library)
    wrong = misplaced(library, "808/x.wav")
    record(journal, library, [], [wrong], labels=LABELS, now=1.0)
    (entry,) = journal.adopted.in_wrong_folders()

    with open_corrector(config, journal) as corrector:
        (result, *_) = ReviewService(config, journal, corrector).confirm([entry], label)
        place = result.after.location
        again = corrector.withdraw_correction(result.after)

    moved_to = "Drums/Kicks/808/x.wav" if label == "kick" else "Drums/Toms/x.wav"
    assert str(place.relative_to(library)) == moved_to
    assert again.location == wrong.sound.path
    assert wrong.sound.path.exists()


def test_a_sound_that_was_confirmed_is_not_said_to_be_in_the_wrong_folder_again(library, journal):
    wrong = misplaced(library, "x.wav")
    journal.confirmations.add(
        Confirmation(1.0, wrong.sound.content_hash, "kick", "review", wrong.sound.path, "percussion", "")
    )

    assert record(journal, library, [], [wrong], labels=LABELS, now=2.0) == 0


def test_a_person_who_drags_it_into_another_labels_folder_has_corrected_it(library, journal):
    config, wrong = config_of(library), misplaced(library, "x.wav")
    record(journal, library, [], [wrong], labels=LABELS, now=1.0)
    (library / "Drums/Toms").mkdir()
    wrong.sound.path.rename(library / "Drums/Toms/x.wav")

    (entry,) = FolderCorrections().learn(journal, config)

    assert (entry.label, entry.reason) == ("Drums/Toms", "you put it into Drums/Toms")
    assert [one.label for one in journal.confirmations.all()] == ["tom"]


def test_a_person_who_drags_it_within_its_label_has_named_it_nothing_else(library, journal):
    config, wrong = config_of(library), misplaced(library, "x.wav")
    record(journal, library, [], [wrong], labels=LABELS, now=1.0)
    wrong.sound.path.rename(library / "Drums/Kicks/808/x.wav")

    (entry,) = FolderCorrections().learn(journal, config)

    assert (entry.label, entry.reason) == ("kick", "you gave it another place in the same label")


def test_the_deepest_folder_of_a_label_says_what_a_sound_in_it_is(library):
    labels = {"hat": "Hats", "hat-closed": "Hats/Closed", "Foley hits": "FX/Foley hits"}
    found = FolderLabels(Config(library, labels=labels), set())

    places = ("Hats/a.wav", "Hats/Old/a.wav", "hats/closed/Pack/a.wav", "FX/Foley hits/a.wav", "FX/a.wav")
    assert [found.label_of(library / place) for place in places] == [
        "hat",
        "hat",
        "Hats/Closed",
        "Foley hits",
        "fx",
    ]


# The configuration file


def test_the_old_configuration_is_kept_with_its_permissions_and_a_link_stays_a_link(tmp_path):
    (tmp_path / "dotfiles").mkdir()
    real, link = tmp_path / "dotfiles/config.toml", tmp_path / "config.toml"
    real.write_bytes(b"\xef\xbb\xbfold")
    real.chmod(0o600)
    link.symlink_to(real)

    first = replace_text(link, "new", b"\xef\xbb\xbfold")
    second = replace_text(link, "newer", b"\xef\xbb\xbfnew")

    assert (link.is_symlink(), real.read_bytes()) == (True, b"\xef\xbb\xbfnewer")
    assert (first.read_bytes(), second.read_bytes()) == (b"\xef\xbb\xbfold", b"\xef\xbb\xbfnew")
    assert {path.name for path in real.parent.iterdir()} == {
        "config.toml",
        "config.toml.before-adopt",
        "config.toml.before-adopt-2",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in real.parent.iterdir()} == {0o600}


def test_a_configuration_that_was_changed_meanwhile_stays_as_it_is(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"by an editor")

    with pytest.raises(DrumwatchError, match="was changed while this was running"):
        replace_text(path, "new", b"old")

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"config.toml": b"by an editor"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_configuration_in_a_folder_that_can_only_be_read_stays_as_it_is(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "config.toml").write_bytes(b"old")
    folder.chmod(0o500)
    try:
        with pytest.raises(
            DrumwatchError, match="because this user has no permission for it, so it is as it was"
        ):
            replace_text(folder / "config.toml", "new", b"old")
    finally:
        folder.chmod(0o700)

    assert [one.name for one in folder.iterdir()] == ["config.toml"]
