"""Find files that are stable; pure, time is an argument in seconds of a monotonic clock.

A path is waiting (for its quiet time, or for another try), or in hand (popped, not yet answered with `done` or `put_back`), or
dormant (reported once; only a change makes it wait again).
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.records import FileStamp

FIRST_RETRY = 5.0
LONGEST_RETRY = 600.0
GIVE_UP_AFTER = 24 * 3600.0
REPORT_CHANGING_AFTER = 600.0
WATCHDOG_DELAY = 0.5  # seconds by which watchdog delays events while it waits for the second half of a move


class Candidate(NamedTuple):
    """A file that was quiet long enough: check it once more, then answer with `done` or `put_back`."""

    path: Path
    stamp: FileStamp
    watch: Path
    attempts: int  # number of times it was put back


class Retry(NamedTuple):
    """A file that waits for another try, as the journal stores it."""

    path: Path
    attempts: int
    delay: float  # seconds from now
    reason: str


class Waiting(NamedTuple):
    """A file that is not in hand: the reason, and when it is due; None if only a change makes it due."""

    path: Path
    reason: str
    due: float | None


class Report(NamedTuple):
    """A message to show once about a file that does not become stable."""

    path: Path
    stamp: FileStamp
    watch: Path
    reason: str


@dataclass(slots=True)
class _File:
    stamp: FileStamp
    watch: Path
    changing_since: float  # since when it has been changing without being stable
    polled: bool = False
    closed: bool = False
    reported_as_changing: bool = False  # reported already
    in_hand: bool = False
    due: float | None = None
    queued: float | None = None  # the time of its entry in the heap
    changed_in_hand: FileStamp | None = None
    attempts: int = 0
    reason: str = "waits for its quiet time"
    reported_stamp: FileStamp | None = None


def retry_delay(attempts: int) -> float:
    """Return the seconds until the next try after `attempts` tries: 5, 10, 20 … at most ten minutes."""
    return min(FIRST_RETRY * 2.0 ** min(attempts - 1, 16), LONGEST_RETRY)


def waited(attempts: int) -> float:
    """Return the total seconds of waiting for the first `attempts` tries, which needs no clock and survives a restart."""
    return sum(retry_delay(attempt) for attempt in range(1, attempts + 1))


class Debouncer:
    """Tracks files until they are stable: the same stamp for a quiet time that depends on how the file was seen.

    `quiet` seconds after a close event; longer without one, and longest on polled mounts, where changes are seen late.
    """

    def __init__(
        self,
        quiet: float = 2.0,
        quiet_unclosed: float | None = None,
        quiet_polled: float | None = None,
        report_empty_after: float | None = None,
    ) -> None:
        self.quiet = quiet
        self.quiet_unclosed = min(5 * quiet, quiet + 8) if quiet_unclosed is None else quiet_unclosed
        self.quiet_polled = min(15 * quiet, quiet + 28) if quiet_polled is None else quiet_polled
        self.report_empty_after = self.quiet_polled if report_empty_after is None else report_empty_after
        self._files: dict[Path, _File] = {}
        self._restored: dict[Path, tuple[Retry, float]] = {}
        self._heap: list[tuple[float, int, Path]] = []
        self._tickets = itertools.count()
        self._reports: list[Report] = []

    def observe(
        self,
        path: Path,
        stamp: FileStamp,
        now: float,
        *,
        watch: Path,
        closed: bool = False,
        polled: bool = False,
        age: float = 0.0,
    ) -> None:
        """Record the file's stamp; `closed` if a writer has just closed it, `age` in seconds since its last change.

        Repeated calls for an unchanged file have no effect, so rescans may call this often.
        """
        file = self._files.get(path)
        if file is not None and file.in_hand:
            self._observe_in_hand(file, stamp, closed=closed)
        elif file is None:
            file = self._files[path] = _File(stamp, watch, changing_since=now)
            file.polled, file.closed = polled, closed
            self._set_due(path, file, now + self._quiet_time(file, age))
            self._resume_retry(path, file)
        elif file.stamp != stamp:
            file.polled, file.closed = polled, closed
            self._changed(path, file, stamp, now, age)
        elif closed:
            # Written again with the same stamp, so a waiting retry is due after the quiet time
            file.closed = True
            self._set_due(path, file, now + self._quiet_time(file, age))

    def forget(self, path: Path) -> None:
        """Forget a file that is gone; one that is in hand stays so until `done` or `put_back`."""
        self._restored.pop(path, None)
        file = self._files.get(path)
        if file is not None and file.in_hand:
            file.changed_in_hand = None
        elif file is not None:
            self._drop(path)

    def pop_stable(self, now: float, limit: int | None = None) -> list[Candidate]:
        """Return at most `limit` stable files, the longest due first; they are in hand from now on."""
        stable: list[Candidate] = []
        while (due := self.next_due()) is not None and due <= now and len(stable) != limit:
            path = heapq.heappop(self._heap)[2]
            file = self._files[path]
            file.queued = None
            if file.stamp.size_bytes == 0:
                self._make_dormant(path, file, f"{path.name} is empty; drumwatch waits for its content")
            else:
                file.in_hand = True
                stable.append(Candidate(path, file.stamp, file.watch, file.attempts))
        return stable

    def done(self, path: Path, now: float) -> None:
        """Finish a file in hand; if it changed meanwhile, its quiet time starts again."""
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
        stamp: FileStamp | None = None,
        *,
        patient: bool = False,
    ) -> Retry | None:
        """Try the file in hand again after a growing delay or, if it changed, after its quiet time.

        Returns the retry to store for a restart; None if the file changed, or if it is given up until it changes. `patient`: never give
        up, because the cause is not the file.
        """
        file = self._files.get(path)
        if file is None or not file.in_hand:
            return None
        file.in_hand = False
        changed = stamp or file.changed_in_hand
        if changed is not None and changed != file.stamp:
            file.closed = file.closed and changed == file.changed_in_hand
            self._changed(path, file, changed, now)
            return None
        file.attempts, file.reason = file.attempts + 1, reason
        if not patient and waited(file.attempts) > GIVE_UP_AFTER:
            self._make_dormant(
                path, file, f"{reason}; drumwatch has tried for a day and waits until it changes"
            )
            return None
        self._set_due(path, file, now + retry_delay(file.attempts))
        return Retry(path, file.attempts, retry_delay(file.attempts), reason)

    def retry_now(self, now: float) -> None:
        """Make all files that wait for another try due now, because the cause of their waiting is gone."""
        for path, file in self._files.items():
            if file.attempts and not file.in_hand:
                self._set_due(path, file, now)

    def restore(self, retry: Retry, now: float) -> None:
        """Continue a retry from before a restart as soon as the file is observed again."""
        delay = min(max(retry.delay, 0.0), LONGEST_RETRY)  # the wall clock may have been changed meanwhile
        self._restored[retry.path] = (retry, now + delay)

    def next_due(self) -> float | None:
        """Return when `pop_stable` may return something, or None if only a new observation can change that."""
        while self._heap:
            due, _, path = self._heap[0]
            file = self._files.get(path)
            if file is not None and file.queued == file.due == due:
                return due
            heapq.heappop(self._heap)
            if file is not None and file.queued == due:  # it was postponed after it was queued
                file.queued = None
                if file.due is not None:
                    self._queue(path, file, file.due)
        return None

    def pop_unclaimed(self) -> list[Path]:
        """Return the restored retries that were not observed again: after a complete scan, their files are gone."""
        unclaimed = list(self._restored)
        self._restored.clear()
        return unclaimed

    def pop_reports(self) -> list[Report]:
        """Return the messages about files that do not become stable, each once until the file changes."""
        reports, self._reports = self._reports, []
        return reports

    def waiting(self) -> Iterator[Waiting]:
        """Yield every known file that is not in hand."""
        for path, file in self._files.items():
            if not file.in_hand:
                yield Waiting(path, file.reason, file.due)

    def in_hand(self) -> int:
        """Return the number of files that were popped and not yet answered."""
        return sum(file.in_hand for file in self._files.values())

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def _observe_in_hand(self, file: _File, stamp: FileStamp, *, closed: bool) -> None:
        if stamp == file.stamp:
            file.changed_in_hand = None
        else:
            file.closed = closed or (file.closed and stamp == file.changed_in_hand)
            file.changed_in_hand = stamp

    def _changed(self, path: Path, file: _File, stamp: FileStamp, now: float, age: float = 0.0) -> None:
        if file.attempts or file.due is None:  # it was stable until now
            file.changing_since, file.reported_as_changing = now, False
        file.stamp, file.changed_in_hand = stamp, None
        file.attempts, file.reason = 0, "waits for its quiet time"
        if now - file.changing_since >= REPORT_CHANGING_AFTER and not file.reported_as_changing:
            file.reported_as_changing = True
            reason = f"{path.name} keeps changing; drumwatch waits until no program writes to it"
            self._reports.append(Report(path, stamp, file.watch, reason))
        self._set_due(path, file, now + self._quiet_time(file, age))

    def _quiet_time(self, file: _File, age: float) -> float:
        if file.stamp.size_bytes == 0:
            return self.report_empty_after
        if file.polled:  # `age` is unreliable, because it comes from another machine's clock
            return self.quiet_polled
        if file.closed:
            return max(0.0, self.quiet - min(age, WATCHDOG_DELAY))
        return self.quiet if age >= self.quiet_unclosed else self.quiet_unclosed

    def _resume_retry(self, path: Path, file: _File) -> None:
        retry, due = self._restored.pop(path, (None, 0.0))
        if retry is not None:
            file.attempts, file.reason = retry.attempts, retry.reason
            self._set_due(path, file, max(due, file.due or 0.0))

    def _make_dormant(self, path: Path, file: _File, reason: str) -> None:
        file.due, file.attempts, file.reason = None, 0, reason
        if file.reported_stamp != file.stamp:
            file.reported_stamp = file.stamp
            self._reports.append(Report(path, file.stamp, file.watch, reason))

    def _set_due(self, path: Path, file: _File, due: float) -> None:
        """Set when the file is due; a postponed entry stays in the heap and is queued again at its old time."""
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
