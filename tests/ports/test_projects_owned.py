"""Whether a file belongs to a project, by the files around it: a real journal and real trees, for each setting of `projects`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from project_trees import TREES, pack, put, rpp, sounds

from drumwatch.config import Watch
from drumwatch.journal import Journal
from drumwatch.packs.projects import COUNTED, FREE, Projects

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal(":memory:") as journal:
        yield journal


@pytest.fixture
def batch(journal: Journal, tmp_path: Path) -> int:
    return journal.batches.current(tmp_path / "in", "", 0.0)


@pytest.fixture
def projects(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projects:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return Projects(journal)


def watching(folder: Path, setting: Literal["leave", "copy", "sort"] = "leave") -> Watch:
    folder.mkdir(parents=True, exist_ok=True)
    return Watch(folder, folder.parent / "Library", projects=setting)


def test_a_sound_of_a_project_is_the_projects_and_one_beside_it_is_free(projects, tmp_path):
    watch = watching(tmp_path / "in")
    root = TREES["sfz"](tmp_path / "in")
    loose, *_ = sounds(tmp_path / "in", "loose.wav")

    survey = projects.survey(watch)

    owned = projects.ownership(root / "Samples/kick_v0.wav", watch, survey)
    assert (owned.project.root, owned.claim) == (root, None)
    assert projects.ownership(loose, watch, survey) == FREE


def test_where_projects_are_copied_a_sound_of_one_is_claimed_and_stays_untouched(projects, tmp_path):
    watch = watching(tmp_path / "in", "copy")
    root = TREES["sfz"](tmp_path / "in")

    owned = projects.ownership(root / "Samples/kick_v0.wav", watch, projects.survey(watch))

    assert owned.project is None
    assert (owned.claim.by, owned.claim.untouched) == ("Oak Kit, an SFZ instrument", True)


def test_where_projects_are_sorted_nothing_is_looked_for(projects, tmp_path):
    watch = watching(tmp_path / "in", "sort")
    root = TREES["sfz"](tmp_path / "in")

    for survey in (
        projects.survey(watch),
        projects.survey_given(watch, is_pack=True),
        projects.survey_as_one(root, watch),
    ):
        assert (survey.projects, survey.needed, survey.kept_whole) == ((), {}, {})


def test_a_sound_that_a_song_elsewhere_refers_to_is_claimed_by_it(projects, tmp_path):
    watch = watching(tmp_path / "in")
    pack(tmp_path / "in/Pack")
    put(tmp_path / "in/Song.rpp", rpp("Pack/Kicks/kick 0.wav"))

    survey = projects.survey(watch)

    owned = projects.ownership(tmp_path / "in/Pack/Kicks/kick 0.wav", watch, survey)
    assert (owned.claim.by, owned.claim.untouched) == ("Song.rpp", False)
    assert projects.ownership(tmp_path / "in/Pack/Kicks/kick 1.wav", watch, survey) == FREE


def test_every_sound_of_a_pack_that_is_kept_whole_is_claimed(projects, tmp_path):
    watch = watching(tmp_path / "in")
    root = pack(tmp_path / "in/Pack")
    put(root / "kit.sfz", "<region> sample=Kicks/kick 0.wav\n")

    survey = projects.survey(watch)

    assert projects.ownership(root / "Hats/hat 0.wav", watch, survey).claim.by == "kit.sfz"
    assert projects.ownership(tmp_path / "in/loose.wav", watch, survey) == FREE


def test_a_watched_folder_inside_a_project_is_all_the_projects(projects, tmp_path):
    root = TREES["git"](tmp_path / "home")
    watch = watching(root / "assets/sfx")

    assert [one.root for one in projects.survey(watch).projects] == [root]
    assert [one.root for one in projects.survey_given(watch, is_pack=True).projects] == [root]


# --- a folder given to `sort` ---


def test_a_project_that_is_given_is_one_also_where_it_is_no_pack(projects, tmp_path):
    root = TREES["sfz"](tmp_path)
    watch = watching(root)

    assert [one.root for one in projects.survey_given(watch, is_pack=False).projects] == [root]


def test_a_pack_that_is_given_is_looked_at_as_one(projects, tmp_path):
    root = pack(tmp_path / "Pack")
    put(root / "kit.sfz", "<region> sample=Kicks/kick 0.wav\n")
    watch = watching(root)

    assert projects.survey_given(watch, is_pack=True).kept_whole == {root: root / "kit.sfz"}
    assert projects.survey_given(watch, is_pack=False).kept_whole == {}


# --- what came as one thing ---


def test_an_archive_that_holds_one_folder_is_that_folder(projects, tmp_path):
    watch = watching(tmp_path / "in")
    root = pack(tmp_path / "in/unpacked/Pack")
    put(root / "kit.sfz", "<region> sample=Kicks/kick 0.wav\n")

    assert projects.survey_as_one(tmp_path / "in/unpacked", watch).kept_whole == {root: root / "kit.sfz"}


def test_an_archive_that_holds_several_folders_is_all_of_them(projects, tmp_path):
    watch = watching(tmp_path / "in")
    roots = {TREES[name](tmp_path / "in/unpacked") for name in ("sfz", "hydrogen")}

    survey = projects.survey_as_one(tmp_path / "in/unpacked", watch)

    assert {one.root for one in survey.projects} == roots


def test_an_archive_that_holds_nothing_is_no_error(projects, tmp_path):
    watch = watching(tmp_path / "in")

    assert projects.survey_as_one(tmp_path / "in", watch).projects == ()
    assert projects.survey_as_one(tmp_path / "in/gone", watch).projects == ()


@pytest.mark.parametrize("name", ["logic_bundle", "bundle_app", "node_modules"])
def test_an_archive_that_holds_only_a_bundle_is_not_entered(projects, tmp_path, name):
    watch = watching(tmp_path / "in")
    root = TREES[name](tmp_path / "in/unpacked")

    assert [one.root for one in projects.survey_as_one(tmp_path / "in/unpacked", watch).projects] == [root]


def test_a_link_is_not_followed_out_of_what_came(projects, tmp_path):
    watch = watching(tmp_path / "in")
    TREES["git"](tmp_path / "elsewhere")
    (tmp_path / "in/unpacked").mkdir()
    (tmp_path / "in/unpacked/link").symlink_to(tmp_path / "elsewhere/game")

    assert projects.survey_as_one(tmp_path / "in/unpacked", watch).projects == ()


# --- telling ---


def test_a_project_is_reported_once_and_its_sounds_are_counted(projects, batch, tmp_path):
    TREES["sfz"](tmp_path / "in")
    (project,) = projects.survey(watching(tmp_path / "in")).projects

    reported = projects.report(project, batch)

    assert reported.reason == "Oak Kit is an SFZ instrument (Oak Kit.sfz) with 4 sounds"
    assert projects.report(project, batch) is None
    assert projects.report(project, batch, put_back=1).reason.endswith(
        "; 1 of them had been filed before this was known, and is back"
    )


def test_a_project_that_has_been_reported_is_not_looked_through_again(projects, batch, tmp_path, monkeypatch):
    TREES["sfz"](tmp_path / "in")
    (project,) = projects.survey(watching(tmp_path / "in")).projects
    projects.report(project, batch)

    monkeypatch.setattr("drumwatch.packs.projects.scan", lambda *_, **__: pytest.fail("counted again"))

    assert projects.report(project, batch) is None


def test_one_sound_is_written_in_the_singular(projects, batch, tmp_path):
    sounds(tmp_path / "in/Kit", "1.wav")
    put(tmp_path / "in/Kit/.nodrumwatch", b"")
    (project,) = projects.survey(watching(tmp_path / "in")).projects

    assert projects.report(project, batch).reason.endswith("with 1 sound")


def test_very_many_sounds_are_not_counted_to_the_end(projects, batch, fast_folder):
    put(fast_folder / "in/Kit/.nodrumwatch", b"")
    for number in range(COUNTED + 1):
        (fast_folder / f"in/Kit/{number}.wav").touch()
    (project,) = projects.survey(watching(fast_folder / "in")).projects

    assert projects.report(project, batch).reason.endswith(f"with {COUNTED} or more sounds")


def test_a_project_in_an_archive_is_reported_by_the_archives_place(projects, batch, tmp_path):
    root = TREES["ableton"](tmp_path / "in/unpacked")
    watch = watching(tmp_path / "in")
    (project,) = projects.survey_as_one(root.parent, watch).projects

    reported = projects.report(project, batch, known_as=tmp_path / "in/Night.zip")

    assert reported.source == tmp_path / "in/Night.zip"
    assert reported.reason.startswith("Night.zip is an Ableton Live project")
