"""Read drum words in several languages from file and folder names; they are additional evidence and never decide alone."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import TYPES
from drumwatch.core.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Types (one or several) and the words and phrases that name them. `words` removes plurals, accents and digits.
WORDS: dict[str, str] = {
    "kick": (
        "kick|kik|kck|bass drum|bassdrum|bdrum|drum bass|kickdrum|grosse caisse|grosse trommel|"
        "cassa|gran cassa|stompkick|бочка|кик|キック|バスドラム"
    ),
    "kick hand-drum": "bombo|bumbo",  # a kit's bass drum in Spain, a folk drum in Colombia and Argentina
    "snare": (
        "snare|snr|snare drum|snaredrum|rimshot snare|caisse claire|kleine trommel|rullante|"
        "redoblante|caja|caixa|tarola|virveltrumma|рабочий|снейр|малый барабан|スネア"
    ),
    "hat-closed": (
        "closed hat|hat closed|closed hihat|hihat closed|closed hi hat|hi hat closed|chh|hhc|"
        "hh closed|closed hh|cl hat|hat cl|pedal hat|hat pedal|hihat pedal|charley ferme"
    ),
    "hat-open": (
        "open hat|hat open|open hihat|hihat open|open hi hat|hi hat open|ohh|hho|hh open|open hh|op hat|hat op|"
        "charley ouvert"
    ),
    "hat-closed hat-open": "hat|hihat|hi hat|hh|hhat|charley|charleston|chimbal|hihatt|хэт|хай хэт|хайхэт|ハイハット",
    "clap": (
        "clap|handclap|hand clap|clp|snap|fingersnap|finger snap|klatschen|palmas|palma|battimani|"
        "claquement|хлопок|クラップ"
    ),
    "rim": "rim|rimshot|rim shot|sidestick|side stick|cross stick|crossstick|xstick|x stick|リムショット",
    "tom": "tom|timpani|taiko|rototom|floor tom|rack tom|tomtom|tom tom|timbal de piso|goliat|том|タム",
    "hand-drum": (
        "conga|bongo|tabla|djembe|cajon|darbuka|doumbek|udu|timbale|quinto|tumba|frame drum|"
        "hand drum|handdrum|bata|dhol|mridangam|surdo|repinique|cuica|конга|бонго|コンガ|ボンゴ"
    ),
    "bell": (
        "cowbell|cow bell|agogo|woodblock|wood block|clave|triangle|cencerro|campana|triangulo|"
        "triangel|kuhglocke|castanet|temple block|bell tree|belltree|mark tree|カウベル"
    ),
    "shaker": (
        "shaker|tambourine|tamb|tambo|maraca|cabasa|guiro|pandereta|pandeiro|tambourin|"
        "schellenkranz|sonagli|chocalho|ganza|caxixi|sleigh bell|sleighbell|vibraslap|vibra slap|tamborin|tamburin|"
        "шейкер|бубен|シェイカー|タンバリン"
    ),
    "clap rim tom hand-drum bell shaker": "perc|percussion|percs|perkussion|percusion|percussao|percussione|перкуссия|パーカッション",
    "cymbal": (
        "cymbal|crash|ride|splash|china|gong|cym|cymb|becken|cymbale|platillo|prato|piatto|тарелка|シンバル|"
        "クラッシュ|ライド"
    ),
    "loop": "loop|drumloop|drum loop|bpm|breakbeat|break beat|groove|beat loop|top loop|луп|ループ",
    "bass": "bass|sub bass|subbass|bajo|baixo|basso|reese|ベース",
    "tonal": (
        "synth|piano|guitar|chord|pad|lead|pluck|arp|key|organ|string|brass|flute|marimba|"
        "vibraphone|xylophone|xylo|celesta|harpsichord|kalimba|accordion|bagpipe|violin|viola|cello|harp|sitar|banjo|ukulele|"
        "mandolin|koto|trumpet|trombone|tuba|horn|saxophone|sax|oboe|clarinet|bassoon|"
        "melody|stab|guitarra|chitarra|gitarre|klavier|orchestra hit|orch hit|シンセ|ピアノ|"
        "ギター"
    ),
    "vocal": "vocal|vox|voice|acapella|chant|choir|shout|beatbox|scream|laugh|laughter|speech|stimme|voix|voz|voce|вокал|ボーカル",
    "fx": (
        "fx|sfx|riser|uplifter|downlifter|sweep|impact|foley|ambience|atmo|texture|noise|whoosh|"
        "laser|zap|glitch|explosion|scratch|applause|siren|beep|footstep|efecto|effet|эффект"
    ),
}
# Abbreviations: less reliable, and read only where no word is found.
CODES: dict[str, str] = {
    "kick": "bd|kd|kk|gc",
    "snare": "sd|sn|cc",
    "hat-closed": "ch|hc|chat|clhat|chihat|hatc|clhh|hhcl",
    "hat-open": "oh|ho|ohat|ophat|ohihat|hato|ophh|hhop",
    "clap": "cp|cl|hc",
    "rim": "rs|ss|stick",
    "tom": "lt|mt|ht|ft",
    "hand-drum": "lc|mc|hc",  # the congas of an 808
    "bell": "cb|cowb",
    "shaker": "sh",
    "cymbal": "cy|cr|rd|rc|cc",
    "loop": "break",
    "kick bass": "808",
}
# Words that are read like abbreviations where they are the whole name: "AlegreOpen" is no hat.
ALONE: dict[str, str] = {"hat-closed": "closed", "hat-open": "open"}
MACHINE = "808"  # as a folder it is the whole kit of a machine
SOME_HAT = frozenset({"hat-closed", "hat-open"})
SOME_HAT_CODE = re.compile(r"hh[a-z]|[a-z]hh")  # "HHF", "phh"
EXCLAMATIONS = frozenset({"ahh", "ehh", "shh", "uhh"})
BEGINS_NO_WORD = {"bd": "kick"}  # "Bdcrunch": in no language does a word begin so

# Words that people write together with a drum's name, without a space: "closedhat", "kicklo", "floortom"
GLUE = (
    "open|closed|close|half|pedal|hi|high|lo|low|mid|floor|rack|drum|hit|long|short|soft|hard|left|right|shot"
)
GLUED_LETTERS = 3  # the shortest known word that is found in such a compound
# Known words that end other words too often ("bread", "monkey", "bride") to be found behind one or two letters
NEVER_BEHIND_LETTERS = "lead|pad|key|ride|bass|loop|drum|tumba|bata|voix|voce"
GLUED_TOO = frozenset({"hh"})  # short, but inside no word: "closedhh"
# Known words that others may follow, whatever they are ("kickbig", "snarey"): hardly any other word begins with them
IN_FRONT = (
    "handclap|kickdrum|bassdrum|snaredrum|rimshot|sidestick|woodblock|tambourine|cowbell|cymbal|djembe|shaker|maraca|cabasa|"
    "kick|snare|clap|crash|hihat|conga|bongo|cajon|guiro"
)
BEHIND_LETTERS = 4  # the shortest known word that is found behind one or two letters: "mkick"
TYPO_LETTERS = 6  # the shortest word in which one typo is forgiven
NO_TYPO = frozenset({"shaken"})

# Shares of names that are right. Measured on labels from another source (`benchmarks/names.py`): 0.99 for words and
# 0.96 for abbreviations, in carefully named packs. Download folders are named less carefully, so lower values are used.
WORD_RIGHT = 0.88
# Lower, because "Snare Kit" holds other drums too. Estimated, because the corpus takes its labels from folders.
FOLDER_RIGHT = 0.75
CODE_RIGHT = 0.75
SIBLING = 0.3  # relative likelihood of another type of the same label: "tom" in the name, another percussion in the file
UNLIKELY = 0.1  # below this probability by sound, the label of the name contradicts the sound


@dataclass(frozen=True, slots=True)
class Hint:
    """The likelihood of a name under each type, and the label that it names; empty if it names none or several."""

    likelihood: Floats  # shape (TYPES,)
    label: str
    types: frozenset[str] = frozenset()  # that it may mean
    right: float = 0.0  # the share of such names that are right
    of_folder: bool = False  # it is the name of a folder above the file


NO_HINT = Hint(np.ones(len(TYPES), np.float32), "")


def read(path: str) -> Hint:
    """Return the evidence of a file's name, else of its folders.

    In this order: a word in the name, a word in the folder's name, an abbreviation in the name, one that is the folder's whole name, and a
    word in the name of the folder above.
    """
    parts = PurePath(path).parts
    stem = PurePath(parts[-1]).stem if parts else ""
    folder, above = parts[-2] if len(parts) > 1 else "", parts[-3] if len(parts) > 2 else ""
    if types := types_meant(stem, WORD_TYPES):
        return hint(types, WORD_RIGHT)
    if types := types_meant(folder, WORD_TYPES):
        return hint(types, FOLDER_RIGHT, of_folder=True)
    if types := abbreviated(stem):
        return hint(types, CODE_RIGHT)
    if types := abbreviated_folder(folder):
        return hint(types, CODE_RIGHT, of_folder=True)
    if types := types_meant(above, WORD_TYPES):
        return hint(types, FOLDER_RIGHT, of_folder=True)
    return NO_HINT


def abbreviated(name: str) -> frozenset[str]:
    """Return the types that the abbreviations of a name mean."""
    found = words(name)
    if len(found) == 1 and (found[0],) in ALONE_TYPES:
        return ALONE_TYPES[found[0],]
    if types := types_meant(_without_machine(found), CODE_TYPES):
        return types
    if any(SOME_HAT_CODE.fullmatch(word) for word in set(found) - EXCLAMATIONS):
        return SOME_HAT
    begun = (kind for word in found for code, kind in BEGINS_NO_WORD.items() if word.startswith(code))
    return frozenset({kind} if (kind := next(begun, "")) else ())


def _without_machine(found: list[str]) -> str:
    """Return the words again, without the name of a machine where an abbreviation says which of its sounds it is: "808-LC"."""
    others = [word for word in found if word != MACHINE]
    return " ".join(others if any((word,) in CODE_TYPES for word in others) else found)


def abbreviated_folder(name: str) -> frozenset[str]:
    """Return the types that a folder's name means if it is one abbreviation: "03 SD", but not "oh_mic", and not "808"."""
    found = words(name)
    return abbreviated(name) if len(found) == 1 and found[0] != MACHINE else frozenset()


