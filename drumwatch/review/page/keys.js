// The keyboard: the help for all keys, and the listener that calls the action of a key.

import { letters, made } from "./elements.js";

const RESERVED = ["a", "c", "f", "l", "m", "u"];

export const HELP = [
  ["↑ ↓  Page ↑ ↓  Home End", "choose a sound; it plays if you want it to"],
  ["Shift + ↑ ↓, Ctrl + A", "choose many, choose all"],
  ["Space", "play"],
  ["1 to 5, or the letter on the button", "give the chosen sounds that label: they are filed at once"],
  ["m", "finer types instead of labels, and back"],
  ["a", "accept: the label is right"],
  ["A", "accept all above in the same pack; on a pack, all of it"],
  ["u", "undo your last labels"],
  ["U", "put the chosen sounds back where they were; on a pack, all of it"],
  ["l", "sounds like this"],
  ["K", "make a kit of the chosen sounds and what goes with them"],
  ["*", "star, or take the star away"],
  ["f", "show in its folder, in the file manager"],
  ["c", "copy the path"],
  ["← →  Enter", "fold and unfold a pack"],
  ["/  Esc", "to the search, and back"],
  ["On the map", "arrows go from sound to sound, + − 0 zoom, Enter adds to the choice, Esc lets go"],
];

export function fillHelp(dialog) {
  const table = dialog.querySelector("dl");
  for (const [keys, does] of HELP) {
    const names = made("dt");
    names.append(...keys.split("  ").map((key) => made("kbd", "", key)));
    table.append(names, made("dd", "", does));
  }
}

export const keysFor = (words) => letters(words, RESERVED);

// `acts` maps keys to functions; `label` receives any other key. Keys in a text field are left to the field.
export function listen({ acts, label, leave }) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event, writes = target.matches("input:not([type=checkbox], [type=range]), select");
    if (target.matches("[type=range]") && (key.startsWith("Arrow") || ["Home", "End", "PageUp", "PageDown"].includes(key))) return;
    if (document.querySelector("dialog[open]")) return;
    if (writes) { if (key === "Escape") leave(); return; }
    const presses = target.matches("button, input") && (key === " " || key === "Enter");
    const all = (event.ctrlKey || event.metaKey) && key === "a" ? acts.all : undefined;
    if (presses || ((event.ctrlKey || event.metaKey || event.altKey) && !all)) return;
    const act = all ?? acts[key] ?? label(key);
    if (!act || act(event) === false) return;
    event.preventDefault();
  });
}
