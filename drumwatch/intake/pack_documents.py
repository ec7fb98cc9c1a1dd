"""Decide by its name whether a file may be filed with the sounds of its pack; if in doubt, it stays. Pure."""

from __future__ import annotations

import os
import re
from typing import Literal

from drumwatch.core.records import SOUND_SUFFIXES
from drumwatch.intake.ignore import is_ignored_name

Kind = Literal["sound", "text", "office", "pdf", "picture", "midi", "preset", "sidecar", "work", "other"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Sound formats that drumwatch cannot decode: they count as sounds. Loops for samplers are filed as presets are.
_SAMPLER_LOOPS = _names(".rx2 .rex .rcy")
_OTHER_SOUNDS = _names(".sd2 .au .snd")
# Files that other programs keep beside each sound: they are not counted.
_SIDECARS = _names(".asd .reapeaks .xmp .ot .pek .pkf .sfk .sfap0 .gpk .ovw")
# Only presets that need no other file: a song or a sampled instrument that refers to sounds stays where it is.
_ENDINGS: dict[Kind, str] = {
    "text": ".txt .md .rtf .nfo .html .htm .url .webloc .diz",
    "office": ".doc .docx .odt .csv",
    "pdf": ".pdf",
    "picture": ".jpg .jpeg .png .gif .webp .bmp .tif .tiff .svg .psd .ico",
    "midi": ".mid .midi",
    "preset": """
        .adv .agr .aupreset .bwpreset .fst .fxb .fxp .h2p .ksd .nksf .nmsv .repatch .serumpreset .spf .vital .vitalbank .vstpreset
    """,
    # No pack contains these: a folder with one of them is no pack
    "work": """
        .xls .xlsx .ods .numbers .ppt .pptx .odp .key .pages .eml .msg .mbox .pst .vcf .ics .kdbx .gpg .pem .sqlite .mdb .qif .ofx
        .py .js .ts .jsx .tsx .c .h .cc .cpp .hpp .m .swift .rs .go .java .kt .cs .rb .php .lua .sh .bat .ps1 .pl .scd .ck .tidal .ino
        .ipynb .sln .vcxproj .csproj .xcodeproj .gradle .tex .bib .sql .css .vue .dart .hs .ml .scala .r .jl .rkt
    """,
}
_KINDS: dict[str, Kind] = {
    **{ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()},
    **dict.fromkeys(SOUND_SUFFIXES | _OTHER_SOUNDS | _SAMPLER_LOOPS, "sound"),
    **dict.fromkeys(_SIDECARS, "sidecar"),
}
_WORK_NAMES = _names("""
    .git .hg .svn .bzr .jj cmakelists.txt requirements.txt package.json pyproject.toml cargo.toml go.mod makefile dockerfile
    project.godot pyvenv.cfg robots.txt meson.build pom.xml
    """)
_DOCUMENTS = frozenset({"text", "office", "pdf", "picture", "midi", "preset"})

# Folders that hold no sounds and that a pack may have, in the singular.
_USUAL_WORDS = """
    about artwork art bonus booklet copyright cover credit demo doc documentation extra graphic guide image info information
    installation instruction legal licence license logo manual midi patch preset previews preview readme terms
"""
_USUAL, _PRESETS = frozenset(_USUAL_WORDS.split()), frozenset({"preset", "patch", "midi"})
# Beside these: "MIDI Files", "Serum Presets", "Bonus Drum Kits".
_BESIDE_USUAL = _names("""
    and bank bass chord clip drum file folder for free groove important kit lead loop me melody misc of one other pack pad pattern read
    riff sample shot sound synth the user
    ableton ana arturia avenger babylon battery bitwig cubase diva fl hive kick logic massive omnisphere phaseplant pigments repro
    retrologue serum spire studio sylenth vital zebra
    """)

# A text of this name belongs to the pack …
_STRONG = _names(
    """
    changelog copyright leeme leggimi licence licencia license licenza liesmich lisezmoi lizenz readme tracklist
    """
)  # … and one of this name, if its other words are words of the pack.
_WEAK = _names("""
    about agreement artist bpm content contents credit credits description details faq guide info information instructions legal manual note
    notes release samplelist soundlist terms thank thanks thankyou tos track welcome
    """)
_HARMLESS = _names("""
    a an and bank by conditions drum end eu file files first for free from full important in installation is kit kits library list loops
    me of on one only or pack please read royalty sample samples service shot shots sound sounds the this to us use user v vol volume
    with you your
    """)
# Private papers. A file with one such word in its name stays.
_PAPER_WORDS = _names("""
    abrechnung account affidavit agenda angebot antrag application appointment attest ausweis balance bescheid bewerbung bill birth
    boarding booking budget cert certificate contract cv declaration deed diploma divorce driver driving estimate fishing invoice invoices
    kaufvertrag kontoauszug kuendigung kündigung landlord lease lebenslauf letter loan lohn marriage medical miete mietvertrag
    mortgage offer order orders passport password passwords pay payment payroll payslip payslips pension permit personal
    police policy prescription private proposal quittung quote rechnung receipt receipts recovery rent rental report reservation resume
    résumé return returns salary scan scans school serial serials statement statements steuer tax taxes tenancy testament thesis ticket
    tickets timesheet transcript urlaub vaccination versicherung vertrag visa voucher wallet warranty will zeugnis
    assurance attestation contrat devis facture impôt impots impôts paie quittance relevé
    contrato factura impuestos nómina recibo declaración
    contratto fattura ricevuta busta tasse
    """)
_PAPER_PARTS = (
    "rechnung",
    "vertrag",
    "steuer",
    "versicherung",
    "kontoausz",
    "bescheid",
    "zeugnis",
    "bewerbung",
)
# Of a cover
_SIDES = frozenset({"front", "back", "folder", "inlay"})
_CAMERA = re.compile(
    r"(?:img|dsc|dscn|dscf|pxl|mvimg|gopr|vid|photo|foto|bild|scan|screenshot|screen shot|bildschirmfoto|capture|whatsapp|signal|snapchat"
    r"|selfie|passport|fb_img|received)(?:[-_ ]|\d|$)|[\d_ .-]{8,}$|[0-9a-f]{8}-[0-9a-f]{4}-",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL_CASE = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_SHORTEST_NAME = 3  # letters of a word that can identify a pack


def kind_of(name: str) -> Kind:
    """Return the kind of a file in a pack, by its name."""
    if name.casefold() in _WORK_NAMES:
        return "work"
    return _KINDS.get(os.path.splitext(name)[1].lower(), "other")


def belongs_to_a_pack(name: str) -> bool:
    """Return whether a file of this name can be a document of a pack; `may_be_filed_with` decides whether it is one."""
    return not is_ignored_name(name) and (kind_of(name) in _DOCUMENTS or _is_sampler_loop(name))


def may_be_filed_with(name: str, pack: str, *, only_text: bool = False, is_flat: bool = False) -> bool:
    """Return whether a file of a pack is filed with its sounds; `only_text` says that the pack has no other text.

    `is_flat` says that all files lie in one folder, which may be a private one: then the name itself must show what the file is.
    """
    if not belongs_to_a_pack(name):
        return False
    stem = os.path.splitext(name)[0]
    kind, words = kind_of(name), _words(stem)
    if kind in {"midi", "preset", "sound"}:
        return True
    if _has_paper_word(words):
        return False
    if kind in {"picture", "pdf"}:
        return not _CAMERA.match(stem) and (not is_flat or _is_usual_picture(stem, words, pack))
    return _has_document_name(words, pack) or (only_text and kind == "text" and not is_flat)


def _is_usual_picture(stem: str, words: list[str], pack: str) -> bool:
    of_pack = {word for word in _words(pack) if len(word) >= _SHORTEST_NAME} - _HARMLESS
    is_named = bool(of_pack & set(words)) or "".join(words) in _SIDES
    return is_named or is_usual_folder(stem) or _has_document_name(words, pack)


def is_private_paper(name: str) -> bool:
    """Return whether the name of a text or PDF suggests a private paper: an invoice, a contract, a tax return."""
    return kind_of(name) in {"text", "office", "pdf"} and _has_paper_word(_words(os.path.splitext(name)[0]))


def is_usual_folder(name: str) -> bool:
    """Return whether a pack may have a folder of this name without sounds: docs, artwork, MIDI, presets, licence and the like."""
    words = [_singular(word) for word in _words(os.path.splitext(name)[0])]
    joined = "".join(words)
    return joined in _USUAL or (
        any(word in _USUAL for word in words)
        and all(word in _USUAL or word in _BESIDE_USUAL for word in words)
    )


def holds_presets(folder: str) -> bool:
    """Return whether this is a folder for presets or MIDI, whose subfolders may have any name."""
    return is_usual_folder(folder) and any(_singular(word) in _PRESETS for word in _words(folder))


def _is_sampler_loop(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _SAMPLER_LOOPS


def _has_paper_word(words: list[str]) -> bool:
    return any(word in _PAPER_WORDS or any(part in word for part in _PAPER_PARTS) for word in words)


def _has_document_name(words: list[str], pack: str) -> bool:
    joined, of_pack = "".join(words), set(_words(pack))
    if "eula" in words or any(strong in joined for strong in _STRONG) or _contains_pack_name(words, pack):
        return True
    known = _WEAK | _HARMLESS | of_pack
    return any(word in _WEAK for word in words) and all(word in known for word in words)


def _contains_pack_name(words: list[str], pack: str) -> bool:
    """Return whether the name of the pack or of its vendor ("Vendor - Title") is in the file's name."""
    vendor, dash, _ = pack.partition(" - ")
    names = [_words(pack), _words(vendor) if dash else []]
    return any(
        any(len(word) >= _SHORTEST_NAME and word not in _HARMLESS for word in name)
        and set(name) <= set(words)
        for name in names
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_CAMEL_CASE.sub(" ", text))]


def _singular(word: str) -> str:
    if word in _USUAL or word in _BESIDE_USUAL:
        return word
    return word[:-2] if word.endswith("es") and word[:-2] in _USUAL else word.removesuffix("s")
