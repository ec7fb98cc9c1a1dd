"""The map: every sound by similarity; hover, zoom, select, label."""

from __future__ import annotations

import re

import pytest
from test_page import wait_for_words


@pytest.fixture
def sky(tab):
    tab.click("[data-view=map]")
    tab.wait_for_selector("#map[data-sounds='8']")
    return tab


def at_the_first_sound(sky) -> tuple[float, float]:
    """Where a sound is that the pointer can reach, in the window."""
    box = sky.locator("#map").bounding_box()
    points = sky.evaluate("fetch('/api/map').then(answer => answer.json()).then(found => found.points)")
    margin = 36
    point = next(one for one in points if 0.2 < one["y"] < 0.8)
    return (
        box["x"] + margin + point["x"] * (box["width"] - 2 * margin),
        box["y"] + margin + point["y"] * (box["height"] - 2 * margin),
    )


def draw_around_everything(sky) -> None:
    box = sky.locator("#map").bounding_box()
    right, low = box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    corners = [
        (box["x"] + 200, box["y"] + 60),
        (right, box["y"] + 2),
        (right, low),
        (box["x"] + 2, low),
        (box["x"] + 2, box["y"] + 2),
    ]
    sky.keyboard.down("Shift")
    sky.mouse.move(*corners[-1])
    sky.mouse.down()
    for corner in (corners[1], corners[2], corners[3], corners[4]):
        sky.mouse.move(*corner)
    sky.mouse.up()
    sky.keyboard.up("Shift")


def picture_of(sky) -> str:
    sky.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return sky.evaluate("document.getElementById('map').toDataURL()")


def test_the_pointer_on_a_dot_plays_it_and_shows_what_it_is(sky):
    sky.mouse.move(*at_the_first_sound(sky))

    sky.wait_for_function("() => document.getElementById('player').currentTime > 0")
    wait_for_words(sky, "#detail h2", ".wav")


def test_a_lasso_and_a_key_label_many_and_u_takes_it_back(sky, page):
    draw_around_everything(sky)
    sky.keyboard.press("h")
    wait_for_words(sky, "#say", "8 sounds → hat")
    filed = page.harness.tree()
    sky.keyboard.press("u")
    wait_for_words(sky, "#say", "8 sounds put back")

    assert sum(path.startswith("library/hat/") for path in filed) == 8
    assert not [path for path in page.harness.tree() if path.startswith("library/hat/")]


@pytest.mark.parametrize("way", ["wheel", "keyboard", "button"])
def test_the_map_is_zoomed(sky, way):
    whole = picture_of(sky)
    sky.mouse.move(*at_the_first_sound(sky))
    {
        "wheel": lambda: sky.mouse.wheel(0, -300),
        "keyboard": lambda: sky.keyboard.press("+"),
        "button": lambda: sky.click("[data-zoom='+']"),
    }[way]()
    near = picture_of(sky)
    sky.keyboard.press("Escape")
    sky.keyboard.press("0")

    assert near != whole
    assert picture_of(sky) == whole


def test_two_fingers_zoom(sky):
    whole = picture_of(sky)
    sky.evaluate(
        """() => { const map = document.getElementById('map');
        map.setPointerCapture = () => 0;
        const finger = (type, pointerId, clientX) => map.dispatchEvent(
          new PointerEvent(type, {pointerId, clientX, clientY: 300, pointerType: 'touch', bubbles: true}));
        finger('pointerdown', 1, 200); finger('pointerdown', 2, 300); finger('pointermove', 2, 500);
        finger('pointerup', 1, 200); finger('pointerup', 2, 500); }"""
    )

    assert picture_of(sky) != whole


def test_dragging_moves_the_map(sky):
    whole, box = picture_of(sky), sky.locator("#map").bounding_box()
    sky.mouse.move(box["x"] + 500, box["y"] + box["height"] - 60)
    sky.mouse.down()
    sky.mouse.move(box["x"] + 560, box["y"] + box["height"] - 20)
    sky.mouse.up()

    assert picture_of(sky) != whole


def test_arrows_go_from_sound_to_sound_and_a_label_holds_for_the_one_reached(sky, page):
    sky.keyboard.press("ArrowRight")
    sky.wait_for_selector("#detail h2")
    reached = sky.inner_text("#detail h2")
    sky.keyboard.press("s")
    wait_for_words(sky, "#say", "1 sound → snare")

    assert [row["name"] for row in page.rows(view="recent") if row["confirmed"]] == [reached]


def test_the_legend_hides_a_label(sky):
    whole = picture_of(sky)
    sky.click("#legend button:has-text('kick')")

    assert sky.get_attribute("#legend button:has-text('kick')", "aria-pressed") == "false"
    assert picture_of(sky) != whole


def test_what_is_unsure_is_fainter_and_can_be_hidden(sky):
    points = sky.evaluate("fetch('/api/map').then(answer => answer.json()).then(found => found.points)")
    strongest = """async () => { const { SoundMap } = await import('/page/map.js'), canvas = document.getElementById('map');
        const map = new SoundMap(canvas, { play() {}, changed() {}, announce() {}, trouble() {} });
        const { points } = await (await fetch('/api/map')).json();
        return Object.fromEntries([true, false].map((unsure) => {
          map.points = points.filter((point) => point.unsure === unsure); map.paint();
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let most = 0; for (let at = 3; at < data.length; at += 4) most = Math.max(most, data[at]);
          return [unsure, most]; })); }"""
    shown = sky.evaluate(strongest)
    sky.reload()
    sky.click("[data-view=map]")
    sky.wait_for_selector("#map[data-sounds='8']")
    whole = picture_of(sky)
    sky.click("#legend button:has-text('unsure')")

    assert sum(point["unsure"] for point in points) == 3
    assert 2 * shown["true"] < shown["false"]
    assert picture_of(sky) != whole


def test_many_chosen_dots_are_summed_up_and_taken_together(sky):
    draw_around_everything(sky)
    wait_for_words(sky, "#detail .facts", "3 unsure")

    assert sky.inner_text("#detail h2") == "8 sounds chosen"
    assert dict(
        zip(
            sky.locator("#detail dt").all_inner_texts(),
            sky.locator("#detail .share + dd").all_inner_texts(),
            strict=True,
        )
    ) == {"kick": "6", "percussion": "2"}
    assert sorted(re.findall(r"[a-z ]+ \(\d\)", sky.inner_text("#detail .where").removeprefix("From"))) == [
        " acme (3)",
        " single files (3)",
        " spare (2)",
    ]


def test_a_search_dims_what_does_not_fit_and_nothing_else_is_chosen(sky):
    sky.fill("#search", "spare")
    wait_for_words(sky, "[data-view=map]", "2")
    draw_around_everything(sky)

    wait_for_words(sky, "#count", "2 sounds chosen")


def test_sounds_like_this_are_listed_from_any_row_the_nearest_first(tab):
    tab.keyboard.press("l")
    tab.wait_for_selector("#like:visible")

    assert tab.inner_text("#row-0 .name") == "one.wav"
    assert tab.inner_text("#row-1 .name") == "two.wav"
    assert tab.inner_text("#row-7 .name") in ("x.wav", "y.wav")


def test_no_sound_is_analyzed_again_when_the_map_is_opened_again(sky, page):
    kept = (page.harness.state / "cache/drumwatch/review/map.json").stat().st_mtime_ns
    sky.reload()
    sky.wait_for_selector(".row")
    sky.click("[data-view=map]")
    sky.wait_for_selector("#map[data-sounds='8']")

    assert (page.harness.state / "cache/drumwatch/review/map.json").stat().st_mtime_ns == kept
