"""What each device takes, with the source of each fact; limits that nobody has written down are not invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """The limits of one device; a kit for a plain folder has none, and its files are links where that is possible."""

    name: str
    title: str
    formats: tuple[str, ...] = ()  # by libsndfile's names; empty: every file is taken as it is
    rates: tuple[int, ...] = ()  # Hz; the first is what others are converted to
    depths: tuple[int, ...] = ()  # bits
    longest_name: int = 0  # characters without the ending; 0: what the disk allows
    ascii_only: bool = False
    most_files: int = 0  # in one kit; 0: no limit

    @property
    def converts(self) -> bool:
        """Whether a file may have to be converted."""
        return bool(self.formats)


FOLDER = Device("folder", "a plain folder")

DEVICES: dict[str, Device] = {
    device.name: device
    for device in (
        # MPC (1000 to Live): 16-bit WAV at 44.1 kHz is what all of them load; the MPC1000 loads 16 bits only and refuses names
        # with full stops (forum.soundonsound.com, "MPC 1000", t=15010); 44.1 kHz and 16 bits also on the MPC2000XL
        # (mpc-forums.com, t=122553). Names show 16 characters (chickensys.com, "Akai MPC Format Information": longer ones are
        # possible on newer machines, and do not show up whole). Eight banks of 16 pads, A01 to H16; files of one folder are loaded in
        # the order of their names.
        Device("mpc", "an Akai MPC", ("WAV",), (44_100,), (16,), 16, ascii_only=True, most_files=128),
        # Octatrack: WAV or AIFF, 16 or 24 bits, 44.1 kHz, mono or stereo; nothing else is played
        # (davidferlay.github.io/octatrack-manager, "Compatibility"; samplestack.app, "Octatrack MKII"). A project has 128 slots
        # for Flex machines. No limit of names was found; letters beyond ASCII are avoided.
        Device(
            "octatrack",
            "an Elektron Octatrack",
            ("WAV", "AIFF"),
            (44_100,),
            (16, 24),
            ascii_only=True,
            most_files=128,
        ),
        # M8: samples are streamed from the card, so small files matter (M8 Operation Manual, "The microSD Card"); 16-bit WAV is
        # recommended, and long names are a trouble (README and config of github.com/birds-inc/m8-sample-organizer), but no limit was
        # found: 32 characters are our own choice. 128 instruments in a song (manual, "Getting Started").
        Device("m8", "a Dirtywave M8", ("WAV",), (44_100,), (16,), 32, ascii_only=True, most_files=128),
        # SP-404MKII: works in 48 kHz and 16 bits (github.com/git-moss/ConvertWithMoss, pull request 225; ohthepain/octacard, issue
        # 71); does not take 24 or 32 bits reliably (ConorCorp/sp404-sdcard-wav-converter). Names of samples have up to 23 characters
        # (reference manual, "Editing a filename"). Ten banks of 16 pads. Files go into IMPORT on the card.
        Device(
            "sp404",
            "a Roland SP-404MKII",
            ("WAV",),
            (48_000,),
            (16,),
            23,
            ascii_only=True,
            most_files=160,
        ),
        FOLDER,
    )
}
