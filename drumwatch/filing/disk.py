"""Every system call that reads or changes a file, in one place, so that tests can let the disk or the power fail at each of them.

A `Folder` is opened once, and names are looked up in that very folder: a symlink that replaces it later has no effect.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import itertools
import os
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drumwatch.core.os_reasons import NAME_REFUSED
from drumwatch.core.records import FileStamp
from drumwatch.system import cloud_files, disk_space, power_safe
from drumwatch.system.consent import CONSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from hashlib import blake2b
    from pathlib import Path

CHUNK = 1 << 20
CHANGES = (  # the calls below that change something
    "make_folder",
    "remove_folder",
    "set_folder_attributes",
    "create",
    "clone",
    "write",
    "copy_bytes",
    "copy_attributes",
    "set_mode",
    "set_attribute",
    "remove_attribute",
    "rename_noreplace",
    "replace",
    "exchange",
    "link",
    "symlink",
    "unlink",
    "sync_file",
    "sync_folder",
)

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
# Refuses symlinks, and does not wait for the writer of a FIFO
_NO_SURPRISES = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FOLDER = _READ | getattr(os, "O_DIRECTORY", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)

# Errors of a file system that does not support a call, or not between these two names.
UNSUPPORTED = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK}
)
# Errors of a file that does not have this extended attribute: ENODATA of Linux, ENOATTR of macOS
_NO_SUCH_ATTRIBUTE = {errno.ENODATA, 93}
# Errors that prevent the copy of an extended attribute; the sound is not affected.
_NO_ATTRIBUTES = UNSUPPORTED | {errno.EACCES, errno.ENODATA, errno.ENOSPC, errno.E2BIG, errno.ERANGE}


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder; `path` is where it was when it was opened."""

    path: Path
    fd: int

    def __truediv__(self, name: str) -> Path:
        return self.path / name


# Looking ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Open the folder at this path; symlinks are followed, because the user may have configured one.

    Raises ConsentPendingError, a PermissionError, while macOS asks the user whether it may be read.
    """
    CONSENT.require(path)
    fd = os.open(path, _FOLDER)
    try:
        yield Folder(path, fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def opened_if_there(path: Path) -> Iterator[Folder | None]:
    """Open the folder at this path, or yield None if there is none; the disk may refuse such a name."""
    with contextlib.ExitStack() as stack:
        folder = None
        try:
            folder = stack.enter_context(opened(path))
        except NotADirectoryError:
            pass
        except OSError as exc:
            if exc.errno not in NAME_REFUSED:
                raise
        yield folder


@contextlib.contextmanager
def opened_below(folder: Folder, name: str) -> Iterator[Folder]:
    """Open a folder inside another one; raises OSError if a symlink or a file has this name."""
    fd = os.open(name, _FOLDER | _NO_SURPRISES, dir_fd=folder.fd)
    try:
        yield Folder(folder / name, fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def opened_file(folder: Folder, name: str, *, writable: bool = False) -> Iterator[int]:
    """Open a regular file; raises OSError for links, FIFOs and devices, without waiting for them."""
    cloud_files.require_here(name, dir_fd=folder.fd, shown=folder / name)
    flags = _READ | _NO_SURPRISES | (os.O_RDWR if writable else 0)
    fd = os.open(name, flags, dir_fd=folder.fd)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(folder / name))
        yield fd
    finally:
        os.close(fd)


def status(folder: Folder, name: str) -> os.stat_result | None:
    """Return the lstat result of this name, or None if nothing has it; the disk may refuse such a name."""
    try:
        return os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
    except OSError as exc:
        if exc.errno not in NAME_REFUSED:
            raise
        return None


def file_status(fd: int) -> os.stat_result:
    """Return the fstat result of an open file."""
    return os.fstat(fd)


def stamp(of: os.stat_result) -> FileStamp:
    """Return the stamp in a stat result."""
    return FileStamp(of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns)


def folder_status(folder: Folder) -> os.stat_result:
    """Return the stat result of an open folder."""
    return os.stat(folder.fd)


def device(folder: Folder) -> int:
    """Return the device number of the folder's file system."""
    return folder_status(folder).st_dev


