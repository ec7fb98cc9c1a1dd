// The list: only the visible lines exist as elements. With Shift, all lines from the anchor to the cursor are chosen.

import { Sections } from "./sections.js";
import { draw, sameSound } from "./picture.js";
import { projectLine } from "./projects.js";
import { colour, finer, made, percent, sounds, when } from "./elements.js";
import { draggable } from "./sound_file.js";
import { starMark } from "./stars.js";

const MORE = 6;

export class List {
  constructor(element, { play, changed, trouble, star }) {
    Object.assign(this, { element, play, changed, trouble, star, sizer: element.firstElementChild, shown: new Map() });
    this.fill(new Sections());
    element.addEventListener("scroll", () => requestAnimationFrame(() => this.render()), { passive: true });
    new ResizeObserver(() => this.render()).observe(element);
  }

  get total() { return this.sections.total; }
  get height() { return parseFloat(getComputedStyle(this.element).getPropertyValue("--row")); }

  fill(sections) {
    this.sections = sections;
    this.cursor = this.anchor = 0;
    this.element.scrollTop = 0;
    this.element.setAttribute("role", sections.grouped ? "tree" : "listbox");
    this.element.setAttribute("aria-multiselectable", !sections.single);
    this.clear();
  }

  load(sections) {
    this.fill(sections);
    this.render();
    this.changed();
  }

  clear() {
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
  }

  render() {
    const { sections, height } = this, { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / height) - MORE);
    const last = Math.min(this.total, Math.ceil((scrollTop + clientHeight) / height) + MORE);
    this.sizer.style.height = `${this.total * height}px`;
    for (const [line, element] of this.shown) if (line < first || line >= last) { element.remove(); this.shown.delete(line); }
    sections.need(first, last).then((news) => news && sections === this.sections && this.arrived()).catch(this.trouble);
    for (let line = last - 1; line >= first; line--) if (!this.shown.has(line) && sections.item(line)) this.show(line, height);
    for (const [line, element] of this.shown) this.mark(line, element);
    this.element.setAttribute("aria-activedescendant", this.total ? `row-${this.cursor}` : "");
  }

  // Draws lines that have been loaded, and shows the one at the cursor if it is among them.
  arrived() {
    const waited = !this.shown.has(this.cursor);
    this.render();
    if (waited && this.current()) this.changed();
  }

  show(line, height) {
    const item = this.sections.item(line), isPack = item.id === undefined && (item.batch !== undefined || item.ids !== undefined);
    const isSound = !isPack && item.marker === undefined;
    const element = isPack ? (item.ids ? groupLine(item) : packLine(item)) : isSound ? soundLine(item, { play: this.play, star: this.star }, this.sections.find(line).section.pack !== null) : projectLine(item);
    if (isSound) draggable(element, () => this.dragged(line));
    element.id = `row-${line}`;
    element.setAttribute("role", this.sections.grouped ? "treeitem" : "option");
    element.style.top = `${line * height}px`;
    element.addEventListener("click", (event) => {
      this.choose(line, event.shiftKey);
      if (isPack && !event.shiftKey) this.fold(line).catch(this.trouble);
    });
    this.sizer.insertBefore(element, this.shown.get(line + 1) ?? null);  // screen readers read it in the order of the lines
    this.shown.set(line, element);
    if (isSound) draw(element.querySelector("canvas"), item);
  }

  mark(line, element) {
    const [low, high] = this.range(), { section, at } = this.sections.find(line);
    element.classList.toggle("cursor", line === this.cursor);
    element.setAttribute("aria-selected", line >= low && line <= high);
    if (at < 0) element.setAttribute("aria-expanded", section.open);
    if (this.sections.grouped) element.setAttribute("aria-level", at < 0 ? 1 : 2);
    element.setAttribute("aria-posinset", at < 0 ? this.sections.all.indexOf(section) + 1 : at + 1);
    element.setAttribute("aria-setsize", at < 0 ? this.sections.all.length : section.ids.length);
  }

  range() { return [Math.min(this.cursor, this.anchor), Math.max(this.cursor, this.anchor)]; }
  current() { return this.sections.item(this.cursor); }

  // Returns the ids of the chosen sounds; the line of a pack is no sound, that of a group is all of its sounds.
  chosen() {
    const [low, high] = this.range();
    const ids = Array.from({ length: high - low + 1 }, (_, at) => this.sections.idsOf(low + at)).flat();
    return [...new Set(ids)].filter((id) => id !== undefined);
  }

  // Returns the rows that are dragged with a line: all chosen ones that are loaded, if it is one of them.
  dragged(line) {
    const [low, high] = this.range(), from = line < low || line > high ? line : low, to = from === line ? line : high;
    const rows = [];
    for (let at = from; at <= to; at++) { const row = this.sections.item(at); if (row?.uri) rows.push(row); }
    return rows.sort((a, b) => (b === this.sections.item(line)) - (a === this.sections.item(line)));
  }

  // Shows other values on the lines of these entries.
  change(ids, values) {
    for (const line of this.sections.change(ids, values)) { this.shown.get(line)?.remove(); this.shown.delete(line); }
    this.render();
  }

  choose(line, extend = false) {
    this.cursor = Math.max(0, Math.min(this.total - 1, line));
    if (!extend || this.sections.single) this.anchor = this.cursor;
    const { height } = this, top = this.cursor * height, { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    if (top + height > scrollTop + clientHeight) this.element.scrollTop = top + height - clientHeight;
    this.render();
    this.changed();
  }

  chooseAll() { this.anchor = 0; this.choose(this.total - 1, true); }
  page() { return Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1); }

  async fold(line = this.cursor, open = !this.sections.find(line).section.open) {
    const { section } = this.sections.find(line);
    if (!section?.pack || section.open === open) return;
    await this.sections.fold(section, open);
    this.cursor = this.anchor = section.start;
    this.clear();
    this.render();
    this.changed();
  }

  replace(oldId, row) {
    sameSound(oldId, row.id);
    const line = this.sections.replace(oldId, row);
    this.shown.get(line)?.remove();
    this.shown.delete(line);
    return line;
  }
}

