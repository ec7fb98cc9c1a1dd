"""What macOS tells of a worker and its children; a stand-in takes the place of its library."""

from __future__ import annotations

import ctypes

import pytest

from drumwatch.workers import resource_use
from drumwatch.workers.resource_use import RUsageInfo, Timebase, Use


class Libproc:
    """Fills in what the library of an Apple silicon Mac would: it counts time in ticks of 125/3 nanoseconds."""

    def __init__(self, processes):
        self.processes = processes  # footprint and ticks of each

    def proc_pid_rusage(self, pid, flavor, found):
        assert flavor == 0
        if pid not in self.processes:
            return -1
        use = ctypes.cast(found, ctypes.POINTER(RUsageInfo))[0]
        use.phys_footprint, use.user_time = self.processes[pid]
        use.resident_size = 1
        return 0

    def proc_listpgrppids(self, _, pids, size):
        assert size == ctypes.sizeof(pids)
        pids[0], pids[1], pids[2] = 71, 70, 99
        return 3

    def mach_timebase_info(self, timebase):
        found = ctypes.cast(timebase, ctypes.POINTER(Timebase))[0]
        found.numerator, found.denominator = 125, 3


def test_a_worker_and_its_children_are_added_up(monkeypatch):
    library = Libproc({70: (300 << 20, 24_000_000), 71: (50 << 20, 12_000_000)})
    monkeypatch.setattr(resource_use, "_libproc", lambda: library)

    use = resource_use.of_group(70)

    assert use.memory == 350 << 20
    assert use.cpu_seconds == pytest.approx(1.5)


def test_the_record_is_laid_out_as_the_system_s():
    assert ctypes.sizeof(RUsageInfo) == 96
    assert RUsageInfo.phys_footprint.offset == 72


def test_a_worker_that_has_ended_uses_nothing(monkeypatch):
    monkeypatch.setattr(resource_use, "_libproc", lambda: Libproc({}))

    assert resource_use.of_group(70) == Use()
