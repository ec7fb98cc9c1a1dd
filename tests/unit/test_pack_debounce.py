from pathlib import Path

from drumwatch.intake.pack_debounce import PackDebouncer

PACK, OTHER = Path("/in/Pack"), Path("/in/Other")


def gathering():
    return PackDebouncer(quiet=2.0)


def test_what_came_to_rest_waits_while_more_comes_into_its_folder():
    packs = gathering()
    packs.note_change(PACK, now=0.0)
    packs.note_change(PACK, now=1.5)

    assert packs.hold(PACK, "kick.wav", now=2.0)
    assert list(packs.release(now=3.4)) == []
    assert list(packs.release(now=3.5)) == ["kick.wav"]


def test_nothing_is_held_in_a_quiet_folder():
    packs = gathering()
    packs.note_change(PACK, now=0.0)

    assert not packs.hold(PACK, "kick.wav", now=2.0)
    assert not packs.hold(OTHER, "snare.wav", now=0.0)


def test_one_folder_does_not_hold_up_another():
    packs = gathering()
    packs.note_change(PACK, now=0.0)
    packs.note_change(OTHER, now=1.0)
    packs.hold(PACK, "kick.wav", now=1.0)
    packs.hold(OTHER, "snare.wav", now=1.0)

    assert list(packs.release(now=2.0)) == ["kick.wav"]
    assert packs.next_due() == 3.0


def test_a_folder_that_never_rests_is_waited_for_a_minute():
    packs = gathering()
    for second in range(120):
        packs.note_change(PACK, now=float(second))
        if second == 10:
            packs.hold(PACK, "kick.wav", now=10.0)

    assert packs.next_due() == 70.0
    assert list(packs.release(now=70.0)) == ["kick.wav"]


def test_with_nothing_held_nothing_is_due():
    packs = gathering()
    packs.note_change(PACK, now=0.0)

    assert packs.next_due() is None
    assert list(packs.release(now=9.0)) == []


def test_a_large_pack_is_let_go_in_portions():
    packs = gathering()
    packs.note_change(PACK, now=0.0)
    for name in ("a.wav", "b.wav", "c.wav"):
        packs.hold(PACK, name, now=1.0)

    first, more = list(packs.release(3.0, 2)), packs.is_holding(PACK)
    rest, still_more = list(packs.release(3.0, 2)), packs.is_holding(PACK)

    assert (first, more) == (["a.wav", "b.wav"], True)
    assert (rest, still_more) == (["c.wav"], False)
    assert packs.next_due() is None