def fuse(types: Floats, evidence: Hint) -> Floats:
    """Multiply the probabilities by sound with the likelihood of the name, as independent evidence, and normalize.

    A name without a known word changes nothing. The user's own classes get the highest likelihood of the name, so that
    no name counts against them.

    Parameters
    ----------
    types : float32, shape (types,)
        Probabilities by sound; the user's classes stand behind TYPES.

    Returns
    -------
    float32, shape (types,)
        Sums to 1.
    """
    if evidence is NO_HINT:
        return types
    own = len(types) - len(TYPES)
    likelihood = np.pad(evidence.likelihood, (0, own), constant_values=evidence.likelihood.max())
    both: Floats = np.maximum(types, 1e-3) * likelihood
    return both / both.sum()


def contradicts(evidence: Hint, labels: Mapping[str, float]) -> bool:
    """Return whether the sound alone gives the label of the name a probability below UNLIKELY.

    `labels` maps each label to its probability by sound, 0 to 1.
    """
    return evidence.label != "" and labels[evidence.label] < UNLIKELY


def hint(named: frozenset[str], right: float, *, of_folder: bool = False) -> Hint:
    """Return the evidence of a name that means one of these types, if the share `right` (0 to 1) of such names is right."""
    labels = {LABEL_OF_TYPE[kind] for kind in named}
    wrong = (1 - right) / (len(LABELS) - 1)
    likelihood = np.array(
        [
            right
            if kind in named
            else max(wrong, SIBLING * right)
            if LABEL_OF_TYPE[kind] in labels
            else wrong
            for kind in TYPES
        ],
        np.float32,
    )
    return Hint(likelihood, labels.pop() if len(labels) == 1 else "", named, right, of_folder)


