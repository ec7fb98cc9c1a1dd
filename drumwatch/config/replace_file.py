"""Replace the configuration file: the new text is written beside it, compared, and renamed over it; the old file is kept."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import home_short
from drumwatch.core.os_reasons import reason
from drumwatch.system import power_safe

MOST_KEPT = 1000  # numbers that are tried for the name of the old file


def read_text(path: Path) -> tuple[str, bytes]:
    """Return the text of a configuration that was read before without a problem, and its bytes."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig"), data
    except (OSError, UnicodeDecodeError):
        raise DrumwatchError(f"{home_short(path)} cannot be read any more: nothing was changed.") from None


def replace_text(path: Path, text: str, before: bytes) -> Path:
    """Replace a file that still has the bytes `before`; return the path at which these are kept.

    A link stays a link, and the file keeps its permissions and its byte order mark. Raises DrumwatchError if it cannot be replaced, or
    was changed meanwhile; then it is as it was.
    """
    real = Path(os.path.realpath(path))
    data = text.encode()
    if before.startswith(b"\xef\xbb\xbf"):
        data = b"\xef\xbb\xbf" + data
    beside = real.with_name(f".{real.name}.{os.getpid()}.new")
    try:
        mode = stat.S_IMODE(os.stat(real).st_mode)
        try:
            _write(beside, data, mode)
            if beside.read_bytes() != data or real.read_bytes() != before:
                raise DrumwatchError(
                    f"{home_short(path)} was changed while this was running, so nothing was written. Run the command again."
                )
            kept = _keep(real, before, mode)
            os.replace(beside, real)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)
        _sync_folder(real.parent)
    except OSError as error:
        raise DrumwatchError(
            f"{home_short(path)} could not be changed, because {reason(error)}, so it is as it was."
        ) from None
    return path.with_name(kept.name) if real == path else kept


def _keep(real: Path, data: bytes, mode: int) -> Path:
    """Write the old bytes under a name that is free, and return it."""
    for number in range(1, MOST_KEPT):
        kept = real.with_name(f"{real.name}.before-adopt{f'-{number}' if number > 1 else ''}")
        with contextlib.suppress(FileExistsError):
            _write(kept, data, mode)
            return kept
    raise DrumwatchError(f"There are too many old files named {real.name}.before-adopt: remove some of them.")


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a new file so that it is on the disk afterwards; a half-written one is removed."""
    with path.open("xb") as file:
        try:
            os.chmod(path, mode)
            file.write(data)
            file.flush()
            power_safe.sync(file.fileno())
        except OSError:
            path.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot do that
        handle = os.open(folder, os.O_RDONLY)
        try:
            power_safe.sync(handle)
        finally:
            os.close(handle)
