"""The table of document formats that may refer to sounds: file endings, display name, and reader."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from drumwatch.intake.projects.readers import binary, packed, sfz, text, xml
from drumwatch.intake.projects.readers.common import opaque, scanned, self_contained

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.intake.projects.readers.common import Reader

DocumentKind = Literal["song", "instrument", "program", "playlist"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `names` are in lower case."""

    names: tuple[str, ...]  # ".rpp" is an ending, "drumkit.xml" a whole name
    kind: DocumentKind
    display_name: str  # "a Reaper song"
    read: Reader
    parts: Callable[[Path], tuple[Path, ...]] | None = None  # returns the other files that are read with it


FORMATS: tuple[Format, ...] = (
    # Songs
    Format((".als", ".alc"), "song", "an Ableton Live project", packed.live),
    Format((".flp",), "song", "an FL Studio song", binary.fl_studio),
    Format((".rpp",), "song", "a Reaper song", text.reaper),
    Format((".cpr", ".npr"), "song", "a Cubase project", scanned(b"RIFF", holds=b"NUND")),
    Format((".ptx", ".ptf", ".pts"), "song", "a Pro Tools session", binary.pro_tools),
    Format((".song",), "song", "a Studio One song", packed.studio_one),
    Format((".bwproject",), "song", "a Bitwig Studio project", scanned(b"BtWg")),
    Format((".reason", ".rns", ".rsn"), "song", "a Reason song", opaque()),
    Format((".ardour",), "song", "an Ardour session", xml.ardour),
    Format((".aup3",), "song", "an Audacity project", self_contained(b"SQLite format 3\0")),
    Format((".mmp",), "song", "an LMMS song", packed.lmms),
    Format((".mmpz",), "song", "an LMMS song", packed.lmms_packed),
    Format((".xrns",), "song", "a Renoise song", self_contained(b"PK")),
    Format((".sunvox",), "song", "a SunVox song", self_contained(b"SVOX")),
    Format((".tracktionedit",), "song", "a Waveform edit", xml.waveform_edit),
    Format((".dawproject",), "song", "a DAWproject song", packed.dawproject),
    Format((".xpj", ".xty"), "song", "an MPC project", packed.mpc),
    Format((".mxprj", ".mprj"), "song", "a Maschine project", binary.maschine),
    Format(
        (".logic", "projectdata", "documentdata"),
        "song",
        "a Logic song",
        scanned(opaque_if_empty=True),
    ),
    Format((".h2song",), "song", "a Hydrogen song", xml.hydrogen_song),
    Format(("project.work", "project.strd"), "song", "an Octatrack project", text.octatrack),
    Format((".m8s",), "song", "an M8 song", scanned(b"M8VERSION")),
    Format((".dtprj", ".ardata", ".dnprj"), "song", "a Digitakt project", self_contained()),
    # Instruments
    Format((".adg", ".adv"), "instrument", "an Ableton Live instrument", packed.live),
    Format((".sfz",), "instrument", "an SFZ instrument", sfz.sfz, sfz.included),
    Format((".dspreset",), "instrument", "a DecentSampler instrument", xml.decent_sampler),
    Format((".dslibrary",), "instrument", "a DecentSampler instrument", self_contained(b"PK")),
    Format(("drumkit.xml",), "instrument", "a Hydrogen drum kit", xml.hydrogen_kit),
    Format((".h2drumkit",), "instrument", "a Hydrogen drum kit", self_contained()),
    Format((".xml",), "instrument", "a DrumGizmo kit", xml.drumgizmo),
    Format((".xml",), "instrument", "a Deluge kit", xml.any_xml),
    Format((".nki", ".nkm", ".nicnt"), "instrument", "a Kontakt instrument", binary.kontakt),
    Format((".nbkt", ".kit"), "instrument", "a Battery kit", opaque()),
    Format((".exs",), "instrument", "an EXS24 instrument", binary.exs24),
    Format((".txprog",), "instrument", "a TX16Wx instrument", xml.tx16wx),
    Format((".sf2",), "instrument", "a SoundFont", self_contained(b"sfbk", at=8)),
    Format((".gig",), "instrument", "a GigaSampler instrument", self_contained(b"DLS ", at=8)),
    Format((".xrni",), "instrument", "a Renoise instrument", self_contained(b"PK")),
    Format((".sunsynth",), "instrument", "a SunVox instrument", self_contained(b"SSYN")),
    Format((".multisample",), "instrument", "a Bitwig Studio multisample", self_contained(b"PK")),
    Format((".pti",), "instrument", "a Polyend instrument", self_contained(b"TI")),
    Format((".dwp",), "instrument", "a DirectWave instrument", scanned(opaque_if_empty=True)),
    Format((".xpm",), "instrument", "an MPC program", packed.mpc),
    Format((".pgm",), "instrument", "an MPC program", binary.mpc_1000),
    Format((".elmulti", ".eldrum"), "instrument", "a Tonverk instrument", text.plain_text),
    Format((".m8i",), "instrument", "an M8 instrument", scanned(b"M8VERSION")),
    Format((".mxgrp", ".mxsnd", ".mgrp", ".msnd"), "instrument", "a Maschine kit", binary.maschine),
    Format((".bwpreset", ".bwclip"), "instrument", "a Bitwig Studio instrument", scanned(b"BtWg")),
    Format(
        (".sxt", ".kong", ".drex"),
        "instrument",
        "a Reason instrument",
        scanned(b"FORM", opaque_if_empty=True),
    ),
    Format((".json",), "instrument", "a Strudel sample map", packed.strudel),
    Format((".labooh", "drumkit.txt"), "instrument", "a Drumlabooh kit", text.plain_text),
    # Patches
    Format((".pd",), "program", "a Pure Data patch", text.pure_data),
    Format((".maxpat",), "program", "a Max patch", text.max_patch),
    Format((".amxd",), "program", "a Max for Live device", text.max_patch),
    # Lists
    Format((".m3u", ".m3u8"), "playlist", "a playlist", text.playlist),
    Format((".cue",), "playlist", "a cue sheet", text.cue_sheet),
)


def _by_name() -> dict[str, tuple[Format, ...]]:
    rows: dict[str, tuple[Format, ...]] = {}
    for row in FORMATS:
        for name in row.names:
            rows[name] = (*rows.get(name, ()), row)
    return rows


_BY_NAME = _by_name()


def formats_for(name: str) -> tuple[Format, ...]:
    """Return the formats that a file of this name may have, the likeliest first."""
    lowered = name.casefold()
    return _BY_NAME.get(lowered, ()) + _BY_NAME.get(os.path.splitext(lowered)[1], ())
