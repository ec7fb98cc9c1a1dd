// The bar of labels or types that can be given to a sound, each with its key.

import { keysFor } from "./keys.js";
import { button, colour, made } from "./elements.js";

const DIGITS = 9;

export class Labels {
  constructor(element, toggle, confirm) { Object.assign(this, { element, toggle, confirm, labels: [], types: [], more: false }); }

  fill({ labels, types }) { Object.assign(this, { labels, types }); this.offer(); }

  get offered() { return this.more ? this.types : this.labels; }

  switch() { this.more = !this.more; this.offer(); }

  // Returns the label of a digit or letter; after a type, the bar shows labels again.
  of(key) {
    const keys = keysFor(this.offered), digit = this.more ? 0 : Number(key);
    const label = this.offered[digit - 1] ?? this.offered.find((one) => keys.get(one) === key);
    if (label && this.more) this.switch();
    return label;
  }

  offer() {
    const keys = keysFor(this.offered);
    this.element.replaceChildren(...this.offered.map((label, at) => {
      const word = button("", () => this.confirm(label), this.more ? "" : colour(label));
      word.append(...[at < DIGITS && !this.more && String(at + 1), keys.get(label)].filter(Boolean).map((key) => made("kbd", "", key)), label);
      return word;
    }));
    this.toggle.setAttribute("aria-pressed", this.more);
  }
}
