"""Which folder is a pack, which only a drawer in one, and which a place for whatever comes: by their names."""

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

# What drawers are called, in the singular: "01 - Kicks", "Closed Hats", "Drum Loops" and "WAV" name no pack.
_DRAWER_WORDS = """
    808 909 acapella acoustic aif aiff ambience analog artwork audio bass bell bonus bongo bpm break breakbeat chord clap clean clip
    closed conga cowbell crash cymbal demo dirty doc document documentation drum drumloop dry effect electronic file fill flac foley
    full fx groove guitar hat hh hihat hi hit impact instrument key kick kit loop lead live main melody midi misc miscellaneous more
    mp3 music noise ogg one oneshot open other pad perc percussion piano pluck preset project processed raw ride rim rimshot riser
    sample sfx shaker shot single snap snare sound stem string sub synth tambourine texture tom tonal top transition vocal vox wav
    wave wet
"""
# Folders that people, systems and shops make for whatever comes. In the singular and in the plural: "Pack 1" is a pack, "packs" is none.
_PLACE_WORDS = """
    desktop documents download downloads dropbox home inbox incoming intake lib library media mnt music output packs sample samples
    sound sounds splice temp tmp unsorted users volumes
    arcade loopcloud noiiz
"""
# What says nothing, alone or beside these: "My Samples", "New Packs", "Old", "To Sort".
_PLACE_MODIFIERS = "all and copy free from misc my new of old other sort sorted stuff the to various"
_PLACE_NAMES = """
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
# Sample managers keep one folder for each pack below these, whatever it is called.
_SHELVES = frozenset({("sounds", "packs"), ("samples", "packs"), ("splice", "packs"), ("loopcloud", "packs")})
_SPLICE = "splice"
# Anywhere below the watched folder, the pack is looked for behind these.
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
_DRAWERS, _PLACES = frozenset(_DRAWER_WORDS.split()), frozenset(_PLACE_WORDS.split())
_MODIFIERS = frozenset(_PLACE_MODIFIERS.split())
_NAMED_PLACES = frozenset(name.strip() for name in re.split(r"[;\n]", _PLACE_NAMES) if name.strip())
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

FEW_SOUNDS = 3  # a folder with fewer is no pack: its documents may be anybody's


def is_drawer(name: str) -> bool:
    """A folder of this name sorts sounds inside a pack, and names none."""
    words = [_singular(word.casefold()) for word in _WORD.findall(name)]
    return bool(words or name in _DRAWERS) and all(word in _DRAWERS for word in words)


def _singular(word: str) -> str:
    if word in _DRAWERS:
        return word
    return word[:-2] if word.endswith("es") and word[:-2] in _DRAWERS else word.removesuffix("s")


def is_place(name: str) -> bool:
    """A folder of this name is made for whatever comes ("Downloads", "My Samples", "New Folder (2)"), and names no pack."""
    plain = unicodedata.normalize("NFC", name).strip().casefold()
    if plain.startswith(_CLOUD_DOWNLOAD):
        return True
    bare = _COPY_NUMBER.sub("", plain) or plain
    words = _WORD.findall(bare)
    return bare in _NAMED_PLACES or (
        bool(words)
        and all(word in _PLACES or word in _MODIFIERS for word in words)
        and not any(char.isdigit() for char in bare)
    )


def names_a_pack(name: str) -> bool:
    """Whether a folder of this name can be a pack: it is no drawer and no place for whatever comes."""
    return bool(name.strip(" ._")) and not is_place(name) and not is_drawer(name)


def named_after(path: Path, root: Path, *, whole: bool = False) -> Path | None:
    """The folder that gives a file's pack its name; None for a single file. It depends on the path only.

    In the layout of a shop it may lie above the root, which is where a file was found from: see `pack_folder` for what may be looked
    into. With `whole`, the root itself is one pack.
    """
    steps = path.relative_to(root).parts[:-1]
    if shelved := _on_a_shelf(root.parts + steps, len(root.parts)):
        return Path(*shelved)
    if whole:
        return root
    at = _below(steps)
    return None if at is None else root.joinpath(*steps[: at + 1])


def pack_folder(path: Path, root: Path, *, whole: bool = False) -> Path | None:
    """The folder of the pack that a file came in: the root or below it; None for a single file, or where only its name is known."""
    folder = named_after(path, root, whole=whole)
    return folder if folder and folder.is_relative_to(root) else None


def _on_a_shelf(parts: tuple[str, ...], own: int) -> tuple[str, ...] | None:
    """The parts up to the pack, where a sample manager has put it: Splice/sounds/packs/<Pack>/…; the innermost such place.

    The first `own` parts are the user's: of these only Splice itself makes one a pack, as anybody may sort in ~/sounds/packs/2024.
    """
    plain = [part.casefold() for part in parts]
    for at in range(len(parts) - 1, 1, -1):
        sure = at >= own or _SPLICE in plain[max(0, at - 3) : at]
        if sure and (plain[at - 2], plain[at - 1]) in _SHELVES and not is_place(parts[at]):
            return parts[: at + 1]
    return None


def _below(steps: tuple[str, ...]) -> int | None:
    """Which step is the pack: the first that is no place, behind the innermost shop if there is one."""
    shops = [at + 1 for at, step in enumerate(steps) if _is_a_shop(steps, at)]
    for start in (*shops[-1:], 0):
        at = next((at for at in range(start, len(steps)) if not is_place(steps[at])), None)
        if at is not None and not is_drawer(steps[at]):
            return at
    return None


def _is_a_shop(steps: tuple[str, ...], at: int) -> bool:
    name = steps[at].casefold()
    return name in _SHOPS or (name == "arcade" and at > 0 and steps[at - 1].casefold() == "output")


def is_a_pack(root: Path) -> bool:
    """A folder that was given as one pack: it has a name of its own, and sounds lie in it, or all its folders are drawers."""
    if not names_a_pack(root.name) or root == Path.home():
        return False
    try:
        with os.scandir(root) as entries:
            folders, sounds = _looked_at(entries)
    except OSError:
        return False
    return sounds or (bool(folders) and all(is_drawer(name) or is_usual_folder(name) for name in folders))


def _looked_at(entries: Iterable[os.DirEntry[str]]) -> tuple[list[str], bool]:
    """The names of the folders, and whether there is a sound."""
    folders, sounds = [], False
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders += [] if is_ignored_folder(entry.name) else [entry.name]
        else:
            sounds |= is_audio_name(entry.name) and is_wanted(entry.name) and not entry.is_symlink()
    return folders, sounds


def telling_name(archive: Path, top_folders: list[str]) -> str:
    """The archive's name; its only folder's where the archive's says nothing ("drive-download-2026…", "New Folder")."""
    stem = archive.name.partition(".")[0]
    says_nothing = _GENERIC_ARCHIVE.fullmatch(stem) or is_place(stem)
    if says_nothing and len(top_folders) == 1 and names_a_pack(top_folders[0]):
        return top_folders[0]
    return archive.name