function groupLine(group) {
  const element = made("div", "row pack"), what = made("div", "what");
  what.append(made("div", "name", group.sentence), made("div", "where", `A label here is for all ${group.ids.length}`));
  element.append(made("span", "twist", "", { "aria-hidden": "true" }), what);
  return element;
}

function packLine(pack) {
  const element = made("div", "row pack"), bar = made("span", "bar", "", { "aria-hidden": "true" });
  const words = Object.entries(pack.labels).sort((a, b) => b[1] - a[1]);
  for (const [label, count] of words) { const part = made("i", `fill ${colour(label)}`); part.style.flexGrow = count; bar.append(part); }
  const what = made("div", "what"), left = pack.left ? ` · ${pack.left.toLocaleString("en")} unsure or left alone` : "";
  what.append(made("div", "name", pack.name), made("div", "where", `${sounds(pack.total)}${left} · ${when(pack.time)}`));
  const told = made("div", "told", words.map(([label, count]) => `${count} ${label}`).join("  "));
  element.append(made("span", "twist", "", { "aria-hidden": "true" }), what, told, bar);
  return element;
}

function soundLine(row, { play, star }, inPack) {
  const element = made("div", row.state === "undone" ? "row sound gone" : "row sound"), what = made("div", "what");
  const picture = made("canvas", "thumb", "", { "aria-hidden": "true" });
  picture.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && play(row));
  picture.addEventListener("click", (event) => { if (event.pointerType === "touch") play(row); });
  const where = made("div", "where", [!inPack && row.pack, row.folder].filter(Boolean).join(" · "));
  if (clashes(row)) where.prepend(made("span", "clash", row.clash), " · ");
  what.append(made("div", "name", row.name), where);
  if (row.starred) what.firstElementChild.append(made("span", "hidden", ", starred"));
  element.append(picture, starMark(row, star), what, furtherOf(row), verdictOf(row));
  return element;
}

const clashes = (row) => row.clash && !row.confirmed && row.state !== "undone";

// What there is room for on a wide screen only.
function furtherOf(row) {
  const further = made("div", "further");
  further.append(made("div", "where", when(row.time)), made("div", "where", row.reason));
  return further;
}

function verdictOf(row) {
  const verdict = made("div", "verdict");
  if (row.state === "undone") verdict.append(made("span", "note", "put back"));
  else if (row.confirmed) verdict.append(made("span", `badge ${colour(row.confirmed)}`, `✓ ${row.confirmed}`));
  else {
    for (const [label, share] of row.top.slice(1).reverse()) if (share >= 0.01) verdict.append(made("span", "chance", `${label} ${percent(share)}`));
    const badge = made("span", `badge ${colour(row.label)}`, row.label);
    badge.append(made("span", "finer", finer(row)), ` ${percent(row.confidence)}`);
    verdict.append(badge);
  }
  return verdict;
}
