"""Where the documents of a pack go: beside its sounds, under names that the library's reader takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.config import Watch
from drumwatch.packs.pack_contents import place_beside_sounds

PLAIN = Watch(Path("/in"), Path("/lib"))
DEVICE = Watch(Path("/in"), Path("/lib"), name_limit=12, portable_names=True)


@pytest.mark.parametrize(
    ("watch", "inner", "expected"),
    [
        (PLAIN, "Read me first?.txt", "/lib/_packs/My Long Pack 2/Read me first?.txt"),
        (PLAIN, "My Long Pack 2/Art/cover.jpg", "/lib/_packs/My Long Pack 2/Art/cover.jpg"),
        (DEVICE, "Read me first?.txt", "/lib/_packs/My Long Pa 2/Read me.txt"),
        (DEVICE, "Art: front/cover.jpg", "/lib/_packs/My Long Pa 2/Art_ front/cover.jpg"),
    ],
    ids=["any name", "name of the pack", "short", "portable"],
)
def test_a_document_has_the_names_that_the_watch_wants(watch, inner, expected):
    assert place_beside_sounds(watch, "My Long Pack 2", Path(inner)) == Path(expected)
