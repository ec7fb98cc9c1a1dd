"""Recognize the folders of a sample pack that hold no sounds, by their names.

More names count than in `pack_documents.is_usual_folder`, which decides whose documents may move; this only decides whether a tree
looks like a pack.
"""

from __future__ import annotations

import re

from drumwatch.intake.pack_names import is_category_folder

_USUAL_WORDS = """
    ableton art battery bitwig bonus booklet channel cover device docs drumrack exs exs24 extra fxp help image img info installer
    instrument kontakt licence license live logic manual maschine massive mpc note nnxt patch photo pic picture plugin pdf phaseplant
    program rack readme reason reaper reference sampler screenshot sfz sf2 serum session setting spire studio sylenth1 template
    text txt tutorial user vital video visual
"""
_USUAL = frozenset(_USUAL_WORDS.split())
_WORD = re.compile(r"[^\W_]+")


def is_pack_folder_name(name: str) -> bool:
    """Return whether a sample pack may have a folder of this name without sounds: documents, artwork, MIDI, presets."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return bool(words) and all(_is_usual(word) for word in words)


def _is_usual(word: str) -> bool:
    return word in _USUAL or word.removesuffix("s") in _USUAL or word.isdigit() or is_category_folder(word)
