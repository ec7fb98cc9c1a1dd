"""What file and folder names say: words in several languages as evidence beside the sound, never a trump."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.model import TYPES
from drumwatch.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Types (one or several) to the words and phrases that name them. Plurals, accents and digits are taken care of below.
WORDS: dict[str, str] = {
    "kick": (
        "kick|kik|kck|bass drum|bassdrum|bdrum|kickdrum|grosse caisse|grosse trommel|bombo|bumbo|"
        "cassa|gran cassa|stompkick|бочка|кик|キック|バスドラム"
    ),
    "snare": (
        "snare|snr|snare drum|snaredrum|rimshot snare|caisse claire|kleine trommel|rullante|"
        "redoblante|caja|caixa|tarola|virveltrumma|рабочий|снейр|малый барабан|スネア"
    ),
    "hat-closed": (
        "closed hat|hat closed|closed hihat|hihat closed|closed hi hat|hi hat closed|chh|hhc|"
        "hh closed|closed hh|pedal hat|hat pedal|hihat pedal|charley ferme"
    ),
    "hat-open": (
        "open hat|hat open|open hihat|hihat open|open hi hat|hi hat open|ohh|hho|hh open|open hh|"
        "charley ouvert"
    ),
    "hat-closed hat-open": "hat|hihat|hi hat|hh|charley|charleston|chimbal|hihatt|хэт|хай хэт|хайхэт|ハイハット",
    "clap": (
        "clap|handclap|hand clap|clp|snap|fingersnap|finger snap|klatschen|palmas|palma|battimani|"
        "claquement|хлопок|クラップ"
    ),
    "rim": "rim|rimshot|rim shot|sidestick|side stick|cross stick|crossstick|リムショット",
    "tom": "tom|floor tom|rack tom|tomtom|tom tom|timbal de piso|goliat|том|タム",
    "hand-drum": (
        "conga|bongo|tabla|djembe|cajon|darbuka|doumbek|udu|timbale|quinto|tumba|frame drum|"
        "hand drum|handdrum|bata|dhol|mridangam|surdo|repinique|cuica|конга|бонго|コンガ|ボンゴ"
    ),
    "bell": (
        "cowbell|cow bell|agogo|woodblock|wood block|clave|triangle|cencerro|campana|triangulo|"
        "triangel|kuhglocke|castanet|temple block|カウベル"
    ),
    "shaker": (
        "shaker|tambourine|tamb|tambo|maraca|cabasa|guiro|pandereta|pandeiro|tambourin|"
        "schellenkranz|sonagli|chocalho|ganza|caxixi|sleigh bell|vibraslap|шейкер|бубен|シェイカー|タンバリン"
    ),
    "clap rim tom hand-drum bell shaker": "perc|percussion|percs|perkussion|percusion|percussao|percussione|перкуссия|パーカッション",
    "cymbal": (
        "cymbal|crash|ride|splash|china|gong|cym|becken|cymbale|platillo|prato|piatto|тарелка|シンバル|"
        "クラッシュ|ライド"
    ),
    "loop": "loop|drumloop|drum loop|bpm|breakbeat|break beat|groove|beat loop|top loop|луп|ループ",
    "bass": "bass|sub bass|subbass|bajo|baixo|basso|reese|ベース",
    "tonal": (
        "synth|piano|guitar|chord|pad|lead|pluck|arp|key|organ|string|brass|flute|marimba|"
        "vibraphone|melody|stab|guitarra|chitarra|gitarre|klavier|orchestra hit|orch hit|シンセ|ピアノ|"
        "ギター"
    ),
    "vocal": "vocal|vox|voice|acapella|chant|choir|shout|stimme|voix|voz|voce|вокал|ボーカル",
    "fx": (
        "fx|sfx|riser|uplifter|downlifter|sweep|impact|foley|ambience|atmo|texture|noise|whoosh|"
        "laser|zap|glitch|efecto|effet|эффект"
    ),
}
# Abbreviations, believed less, and only where no word is there.
CODES: dict[str, str] = {
    "kick": "bd|kd|kk|gc",
    "snare": "sd|sn|cc",
    "hat-closed": "ch|hc",
    "hat-open": "oh|ho",
    "clap": "cp|cl|hc",
    "rim": "rs|ss",
    "tom": "lt|mt|ht|ft",
    "bell": "cb",
    "cymbal": "cy|cr|rd|cc",
    "kick bass": "808",
}

# Shares of names that tell the truth. Measured where the label came from elsewhere (`benchmarks/names.py`): 0.99 for words and
# 0.96 for abbreviations, in packs whose makers took care. A download folder is less careful, so less is believed.
WORD_RIGHT = 0.88
FOLDER_RIGHT = (
    0.75  # "Snare Kit" holds more than snares; not measurable on a corpus whose folders are the labels
)
CODE_RIGHT = 0.75
SIBLING = 0.3  # a name that says tom still half agrees with another percussion
FOLDERS_READ = 2
HARDLY = 0.1  # a sound that gives less than this to the label of its name clashes with it


@dataclass(frozen=True, slots=True)
class Hint:
    """How likely such a name is for each type, and the label that it speaks for; none where it says nothing."""

    likelihood: Floats
    says: str


SILENT = Hint(np.ones(len(TYPES), np.float32), "")


def read(path: str) -> Hint:
    """Evidence from the file's own name, else from the folder nearest to it that says anything."""
    parts = PurePath(path).parts
    stem = PurePath(parts[-1]).stem if parts else ""
    if spoken := spoken_by(stem, WORD_TYPES):
        return hint(spoken, WORD_RIGHT)
    for folder in parts[-2 : -2 - FOLDERS_READ : -1]:
        if spoken := spoken_by(folder, WORD_TYPES):
            return hint(spoken, FOLDER_RIGHT)
    if spoken := spoken_by(stem, CODE_TYPES):
        return hint(spoken, CODE_RIGHT)
    return SILENT


