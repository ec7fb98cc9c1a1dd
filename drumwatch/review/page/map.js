// All sounds by similarity: near is alike. Hover to hear, zoom, and choose with a lasso.

import { get } from "./server.js";
import { colour } from "./list.js";

export class SoundMap {
  constructor(canvas, { play, changed }) {
    this.canvas = canvas;
    this.play = play;
    this.changed = changed;
    this.points = [];
    this.picked = new Set();
    this.scale = 1; this.left = 0; this.top = 0;
    canvas.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.end());
    new ResizeObserver(() => this.render()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.render());
  }

  async load() {
    this.points = (await get("map")).points;
    this.picked.clear();
    this.canvas.dataset.sounds = this.points.length;
    this.render();
    this.changed();
  }

  place({ x, y }) {
    const margin = 30, { clientWidth, clientHeight } = this.canvas;
    return [this.left + this.scale * (margin + x * (clientWidth - 2 * margin)), this.top + this.scale * (margin + y * (clientHeight - 2 * margin))];
  }

  render() {
    const { clientWidth, clientHeight } = this.canvas, dots = devicePixelRatio;
    if (!clientWidth) return;
    this.canvas.width = clientWidth * dots; this.canvas.height = clientHeight * dots;
    const pen = this.canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    pen.scale(dots, dots);
    for (const point of this.points) {
      const [x, y] = this.place(point), picked = this.picked.has(point.id);
      pen.fillStyle = style.getPropertyValue(`--${colour(point.confirmed || point.label)}`);
      pen.globalAlpha = picked || !this.picked.size ? 0.9 : 0.3;
      pen.beginPath(); pen.arc(x, y, point === this.under || picked ? 8 : 5, 0, 7); pen.fill();
    }
    pen.globalAlpha = 1;
    if (this.lasso) { pen.strokeStyle = style.getPropertyValue("--ink"); pen.beginPath(); this.lasso.forEach(([x, y]) => pen.lineTo(x, y)); pen.stroke(); }
  }

  zoom(event) {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400), scale = Math.max(1, Math.min(40, this.scale * factor)), by = scale / this.scale;
    this.left = event.offsetX - by * (event.offsetX - this.left);
    this.top = event.offsetY - by * (event.offsetY - this.top);
    this.scale = scale;
    this.render();
  }

  begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    if (event.shiftKey) this.lasso = [[event.offsetX, event.offsetY]];
    else this.drag = [event.offsetX - this.left, event.offsetY - this.top];
  }

  move(event) {
    const { offsetX: x, offsetY: y } = event;
    if (this.lasso) this.lasso.push([x, y]);
    else if (this.drag) [this.left, this.top] = [x - this.drag[0], y - this.drag[1]];
    else this.hover(x, y);
    this.render();
  }

  hover(x, y) {
    const away = (point) => Math.hypot(this.place(point)[0] - x, this.place(point)[1] - y);
    const near = this.points.reduce((best, point) => (!best || away(point) < away(best) ? point : best), null);
    const under = near && away(near) < 12 ? near : null;
    if (under && under !== this.under) { this.play(under); this.under = under; this.changed(); }
    this.under = under ?? this.under;
  }

  end() {
    if (this.lasso?.length > 2) this.picked = new Set(this.points.filter((point) => inside(this.lasso, ...this.place(point))).map(({ id }) => id));
    this.lasso = this.drag = null;
    this.render();
    this.changed();
  }

  pickLike(row, count = 12) {
    const centre = this.points.find(({ id }) => id === row.id);
    if (!centre) return;
    const away = (point) => Math.hypot(point.x - centre.x, point.y - centre.y);
    this.picked = new Set([...this.points].sort((a, b) => away(a) - away(b)).slice(0, count).map(({ id }) => id));
    this.render();
    this.changed();
  }

  chosen() { return this.picked.size ? this.points.filter(({ id }) => this.picked.has(id)) : [this.under].filter(Boolean); }
  current() { return this.under ?? this.chosen()[0]; }

  replace(oldId, row) {
    this.points = this.points.map((point) => (point.id === oldId ? { ...row, x: point.x, y: point.y } : point));
    if (this.picked.delete(oldId)) this.picked.add(row.id);
    if (this.under?.id === oldId) this.under = this.points.find(({ id }) => id === row.id);
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
