"""How much an archive may ask of us, and the ways to refuse it."""

from __future__ import annotations

from dataclasses import dataclass

FREE_SWELLING = 64 << 20  # bytes: silence packs a thousandfold, and a small archive full of it harms nobody


class Refused(Exception):  # noqa: N818  the archive is refused; nothing is wrong with the program
    """The archive as a whole is left alone; the text says why and what to do."""


class NotWhole(Refused):
    """Its end is missing: perhaps it is still on its way."""


class TooMuch(Refused):
    """It goes beyond a limit."""


class NoRoom(Refused):
    """What is in it does not fit on the disk now."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is let through."""

    files: int
    size: int  # bytes, of all that is inside
    ratio: int
    min_free: int = 0  # bytes that stay free on the disk it is unpacked to
    rate: int = 0  # bytes per second, so that nothing else waits for the disk; 0: as fast as it goes


@dataclass(slots=True)
class Budget:
    """What has been used of the limits. Counts what really came, whatever the headers said."""

    limits: Limits
    packed: int  # bytes of the archive itself
    files: int = 0
    size: int = 0

    def one_more_file(self) -> None:
        self.files += 1
        self.check()

    def more_bytes(self, count: int) -> None:
        self.size += count
        self.check()

    def check(self, *, files: int = 0, size: int = 0) -> None:
        """TooMuch where what came, or what is announced besides, is too much."""
        files, size = self.files + files, self.size + size
        if files > self.limits.files:
            raise TooMuch(
                f"it holds more than {self.limits.files} files: raise archive_files if that is right"
            )
        if size > self.limits.size:
            raise TooMuch(
                f"it holds more than {self.limits.size / 1e9:g} GB: raise archive_size if that is right"
            )
        if size > FREE_SWELLING and size > self.packed * self.limits.ratio:
            raise TooMuch(
                f"it swells to more than {self.limits.ratio} times its size, as no sounds do: raise archive_ratio if that is right"
            )
