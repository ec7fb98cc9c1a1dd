"""Which files that bear a sound's name belong to it, and which are works or documents of their own. Pure, and about names."""

from __future__ import annotations

import os

from drumwatch.core.records import SOUND_SUFFIXES


def _endings(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OTHER_SOUNDS = _endings(".m4b .sd2 .au .snd .rx2 .rex .rcy .mka .ac3 .dts .dsf .dff .tta .tak .mpc .spx")
# Each refers to sounds by their names, or is the work of a person.
_PROJECTS = _endings("""
    .als .alc .flp .rpp .rpp-bak .cpr .npr .ptx .ptf .pts .song .bwproject .reason .rns .rsn .ardour .aup .aup3 .mmp .mmpz .xrns .sunvox
    .tracktionedit .dawproject .xpj .xty .mxprj .mprj .logic .h2song .m8s .dtprj .ardata .dnprj
    .adg .adv .sfz .dspreset .dslibrary .h2drumkit .xml .nki .nkm .nicnt .nbkt .kit .exs .txprog .sf2 .gig .xrni .sunsynth .multisample
    .pti .dwp .xpm .pgm .elmulti .eldrum .m8i .mxgrp .mxsnd .mgrp .msnd .bwpreset .bwclip .sxt .kong .drex .json .labooh
    .pd .maxpat .amxd .m3u .m3u8 .work .strd
    """)
_DOCUMENTS = _endings("""
    .txt .md .rtf .nfo .html .htm .url .webloc .diz .doc .docx .odt .csv .pdf
    .jpg .jpeg .png .gif .webp .bmp .tif .tiff .svg .psd .ico .heic .mid .midi
    .agr .aupreset .fst .fxb .fxp .h2p .ksd .nksf .nmsv .repatch .serumpreset .spf .vital .vitalbank .vstpreset
    .xls .xlsx .ods .numbers .ppt .pptx .odp .key .pages .eml .msg .mbox .pst .vcf .ics .kdbx .gpg .pem .sqlite .mdb .qif .ofx
    .py .js .ts .jsx .tsx .c .h .cc .cpp .hpp .m .swift .rs .go .java .kt .cs .rb .php .lua .sh .bat .ps1 .pl .scd .ck .tidal .ino
    .ipynb .sln .vcxproj .csproj .xcodeproj .gradle .tex .bib .sql .css .vue .dart .hs .ml .scala .r .jl .rkt
    .mp4 .m4v .mov .avi .mkv .webm .wmv .mpg .mpeg .srt .vtt .epub .odg .ai .indd .blend
    """)
_ARCHIVES_AND_PROGRAMS = _endings("""
    .zip .7z .rar .tar .tgz .gz .bz2 .xz .zst .iso .dmg .pkg .exe .msi .dll .so .deb .rpm .appimage .torrent
    """)
_UNFINISHED = _endings("""
    .part .partial .crdownload .opdownload .download .aria2 .ytdl .!ut .!qb .bc! .tmp .temp .icloud
    """)
_OF_THEIR_OWN = SOUND_SUFFIXES | _OTHER_SOUNDS | _PROJECTS | _DOCUMENTS | _ARCHIVES_AND_PROGRAMS | _UNFINISHED


def is_sound_name(name: str) -> bool:
    """Return whether a file of this name is a sound, be it one that drumwatch hears or not."""
    return _ending(name) in SOUND_SUFFIXES | _OTHER_SOUNDS


def bears_its_name(name: str, sound: str) -> bool:
    """Return whether this is a sound's whole name with an ending behind it, as "kick.wav.asd" is for "kick.wav"."""
    return name.startswith(sound + ".") and _may_belong(name)


def bears_its_stem(name: str, sound: str) -> bool:
    """Return whether this is a sound's name with another ending, as "kick.ot" is for "kick.wav"."""
    stem, ending = os.path.splitext(name)
    return bool(ending) and name != sound and stem == os.path.splitext(sound)[0] and _may_belong(name)


def _may_belong(name: str) -> bool:
    return not name.startswith(".") and not name.endswith("~") and _ending(name) not in _OF_THEIR_OWN


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()
