// The text of labels, shares and times, and the creation of elements.

const LABELS = ["kick", "snare", "hat", "percussion", "other"];

export function made(tag, className = "", text = "", more = {}) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;  // never markup: the names of files are not trusted
  for (const [name, value] of Object.entries(more)) element.setAttribute(name, value);
  return element;
}

export function button(text, act, className = "", more = {}) {
  const element = made("button", className, text, { type: "button", ...more });
  element.addEventListener("click", act);
  return element;
}

export const colour = (label) => (LABELS.includes(label) ? label : "own");
// The colour of a label in the style sheet: red, green and blue from 0 to 255.
export function rgbOf(label) {
  const ink = getComputedStyle(document.documentElement).getPropertyValue(`--${colour(label)}`);
  return ink.match(/\w\w/g).map((part) => parseInt(part, 16));
}

export const percent = (share) => `${share < 1 ? Math.min(99, Math.round(100 * share)) : 100} %`;  // 99.6 % sure is not 100
export const sounds = (count) => `${count.toLocaleString("en")} sound${count === 1 ? "" : "s"}`;
export const finer = (row) => (row.type && row.type !== row.label ? `, ${row.type}` : "");

export function when(seconds) {
  const then = new Date(seconds * 1000), today = new Date();
  const clock = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === today.toDateString()) return `today ${clock}`;
  return `${then.toLocaleDateString([], { day: "numeric", month: "short", year: then.getFullYear() === today.getFullYear() ? undefined : "numeric" })} ${clock}`;
}

// A letter for each label: its first if that is free, else the first free one in it, else any; shortcuts.py does the same.
export function letters(words, taken) {
  const used = new Set(taken), keys = new Map();
  const give = (word, letter) => { if (letter) { keys.set(word, letter); used.add(letter); } };
  const free = (letter) => /[a-z]/.test(letter) && !used.has(letter);
  for (const word of words) if (free(word[0])) give(word, word[0]);
  for (const word of words) if (!keys.has(word)) give(word, [...word, ..."abcdefghijklmnopqrstuvwxyz"].find(free));
  return keys;
}
