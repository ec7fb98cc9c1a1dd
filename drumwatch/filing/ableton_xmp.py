"""Ableton Live's tags of the files in one folder: read whole, and changed byte by byte. Pure.

Live keeps them in an XMP file beside the samples, one item for each file, known by its bare name. What is not understood whole is
refused. A change cuts or inserts only its own bytes, and the reverse change gives the same bytes again.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from drumwatch.core.entry_detail import LiveItem, LiveTags

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MAX_BYTES = 32 << 20
MAX_ITEMS = 100_000

_META, _RDF = "x:xmpmeta", "x:xmpmeta/rdf:RDF"
_DESCRIPTION = f"{_RDF}/rdf:Description"
_ITEMS = f"{_DESCRIPTION}/ablFR:items"
_ITEM = f"{_ITEMS}/rdf:Bag/rdf:li"
_ARRAYS = tuple(f"{_ITEM}/ablFR:{name}" for name in ("colors", "keywords", "hideKeywords"))
_TEXTS = frozenset(
    {
        *(f"{_DESCRIPTION}/{name}" for name in ("dc:format", "ablFR:resource", "ablFR:platform")),
        *(
            f"{_DESCRIPTION}/xmp:{name}"
            for name in ("CreatorTool", "CreateDate", "MetadataDate", "ModifyDate")
        ),
        f"{_ITEM}/ablFR:filePath",
        *(f"{array}/rdf:Bag/rdf:li" for array in _ARRAYS),
    }
)
_BAGS = frozenset(f"{path}/rdf:Bag" for path in (_ITEMS, *_ARRAYS))
_KNOWN = frozenset({_META, _RDF, _DESCRIPTION, _ITEMS, _ITEM, *_ARRAYS}) | _TEXTS | _BAGS
_REPEATED = frozenset({_ITEM, *(f"{array}/rdf:Bag/rdf:li" for array in _ARRAYS)})
_NAMESPACES = {
    "xmlns:x": "adobe:ns:meta/",
    "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:ablFR": "https://ns.ableton.com/xmp/fs-resources/1.0/",
    "xmlns:xmp": "http://ns.adobe.com/xap/1.0/",
}
_NEEDED = {"xmlns:x", "xmlns:rdf", "xmlns:dc", "xmlns:ablFR"}
_ATTRIBUTES = {_META: {"x:xmptk"}, _DESCRIPTION: {"rdf:about"}, _ITEM: {"rdf:parseType"}}
_TAG = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
_BLANK = b" \t\r\n"
_NOT_IN_XML = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# An array that was `<rdf:Bag/>` gets this end tag, so that it becomes the same again when our last value goes
_WAS_EMPTY = b"</rdf:Bag >"
_ITEMS_MADE = b"</ablFR:items >"  # likewise, of a list of items that was not there
_INDENT = b"   "

TOOL = "drumwatch"  # the creator of a file that was made by us together with its folder
TOOL_FILE_ONLY = "drumwatch, in a folder that was there"
_NEW_FILE = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 5.6.0">
   <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about=""
            xmlns:dc="http://purl.org/dc/elements/1.1/"
            xmlns:ablFR="https://ns.ableton.com/xmp/fs-resources/1.0/"
            xmlns:xmp="http://ns.adobe.com/xap/1.0/">
         <dc:format>application/vnd.ableton.folder</dc:format>
         <ablFR:resource>folder</ablFR:resource>
         <ablFR:items>
            <rdf:Bag>
            </rdf:Bag>
         </ablFR:items>
         <xmp:CreatorTool>{tool}</xmp:CreatorTool>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
"""


_PLACE = b"\n            </rdf:Bag>"  # where the first item of a new file comes


class NotUnderstood(Exception):  # noqa: N818  named after the state
    """The file is not one that drumwatch understands whole; the text says why, as the end of a sentence."""


@dataclass(slots=True)
class Element:
    """One element: where its bytes are, its text, and the elements in it."""

    path: str
    start: int
    body_start: int
    body_end: int = -1
    end: int = -1
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def is_self_closed(self) -> bool:
        """Whether it is written as one tag, such as `<rdf:Bag/>`."""
        return self.body_start == self.end

    def child(self, name: str) -> Element | None:
        """Return the element in it with this name, or None."""
        path = f"{self.path}/{name}"
        return next((child for child in self.children if child.path == path), None)


