"""The name of a pack, from the path of a sound alone."""

from pathlib import Path

import pytest

from drumwatch.intake.arrivals import pack_of
from drumwatch.intake.pack_names import is_a_pack, is_general_folder, name_of_unpacked, pack_folder

ROOT = Path("/home/u/Downloads")


@pytest.mark.parametrize(
    ("path", "pack"),
    [
        ("Splice/sounds/packs/Dusty Vol 3/Dusty_Vol_3/Kicks/k.wav", "Dusty Vol 3"),
        ("Splice/Samples/packs/Dusty Vol 3/Kicks/k.wav", "Dusty Vol 3"),
        ("Splice/sounds/packs/Drum Kit/Kicks/k.wav", "Drum Kit"),
        ("Stuff of mine/Splice/sounds/packs/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("sounds/packs/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("Old disk/packs/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("Old disk/packs/Kicks/k.wav", "Old disk"),
        ("Splice/k.wav", ""),
        ("Loopcloud/Library/Dusty Vol 3/Kicks/k.wav", "Dusty Vol 3"),
        ("Native Instruments/Dusty Library/Samples/Drums/k.wav", "Dusty Library"),
        ("Native Access/Downloads/Dusty Library/k.wav", "Dusty Library"),
        ("ADSR/Samples/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("Noiiz/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("Output/Arcade/Dusty Vol 3/k.wav", "Dusty Vol 3"),
        ("Vendor - Title/Arcade/Kicks/k.wav", "Vendor - Title"),
        ("Samples/Flat Kit/k.wav", "Flat Kit"),
        ("New Folder (2)/Flat Kit/Kicks/k.wav", "Flat Kit"),
        ("New Folder (2)/k.wav", ""),
        ("Samples/Kicks/k.wav", ""),
        ("My Samples/Untitled Folder 3/Flat Kit/k.wav", "Flat Kit"),
    ],
)
def test_shops_give_the_real_name_and_generic_folders_give_none(path, pack):
    assert pack_of(ROOT / path, ROOT) == pack


@pytest.mark.parametrize(
    ("root", "path", "pack", "folder"),
    [
        ("/h/Splice/sounds/packs", "Dusty/Kicks/k.wav", "Dusty", "/h/Splice/sounds/packs/Dusty"),
        ("/h/Splice/sounds", "packs/Drums/k.wav", "Drums", "/h/Splice/sounds/packs/Drums"),
        ("/h/Splice/sounds/packs/Dusty", "Kicks/k.wav", "Dusty", "/h/Splice/sounds/packs/Dusty"),
        ("/h/Splice/sounds/packs/Dusty/Kicks", "k.wav", "Dusty", None),
        ("/h/packs/2024", "k.wav", "", None),
        ("/h/sounds/packs/2024", "k.wav", "", None),
        ("/h/sounds/packs/2024", "Dusty/k.wav", "Dusty", "/h/sounds/packs/2024/Dusty"),
    ],
)
def test_a_folder_inside_of_a_shop_knows_its_pack_and_nothing_outside_of_it_is_looked_into(
    root, path, pack, folder
):
    root = Path(root)

    assert pack_of(root / path, root) == pack
    assert pack_folder(root / path, root) == (folder and Path(folder))


@pytest.mark.parametrize(
    "name",
    [
        *("Downloads", "Samples", "Desktop", "sounds", "packs", "Music", "temp", "unsorted", "My Samples"),
        *("New Folder", "New folder (2)", "Untitled Folder", "untitled folder 4", "New Folder - Copy"),
        *("Neuer Ordner", "Neuer Ordner (3)", "Nouveau dossier", "Nueva carpeta", "Nova pasta", "新建文件夹"),
        *(
            "drive-download-20261124T101010Z-001",
            "Te\u0301le\u0301chargements",
            "Sample Packs",
            "SAMPLES 2",
            "Old",
            "to sort",
        ),
    ],
)
def test_a_generic_name_is_a_place(name):
    assert is_general_folder(name)


@pytest.mark.parametrize(
    "name", ["Flat Kit", "Pack 1", "Sounds of Dust", "Folder of Doom", "808 Free Samples", "Splice Girls", ""]
)
def test_a_name_that_says_more_is_no_place(name):
    assert not is_general_folder(name)


@pytest.mark.parametrize(
    ("folder", "inside", "answer"),
    [
        ("Flat Kit", ["k.wav"], True),
        ("Flat Kit", ["k.wav", "Weird Bits/"], True),
        ("Flat Kit", ["Kicks/", "Artwork/", "MIDI/"], True),
        ("Flat Kit", [".k.wav", "notes.txt"], False),
        ("Flat Kit", ["Vendor A/", "Vendor B/"], False),
        ("New Folder", ["k.wav"], False),
        ("My Samples", ["k.wav", "Kicks/"], False),
        ("Kicks", ["k.wav"], False),
    ],
)
def test_a_folder_given_is_a_pack_when_sounds_lie_in_it_or_only_usual_folders(
    tmp_path, folder, inside, answer
):
    for name in inside:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_bytes(b"")

    assert is_a_pack(tmp_path / folder) == answer


def test_a_generic_archive_does_not_take_a_generic_folder_s_name():
    assert name_of_unpacked(Path("New Folder (2).zip"), ["Flat Kit"]) == "Flat Kit"
    assert name_of_unpacked(Path("New Folder.zip"), ["Downloads"]) == "New Folder.zip"
