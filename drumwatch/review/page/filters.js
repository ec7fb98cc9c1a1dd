// The search and the filters, as one query for every view.

import { get } from "./server.js";
import { when } from "./elements.js";
import { NOTES, tempoRange } from "./notes.js";

const $ = (id) => document.getElementById(id);
const PAUSE = 150;

export class Filters {
  constructor(changed) {
    this.form = $("filters");
    let due = 0;
    $("search").addEventListener("input", () => { clearTimeout(due); due = setTimeout(changed, PAUSE); });
    this.form.addEventListener("change", changed);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    $("clear").addEventListener("click", () => { this.clear(); changed(); });
    $("more-filters").addEventListener("click", ({ currentTarget }) => {
      currentTarget.setAttribute("aria-expanded", this.form.classList.toggle("open"));
    });
  }

  async offer() {
    const { labels, types, packs, days } = await get("choices");
    this.fill("label", labels.map((label) => [label, label]));
    this.fill("note", NOTES.map((note) => [note, note]));
    this.fill("type", types.map((type) => [type, type]));
    this.fill("batch", packs.map(({ batch, name, time }) => [batch, `${name}, ${when(time)}`]));
    this.fill("day", days.map((day) => [day, new Date(`${day}T12:00`).toLocaleDateString([], { weekday: "short", day: "numeric", month: "short", year: "numeric" })]));
    return { labels, types };
  }

  fill(name, options) {
    const select = this.form.elements[name], { value } = select;
    select.replaceChildren(select.firstElementChild, ...options.map(([is, text]) => new Option(text, is)));
    select.value = [...select.options].some((option) => option.value === value) ? value : "";
  }

  // Returns the filters that are set; none if everything is shown.
  query() {
    const asked = Object.fromEntries([...new FormData(this.form), ["q", $("search").value.trim()]].filter(([, value]) => value));
    const [from, below] = (asked.sure ?? "").split("-");
    delete asked.sure;
    delete asked.sort;
    if (from && from !== "0") asked.from = from;
    if (below) asked.below = below;
    tempoRange(asked);
    $("clear").hidden = !Object.keys(asked).length;
    return asked;
  }

  // Returns the order of the lists as a part of a query; none if that is the newest first.
  order() {
    const { value } = this.form.elements.sort;
    return value ? { sort: value } : {};
  }

  clear() {
    const { sort } = this.form.elements, { value } = sort;
    this.form.reset();
    sort.value = value;  // an order hides nothing
    $("search").value = "";
  }
}