def types_meant(name: str, table: dict[tuple[str, ...], frozenset[str]]) -> frozenset[str]:
    """Return the types that the words of a name mean: those that all words share, else those of any word.

    If any word means "loop", only "loop" is returned: a loop of kicks is a loop.
    """
    found = []
    tokens = words(name)
    if table is WORD_TYPES:
        tokens = [word for token in tokens for word in spelled_out(token)]
    position = 0
    while position < len(tokens):
        length = next((n for n in (3, 2, 1) if tuple(tokens[position : position + n]) in table), 0)
        if length:
            found.append(table[tuple(tokens[position : position + length])])
        position += max(length, 1)
    if not found or any("loop" in kinds for kinds in found):
        return frozenset({"loop"} if found else ())
    return frozenset.intersection(*found) or frozenset.union(*found)


def words(name: str) -> list[str]:
    """Split a name into lower-case words without accents, digits or plural endings."""
    plain = "".join(
        c
        for c in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(c) or "\u3040" < c < "\u30ff"
    )
    plain = unicodedata.normalize("NFC", plain)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).replace("&", " and ")  # drum & bass is no bass drum
    found = re.findall(r"808|[^\W\d_]+", split)
    return [singular(word.casefold()) for word in found]


@functools.lru_cache(maxsize=4096)
def spelled_out(token: str) -> tuple[str, ...]:
    """Return the known words that a word is made of or meant to be; the word itself if it is known or nothing is found.

    It may be glued together of known words and words that go with them, have one or two letters before a known word, a drum's name in
    front of something unknown, or one typo.
    """
    if token in KNOWN or (token,) in CODE_TYPES:
        return (token,)
    if glued := unglued(token, GLUED | GLUE_WORDS):
        return glued if any(word in GLUED for word in glued) else (token,)
    behind = next((token[n:] for n in (1, 2) if token[n:] in BEHIND), "")
    begun = next((word for word in FRONTS if token.startswith(word)), "")
    typo = next((word for word in LONG if is_typo(token, word)), "") if len(token) >= TYPO_LETTERS else ""
    return (behind or begun or typo or token,)


