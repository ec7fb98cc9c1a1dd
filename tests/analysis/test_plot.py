from __future__ import annotations

import base64
import sys
from xml.etree import ElementTree as ET

import pytest
from sounds import kick, write

from drumwatch.analysis.analyze import plot
from drumwatch.analysis.plot import (
    ROW,
    SPECTRUM_BOTTOM,
    SPECTRUM_TOP,
    TEXT_TOP,
    WIDTH,
    Area,
    area_of,
    draw_reason,
)
from drumwatch.core.records import Reason, Verdict
from drumwatch.workers.protocol import Plot

SVG = "{http://www.w3.org/2000/svg}"


def plotted(path) -> tuple[ET.Element, Verdict]:
    write(path.with_name("written"), kick(), format="WAV").rename(path)
    found = plot(Plot(str(path)))
    return ET.fromstring(found.svg), found.verdict


def words_of(picture: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in picture.iter(f"{SVG}text")]


def test_a_plot_is_an_svg_with_waveform_spectrogram_and_every_reason(tmp_path):
    picture, verdict = plotted(tmp_path / "kick.wav")

    assert verdict.reasons
    assert picture.get("viewBox") == f"0 0 {WIDTH} {TEXT_TOP + ROW * (len(verdict.reasons) + 1)}"
    assert {reason.text for reason in verdict.reasons} < set(words_of(picture))
    assert max(len(path.get("d")) for path in picture.iter(f"{SVG}path")) > 1000
    image = picture.find(f"{SVG}image").get("href").removeprefix("data:image/png;base64,")
    assert base64.b64decode(image).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Бочка 01.wav", "Бочка 01.wav"),
        ("キック.wav", "キック.wav"),
        ('<kick> & "R&B".wav', '<kick> & "R&B".wav'),
        ("bad\x1b.wav", "bad\\x1b.wav"),
        pytest.param(
            "latin\udce4.wav",
            "latin\\xe4.wav",
            marks=pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names"),
        ),
    ],
)
def test_a_name_in_any_script_is_shown_as_it_is(tmp_path, name, shown):
    picture, _ = plotted(tmp_path / name)

    assert words_of(picture)[0] == shown
    assert picture.find(f"{SVG}title").text.startswith(f"{shown}: ")


@pytest.mark.parametrize(("starts", "boxes"), [(100, 1), (1000, 0)])
def test_a_reason_is_marked_only_where_the_picture_goes(starts, boxes):
    picture = ET.Element("svg")

    draw_reason(picture, 1, Reason("it rings", 0.1, f"{starts}-3000 ms: level at 70-130 Hz"), seconds=0.5)

    assert "it rings" in ["".join(element.itertext()) for element in picture.iter("text")]
    assert len(picture.findall("rect")) == boxes
    for box in picture.findall("rect"):
        top = float(box.get("y"))
        assert SPECTRUM_TOP < top < top + float(box.get("height")) < SPECTRUM_BOTTOM


def test_evidence_is_found_where_the_feature_was_measured():
    assert area_of("15-40 ms: level at 70-130 Hz") == Area(0.015, 0.04, 70.0, 130.0)
    assert area_of("70-130 Hz: fall by 10 dB") == Area(0.0, 2.5, 70.0, 130.0)
    assert area_of("envelope: crest") is None