def is_working_directory(of: os.stat_result) -> bool:
    """Return whether this is the working directory of the process."""
    try:
        return os.path.samestat(of, os.stat(os.curdir))
    except OSError:  # it has been removed
        return False


def same_folder(one: Folder, other: Folder) -> bool:
    """Return whether both are the same folder."""
    return os.path.samestat(os.stat(one.fd), os.stat(other.fd))


def free_bytes(folder: Folder) -> int:
    """Return the free bytes on the folder's disk."""
    return disk_space.free_bytes(folder.fd)


def names(folder: Folder) -> list[str]:
    """Return the names in a folder, in no order."""
    return os.listdir(folder.fd)


def names_beside(folder: Folder, known: Collection[str], most: int) -> list[str]:
    """Return the names in a folder beside these, `most` at most; a large folder is read no further than needed."""
    with os.scandir(folder.fd) as entries:
        return list(itertools.islice((entry.name for entry in entries if entry.name not in known), most))


def link_target(folder: Folder, name: str) -> str | None:
    """Return the target of the symlink with this name, or None if there is none."""
    try:
        return os.readlink(name, dir_fd=folder.fd)
    except OSError:
        return None


def new_digest() -> blake2b:
    """Return an empty blake2b-256 digest, the hash by which the journal identifies contents."""
    import hashlib  # noqa: PLC0415  loads 4 MB of OpenSSL, which a daemon that only renames does not need

    return hashlib.blake2b(digest_size=32)


