"""Say in words why the system refused something: the texts of its errors are no sentences, and come in the system's language."""

from __future__ import annotations

import errno

# What a name may meet on a disk that does not take it: exfat-fuse says ENOENT, the kernel EINVAL, both say EILSEQ for no UTF-8.
NAME_REFUSED = frozenset({errno.EINVAL, errno.EILSEQ, errno.ENOENT})

_REASONS: dict[int | None, str] = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full for this user",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "this user has no permission for it",
    errno.EPERM: "this user has no permission for it",
    errno.ENOENT: "it is not there any more",
    errno.ENOTDIR: "a file is where a folder should be",
    errno.EISDIR: "a folder is where a file should be",
    errno.EEXIST: "something else has that name",
    errno.ENOTEMPTY: "something else is in that folder",
    errno.ELOOP: "its links lead in a circle",
    errno.ENAMETOOLONG: "the name is too long for the disk",
    errno.EINVAL: "the disk does not take that",
    errno.EILSEQ: "the disk does not take that name",
    errno.EFBIG: "it is too large for the disk",
    errno.EIO: "the disk may be failing",
    errno.ENODEV: "the disk is away",
    errno.ENXIO: "the disk is away",
    errno.ESTALE: "the disk was connected anew",
    errno.ETIMEDOUT: "the disk does not answer",
    errno.EHOSTDOWN: "the other computer does not answer",
    errno.EHOSTUNREACH: "the other computer does not answer",
    errno.ENOTCONN: "the disk is away",
    errno.EBUSY: "another program uses it",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.ENOMEM: "there is too little memory",
    errno.ENOTSUP: "the disk cannot do that",
    errno.EOPNOTSUPP: "the disk cannot do that",
    errno.ENOSYS: "the system cannot do that",
    errno.EXDEV: "it is another disk",
    errno.EMLINK: "the file has too many names",
    errno.EADDRINUSE: "another program uses it",
    errno.EADDRNOTAVAIL: "this computer has no such address",
}


def reason(exc: OSError) -> str:
    """Return why this call failed, as part of a sentence: "the disk is full"."""
    return _REASONS.get(exc.errno, "the system refused it")
