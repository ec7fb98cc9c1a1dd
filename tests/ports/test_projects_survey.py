"""Surveys of whole trees: instruments, packs with instruments, mixed folders, and sounds that a document needs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project_trees import TREES, live_set, pack, put, rpp, sounds

from drumwatch.intake.projects import Survey, Surveyor, listing

if TYPE_CHECKING:
    from collections.abc import Mapping


def surveyed(root: Path, *, root_is_unit: bool = True) -> Survey:
    return Surveyor().survey(root, root_is_unit=root_is_unit)


def found(survey: Survey) -> dict[str, str]:
    """The projects by their places in the tree."""
    return {one.root.relative_to(survey.root).as_posix(): one.name for one in survey.projects}


def named(survey: Survey, paths: Mapping[Path, Path]) -> dict[str, str]:
    return {key.relative_to(survey.root).as_posix(): paths[key].name for key in sorted(paths)}


def sfz(path: Path, *names: str) -> Path:
    return put(path, "".join(f"<region> sample={name}\n" for name in names))


def many(folder: Path, count: int, stem: str = "loop") -> list[str]:
    names = [f"{stem} {n}.wav" for n in range(count)]
    sounds(folder, *names)
    return names


# --- an instrument, or a pack with instruments ---


def test_a_folder_most_of_whose_sounds_an_instrument_refers_to_is_that_instrument(tmp_path):
    names = many(tmp_path / "Kit/Samples", 4)
    sfz(tmp_path / "Kit/Programs/kit.sfz", *(f"../Samples/{name}" for name in names[:2]))

    assert found(surveyed(tmp_path / "Kit")) == {".": "an SFZ instrument"}


def test_several_instruments_count_together(tmp_path):
    names = many(tmp_path / "Kit/Samples", 8)
    for number in range(4):
        sfz(tmp_path / f"Kit/Programs/{number}.sfz", f"../Samples/{names[number]}")

    assert found(surveyed(tmp_path / "Kit")) == {".": "an SFZ instrument"}


def test_an_instrument_that_refers_to_less_than_half_is_no_project_but_its_pack_is_kept_whole(tmp_path):
    root = pack(tmp_path / "Pack")
    sfz(root / "Instruments/kit.sfz", "../Kicks/kick 0.wav", "../Kicks/kick 1.wav")

    survey = surveyed(root)

    assert found(survey) == {}
    assert named(survey, survey.kept_whole) == {".": "kit.sfz"}
    assert survey.needed == {}


def test_a_pack_with_ten_instruments_is_kept_whole(tmp_path):
    root = pack(tmp_path / "Pack", 80)
    for number in range(10):
        sounds(root / f"Instruments/Kit {number}", f"own {number}.wav")
        sfz(root / f"Instruments/Kit {number}/kit {number}.sfz", f"own {number}.wav")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {}
    assert named(survey, survey.kept_whole) == {"Pack": "kit 0.sfz"}


def test_a_pack_with_an_instrument_that_cannot_be_read_is_kept_whole(tmp_path):
    root = pack(tmp_path / "Pack")
    put(root / "Kontakt/Pack.nki", b"\0" * 12 + b"hsin")

    survey = surveyed(root)

    assert found(survey) == {}
    assert named(survey, survey.kept_whole) == {".": "Pack.nki"}


def test_an_instrument_that_cannot_be_read_has_the_sounds_beside_it(tmp_path):
    root = pack(tmp_path / "stuff/Library/Samples", 40).parent
    put(root / "Library.nki", b"\0" * 12 + b"hsin")
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"stuff/Library": "a Kontakt instrument"}


def test_in_a_mixed_folder_each_instrument_is_a_project_and_the_rest_is_free(tmp_path):
    many(tmp_path / "stuff/loose", 20)
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")
    TREES["sfz"](tmp_path / "stuff")
    TREES["hydrogen"](tmp_path / "stuff")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"stuff/GMKit": "a Hydrogen drum kit", "stuff/Oak Kit": "an SFZ instrument"}
    assert (survey.kept_whole, survey.needed) == ({}, {})


def test_in_a_mixed_folder_a_document_that_cannot_be_read_protects_the_sounds_around_it(tmp_path):
    many(tmp_path / "stuff/a/loops", 40)
    many(tmp_path / "stuff/b", 3)
    put(tmp_path / "stuff/a/song.reason", b"FORM")
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {}
    assert len(survey.needed) == 40
    assert set(survey.needed.values()) == {tmp_path / "stuff/a/song.reason"}


def test_a_shelf_of_packs_is_judged_pack_by_pack(tmp_path):
    with_kit = pack(tmp_path / "shelf/One")
    pack(tmp_path / "shelf/Two")
    sfz(with_kit / "kit.sfz", "Kicks/kick 1.wav")

    assert set(surveyed(tmp_path / "shelf").kept_whole) == {with_kit}


def test_packs_of_a_shop_are_judged_pack_by_pack(tmp_path):
    with_kit = pack(tmp_path / "Splice/sounds/packs/One")
    pack(tmp_path / "Splice/sounds/packs/Two")
    sfz(with_kit / "kit.sfz", "Kicks/kick 1.wav")

    assert set(surveyed(tmp_path, root_is_unit=False).kept_whole) == {with_kit}


def test_a_soundfont_needs_nothing_beside_it(tmp_path):
    root = pack(tmp_path / "Pack")
    put(root / "Pack.sf2", b"RIFF\0\0\0\0sfbk")

    survey = surveyed(root)

    assert (survey.projects, survey.kept_whole, survey.needed) == ((), {}, {})


def test_a_folder_of_another_kind_makes_a_folder_no_pack(tmp_path):
    root = pack(tmp_path / "code/game")
    put(tmp_path / "code/taxes/return.pdf", b"%PDF")
    sfz(root / "kit.sfz", "Kicks/kick 1.wav")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert survey.kept_whole == {}
    assert named(survey, survey.needed) == {"code/game/Kicks/kick 1.wav": "kit.sfz"}


def test_kits_that_hold_half_of_a_folder_together_are_projects_each_and_the_folder_is_no_pack(tmp_path):
    many(tmp_path / "Kits/loose", 4)
    for number in range(2):
        names = many(tmp_path / f"Kits/Kit {number}", 2, f"own {number}")
        sfz(tmp_path / f"Kits/Kit {number}/kit.sfz", *names)

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == dict.fromkeys(["Kits/Kit 0", "Kits/Kit 1"], "an SFZ instrument")
    assert survey.kept_whole == {}


def test_an_instrument_of_which_one_sound_lies_elsewhere_is_the_folder_that_holds_the_others(tmp_path):
    many(tmp_path / "stuff/loose", 20)
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")
    names = many(tmp_path / "stuff/Kit", 4, "own")
    sfz(tmp_path / "stuff/Kit/kit.sfz", *names, "../loose/loop 0.wav")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"stuff/Kit": "an SFZ instrument"}
    assert named(survey, survey.needed) == {"stuff/loose/loop 0.wav": "kit.sfz"}


@pytest.mark.parametrize(("count", "is_project"), [(30, True), (31, False)])
def test_a_song_that_cannot_be_read_is_not_that_of_many_sounds_beside_it(tmp_path, count, is_project):
    many(tmp_path / "stuff/Song", count)
    song = put(tmp_path / "stuff/Song/song.reason", b"FORM")
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == ({"stuff/Song": "a Reason song"} if is_project else {})
    assert set(survey.needed.values()) == (set() if is_project else {song})


@pytest.mark.parametrize(("count", "is_project"), [(7, True), (8, False)])
def test_a_few_sounds_beside_a_soundfont_are_its_own_and_many_are_not(tmp_path, count, is_project):
    many(tmp_path / "Font", count)
    put(tmp_path / "Font/Font.sf2", b"RIFF\0\0\0\0sfbk")

    assert bool(surveyed(tmp_path, root_is_unit=False).projects) is is_project


def test_a_folder_of_sounds_beside_an_instrument_that_asked_to_be_left_is_not_counted(tmp_path):
    many(tmp_path / "stuff/Kit/loops", 3)
    many(tmp_path / "stuff/Kit/Samples", 9)
    put(tmp_path / "stuff/Kit/Samples/.nodrumwatch", b"")
    put(tmp_path / "stuff/Kit/Kit.nki", b"\0" * 12 + b"hsin")
    put(tmp_path / "stuff/taxes/return.pdf", b"%PDF")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert list(found(survey)) == ["stuff/Kit/Samples"]
    assert len(survey.needed) == 3


def test_a_pack_with_instruments_leaves_the_instrument_beside_it_a_project(tmp_path):
    root = pack(tmp_path / "Pack", 12)
    sounds(root / "Instruments", "own.wav")
    sfz(root / "Instruments/kit.sfz", "own.wav")
    TREES["sfz"](tmp_path)

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"Oak Kit": "an SFZ instrument"}
    assert named(survey, survey.kept_whole) == {"Pack": "kit.sfz"}


def test_a_song_outside_of_a_pack_that_is_kept_whole_needs_its_sounds(tmp_path):
    root = pack(tmp_path / "Pack")
    sfz(root / "kit.sfz", "Kicks/kick 1.wav")
    put(tmp_path / "Song.rpp", rpp("Pack/Hats/hat 1.wav"))

    survey = surveyed(tmp_path, root_is_unit=False)

    assert named(survey, survey.kept_whole) == {"Pack": "kit.sfz"}
    assert named(survey, survey.needed) == {"Pack/Hats/hat 1.wav": "Song.rpp"}


def test_the_sounds_of_a_kit_inside_a_kit_count_once(tmp_path):
    """Four of ten sounds are those of kits: counted twice, the inner two would make it six."""
    root = pack(tmp_path / "Pack", 6)
    outer, inner = root / "Instruments/Kit", root / "Instruments/Kit/Inner"
    own, deeper = many(outer, 2, "own"), many(inner, 2, "deeper")
    sfz(outer / "kit.sfz", *own, *(f"Inner/{name}" for name in deeper))
    sfz(inner / "inner.sfz", *deeper)

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {}
    assert named(survey, survey.kept_whole) == {"Pack": "kit.sfz"}


def test_a_pack_that_is_part_of_an_instrument_is_not_kept_whole_besides(tmp_path):
    for folder in ("One", "Two"):
        many(tmp_path / f"shelf/{folder}", 4)
    sfz(tmp_path / "shelf/One/kit.sfz", "loop 0.wav", *(f"../Two/loop {n}.wav" for n in range(4)))

    survey = surveyed(tmp_path / "shelf")

    assert found(survey) == {".": "an SFZ instrument"}
    assert (survey.kept_whole, survey.needed) == ({}, {})


def test_a_program_with_an_instrument_in_it_is_a_program_and_nothing_of_it_is_kept_besides(tmp_path):
    names = many(tmp_path / "Player/sfx", 12)
    put(tmp_path / "Player/sfx/player.js", "x()\n")
    sfz(tmp_path / "Player/sfx/kit.sfz", *names[:2])

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"Player": "a program's source code"}
    assert (survey.kept_whole, survey.needed) == ({}, {})


@pytest.mark.parametrize("name", [".hidden {}.wav", "._own {}.wav"])
def test_hidden_sounds_are_no_sounds_of_the_folder(tmp_path, name):
    names = many(tmp_path / "Kit", 2, "own")
    for number in range(8):
        put(tmp_path / "Kit" / name.format(number), b"x")
    sfz(tmp_path / "Kit/kit.sfz", *names)

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"Kit": "an SFZ instrument"}


@pytest.mark.parametrize("name", [".kit.sfz", "._kit.sfz", "__MACOSX/kit.sfz"])
def test_a_hidden_document_makes_no_instrument(tmp_path, name):
    many(tmp_path / "Kit", 2, "own")
    sfz(tmp_path / "Kit" / name, "own 0.wav", "own 1.wav", "../own 0.wav", "../own 1.wav")

    survey = surveyed(tmp_path, root_is_unit=False)

    assert (survey.projects, survey.kept_whole, survey.needed) == ((), {}, {})


@pytest.mark.parametrize("name", ["Kicks/kick {}.wav.asd", "Kicks/kick {}.wav.reapeaks", ".hidden {}"])
def test_what_programs_keep_beside_sounds_makes_a_pack_no_other_thing(tmp_path, name):
    root = pack(tmp_path / "Pack", 12)
    for number in range(20):
        put(root / name.format(number), b"x")
    document = sfz(root / "kit.sfz", "Kicks/kick 1.wav")

    assert surveyed(tmp_path, root_is_unit=False).kept_whole == {root: document}


def test_an_empty_folder_of_any_name_makes_a_pack_no_other_thing(tmp_path):
    root = pack(tmp_path / "Pack")
    (root / "taxes").mkdir()
    document = sfz(root / "kit.sfz", "Kicks/kick 1.wav")

    assert surveyed(tmp_path, root_is_unit=False).kept_whole == {root: document}


# --- songs ---


def test_a_song_without_marker_is_judged_by_what_it_refers_to(tmp_path):
    many(tmp_path / "Song/Media", 10, "take")
    put(tmp_path / "Song/Song.rpp", rpp(*(f"Media/take {n}.wav" for n in range(10)), record_path="elsewhere"))
    (tmp_path / "Song/Media").rename(tmp_path / "Song/Renamed")

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"Song": "a Reaper song"}


def test_a_demo_project_in_a_pack_is_cut_out_and_what_it_needs_of_the_pack_is_reported(tmp_path):
    root = pack(tmp_path / "Pack")
    put(root / "Demo Project/Ableton Project Info/Project8_1.cfg", b"x")
    put(root / "Demo Project/Demo.als", live_set("../Kicks/kick 1.wav"))

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"Pack/Demo Project": "an Ableton Live project"}
    assert named(survey, survey.needed) == {"Pack/Kicks/kick 1.wav": "Demo.als"}
    assert survey.kept_whole == {}


def test_a_live_project_needs_sounds_of_a_pack_beside_it(tmp_path):
    project = TREES["ableton"](tmp_path)
    pack(tmp_path / "Pack")
    put(project / "Second.als", live_set("Samples/Imported/kick.wav", "../Pack/Hats/HAT 3.WAV"))

    survey = surveyed(tmp_path, root_is_unit=False)

    assert named(survey, survey.needed) == {"Pack/Hats/hat 3.wav": "Second.als"}


def test_a_song_that_lies_in_downloads_itself_only_protects_its_sounds(tmp_path):
    pack(tmp_path / "Pack")
    sounds(tmp_path, "vocal.wav", "other.wav")
    put(tmp_path / "Song.rpp", rpp("vocal.wav", "Pack/Kicks/kick 0.wav"))

    survey = surveyed(tmp_path, root_is_unit=False)

    assert survey.projects == ()
    assert named(survey, survey.needed) == {"Pack/Kicks/kick 0.wav": "Song.rpp", "vocal.wav": "Song.rpp"}


def test_a_playlist_protects_what_it_lists_and_is_never_a_project(tmp_path):
    root = pack(tmp_path / "Pack")
    put(root / "all.m3u8", "#EXTM3U\nKicks/kick 0.wav\nHats\\hat 1.wav\n")

    survey = surveyed(root)

    assert survey.projects == ()
    assert named(survey, survey.needed) == {"Hats/hat 1.wav": "all.m3u8", "Kicks/kick 0.wav": "all.m3u8"}


# --- programs ---


def test_a_pack_with_one_script_stays_a_pack(tmp_path):
    root = pack(tmp_path / "Pack", 120)
    put(root / "rename.py", "print()\n")

    assert surveyed(root).projects == ()


@pytest.mark.parametrize(
    ("sources", "count", "is_program"),
    [(1, 40, True), (1, 60, False), (2, 60, True), (2, 120, False), (3, 120, True), (3, 200, False)],
)
def test_so_many_sources_among_so_many_sounds_are_a_program(tmp_path, sources, count, is_program):
    many(tmp_path / "Thing/sfx", count)
    for number in range(sources):
        put(tmp_path / f"Thing/{number}.js", "x()\n")

    assert bool(surveyed(tmp_path, root_is_unit=False).projects) is is_program


def test_sources_beside_a_folder_of_sounds_are_one_program_and_no_shelf(tmp_path):
    many(tmp_path / "Thing/sfx", 20)
    put(tmp_path / "Thing/src/main.js", "x()\n")

    assert found(surveyed(tmp_path / "Thing")) == {".": "a program's source code"}


def test_tools_in_a_pack_are_a_project_of_their_own(tmp_path):
    root = pack(tmp_path / "Pack", 200)
    sounds(root / "Player", "test.wav")
    put(root / "Player/player.py", "print()\n")

    assert found(surveyed(root)) == {"Player": "a program's source code"}


def test_a_web_page_without_sounds_is_not_reported(tmp_path):
    pack(tmp_path / "Pack")
    put(tmp_path / "saved page/index.html", "<!doctype html>\n")

    assert surveyed(tmp_path, root_is_unit=False).projects == ()


def test_a_pack_with_a_script_and_a_checkout_in_it_is_a_pack_with_a_project(tmp_path):
    root = pack(tmp_path / "Pack", 200)
    put(root / "rename.py", "print()\n")
    TREES["git"](root)

    assert found(surveyed(root)) == {"game": "a git checkout"}


@pytest.mark.parametrize(
    ("content", "called"), [("#N canvas 0 0 450 300 12;\n", "a Pure Data patch"), ("other data", "a patch")]
)
def test_more_patches_than_sounds_are_a_program_that_is_shown_by_one_of_them(tmp_path, content, called):
    sounds(tmp_path / "Other", "a.wav", "b.wav", "c.wav")
    put(tmp_path / "Other/device.maxpat", '{"patcher": {"boxes": []}}')
    sounds(tmp_path / "Patches", "a.wav", "b.wav")
    put(tmp_path / "Patches/all.m3u", "a.wav\n")
    for number in range(3):
        put(tmp_path / f"Patches/{number}.pd", content)

    survey = surveyed(tmp_path, root_is_unit=False)

    assert found(survey) == {"Patches": called}
    assert survey.projects[0].marker.name == ("0.pd" if content.startswith("#N") else "Patches")


# --- which marker counts ---


def test_of_a_marker_inside_a_marker_the_outermost_counts(tmp_path):
    root = TREES["git"](tmp_path)
    for name in ("ableton", "node_modules", "sfz", "bundle_app"):
        TREES[name](root / "things")

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"game": "a git checkout"}


def test_a_project_by_its_sources_takes_in_one_by_a_marker(tmp_path):
    root = TREES["web_page"](tmp_path)
    TREES["ableton"](root)

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"soundboard": "a web page"}


@pytest.mark.parametrize(
    "name", ["package.json", "index.html", "Makefile", "setup.py", "project.work", "Song.rpp"]
)
def test_a_stray_file_in_downloads_does_not_freeze_downloads(tmp_path, name):
    pack(tmp_path / "Pack")
    sounds(tmp_path / "Media", "kick.wav")
    put(tmp_path / name, "<REAPER_PROJECT 0.1\n" if name == "Song.rpp" else "{}")

    assert surveyed(tmp_path, root_is_unit=False).projects == ()


@pytest.mark.parametrize(
    "name", [".nodrumwatch", ".git/HEAD", ".hg/requires", "Ableton Project Info/Project8_1.cfg"]
)
def test_downloads_itself_can_be_left(tmp_path, name):
    pack(tmp_path / "Pack")
    put(tmp_path / name, "x")

    assert found(surveyed(tmp_path, root_is_unit=False)).keys() == {"."}


def test_a_folder_marker_in_downloads_is_left_itself(tmp_path):
    sounds(tmp_path / "Beat_[ProjectData]", "Kick.wav")
    sounds(tmp_path, "loose.wav")

    assert found(surveyed(tmp_path, root_is_unit=False)) == {"Beat_[ProjectData]": "an MPC project"}


def test_a_folder_that_is_asked_to_be_left_is_left_whatever_else_it_is(tmp_path):
    root = TREES["git"](tmp_path)
    put(root / ".nodrumwatch", b"")

    (project,) = surveyed(root).projects

    assert project.kind == "asked"
    assert project.describe() == "game is a folder that you asked to leave (.nodrumwatch)"


def test_a_link_to_a_project_is_no_project(tmp_path):
    TREES["ableton"](tmp_path / "elsewhere")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "elsewhere/Night Drive Project")
    (tmp_path / "in/Pack").mkdir()
    (tmp_path / "in/Pack/.git").symlink_to(tmp_path / "elsewhere")

    assert surveyed(tmp_path / "in", root_is_unit=False).projects == ()


# --- again ---


@pytest.fixture
def settled(monkeypatch):
    """Folders count as settled at once; gives the folders that were listed."""
    monkeypatch.setattr(listing, "COARSEST_TIMESTAMP_NS", -(10**12))
    listed: list[str] = []
    really = listing._listed
    monkeypatch.setattr(
        listing, "_listed", lambda folder, *more: (listed.append(Path(folder).name), really(folder, *more))[1]
    )
    return listed


def test_a_second_look_lists_nothing_and_says_the_same(tmp_path, settled):
    pack(tmp_path / "Pack")
    TREES["sfz"](tmp_path)
    surveyor = Surveyor()
    first = surveyor.survey(tmp_path, root_is_unit=False)
    settled.clear()

    assert surveyor.survey(tmp_path, root_is_unit=False) == first
    assert settled == []


def test_a_marker_that_comes_later_is_found_and_only_its_folder_is_listed_again(tmp_path, settled):
    pack(tmp_path / "Pack")
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects == ()
    settled.clear()

    put(tmp_path / "Pack/.git", "gitdir: ../x\n")

    assert found(surveyor.survey(tmp_path, root_is_unit=False)) == {"Pack": "a git checkout"}
    assert settled == ["Pack"]


@pytest.mark.usefixtures("settled")
def test_a_marker_is_found_though_its_folder_was_set_back_to_an_older_time(tmp_path):
    """As rsync does it when it has copied a folder."""
    root = pack(tmp_path / "Pack")
    before = root.stat()
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects == ()

    put(root / ".git", "gitdir: ../x\n")
    os.utime(root, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert found(surveyor.survey(tmp_path, root_is_unit=False)) == {"Pack": "a git checkout"}


def test_a_marker_that_comes_in_the_moment_of_the_first_look_is_found_by_the_second(tmp_path, monkeypatch):
    """Until a change must show in its time, a folder is listed again."""
    monkeypatch.setattr(listing, "COARSEST_TIMESTAMP_NS", 10**18)
    root = pack(tmp_path / "Pack")
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects == ()

    put(root / ".git", "gitdir: ../x\n")

    assert found(surveyor.survey(tmp_path, root_is_unit=False)) == {"Pack": "a git checkout"}


@pytest.mark.usefixtures("settled")
def test_a_document_that_was_rewritten_in_place_is_read_again(tmp_path):
    many(tmp_path / "Kit", 4)
    document = sfz(tmp_path / "Kit/kit.sfz", "gone.wav")
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects == ()

    sfz(document, "loop 0.wav", "loop 1.wav")

    assert found(surveyor.survey(tmp_path, root_is_unit=False)) == {"Kit": "an SFZ instrument"}


@pytest.mark.usefixtures("settled")
def test_a_marker_whose_content_came_later_is_found(tmp_path):
    sounds(tmp_path / "Song/Media", "a.wav")
    put(tmp_path / "Song/Song.rpp", "")
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects == ()

    put(tmp_path / "Song/Song.rpp", "<REAPER_PROJECT 0.1\n")

    assert found(surveyor.survey(tmp_path, root_is_unit=False)) == {"Song": "a Reaper song"}


@pytest.mark.usefixtures("settled")
def test_a_project_that_has_gone_is_forgotten(tmp_path):
    root = TREES["ableton"](tmp_path)
    surveyor = Surveyor()
    assert surveyor.survey(tmp_path, root_is_unit=False).projects

    shutil.rmtree(root)

    assert surveyor.survey(tmp_path, root_is_unit=False) == Survey(tmp_path)


@pytest.mark.parametrize("document", ["Lost.nki", "Lost.sfz", "Lost.sf2"])
def test_an_instrument_that_lies_directly_in_a_folder_for_everything_never_freezes_it(tmp_path, document):
    sounds(tmp_path, "a.wav", "b.wav")
    if document == "Lost.sf2":
        shutil.move(TREES["soundfont"](tmp_path / "elsewhere") / "Font.sf2", tmp_path / document)
        shutil.rmtree(tmp_path / "elsewhere")
    else:
        put(tmp_path / document, "<region> sample=a.wav\n<region> sample=b.wav\n")

    found = Surveyor().survey(tmp_path, root_is_unit=False)

    assert found.projects == ()
    assert found.kept_whole == {}


def test_a_file_included_by_an_instrument_is_read_again_when_it_changes_or_comes(tmp_path):
    names = many(tmp_path / "Kit/Samples", 4)
    put(tmp_path / "Kit/kit.sfz", '#include "parts/a.sfzh"\n#include "parts/b.sfzh"\n')
    put(tmp_path / "Kit/parts/a.sfzh", "// nothing yet\n")
    surveyor = Surveyor()
    seen = [found(surveyor.survey(tmp_path / "Kit", root_is_unit=True))]
    for part, some in (("a", names[:2]), ("a", []), ("b", names[:2])):
        put(
            tmp_path / f"Kit/parts/{part}.sfzh", "".join(f"<region> sample=Samples/{name}\n" for name in some)
        )
        seen.append(found(surveyor.survey(tmp_path / "Kit", root_is_unit=True)))

    assert seen == [{}, {".": "an SFZ instrument"}, {}, {".": "an SFZ instrument"}]
