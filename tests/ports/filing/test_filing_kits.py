"""Kits on a real disk with a real journal: links, copies and converted copies, and an undo that takes out only what is unchanged."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import soundfile
import sounds
from pipeline_harness import PipelineHarness, arrival

from drumwatch.core.errors import CannotUndo, UsageError
from drumwatch.core.records import LABEL_OF_TYPE, Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.journal import Filter, ViewQuery
from drumwatch.kits.devices import DEVICES, FOLDER
from drumwatch.kits.kit_job import KitJob, KitWish
from drumwatch.learning.folder_corrections import FolderCorrections
from drumwatch.learning.undo import to_undo
from drumwatch.pipeline import FilingRequest
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import AnalysisRecord, Analyzed, Compared

KINDS = ("kick", "snare", "hat-closed", "hat-open", "clap", "tom", "cymbal")


class KitHarness(PipelineHarness):
    """A library with one sound of each of KINDS, and kits of them; the comparison is a stand-in, the conversion is real."""

    def __init__(self, root, library=None):
        super().__init__(root, library)
        self.cache = AnalysisCache(root / "heard.db")

    def add(self, name, kind="kick", *, hz=50.0, shape="one-shot", digest="", **more):
        """File a sound, and return its entry."""
        path = self.intake / name
        sounds.write(path, sounds.decaying_sine(hz, sr=more.get("sr", sounds.SR)), more.get("sr", sounds.SR), **{
            key: value for key, value in more.items() if key != "sr"
        })  # fmt: skip
        label = LABEL_OF_TYPE[kind]
        verdict = Verdict(label, kind, 0.97, {label: 0.97}, {kind: 0.97}, "other", shape, 0.4, model="m1")
        record = AnalysisRecord("e", "AAAA", 0.4, 1, None, digest, digest)
        self.cache.keep(content_hash(path), 1, record)
        request = FilingRequest(
            arrival(path, self.intake), self.config.watches[0], Analyzed(verdict, content_hash(path))
        )
        return self.pipeline.file_together([request])[0].entries[0]

    def fill(self, **more):
        return [self.add(f"{kind}.wav", kind, hz=50.0 + 10 * at, **more) for at, kind in enumerate(KINDS)]

    def job(self, name="Dusty", **wish):
        return KitJob(KitWish(name, 1, **{"size": 7, **wish}), self.config, self.journal, self.cache)

    def make(self, name="Dusty", **wish):
        job = self.job(name, **wish)
        places = [(float(at),) for at, _ in enumerate(job.comparison_request().sounds)]
        job.choose(Compared(tuple(places), ()))
        converted = {number: answer(request) for number, request in job.conversion_requests().items()}
        made = job.make(converted)
        assert not made.problems
        return made

    def undo_batch(self, made):
        for entry in to_undo(self.journal, Filter(batch=made.batch)):
            self.undo(entry)


@pytest.fixture
def harness(tmp_path):
    harness = KitHarness(tmp_path)
    yield harness
    harness.cache.close()
    harness.journal.close()


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): content_hash(path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_kit_is_hard_links_in_the_order_of_the_pads_and_its_undo_leaves_the_library_as_it_was(harness):
    harness.fill()
    before = hashes(harness.library)
    made = harness.make()
    kit = harness.library / "_kits/Dusty"

    assert made.folder == kit
    assert sorted(path.name for path in kit.iterdir()) == [
        "01_kick.wav",
        "02_snare.wav",
        "03_clap.wav",
        "04_hat-closed.wav",
        "05_ohat_hat-open.wav",
        "06_perc_tom.wav",
    ]
    assert os.path.samefile(kit / "01_kick.wav", harness.library / "kick/kick.wav")
    assert {entry.action for entry in made.entries} == {"hardlink"}

    harness.undo_batch(made)

    assert hashes(harness.library) == before
    assert not (harness.library / "_kits").exists()


def test_what_is_in_a_kit_is_still_on_the_map_and_can_be_corrected(harness):
    filed = harness.fill()
    on_the_map = harness.journal.views.ids(ViewQuery(view="map"))
    made = harness.make()

    assert harness.journal.views.ids(ViewQuery(view="map")) == on_the_map
    assert harness.journal.entries.counts(0.0) == {
        "kick": 1,
        "snare": 1,
        "hat": 2,
        "percussion": 2,
        "other": 1,
    }
    corrected = harness.correct(filed[0], "snare")
    assert corrected.destination == harness.library / "snare/kick.wav"

    harness.undo_batch(made)

    assert (harness.library / "snare/kick.wav").exists()
    assert not (harness.library / "_kits").exists()


def test_on_another_disk_it_is_copies_with_the_same_bytes(harness, memory_folder):
    harness.fill()
    made = harness.make(to=memory_folder / "Card")

    assert {entry.action for entry in made.entries} == {"copy"}
    assert set(hashes(memory_folder).values()) <= set(hashes(harness.library).values())
    assert len(list((memory_folder / "Card/Dusty").iterdir())) == len(made.entries)

    harness.undo_batch(made)

    assert list(memory_folder.iterdir()) == []


@pytest.fixture
def memory_folder(tmp_path_factory):
    """A folder on another file system, where there is one."""
    import tempfile  # noqa: PLC0415

    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("this system has no /dev/shm")
    with tempfile.TemporaryDirectory(prefix="drumwatch-test-", dir="/dev/shm") as folder:
        yield type(tmp_path_factory.getbasetemp())(folder)


def test_for_an_mpc_24_bits_at_96_khz_are_converted_and_the_originals_keep_their_bytes(harness):
    harness.fill(sr=96_000, subtype="PCM_24")
    before = hashes(harness.library)
    made = harness.make(device=DEVICES["mpc"])

    for entry in made.entries:
        with soundfile.SoundFile(entry.destination) as file:
            assert (file.samplerate, file.subtype, file.format) == (44_100, "PCM_16", "WAV")
        assert len(entry.destination.stem) <= 16
        assert content_hash(entry.destination) == entry.detail.converted_hash
    assert {entry.action for entry in made.entries} == {"convert"}
    assert before.items() <= hashes(harness.library).items()

    harness.undo_batch(made)

    assert hashes(harness.library) == before


def test_a_file_that_the_device_takes_is_copied_as_it_is(harness):
    harness.fill(subtype="PCM_16")

    made = harness.make(device=DEVICES["octatrack"])

    assert {entry.action for entry in made.entries} == {"copy"}
    assert all(content_hash(entry.destination) == entry.content_hash for entry in made.entries)


@pytest.mark.parametrize("device", ["folder", "mpc"])
def test_an_undo_keeps_what_was_changed_in_the_kit_since(harness, device):
    harness.fill(subtype="PCM_24")
    made = harness.make(device=DEVICES[device], links=False)
    changed = made.entries[0].destination
    changed.write_bytes(changed.read_bytes() + b"edited")

    with pytest.raises(CannotUndo, match="has been changed since"):
        harness.undo(made.entries[0])
    for entry in made.entries[1:]:
        harness.undo(entry)

    assert [path.name for path in made.folder.iterdir()] == [changed.name]


def test_a_converted_copy_is_kept_when_the_original_is_gone(harness):
    harness.fill(subtype="PCM_24")
    made = harness.make(device=DEVICES["mpc"])
    made.entries[0].source.unlink()

    with pytest.raises(CannotUndo, match="is all that is left of it"):
        harness.undo(made.entries[0])

    assert made.entries[0].destination.exists()


def test_a_second_kit_of_a_name_gets_a_number_and_touches_nothing_of_the_first(harness):
    harness.fill()
    first = harness.make()
    before = hashes(first.folder)

    second = harness.make()

    assert second.folder == harness.library / "_kits/Dusty 2"
    assert hashes(first.folder) == before


def test_a_sound_that_is_gone_or_was_changed_is_replaced_by_another_one(harness):
    gone, changed = harness.add("a.wav", hz=40.0), harness.add("b.wav", hz=45.0)
    harness.add("c.wav", hz=55.0)
    gone.destination.unlink()
    changed.destination.write_bytes(b"something else")

    job = harness.job(size=1, ids=(changed.id,))
    job.choose(Compared(((0.0,), (9.0,)), ()))

    assert [one.path.name for one in job.chosen] == ["c.wav"]
    assert job.notes == ["1 sound would have fitted, and is gone or changed since."]


def test_loops_and_second_copies_of_a_sound_are_in_no_kit(harness):
    harness.add("loop.wav", "loop", hz=40.0, shape="loop")
    harness.add("one.wav", hz=50.0, digest="d1")
    harness.add("same.flac", hz=50.0, digest="d1")
    harness.add("other.wav", hz=60.0, digest="d2")

    assert len(harness.job().comparison_request().sounds) == 2


def test_what_the_library_lacks_is_said_in_a_sentence(harness):
    harness.add("kick.wav")
    job = harness.job(size=2)
    job.choose(Compared(((0.0,),), ()))

    assert job.notes == ["The library has too few sounds: 1 snare missing; the kit has 1 of 2."]


def test_a_chosen_sound_is_in_the_kit_and_one_that_cannot_be_is_reported(harness):
    wanted = harness.add("wanted.wav", hz=40.0)
    loop = harness.add("loop.wav", "loop", hz=45.0, shape="loop")
    for number in range(5):
        harness.add(f"{number}.wav", hz=60.0 + number)

    job = harness.job(size=1, ids=(wanted.id, loop.id))
    job.choose(Compared(tuple((float(at),) for at in range(6)), ()))

    assert [one.id for one in job.chosen] == [wanted.id]
    assert "1 chosen sound cannot be in a kit" in job.notes[0]


def test_a_file_that_the_kit_is_to_be_like_is_in_it_if_it_is_in_the_library(harness):
    entry = harness.add("a.wav", hz=40.0)
    for number in range(5):
        harness.add(f"{number}.wav", hz=60.0 + number)
    record = AnalysisRecord("e", "AAAA", 0.4, 1, None, "")
    verdict = Verdict("kick", "kick", 1.0, {}, {}, "snare", "one-shot", 0.4)

    inside, outside = harness.job(size=1), harness.job(size=1)
    inside.add_like(Analyzed(verdict, entry.content_hash, record=record))
    inside.choose(Compared(((5.0,), (0.0,), (0.0,), (0.0,), (0.0,), (0.0,)), ()))
    outside.add_like(Analyzed(verdict, "0ff", record=record))
    outside.choose(Compared(((5.0,), (0.0,), (0.1,), (0.2,), (0.3,), (0.4,), (5.0,)), ()))

    assert len(inside.comparison_request().sounds) == 6
    assert len(outside.comparison_request().sounds) == 7
    assert [one.id for one in inside.chosen] == [one.id for one in outside.chosen] == [entry.id]


def test_sounds_of_an_earlier_analysis_are_analyzed_again(harness):
    old, new = harness.add("old.wav", hz=40.0), harness.add("new.wav", hz=50.0)
    job = harness.job()

    assert job.analysis_requests() == {}
    assert job.outdated(Compared(((), (0.0,)), ()))
    assert [request.path for request in job.analysis_requests().values()] == [str(old.destination)]
    job.add_analysis(old.id, None)
    assert job.analysis_requests() == {}
    job.choose(Compared(((0.0,),), ()))
    assert [one.id for one in job.chosen] == [new.id]


def test_a_kit_goes_neither_into_a_watched_folder_nor_among_what_was_sorted(harness):
    harness.fill()

    with pytest.raises(UsageError, match="in a watched folder"):
        harness.job(to=harness.intake / "Kits")
    with pytest.raises(UsageError, match="among what was sorted"):
        harness.job(to=harness.library / "kick")
    with pytest.raises(UsageError, match="is there: connect the disk"):
        harness.job(to=harness.state / "no/such")
    with pytest.raises(UsageError, match="takes 128 sounds at once"):
        harness.job(size=200, device=DEVICES["mpc"])
    with pytest.raises(UsageError, match="cannot be the name of a folder"):
        harness.job("//")
    assert harness.job(to=harness.library / "_kits/Live").wish.device is FOLDER


def test_an_empty_library_is_said_and_nothing_is_made(harness):
    with pytest.raises(UsageError, match="has no sound for a kit"):
        harness.job().comparison_request()
    assert not (harness.library / "_kits").exists()


def test_a_sound_that_was_deleted_from_the_library_is_not_taken_for_moved_into_a_kit(harness):
    filed = harness.fill()
    harness.make(links=False)
    filed[0].destination.unlink()

    assert FolderCorrections().learn(harness.journal, harness.config) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_crash_while_a_kit_is_made_leaves_each_file_whole_or_not_at_all(harness, is_there):
    harness.fill(subtype="PCM_24")
    made = harness.make(device=DEVICES["mpc"])
    last = made.entries[-1]
    harness.journal.entries.finish(last.id, "planned")
    if not is_there:
        last.destination.unlink()
        last.destination.with_name(f".drumwatch-{last.id}-00000000.tmp").write_bytes(b"half")

    recovered = harness.start()

    assert [entry.state for entry in recovered] == ["done" if is_there else "failed"]
    assert len(list(made.folder.iterdir())) == len(made.entries) - (not is_there)
    harness.undo_batch(replace(made))
    assert not made.folder.exists()
