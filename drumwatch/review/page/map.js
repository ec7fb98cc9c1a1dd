// The map of all sounds: similar sounds are near each other. Points play on hover, and are chosen with a lasso or by keyboard.

import { get } from "./server.js";
import { scatter } from "./dots.js";
import { button, colour, made, rgbOf } from "./elements.js";

// The strength of the dots in each layer, from the lowest layer to the highest.
const STRENGTHS = { filtered: 0.07, otherUnsure: 0.14, other: 0.3, chosenUnsure: 0.4, chosen: 0.9 };
const MARGIN = 36, CLOSE = 14, DEEPEST = 60, SOON = 1000;

export class SoundMap {
  constructor(canvas, { play, changed, announce, trouble }) {
    Object.assign(this, { canvas, play, changed, announce, trouble });
    Object.assign(this, { points: [], picked: new Set(), hidden: new Set(), hidesUnsure: false, fits: null, under: null, fingers: new Map() });
    this.fit();
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY); }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.end(event));
    new ResizeObserver(() => this.render()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.render());
  }

  // Draws the known points, and loads again while sounds are being analyzed.
  async load() {
    const { points, ready, heard, of } = await get("map");
    this.points = points;
    this.canvas.dataset.sounds = points.length;
    if (ready) this.announce(of ? "" : "No sounds yet. Analyzed sounds appear here.");
    else this.announce(heard < of ? `Analyzing your sounds: ${heard.toLocaleString("en")} of ${of.toLocaleString("en")}` : "Laying them out…");
    this.render();
    clearTimeout(this.again);
    if (!ready) this.again = setTimeout(() => this.canvas.clientWidth && this.load().catch(this.trouble), SOON);
  }

  filter(ids) { this.fits = ids && new Set(ids); this.render(); }

  legend(element, labels) {
    const ofLabels = labels.map((label) => this.toggleOf(label, `fill ${colour(label)}`, (hide) => this.hidden[hide ? "add" : "delete"](label)));
    element.replaceChildren(...ofLabels, this.toggleOf("unsure", "fill faded", (hide) => { this.hidesUnsure = hide; }));
  }

  toggleOf(text, sample, hide) {
    const toggle = button(text, () => {
      const shown = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", shown);
      hide(!shown);
      this.render();
    }, "", { "aria-pressed": "true" });
    toggle.prepend(made("i", sample));
    return toggle;
  }

  // Geometry

  fit() { Object.assign(this, { scale: 1, left: 0, top: 0 }); this.render(); }

  place({ x, y }) {
    const { wide, high, scale } = this;
    return [this.left + scale * (MARGIN + x * (wide - 2 * MARGIN)), this.top + scale * (MARGIN + y * (high - 2 * MARGIN))];
  }

  shows(point) { return !this.hidden.has(point.label) && !(this.hidesUnsure && point.unsure) && (!this.fits || this.fits.has(point.id)); }

  nearest(x, y, within = Infinity, fits = () => true) {
    let best = null, least = within;
    for (const point of this.points) {
      if (!this.shows(point)) continue;
      const [px, py] = this.place(point), away = Math.hypot(px - x, py - y);
      if (away < least && fits(px - x, py - y)) { best = point; least = away; }
    }
    return best;
  }

  zoom(factor, x = this.wide / 2, y = this.high / 2) {
    const scale = Math.max(1, Math.min(DEEPEST, this.scale * factor)), by = scale / this.scale;
    this.left = x - by * (x - this.left);
    this.top = y - by * (y - this.top);
    this.scale = scale;
    this.render();
  }

  // Drawing

  render() {
    if (this.due || !this.canvas) return;
    this.due = requestAnimationFrame(() => { this.due = 0; this.paint(); });
  }

  paint() {
    const { canvas } = this, dots = devicePixelRatio;
    [this.wide, this.high] = [canvas.clientWidth, canvas.clientHeight];
    if (!this.wide) return;
    [canvas.width, canvas.height] = [this.wide * dots, this.high * dots];
    const pen = canvas.getContext("2d"), size = this.size(), some = this.picked.size > 0;
    const layers = Object.fromEntries(Object.keys(STRENGTHS).map((layer) => [layer, []]));
    for (const point of this.points) layers[this.layerOf(point, some)].push(point);
    const image = pen.createImageData(canvas.width, canvas.height);
    for (const [layer, strength] of Object.entries(STRENGTHS)) this.scatter(image, layers[layer], some && layer.startsWith("chosen") ? size + 2 : size, strength);
    pen.putImageData(image, 0, 0);
    pen.scale(dots, dots);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2;
    if (this.under) this.ring(pen, this.under, size + 3);
    if (this.lasso) { pen.setLineDash([5, 4]); pen.beginPath(); this.lasso.forEach(([x, y]) => pen.lineTo(x, y)); pen.closePath(); pen.stroke(); }
  }

  // What drumwatch is not sure of is fainter than what it is sure of, chosen or not.
  layerOf(point, some) {
    if (!this.shows(point)) return "filtered";
    const layer = some && !this.picked.has(point.id) ? "other" : "chosen";
    return point.unsure ? `${layer}Unsure` : layer;
  }

  size() {
    const room = Math.min(1, Math.hypot(this.wide, this.high) / 900);  // smaller on a small screen
    return Math.max(2.5, room * Math.min(7, 130 / Math.sqrt(this.points.length + 1))) * Math.min(2.2, this.scale ** 0.35);
  }

  scatter(image, points, size, strength) {
    const dots = devicePixelRatio, byLabel = new Map();
    for (const point of points) {
      if (!byLabel.has(point.label)) byLabel.set(point.label, []);
      byLabel.get(point.label).push(this.place(point).map((at) => at * dots));
    }
    for (const [label, places] of byLabel) scatter(image, places, size * dots, rgbOf(label), strength);
  }

  ring(pen, point, size) {
    const [x, y] = this.place(point);
    pen.beginPath(); pen.arc(x, y, size, 0, 7); pen.stroke();
    pen.font = "600 13px system-ui, sans-serif";
    pen.textAlign = x > this.wide / 2 ? "right" : "left";
    const right = x > this.wide / 2, from = x + (right ? -1 : 1) * (size + 8), long = pen.measureText(point.name).width;
    const style = getComputedStyle(document.documentElement);
    pen.fillStyle = style.getPropertyValue("--raised");
    pen.beginPath(); pen.roundRect(right ? from - long - 6 : from - 6, y - 11, long + 12, 22, 6); pen.fill();
    pen.fillStyle = style.getPropertyValue("--ink"); pen.fillText(point.name, from, y + 4.5);
  }

  // Pointer

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    this.fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    this.moved = 0;
    if (event.shiftKey || this.lassoing) this.lasso = [[event.offsetX, event.offsetY]];
  }

  move(event) {
    const at = [event.offsetX, event.offsetY], before = this.fingers.get(event.pointerId);
    if (!before) return this.hover(...at);
    this.moved += Math.hypot(at[0] - before[0], at[1] - before[1]);
    this.fingers.set(event.pointerId, at);
    const [other] = [...this.fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (this.lasso && !other) this.lasso.push(at);
    else if (other) this.pinch(before, at, other);
    else { this.left += at[0] - before[0]; this.top += at[1] - before[1]; }
    this.render();
  }

  pinch(before, now, other) {
    this.lasso = null;
    const away = ([x, y]) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
    this.zoom(away(now) / away(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  hover(x, y) {
    const near = this.nearest(x, y, CLOSE);
    if (!near || near === this.under) return;
    this.go(near);
  }

  end(event) {
    this.fingers.delete(event.pointerId);
    if (this.lasso && this.moved > 6) this.pick(this.points.filter((point) => this.shows(point) && inside(this.lasso, ...this.place(point))));
    else if (this.moved <= 6 && event.type === "pointerup") this.tap(event);
    this.lasso = null;
    this.render();
  }

  tap({ offsetX, offsetY, shiftKey, pointerType }) {
    const near = this.nearest(offsetX, offsetY, CLOSE);
    if (near && shiftKey) return this.toggle(near);
    this.picked.clear();
    if (near && (pointerType === "touch" || near !== this.under)) this.go(near);
    else this.changed();
  }

  // Choosing

  pick(points) {
    this.picked = new Set(points.map(({ id }) => id));
    this.under = null;
    this.changed();
    this.render();
  }

  toggle(point = this.under) {
    if (!point) return;
    this.picked[this.picked.has(point.id) ? "delete" : "add"](point.id);
    this.under = point;
    this.changed();
    this.render();
  }

  go(point) {
    this.under = point;
    this.play(point);
    this.changed();
    this.render();
  }

  // Goes to the next sound in a direction, and moves the map if that sound is at its edge.
  step(dx, dy) {
    const [x, y] = this.under ? this.place(this.under) : [this.wide / 2, this.high / 2];
    const next = this.nearest(x, y, Infinity, (px, py) => (dx * px + dy * py) > Math.abs(dx * py - dy * px) && (px || py));
    if (!next) return;
    this.go(next);
    const [nx, ny] = this.place(next);
    if (nx < MARGIN || nx > this.wide - MARGIN) this.left += this.wide / 2 - nx;
    if (ny < MARGIN || ny > this.high - MARGIN) this.top += this.high / 2 - ny;
  }

  clear() { this.picked.clear(); this.under = null; this.changed(); this.render(); }
  chosen() { return this.picked.size ? [...this.picked] : this.under ? [this.under.id] : []; }
  current() { return this.under ?? (this.picked.size ? this.points.find(({ id }) => this.picked.has(id)) : undefined); }

  replace(oldId, row) {
    const point = this.points.find(({ id }) => id === oldId);
    if (!point) return;
    Object.assign(point, { id: row.id, label: row.label, name: row.name, unsure: row.unsure });
    if (this.picked.delete(oldId)) this.picked.add(row.id);
    if (this.fits?.delete(oldId)) this.fits.add(row.id);
    this.render();
  }
}

function inside(corners, x, y) {
  let odd = false;
  corners.forEach(([x1, y1], at) => {
    const [x2, y2] = corners[(at + 1) % corners.length];
    if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) odd = !odd;
  });
  return odd;
}