def unglued(token: str, parts: frozenset[str]) -> tuple[str, ...]:
    """Return the parts that fill a word from its beginning to its end, the longest first; empty if they do not."""
    for end in range(len(token), 0, -1):
        if token[:end] in parts:
            if end == len(token):
                return (token,)
            if rest := unglued(token[end:], parts):
                return (token[:end], *rest)
    return ()


def is_typo(token: str, word: str) -> bool:
    """Return whether a word is another one with one letter changed, added, left out, or two swapped; the first letter is right."""
    if token[:1] != word[:1] or abs(len(token) - len(word)) > 1 or token in NO_TYPO:
        return False
    same = next(
        (at for at, (a, b) in enumerate(zip(token, word, strict=False)) if a != b), min(len(token), len(word))
    )
    mine, other = token[same:], word[same:]
    swapped = mine[1:2] + mine[:1] + mine[2:]
    return mine[1:] == other[1:] or mine[1:] == other or mine == other[1:] or swapped == other


def singular(word: str) -> str:
    """Remove a plural "s" from the end of a word."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def tabled(source: dict[str, str]) -> dict[tuple[str, ...], frozenset[str]]:
    """Return a table from phrases, as tuples of words, to the types that they may mean."""
    table: dict[tuple[str, ...], frozenset[str]] = {}
    for kinds, phrases in source.items():
        for phrase in phrases.split("|"):
            key = tuple(itertools.chain.from_iterable(words(word) for word in phrase.split(" ")))
            table[key] = table.get(key, frozenset()) | frozenset(kinds.split())
    return table


WORD_TYPES = tabled(WORDS)
CODE_TYPES = tabled(CODES)
ALONE_TYPES = tabled(ALONE)
KNOWN = frozenset(word for phrase in WORD_TYPES for word in phrase)
SINGLE = frozenset(phrase[0] for phrase in WORD_TYPES if len(phrase) == 1)
GLUED = frozenset(word for word in SINGLE if len(word) >= GLUED_LETTERS) | GLUED_TOO
GLUE_WORDS = frozenset(GLUE.split("|"))
BEHIND = frozenset(word for word in SINGLE if len(word) >= BEHIND_LETTERS) - frozenset(
    NEVER_BEHIND_LETTERS.split("|")
)
FRONTS = IN_FRONT.split("|")
LONG = sorted(word for word in SINGLE if len(word) >= TYPO_LETTERS)
