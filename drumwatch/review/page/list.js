// A list of any length: only the rows in sight exist, and only the pages around them were fetched.

import { get } from "./server.js";
import { draw } from "./picture.js";

const ROW = 64, PAGE = 100, MORE = 6;

export class List {
  constructor(element, { play, changed }) {
    this.element = element;
    this.sizer = element.firstElementChild;
    this.play = play;
    this.changed = changed;
    this.shown = new Map();
    this.reset({});
    element.addEventListener("scroll", () => requestAnimationFrame(() => this.render()), { passive: true });
    new ResizeObserver(() => this.render()).observe(element);
  }

  reset(query) {
    this.query = query;
    this.generation = (this.generation ?? 0) + 1;
    this.rows = new Map();
    this.asked = new Set();
    this.total = 0;
    this.cursor = this.anchor = 0;
    this.element.scrollTop = 0;
    this.clear();
  }

  async load(query) {
    this.reset(query);
    await this.fetch(0);
    this.render();
    this.changed();
  }

  async fetch(page) {
    if (this.asked.has(page)) return;
    this.asked.add(page);
    const generation = this.generation;
    const { total, rows } = await get("sounds", { ...this.query, offset: page * PAGE, limit: PAGE });
    if (generation !== this.generation) return;
    this.total = total;
    rows.forEach((row, at) => this.rows.set(page * PAGE + at, row));
    this.sizer.style.height = `${total * ROW}px`;
    this.render();
  }

  clear() {
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
  }

  render() {
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW) - MORE);
    const last = Math.min(this.total, Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW) + MORE);
    for (const [at, element] of this.shown) if (at < first || at >= last) { element.remove(); this.shown.delete(at); }
    for (let at = first; at < last; at++) {
      if (!this.rows.has(at)) this.fetch(Math.floor(at / PAGE));
      else if (!this.shown.has(at)) this.show(at);
    }
    for (const [at, element] of this.shown) this.mark(at, element);
    this.element.setAttribute("aria-activedescendant", `row-${this.cursor}`);
  }

  show(at) {
    const row = this.rows.get(at), element = made("div", "row");
    element.id = `row-${at}`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-posinset", at + 1);
    element.style.top = `${at * ROW}px`;
    const picture = made("canvas");
    picture.addEventListener("pointerenter", () => this.play(row));
    element.append(picture, describe(row), verdictOf(row));
    element.addEventListener("click", (event) => this.choose(at, event.shiftKey));
    this.sizer.append(element);
    this.shown.set(at, element);
    draw(picture, row);
  }

  mark(at, element) {
    const [low, high] = this.range();
    element.classList.toggle("cursor", at === this.cursor);
    element.setAttribute("aria-selected", at >= low && at <= high);
    element.setAttribute("aria-setsize", this.total);
  }

  range() { return [Math.min(this.cursor, this.anchor), Math.max(this.cursor, this.anchor)]; }

  chosen() {
    const [low, high] = this.range();
    return [...this.rows].filter(([at]) => at >= low && at <= high).map(([, row]) => row);
  }

  current() { return this.rows.get(this.cursor); }

  choose(at, extend = false) {
    this.cursor = Math.max(0, Math.min(this.total - 1, at));
    if (!extend) this.anchor = this.cursor;
    const top = this.cursor * ROW, { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    if (top + ROW > scrollTop + clientHeight) this.element.scrollTop = top + ROW - clientHeight;
    this.render();
    this.changed();
  }

  replace(oldId, row) {
    for (const [at, old] of this.rows) if (old.id === oldId) {
      this.rows.set(at, row);
      this.shown.get(at)?.remove();
      this.shown.delete(at);
    }
    this.render();
  }
}

export function made(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;  // never markup: names are written by strangers
  return element;
}

export const colour = (label) => (["kick", "snare", "hat", "percussion", "other"].includes(label) ? label : "own");
export const percent = (share) => `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100} %`;

function describe(row) {
  const what = made("div", "what");
  what.append(made("div", "name", row.name), made("div", "where", [row.pack, row.folder].filter(Boolean).join(" · ")));
  return what;
}

function verdictOf(row) {
  const verdict = made("div", "verdict");
  if (row.confirmed) verdict.append(made("span", `badge ${colour(row.confirmed)}`, `✓ ${row.confirmed}`));
  else for (const [label, share] of row.top) verdict.append(made("span", `chance ${colour(label)}`, `${label} ${percent(share)}`));
  return verdict;
}
