"""The sandbox of macOS, Seatbelt: a profile in Apple's own language, under which a process puts itself for good.

`sandbox_init` is deprecated, but it is what browsers use, and it is enforced by the kernel. In a profile the last rule that fits holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Init = Callable[[str], bool]

LIBRARIES = (None, "/usr/lib/libsandbox.dylib")  # None: what every program has loaded
F_GETPATH, LONGEST_PATH = 50, 1024  # of sys/fcntl.h; Python has the name on macOS only
RULES = (
    "(version 1)",
    "(allow default)",
    "(deny network*)",
    "(deny process-exec*)",
    "(deny file-write*)",
    '(allow file-write-data (literal "/dev/null"))',
)
# Other ways to a program or a process: a child, a signal, a service that starts programs for others
MORE_RULES = (
    "(deny process-fork)",
    "(deny signal)",
    "(allow signal (target self))",
    "(deny mach-lookup)",
    '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',  # names of users
    "(deny mach-register)",
    "(deny appleevent-send)",
    "(deny lsopen)",
    "(deny job-creation)",
)


def enter(writable: Path | None, init: Init | None = None) -> bool:
    """Put this process and its children under a profile for good; return whether macOS has accepted one.

    Nothing can be written but the file `writable`, or the files in and below the folder `writable`. Where macOS does not know one of
    the rules, it refuses the whole profile: then the rules that every release knows are put in force.
    """
    init = init or _sandbox_init()
    if init is None:
        return False
    exceptions = () if writable is None else (_exception(writable),)
    return any(init("\n".join((*rules, *exceptions))) for rules in ((*RULES, *MORE_RULES), RULES))


def _exception(writable: Path) -> str:
    """Return the rule that allows writing to the file, or in and below the folder."""
    place = quoted(real_path(writable))
    if writable.is_dir():
        return f"(allow file-write* (subpath {place}))"
    return f"(allow file-write-data (literal {place}))"


def quoted(text: str) -> str:
    """Return the text as a string of the profile's language: a name that a stranger has chosen cannot end it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def real_path(path: Path) -> str:
    """Return the path as the kernel knows it, because rules are compared with that: without links, and in the disk's own spelling."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415  POSIX

        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                found = fcntl.fcntl(fd, F_GETPATH, bytes(LONGEST_PATH))
            finally:
                os.close(fd)
            return os.fsdecode(found.rstrip(b"\0"))
    return os.path.realpath(path)


def _sandbox_init() -> Init | None:
    """Return the call that puts a profile in force, or None if this system has none."""
    for name in LIBRARIES:
        with contextlib.suppress(OSError, AttributeError):
            return _bound(ctypes.CDLL(name))
    return None


def _bound(library: Any) -> Init:  # noqa: ANN401  a C library
    """Return `sandbox_init` of this library; raises AttributeError if it has none."""
    call, free = library.sandbox_init, library.sandbox_free_error
    call.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p))
    call.restype = ctypes.c_int
    free.argtypes, free.restype = (ctypes.c_char_p,), None

    def init(profile: str) -> bool:
        error = ctypes.c_char_p()
        accepted = call(os.fsencode(profile), 0, ctypes.byref(error)) == 0
        if error.value is not None:
            free(error)
        return bool(accepted)

    return init
