"""Ableton Live's file about a folder: read whole or not at all, and changed so that the undo gives the same bytes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_folders import REAL, item, live_file

from drumwatch.filing import ableton_xmp
from drumwatch.filing.ableton_xmp import NotUnderstood, read

KICK = item("bd1.wav", ["Drums|Kick", "Creator|17cupsofcoffee"], colors=["1"])
SNARE = item("sd & rim.wav", ["Drums|Snare"], hidden=["Type|One Shot"])
EMPTY_LIST = live_file("ITEMS").replace(
    b"<rdf:Bag>\n               ITEMS\n            </rdf:Bag>", b"<rdf:Bag/>"
)
NO_LIST = live_file("X").replace(
    b"<ablFR:items>\n            <rdf:Bag>\n               X\n            </rdf:Bag>\n         </ablFR:items>\n         ",
    b"",
)

names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12).map(
    lambda text: f"{text}.wav"
)
words = st.sampled_from(["Drums|Kick", "Drums|Snare", "Type|One Shot", "Creator|me & <you>", "Key|C♯"])
lists = st.lists(words, unique=True, max_size=4)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    some = draw(st.lists(names, unique_by=lambda name: unicodedata.normalize("NFC", name), max_size=4))
    items = [item(name, draw(lists), draw(lists), draw(st.sampled_from([(), ("1",)]))) for name in some]
    if not items:
        return draw(st.sampled_from([EMPTY_LIST, NO_LIST, live_file()]))
    data = live_file(*items)
    return data.replace(b"\n", draw(st.sampled_from([b"\n", b"\r\n", b" "])))


def test_every_item_is_read_and_the_bytes_stay():
    data = live_file(KICK, SNARE)

    xmp = read(data)

    assert list(xmp.items) == ["bd1.wav", "sd & rim.wav"]
    assert ableton_xmp.keywords_of(xmp, "bd1.wav") == ("Drums|Kick", "Creator|17cupsofcoffee")
    assert xmp.data == data


@given(files(), st.data())
def test_a_write_and_its_undo_give_the_same_bytes(data, draw):
    xmp = read(data)
    name = draw.draw(st.sampled_from([*xmp.items]) | names if xmp.items else names)

    tagged, tags = ableton_xmp.tagged(xmp, name, draw.draw(lists), draw.draw(lists))
    again = read(tagged.data)

    assert set(tags.added) <= set(ableton_xmp.keywords_of(again, name))
    assert ableton_xmp.untagged(again, name, tags).data == data


@given(files(), st.lists(st.tuples(names, lists), max_size=4, unique_by=lambda one: one[0]), st.randoms())
def test_writes_are_undone_in_any_order(data, writes, random):
    xmp, done = read(data), []
    for name, wanted in writes:
        if not ableton_xmp.name_in(xmp, name):
            xmp, tags = ableton_xmp.tagged(xmp, name, wanted)
            done.append((name, tags))
    random.shuffle(done)

    for name, tags in done:
        xmp = ableton_xmp.untagged(read(xmp.data), name, tags)

    assert xmp.data == data


@given(files(), files(), st.data())
def test_an_item_that_travels_comes_back_byte_for_byte(data, other, draw):
    old, new = read(data), read(other)
    if not old.items:
        return
    name = draw.draw(st.sampled_from([*old.items]))
    new_name = draw.draw(st.just(name) | names)
    if ableton_xmp.name_in(new, new_name):
        return
    taken = ableton_xmp.item_at(old, name)
    assert taken

    there = read(ableton_xmp.with_item(new, ableton_xmp.renamed(taken, new_name)._replace(before="")).data)
    here = read(ableton_xmp.without_item(old, name).data)
    assert ableton_xmp.name_in(there, new_name)
    assert not ableton_xmp.name_in(here, name) or name not in here.items
    back = ableton_xmp.item_at(there, new_name)
    assert back

    assert ableton_xmp.with_item(here, ableton_xmp.named_like(back, taken)).data == data
    assert ableton_xmp.without_item(there, new_name).data == other


def test_what_the_user_hid_is_never_added_and_what_says_more_is_enough():
    xmp = read(live_file(SNARE, item("rim.wav", ["Drums|Snare|Rim"])))

    one, tags = ableton_xmp.tagged(xmp, "sd & rim.wav", ["Drums|Snare", "Type|One Shot"])
    two, also = ableton_xmp.tagged(xmp, "rim.wav", ["Drums|Snare"])

    assert (tags.added, also.added) == ((), ())
    assert one.data == two.data == xmp.data


def test_the_undo_leaves_what_the_user_added_since():
    xmp = read(live_file(KICK))
    tagged, tags = ableton_xmp.tagged(xmp, "new.wav", ["Drums|Kick"])
    by_user, _ = ableton_xmp.tagged(tagged, "new.wav", ["Genres|Techno"])

    after = ableton_xmp.untagged(read(by_user.data), "new.wav", tags)

    assert ableton_xmp.keywords_of(after, "new.wav") == ("Genres|Techno",)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_found_in_either_unicode_form(form):
    xmp = read(live_file(item(unicodedata.normalize(form, "Trömmel.wav"), ["Drums|Tom"])))

    for asked in ("NFC", "NFD"):
        assert ableton_xmp.keywords_of(xmp, unicodedata.normalize(asked, "Trömmel.wav")) == ("Drums|Tom",)


def test_two_unicode_forms_of_a_name_are_two_files():
    forms = [unicodedata.normalize(form, "Trömmel.wav") for form in ("NFC", "NFD")]
    xmp = read(live_file(item(forms[0], ["Drums|Tom"]), item(forms[1], ["Drums|Kick"])))

    assert [ableton_xmp.keywords_of(xmp, form) for form in forms] == [("Drums|Tom",), ("Drums|Kick",)]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'
GOOD = live_file(KICK)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cut off"),
        (GOOD[:-300], "cut off"),
        (b"RIFF\0\0\0\0WAVE", "UTF-8"),
        (GOOD.replace(b"fs-resources/1.0", b"fs-resources/2.0"), "another version"),
        (DOCTYPE + GOOD, "DOCTYPE"),
        (DOCTYPE + GOOD.replace(b"bd1", b"&b;"), "DOCTYPE"),
        (GOOD.replace(b"bd1", b"&unknown;"), "cut off"),
        (GOOD.replace(b"<ablFR:colors>", b"<ablFR:newThing>").replace(b"</ablFR:colors>", b"</ablFR:newThing>"), "newThing"),
        (GOOD.replace(b"<rdf:Bag>", b"<!-- mine --><rdf:Bag>", 1), "comment"),
        (GOOD.replace(b"bd1.wav", b"<![CDATA[bd1.wav]]>"), "comment"),
        (GOOD.replace(b">folder<", b">pack<"), "describes no folder"),
        (live_file(KICK, KICK), "twice"),
        (GOOD.decode().encode("utf-16"), "UTF-8"),
        (b'<?xml version="1.0" encoding="latin-1"?>\n' + GOOD, "UTF-8"),
        (GOOD.replace(b"bd1", b"bd\xff"), "UTF-8"),
        (GOOD.replace(b"<ablFR:filePath>bd1.wav</ablFR:filePath>", b""), "no name"),
        (b"<x>" * 100_000, "does not know"),
        (GOOD.replace(b' rdf:parseType="Resource"', b""), "another kind"),
        (b" " * (ableton_xmp.MAX_BYTES + 1), "too large"),
    ],
    ids=[
        "empty", "cut", "a WAV", "version", "DOCTYPE", "entities", "unknown entity", "field", "comment", "CDATA", "a pack", "twice",
        "UTF-16", "latin-1", "no UTF-8", "no name", "deep", "kind", "huge",
    ],
)  # fmt: skip
def test_what_is_not_understood_whole_is_refused(data, why):
    with pytest.raises(NotUnderstood, match=why):
        read(data)


def test_ten_thousand_items_are_read():
    xmp = read(live_file(*(item(f"kick {number}.wav", ["Drums|Kick"]) for number in range(10_000))))

    assert len(xmp.items) == 10_000
    assert REAL.count("{items}") == 1
