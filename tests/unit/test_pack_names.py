from pathlib import Path

import pytest

from drumwatch.intake.arrivals import pack_of
from drumwatch.intake.pack_documents import belongs_to_a_pack
from drumwatch.intake.pack_names import is_a_pack, is_category_folder, name_of_unpacked

ROOT = Path("/in")


@pytest.mark.parametrize(
    ("path", "pack"),
    [
        ("kick.wav", ""),
        ("Vendor - Title [24bit] (2026)/Kicks/kick.wav", "Vendor - Title [24bit] (2026)"),
        ("Kicks/kick.wav", ""),
        ("One Shots/Pack A/kick.wav", ""),
        ("Vendor_-_Title-WAV/kick.wav", "Vendor - Title"),
    ],
)
def test_a_file_came_in_its_top_folder_unless_that_is_a_drawer(path, pack):
    assert pack_of(ROOT / path, ROOT) == pack


@pytest.mark.parametrize(
    "name", ["Kicks", "01 - Kicks", "Closed Hats", "WAV", "808s", "Crashes", "Kicks & Snares", "DRUM_LOOPS"]
)
def test_a_drawer_is_known_by_its_words(name):
    assert is_category_folder(name)


@pytest.mark.parametrize("name", ["Vendor - Kicks", "Kick Lab", "2026", "Lofi", "A Hat", ""])
def test_a_name_that_says_more_is_no_drawer(name):
    assert not is_category_folder(name)


@pytest.mark.parametrize(
    ("folder", "inside", "answer"),
    [
        ("Vendor - Title", ["Kicks", "Snares"], True),
        ("Vendor - Title", ["Kicks", ".hidden", "__MACOSX"], True),
        ("Vendor - Title", ["Kicks", "Another Vendor"], False),
        ("Vendor - Title", [], False),
        ("Samples", ["Kicks", "Snares"], False),
        ("Downloads", ["Kicks"], False),
        ("Drums", ["Kicks"], False),
    ],
)
def test_a_folder_given_is_a_pack_when_it_has_a_name_and_only_drawers(tmp_path, folder, inside, answer):
    for name in inside:
        (tmp_path / folder / name).mkdir(parents=True)
    (tmp_path / folder).mkdir(exist_ok=True)

    assert is_a_pack(tmp_path / folder) == answer


@pytest.mark.parametrize(
    ("archive", "inside", "name"),
    [
        ("Vendor - Title.zip", ["Other"], "Vendor - Title.zip"),
        ("drive-download-20261124T101010Z-001.zip", ["Vendor - Title"], "Vendor - Title"),
        ("download (1).zip", ["Vendor - Title"], "Vendor - Title"),
        ("download.zip", ["Kicks"], "download.zip"),
        ("download.zip", ["A", "B"], "download.zip"),
    ],
)
def test_an_archive_that_says_nothing_has_its_only_folder_s_name(archive, inside, name):
    assert name_of_unpacked(Path(archive), inside) == name


def test_readme_artwork_and_presets_can_belong_to_a_pack_and_songs_and_programs_do_not():
    names = [
        "Licence.txt",
        "cover.JPG",
        "lead.fxp",
        "groove.mid",
        "demo.als",
        "setup.exe",
        ".DS_Store",
        "x.wav",
    ]

    assert [name for name in names if belongs_to_a_pack(name)] == names[:4]
