"""Every row of the tables of markers and formats, on a small tree of the real shape; and what only looks like one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from project_trees import EXPECTED, PLAIN, TREES, put, sounds

from drumwatch.intake.ignore import is_audio_name
from drumwatch.intake.projects import Surveyor, enclosing_project, is_marker_name
from drumwatch.intake.projects.formats import FORMATS, formats_for
from drumwatch.intake.projects.markers import MARKERS, Marker, proven, rows_for
from drumwatch.intake.projects.references import read_references


def surveyed(root: Path, *, root_is_unit: bool = True):
    return Surveyor().survey(root, root_is_unit=root_is_unit)


@pytest.mark.parametrize("name", TREES)
def test_somebodys_work_is_one_project_when_it_is_given(tmp_path, name):
    root = TREES[name](tmp_path)

    survey = surveyed(root)

    assert [(one.root, one.kind, one.name) for one in survey.projects] == [(root, *EXPECTED[name])]
    assert survey.complete
    assert survey.needed == {}
    assert survey.kept_whole == {}


@pytest.mark.parametrize("name", TREES)
def test_somebodys_work_is_one_project_in_a_folder_for_everything(tmp_path, name):
    sounds(tmp_path, "loose.wav", "loose too.wav")
    root = TREES[name](tmp_path)

    survey = surveyed(tmp_path, root_is_unit=False)

    assert [(one.root, one.kind, one.name) for one in survey.projects] == [(root, *EXPECTED[name])]
    assert survey.needed == {}


@pytest.mark.parametrize("name", TREES)
def test_a_project_is_shown_by_something_in_it(tmp_path, name):
    root = TREES[name](tmp_path)

    (project,) = surveyed(root).projects

    assert project.marker.is_relative_to(root)
    assert project.marker.exists()
    assert project.describe().startswith(f"{root.name} is {EXPECTED[name][1]}")


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("root_is_unit", [True, False], ids=["given", "watched"])
def test_what_only_looks_like_work_is_a_plain_pack(tmp_path, name, root_is_unit):
    root = PLAIN[name](tmp_path)

    survey = surveyed(root if root_is_unit else tmp_path, root_is_unit=root_is_unit)

    assert (survey.projects, survey.needed, survey.kept_whole) == ((), {}, {})


def test_every_row_of_both_tables_has_its_tree(tmp_path):
    shown: set[int] = set()
    for number, builder in enumerate([*TREES.values(), *PLAIN.values()]):
        builder(tmp_path / str(number))
    for where, folders, files in os.walk(tmp_path):
        for name in (*folders, *files):
            path = Path(where, name)
            form: Literal["file", "folder"] = "folder" if name in folders else "file"
            shown |= {id(row) for row in rows_for(name) if proven((row,), where, name, form)}
            if form == "file" and (name_shown := read_references(path).display_name):
                shown |= {id(row) for row in formats_for(name) if row.display_name == name_shown}

    assert [row for row in (*MARKERS, *FORMATS) if id(row) not in shown] == []


def test_every_marker_and_document_is_known_by_its_name(tmp_path):
    for number, builder in enumerate(TREES.values()):
        builder(tmp_path / str(number))
    for path in tmp_path.rglob("*"):
        if rows_for(path.name) or formats_for(path.name):
            assert is_marker_name(path.name), path.name
    for project in surveyed(tmp_path, root_is_unit=False).projects:
        if project.kind != "code":  # some are known by their source files alone
            assert is_marker_name(project.marker.name), project.marker.name


@pytest.mark.parametrize(
    "name", ["kick.wav", "Readme.txt", "Kicks", "cover.jpg", "groove.mid", "", ".", "kick.wav.asd"]
)
def test_most_names_are_no_markers(name):
    assert not is_marker_name(name)


def test_no_row_is_found_by_the_name_of_a_sound():
    assert not [row for row in MARKERS for pattern in row.patterns if is_audio_name(f"x{pattern}")]
    assert not [row for row in FORMATS for name in row.names if is_audio_name(f"x{name}")]


def test_a_new_program_is_a_new_row():
    row = Marker(("*.newdaw",), "song", "a song of a new program")

    assert proven((row,), "/anywhere", "x.newdaw", "file") is row
    assert proven((row,), "/anywhere", "x.newdaw", "folder") is None


# --- around a folder ---


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (kind, _) in EXPECTED.items()
        if name in {"git", "ableton", "bundle_app", "code_with_package_json", "asked", "octatrack_set"}
    ],
)
def test_a_folder_inside_a_project_is_part_of_it(tmp_path, name):
    root = TREES[name](tmp_path / "home")
    inside = next(path.parent for path in root.rglob("*") if is_audio_name(path.name))

    project = enclosing_project(inside, tmp_path / "home")

    assert project is not None
    assert (project.root, project.kind, project.name) == (root, *EXPECTED[name])


def test_of_projects_around_a_folder_the_outermost_counts(tmp_path):
    outer = TREES["git"](tmp_path / "home")
    inner = TREES["ableton"](outer / "music")

    project = enclosing_project(inner / "Samples", tmp_path / "home")

    assert project is not None
    assert project.root == outer


def test_home_and_what_is_above_it_is_no_project(tmp_path):
    put(tmp_path / "package.json", "{}")
    put(tmp_path / "home/.git/HEAD", "ref: x")
    sounds(tmp_path / "home/Samples", "a.wav")

    assert enclosing_project(tmp_path / "home/Samples", tmp_path / "home") is None
    assert enclosing_project(tmp_path / "home", tmp_path / "home") is None


def test_a_stray_marker_makes_no_project_of_downloads(tmp_path):
    put(tmp_path / "Downloads/package.json", "{}")
    sounds(tmp_path / "Downloads/Pack", "a.wav")

    assert enclosing_project(tmp_path / "Downloads/Pack", tmp_path) is None


def test_a_folder_in_no_project_has_none_around_it(tmp_path):
    PLAIN["plain_pack"](tmp_path)

    assert enclosing_project(tmp_path / "Vendor - Drums/Kicks", tmp_path) is None
    assert enclosing_project(tmp_path / "never/was", tmp_path) is None
