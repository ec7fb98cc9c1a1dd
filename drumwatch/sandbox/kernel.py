"""The kernel sandbox for processes that read untrusted files: no network, no other programs, no writing to files.

Linux has two mechanisms: Landlock restricts access to files, seccomp restricts system calls. The process cannot lift either, and each
works without the other. macOS has one, Seatbelt.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import TYPE_CHECKING, Any

from drumwatch.sandbox import seatbelt

if TYPE_CHECKING:
    from pathlib import Path


def _binding(name: str) -> Any:  # noqa: ANN401  a module
    """Return the module, or None if it is not installed (it is for Linux only) or its library is missing or too old."""
    with contextlib.suppress(ImportError, RuntimeError, AttributeError):
        return importlib.import_module(name)
    return None


landlock, seccomp = _binding("landlockpy"), _binding("pyseccomp")

LANDLOCK, SECCOMP, SEATBELT = "Landlock", "seccomp", "Seatbelt"


def is_offered(platform: str = sys.platform) -> bool:
    """Return whether systems of this kind have a sandbox that a program can enter by itself."""
    return platform in {"linux", "darwin"}


def enter_sandbox(writable: Path | None = None) -> tuple[str, ...]:
    """Sandbox this process with its threads and children for good; return the names of the mechanisms that are in force.

    The process can still read files, use what is open, and start threads, but no process. It can write nothing except the file
    `writable`, or the files in and below the folder `writable`.
    """
    system: str = sys.platform
    if system == "darwin":
        return (SEATBELT,) if seatbelt.enter(writable) else ()
    return tuple(
        name
        for name, in_force in ((LANDLOCK, _landlock(writable)), (SECCOMP, _seccomp(writable)))
        if in_force
    )


def _landlock(writable: Path | None) -> bool:
    if landlock is None:
        return False
    may, scope = landlock.AccessFS, landlock.Scope
    file = may.WRITE_FILE | may.TRUNCATE
    folder = file | may.MAKE_REG | may.MAKE_DIR | may.REMOVE_FILE | may.REMOVE_DIR | may.REFER
    watched = ~(may.READ_FILE | may.READ_DIR)
    try:
        with landlock.Ruleset(handled_fs=watched, scoped=scope.ABSTRACT_UNIX_SOCKET | scope.SIGNAL) as rules:
            if writable is not None:
                rules.allow_path(writable, folder if writable.is_dir() else file)
            rules.restrict(landlock.RestrictFlag.TSYNC)
    except OSError:  # the kernel has no Landlock, or it is disabled
        return False
    return True


def _seccomp(writable: Path | None) -> bool:
    if seccomp is None:
        return False
    from drumwatch.sandbox import syscall_filter  # noqa: PLC0415  POSIX

    writes_folder = writable is not None and writable.is_dir()
    try:
        syscall_filter.load(
            seccomp, writes_one=writable is not None and not writes_folder, writes_folder=writes_folder
        )
    except OSError:  # the kernel has no seccomp
        return False
    return True


def lower_limits(which: int, most: int, *, later: int | None = None) -> None:
    """Lower a limit of this process, such as RLIMIT_AS, for good; with `later`, it can be raised again to at most that."""
    import resource  # noqa: PLC0415  POSIX

    _, hard = resource.getrlimit(which)
    hard = _smaller(most if later is None else later, hard)
    resource.setrlimit(which, (_smaller(most, hard), hard))


def _smaller(limit: int, other: int) -> int:
    """Return the stricter limit: RLIM_INFINITY is a negative number on some systems."""
    import resource  # noqa: PLC0415  POSIX

    given = [one for one in (limit, other) if one != resource.RLIM_INFINITY]
    return min(given) if given else resource.RLIM_INFINITY
