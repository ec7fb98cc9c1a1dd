"""Which files have come to rest. Pure: time is an argument, in seconds of a clock that never jumps.

Each path is waiting (for its quiet time, or for another try), or in hand (popped, not yet answered with `done` or
`put_back`), or dormant (told about once; only a change wakes it).
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.records import Fingerprint

FIRST_RETRY = 5.0
LONGEST_RETRY = 600.0
GIVE_UP_AFTER = 24 * 3600.0
RESTLESS_AFTER = 600.0
HELD_BACK = 0.5  # seconds: watchdog holds an event back, and all behind it, while it waits for the other half of a move


class Candidate(NamedTuple):
    """A file that was quiet long enough: look at it once more, then answer with `done` or `put_back`."""

    path: Path
    fingerprint: Fingerprint
    watch: Path
    attempts: int  # how often it was put back before


class Retry(NamedTuple):
    """A file that waits for another try; what a journal has to remember about it."""

    path: Path
    attempts: int
    delay: float  # seconds from now
    reason: str


class Waiting(NamedTuple):
    """A file that is not in hand: why, and when it is due; None: not before it changes."""

    path: Path
    reason: str
    due: float | None


class Report(NamedTuple):
    """Something to tell the user once about a file that does not settle."""

    path: Path
    fingerprint: Fingerprint
    watch: Path
    reason: str


@dataclass(slots=True)
class _File:
    fingerprint: Fingerprint
    watch: Path
    stirring_since: float  # since when it changes without ever having been at rest
    polled: bool = False
    closed: bool = False
    restless: bool = False  # told already
    in_hand: bool = False
    due: float | None = None
    queued: float | None = None  # the time of its entry in the heap
    changed_in_hand: Fingerprint | None = None
    attempts: int = 0
    reason: str = "waits for its quiet time"
    told_of: Fingerprint | None = None


def retry_delay(attempts: int) -> float:
    """Seconds until the next try after `attempts` tries: 5, 10, 20 ... and never more than ten minutes."""
    return min(FIRST_RETRY * 2.0 ** min(attempts - 1, 16), LONGEST_RETRY)


def waited(attempts: int) -> float:
    """Seconds spent waiting for the first `attempts` tries; it grows with the tries, so it survives a restart."""
    return sum(retry_delay(attempt) for attempt in range(1, attempts + 1))


class Settler:
    """Watches files come to rest: same fingerprint over a quiet time that depends on how the file was seen.

    `quiet` after a close event; longer where no close was seen, and longest where changes arrive late (polled mounts).
    """

    def __init__(
        self,
        quiet: float = 2.0,
        quiet_unclosed: float | None = None,
        quiet_polled: float | None = None,
        tell_empty_after: float | None = None,
    ) -> None:
        self.quiet = quiet
        self.quiet_unclosed = min(5 * quiet, quiet + 8) if quiet_unclosed is None else quiet_unclosed
        self.quiet_polled = min(15 * quiet, quiet + 28) if quiet_polled is None else quiet_polled
        self.tell_empty_after = self.quiet_polled if tell_empty_after is None else tell_empty_after
        self._files: dict[Path, _File] = {}
        self._remembered: dict[Path, tuple[Retry, float]] = {}
        self._heap: list[tuple[float, int, Path]] = []
        self._tickets = itertools.count()
        self._reports: list[Report] = []

    def observe(
        self,
        path: Path,
        fingerprint: Fingerprint,
        now: float,
        *,
        watch: Path,
        closed: bool = False,
        polled: bool = False,
        age: float = 0.0,
    ) -> None:
        """Note how the file looks. `closed`: a writer has just closed it; `age`: seconds that nobody touched it.

        A repeated look at an unchanged file changes nothing, so rescans may call this as often as they like.
        """
        file = self._files.get(path)
        if file is not None and file.in_hand:
            self._observe_in_hand(file, fingerprint, closed=closed)
        elif file is None:
            file = self._files[path] = _File(fingerprint, watch, stirring_since=now)
            file.polled, file.closed = polled, closed
            self._set_due(path, file, now + self._quiet_time(file, age))
            self._resume_retry(path, file)
        elif file.fingerprint != fingerprint:
            file.polled, file.closed = polled, closed
            self._changed(path, file, fingerprint, now, age)
        elif closed:  # written to the end again, with the same outcome: that is fresh hope for a retry, too
            file.closed = True
            self._set_due(path, file, now + self._quiet_time(file, age))

    def forget(self, path: Path) -> None:
        """The file is gone. One that is in hand stays so until `done` or `put_back`."""
        self._remembered.pop(path, None)
        file = self._files.get(path)
        if file is not None and file.in_hand:
            file.changed_in_hand = None
        elif file is not None:
            self._drop(path)

    def pop_settled(self, now: float, limit: int | None = None) -> list[Candidate]:
        """At most `limit` files that have been quiet long enough, the longest due first; they are in hand from now on."""
        settled: list[Candidate] = []
        while (due := self.next_due()) is not None and due <= now and len(settled) != limit:
            path = heapq.heappop(self._heap)[2]
            file = self._files[path]
            file.queued = None
            if file.fingerprint.size_bytes == 0:
                self._put_to_sleep(path, file, f"{path.name} is empty; drumwatch waits for its content")
            else:
                file.in_hand = True
                settled.append(Candidate(path, file.fingerprint, file.watch, file.attempts))
        return settled

    def done(self, path: Path, now: float) -> None:
        """The file in hand has been dealt with. If it changed meanwhile, its quiet time starts again."""
        file = self._files.get(path)
        if file is None or not file.in_hand:
            return
        file.in_hand = False
        if file.changed_in_hand is None:
            self._drop(path)
        else:
            file.due = None
            self._changed(path, file, file.changed_in_hand, now)

    def put_back(
        self,
        path: Path,
        now: float,
        reason: str,
        fingerprint: Fingerprint | None = None,
        *,
        patient: bool = False,
    ) -> Retry | None:
        """The file in hand is not ready: try again after a growing delay, or, changed, after its quiet time.

        Returns what to remember over a restart; None where it changed, or where we give up until it does. `patient`: never
        give up, as it is not the file that is to blame.
        """
        file = self._files.get(path)
        if file is None or not file.in_hand:
            return None
        file.in_hand = False
        changed = fingerprint or file.changed_in_hand
        if changed is not None and changed != file.fingerprint:
            file.closed = file.closed and changed == file.changed_in_hand
            self._changed(path, file, changed, now)
            return None
        file.attempts, file.reason = file.attempts + 1, reason
        if not patient and waited(file.attempts) > GIVE_UP_AFTER:
            self._put_to_sleep(
                path, file, f"{reason}; drumwatch has tried for a day and waits until it changes"
            )
            return None
        self._set_due(path, file, now + retry_delay(file.attempts))
        return Retry(path, file.attempts, retry_delay(file.attempts), reason)

    def hurry(self, now: float) -> None:
        """What kept files waiting is over: those that wait for another try have it now."""
        for path, file in self._files.items():
            if file.attempts and not file.in_hand:
                self._set_due(path, file, now)

    def restore(self, retry: Retry, now: float) -> None:
        """Take up a retry from before a restart, as soon as the file is observed again."""
        delay = min(max(retry.delay, 0.0), LONGEST_RETRY)  # the wall clock may have been set meanwhile
        self._remembered[retry.path] = (retry, now + delay)

    def next_due(self) -> float | None:
        """When `pop_settled` is worth calling again; None: not before the next observation."""
        while self._heap:
            due, _, path = self._heap[0]
            file = self._files.get(path)
            if file is not None and file.queued == file.due == due:
                return due
            heapq.heappop(self._heap)
            if file is not None and file.queued == due:  # it was postponed since
                file.queued = None
                if file.due is not None:
                    self._queue(path, file, file.due)
        return None

    def pop_unclaimed(self) -> list[Path]:
        """Restored retries that were never observed again: after a whole scan, their files are gone."""
        unclaimed = list(self._remembered)
        self._remembered.clear()
        return unclaimed

    def pop_reports(self) -> list[Report]:
        """What the user should be told about files that do not settle: each once, until it changes."""
        reports, self._reports = self._reports, []
        return reports

    def waiting(self) -> Iterator[Waiting]:
        """Every file that is known and not in hand."""
        for path, file in self._files.items():
            if not file.in_hand:
                yield Waiting(path, file.reason, file.due)

    def in_hand(self) -> int:
        """How many files are popped and not yet answered."""
        return sum(file.in_hand for file in self._files.values())

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def _observe_in_hand(self, file: _File, fingerprint: Fingerprint, *, closed: bool) -> None:
        if fingerprint == file.fingerprint:
            file.changed_in_hand = None
        else:
            file.closed = closed or (file.closed and fingerprint == file.changed_in_hand)
            file.changed_in_hand = fingerprint

    def _changed(
        self, path: Path, file: _File, fingerprint: Fingerprint, now: float, age: float = 0.0
    ) -> None:
        if file.attempts or file.due is None:  # it was at rest until now
            file.stirring_since, file.restless = now, False
        file.fingerprint, file.changed_in_hand = fingerprint, None
        file.attempts, file.reason = 0, "waits for its quiet time"
        if now - file.stirring_since >= RESTLESS_AFTER and not file.restless:
            file.restless = True
            reason = f"{path.name} never rests; drumwatch waits until nobody writes to it"
            self._reports.append(Report(path, fingerprint, file.watch, reason))
        self._set_due(path, file, now + self._quiet_time(file, age))

    def _quiet_time(self, file: _File, age: float) -> float:
        if file.fingerprint.size_bytes == 0:
            return self.tell_empty_after
        if file.polled:  # no trust in `age`: the clock is another machine's
            return self.quiet_polled
        if file.closed:
            return max(0.0, self.quiet - min(age, HELD_BACK))
        return self.quiet if age >= self.quiet_unclosed else self.quiet_unclosed

    def _resume_retry(self, path: Path, file: _File) -> None:
        retry, due = self._remembered.pop(path, (None, 0.0))
        if retry is not None:
            file.attempts, file.reason = retry.attempts, retry.reason
            self._set_due(path, file, max(due, file.due or 0.0))

    def _put_to_sleep(self, path: Path, file: _File, reason: str) -> None:
        file.due, file.attempts, file.reason = None, 0, reason
        if file.told_of != file.fingerprint:
            file.told_of = file.fingerprint
            self._reports.append(Report(path, file.fingerprint, file.watch, reason))

    def _set_due(self, path: Path, file: _File, due: float) -> None:
        """Most observations only postpone: the entry in the heap stays, and is put back when its old time comes."""
        file.due = due
        if file.queued is None or due < file.queued:
            self._queue(path, file, due)

    def _queue(self, path: Path, file: _File, due: float) -> None:
        file.queued = due
        heapq.heappush(self._heap, (due, next(self._tickets), path))

    def _drop(self, path: Path) -> None:
        del self._files[path]
        if len(self._heap) > 2 * len(self._files) + 64:
            self._heap = [entry for entry in self._heap if entry[2] in self._files]
            heapq.heapify(self._heap)