@dataclass(frozen=True, slots=True)
class FolderXmp:
    """The tags of one folder: the bytes of each item with the white space in front of it, and all bytes around them.

    `opening` and `closing` are around the items if there are any, and `bare` is there in place of them.
    """

    head: bytes
    items: Mapping[str, bytes]  # by the name of the file
    tail: bytes
    opening: bytes = b""
    closing: bytes = b""
    bare: bytes = b""

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        inside = (self.opening, *self.items.values(), self.closing) if self.items else (self.bare,)
        return b"".join((self.head, *inside, self.tail))


# Reading ----------------------------------------------------------------------------------------------------------


def read(data: bytes) -> FolderXmp:
    """Return the tags in these bytes; raises NotUnderstood unless every field is known. Nothing outside of the bytes is looked at."""
    if len(data) > MAX_BYTES:
        raise NotUnderstood("it is too large")
    return _split(data, _description(data))


def _description(data: bytes) -> Element:
    reader = _Reader(data)
    try:
        if "\0" in data.decode():  # the parser would read UTF-16, too
            raise NotUnderstood("it is not UTF-8 text")
        reader.parse()
    except UnicodeDecodeError as exc:
        raise NotUnderstood("it is not UTF-8 text") from exc
    except expat.ExpatError as exc:
        raise NotUnderstood("it is cut off or damaged") from exc
    return _checked(reader.top)