def fuse(types: Floats, evidence: Hint) -> Floats:
    """Sound and name weighed together as independent witnesses; where they clash, less is sure, and silence changes nothing.

    No name speaks for or against a class of the user's own, which stand behind TYPES.
    """
    if evidence is SILENT:
        return types
    own = len(types) - len(TYPES)
    likelihood = np.pad(evidence.likelihood, (0, own), constant_values=evidence.likelihood.max())
    both: Floats = np.maximum(types, 1e-3) * likelihood
    return both / both.sum()


def clashes(evidence: Hint, labels: Mapping[str, float]) -> bool:
    """Whether the sound alone, which gives these probabilities to `labels`, leaves hardly a chance to what the name says."""
    return evidence.says != "" and labels[evidence.says] < HARDLY


def hint(spoken: frozenset[str], right: float) -> Hint:
    """Likelihood of a name that means one of these types, if `right` of such names are right."""
    labels = {LABEL_OF_TYPE[kind] for kind in spoken}
    wrong = (1 - right) / (len(LABELS) - 1)
    likelihood = np.array(
        [
            right
            if kind in spoken
            else max(wrong, SIBLING * right)
            if LABEL_OF_TYPE[kind] in labels
            else wrong
            for kind in TYPES
        ],
        np.float32,
    )
    return Hint(likelihood, labels.pop() if len(labels) == 1 else "")


def spoken_by(name: str, table: dict[tuple[str, ...], frozenset[str]]) -> frozenset[str]:
    """The types that the name's words mean: what they agree on, else all of them; a loop of kicks is a loop."""
    meant = []
    tokens = words(name)
    at = 0
    while at < len(tokens):
        length = next((n for n in (3, 2, 1) if tuple(tokens[at : at + n]) in table), 0)
        if length:
            meant.append(table[tuple(tokens[at : at + length])])
        at += max(length, 1)
    if not meant or any("loop" in kinds for kinds in meant):
        return frozenset({"loop"} if meant else ())
    return frozenset.intersection(*meant) or frozenset.union(*meant)


def words(name: str) -> list[str]:
    """Lower case, without accents, digits or plural, split where writers of file names split."""
    plain = "".join(
        c
        for c in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(c) or "\u3040" < c < "\u30ff"
    )
    plain = unicodedata.normalize("NFC", plain)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    found = re.findall(r"808|[^\W\d_]+", split)
    return [singular(word.casefold()) for word in found]


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def tabled(source: dict[str, str]) -> dict[tuple[str, ...], frozenset[str]]:
    """Phrases to the types that they may mean."""
    table: dict[tuple[str, ...], frozenset[str]] = {}
    for kinds, phrases in source.items():
        for phrase in phrases.split("|"):
            key = tuple(itertools.chain.from_iterable(words(word) for word in phrase.split(" ")))
            table[key] = table.get(key, frozenset()) | frozenset(kinds.split())
    return table


WORD_TYPES = tabled(WORDS)
CODE_TYPES = tabled(CODES)
