"""Decide by its name whether a folder is a pack, a subfolder of one ("Kicks"), or a general folder ("Downloads")."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.ignore import is_audio_name, is_ignored_folder, is_wanted
from drumwatch.intake.pack_documents import is_usual_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

# Names of subfolders of a pack, in the singular: "01 - Kicks", "Closed Hats", "Drum Loops" and "WAV" name no pack.
_CATEGORY_WORDS = """
    808 909 acapella acoustic aif aiff ambience analog artwork audio bass bell bonus bongo bpm break breakbeat chord clap clean clip
    closed conga cowbell crash cymbal demo dirty doc document documentation drum drumloop dry effect electronic file fill flac foley
    full fx groove guitar hat hh hihat hi hit impact instrument key kick kit loop lead live main melody midi misc miscellaneous more
    mp3 music noise ogg one oneshot open other pad perc percussion piano pluck preset project processed raw ride rim rimshot riser
    sample sfx shaker shot single snap snare sound stem string sub synth tambourine texture tom tonal top transition vocal vox wav
    wave wet
"""
# General folders of people, systems and shops. Singular and plural differ: "Pack 1" is a pack, "packs" is none.
_GENERAL_WORDS = """
    desktop documents download downloads dropbox home inbox incoming intake lib library media mnt music output packs sample samples
    sound sounds splice temp tmp unsorted users volumes
    arcade loopcloud noiiz
"""
# Words that add no meaning, alone or beside these: "My Samples", "New Packs", "Old", "To Sort".
_GENERAL_MODIFIERS = "all and copy free from misc my new of old other sort sorted stuff the to various"
_GENERAL_NAMES = """
    adsr; adsr sample manager; adsr sounds; native access; native instruments; output arcade; loopcloud player; noiiz player
    new folder; new folder with items; untitled; untitled folder; nameless folder; no name
    neuer ordner; ordner ohne titel; neuer ordner mit objekten; nouveau dossier; dossier sans titre; nueva carpeta; carpeta sin título
    nova pasta; pasta sem título; sem título; nuova cartella; cartella senza nome; cartella senza titolo; nieuwe map; naamloze map
    ny mapp; namnlös mapp; ny mappe; unavngivet mappe; uten navn; uusi kansio; nimetön kansio; nowy folder; nowy katalog
    folder bez nazwy; nová složka; nový priečinok; új mappa; yeni klasör; dosar nou; folder nou
    новая папка; папка без названия
    новый каталог; нова папка; νέος φάκελος; 新建文件夹; 未命名文件夹; 新增資料夾; 未命名檔案夾;
    新しいフォルダー; 新しいフォルダ; 名称未設定フォルダ; 새 폴더; 무제 폴더
    thư mục mới; folder baru; مجلد جديد; תיקיה חדשה; โฟลเดอร์ใหม่
    téléchargements; descargas; transferências; scaricati; hämtade filer; hentede filer; overførsler; nedlastinger; pobrane; stažené
    letöltések; i̇ndirilenler; загрузки; завантаження; ダウンロード; 下载; 下載; 다운로드
    schreibtisch; bureau; bureaublad; escritorio; scrivania; área de trabalho; skrivbord; skrivebord; työpöytä; pulpit; plocha; asztal
    masaüstü
    рабочий стол; デスクトップ; 桌面; 바탕화면
    dokumente; documentos; documenti; documenten; dokument; dokumenter; asiakirjat; dokumenty; belgeler
    документы; 書類; ドキュメント; 文档; 文件
    musik; musique; música; musica; muziek; musikk; musiikki; muzyka; hudba; zene; müzik; музыка; ミュージック; 音乐; 音樂; 음악
    geräusche; klänge; sons; sonidos; suoni; geluiden; échantillons; muestras; campioni
"""
# Sample managers keep one folder for each pack below these.
_MANAGER_FOLDERS = frozenset(
    {("sounds", "packs"), ("samples", "packs"), ("splice", "packs"), ("loopcloud", "packs")}
)
_SPLICE = "splice"
# Anywhere below the watched folder, the pack lies below these.
_SHOPS = frozenset(
    {
        "adsr",
        "adsr sample manager",
        "adsr sounds",
        "loopcloud",
        "native access",
        "native instruments",
        "noiiz",
        "output arcade",
        "packs",
        "splice",
    }
)
# Words of folders in people's own libraries, beside those of packs
_WORDS_OF_LIBRARIES = """
    bassdrum bd breaks cabasa cb ch cp cy djembe hand maraca oh rs sd sidestick sn sweep tabla voice
"""
_CATEGORIES, _GENERAL = frozenset(_CATEGORY_WORDS.split()), frozenset(_GENERAL_WORDS.split())
_DIVISIONS = _CATEGORIES | frozenset(_WORDS_OF_LIBRARIES.split()) | frozenset(_GENERAL_MODIFIERS.split())
_MODIFIERS = frozenset(_GENERAL_MODIFIERS.split())
_GENERAL_FOLDERS = frozenset(name.strip() for name in re.split(r"[;\n]", _GENERAL_NAMES) if name.strip())
_COPY_NUMBER = re.compile(
    r"(?:[ _-]*(?:\(\d+\)|(?<=[ _-])\d+|\(?\b(?:copy|kopie|copie|copia|cópia|копия|コピー|副本)\)?))+$",
    re.IGNORECASE,
)
_CLOUD_DOWNLOAD = "drive-download"
_GENERIC_ARCHIVE = re.compile(
    r"(?:drive-download.*|(?:download|archive|samples?|files?|sounds?|pack|drums?|audio|wav|untitled)[ _-]?\(?\d*\)?|[0-9a-f-]{16,}|\d+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}|\d{3}s\b|[^\W\d_]")

FEW_SOUNDS = 3  # a folder with fewer is no pack: its documents may belong to something else


def is_category_folder(name: str) -> bool:
    """Return whether a folder of this name divides the sounds of a pack, and is no pack itself."""
    words = [_singular(word.casefold()) for word in _WORD.findall(name)]
    return bool(words or name in _CATEGORIES) and all(word in _CATEGORIES for word in words)


def divides_a_library(name: str) -> bool:
    """Return whether a folder of this name divides a person's library: "Kicks", "My Hats", "FX & Risers", "Hand Drums"."""
    words = [_singular(word.casefold()) for word in _WORD.findall(name)]
    return (
        is_general_folder(name)
        or is_category_folder(name)
        or (bool(words) and all(word in _DIVISIONS for word in words))
    )