class _Reader:
    """Builds the elements from the events of the parser, and refuses everything that is not in `_KNOWN`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.top = Element("", 0, 0)
        self._open = [self.top]
        self._items = 0
        self._namespaces: set[str] = set()

    def parse(self) -> None:
        self._parser = parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.CommentHandler = _refuse_foreign
        parser.ProcessingInstructionHandler = _refuse_foreign
        parser.StartCdataSectionHandler = _refuse_foreign
        parser.Parse(self._data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1]
        path = f"{parent.path}/{name}" if parent.path else name
        if path not in _KNOWN:
            raise NotUnderstood(f'it has a field "{name[:60]}", which drumwatch does not know')
        if path not in _REPEATED and any(child.path == path for child in parent.children):
            raise NotUnderstood(f'it has "{name}" twice')
        _check_attributes(path, attributes)
        self._namespaces.update(attributes)
        if path == f"{_DESCRIPTION}/ablFR:resource" and not self._namespaces >= _NEEDED:
            raise NotUnderstood("it is of another version")
        self._items += path == _ITEM
        if self._items > MAX_ITEMS:
            raise NotUnderstood("it has too many items")
        start = self._parser.CurrentByteIndex
        tag = _TAG.match(self._data, start)
        if tag is None:
            raise NotUnderstood("it is cut off or damaged")
        element = Element(path, start, tag.end())
        parent.children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if self._data[element.body_start - 2 : element.body_start] == b"/>":
            element.body_end = element.end = element.body_start
            return
        element.body_end = self._parser.CurrentByteIndex
        element.end = self._data.index(b">", element.body_end) + 1

    def _text(self, text: str) -> None:
        element = self._open[-1]
        if element.path in _TEXTS:
            element.text += text
        elif text.strip():
            raise NotUnderstood("it has text where drumwatch knows none")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            raise NotUnderstood("it is not UTF-8 text")


def _refuse_doctype(*_: object) -> NoReturn:
    raise NotUnderstood("it has a DOCTYPE, which no file of Live has")


def _refuse_foreign(*_: object) -> NoReturn:
    raise NotUnderstood("it has a comment or an instruction, which no file of Live has")


def _check_attributes(path: str, attributes: dict[str, str]) -> None:
    for name, value in attributes.items():
        if name.startswith("xmlns:"):
            if _NAMESPACES.get(name, value) != value:
                raise NotUnderstood("it is of another version")
        elif name not in _ATTRIBUTES.get(path, ()):
            raise NotUnderstood(f'it has a field "{name[:60]}", which drumwatch does not know')
    if path == _ITEM and attributes.get("rdf:parseType") != "Resource":
        raise NotUnderstood("an item in it is of another kind")


def _checked(top: Element) -> Element:
    """Return the description of the folder; raises NotUnderstood if something that every file has is missing."""
    rdf = top.children[0].child("rdf:RDF")
    description = rdf.child("rdf:Description") if rdf else None
    if description is None:
        raise NotUnderstood("it describes no folder")
    texts = {child.path: child.text for child in description.children}
    wanted = {"ablFR:resource": "folder", "dc:format": "application/vnd.ableton.folder"}
    if any(texts.get(f"{_DESCRIPTION}/{name}") != text for name, text in wanted.items()):
        raise NotUnderstood("it describes no folder")
    return description


def _split(data: bytes, description: Element) -> FolderXmp:
    items = description.child("ablFR:items")
    if items is None:
        last = description.children[-1]
        return _without_list(data[: last.end], {}, data[last.end :], _lead(data, last.start))
    bag = _bag_of(items)
    blocks = _blocks(data, bag)
    begin = _lead_start(data, items.start)
    if blocks and data[items.body_end : items.end] == _ITEMS_MADE:
        return _without_list(data[:begin], blocks, data[items.end :], data[begin : items.start])
    if bag.is_self_closed:
        return _with_empty_list(data[: bag.end - 2], {}, data[bag.end :])
    if blocks and data[bag.children[-1].end : bag.end] == _WAS_EMPTY:
        return _with_empty_list(data[: bag.body_start - 1], blocks, data[bag.end :])
    end = bag.children[-1].end if bag.children else bag.body_start
    return FolderXmp(data[: bag.body_start], blocks, data[end:])


def _without_list(head: bytes, items: Mapping[str, bytes], tail: bytes, lead: bytes) -> FolderXmp:
    opening, closing = lead + b"<ablFR:items><rdf:Bag>", b"</rdf:Bag>" + _ITEMS_MADE
    return FolderXmp(head, items, tail, opening, closing)


def _with_empty_list(head: bytes, items: Mapping[str, bytes], tail: bytes) -> FolderXmp:
    return FolderXmp(head, items, tail, b">", _WAS_EMPTY, b"/>")


def _blocks(data: bytes, bag: Element) -> dict[str, bytes]:
    blocks: dict[str, bytes] = {}
    for item in bag.children:
        name = _name_of(item).text
        if name in blocks:
            raise NotUnderstood(f'it has "{name[:60]}" twice')
        for array in item.children:
            if array.path in _ARRAYS:
                _bag_of(array)
        blocks[name] = data[_lead_start(data, item.start) : item.end]
    return blocks


def _bag_of(array: Element) -> Element:
    bag = array.child("rdf:Bag")
    if bag is None:
        raise NotUnderstood("a list in it is of another kind")
    return bag


def _name_of(item: Element) -> Element:
    path = item.child("ablFR:filePath")
    if path is None or path.is_self_closed:
        raise NotUnderstood("an item in it has no name")
    return path


def name_in(xmp: FolderXmp, name: str) -> str:
    """Return the name by which the item of this file is known, which may be of another Unicode form; empty if there is none."""
    for exact in (name, f"+{name}"):
        if exact in xmp.items:
            return exact
    if name.isascii():  # it has only one form
        return ""
    alike = [other for other in xmp.items if _composed(other) == _composed(name)]
    return alike[0] if len(alike) == 1 else ""


def keywords_of(xmp: FolderXmp, name: str) -> tuple[str, ...]:
    """Return the keywords of the file with this name."""
    known = name_in(xmp, name)
    return _Item(xmp.items[known]).values("ablFR:keywords") if known else ()


def word_of(raw: str) -> str:
    """Return the keyword in the bytes of a value, as they were cut out."""
    return html.unescape(raw.strip().removeprefix("<rdf:li>").removesuffix("</rdf:li>"))


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def can_be_named(name: str) -> bool:
    """Return whether a file's name can stand in such a file: not one with control characters, or one that is no UTF-8."""
    return not _NOT_IN_XML.search(name)


# Items ------------------------------------------------------------------------------------------------------------


def item_at(xmp: FolderXmp, name: str) -> LiveItem | None:
    """Return the item of this file as it stands here, or None."""
    known = name_in(xmp, name)
    if not known:
        return None
    names = list(xmp.items)
    behind = names[names.index(known) + 1 :]
    return LiveItem(xmp.items[known].decode(), behind[0] if behind else "")


def without_item(xmp: FolderXmp, name: str) -> FolderXmp:
    """Return the tags without the item of this file."""
    known = name_in(xmp, name)
    return replace(xmp, items={one: block for one, block in xmp.items.items() if one != known})


def with_item(xmp: FolderXmp, item: LiveItem) -> FolderXmp:
    """Return the tags with this item, in front of the one that it was in front of, or as the last one."""
    new = item.block.encode()
    name = _Item(new).name
    items: dict[str, bytes] = {}
    for other, block in xmp.items.items():
        if other == item.before:
            items[name] = new
        items[other] = block
    return replace(xmp, items={**items, name: new})


