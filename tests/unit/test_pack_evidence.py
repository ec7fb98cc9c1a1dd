"""A folder is a pack by its contents, and documents follow only from a pack."""

import os
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.core.records import AUDIO_SUFFIXES
from drumwatch.intake.pack_documents import is_usual_folder, kind_of, may_be_filed_with
from drumwatch.intake.pack_evidence import FileInside, pack_evidence, too_many, within_limits

PACK = "Vendor - Dusty Vol 3"
KICKS = [f"Kicks/{n}.wav" for n in range(9)]


def seen(*names: str, gone: list[str] | None = None):
    return pack_evidence(
        [FileInside(PurePath(name)) for name in names], PACK, [PurePath(name) for name in gone or []]
    )


def following(*names: str) -> list[str]:
    return [one.path.as_posix() for one in seen(*KICKS, *names).documents]


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        (["Licence.txt", "Artwork/front.jpg", "Docs/manual.pdf"], True),
        (["Serum Presets/a.fxp", "MIDI Files/a.mid", "Bonus/b.pdf", "Read Me/readme.txt"], True),
        (["Presets/Serum 2/Basses/a.fxp", "MIDI/120 BPM/a.mid"], True),
        (["setup.exe"], True),
        (["Presets/Serum 2/Basses/letter.doc"], False),
        (["taxes/return.pdf"], False),
        (["Documents/return.pdf"], False),
        (["docs/private/return.pdf"], False),
        (["Budget.xlsx"], False),
        (["main.py"], False),
        (["Taxes.app"], True),
        (["Old/Taxes.app"], False),
        (["packs/Another/k.wav"], False),
        ([f"cover {n}.jpg" for n in range(9)], False),
        ([f"cover {n}.jpg" for n in range(8)], True),
        ([f"Kicks/{n}.wav.asd" for n in range(9)] + [".DS_Store", "._cover.jpg", "Thumbs.db"], True),
        ([f".hidden {n}" for n in range(20)], True),
        (["Kicks/about these kicks.txt"], True),
        (["Kicks/Old/about.txt"], False),
        ([".git"], False),
        (["My Songs/a.mid"], False),
        ([f"REX2 Loops/{n}.rx2" for n in range(20)], True),
    ],
)
def test_a_pack_is_mostly_sounds_and_holds_nothing_else(more, answer):
    evidence = seen(*KICKS, *more)

    assert evidence.is_pack == answer
    assert bool(evidence.why_not) != answer
    assert answer or evidence.documents == ()


def test_code_with_taxes_beside_a_game_is_a_mixed_folder():
    evidence = seen(*(f"game/sfx/{n}.wav" for n in range(9)), "taxes/return.pdf", "readme.md")

    assert (evidence.is_pack, evidence.why_not) == (False, "its folder taxes holds no sounds")


def test_sounds_that_have_been_filed_count_as_if_they_were_there():
    assert not seen("Licence.txt").is_pack
    assert seen("Licence.txt", gone=KICKS).is_pack
    assert not seen("Licence.txt", "taxes/return.pdf", gone=KICKS).is_pack


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Licence.txt",
            "readme.md",
            "READ ME FIRST.rtf",
            "ReadMe.html",
            "EULA.doc",
            "Lizenz.docx",
        ),
        *(
            "Terms of Use.txt",
            "Sample Info.txt",
            "Credits.csv",
            "Thank You.txt",
            "Tracklist.txt",
            "Dusty notes.txt",
        ),
        *(
            "Vendor.url",
            "Visit Vendor.html",
            "Dusty Vol 3 by Vendor.txt",
            "cover.jpg",
            "Folder.png",
            "manual.pdf",
        ),
        *(
            "a.mid",
            "bass.fxp",
            "lead.vital",
            "x.nmsv",
            "y.serumpreset",
            "z.h2p",
            "fl.fst",
            "rack.adv",
            "loop.rx2",
        ),
        "Return of the Kick.mid",
    ],
)
def test_what_says_that_it_belongs_to_the_pack_follows(name):
    assert may_be_filed_with(name, PACK)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "shopping.txt",
            "meeting notes.txt",
            "rental agreement.docx",
            "letter.doc",
            "contacts.csv",
            "diary.rtf",
        ),
        *(
            "return.pdf",
            "TaxReturn2024.pdf",
            "Invoice 12.pdf",
            "rechnung_2024.pdf",
            "Mietvertrag.pdf",
            "cv.pdf",
        ),
        *(
            "Kontoauszug März.pdf",
            "facture 3.pdf",
            "boarding pass ticket.pdf",
            "scan0012.pdf",
            "passport.jpg",
        ),
        *(
            "IMG_1234.jpg",
            "DSC00012.JPG",
            "20240612_143000.jpg",
            "Screenshot 2024-01-01.png",
            "drivers licence scan.txt",
        ),
        *(
            "LICENSE",
            "demo.als",
            "song.flp",
            "song.rpp",
            "a.cpr",
            "a.ptx",
            "a.song",
            "a.nki",
            "a.sfz",
            "a.exs",
            "a.adg",
            "a.xpm",
        ),
        *(
            "setup.exe",
            "data.json",
            "x.zip",
            "movie.mp4",
            ".licence.txt",
            "licence.txt.part",
            "k.wav",
            "families.txt",
        ),
    ],
)
def test_in_doubt_a_document_stays(name):
    assert not may_be_filed_with(name, PACK)


