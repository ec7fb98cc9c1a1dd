from __future__ import annotations

import pytest

from drumwatch.core.side_files import bears_its_name, bears_its_stem, is_sound_name
from drumwatch.intake import ignore
from drumwatch.intake.pack_documents import _KINDS
from drumwatch.intake.projects.formats import FORMATS


@pytest.mark.parametrize(
    "ending", [".ot", ".sfk", ".sfap0", ".pkf", ".gpk", ".cue", ".asd", ".OVW", ".newly-invented"]
)
def test_whatever_has_the_stem_and_is_nothing_of_its_own_belongs_to_the_sound(ending: str) -> None:
    assert bears_its_stem("chain" + ending, "chain.wav")
    assert bears_its_name("chain.wav" + ending, "chain.wav")


@pytest.mark.parametrize(
    "name",
    ["chain", "chain.wav", "chain 2.ot", "chains.ot", "chain.b.ot", "Chain.ot", ".chain.ot", "chain.asd~"],
)
def test_another_name_does_not_belong_to_the_sound(name: str) -> None:
    assert not bears_its_stem(name, "chain.wav")
    assert not bears_its_name(name, "chain.wav")


# A cue sheet counts as a playlist where it lies alone; beside the sound that it describes it belongs to it.
@pytest.mark.parametrize("name", sorted({name for row in FORMATS for name in row.names} - {".cue"}))
def test_a_project_does_not_belong_to_a_sound(name: str) -> None:
    document = f"chain{name}" if name.startswith(".") else name

    assert not bears_its_stem(document, document.split(".")[0] + ".wav")


@pytest.mark.parametrize("ending", sorted(ending for ending, kind in _KINDS.items() if kind != "sidecar"))
def test_a_document_or_another_sound_does_not_belong_to_a_sound(ending: str) -> None:
    assert not bears_its_stem("chain" + ending, "chain.wav")


@pytest.mark.parametrize(
    "ending", [*ignore.DOWNLOAD_SUFFIXES, *ignore.OTHER_ARCHIVES, *ignore.ARCHIVE_SUFFIXES, ".tmp"]
)
def test_a_download_or_an_archive_does_not_belong_to_a_sound(ending: str) -> None:
    assert not bears_its_name("chain.wav" + ending, "chain.wav")
    assert not bears_its_stem("chain" + ending, "chain.wav")


def test_a_sound_that_cannot_be_heard_is_a_sound_nevertheless() -> None:
    assert is_sound_name("kick.M4A")
    assert is_sound_name("kick.wav")
    assert not is_sound_name("kick.ot")