def renamed(item: LiveItem, name: str) -> LiveItem:
    """Return the item under another name; the bytes are the same if it differs in its Unicode form only."""
    one = _Item(item.block.encode())
    plain = one.name.removeprefix("+") if not name.startswith("+") else one.name
    if _composed(plain) == _composed(name):
        return item
    plus = b"+" if plain != one.name else b""
    return item._replace(block=one.with_name(plus + escaped(name)).decode())


def named_like(item: LiveItem, original: LiveItem) -> LiveItem:
    """Return the item with the name of another one, byte for byte, and in its place."""
    name = _Item(original.block.encode()).raw_name
    return LiveItem(_Item(item.block.encode()).with_name(name).decode(), original.before)


# Keywords ---------------------------------------------------------------------------------------------------------


def tagged(
    xmp: FolderXmp, name: str, wanted: Sequence[str], ours: Collection[str] = ()
) -> tuple[FolderXmp, LiveTags]:
    """Return the tags in which the file has the wanted keywords instead of `ours`, and what that did.

    What the user has hidden is not added, and what says the same more exactly is enough.
    """
    known = name_in(xmp, name)
    if not known:
        if not wanted:
            return xmp, LiveTags()
        lead = _lead_of(next(iter(xmp.items.values()))) if xmp.items else b"\n" + _INDENT * 5
        new = _new_item(lead, name, wanted)
        return replace(xmp, items={**xmp.items, name: new}), LiveTags(tuple(wanted), (), "item")
    block, removed = _cut_keywords(xmp.items[known], [word for word in ours if word not in wanted])
    item = _Item(block)
    there, hidden = item.values("ablFR:keywords"), item.values("ablFR:hideKeywords")
    added = tuple(word for word in wanted if not _is_said(word, there) and not _is_hidden(word, hidden))
    made = "keywords" if added and item.array("ablFR:keywords") is None else ""
    block = item.with_keywords(added) if added else block
    return replace(xmp, items={**xmp.items, known: block}), LiveTags(added, removed, made)


def untagged(xmp: FolderXmp, name: str, tags: LiveTags) -> FolderXmp:
    """Return the tags without what `tagged` has added and still stands, and with what it has removed."""
    known = name_in(xmp, name)
    if not known:
        return xmp
    block, _ = _cut_keywords(xmp.items[known], tags.added)
    for at, raw in tags.removed:
        block = _Item(block).with_keyword_again(at, raw.encode())
    item = _Item(block)
    keywords = item.array("ablFR:keywords")
    if tags.made and not item.values("ablFR:keywords"):
        if tags.made == "item" and item.fields <= {"ablFR:filePath", "ablFR:keywords"}:
            return without_item(xmp, known)
        block = _cut(block, keywords) if keywords else block
    return replace(xmp, items={**xmp.items, known: block})


class _Item:
    """The bytes of one item, read again for a change of what is in it."""

    def __init__(self, block: bytes) -> None:
        before, behind = _NEW_FILE.format(tool=TOOL).encode().split(_PLACE)
        data = before + block + _PLACE + behind
        self._block, self._offset = block, len(before)
        self._item = _bag_of(_description(data).children[2]).children[0]

    @property
    def name(self) -> str:
        return _name_of(self._item).text

    @property
    def raw_name(self) -> bytes:
        path = _name_of(self._item)
        return self._block[path.body_start - self._offset : path.body_end - self._offset]

    @property
    def fields(self) -> set[str]:
        return {child.path.rsplit("/", 1)[1] for child in self._item.children}

    def array(self, name: str) -> Element | None:
        found = self._item.child(name)
        return _moved(found, -self._offset) if found else None

    def values(self, name: str) -> tuple[str, ...]:
        array = self.array(name)
        return tuple(value.text for value in _bag_of(array).children) if array else ()

    def with_name(self, raw: bytes) -> bytes:
        path = _name_of(self._item)
        at, end = path.body_start - self._offset, path.body_end - self._offset
        return self._block[:at] + raw + self._block[end:]

    def with_keywords(self, words: Sequence[str]) -> bytes:
        keywords, data = self.array("ablFR:keywords"), self._block
        if keywords is None:
            last = _moved(self._item.children[-1], -self._offset)
            return data[: last.end] + _new_keywords(_lead(data, last.start), words) + data[last.end :]
        bag = _bag_of(keywords)
        lead = _lead(data, bag.children[0].start) if bag.children else _lead(data, bag.start) + _INDENT
        return _insert_value(data, bag, b"".join(lead + _value(word) for word in words), len(bag.children))

    def with_keyword_again(self, at: int, raw: bytes) -> bytes:
        keywords = self.array("ablFR:keywords")
        if keywords is None:
            return self._block
        bag = _bag_of(keywords)
        if any(raw.strip() == self._block[value.start : value.end] for value in bag.children):
            return self._block
        return _insert_value(self._block, bag, raw, min(at, len(bag.children)))


