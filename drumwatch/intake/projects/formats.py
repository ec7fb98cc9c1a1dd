"""The documents that may refer to sounds: their endings, what a person calls them, and who reads them. One table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from drumwatch.intake.projects import readers

if TYPE_CHECKING:
    from drumwatch.intake.projects.readers import Reader

DocumentKind = Literal["song", "instrument", "program", "playlist"]


@dataclass(frozen=True, slots=True)
class Format:
    """One row. Names and endings are in lower case."""

    names: tuple[str, ...]  # ".rpp" is an ending, "drumkit.xml" a whole name
    kind: DocumentKind
    called: str
    read: Reader


FORMATS: tuple[Format, ...] = (
    # Songs
    Format((".als", ".alc"), "song", "an Ableton Live project", readers.live),
    Format((".flp",), "song", "an FL Studio song", readers.fl_studio),
    Format((".rpp",), "song", "a Reaper song", readers.reaper),
    Format((".cpr", ".npr"), "song", "a Cubase project", readers.scanned(b"RIFF", holds=b"NUND")),
    Format((".ptx", ".ptf", ".pts"), "song", "a Pro Tools session", readers.pro_tools),
    Format((".song",), "song", "a Studio One song", readers.studio_one),
    Format((".bwproject",), "song", "a Bitwig Studio project", readers.scanned(b"BtWg")),
    Format((".reason", ".rns", ".rsn"), "song", "a Reason song", readers.opaque()),
    Format((".ardour",), "song", "an Ardour session", readers.ardour),
    Format((".aup3",), "song", "an Audacity project", readers.self_contained(b"SQLite format 3\0")),
    Format((".mmp",), "song", "an LMMS song", readers.lmms),
    Format((".mmpz",), "song", "an LMMS song", readers.lmms_packed),
    Format((".xrns",), "song", "a Renoise song", readers.self_contained(b"PK")),
    Format((".sunvox",), "song", "a SunVox song", readers.self_contained(b"SVOX")),
    Format((".tracktionedit",), "song", "a Waveform edit", readers.waveform_edit),
    Format((".dawproject",), "song", "a DAWproject song", readers.dawproject),
    Format((".xpj", ".xty"), "song", "an MPC project", readers.mpc),
    Format((".mxprj", ".mprj"), "song", "a Maschine project", readers.maschine),
    Format(
        (".logic", "projectdata", "documentdata"),
        "song",
        "a Logic song",
        readers.scanned(opaque_if_empty=True),
    ),
    Format((".h2song",), "song", "a Hydrogen song", readers.hydrogen_song),
    Format(("project.work", "project.strd"), "song", "an Octatrack project", readers.octatrack),
    Format((".m8s",), "song", "an M8 song", readers.scanned(b"M8VERSION")),
    Format((".dtprj", ".ardata", ".dnprj"), "song", "a Digitakt project", readers.self_contained()),
    # Instruments
    Format((".adg", ".adv"), "instrument", "an Ableton Live instrument", readers.live),
    Format((".sfz",), "instrument", "an SFZ instrument", readers.sfz),
    Format((".dspreset",), "instrument", "a DecentSampler instrument", readers.decent_sampler),
    Format((".dslibrary",), "instrument", "a DecentSampler instrument", readers.self_contained(b"PK")),
    Format(("drumkit.xml",), "instrument", "a Hydrogen drum kit", readers.hydrogen_kit),
    Format((".h2drumkit",), "instrument", "a Hydrogen drum kit", readers.self_contained()),
    Format((".xml",), "instrument", "a DrumGizmo kit", readers.drumgizmo),
    Format((".xml",), "instrument", "a Deluge kit", readers.any_xml),
    Format((".nki", ".nkm", ".nicnt"), "instrument", "a Kontakt instrument", readers.kontakt),
    Format((".nbkt", ".kit"), "instrument", "a Battery kit", readers.opaque()),
    Format((".exs",), "instrument", "an EXS24 instrument", readers.exs24),
    Format((".txprog",), "instrument", "a TX16Wx instrument", readers.tx16wx),
    Format((".sf2",), "instrument", "a SoundFont", readers.self_contained(b"sfbk", at=8)),
    Format((".gig",), "instrument", "a GigaSampler instrument", readers.self_contained(b"DLS ", at=8)),
    Format((".dwp",), "instrument", "a DirectWave instrument", readers.scanned(opaque_if_empty=True)),
    Format((".xpm",), "instrument", "an MPC program", readers.mpc),
    Format((".pgm",), "instrument", "an MPC program", readers.mpc_1000),
    Format((".elmulti", ".eldrum"), "instrument", "a Tonverk instrument", readers.plain_text),
    Format((".m8i",), "instrument", "an M8 instrument", readers.scanned(b"M8VERSION")),
    Format((".mxgrp", ".mxsnd", ".mgrp", ".msnd"), "instrument", "a Maschine kit", readers.maschine),
    Format((".bwpreset", ".bwclip"), "instrument", "a Bitwig Studio instrument", readers.scanned(b"BtWg")),
    Format(
        (".sxt", ".kong", ".drex"),
        "instrument",
        "a Reason instrument",
        readers.scanned(b"FORM", opaque_if_empty=True),
    ),
    Format((".json",), "instrument", "a Strudel sample map", readers.strudel),
    Format((".labooh", "drumkit.txt"), "instrument", "a Drumlabooh kit", readers.plain_text),
    # Patches
    Format((".pd",), "program", "a Pure Data patch", readers.pure_data),
    Format((".maxpat",), "program", "a Max patch", readers.max_patch),
    Format((".amxd",), "program", "a Max for Live device", readers.max_patch),
    # Lists
    Format((".m3u", ".m3u8"), "playlist", "a playlist", readers.playlist),
    Format((".cue",), "playlist", "a cue sheet", readers.cue_sheet),
)


def _by_name() -> dict[str, tuple[Format, ...]]:
    rows: dict[str, tuple[Format, ...]] = {}
    for row in FORMATS:
        for name in row.names:
            rows[name] = (*rows.get(name, ()), row)
    return rows


_BY_NAME = _by_name()


def formats_for(name: str) -> tuple[Format, ...]:
    """The formats that a file of this name may be in, by its name alone; the likeliest first."""
    lowered = name.casefold()
    return _BY_NAME.get(lowered, ()) + _BY_NAME.get(os.path.splitext(lowered)[1], ())
