"""The pages of a database file with its write-ahead log, and the rows on them, read without SQLite.

The format is described at https://sqlite.org/fileformat2.html. SQLite gives up where a page that leads to others is damaged; here
each page can be read by itself.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.journal.write_ahead_log import PAGE_SIZES, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.journal.table_rows import Value

MAGIC = b"SQLite format 3\0"
HEADER = 100  # bytes of the first page
USUAL_PAGE_SIZE = 4096
INTERIOR, LEAF = 0x05, 0x0D  # the first byte of a page of a table
MOST_RESERVED = 32  # bytes that SQLite leaves unused at the end of each page
LARGEST_ROW = 1_000_000_000  # bytes, as in SQLite
SMALLEST_CELL = 4  # bytes
INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # by serial type
FLOAT, ZERO, ONE, FIRST_BLOB = 7, 8, 9, 12


class Record(NamedTuple):
    """A row as it is stored, with its number."""

    number: int
    values: tuple[Value, ...]


class Leaf(NamedTuple):
    """The rows of one page of a table, and whether these are all that were on it."""

    records: tuple[Record, ...]
    whole: bool


class DamagedPageError(ValueError):
    """A page, or a row on it, is not what the format demands."""


class Image:
    """All pages of a database: those of its file, and in their place those that are committed in its write-ahead log."""

    def __init__(self, file: bytes, log: bytes = b"") -> None:
        self.has_header = file.startswith(MAGIC)
        page_size, reserved = _sizes(file)
        content = read_log(log, page_size or USUAL_PAGE_SIZE)
        self.page_size = page_size or content.page_size or USUAL_PAGE_SIZE
        self.usable = self.page_size - reserved
        self.log_damaged = content.damaged
        self._file = file
        self._newer = content.pages if content.page_size in (0, self.page_size) else {}
        in_file = -(-len(file) // self.page_size)
        # A log that is damaged may name any page
        most = in_file + len(self._newer)
        self._newer = {number: page for number, page in self._newer.items() if 0 < number <= most}
        self.count = max([in_file, *self._newer])
        self.has_header |= self.page(1).startswith(MAGIC)

    def page(self, number: int) -> bytes:
        """Return a page; what is missing of it, or all of it beyond the end, is zeros."""
        if (newer := self._newer.get(number)) is not None:
            return newer
        start = (number - 1) * self.page_size
        return self._file[start : start + self.page_size].ljust(self.page_size, b"\0")

    def all_bytes(self) -> Iterator[bytes]:
        """Yield every page, so that the log is not needed any more."""
        for number in range(1, self.count + 1):
            yield self.page(number)

    def header_number(self, offset: int) -> int:
        """Return a number of the header; 0 if the header is gone."""
        return int.from_bytes(self.page(1)[offset : offset + 4]) if self.has_header else 0

    def kind(self, number: int) -> int:
        """Return the first byte of a page of a tree."""
        return self.page(number)[_start(number)] if 0 < number <= self.count else 0

    # Trees

    def leaves_below(self, root: int) -> tuple[list[int], bool]:
        """Return the pages of a table that hold its rows, and whether these are all of them."""
        leaves, whole, seen, waiting = [], True, {root}, [root]
        while waiting:
            number = waiting.pop()
            match self.kind(number):
                case 0x0D:
                    leaves.append(number)
                case 0x05:
                    children, all_found = self._children(number)
                    whole = whole and all_found and seen.isdisjoint(children)
                    waiting += [child for child in children[::-1] if child not in seen]
                    seen.update(children)
                case _:
                    whole = False
        return leaves, whole

    def _children(self, number: int) -> tuple[list[int], bool]:
        page, start = self.page(number), _start(number)
        pointers, whole = self._pointers(page, start, 12)
        children = [int.from_bytes(page[at : at + 4]) for at in pointers]
        children.append(int.from_bytes(page[start + 8 : start + 12]))
        inside = [child for child in children if 1 < child <= self.count]
        return list(dict.fromkeys(inside)), whole and len(set(inside)) == len(children)

    def free_pages(self) -> set[int]:
        """Return the pages that are marked as unused; rows that were deleted may still be on them."""
        free: set[int] = set()
        trunk = self.header_number(32)
        while 1 < trunk <= self.count and trunk not in free:
            free.add(trunk)
            page = self.page(trunk)
            used = min(int.from_bytes(page[4:8]), self.usable // 4 - 2)
            free.update(struct.unpack(f">{used}I", page[8 : 8 + 4 * used]))
            trunk = int.from_bytes(page[:4])
        return free

    # Rows

    def leaf(self, number: int) -> Leaf:
        """Return the rows of a page that holds rows of a table; those that are damaged are left out."""
        page, start = self.page(number), _start(number)
        pointers, whole = self._pointers(page, start, 8)
        records: list[Record] = []
        used = 0
        for at in pointers:
            try:
                record, size = self._record(page, at)
            except (DamagedPageError, IndexError, struct.error, UnicodeDecodeError):
                whole = False
                continue
            whole = whole and (not records or records[-1].number < record.number)
            records.append(record)
            used += size
        return Leaf(tuple(records), whole and self._all_used(page, start, used))

    def _pointers(self, page: bytes, start: int, header: int) -> tuple[list[int], bool]:
        """Where the cells of a page begin, and whether each of these is on the page."""
        count = int.from_bytes(page[start + 3 : start + 5])
        first = start + header
        most = (self.usable - first) // 2
        pointers = struct.unpack_from(f">{min(count, most)}H", page, first)
        inside = [at for at in pointers if first < at <= self.usable - SMALLEST_CELL]
        return inside, count <= most and len(set(inside)) == count

    def _all_used(self, page: bytes, start: int, used: int) -> bool:
        """Whether the cells, the free blocks and the fragments are all that is in the content area, as SQLite's own check demands."""
        free, _, content, fragments = struct.unpack(">HHHB", page[start + 1 : start + 8])
        content = content or 65536
        used += int(fragments)
        at = 0
        while free > at:
            at = free
            if at > self.usable - SMALLEST_CELL:
                return False
            free, size = struct.unpack_from(">HH", page, at)
            used += size
        return free == 0 and used == self.usable - content

    def _record(self, page: bytes, at: int) -> tuple[Record, int]:
        """The row in the cell that begins here, and the bytes of the cell on this page."""
        size, after = _varint(page, at)
        number, after = _varint(page, after)
        if not 0 < size <= LARGEST_ROW:
            raise DamagedPageError
        local = self._local_size(size)
        end = after + local
        if end > self.usable:
            raise DamagedPageError
        payload = page[after:end]
        if local < size:
            payload = self._with_overflow(payload, size, int.from_bytes(page[end : end + 4]))
            end += 4
        return Record(number, _values(payload)), max(end - at, SMALLEST_CELL)

    def _local_size(self, size: int) -> int:
        """How many bytes of a row are on the page itself; a long row goes on on pages of its own."""
        most = self.usable - 35
        if size <= most:
            return size
        least = (self.usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (self.usable - 4)
        return local if local <= most else least

    def _with_overflow(self, payload: bytes, size: int, number: int) -> bytes:
        parts, missing = [payload], size - len(payload)
        if missing > self.count * self.usable:
            raise DamagedPageError
        while missing > 0:
            if not 1 < number <= self.count:
                raise DamagedPageError
            page = self.page(number)
            parts.append(page[4 : 4 + min(missing, self.usable - 4)])
            missing -= self.usable - 4
            number = int.from_bytes(page[:4])
        return b"".join(parts)


def _start(number: int) -> int:
    return HEADER if number == 1 else 0


def _sizes(file: bytes) -> tuple[int, int]:
    """The size of a page and its reserved bytes by the header; 0 if the header is gone."""
    if not file.startswith(MAGIC) or len(file) < HEADER:
        return 0, 0
    size = int.from_bytes(file[16:18])
    size, reserved = 65536 if size == 1 else size, file[20]
    return (size, reserved) if size in PAGE_SIZES and reserved <= MOST_RESERVED else (0, 0)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins here, of one to nine bytes, and where it ends."""
    value = 0
    for end in range(at, at + 8):
        byte = data[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004  the last byte of a number has no high bit
            return value, end + 1
    value = value << 8 | data[at + 8]
    return (value - 2**64 if value >= 2**63 else value), at + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    if not at <= end <= len(payload):
        raise DamagedPageError
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values = []
    start = end
    for kind in kinds:
        size = _size(kind)
        values.append(_value(kind, payload[start : start + size]))
        start += size
    if at != end or start != len(payload):
        raise DamagedPageError
    return tuple(values)


def _size(kind: int) -> int:
    if kind >= FIRST_BLOB:
        return (kind - FIRST_BLOB) // 2
    return 8 if kind == FLOAT else INTEGER_BYTES.get(kind, 0)


def _value(kind: int, data: bytes) -> Value:
    if kind >= FIRST_BLOB:
        return data.decode() if kind % 2 else data
    if kind in INTEGER_BYTES:
        return int.from_bytes(data, signed=True)
    match kind:
        case 0:
            return None
        case 7:
            return float(struct.unpack(">d", data)[0])
        case 8 | 9:
            return kind - ZERO
    raise DamagedPageError