def _moved(element: Element, by: int) -> Element:
    return replace(
        element,
        start=element.start + by,
        body_start=element.body_start + by,
        body_end=element.body_end + by,
        end=element.end + by,
        children=[_moved(child, by) for child in element.children],
    )


def _cut_keywords(block: bytes, words: Collection[str]) -> tuple[bytes, tuple[tuple[int, str], ...]]:
    """Return the item without these keywords, and where they stood, for putting them back one after the other."""
    removed: list[tuple[int, str]] = []
    for word in words:
        keywords = _Item(block).array("ablFR:keywords")
        bag = _bag_of(keywords) if keywords else None
        for at, value in enumerate(bag.children if bag else ()):
            if bag and value.text == word:
                removed.append((at, block[_lead_start(block, value.start) : value.end].decode()))
                block = _cut_value(block, bag, value)
                break
    return block, tuple(reversed(removed))


def _is_said(word: str, there: Collection[str]) -> bool:
    return any(one == word or one.startswith(f"{word}|") for one in there)


def _is_hidden(word: str, hidden: Collection[str]) -> bool:
    return any(word == one or word.startswith(f"{one}|") for one in hidden)


def _new_item(lead: bytes, name: str, words: Sequence[str]) -> bytes:
    inner = lead + _INDENT
    path = inner + b"<ablFR:filePath>" + escaped(name) + b"</ablFR:filePath>"
    start = lead + b'<rdf:li rdf:parseType="Resource">'
    return start + path + _new_keywords(inner, words) + lead + b"</rdf:li>"


def _new_keywords(lead: bytes, words: Sequence[str]) -> bytes:
    bag = lead + _INDENT
    values = b"".join(bag + _INDENT + _value(word) for word in words)
    inside = bag + b"<rdf:Bag>" + values + bag + b"</rdf:Bag>"
    return lead + b"<ablFR:keywords>" + inside + lead + b"</ablFR:keywords>"


def _value(word: str) -> bytes:
    return b"<rdf:li>" + escaped(word) + b"</rdf:li>"


# Files ------------------------------------------------------------------------------------------------------------


def new_file(*, folder_is_ours: bool) -> FolderXmp:
    """Return a file without items, as it is made where there is none."""
    return read(_NEW_FILE.format(tool=TOOL if folder_is_ours else TOOL_FILE_ONLY).encode())


def creator_if_bare(data: bytes) -> str:
    """Return the creator in a file that we have made and in which no item is left; an empty string for any other file."""
    made = (tool for tool in (TOOL, TOOL_FILE_ONLY) if data == _NEW_FILE.format(tool=tool).encode())
    return next(made, "")


# Bytes ------------------------------------------------------------------------------------------------------------


def escaped(text: str) -> bytes:
    """Return a text as it stands in such a file."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def _lead_start(data: bytes, start: int) -> int:
    while start and data[start - 1] in _BLANK:
        start -= 1
    return start


def _lead(data: bytes, start: int) -> bytes:
    """Return the white space in front of an element."""
    return data[_lead_start(data, start) : start]


def _lead_of(block: bytes) -> bytes:
    return block[: len(block) - len(block.lstrip(_BLANK))]


def _cut(data: bytes, element: Element) -> bytes:
    return data[: _lead_start(data, element.start)] + data[element.end :]


def _insert_value(data: bytes, bag: Element, block: bytes, at: int) -> bytes:
    if bag.is_self_closed:
        return data[: bag.end - 2] + b">" + block + _WAS_EMPTY + data[bag.end :]
    place = bag.children[at - 1].end if at else bag.body_start
    return data[:place] + block + data[place:]


def _cut_value(data: bytes, bag: Element, value: Element) -> bytes:
    begin = _lead_start(data, value.start)
    was_empty = data[bag.body_end : bag.end] == _WAS_EMPTY
    if was_empty and (begin, value.end) == (bag.body_start, bag.body_end):
        return data[: bag.body_start - 1] + b"/>" + data[bag.end :]
    return data[:begin] + data[value.end :]
