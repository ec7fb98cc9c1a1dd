// Draws tens of thousands of dots directly into the pixels, which is several times faster than a drawing call for each.

// Draws a disc at each place (in pixels); a fainter edge does not cover a dot below it.
export function scatter(image, places, radius, [red, green, blue], strength) {
  const { data, width, height } = image, half = Math.ceil(radius), side = 2 * half + 1, disc = discOf(radius, half, 255 * strength);
  for (const [x, y] of places) {
    const left = Math.round(x) - half, top = Math.round(y) - half;
    if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
    for (let row = 0, at = 0; row < side; row++) {
      for (let to = 4 * ((top + row) * width + left), end = to + 4 * side; to < end; to += 4, at++) {
        if (disc[at] === 0 || disc[at] < data[to + 3] - 60) continue;
        data[to] = red; data[to + 1] = green; data[to + 2] = blue;
        data[to + 3] = Math.max(disc[at], data[to + 3]);
      }
    }
  }
}

// Returns how much of each pixel a disc covers, up to `most`.
function discOf(radius, half, most) {
  const side = 2 * half + 1, covered = new Uint8Array(side * side);
  for (let y = -half, at = 0; y <= half; y++) {
    for (let x = -half; x <= half; x++, at++) covered[at] = most * Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(x, y)));
  }
  return covered;
}
