"""Ogg files of which only the pages are right: enough for whoever looks at pages and packets, too little for a decoder."""

from __future__ import annotations

import struct

NOTHING_ENDS_HERE = 0xFFFF_FFFF_FFFF_FFFF  # granule position of a page on which no packet ends


def ogg_page(number: int, granule: int, *packets: bytes, unfinished: bytes = b"", serial: int = 7) -> bytes:
    """One page with these packets, and the beginning of another one, without a valid checksum."""
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    lacing += b"\xff" * (len(unfinished) // 255)
    head = b"OggS\0\0" + struct.pack("<QIIIB", granule, serial, number, 0, len(lacing))
    return head + lacing + b"".join(packets) + unfinished


def an_ogg(sound: bytes, comments: bytes = b"\x03vorbis") -> bytes:
    """Three headers, and the sound in pages of 40,000 bytes."""
    headers = [b"\x01vorbis" + bytes(23), comments, b"\x05vorbis" + bytes(100)]
    pages = [ogg_page(number, 0, packet) for number, packet in enumerate(headers)]
    parts = [sound[at : at + 40_000] for at in range(0, len(sound), 40_000)]
    return b"".join(
        [*pages, *(ogg_page(number, 1000 * number, part) for number, part in enumerate(parts, 3))]
    )
