"""Libraries that a device reads: so many sounds in a folder, names of so many bytes, portable names. Undo gives all of it back."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from folder_trees import make_files, read_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_harness import PipelineHarness, arrival

from drumwatch.core.entry_detail import EntryDetail

LONG = "Vendor_Deep_Kick_Long_Name_01.wav"


@pytest.fixture
def harness(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    harness = PipelineHarness(folder)
    yield harness
    harness.close()


def filed(harness: PipelineHarness, *names: str) -> list[str]:
    """File a different sound under each name; the places in the library."""
    paths = [harness.arrive(name, name.encode()) for name in names]
    entries = [entry for result in harness.file(*paths) for entry in result.entries]
    assert {entry.state for entry in entries} == {"done"}
    return [entry.destination.relative_to(harness.library).as_posix() for entry in entries]


@pytest.mark.parametrize("kind", ["move", "copy", "symlink", "hardlink"])
def test_a_full_folder_is_followed_by_one_with_a_number_and_undo_removes_it(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"c.wav": b"c"}})
    make_files(tmp_path / "Library", {"kick": {"a.wav": b"a", "b.wav": b"b"}})
    before = read_files(tmp_path / "Library")

    done = runner.do(kind, tmp_path / "in/c.wav", Path("kick/c.wav"), max_per_folder=2)

    assert done.path == tmp_path / "Library/kick 2/c.wav"
    assert runner.entry.detail.wanted == tmp_path / "Library/kick/c.wav"
    runner.undo()
    assert read_files(tmp_path / "Library") == before
    assert read_files(tmp_path / "in") == {"c.wav": b"c"}


def test_many_sounds_of_one_group_fill_one_folder_after_the_other(harness):
    harness.start("min_free = 0\nmax_per_folder = 2")

    places = filed(harness, *(f"{n}.wav" for n in range(5)))

    assert places == ["kick/0.wav", "kick/1.wav", "kick 2/2.wav", "kick 2/3.wav", "kick 3/4.wav"]
    for entry in reversed(harness.entries()):
        harness.undo(entry)
    assert len(read_files(harness.intake)) == 5
    assert [path for path in harness.library.rglob("*") if path.is_file()] == []


def test_the_same_sound_is_not_put_into_the_next_folder_once_more(tmp_path, runner):
    make_files(tmp_path, {"in": {"a.wav": b"a"}})
    make_files(tmp_path / "Library", {"kick": {"a.wav": b"a"}})

    done = runner.do("copy", tmp_path / "in/a.wav", Path("kick/a.wav"), max_per_folder=1)

    assert done.detail == EntryDetail(
        untouched=True, twin=tmp_path / "Library/kick/a.wav", wanted=done.detail.wanted
    )
    assert read_files(tmp_path / "Library") == {"kick": {"a.wav": b"a"}}


def test_what_is_no_sound_takes_no_room(tmp_path, runner):
    make_files(tmp_path, {"in": {"b.wav": b"b"}})
    make_files(
        tmp_path / "Library", {"kick": {"a.wav": b"a", "a.wav.asd": b"", ".DS_Store": b"", "Readme.txt": b""}}
    )

    done = runner.do("move", tmp_path / "in/b.wav", Path("kick/b.wav"), max_per_folder=2)

    assert done.path == tmp_path / "Library/kick/b.wav"


def test_a_taken_name_with_its_number_is_within_the_limit(harness):
    harness.start("min_free = 0\nname_limit = 12")

    places = [filed(harness, f"{pack}/{LONG}")[0] for pack in ("A", "B", "C")]

    assert places == ["kick/Vendo_01.wav", "kick/Vendo_ 2.wav", "kick/Vendo_ 3.wav"]
    for entry in reversed(harness.entries()):
        harness.undo(entry)
    assert set(read_files(harness.intake)) == {"A", "B", "C"}
    assert all(set(names) == {LONG} for names in read_files(harness.intake).values())


def test_the_journal_keeps_the_whole_name(harness):
    harness.start("min_free = 0\nname_limit = 16")

    filed(harness, LONG)

    (entry,) = harness.entries()
    assert (entry.source.name, entry.destination.name) == (LONG, "Vendor_De_01.wav")
    assert "its name is longer than 16" in entry.reason


def test_a_correction_keeps_to_the_limits_and_is_taken_back_exactly(harness):
    harness.start("min_free = 0\nmax_per_folder = 1\nname_limit = 16")
    make_files(harness.library, {"snare": {"there.wav": b"there"}})
    filed(harness, "other.wav", LONG)
    before = read_files(harness.library)

    corrected = harness.correct(harness.entries()[-1], "snare")

    assert corrected.destination == harness.library / "snare 2/Vendor_De_01.wav"
    harness.undo(corrected)
    assert read_files(harness.library) == before


def test_a_label_that_is_confirmed_moves_no_sound_out_of_its_split_folder(harness):
    harness.start("min_free = 0\nmax_per_folder = 1")
    first, second = filed(harness, "a.wav", "b.wav")
    harness.undo(harness.entries()[0])

    confirmed = harness.correct(harness.entries()[1], "kick")

    assert (first, second) == ("kick/a.wav", "kick 2/b.wav")
    assert (confirmed.action, read_files(harness.library)) == ("leave", {"kick 2": {"b.wav": b"b.wav"}})


def test_a_rule_has_limits_of_its_own(harness):
    harness.start(
        "min_free = 0\nname_limit = 16\n[[rule]]\n"
        'match = { name = "Vendor*" }\nname_limit = 24\nmax_per_folder = 1\nportable_names = true'
    )
    places = filed(harness, "Vendor: a?.wav", LONG, "Another_Deep_Kick_02.wav")

    assert places == ["kick/Vendor_ a_.wav", "kick 2/Vendor_Deep_Kick_01.wav", "kick/Another_D_02.wav"]


def test_a_second_run_finds_what_is_in_a_split_folder_under_a_short_name(harness):
    harness.start('min_free = 0\naction = "copy"\nmax_per_folder = 1\nname_limit = 12')
    filed(harness, "a.wav", LONG)
    watch = harness.config.watches[0]

    for name in ("a.wav", LONG):
        assert harness.pipeline.is_up_to_date(arrival(harness.intake / name, harness.intake), watch)


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_power_cut_while_a_folder_is_split_loses_nothing(tmp_path, runner, faulty_disk, kind):
    for cut in itertools.count(1):
        root = tmp_path / str(cut)
        make_files(root, {"in": {"b.wav": b"boom"}, "Library": {"kick": {"a.wav": b"there"}}})
        runner.library = root / "Library"
        runner.plan(kind, root / "in/b.wav", Path("kick/b.wav"))
        faulty_disk.cut_after(cut)
        try:
            runner.act(max_per_folder=1)
        except BaseException as exc:
            if type(exc).__name__ != "PowerCut":
                raise
        else:
            break
        faulty_disk.restore()
        runner.recover()
        sounds = sorted(path.read_bytes() for path in root.rglob("*") if path.is_file())
        assert sounds == [b"boom"] * (1 + (kind == "copy" and runner.entry.state == "done")) + [b"there"]
    assert cut > 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(
    names=st.lists(
        st.text(st.sampled_from("aB é1_?"), min_size=1, max_size=30).filter(str.strip),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    limit=st.integers(1, 3),
)
def test_any_names_keep_to_the_limits_and_come_back(tmp_path_factory, names, limit):
    root = tmp_path_factory.mktemp("any")
    harness = PipelineHarness(root)
    harness.start(f"min_free = 0\nmax_per_folder = {limit}\nname_limit = 12\nportable_names = true")
    filed(harness, *(f"{name}.wav" for name in names))

    for folder in harness.library.iterdir():
        assert len(list(folder.iterdir())) <= limit
        assert all(len(path.name.encode()) <= 12 and "?" not in path.name for path in folder.iterdir())
    for entry in reversed(harness.entries()):
        harness.undo(entry)
    assert read_files(harness.intake) == {f"{name}.wav": f"{name}.wav".encode() for name in names}
    assert read_files(harness.library) == {}
    harness.close()
