"""Events come out of a real journal: each once, in order, whoever filed the sound and whatever was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pipeline_harness import PipelineHarness, answer, arrival

from drumwatch.hooks.event_queue import EventQueue
from drumwatch.journal import Journal
from drumwatch.pipeline import FilingRequest

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config.value_types import Event
    from drumwatch.core.records import Entry
    from drumwatch.hooks.events import HookCall

ALL: tuple[Event, ...] = ("filed", "unsure", "pack", "corrected")
PACK: tuple[Event, ...] = ("pack",)


@pytest.fixture
def harness(tmp_path):
    harness = PipelineHarness(tmp_path)
    yield harness
    harness.close()


def filed(harness: PipelineHarness, name: str = "kick.wav") -> Entry:
    ((entry,),) = (result.entries for result in harness.file(harness.arrive(name, name.encode())))
    return entry


def filed_as_pack(harness: PipelineHarness, *paths: Path, pack: str = "Pack") -> None:
    harness.pipeline.file_together(
        [
            FilingRequest(
                replace(arrival(path, harness.intake), pack=pack), harness.config.watches[0], answer(path)
            )
            for path in paths
        ]
    )


def taken(journal: Journal, *, wanted: tuple[Event, ...] = ALL, settled: bool = True) -> list[str]:
    """All events that are there, as "filed kick.wav"."""
    return [f"{call.event} {call.fields['name']}" for call in calls(journal, wanted, settled=settled)]


def calls(journal: Journal, wanted: tuple[Event, ...] = ALL, *, settled: bool = True) -> list[HookCall]:
    queue, found = EventQueue(journal), []
    while True:
        call, again = queue.take(wanted, settled=settled, fresh=0.0)
        if call:
            found.append(call)
        elif again != 0.0:
            return found


def test_what_was_there_before_the_first_hook_is_no_event(harness):
    filed(harness, "before.wav")
    EventQueue(harness.journal).begin()
    filed(harness, "after.wav")
    EventQueue(harness.journal).begin()

    assert taken(harness.journal) == ["filed after.wav"]
    assert taken(harness.journal) == []


def test_without_hooks_nothing_is_kept_for_later(harness):
    EventQueue(harness.journal).begin()
    filed(harness)
    EventQueue(harness.journal).end()
    EventQueue(harness.journal).begin()

    assert taken(harness.journal) == []


def test_an_event_that_no_hook_wants_is_passed_over(harness):
    EventQueue(harness.journal).begin()
    filed(harness, "a.wav")
    harness.correct(filed(harness, "b.wav"), "snare")

    assert taken(harness.journal, wanted=("corrected",)) == ["corrected b.wav"]
    assert taken(harness.journal) == []


def test_several_processes_share_the_events_and_none_is_taken_twice(harness):
    EventQueue(harness.journal).begin()
    for number in range(6):
        filed(harness, f"{number}.wav")
    with Journal(harness.state / "journal.db") as other:
        journals = [harness.journal, other] * 4
        found = [EventQueue(journal).take(ALL, settled=True, fresh=0.0).call for journal in journals]

    assert [call and call.fields["name"] for call in found] == [f"{n}.wav" for n in range(6)] + [None] * 2


def test_an_event_is_taken_before_its_program_starts_so_a_crash_runs_it_no_second_time(harness):
    EventQueue(harness.journal).begin()
    filed(harness)
    assert EventQueue(harness.journal).take(ALL, settled=True, fresh=0.0).call

    harness.start()  # after a kill: another process, another connection

    assert taken(harness.journal) == []


def test_undoing_and_what_was_undone_before_its_turn_are_no_events(harness):
    EventQueue(harness.journal).begin()
    harness.undo(filed(harness, "undone.wav"))
    kept = filed(harness, "kept.wav")

    assert taken(harness.journal) == ["filed kept.wav"]
    harness.undo(kept)
    assert taken(harness.journal) == []


def test_a_sound_that_was_cut_off_is_an_event_once_when_recovery_has_settled_it(harness, monkeypatch):
    EventQueue(harness.journal).begin()
    path = harness.arrive("cut.wav", b"cut")
    with monkeypatch.context() as patch:
        patch.setattr(harness.pipeline, "_carry_out", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            harness.file(path)
    (entry,) = harness.entries()
    filed(harness, "later.wav")
    assert entry.state == "planned"
    assert taken(harness.journal) == ["filed later.wav"]

    entry.destination.parent.mkdir(exist_ok=True)
    path.rename(entry.destination)  # as far as the power lasted
    harness.start()

    assert harness.entries()[0].state == "done"
    assert taken(harness.journal) == ["filed cut.wav"]
    harness.start()
    assert taken(harness.journal) == []


def test_a_correction_is_told_with_the_label_of_the_user(harness):
    EventQueue(harness.journal).begin()
    harness.correct(filed(harness), "snare")

    first, second = calls(harness.journal)

    assert (first.event, second.event, second.fields["label"]) == ("filed", "corrected", "snare")
    told = json.loads(second.as_json())
    assert (told["path"], told["label"]) == (str(harness.library / "snare/kick.wav"), "snare")


def test_the_newest_entries_wait_a_moment_because_a_correction_is_written_in_two_steps(harness):
    EventQueue(harness.journal).begin()
    entry = filed(harness)

    soon = EventQueue(harness.journal, lambda: entry.time + 1).take(ALL, settled=True, fresh=2.0)
    later = EventQueue(harness.journal, lambda: entry.time + 3).take(ALL, settled=True, fresh=2.0)
    assert (soon.call, soon.again) == (None, 2.0)
    assert later.call


def test_a_clock_that_was_set_back_holds_nothing_up(harness):
    EventQueue(harness.journal).begin()
    entry = filed(harness)

    assert EventQueue(harness.journal, lambda: entry.time - 3600).take(ALL, settled=True).call


def test_a_pack_is_one_event_after_its_sounds_when_nothing_is_on_its_way_any_more(harness):
    EventQueue(harness.journal).begin()
    filed_as_pack(harness, *(harness.arrive(f"{n}.wav", str(n).encode()) for n in range(3)))

    assert taken(harness.journal, settled=False) == ["filed 0.wav", "filed 1.wav", "filed 2.wav"]
    (pack,) = calls(harness.journal)
    assert (pack.event, pack.fields["pack"], pack.record["filed"]) == ("pack", "Pack", 3)
    assert taken(harness.journal) == []


def test_a_pack_that_waits_for_its_rest_is_looked_at_again_soon(harness):
    EventQueue(harness.journal).begin()
    filed_as_pack(harness, harness.arrive("a.wav", b"a"))
    taken(harness.journal, wanted=("pack",), settled=False)

    assert EventQueue(harness.journal).take(PACK, settled=False, fresh=0.0).again == 1.0


def test_what_another_process_is_about_to_do_is_looked_at_again_without_a_new_entry(harness):
    EventQueue(harness.journal).begin()
    entry = filed(harness)
    harness.journal.entries.finish(entry.id, "planned")

    soon = EventQueue(harness.journal, lambda: entry.time + 3).take(ALL, settled=True)
    rarely = EventQueue(harness.journal, lambda: entry.time + 300).take(ALL, settled=True)
    harness.journal.entries.finish(entry.id, "done")

    assert (soon.call, soon.again) == (None, 5.0)
    assert (rarely.call, rarely.again) == (None, 60.0)
    assert taken(harness.journal) == ["filed kick.wav"]


def test_more_entries_than_are_read_at_once_are_all_looked_at(harness, monkeypatch):
    monkeypatch.setattr("drumwatch.hooks.event_queue.READ_AT_ONCE", 3)
    EventQueue(harness.journal).begin()
    names = [f"{number}.wav" for number in range(10)]
    entries = [filed(harness, name) for name in names]
    for entry in entries[2:8]:
        harness.journal.entries.withdraw(entry.id)

    assert taken(harness.journal) == [f"filed {n}.wav" for n in (0, 1, 8, 9)]
