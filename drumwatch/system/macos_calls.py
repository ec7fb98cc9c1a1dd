"""Calls of the macOS libraries that Python does not offer; each returns None or "" where it fails, and on other systems."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# sys/attr.h
_ATTR_BIT_MAP_COUNT, _ATTR_VOL_INFO, _ATTR_VOL_UUID = 5, 0x80000000, 0x00040000
# sys/resource.h: whether reading a file that is not on this Mac fetches it
_MATERIALIZE_DATALESS, _SCOPE_PROCESS, _OFF = 3, 0, 1
_LONGEST_PROGRAM_PATH = 4096  # PROC_PIDPATHINFO_MAXSIZE of sys/proc_info.h


class FileSystem(NamedTuple):
    """What statfs(2) says about a file system."""

    mount_point: str
    block_bytes: int
    blocks_available: int


class _StatFs(ctypes.Structure):
    """`struct statfs` of sys/mount.h with 64-bit inodes."""

    _fields_ = (
        ("f_bsize", ctypes.c_uint32),
        ("f_iosize", ctypes.c_int32),
        ("f_blocks", ctypes.c_uint64),
        ("f_bfree", ctypes.c_uint64),
        ("f_bavail", ctypes.c_uint64),
        ("f_files", ctypes.c_uint64),
        ("f_ffree", ctypes.c_uint64),
        ("f_fsid", ctypes.c_int32 * 2),
        ("f_owner", ctypes.c_uint32),
        ("f_type", ctypes.c_uint32),
        ("f_flags", ctypes.c_uint32),
        ("f_fssubtype", ctypes.c_uint32),
        ("f_fstypename", ctypes.c_char * 16),
        ("f_mntonname", ctypes.c_char * 1024),
        ("f_mntfromname", ctypes.c_char * 1024),
        ("f_flags_ext", ctypes.c_uint32),
        ("f_reserved", ctypes.c_uint32 * 7),
    )


class _AttributeList(ctypes.Structure):
    """`struct attrlist` of sys/attr.h."""

    _fields_ = (
        ("bitmapcount", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("commonattr", ctypes.c_uint32),
        ("volattr", ctypes.c_uint32),
        ("dirattr", ctypes.c_uint32),
        ("fileattr", ctypes.c_uint32),
        ("forkattr", ctypes.c_uint32),
    )


class _VolumeUuid(ctypes.Structure):
    """The answer of getattrlist(2): its length, and the UUID."""

    _fields_ = (("length", ctypes.c_uint32), ("uuid", ctypes.c_ubyte * 16))


def file_system(place: int | str | os.PathLike[str]) -> FileSystem | None:
    """Return the file system of a path or an open file."""
    found = _StatFs()
    name = "fstatfs" if isinstance(place, int) else "statfs"
    call = _function(f"{name}$INODE64", name)  # the first on Intel, the second on Apple silicon
    where = ctypes.c_int(place) if isinstance(place, int) else ctypes.c_char_p(os.fsencode(place))
    if call is None or call(where, ctypes.byref(found)) != 0:
        return None
    return FileSystem(os.fsdecode(found.f_mntonname), found.f_bsize, found.f_bavail)


def volume_uuid(mount_point: str) -> str:
    """Return the UUID of the volume that is mounted there; "" where it has none, as on a network."""
    call = _function("getattrlist")
    wanted = _AttributeList(bitmapcount=_ATTR_BIT_MAP_COUNT, volattr=_ATTR_VOL_INFO | _ATTR_VOL_UUID)
    answer = _VolumeUuid()
    size = ctypes.c_size_t(ctypes.sizeof(answer))
    if call is None or call(
        ctypes.c_char_p(os.fsencode(mount_point)), ctypes.byref(wanted), ctypes.byref(answer), size, 0
    ):
        return ""
    raw = bytes(answer.uuid)
    return raw.hex() if answer.length == ctypes.sizeof(answer) and any(raw) else ""


def program_path() -> str:
    """Return the path of the program that this process runs, as the system knows it: Python may have started another one."""
    call = _function("proc_pidpath")
    path = ctypes.create_string_buffer(_LONGEST_PROGRAM_PATH)
    if call is None or call(os.getpid(), path, _LONGEST_PROGRAM_PATH) <= 0:
        return ""
    return os.fsdecode(path.value)


def never_fetch_files() -> None:
    """Let reads of files that are in a cloud only fail at once in this process and its children, instead of fetching them."""
    if call := _function("setiopolicy_np"):
        call(_MATERIALIZE_DATALESS, _SCOPE_PROCESS, _OFF)


def _function(*names: str) -> Callable[..., int] | None:
    """Return the first of these functions that the C library has; None on other systems than macOS."""
    system: str = sys.platform
    if system != "darwin":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return next((found for name in names if (found := getattr(library, name, None))), None)