def _singular(word: str) -> str:
    if word in _CATEGORIES:
        return word
    return word[:-2] if word.endswith("es") and word[:-2] in _CATEGORIES else word.removesuffix("s")


def is_general_folder(name: str) -> bool:
    """Return whether this is a general folder ("Downloads", "My Samples", "New Folder (2)"), and no pack."""
    plain = unicodedata.normalize("NFC", name).strip().casefold()
    if plain.startswith(_CLOUD_DOWNLOAD):
        return True
    bare = _COPY_NUMBER.sub("", plain) or plain
    words = _WORD.findall(bare)
    return bare in _GENERAL_FOLDERS or (
        bool(words)
        and all(word in _GENERAL or word in _MODIFIERS for word in words)
        and not any(char.isdigit() for char in bare)
    )


def names_a_pack(name: str) -> bool:
    """Return whether a folder of this name can be a pack."""
    return bool(name.strip(" ._")) and not is_general_folder(name) and not is_category_folder(name)


def named_after(path: Path, root: Path, *, whole: bool = False) -> Path | None:
    """Return the folder that names a file's pack, or None for a single file; it depends on the path only.

    In the layout of a shop it may be above the root from which the file was found: `pack_folder` returns the folder that may be
    searched. With `whole`, the root itself is one pack.
    """
    steps = path.relative_to(root).parts[:-1]
    if managed := _in_manager_folder(root.parts + steps, len(root.parts)):
        return Path(*managed)
    if whole:
        return root
    at = _below(steps)
    return None if at is None else root.joinpath(*steps[: at + 1])


def pack_folder(path: Path, root: Path, *, whole: bool = False) -> Path | None:
    """Return the folder of a file's pack, the root or below it; None for a single file, or if only its name is known."""
    folder = named_after(path, root, whole=whole)
    return folder if folder and folder.is_relative_to(root) else None


def _in_manager_folder(parts: tuple[str, ...], own: int) -> tuple[str, ...] | None:
    """Return the parts up to a pack in the layout of a sample manager: Splice/sounds/packs/<Pack>/…; the innermost one.

    The first `own` parts are the user's: there only Splice's layout counts, because ~/sounds/packs/2024 may be the user's own.
    """
    plain = [part.casefold() for part in parts]
    for at in range(len(parts) - 1, 1, -1):
        sure = at >= own or _SPLICE in plain[max(0, at - 3) : at]
        if sure and (plain[at - 2], plain[at - 1]) in _MANAGER_FOLDERS and not is_general_folder(parts[at]):
            return parts[: at + 1]
    return None


def _below(steps: tuple[str, ...]) -> int | None:
    """Return the index of the pack: the first folder that is no general one, below the innermost shop if there is one."""
    shops = [at + 1 for at, step in enumerate(steps) if _is_shop(steps, at)]
    for start in (*shops[-1:], 0):
        at = next((at for at in range(start, len(steps)) if not is_general_folder(steps[at])), None)
        if at is not None and not is_category_folder(steps[at]):
            return at
    return None


def _is_shop(steps: tuple[str, ...], at: int) -> bool:
    name = steps[at].casefold()
    return name in _SHOPS or (name == "arcade" and at > 0 and steps[at - 1].casefold() == "output")


def is_a_pack(root: Path) -> bool:
    """Return whether a folder given by the user is one pack: it can be one by its name, and holds sounds or only subfolders of packs."""
    if not names_a_pack(root.name) or root == Path.home():
        return False
    try:
        with os.scandir(root) as entries:
            folders, sounds = _folders_and_sounds(entries)
    except OSError:
        return False
    return sounds or (
        bool(folders) and all(is_category_folder(name) or is_usual_folder(name) for name in folders)
    )


def _folders_and_sounds(entries: Iterable[os.DirEntry[str]]) -> tuple[list[str], bool]:
    """Return the names of the folders, and whether there is a sound."""
    folders, sounds = [], False
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders += [] if is_ignored_folder(entry.name) else [entry.name]
        else:
            sounds |= is_audio_name(entry.name) and is_wanted(entry.name) and not entry.is_symlink()
    return folders, sounds


def name_of_unpacked(archive: Path, top_folders: list[str]) -> str:
    """Return the archive's name, or that of its only folder if the archive's name is generic ("drive-download-2026…")."""
    stem = archive.name.partition(".")[0]
    is_generic = _GENERIC_ARCHIVE.fullmatch(stem) or is_general_folder(stem)
    if is_generic and len(top_folders) == 1 and names_a_pack(top_folders[0]):
        return top_folders[0]
    return archive.name
