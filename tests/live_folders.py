"""Folders as Ableton Live leaves them: a sample folder with the file in which Live keeps its tags and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from drumwatch.filing import ableton_xmp
from drumwatch.filing.folder_info import FILE, FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# As in a folder that Live 12.1 has written
REAL = """\
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
               {items}
            </rdf:Bag>
         </ablFR:items>
         <xmp:CreatorTool>Ableton Index 12.1</xmp:CreatorTool>
         <xmp:CreateDate>2024-10-10T20:42:58+01:00</xmp:CreateDate>
      </rdf:Description>
   </rdf:RDF>
</x:xmpmeta>
"""


def item(
    name: str, keywords: Sequence[str] = (), hidden: Sequence[str] = (), colors: Sequence[str] = ()
) -> str:
    """One item as Live writes it."""
    arrays = {"colors": colors, "keywords": keywords, "hideKeywords": hidden}
    inner = [f"<ablFR:filePath>{escape(name)}</ablFR:filePath>"]
    for array, words in arrays.items():
        if words:
            values = "\n                     ".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in words)
            inner.append(f"<ablFR:{array}><rdf:Bag>\n                     {values}</rdf:Bag></ablFR:{array}>")
    body = "\n                  ".join(inner)
    return f'<rdf:li rdf:parseType="Resource">\n                  {body}\n               </rdf:li>'


def live_file(*items: str) -> bytes:
    """The file of a folder with these items."""
    return REAL.format(items="\n               ".join(items)).encode()


def put_live_file(folder: Path, *items: str) -> Path:
    """Write the file beside the samples of a folder; return its path."""
    path = folder / FOLDER / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(live_file(*items))
    return path


def live_path(folder: Path) -> Path:
    """The path of Live's file about a folder."""
    return folder / FOLDER / FILE


def keywords(folder: Path, name: str) -> tuple[str, ...]:
    """The keywords that Live shows for a file."""
    path = live_path(folder)
    return ableton_xmp.keywords_of(ableton_xmp.read(path.read_bytes()), name) if path.exists() else ()