def hash_of(fd: int) -> str:
    """Return the blake2b-256 hash of an open file's bytes in hex."""
    digest = new_digest()
    os.lseek(fd, 0, os.SEEK_SET)
    while chunk := os.read(fd, CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def content_hash(folder: Folder, name: str) -> str:
    """Return the blake2b-256 hash of a file's bytes in hex; raises OSError if it is no regular file."""
    with opened_file(folder, name) as fd:
        return hash_of(fd)


def read(fd: int, offset: int, count: int) -> bytes:
    """Return `count` bytes from `offset`; fewer at the end of the file."""
    os.lseek(fd, offset, os.SEEK_SET)
    parts = []
    while count > 0 and (part := os.read(fd, min(count, CHUNK))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def attribute(fd: int, name: str) -> bytes:
    """Return an extended attribute of an open file; empty if it has none, and OSError if its file system has no such thing."""
    try:
        return _mac_attribute(fd, name) if sys.platform == "darwin" else _linux_attribute(fd, name)
    except OSError as exc:
        if exc.errno not in _NO_SUCH_ATTRIBUTE:
            raise
        return b""


def _linux_attribute(fd: int, name: str) -> bytes:
    get = getattr(os, "getxattr", None)
    if get is None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    return bytes(get(fd, name))


def _mac_attribute(fd: int, name: str) -> bytes:
    size = _mac_call("fgetxattr", fd, name.encode(), None, 0, 0, 0)
    buffer = ctypes.create_string_buffer(size)
    return buffer.raw[: _mac_call("fgetxattr", fd, name.encode(), buffer, size, 0, 0)]


def _mac_call(symbol: str, fd: int, name: bytes, *more: Any) -> int:  # noqa: ANN401  what the C function takes
    call = getattr(ctypes.CDLL(None, use_errno=True), symbol)
    call.restype = ctypes.c_ssize_t
    call.argtypes = {
        "fgetxattr": (
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_int,
        ),
        "fsetxattr": (
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_int,
        ),
        "fremovexattr": (ctypes.c_int, ctypes.c_char_p, ctypes.c_int),
    }[symbol]
    done = int(call(fd, name, *more))
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


# Changing ---------------------------------------------------------------------------------------------------------


def make_folder(folder: Folder, name: str, mode: int = 0o777) -> None:
    """Make a folder; raises FileExistsError if the name is taken."""
    os.mkdir(name, mode, dir_fd=folder.fd)


def remove_folder(folder: Folder, name: str) -> None:
    """Remove an empty folder; raises OSError if it is not empty."""
    os.rmdir(name, dir_fd=folder.fd)


def set_folder_attributes(folder: Folder, *, mode: int, owner: int, group: int, mtime_ns: int) -> None:
    """Set owner, mode and modification time; what the file system cannot store is skipped."""
    now = os.stat(folder.fd)
    if (now.st_uid, now.st_gid) != (owner, group):
        with contextlib.suppress(OSError):  # only root may change the owner of a folder
            os.chown(folder.fd, owner, group)
    with contextlib.suppress(OSError):
        os.chmod(folder.fd, mode)
    with contextlib.suppress(OSError):
        os.utime(folder.fd, ns=(now.st_atime_ns, mtime_ns))


def set_file_attributes(fd: int, *, mode: int, mtime_ns: int) -> None:
    """Set mode and modification time of an open file; what the file system cannot store is skipped."""
    with contextlib.suppress(OSError):
        os.fchmod(fd, mode)
    with contextlib.suppress(OSError):
        os.utime(fd, ns=(os.fstat(fd).st_atime_ns, mtime_ns))


@contextlib.contextmanager
def created(folder: Folder, name: str) -> Iterator[int]:
    """Create an empty file that only its owner may read, and yield its descriptor; raises FileExistsError if the name is taken."""
    fd = create(folder, name)
    try:
        yield fd
    finally:
        os.close(fd)


def create(folder: Folder, name: str) -> int:
    """Create an empty file as `created` does; the caller closes the descriptor."""
    return os.open(name, _NEW, 0o600, dir_fd=folder.fd)


@contextlib.contextmanager
def created_copy(source: int, folder: Folder, name: str) -> Iterator[int]:
    """Create a file with the bytes of an open one, that only its owner may read, and yield its descriptor.

    The copy shares its blocks where the file system can do that (APFS, Btrfs, XFS). Raises FileExistsError if the name is taken.
    """
    if _clone_call() is not None and clone(source, folder, name):
        with opened_file(folder, name) as target:
            with contextlib.suppress(PermissionError):  # the file of another user
                os.fchmod(target, 0o600)
            yield target
        return
    with created(folder, name) as target:
        copy_bytes(source, target)
        yield target


def clone(source: int, folder: Folder, name: str) -> bool:
    """Make a file that shares all blocks of an open one, with its attributes; return whether the file system can do that (APFS).

    Raises FileExistsError if the name is taken, and OSError if the disk refuses.
    """
    call = _clone_call()
    if call is None or _is_locked(source):  # a clone would be locked, too
        return False
    if call(source, folder.fd, os.fsencode(name), 0) == 0:
        return True
    code = ctypes.get_errno()
    if code in UNSUPPORTED | {errno.EXDEV}:
        return False
    raise OSError(code, os.strerror(code), str(folder / name))


def _is_locked(fd: int) -> bool:
    """Return whether a file may not be changed or removed by anybody until its flag is taken off (Finder: "Locked")."""
    flags = getattr(os.fstat(fd), "st_flags", 0)
    return bool(flags & (stat.UF_IMMUTABLE | stat.UF_APPEND | stat.SF_IMMUTABLE | stat.SF_APPEND))


@functools.cache
def _clone_call() -> Callable[..., int] | None:
    """Return fclonefileat(2) of macOS, or None."""
    call: Any = None
    if sys.platform == "darwin":
        call = getattr(ctypes.CDLL(None, use_errno=True), "fclonefileat", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
    return call  # type: ignore[no-any-return]


def write(fd: int, content: bytes) -> None:
    """Write all of the content to an open file."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def copy_bytes(source: int, target: int) -> None:
    """Copy all bytes of one open file to another, within the file system if possible (shares blocks on Btrfs and XFS)."""
    if not _copy_inside(source, target):
        os.lseek(source, 0, os.SEEK_SET)
        os.lseek(target, 0, os.SEEK_SET)
        while chunk := os.read(source, CHUNK):
            write(target, chunk)
    os.ftruncate(target, os.lseek(target, 0, os.SEEK_CUR))


def _copy_inside(source: int, target: int) -> bool:
    """Return False if the kernel cannot copy within the file system, or copied nothing of a file with content (old FUSE, /proc)."""
    copy = getattr(os, "copy_file_range", None)
    if copy is None:
        return False
    done = 0
    try:
        while step := copy(source, target, 1 << 30, done, done):
            done += step
    except OSError as exc:
        if exc.errno not in UNSUPPORTED | {errno.EXDEV, errno.EBADF}:
            raise
        return False
    os.lseek(target, done, os.SEEK_SET)
    return done == os.fstat(source).st_size


def shares_blocks(folder: Folder, name: str, target: Folder) -> bool:
    """Return whether a copy of this file in the target folder shares blocks; tested by a clone (on Linux it leaves nothing after a kill).

    Returns False also where a Linux file system knows no files without a name.
    """
    if _clone_call() is not None:
        return _clones_to_name(folder, name, target)
    return sys.platform == "linux" and _clones_into_file(folder, name, target)


def _clones_to_name(folder: Folder, name: str, target: Folder) -> bool:
    temp = probe_name()
    with opened_file(folder, name) as source:
        try:
            cloned = clone(source, target, temp)
        except OSError:
            return False
    if cloned:
        unlink(target, temp)
    return cloned


def _clones_into_file(folder: Folder, name: str, target: Folder) -> bool:
    import fcntl  # noqa: PLC0415  POSIX, and rarely needed

    ficlone, unnamed = 0x40049409, getattr(os, "O_TMPFILE", 0)  # FICLONE of linux/fs.h
    with opened_file(folder, name) as source:
        try:
            copy = os.open(".", unnamed | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=target.fd)
        except OSError:
            return False
        try:
            return fcntl.ioctl(copy, ficlone, source) == 0
        except OSError:
            return False
        finally:
            os.close(copy)


def probe_name() -> str:
    """Return a hidden, unused name for a file that is made to test what a file system can do."""
    return f".drumwatch-{os.urandom(4).hex()}.tmp"


def takes_links(folder: Folder, temp: str, second: str) -> bool:
    """Return whether files in this folder can have a second name; tested with an empty file that is removed at once.

    It gets these two names, so that the caller can note them before, for the case that the program is killed meanwhile.
    """
    with created(folder, temp):
        pass
    try:
        link(folder, temp, folder, second)
    except OSError:
        return False
    else:
        unlink(folder, second)
        return True
    finally:
        unlink(folder, temp)


def copy_attributes(source: int, target: int) -> None:
    """Copy owner, mode, extended attributes and times; what the target's file system cannot store is skipped."""
    of = os.fstat(source)
    if (of.st_uid, of.st_gid) != _owner(target):
        with contextlib.suppress(OSError):  # only root may change the owner of a file
            os.fchown(target, of.st_uid, of.st_gid)
    with contextlib.suppress(PermissionError):  # FAT has no modes
        os.fchmod(target, stat.S_IMODE(of.st_mode))
    _copy_attributes(source, target)
    os.utime(target, ns=(of.st_atime_ns, of.st_mtime_ns))
    if birth := getattr(of, "st_birthtime", None):
        _set_birth_time(target, birth)


def set_attribute(fd: int, name: str, value: bytes) -> None:
    """Set an extended attribute of an open file; raises OSError if its file system has no such thing."""
    if sys.platform == "darwin":
        _mac_call("fsetxattr", fd, name.encode(), value, len(value), 0, 0)
    elif hasattr(os, "setxattr"):
        os.setxattr(fd, name, value)


def remove_attribute(fd: int, name: str) -> None:
    """Remove an extended attribute of an open file."""
    if sys.platform == "darwin":
        _mac_call("fremovexattr", fd, name.encode(), 0)
    elif hasattr(os, "removexattr"):
        os.removexattr(fd, name)


def set_mode(fd: int, mode: int) -> None:
    """Set who may read and write an open file; skipped where the file system has no modes."""
    with contextlib.suppress(PermissionError):
        os.fchmod(fd, mode)


def _owner(fd: int) -> tuple[int, int]:
    of = os.fstat(fd)
    return of.st_uid, of.st_gid


def _copy_attributes(source: int, target: int) -> None:
    if sys.platform == "darwin":
        copyfile_xattr = 1 << 2
        ctypes.CDLL(None).fcopyfile(source, target, None, copyfile_xattr)
    elif hasattr(os, "listxattr"):
        with _tolerant():
            for name in os.listxattr(source):
                with _tolerant():
                    os.setxattr(target, name, os.getxattr(source, name))


class _AttributeList(ctypes.Structure):
    """`struct attrlist` of sys/attr.h."""

    _fields_ = (
        ("bitmapcount", ctypes.c_ushort),
        ("reserved", ctypes.c_uint16),
        *((f"{kind}attr", ctypes.c_uint32) for kind in ("common", "vol", "dir", "file", "fork")),
    )


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def _set_birth_time(target: int, birth: float) -> None:
    """Set the time of creation that the Finder shows (macOS); the last of the times, because a later one would move it."""
    if sys.platform == "darwin":
        wanted = _AttributeList(bitmapcount=5, commonattr=0x200)  # ATTR_CMN_CRTIME
        time = _Timespec(int(birth), int(birth % 1 * 1e9))
        set_attributes = ctypes.CDLL(None).fsetattrlist
        set_attributes.argtypes = (
            *(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p),
            *(ctypes.c_size_t, ctypes.c_uint32),
        )
        set_attributes(target, ctypes.byref(wanted), ctypes.byref(time), ctypes.sizeof(time), 0)


@contextlib.contextmanager
def _tolerant() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno not in _NO_ATTRIBUTES:
            raise


def rename_noreplace(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Rename a file without replacing another; raises FileExistsError if the new name is taken.

    Raises OSError with an errno in UNSUPPORTED if the file system has no such call.
    """
    _rename_with(
        4 if sys.platform == "darwin" else 1, source, name, target, new_name
    )  # RENAME_EXCL, RENAME_NOREPLACE


def exchange(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Exchange two files, so that each has the other's name, in one step that nobody sees halfway.

    Raises OSError with an errno in UNSUPPORTED if the file system has no such call.
    """
    _rename_with(2, source, name, target, new_name)  # RENAME_SWAP, RENAME_EXCHANGE


def _rename_with(flag: int, source: Folder, name: str, target: Folder, new_name: str) -> None:
    rename = _rename_call()
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(source / name))
    if rename(source.fd, os.fsencode(name), target.fd, os.fsencode(new_name), flag) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(source / name), None, str(target / new_name))


@functools.cache
def _rename_call() -> Callable[..., int] | None:
    """Return renameat2 on Linux, renameatx_np on macOS, or None if the C library has neither."""
    symbol = "renameatx_np" if sys.platform == "darwin" else "renameat2"
    call: Any = getattr(ctypes.CDLL(None, use_errno=True), symbol, None)
    if call is None:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return lambda *of_call: int(call(*of_call))


def replace(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Rename a file over another one: only to a hidden name of ours, or over our own empty file."""
    os.replace(name, new_name, src_dir_fd=source.fd, dst_dir_fd=target.fd)


def link(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Make a hard link; raises FileExistsError if the new name is taken."""
    follow = os.link not in os.supports_follow_symlinks
    os.link(
        name,
        new_name,
        src_dir_fd=source.fd,
        dst_dir_fd=target.fd,
        follow_symlinks=follow,
    )


def symlink(to: Path, folder: Folder, name: str) -> None:
    """Make a symlink to `to`; raises FileExistsError if the name is taken."""
    os.symlink(to, name, dir_fd=folder.fd)


def unlink(folder: Folder, name: str) -> None:
    """Remove a name."""
    os.unlink(name, dir_fd=folder.fd)


def sync_file(fd: int) -> None:
    """Write an open file's content through to the disk."""
    power_safe.sync(fd)


def sync_folder(folder: Folder, *, order_only: bool = False) -> None:
    """Write the folder's names through to the disk; errors of file systems that cannot do that are ignored.

    With `order_only`, they need only be there before what is written later: enough where nothing is removed in return.
    """
    try:
        (power_safe.sync_in_order if order_only else power_safe.sync)(folder.fd)
    except OSError as exc:
        if exc.errno not in UNSUPPORTED | {errno.EBADF, errno.EACCES}:
            raise
