"""Small folder trees of the real shape: somebody's work of each kind (TREES), and what only looks like it (PLAIN).

A builder writes its tree below a folder and returns the tree's root. Each tree holds at least two sounds of its own.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

from sounds import decaying_sine, noise_burst, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Builder = Callable[[Path], Path]

TREES: dict[str, Builder] = {}
EXPECTED: dict[str, tuple[str, str]] = {}  # of each tree: its kind, and its name for people
PLAIN: dict[str, Builder] = {}  # trees that are nobody's project

FRACTION_PER_SOUND = 0.003  # no two sounds of a tree are alike


def tree(kind: str, called: str) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        TREES[builder.__name__] = builder
        EXPECTED[builder.__name__] = (kind, called)
        return builder

    return register


def plain(builder: Builder) -> Builder:
    PLAIN[builder.__name__] = builder
    return builder


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sounds(folder: Path, *names: str) -> list[Path]:
    """Kicks and hats of these names, each another one."""
    made = []
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = 0.25 + FRACTION_PER_SOUND * (number + len(name))
        y = noise_burst(seconds, seed=number) if number % 2 else decaying_sine(50 + number, seconds)
        made.append(write(path, y))
    return made


def zipped(entries: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(
                zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED
            )  # without the time: the same bytes always
    return made.getvalue()


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


# --- songs ---------------------------------------------------------------------------------------------------------


def live_set(*paths: str) -> bytes:
    """A set of Live 11 that refers to these samples, from the project's root."""
    refs = "".join(
        f'<SampleRef><FileRef><RelativePathType Value="3" /><RelativePath Value="{path}" />'
        f'<Path Value="C:/Users/me/{path}" /></FileRef></SampleRef>'
        for path in paths
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Ableton Creator="Ableton Live 11.1"><LiveSet>{refs}</LiveSet></Ableton>\n'
    return gzip.compress(text.encode())


def old_live_set(*paths: str) -> bytes:
    """The same as Live 8 to 10 wrote it."""
    refs = []
    for path in paths:
        *folders, name = path.split("/")
        steps = "".join(f'<RelativePathElement Id="{n}" Dir="{step}" />' for n, step in enumerate(folders))
        refs.append(
            f'<SampleRef><FileRef><HasRelativePath Value="true" /><RelativePathType Value="3" />'
            f'<RelativePath>{steps}</RelativePath><Name Value="{name}" /><Type Value="2" />'
            f"<Data>\n430041005A\n</Data></FileRef></SampleRef>"
        )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Ableton Creator="Ableton Live 9.7"><LiveSet>{"".join(refs)}</LiveSet></Ableton>\n'
    return gzip.compress(text.encode())


@tree("song", "an Ableton Live project")
def ableton(folder: Path) -> Path:
    root = folder / "Night Drive Project"
    sounds(root / "Samples/Imported", "kick.wav", "hat.wav")
    put(root / "Ableton Project Info/Project8_1.cfg", b"\x00cfg")
    put(root / "Samples/Imported/kick.wav.asd", b"\x01asd")
    put(root / "Night Drive.als", live_set("Samples/Imported/kick.wav", "Samples/Imported/hat.wav"))
    put(root / "Backup/Night Drive [2026-01-02 101112].als", live_set("Samples/Imported/kick.wav"))
    return root


@tree("song", "an Ableton Live project")
def ableton_without_marker(folder: Path) -> Path:
    root = folder / "Old Set"
    sounds(root / "Samples/Recorded", "take 1.wav", "take 2.wav")
    put(root / "Old Set.als", old_live_set("Samples/Recorded/take 1.wav", "Samples/Recorded/take 2.wav"))
    return root


@tree("instrument", "an Ableton Live instrument")
def ableton_rack(folder: Path) -> Path:
    root = folder / "Rack"
    sounds(root / "Samples", "kick.wav", "hat.wav")
    put(root / "Rack.adg", live_set("Samples/kick.wav", "Samples/hat.wav"))
    put(root / "Kick.adv", live_set("Samples/kick.wav"))
    return root


def flp(*paths: str) -> bytes:
    events = b"\xc7" + bytes([8]) + b"20.8.3.\0"
    for path in paths:
        text = utf16(path + "\0")
        size = len(text)
        length = bytes([size & 0x7F | 0x80, size >> 7]) if size > 0x7F else bytes([size])
        events += b"\x40\x01\x00" + b"\x15\x01" + b"\xc4" + length + text
    return b"FLhd" + struct.pack("<IHHH", 6, 0, 2, 96) + b"FLdt" + struct.pack("<I", len(events)) + events


@tree("song", "an FL Studio song")
def fl_studio(folder: Path) -> Path:
    root = folder / "Beat 7"
    sounds(root, "kick.wav", "hat.wav")
    put(root / "Beat 7.flp", flp("C:\\Users\\me\\Beat 7\\kick.wav", "%FLStudioUserData%\\Beat 7\\hat.wav"))
    return root


def rpp(*paths: str, record_path: str = "Media") -> str:
    items = "".join(f'<ITEM\n  <SOURCE WAVE\n    FILE "{path}"\n  >\n>\n' for path in paths)
    return f'<REAPER_PROJECT 0.1 "7.0/linux" 1700000000\n  RECORD_PATH "{record_path}" ""\n{items}>\n'


@tree("song", "a Reaper song")
def reaper(folder: Path) -> Path:
    root = folder / "My Song"
    sounds(root / "Media", "00-take.wav", "01-take.wav", "02-take.wav")
    put(root / "My Song.rpp", rpp("Media\\00-take.wav", "Media\\01-take.wav", "Media\\02-take.wav"))
    put(root / "My Song.rpp-bak", rpp("Media\\00-take.wav"))
    put(root / "Media/00-take.wav.reapeaks", b"RPKN\x02\x06")
    return root


@tree("song", "a Reaper song")
def reaper_beside_its_sounds(folder: Path) -> Path:
    root = folder / "Sketch"
    sounds(root, "a.wav", "b.wav")
    put(root / "Sketch.RPP", rpp("a.wav", "b.wav", record_path=""))
    return root


LOGIC = b"\x23\x47\xc0\xab" + bytes(64)


@tree("song", "a Logic Pro song")
def logic_bundle(folder: Path) -> Path:
    root = folder / "Ballad.logicx"
    sounds(root / "Media/Audio Files", "vocal.wav", "kick.wav")
    put(root / "Alternatives/000/ProjectData", LOGIC)
    put(root / "Resources/ProjectInformation.plist", "<plist/>")
    return root


@tree("song", "a Logic Pro song")
def logic_folder(folder: Path) -> Path:
    root = folder / "Ballad"
    sounds(root / "Audio Files", "vocal.wav", "kick.wav")
    put(root / "Ballad.logicx/Alternatives/000/ProjectData", LOGIC)
    return root


@tree("song", "a Logic song")
def old_logic(folder: Path) -> Path:
    root = folder / "Demo 2009.logic"
    sounds(root / "Audio Files", "bass.aiff", "kick.aiff")
    put(root / "LgDoc/000/documentData", LOGIC)
    return root


@tree("song", "a GarageBand song")
def garageband(folder: Path) -> Path:
    root = folder / "Idea.band"
    sounds(root / "Media/Audio Files", "guitar.wav", "beat.wav")
    put(root / "Alternatives/000/ProjectData", LOGIC)
    return root


@tree("song", "a Cubase project")
def cubase(folder: Path) -> Path:
    root = folder / "Cubase Song"
    sounds(root / "Audio", "drums_01.wav", "drums_02.wav")
    names = b"FNPath" + b"\0\0\0\x0d" + b"drums_01.wav\0" + b"\0\0\0\x0d" + b"drums_02.wav\0"
    put(root / "Cubase Song.cpr", b"RIFF" + struct.pack(">I", 4 + len(names)) + b"NUNDROOT" + names)
    put(root / "Images/drums_01.wav.peak", b"peak")
    return root


def pro_tools_session(*names: str) -> bytes:
    key, kind = 0x35, 1
    plain_text = (
        b"".join(struct.pack("<I", len(name)) + name.encode() + b"EVAW" for name in names) + b"Audio Files"
    )
    delta = next(d for d in range(256) if d * 53 & 0xFF == key)
    head = b"\x03" + b"0010111100101011" + b"\0" + bytes([kind, key])
    body = bytes(byte ^ ((place & 0xFF) * delta & 0xFF) for place, byte in enumerate(plain_text, len(head)))
    return head + body


@tree("song", "a Pro Tools session")
def pro_tools(folder: Path) -> Path:
    root = folder / "Session"
    sounds(root / "Audio Files", "Kick_01.wav", "OH_01.wav")
    put(root / "Session.ptx", pro_tools_session("Kick_01.wav", "OH_01.wav"))
    return root


@tree("song", "a Pro Tools session")
def pro_tools_beside_its_sounds(folder: Path) -> Path:
    root = folder / "Moved Session"
    sounds(root, "Kick_01.wav", "OH_01.wav")
    put(root / "Moved Session.ptf", pro_tools_session("Kick_01.wav", "OH_01.wav"))
    return root


def studio_one_song(*names: str) -> bytes:
    clips = "".join(
        f'<AudioClip mediaID="{{1}}"><Url x:id="path" type="1" url="file:///C:/x/Media/{name}"/></AudioClip>'
        for name in names
    )
    return zipped(
        {
            "Song/song.xml": "<Song/>",
            "Song/mediapool.xml": f"<MediaPool>{clips}</MediaPool>",
            "metainfo.xml": "<MetaInformation/>",
        }
    )


@tree("song", "a Studio One song")
def studio_one(folder: Path) -> Path:
    root = folder / "Studio Song"
    sounds(root / "Media", "lead vox.wav", "kick.wav")
    put(root / "Studio Song.song", studio_one_song("lead%20vox.wav", "kick.wav"))
    put(root / "History/Studio Song (before).song", studio_one_song("kick.wav"))
    return root


@tree("song", "a Bitwig Studio project")
def bitwig(folder: Path) -> Path:
    root = folder / "Bitwig Thing"
    sounds(root / "samples", "kick.wav", "hat.wav")
    strings = struct.pack(">I", 16) + b"samples/kick.wav" + struct.pack(">I", 15) + b"samples/hat.wav"
    put(root / "Bitwig Thing.bwproject", b"BtWg00030001000016a4" + b"\0" * 20 + strings)
    put(root / "plugin-states/1.vstpreset", b"VST3")
    return root


@tree("song", "a Reason song")
def reason(folder: Path) -> Path:
    root = folder / "Reason Song"
    sounds(root, "loop.wav", "shot.wav")
    put(root / "Reason Song.reason", b"FORM" + struct.pack(">I", 64) + b"REAS" + bytes(60))
    return root


@tree("song", "an Ardour session")
def ardour(folder: Path) -> Path:
    root = folder / "Take Five"
    sounds(root / "interchange/Take Five/audiofiles", "Audio 1-1.wav", "Audio 2-1.wav")
    put(
        root / "Take Five.ardour",
        '<?xml version="1.0" encoding="UTF-8"?>\n<Session version="7003" name="Take Five"><Sources>'
        '<Source name="Audio 1-1.wav" type="audio" origin=""/></Sources></Session>\n',
    )
    put(root / "instant.xml", "<instant/>")
    return root


@tree("song", "an Audacity project")
def audacity(folder: Path) -> Path:
    root = folder / "Podcast"
    sounds(root / "Podcast_data/e00/d00", "e0000001.wav", "e0000002.wav")
    put(
        root / "Podcast.aup",
        '<?xml version="1.0" standalone="no" ?>\n<project xmlns="http://audacity.sourceforge.net/xml/" projname="Podcast_data"/>\n',
    )
    return root


@tree("song", "an Audacity project")
def audacity_3(folder: Path) -> Path:
    root = folder / "Interview"
    sounds(root, "mix.wav", "part.wav")
    put(root / "Interview.aup3", b"SQLite format 3\0" + bytes(84))
    return root


def lmms_song(*names: str) -> bytes:
    clips = "".join(f'<audiofileprocessor src="{name}" reversed="0"/>' for name in names)
    return f'<?xml version="1.0"?>\n<!DOCTYPE lmms-project>\n<lmms-project version="1.0" type="song">{clips}</lmms-project>\n'.encode()


@tree("song", "an LMMS song")
def lmms(folder: Path) -> Path:
    root = folder / "Lmms Song"
    sounds(root / "drums", "k.ogg", "h.ogg")
    put(
        root / "Lmms Song.mmp",
        lmms_song("usersample:drums/k.ogg", "local:drums/h.ogg", "factorysample:x/y.ogg"),
    )
    return root


@tree("song", "an LMMS song")
def lmms_packed(folder: Path) -> Path:
    root = folder / "Lmms Song 2"
    sounds(root / "drums", "k.ogg", "h.ogg")
    text = lmms_song("drums/k.ogg", "drums/h.ogg")
    put(root / "Lmms Song 2.mmpz", struct.pack(">I", len(text)) + zlib.compress(text))
    return root


@tree("song", "a Renoise song")
def renoise(folder: Path) -> Path:
    root = folder / "Tracker"
    sounds(root, "render.wav", "break.wav")
    put(root / "Tracker.xrns", zipped({"Song.xml": "<RenoiseSong/>", "SampleData/a.flac": b"fLaC"}))
    return root


@tree("song", "a SunVox song")
def sunvox(folder: Path) -> Path:
    root = folder / "Sun"
    sounds(root, "out.wav", "take.wav")
    put(root / "Sun.sunvox", b"SVOX\0\0\0\0" + bytes(32))
    return root


@tree("song", "a Waveform edit")
def tracktion(folder: Path) -> Path:
    root = folder / "Waveform"
    sounds(root / "Recorded", "a.wav", "b.wav")
    put(
        root / "Edit 1.tracktionedit",
        '<?xml version="1.0"?>\n<EDIT appVersion="12"><AUDIOCLIP source="Recorded/a.wav"/></EDIT>\n',
    )
    put(root / "Waveform.tracktion", b"TP01" + bytes(12))
    return root


@tree("song", "a Waveform edit")
def tracktion_without_index(folder: Path) -> Path:
    root = folder / "Lone Edit"
    sounds(root / "Recorded", "a.wav", "b.wav")
    put(
        root / "Edit 1.tracktionedit",
        '<?xml version="1.0"?>\n<EDIT><AUDIOCLIP source="Recorded/a.wav"/><AUDIOCLIP source="Recorded/b.wav"/></EDIT>\n',
    )
    return root


@tree("song", "a DAWproject song")
def dawproject(folder: Path) -> Path:
    root = folder / "Exchange"
    sounds(root, "a.wav", "b.wav")
    xml = '<Project version="1.0"><File external="true" path="a.wav"/><File external="true" path="b.wav"/></Project>'
    put(root / "Exchange.dawproject", zipped({"project.xml": xml, "metadata.xml": "<MetaData/>"}))
    return root


def acvs(kind: str, data: dict) -> bytes:
    text = f"ACVS\n3.4.0\nSerialisable{kind}Data\njson\nLinux\n" + json.dumps({"data": data})
    return gzip.compress(text.encode())


@tree("song", "an MPC project")
def mpc_project(folder: Path) -> Path:
    root = folder / "MPC Beat"
    sounds(root / "Beat_[ProjectData]", "Kick.wav", "Hat.wav")
    put(root / "Beat.xpj", acvs("Project", {"samples": [{"name": "Kick"}, {"name": "Hat"}]}))
    return root


@tree("song", "an MPC project")
def mpc_track(folder: Path) -> Path:
    root = folder / "MPC Track"
    sounds(root / "Beat_[TrackData]", "Kick.wav", "Hat.wav")
    put(root / "Beat.xty", acvs("Track", {"samples": [{"name": "Kick"}, {"name": "Hat"}]}))
    return root


@tree("song", "a Maschine project")
def maschine(folder: Path) -> Path:
    root = folder / "Maschine"
    sounds(root / "Samples", "a.wav", "b.wav")
    put(root / "Song.mxprj", struct.pack("<QI", 200, 1) + b"hsin" + bytes(100))
    return root


@tree("instrument", "a Maschine kit")
def maschine_1(folder: Path) -> Path:
    root = folder / "Maschine Kit"
    sounds(root / "Pad Samples", "x 1.wav", "x 2.wav")
    put(
        root / "Kit.mgrp",
        b"-in-" + bytes(12) + utf16("Pad%20Samples/x%201.wav\0") + utf16("Pad%20Samples/x%202.wav\0"),
    )
    return root


# --- instruments, hardware, patches --------------------------------------------------------------------------------


@tree("instrument", "an SFZ instrument")
def sfz(folder: Path) -> Path:
    root = folder / "Oak Kit"
    names = [f"kick_v{n}.wav" for n in range(4)]
    sounds(root / "Samples", *names)
    regions = "".join(f"<region> sample={name} key=36 lovel={n}\n" for n, name in enumerate(names))
    put(root / "Oak Kit.sfz", f"<control>\ndefault_path=Samples/\n<group>\n{regions}")
    return root


@tree("instrument", "an SFZ instrument")
def sfz_with_includes(folder: Path) -> Path:
    root = folder / "Big Kit"
    sounds(root / "Samples/hh", "hh close 1.flac", "hh close 2.flac")
    put(
        root / "Programs/main.sfz",
        '// a comment sample=no.wav\n#define $ART close\n#include "mappings/hh.sfz"\n',
    )
    put(
        root / "Programs/mappings/hh.sfz",
        "<region>sample=..\\Samples\\hh\\HH $ART 1.wav key=42\n<region>sample=..\\Samples\\hh\\HH $ART 2.wav key=44\n",
    )
    return root


@tree("instrument", "a DecentSampler instrument")
def decent_sampler(folder: Path) -> Path:
    root = folder / "Felt"
    sounds(root / "Samples", "c3.wav", "d3.wav")
    put(
        root / "Felt.dspreset",
        '<?xml version="1.0"?>\n<DecentSampler><groups><group>'
        '<sample path="Samples/c3.wav"/><sample rootNote="2" path="Samples/d3.wav"/></group></groups></DecentSampler>\n',
    )
    return root


@tree("instrument", "a DecentSampler instrument")
def decent_bundle(folder: Path) -> Path:
    root = folder / "Glass.dsbundle"
    sounds(root / "Samples", "c3.wav", "d3.wav")
    put(root / "Glass.dspreset", '<DecentSampler><sample path="Samples/c3.wav"/></DecentSampler>\n')
    return root


@tree("instrument", "a DecentSampler instrument")
def decent_library(folder: Path) -> Path:
    root = folder / "Library"
    sounds(root, "preview.wav", "extra.wav")
    put(root / "Library.dslibrary", zipped({"a.dspreset": "<DecentSampler/>", "Samples/a.wav": b"RIFF"}))
    return root


@tree("instrument", "a Hydrogen drum kit")
def hydrogen(folder: Path) -> Path:
    root = folder / "GMKit"
    sounds(root, "Kick.wav", "Hat.wav")
    layers = "".join(f"<layer><filename>{name}</filename></layer>" for name in ("Kick.wav", "Hat.wav"))
    put(
        root / "drumkit.xml",
        f'<?xml version="1.0"?>\n<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit"><name>GM</name>{layers}</drumkit_info>\n',
    )
    return root


@tree("instrument", "a Hydrogen drum kit")
def hydrogen_packed(folder: Path) -> Path:
    root = folder / "Packed Kit"
    sounds(root, "preview.wav", "extra.wav")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        info = tarfile.TarInfo("Kit/drumkit.xml")
        info.size = 15
        tar.addfile(info, io.BytesIO(b"<drumkit_info/>"))
    put(root / "Kit.h2drumkit", made.getvalue())
    return root


@tree("song", "a Hydrogen song")
def hydrogen_song(folder: Path) -> Path:
    root = folder / "Hydrogen Song"
    sounds(root / "samples", "a.wav", "b.wav")
    put(
        root / "beat.h2song",
        '<?xml version="1.0"?>\n<song><instrument><layer><filename>samples/a.wav</filename></layer>'
        "<layer><filename>samples/b.wav</filename></layer></instrument></song>\n",
    )
    return root


@tree("instrument", "a DrumGizmo kit")
def drumgizmo(folder: Path) -> Path:
    root = folder / "Muldjord"
    sounds(root / "Kick/samples", "1-Kick.wav", "2-Kick.wav")
    put(
        root / "kit.xml",
        '<?xml version="1.0"?>\n<drumkit name="M"><instruments><instrument name="Kick" file="Kick/Kick.xml"/></instruments></drumkit>\n',
    )
    put(
        root / "Kick/Kick.xml",
        '<?xml version="1.0"?>\n<instrument version="2.0" name="Kick"><samples><sample><audiofile channel="L" file="samples/1-Kick.wav"/>'
        '<audiofile file="samples/2-Kick.wav"/></sample></samples></instrument>\n',
    )
    return root


@tree("instrument", "a Kontakt instrument")
def kontakt(folder: Path) -> Path:
    root = folder / "Kontakt Piano"
    sounds(root / "Samples", "c3.wav", "d3.wav")
    put(root / "Instruments/Piano.nki", struct.pack("<QI", 300, 1) + b"hsin" + bytes(120))
    return root


@tree("instrument", "a Kontakt instrument")
def kontakt_1(folder: Path) -> Path:
    root = folder / "Old Piano"
    sounds(root, "c3.wav", "d3.wav")
    xml = b'<K2_Container><V name="sampleFile" value="c3.wav"/><V name="sampleFile" value="d3.wav"/></K2_Container>'
    put(root / "Old Piano.nki", (b"\xb3\x6e\xe5\x5e" + bytes(32)) + zlib.compress(xml))
    return root


@tree("instrument", "a Battery kit")
def battery(folder: Path) -> Path:
    root = folder / "Battery"
    sounds(root / "Battery Kit Samples", "kick.wav", "hat.wav")
    put(root / "Battery Kit.nbkt", struct.pack("<QI", 300, 1) + b"hsin" + bytes(120))
    return root


@tree("instrument", "an EXS24 instrument")
def exs24(folder: Path) -> Path:
    root = folder / "Exs Strings"
    sounds(root / "audio", "a3.aiff", "c4.aiff")
    blocks = b"".join(
        b"/Volumes/Old/Samples".ljust(256, b"\0") + name.ljust(256, b"\0")
        for name in (b"a3.aiff", b"c4.aiff")
    )
    put(root / "Strings.exs", b"\x01\x01\0\0" + bytes(12) + b"SOBT" + bytes(64) + blocks)
    return root


@tree("instrument", "a TX16Wx instrument")
def tx16wx(folder: Path) -> Path:
    root = folder / "Tx"
    sounds(root / "waves", "one two.wav", "b.wav")
    put(
        root / "Tx.txprog",
        '<?xml version="1.0"?>\n<tx:program xmlns:tx="http://www.tx16wx.com/3.0/program" tx:name="x">'
        '<tx:wave tx:path="file:///C:/lib/waves/one%20two.wav"/><tx:wave tx:path="waves/b.wav"/></tx:program>\n',
    )
    return root


@tree("instrument", "a SoundFont")
def soundfont(folder: Path) -> Path:
    root = folder / "Font"
    sounds(root, "c3.wav", "d3.wav")
    put(root / "Font.sf2", b"RIFF" + struct.pack("<I", 40) + b"sfbkLIST" + bytes(32))
    return root


@tree("instrument", "a GigaSampler instrument")
def gigasampler(folder: Path) -> Path:
    root = folder / "Giga"
    sounds(root, "c3.wav", "d3.wav")
    put(root / "Giga.gig", b"RIFF" + struct.pack("<I", 40) + b"DLS LIST" + bytes(32))
    return root


@tree("instrument", "a DirectWave instrument")
def directwave(folder: Path) -> Path:
    root = folder / "Direct"
    sounds(root / "Organ", "c3.wav", "d3.wav")
    put(root / "Organ.dwp", b"DwPr" + bytes(60))
    return root


@tree("instrument", "an MPC program")
def mpc_program(folder: Path) -> Path:
    root = folder / "MPC Kit"
    sounds(root, "Kick.WAV", "Hat.WAV")
    layers = "".join(f"<Layer><SampleName>{stem}</SampleName></Layer>" for stem in ("KICK", "Hat"))
    put(
        root / "Kit.xpm",
        f'<?xml version="1.0"?>\n<MPCVObject><Program type="Drum">{layers}</Program></MPCVObject>\n',
    )
    return root


@tree("instrument", "an MPC program")
def mpc_program_3(folder: Path) -> Path:
    root = folder / "MPC 3 Kit"
    sounds(root / "Kit_data", "Kick.wav", "Hat.wav")
    put(root / "Kit.xpm", acvs("Program", {"samples": [{"name": "Kick"}, {"name": "Hat"}]}))
    return root


@tree("instrument", "an MPC program")
def mpc_program_of_the_mpc_1000(folder: Path) -> Path:
    root = folder / "MPC 1000 Kit"
    sounds(root, "Kick.wav", "Hat.wav")
    put(root / "Kit.pgm", b"\x04\x2a\0\0MPC1000 PGM 1.00\0\0\0\0" + b"Kick".ljust(16, b"\0") + bytes(40))
    return root


@tree("instrument", "an MPC expansion")
def mpc_expansion(folder: Path) -> Path:
    root = folder / "Expansion"
    sounds(root, "Exp-Kick.wav", "Exp-Hat.wav")
    sounds(root / "[Previews]", "Kit.xpm.mp3")
    put(
        root / "Expansion.xml",
        '<?xml version="1.0"?>\n<expansion version="2.0"><title>x</title></expansion>\n',
    )
    put(root / "Kit.xpm", "<MPCVObject><SampleName>Exp-Kick</SampleName></MPCVObject>\n")
    return root


OCTATRACK = "[META]\r\nTYPE=OCTATRACK DPS-1 PROJECT\r\n[/META]\r\n[SAMPLE]\r\nTYPE=FLEX\r\nSLOT=001\r\nPATH={}\r\n[/SAMPLE]\r\n"


@tree("song", "an Octatrack project")
def octatrack(folder: Path) -> Path:
    root = folder / "LIVESET"
    sounds(root, "kick.wav", "hat.wav")
    put(root / "project.work", OCTATRACK.format("kick.wav"))
    put(root / "bank01.work", b"FORM\0\0\0\0DPS1BANK")
    put(root / "kick.ot", b"FORM\0\0\0\0DPS1SMPA")
    return root


@tree("song", "an Octatrack set")
def octatrack_set(folder: Path) -> Path:
    root = folder / "MYSET"
    sounds(root / "AUDIO/drums", "kick.wav", "hat.wav")
    put(root / "PROJ01/project.work", OCTATRACK.format("../AUDIO/drums/kick.wav"))
    put(root / "PROJ01/bank01.work", b"FORM\0\0\0\0DPS1BANK")
    return root


@tree("instrument", "a Tonverk instrument")
def tonverk(folder: Path) -> Path:
    root = folder / "Tonverk"
    sounds(root, "c3.wav", "d3.wav")
    put(
        root / "Keys.elmulti",
        "# ELEKTRON MULTI-SAMPLE MAPPING FORMAT\nversion = 0\n[[key-zones]]\n[[key-zones.velocity-layers.sample-slots]]\n"
        "sample = 'c3.wav'\n[[key-zones.velocity-layers.sample-slots]]\nsample = 'd3.wav'\n",
    )
    return root


@tree("song", "a Digitakt project")
def digitakt(folder: Path) -> Path:
    root = folder / "Digitakt"
    sounds(root, "c3.wav", "d3.wav")
    put(root / "Live.dtprj", b"PK\3\4" + bytes(60))
    return root


@tree("song", "a Polyend Tracker project")
def polyend(folder: Path) -> Path:
    root = folder / "Polyend"
    sounds(root / "samples", "c3.wav", "d3.wav")
    put(root / "project.mt", b"MT" + bytes(60))
    put(root / "patterns/pattern_01.mtp", b"KS" + bytes(60))
    put(root / "instruments/01.pti", b"TI" + bytes(60))
    return root


@tree("song", "an M8 card")
def m8(folder: Path) -> Path:
    root = folder / "M8"
    sounds(root / "Samples/Drums", "k.wav", "h.wav")
    put(root / "Songs/ONE.m8s", b"M8VERSION\0" + bytes(10) + b"/Samples/Drums/k.wav\0".ljust(128, b"\0"))
    return root


@tree("instrument", "an M8 instrument")
def m8_instrument(folder: Path) -> Path:
    root = folder / "M8 kit"
    sounds(root / "Drums", "k.wav", "h.wav")
    for name in ("k", "h"):
        put(
            root / f"{name}.m8i",
            b"M8VERSION\0" + bytes(10) + f"/Samples/Drums/{name}.wav\0".encode().ljust(128, b"\0"),
        )
    return root


@tree("song", "an SP-404 project")
def sp404(folder: Path) -> Path:
    root = folder / "PROJECT_01"
    sounds(root / "BOUNCE", "c3.wav", "d3.wav")
    put(root / "PADCONF.BIN", b"RFPD" + bytes(60))
    put(root / "SMPL/A0000001.SMP", b"RFWV" + bytes(60))
    return root


@tree("song", "a Deluge card")
def deluge(folder: Path) -> Path:
    root = folder / "Deluge"
    sounds(root / "SAMPLES/DRUMS", "k.wav", "h.wav")
    put(
        root / "KITS/KIT000.XML",
        '<?xml version="1.0" encoding="UTF-8"?>\n<kit firmwareVersion="4.1"><soundSources><sound><osc1>'
        "<fileName>SAMPLES/DRUMS/k.wav</fileName></osc1></sound></soundSources></kit>\n",
    )
    return root


@tree("instrument", "a Deluge kit")
def deluge_kit(folder: Path) -> Path:
    root = folder / "Deluge Kit"
    sounds(root / "DRUMS", "k.wav", "h.wav")
    put(
        root / "KIT001.XML",
        '<?xml version="1.0"?>\n<kit><sound><osc1 fileName="SAMPLES/DRUMS/k.wav"/><osc2 fileName="SAMPLES/DRUMS/h.wav"/></sound></kit>\n',
    )
    return root


@tree("instrument", "a 1010music preset")
def blackbox(folder: Path) -> Path:
    root = folder / "Presets/Kit 1"
    sounds(root, "k.wav", "h.wav")
    put(
        root / "preset.xml",
        '<?xml version="1.0"?>\n<document><session version="2"><cell row="0" type="sample" filename=".\\k.wav"/></session></document>\n',
    )
    return root


@tree("instrument", "a Strudel sample map")
def strudel(folder: Path) -> Path:
    root = folder / "strudel-samples"
    sounds(root / "bd", "a.wav", "b.wav")
    put(
        root / "strudel.json",
        json.dumps({"_base": "https://example.org/main/", "bd": ["bd/a.wav", "bd/b.wav"]}),
    )
    return root


@tree("instrument", "a SuperCollider quark")
def quark(folder: Path) -> Path:
    root = folder / "Dirt-Samples"
    sounds(root / "bd", "a.wav", "b.wav")
    put(root / "Dirt-Samples.quark", '(name: "Dirt-Samples", version: "1.0")\n')
    return root


@tree("program", "a Pure Data patch")
def pure_data(folder: Path) -> Path:
    root = folder / "Pd"
    sounds(root / "samples", "k 1.wav", "h.wav")
    put(
        root / "main.pd",
        "#N canvas 0 0 450 300 12;\n#X msg 20 20 read -resize samples/k\\ 1.wav array1;\n#X msg 20 40 read samples/h.wav array2;\n",
    )
    return root


@tree("program", "a Max patch")
def max_patch(folder: Path) -> Path:
    root = folder / "Max"
    sounds(root, "k.wav", "h h.wav")
    boxes = [{"box": {"text": "buffer~ kick k.wav"}}, {"box": {"filename": "h h.wav"}}]
    put(root / "main.maxpat", json.dumps({"patcher": {"boxes": boxes}}, indent=1))
    return root


@tree("program", "a Max for Live device")
def max_for_live(folder: Path) -> Path:
    root = folder / "M4L"
    sounds(root, "k.wav", "h.wav")
    text = json.dumps(
        {"patcher": {"boxes": [{"box": {"text": "buffer~ a k.wav"}}, {"box": {"text": "buffer~ b h.wav"}}]}}
    )
    put(root / "Device.amxd", b"ampf\x04\0\0\0aaaaptch" + struct.pack("<I", len(text)) + text.encode())
    return root


@tree("program", "a Max project")
def max_project(folder: Path) -> Path:
    root = folder / "Max Project"
    sounds(root / "media", "k.wav", "h.wav")
    put(root / "Thing.maxproj", '{"name": "Thing", "version": 1}')
    return root


@tree("instrument", "a Drumlabooh kit")
def drumlabooh(folder: Path) -> Path:
    root = folder / "Labooh"
    sounds(root, "k.wav", "h.wav")
    put(root / "drumkit.txt", "#kit\nkick=k.wav\nhat=h.wav\n")
    return root


def holds_its_sounds(name: str, content: bytes, called: str) -> None:
    """An instrument that holds its sounds itself, with the two that it was made of."""

    def builder(folder: Path) -> Path:
        root = folder / "Instrument"
        sounds(root, "c3.wav", "d3.wav")
        put(root / name, content)
        return root

    builder.__name__ = "instrument_" + name.rpartition(".")[2]
    tree("instrument", called)(builder)


holds_its_sounds("a.xrni", zipped({"Instrument.xml": "<RenoiseInstrument/>"}), "a Renoise instrument")
holds_its_sounds("a.sunsynth", b"SSYN" + bytes(32), "a SunVox instrument")
holds_its_sounds(
    "a.multisample", zipped({"multisample.xml": "<multisample/>"}), "a Bitwig Studio multisample"
)
holds_its_sounds("a.pti", b"TI" + bytes(32), "a Polyend instrument")


@tree("instrument", "a Bitwig Studio instrument")
def bitwig_preset(folder: Path) -> Path:
    root = folder / "Bitwig Drums"
    sounds(root / "samples", "kick.wav", "hat.wav")
    strings = b"\0\0\0\x10samples/kick.wav" + b"\0\0\0\x1e" + utf16("samples/hat.wav")
    put(root / "Drums.bwpreset", b"BtWg00010002000002f1" + b"\0" * 20 + strings)
    return root


@tree("instrument", "a Reason instrument")
def reason_patch(folder: Path) -> Path:
    root = folder / "NN-XT"
    sounds(root, "c3.wav", "d3.wav")
    names = b"\x06c3.wav\0" + b"\x06d3.wav\0"
    put(root / "Piano.sxt", b"FORM" + struct.pack(">I", 4 + len(names)) + b"PTCH" + names)
    return root


# --- not music -----------------------------------------------------------------------------------------------------


@tree("code", "a git checkout")
def git(folder: Path) -> Path:
    root = folder / "game"
    sounds(root / "assets/sfx", "jump.wav", "shot.wav")
    put(root / ".git/HEAD", "ref: refs/heads/main\n")
    put(root / ".git/config", "[core]\n")
    put(root / ".git/objects/ab/cdef", b"x")
    put(root / "README.md", "# game\n")
    put(root / "docs/index.html", "<p>\n")
    return root


@tree("code", "a git checkout")
def git_worktree(folder: Path) -> Path:
    root = folder / "feature"
    sounds(root / "sfx", "jump.wav", "shot.wav")
    put(root / ".git", "gitdir: ../game/.git/worktrees/feature\n")
    return root


def version_control(name: str, called: str, inside: str) -> None:
    def builder(folder: Path) -> Path:
        root = folder / f"checkout {inside[:3]}"
        sounds(root / "sfx", "jump.wav", "shot.wav")
        put(root / name / inside, "x\n")
        return root

    builder.__name__ = name.strip("._")
    tree("code", called)(builder)


version_control(".hg", "a Mercurial checkout", "requires")
version_control(".svn", "a Subversion checkout", "wc.db")
version_control(".bzr", "a Bazaar checkout", "README")
version_control(".jj", "a Jujutsu checkout", "repo/store/type")
version_control("_darcs", "a Darcs checkout", "format")


def code(marker: str, content: str = "x\n") -> None:
    def builder(folder: Path) -> Path:
        root = folder / "app"
        sounds(root / "assets", "jump.wav", "shot.wav")
        put(root / marker, content)
        put(root / "LICENSE", "do what you like\n")
        return root

    builder.__name__ = "code_with_" + marker.split("/", maxsplit=1)[0].replace(".", "_").lower()
    tree("code", "a program's source code")(builder)


for marker_name, marker_content in {
    "package.json": '{"name": "x"}',
    "pyproject.toml": "[project]\n",
    "setup.py": "import setuptools\n",
    "Cargo.toml": "[package]\n",
    "go.mod": "module x\n",
    "CMakeLists.txt": "project(x)\n",
    "pom.xml": "<project/>",
    "build.gradle.kts": "plugins {}\n",
    "composer.json": "{}",
    "Gemfile": "source 'x'\n",
    "meson.build": "project('x')\n",
    "configure.ac": "AC_INIT\n",
    "platformio.ini": "[env]\n",
    "mix.exs": "defmodule X do\nend\n",
    "pubspec.yaml": "name: x\n",
    "x.sln": "Microsoft Visual Studio\n",
    "x.csproj": "<Project/>",
    "x.xcodeproj/project.pbxproj": "// !$*UTF8*$!\n",
    "x.jucer": "<JUCERPROJECT/>",
}.items():
    code(marker_name, marker_content)


@tree("code", "a program's source code")
def makefile_and_source(folder: Path) -> Path:
    root = folder / "player"
    sounds(root, "a.wav", "b.wav")
    put(root / "Makefile", "all:\n\tcc main.c\n")
    put(root / "main.c", "int main(void) { return 0; }\n")
    return root


@tree("code", "a web page")
def web_page(folder: Path) -> Path:
    root = folder / "soundboard"
    sounds(root / "sounds", "a.mp3", "b.mp3")
    put(root / "index.html", "<!doctype html>\n")
    return root


@tree("code", "a program's source code")
def source_without_manifest(folder: Path) -> Path:
    root = folder / "drumbot"
    sounds(root / "sounds", *(f"{n}.wav" for n in range(6)))
    for name in ("a.ck", "b.tidal", "c.ino"):
        put(root / "src" / name, "// source\n")
    return root


@tree("program", "a Python environment")
def python_environment(folder: Path) -> Path:
    root = folder / "venv"
    sounds(root / "lib/python3.12/site-packages/game/data", "a.wav", "b.wav")
    put(root / "pyvenv.cfg", "home = /usr/bin\n")
    return root


@tree("program", "a Conda environment")
def conda_environment(folder: Path) -> Path:
    root = folder / "conda"
    sounds(root / "share", "a.wav", "b.wav")
    put(root / "conda-meta/history", "==>\n")
    return root


@tree("program", "JavaScript packages")
def node_modules(folder: Path) -> Path:
    root = folder / "node_modules"
    sounds(root / "howler/tests", "a.mp3", "b.mp3")
    put(root / ".package-lock.json", "{}")
    return root


@tree("program", "Python packages")
def site_packages(folder: Path) -> Path:
    root = folder / "site-packages"
    sounds(root / "game", "a.wav", "b.wav")
    put(root / "game/__init__.py", "")
    return root


def bundle(ending: str, called: str = "a plug-in") -> None:
    def builder(folder: Path) -> Path:
        root = folder / f"Thing{ending}"
        sounds(root / "Contents/Resources", "a.wav", "b.wav")
        put(root / "Contents/MacOS/Thing", b"\xcf\xfa\xed\xfe")
        return root

    builder.__name__ = "bundle_" + ending[1:]
    tree("program", called)(builder)


bundle(".app", "a program")
for plug_in in (".vst3", ".component", ".vst", ".clap", ".aaxplugin", ".lv2", ".bundle"):
    bundle(plug_in)


@tree("program", "a program")
def contents_of_a_program(folder: Path) -> Path:
    root = folder / "Renamed Program"
    sounds(root / "Contents/Resources", "a.wav", "b.wav")
    put(root / "Contents/Info.plist", "<plist/>")
    return root


@tree("program", "a program")
def windows_program(folder: Path) -> Path:
    root = folder / "Game"
    sounds(root / "data", "a.wav", "b.wav")
    put(root / "game.exe", b"MZ" + bytes(60))
    put(root / "sdl2.dll", b"MZ" + bytes(60))
    return root


@tree("code", "a Godot game")
def godot(folder: Path) -> Path:
    root = folder / "godot"
    sounds(root / "sfx", "a.wav", "b.wav")
    put(root / "project.godot", "config_version=5\n")
    put(root / "sfx/a.wav.import", "[remap]\n")
    return root


@tree("code", "a Unity game")
def unity(folder: Path) -> Path:
    root = folder / "unity"
    sounds(root / "Assets", "a.wav", "b.wav")
    put(root / "Assets/a.wav.meta", "guid: 1\n")
    put(root / "ProjectSettings/ProjectVersion.txt", "m_EditorVersion: 2022\n")
    return root


@tree("code", "an Unreal game")
def unreal(folder: Path) -> Path:
    root = folder / "unreal"
    sounds(root / "Content", "a.wav", "b.wav")
    put(root / "Game.uproject", '{"FileVersion": 3}')
    return root


@tree("video", "a Premiere Pro project")
def premiere(folder: Path) -> Path:
    root = folder / "Premiere"
    sounds(root / "audio", "a.wav", "b.wav")
    put(root / "Cut.prproj", gzip.compress(b"<PremiereData/>"))
    return root


@tree("video", "a DaVinci Resolve project")
def resolve_project(folder: Path) -> Path:
    root = folder / "Resolve"
    sounds(root / "audio", "a.wav", "b.wav")
    put(root / "Cut.drp", zipped({"project.xml": "<SM_Project/>"}))
    return root


@tree("video", "a Final Cut library")
def final_cut(folder: Path) -> Path:
    root = folder / "Film.fcpbundle"
    sounds(root / "Event/Original Media", "a.wav", "b.wav")
    put(root / "CurrentVersion.flexolibrary", b"SQLite format 3\0")
    return root


@tree("video", "a Kdenlive project")
def kdenlive(folder: Path) -> Path:
    root = folder / "Kdenlive"
    sounds(root, "a.wav", "b.wav")
    put(root / "Cut.kdenlive", '<?xml version="1.0"?>\n<mlt LC_NUMERIC="C"/>\n')
    return root


@tree("video", "an After Effects project")
def after_effects(folder: Path) -> Path:
    root = folder / "After"
    sounds(root, "a.wav", "b.wav")
    put(root / "Cut.aep", b"RIFX" + struct.pack(">I", 40) + b"Egg!" + bytes(36))
    return root


def backup(name: str) -> None:
    def builder(folder: Path) -> Path:
        root = folder / name
        sounds(root / "Mac/2026-01-02/Users/me/Samples", "a.wav", "b.wav")
        put(root / "Info.plist", "<plist/>")
        return root

    builder.__name__ = "backup_" + name.rpartition(".")[2].lower()
    tree("backup", "a backup")(builder)


for backup_name in ("Mac.sparsebundle", "Backups.backupdb", "Mac.backupbundle", "Mac.tmbackup"):
    backup(backup_name)


@tree("asked", "a folder that you asked to leave (.nodrumwatch)")
def asked(folder: Path) -> Path:
    root = folder / "Please"
    sounds(root / "Kicks", "a.wav", "b.wav")
    put(root / ".nodrumwatch", b"")
    return root


# --- nobody's project ----------------------------------------------------------------------------------------------


def pack(root: Path, count: int = 12) -> Path:
    sounds(root / "Kicks", *(f"kick {n}.wav" for n in range(count // 2)))
    sounds(root / "Hats", *(f"hat {n}.wav" for n in range(count // 2)))
    put(root / "Licence.txt", "royalty free\n")
    return root


@plain
def plain_pack(folder: Path) -> Path:
    root = pack(folder / "Vendor - Drums")
    put(root / "Artwork/cover.jpg", b"\xff\xd8")
    return root


def stray(name: str, content: str | bytes, called: str = "") -> None:
    def builder(folder: Path) -> Path:
        root = pack(folder / "Vendor - Drums")
        put(root / name, content)
        return root

    builder.__name__ = "pack_with_" + (called or name.rpartition(".")[2].lower())
    plain(builder)


stray("Demo/Demo.als", live_set("Samples/Imported/gone.wav"))
stray("Demo/Demo.flp", flp("C:\\Users\\vendor\\gone.wav", "%FLStudioFactoryData%\\Data\\kick 1.wav"))
stray("MIDI/groove.mid", b"MThd")
stray("Kicks/kick 1.wav.asd", b"\x01asd")
stray("playlist.m3u", "#EXTM3U\n/home/me/Music/gone.mp3\n")
stray("Demo/Demo.cue", 'FILE "gone.wav" WAVE\n  TRACK 01 AUDIO\n')
stray("Artwork/icon.xpm", "/* XPM */\nstatic char *icon[] = {\n", "a_picture")
stray("Docs/notes.exs", "IO.puts(1)\n", "elixir")
stray("Docs/README.ardour", "How to import this into Ardour\n", "a_readme_for_ardour")
stray("Docs/group/build.mmp", "TARGET x.exe\nTARGETTYPE exe\n", "a_symbian_file")
stray("Demo.rpp", rpp("gone.wav"), "a_lone_rpp")
stray("Kicks/kick 1.wav.reapeaks", b"RPKN\x02\x06", "lone_peaks")
stray("Docs/drumkit.xml", "<midimap/>", "another_drumkit_xml")
stray("Artwork/cover.pgm", b"P5\n1 1\n255\n\0", "another_picture")
stray("Kicks/kick 1.ot", b"FORM\0\0\0\0DPS1SMPA", "ot")
stray("Presets/lead.fxp", b"CcnK", "a_preset")
stray("Demo/Demo.song", b"not a zip", "another_song")
stray("Docs/data.json", '{"name": "pack"}', "json")
stray("Demo/lonely.dspreset", "<DecentSampler/>", "empty_instrument")


@plain
def sync_root(folder: Path) -> Path:
    root = pack(folder / "Dropbox")
    put(root / ".dropbox", "x")
    put(root / ".dropbox.cache/old.wav", b"x")
    put(root / ".stfolder/syncthing-folder.txt", "x")
    return root


@plain
def ableton_folder_info(folder: Path) -> Path:
    root = pack(folder / "Tagged")
    put(root / "Ableton Folder Info/Properties.cfg", b"x")
    return root