def test_the_only_text_of_a_pack_follows_and_a_paper_does_not():
    assert following("hello.txt") == ["hello.txt"]
    assert following("hello.txt", "world.txt") == []
    assert following("my cv.txt") == []
    assert following("hello.docx") == []


@pytest.mark.parametrize(
    "name", ["Docs", "Documentation", "_Artwork", "Cover Art", "MIDI", "Serum Presets", "User Guide"]
)
def test_folders_that_packs_have_are_usual(name):
    assert is_usual_folder(name)


@pytest.mark.parametrize(
    "name", ["taxes", "Documents", "Pictures", "src", "Projects", "Letters", "Kicks", "", "2024"]
)
def test_other_folders_are_not(name):
    assert not is_usual_folder(name)


NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda name: name not in {".", ".."}
)
ENDINGS = st.sampled_from(
    ["", ".txt", ".pdf", ".als", ".exe", ".wav", ".mid", ".xlsx", ".jpg", ".json", ".nki"]
)
PATHS = st.builds(
    lambda folders, name, ending: PurePath(*folders, name + ending),
    st.lists(NAMES, max_size=3),
    NAMES,
    ENDINGS,
)
_LISTED = """
    .txt .md .rtf .nfo .html .htm .url .webloc .diz .doc .docx .odt .csv .pdf .jpg .jpeg .png .gif .webp .bmp .tif .tiff .svg .psd .ico
    .mid .midi .adv .agr .aupreset .bwpreset .fst .fxb .fxp .h2p .ksd .nksf .nmsv .repatch .serumpreset .spf .vital .vitalbank .vstpreset
    .rx2 .rex .rcy
"""
LISTED = frozenset(_LISTED.split())


@given(st.lists(PATHS, max_size=30), st.lists(PATHS, max_size=30))
def test_nothing_but_listed_documents_that_are_there_ever_follows(there, gone):
    sounds = [PurePath(f"{n}.wav") for n in range(len(there))]

    evidence = pack_evidence(map(FileInside, [*there, *sounds]), PACK, gone)

    for one in evidence.documents:
        assert os.path.splitext(one.path.name)[1].lower() in LISTED - AUDIO_SUFFIXES
        assert one.path in there
        assert not one.path.name.startswith(".")


@given(st.lists(PATHS, max_size=30))
def test_a_folder_of_another_kind_keeps_every_document(there):
    sounds = [PurePath(f"sfx/{n}.wav") for n in range(31)]
    inside = map(FileInside, [*there, *sounds, PurePath("taxes/return.pdf")])

    assert pack_evidence(inside, PACK).documents == () or any(
        path.parts[0] == "taxes" and kind_of(path.name) == "sound" for path in there
    )


@given(st.lists(st.integers(0, 90_000_000), max_size=300), st.lists(st.integers(0, 90_000_000), max_size=50))
def test_what_follows_is_never_more_than_the_limits(sizes, before):
    files = [FileInside(PurePath(f"{n}.mid"), size) for n, size in enumerate(sizes)]
    taken = [FileInside(PurePath(f"old {n}.mid"), size) for n, size in enumerate(before)]

    go, stay = within_limits(files, taken)

    assert sorted((*go, *stay)) == sorted(files)
    if go:
        assert len(go) + len(taken) <= 200
        assert sum(one.size_bytes for one in (*go, *taken)) <= 200_000_000


def test_documents_of_exactly_the_limit_follow_and_one_byte_more_stays():
    half = FileInside(PurePath("a.mid"), 100_000_000)

    assert within_limits([half, half]) == ([half, half], [])
    assert within_limits([half, FileInside(PurePath("b.mid"), 100_000_001)])[0] == [half]


def test_licence_and_readme_are_not_among_those_that_are_too_many():
    inside = [FileInside(PurePath(f"MIDI/{n:03}.mid")) for n in range(250)]
    sounds = [FileInside(PurePath(f"{n}.wav")) for n in range(300)]
    evidence = pack_evidence([*inside, *sounds, FileInside(PurePath("zz licence.txt"))], PACK)

    go, stay = within_limits(evidence.documents)

    assert (len(go), len(stay), go[0].path.name) == (200, 51, "zz licence.txt")
    assert (
        too_many(stay, 200, PACK, "~/in") == f"51 documents of {PACK} left alone in ~/in: more than 200 files"
    )
    assert too_many(stay[:1], 9, PACK, "~/in") == f"a document of {PACK} left alone in ~/in: more than 200 MB"


FLAT = [f"{n}.wav" for n in range(9)]


@pytest.mark.parametrize("name", ["diary.txt", "Anna.txt", "holiday.jpg", "Anna.png", "plan.pdf"])
def test_in_a_flat_folder_a_file_whose_name_says_nothing_stays(name):
    flat = seen(*FLAT, name)
    pack = seen(*KICKS, name)

    assert (flat.is_pack, flat.documents) == (True, ())
    assert [one.path.name for one in pack.documents] == [name]


@pytest.mark.parametrize(
    "name",
    [
        "Licence.txt",
        "Readme.pdf",
        "cover.jpg",
        "Dusty Vol 3.jpg",
        "Front.png",
        "manual.pdf",
        "a.mid",
        "a.fxp",
    ],
)
def test_in_a_flat_folder_what_says_that_it_belongs_to_the_pack_follows(name):
    assert [one.path.name for one in seen(*FLAT, name).documents] == [name]
