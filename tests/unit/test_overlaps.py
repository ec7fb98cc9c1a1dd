"""Watches and libraries that links have led into each other since the configuration was read: real folders and links."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest
import sounds

from drumwatch.config import Config, Match, Rule, Watch
from drumwatch.config.overlaps import find_overlaps
from drumwatch.intake.arrivals import Arrivals
from drumwatch.journal import Journal

LATER = 100.0  # any quiet time is over by then
NOW, WALL = 0.0, 4e9


@pytest.fixture
def root(tmp_path):
    for name in ("a/inner", "b", "lib"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def link(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


def idle(root: Path, *folders: Path, **options) -> dict[Path, str]:
    watches = [Watch(folder, root / "lib", **options) for folder in folders]
    return find_overlaps(watches, ()).idle


def test_folders_apart_do_not_overlap(root):
    assert find_overlaps([Watch(root / "a", root / "lib"), Watch(root / "b", root / "lib")], ()) == ({}, {})


def test_of_two_links_to_one_folder_the_later_is_idle(root):
    first, second = link(root / "first", root / "a"), link(root / "second", root / "a")

    (folder,) = idle(root, first, second)

    assert folder == second
    assert idle(root, first, second)[folder] == (
        f"leads into {first}, which is watched too: what comes there is handled once, as is set for {first}"
    )


def test_the_inner_of_two_folders_is_idle_whichever_comes_first(root):
    inner = link(root / "link", root / "a/inner")

    assert list(idle(root, inner, root / "a")) == list(idle(root, root / "a", inner)) == [inner]


@pytest.mark.parametrize("options", [{"recursive": False}, {"exclude": ("inner",)}])
def test_an_inner_folder_that_the_outer_does_not_handle_is_not_idle(root, options):
    assert idle(root, root / "a", link(root / "link", root / "a/inner"), **options) == {}


@pytest.mark.parametrize("leads_to", ["lib", "lib/kick"])
def test_a_watch_that_leads_into_a_library_is_idle(root, leads_to):
    (root / "lib/kick").mkdir()
    watched = link(root / "link", root / leads_to)

    assert "where nothing is sorted again" in idle(root, watched)[watched]


def test_a_watch_that_leads_to_a_protected_folder_is_idle(root):
    watched = link(root / "link", Path("/usr/share"))

    assert idle(root, watched)[watched].startswith(
        "leads to /usr/share, which lies in /usr, a folder of the system"
    )


def test_a_library_that_leads_into_a_watch_is_left_out_of_it(root):
    watch = Watch(root / "a", link(root / "library", root / "a/inner"))

    found = find_overlaps([watch], ())

    assert (found.idle, found.libraries) == ({}, {root / "a": [PurePath("inner")]})
    assert found.is_in_library(root / "a/inner/kick/k.wav", root / "a")
    assert found.is_in_library(root / "a/INNER/kick/k.wav", root / "a")
    assert not found.is_in_library(root / "a/inner 2/k.wav", root / "a")


@pytest.mark.parametrize(
    ("rules", "count"), [((), 0), ((Rule("r", Match(), "move"),), 1)], ids=["tags", "files"]
)
def test_a_library_matters_only_where_something_is_filed(root, rules, count):
    watch = Watch(root / "a", link(root / "library", root / "a/inner"), action="tag")

    assert len(find_overlaps([watch], rules).libraries) == count


# What comes of it


class OverlapHarness:
    """Arrivals of some folders, whose links may change."""

    def __init__(self, library: Path, *folders: Path) -> None:
        watches = tuple(Watch(folder, library) for folder in folders)
        self.journal = Journal(":memory:")
        self.arrivals = Arrivals(Config(library, watches=watches), self.journal)
        self.arrivals.begin(NOW, WALL)

    def out(self, *, again: bool = True) -> list[Path]:
        """The paths that come out, after a rescan of everything."""
        if again:
            self.arrivals.find_overlaps()
        self.arrivals.rescan(NOW, WALL)
        return sorted(one[0].path for one in self.arrivals.stable(LATER, WALL + LATER))


def drop(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    return sounds.write(path, sounds.noise_burst(seed=seed))


def point(path: Path, target: Path) -> None:
    path.unlink()
    path.symlink_to(target)


def test_a_sound_that_two_watches_lead_to_comes_out_once_and_that_is_told_once(root, caplog):
    folder = link(root / "link", root / "b")
    harness = OverlapHarness(root / "lib", root / "a", folder)
    point(folder, root / "a/inner")
    sound = drop(root / "a/inner/k.wav")

    assert harness.out() == [sound]
    harness.out()
    assert harness.arrivals.idle(folder)
    assert len([one for one in caplog.records if "handled once" in one.message]) == 1

    point(folder, root / "b")
    drop(root / "b/back.wav", seed=1)
    assert folder / "back.wav" in harness.out()
    assert not harness.arrivals.idle(folder)
    harness.journal.close()


def test_a_library_that_a_link_puts_into_a_watch_is_not_filed_again(root):
    library = link(root / "library", root / "lib")
    harness = OverlapHarness(library, root / "a")
    point(library, root / "a/inner")
    drop(root / "a/inner/kick/filed.wav")
    new = drop(root / "a/new.wav", seed=1)

    assert harness.out() == [new]
    harness.journal.close()


def test_what_waits_when_its_folder_becomes_a_library_does_not_come_out(root):
    library = link(root / "library", root / "lib")
    harness = OverlapHarness(library, root / "a")
    drop(root / "a/inner/kick/filed.wav")
    harness.arrivals.rescan(NOW, WALL)
    point(library, root / "a/inner")
    harness.arrivals.find_overlaps()

    assert list(harness.arrivals.stable(LATER, WALL + LATER)) == []
    harness.journal.close()
