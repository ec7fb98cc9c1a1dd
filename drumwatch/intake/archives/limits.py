"""Limits on what an archive may contain, and the errors by which it is refused."""

from __future__ import annotations

from dataclasses import dataclass

UNCHECKED_RATIO_BYTES = (
    64 << 20
)  # bytes below which the ratio is not checked: silence is compressed a thousandfold


class Refused(Exception):  # noqa: N818  the archive is refused; it is no error of the program
    """The archive is not unpacked; the text says why and what to do."""


class NotWhole(Refused):
    """The end of the archive is missing: it may still be arriving."""


class TooMuch(Refused):
    """The archive exceeds a limit."""


class NoRoom(Refused):
    """The content does not fit on the disk at present."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits for one archive."""

    files: int
    size: int  # bytes of the unpacked content
    ratio: int
    min_free: int = 0  # bytes that stay free on the disk it is unpacked to
    rate: int = 0  # bytes per second, so that other programs can use the disk; 0: unlimited


@dataclass(slots=True)
class Budget:
    """The used part of the limits; counts what was really unpacked, whatever the headers say."""

    limits: Limits
    packed: int  # bytes of the archive itself
    files: int = 0
    size: int = 0

    def one_more_file(self) -> None:
        """Count a file; raises TooMuch if that exceeds a limit."""
        self.files += 1
        self.check()

    def more_bytes(self, count: int) -> None:
        """Count bytes; raises TooMuch if that exceeds a limit."""
        self.size += count
        self.check()

    def check(self, *, files: int = 0, size: int = 0) -> None:
        """Raise TooMuch if what was unpacked, plus what is announced, exceeds a limit."""
        files, size = self.files + files, self.size + size
        if files > self.limits.files:
            raise TooMuch(
                f"it holds more than {self.limits.files} files: raise archive_files if that is right"
            )
        if size > self.limits.size:
            raise TooMuch(
                f"it holds more than {self.limits.size / 1e9:g} GB: raise archive_size if that is right"
            )
        if size > UNCHECKED_RATIO_BYTES and size > self.packed * self.limits.ratio:
            raise TooMuch(
                f"it unpacks to more than {self.limits.ratio} times its size, as no sounds do: raise archive_ratio if that is right"
            )
