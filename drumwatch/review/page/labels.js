// The bar of labels or types that can be given to a sound, each with its key.

import { keysFor } from "./keys.js";
import { button, colour, made } from "./elements.js";

const DIGITS = 9;

export class Labels {
  // `room` lies under the bar, unseen, and has the other words, so that the bar is as high with labels as with types.
  constructor(element, room, toggle, confirm) { Object.assign(this, { element, room, toggle, confirm, labels: [], types: [], more: false }); }

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
    this.element.replaceChildren(...this.words(this.offered, this.more));
    this.room.replaceChildren(...this.words(this.more ? this.labels : this.types, !this.more));
    this.toggle.setAttribute("aria-pressed", this.more);
  }

  words(offered, areTypes) {
    const keys = keysFor(offered);
    return offered.map((label, at) => {
      const word = button("", () => this.confirm(label), areTypes ? "type" : colour(label));
      word.append(...[at < DIGITS && !areTypes && String(at + 1), keys.get(label)].filter(Boolean).map((key) => made("kbd", "", key)), label);
      return word;
    });
  }
}
