"""Every system call that looks at or changes a file, behind one narrow seam: tests let the disk fail or the power go after any of them.

A `Folder` is opened once, and names are looked up in that very folder: a symlink swapped in afterwards changes nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drumwatch.records import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from hashlib import blake2b
    from pathlib import Path

CHUNK = 1 << 20
CHANGES = (  # the calls below that change something
    "make_folder",
    "remove_folder",
    "set_folder_marks",
    "create",
    "write",
    "copy_bytes",
    "copy_marks",
    "rename_noreplace",
    "replace",
    "link",
    "symlink",
    "unlink",
    "sync_file",
    "sync_folder",
)

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
# No symlink, no waiting at a FIFO
_NO_SURPRISES = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FOLDER = _READ | getattr(os, "O_DIRECTORY", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)

# What a file system says that has no such call, or not between these two names.
UNSUPPORTED = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK}
)
# What keeps an extended attribute from being copied without harm to the sound.
_NO_ATTRIBUTES = UNSUPPORTED | {errno.EACCES, errno.ENODATA, errno.ENOSPC, errno.E2BIG, errno.ERANGE}


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder. `path` is where it was when it was opened."""

    path: Path
    fd: int

    def __truediv__(self, name: str) -> Path:
        return self.path / name


# Looking ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """The folder at this path, symlinks followed: whoever chose the path may have chosen a link."""
    fd = os.open(path, _FOLDER)
    try:
        yield Folder(path, fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def opened_if_there(path: Path) -> Iterator[Folder | None]:
    """The folder at this path, None where there is none."""
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(opened(path))
        except (FileNotFoundError, NotADirectoryError):
            folder = None
        yield folder


@contextlib.contextmanager
def opened_below(folder: Folder, name: str) -> Iterator[Folder]:
    """A real folder in this one; a symlink in its place is refused."""
    fd = os.open(name, _FOLDER | _NO_SURPRISES, dir_fd=folder.fd)
    try:
        yield Folder(folder / name, fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def opened_file(folder: Folder, name: str, *, writable: bool = False) -> Iterator[int]:
    """A handle to a regular file; links, FIFOs and devices are refused without waiting for them."""
    flags = _READ | _NO_SURPRISES | (os.O_RDWR if writable else 0)
    fd = os.open(name, flags, dir_fd=folder.fd)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(folder / name))
        yield fd
    finally:
        os.close(fd)


def status(folder: Folder, name: str) -> os.stat_result | None:
    """What is at this name, links not followed; None where nothing is."""
    try:
        return os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
    except FileNotFoundError:
        return None


def file_status(fd: int) -> os.stat_result:
    return os.fstat(fd)


def mark(of: os.stat_result) -> Fingerprint:
    return Fingerprint(of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns)


def folder_status(folder: Folder) -> os.stat_result:
    return os.stat(folder.fd)


def device(folder: Folder) -> int:
    return folder_status(folder).st_dev


def is_working_directory(of: os.stat_result) -> bool:
    """Whether this is the folder that this process is in."""
    try:
        return os.path.samestat(of, os.stat(os.curdir))
    except OSError:  # it has been removed
        return False


def same_folder(one: Folder, other: Folder) -> bool:
    return os.path.samestat(os.stat(one.fd), os.stat(other.fd))


def free_bytes(folder: Folder) -> int:
    """What may still be written to the disk that this folder is on."""
    return shutil.disk_usage(folder.fd).free


def names(folder: Folder) -> list[str]:
    return os.listdir(folder.fd)


def holds_only(folder: Folder, allowed: Collection[str]) -> bool:
    """Whether nothing but these names is in it; of a large folder no more than needed is read."""
    with os.scandir(folder.fd) as entries:
        return all(entry.name in allowed for entry in entries)


def link_target(folder: Folder, name: str) -> str | None:
    """Where the symlink at this name points; None where there is none."""
    try:
        return os.readlink(name, dir_fd=folder.fd)
    except OSError:
        return None


def new_digest() -> blake2b:
    """An empty blake2b-256: what the journal knows contents by."""
    import hashlib  # noqa: PLC0415  brings 4 MB of OpenSSL, which a daemon that only renames never needs

    return hashlib.blake2b(digest_size=32)


def hash_of(fd: int) -> str:
    """blake2b-256 of an open file's bytes, in hex."""
    digest = new_digest()
    os.lseek(fd, 0, os.SEEK_SET)
    while chunk := os.read(fd, CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def content_hash(folder: Folder, name: str) -> str:
    with opened_file(folder, name) as fd:
        return hash_of(fd)


def read(fd: int, offset: int, count: int) -> bytes:
    """`count` bytes from `offset`, fewer only where the file ends."""
    os.lseek(fd, offset, os.SEEK_SET)
    parts = []
    while count > 0 and (part := os.read(fd, min(count, CHUNK))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


# Changing ---------------------------------------------------------------------------------------------------------


def make_folder(folder: Folder, name: str, mode: int = 0o777) -> None:
    os.mkdir(name, mode, dir_fd=folder.fd)


def remove_folder(folder: Folder, name: str) -> None:
    """Raises OSError unless it is empty."""
    os.rmdir(name, dir_fd=folder.fd)


def set_folder_marks(folder: Folder, *, mode: int, owner: int, group: int, mtime_ns: int) -> None:
    """Owner, mode and time of change; what the file system cannot keep is left out."""
    now = os.stat(folder.fd)
    if (now.st_uid, now.st_gid) != (owner, group):
        with contextlib.suppress(OSError):  # only root may give folders away
            os.chown(folder.fd, owner, group)
    with contextlib.suppress(OSError):
        os.chmod(folder.fd, mode)
    with contextlib.suppress(OSError):
        os.utime(folder.fd, ns=(now.st_atime_ns, mtime_ns))


@contextlib.contextmanager
def created(folder: Folder, name: str) -> Iterator[int]:
    """A handle to a new, empty file that only its owner may read; FileExistsError where the name is taken."""
    fd = create(folder, name)
    try:
        yield fd
    finally:
        os.close(fd)


def create(folder: Folder, name: str) -> int:
    return os.open(name, _NEW, 0o600, dir_fd=folder.fd)


def write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def copy_bytes(source: int, target: int) -> None:
    """All bytes of one open file to another, inside the file system where it can (that also shares blocks on Btrfs and XFS)."""
    if not _copy_inside(source, target):
        os.lseek(source, 0, os.SEEK_SET)
        os.lseek(target, 0, os.SEEK_SET)
        while chunk := os.read(source, CHUNK):
            write(target, chunk)
    os.ftruncate(target, os.lseek(target, 0, os.SEEK_CUR))


def _copy_inside(source: int, target: int) -> bool:
    """False where the kernel has no such copy, or claims to have copied nothing of something (old FUSE, /proc)."""
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
    """Whether a copy of this file there would take no space: asked by making one, which is removed at once."""
    return sys.platform == "linux" and _clones(folder, name, target)


def _clones(folder: Folder, name: str, target: Folder) -> bool:
    import fcntl  # noqa: PLC0415  POSIX, and few ask

    temp, clone = f".drumwatch-{os.urandom(4).hex()}.tmp", 0x40049409  # FICLONE of linux/fs.h
    with opened_file(folder, name) as source, created(target, temp) as copy:
        try:
            return fcntl.ioctl(copy, clone, source) == 0
        except OSError:
            return False
        finally:
            unlink(target, temp)


def copy_marks(source: int, target: int) -> None:
    """Owner, mode, extended attributes and times; what the target's file system cannot keep is left out."""
    of = os.fstat(source)
    if (of.st_uid, of.st_gid) != _owner(target):
        with contextlib.suppress(OSError):  # only root may give files away
            os.fchown(target, of.st_uid, of.st_gid)
    with contextlib.suppress(PermissionError):  # FAT has no modes
        os.fchmod(target, stat.S_IMODE(of.st_mode))
    _copy_attributes(source, target)
    os.utime(target, ns=(of.st_atime_ns, of.st_mtime_ns))


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


@contextlib.contextmanager
def _tolerant() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno not in _NO_ATTRIBUTES:
            raise


def rename_noreplace(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Rename that fails with FileExistsError where the new name is taken; errno in UNSUPPORTED where it cannot promise that."""
    rename = _noreplace_call()
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(source / name))
    if rename(source.fd, os.fsencode(name), target.fd, os.fsencode(new_name)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(source / name), None, str(target / new_name))


@functools.cache
def _noreplace_call() -> Callable[..., int] | None:
    """renameat2(RENAME_NOREPLACE) on Linux, renameatx_np(RENAME_EXCL) on macOS, None where the C library has neither."""
    symbol, flag = ("renameatx_np", 4) if sys.platform == "darwin" else ("renameat2", 1)
    call: Any = getattr(ctypes.CDLL(None, use_errno=True), symbol, None)
    if call is None:
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return lambda *ends: int(call(*ends, flag))


def replace(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Only ever over a file of our own, or over the file whose bytes the new one holds."""
    os.replace(name, new_name, src_dir_fd=source.fd, dst_dir_fd=target.fd)


def link(source: Folder, name: str, target: Folder, new_name: str) -> None:
    follow = os.link not in os.supports_follow_symlinks
    os.link(
        name,
        new_name,
        src_dir_fd=source.fd,
        dst_dir_fd=target.fd,
        follow_symlinks=follow,
    )


def symlink(to: Path, folder: Folder, name: str) -> None:
    os.symlink(to, name, dir_fd=folder.fd)


def unlink(folder: Folder, name: str) -> None:
    os.unlink(name, dir_fd=folder.fd)


def sync_file(fd: int) -> None:
    os.fsync(fd)


def sync_folder(folder: Folder) -> None:
    """The names in this folder survive a power cut; file systems that cannot promise it are forgiven."""
    try:
        os.fsync(folder.fd)
    except OSError as exc:
        if exc.errno not in UNSUPPORTED | {errno.EBADF, errno.EACCES}:
            raise
