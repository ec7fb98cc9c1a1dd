"""Which folder is a pack and which only a drawer in one, and what belongs to a pack besides its sounds."""

from __future__ import annotations

import os
import re
from pathlib import Path

from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name

# What drawers are called, in the singular: "01 - Kicks", "Closed Hats", "Drum Loops" and "WAV" name no pack.
_DRAWER_WORDS = """
    808 909 acapella acoustic aif aiff ambience analog artwork audio bass bell bonus bongo bpm break breakbeat chord clap clean clip
    closed conga cowbell crash cymbal demo dirty doc document documentation drum drumloop dry effect electronic file fill flac foley
    full fx groove guitar hat hh hihat hi hit impact instrument key kick kit loop lead live main melody midi misc miscellaneous more
    mp3 music noise ogg one oneshot open other pad perc percussion piano pluck preset project processed raw ride rim rimshot riser
    sample sfx shaker shot single snap snare sound stem string sub synth tambourine texture tom tonal top transition vocal vox wav
    wave wet
"""
# Places where packs lie, that are none themselves.
_PLACE_WORDS = """
    desktop documents download downloads dropbox inbox incoming intake library lib music new packs sample samples sounds splice temp
    tmp unsorted
"""
_DRAWERS, _PLACES = frozenset(_DRAWER_WORDS.split()), frozenset(_PLACE_WORDS.split())
_GENERIC_ARCHIVE = re.compile(
    r"(?:drive-download.*|(?:download|archive|samples?|files?|sounds?|pack|drums?|audio|wav|untitled)[ _-]?\(?\d*\)?|[0-9a-f-]{16,}|\d+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}|\d{3}s\b|[^\W\d_]")

# Documents, pictures, then what samplers, synthesizers and DAWs keep.
_LOOSE_ENDINGS = """
    .txt .md .rtf .pdf .nfo .html .htm .url .webloc .doc .docx .odt .csv .diz
    .jpg .jpeg .png .gif .webp .bmp .tif .tiff .svg .psd .ico
    .mid .midi .adg .adv .als .alp .asd .amxd .agr .fst .fxp .fxb .nki .nkm .nkx .nkc .nkr .nksf .sfz .sf2 .exs .vital .vitalbank
    .serumpreset .nmsv .h2p .spf .flp .flkit .cpr .ptx .rpp .song .logic .logicx .patch .cst .aupreset .vstpreset .bwpreset .bwclip
    .mxgrp .mxprj .mxinst .battery .kt3 .dwp .xpm .xpj .pgm .repatch .rx2 .rex .rcy .rfl .rns .xrni .xrns .sxt
"""
LOOSE_ENDS = frozenset(_LOOSE_ENDINGS.split())
FEW_SOUNDS = 3  # a folder with fewer is no pack: its documents may be anybody's


def belongs_to_a_pack(name: str) -> bool:
    """Readme, licence, artwork, presets, MIDI, projects: what stays together beside the sounds."""
    return not is_ignored_name(name) and os.path.splitext(name)[1].lower() in LOOSE_ENDS


def is_drawer(name: str) -> bool:
    """A folder of this name sorts sounds inside a pack, and names none."""
    words = [_singular(word.casefold()) for word in _WORD.findall(name)]
    return bool(words or name in _DRAWERS) and all(word in _DRAWERS for word in words)


def _singular(word: str) -> str:
    if word in _DRAWERS:
        return word
    return word[:-2] if word.endswith("es") and word[:-2] in _DRAWERS else word.removesuffix("s")


def top_folder(path: Path, root: Path) -> Path | None:
    """The folder of the pack that a file came in: the first one below the root; None for a single file, or a drawer."""
    steps = path.relative_to(root).parts
    return root / steps[0] if len(steps) > 1 and not is_drawer(steps[0]) else None


def is_a_pack(root: Path) -> bool:
    """A folder that was given as one pack: it has a name of its own, and in it are drawers only."""
    if is_drawer(root.name) or root.name.casefold() in _PLACES or root == Path.home():
        return False
    try:
        with os.scandir(root) as entries:
            inside = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return False
    shown = [name for name in inside if not is_ignored_folder(name)]
    return bool(shown) and all(is_drawer(name) for name in shown)


def telling_name(archive: Path, top_folders: list[str]) -> str:
    """The archive's name; its only folder's where the archive's says nothing ("drive-download-2026…")."""
    stem = archive.name.partition(".")[0]
    if _GENERIC_ARCHIVE.fullmatch(stem) and len(top_folders) == 1 and not is_drawer(top_folders[0]):
        return top_folders[0]
    return archive.name
