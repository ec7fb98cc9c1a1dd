// The lines of a list of any length. The ids are loaded at once, so that no line moves while sounds are labelled; the rows are
// loaded for the visible lines. Packs fold, and load their sounds when they are unfolded.

import { get } from "./server.js";

const PAGE = 100;

export class Sections {
  constructor(packs = null) {
    this.grouped = packs !== null;
    this.all = (packs ?? [null]).map((pack) => ({ pack, open: !pack, ids: null, rows: new Map(), asked: new Map() }));
    this.arrange();
  }

  static async flat(query) {
    const sections = new Sections();
    sections.all[0].ids = (await get("numbers", query)).ids;
    return sections.arrange();
  }

  // Groups of sounds that are named alike come first, folded; below them every other sound.
  static async groupsFirst(query) {
    const [{ groups }, { ids }] = await Promise.all([get("groups", query), get("numbers", query)]);
    const sections = new Sections(groups.length ? [...groups, null] : null), grouped = new Set(groups.flatMap((group) => group.ids));
    for (const section of sections.all) section.ids = section.pack ? [...section.pack.ids] : ids.filter((id) => !grouped.has(id));
    return sections.arrange();
  }

  static async byPack(query) {
    const sections = new Sections((await get("packs", query)).packs);
    sections.query = query;
    return sections;
  }

  // Packs in an order of packs; any other order goes through all of them, so it is one list.
  static inOrder(query) { return ["name", "sure", "unsure", "note", "tempo"].includes(query.sort) ? Sections.flat(query) : Sections.byPack(query); }

  // `single`: only one line can be chosen at a time.
  static of(rows, single = false) {
    const sections = new Sections(), [only] = sections.all;
    sections.single = single;
    only.ids = rows.map(({ id }) => id);
    rows.forEach((row, at) => only.rows.set(at, row));
    return sections.arrange();
  }

  arrange() {
    let line = 0;
    for (const section of this.all) {
      section.start = line;
      line += (section.pack ? 1 : 0) + (section.open ? section.ids?.length ?? 0 : 0);
    }
    this.total = line;
    return this;
  }

  // Returns the section of a line, and the index of the sound in it; -1 is the line of the pack.
  find(line) {
    let low = 0, high = this.all.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.all[middle].start <= line) low = middle; else high = middle - 1;
    }
    const section = this.all[low];
    return { section, at: line - section?.start - (section?.pack ? 1 : 0) };
  }

  // Returns a row, a pack, or undefined while it is being loaded.
  item(line) {
    if (line < 0 || line >= this.total) return undefined;
    const { section, at } = this.find(line);
    return at < 0 ? section.pack : section.rows.get(at);
  }

  // Returns the ids of a line: those of all sounds of a group on its line, none on the line of a pack.
  idsOf(line) {
    const { section, at } = this.find(line);
    return at < 0 ? (section?.pack?.ids ? section.ids : []) : [section?.ids?.[at]];
  }

  id(line) {
    const { section, at } = this.find(line);
    return section?.ids?.[at];
  }

  async fold(section, open) {
    if (open) section.ids ??= (await get("numbers", { ...this.query, batch: section.pack.batch })).ids;
    section.open = open;
    this.arrange();
  }

  // Loads the rows that are missing between two lines; returns true if there were any.
  async need(first, last) {
    const wanted = new Set();
    for (let line = Math.max(0, first); line < Math.min(this.total, last); line++) {
      const { section, at } = this.find(line);
      if (at >= 0 && !section.rows.has(at)) wanted.add(this.fetch(section, Math.floor(at / PAGE)));
    }
    return (await Promise.all(wanted)).length > 0;
  }

  fetch(section, page) {
    if (!section.asked.has(page)) section.asked.set(page, this.ask(section, page * PAGE).catch((error) => { section.asked.delete(page); throw error; }));
    return section.asked.get(page);
  }

  async ask(section, from) {
    const { rows } = await get("sounds", { ids: section.ids.slice(from, from + PAGE) });
    rows.forEach((row, at) => { if (row.id === section.ids[from + at]) section.rows.set(from + at, row); });
  }

  // Changes the rows of these entries that are loaded, and returns their lines; those in folded packs have none.
  change(ids, values) {
    const lines = [];
    for (const section of this.all) {
      for (const [at, row] of section.rows) {
        if (!ids.has(row.id)) continue;
        Object.assign(row, values);
        if (section.open) lines.push(section.start + (section.pack ? 1 : 0) + at);
      }
    }
    return lines;
  }

  // Returns the line of an entry; undefined if it has none, or its pack is folded.
  lineOf(id) {
    for (const section of this.all) {
      const at = section.open ? section.ids?.indexOf(id) ?? -1 : -1;
      if (at >= 0) return section.start + (section.pack ? 1 : 0) + at;
    }
    return undefined;
  }

  // Shows a new row on the line of an old entry, and returns the line.
  replace(oldId, row) {
    for (const section of this.all) {
      const at = section.ids?.indexOf(oldId) ?? -1;
      if (at < 0) continue;
      section.ids[at] = row.id;
      section.rows.set(at, row);
    }
    return this.lineOf(row.id);
  }
}
