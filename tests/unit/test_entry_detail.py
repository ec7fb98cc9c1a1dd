"""The detail of an entry goes to the journal and comes back, whatever another version has written into it."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.core.entry_detail import (
    NO_DETAIL,
    EntryDetail,
    FileTag,
    FolderRecord,
    LiveItem,
    LiveTags,
    Pair,
)

FOLDER = Path("/Library/kick/Pack \udcff")
FULL = EntryDetail(
    made=(FOLDER.parent, FOLDER),
    made_again=(FOLDER,),
    left=(FOLDER,),
    folders=(FolderRecord(FOLDER, 0o755, 1, 2, 3, 4, 5, 6),),
    companion_hashes=("ef",),
    companions=(Pair("a.asd", "b.asd"),),
    link=True,
    link_was=FOLDER / "old.wav",
    copying=True,
    untouched=True,
    twin=FOLDER / "kick.wav",
    wanted=FOLDER / "kick?.wav",
    converted_hash="cd",
    patch="{}",
    patch_file=Path("/state/backups/1.patch"),
    tagged_hash="ab",
    written_tags=(("genre", "Kick"),),
    live_item=LiveItem("<rdf:li/>", "snare.wav"),
    live_tags=LiveTags(("Drums|Kick",), ((0, "<rdf:li>Drums|Snare</rdf:li>"),), "item"),
    live_hashes=("ab", "cd"),
    file_tag=FileTag("Kick", "Snare"),
    archive=Path("/Downloads/Pack.zip"),
    archive_hash="cd",
    archive_name="Tr\udc82molo.wav",
    needed_by="Oak Kit.sfz",
    project_kind="song",
    project_name="an Ableton Live project",
    marker=FOLDER,
    sounds=0,
    put_back=2,
    lies_in="Drums/Kicks",
    lies_as="kick",
    stands_for=7,
    instead_of=8,
    follows=7,
    unknown=(("later", "1"),),
)


def through_json(detail: EntryDetail) -> EntryDetail:
    return EntryDetail.from_stored(json.loads(json.dumps(detail.stored())))


def test_every_field_comes_back_from_the_journal():
    assert all(getattr(FULL, one.name) != one.default for one in fields(EntryDetail))
    assert through_json(FULL) == FULL


def test_what_is_not_set_is_not_stored():
    assert NO_DETAIL.stored() == {}
    assert EntryDetail.from_stored({}) == NO_DETAIL


def test_no_folders_made_differs_from_nothing_recorded():
    assert through_json(EntryDetail(made=())).made == ()
    assert through_json(NO_DETAIL).made is None


def test_the_keys_are_those_of_earlier_versions():
    stored = {
        "made": '["/Library/kick"]',
        "made again": '["/in"]',
        "left": '["/Library/snare"]',
        "companions": '[["a.asd", "b.asd"]]',
        "companion_hashes": '["ef"]',
        "link": "yes",
        "link_was": "/Library/old.wav",
        "copying": "yes",
        "untouched": "yes",
        "twin": "/Library/kick.wav",
        "patch": "{}",
        "patch_file": "/state/1.patch",
        "tagged_hash": "ab",
        "fields": '{"genre": "Kick"}',
        "folders": '[["/in/Pack", 493, 0, 0, 1, 2, 3, 4]]',
        "archive": "/in/Pack.zip",
        "archive_hash": "cd",
        "needed_by": "Oak Kit.sfz",
        "project_kind": "song",
        "project_name": "a song",
        "marker": "/in/Song",
        "sounds": "14",
        "put_back": "2",
        "stands_for": "7",
        "instead_of": "8",
    }

    detail = EntryDetail.from_stored(stored)

    assert detail.unknown == ()
    assert detail.stored() == stored


@given(st.dictionaries(st.sampled_from(["made", "folders", "sounds", "later", "companions"]), st.text()))
def test_what_is_not_understood_is_written_back_unchanged(stored):
    detail = EntryDetail.from_stored(stored)

    assert all(detail.stored()[key] == text for key, text in detail.unknown)
    assert "later" not in stored or detail.stored()["later"] == stored["later"]


@pytest.mark.parametrize("damaged", ['{"made": "no list"}', '{"sounds": "many"}', '{"folders": "[1]"}'])
def test_a_damaged_value_is_kept_and_not_used(damaged):
    detail = EntryDetail.from_stored(json.loads(damaged))

    assert detail == EntryDetail(unknown=tuple(json.loads(damaged).items()))
    assert detail.stored() == json.loads(damaged)


def test_an_update_keeps_what_it_does_not_mention():
    before = EntryDetail(needed_by="Oak Kit.sfz", unknown=(("later", "1"),))

    after = before.updated(EntryDetail(copying=True, unknown=(("newer", "2"),)))

    assert after == EntryDetail(
        needed_by="Oak Kit.sfz", copying=True, unknown=(("later", "1"), ("newer", "2"))
    )
