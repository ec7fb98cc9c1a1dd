// The panel of the chosen sound: picture, label, explanation, and buttons for its actions.

import { get } from "./server.js";
import { draw } from "./picture.js";
import { draggable } from "./sound_file.js";
import { starButton } from "./stars.js";
import { shapeOf } from "./notes.js";
import { button, colour, finer, made, percent, when } from "./elements.js";

const PAUSE = 150;  // milliseconds on a sound before its explanation is loaded
let due = 0, latest = 0;

// `acts` holds the functions of the buttons: play, alike, findNote, putBack, star, showInFolder, copy.
export function show(aside, row, acts) {
  clearTimeout(due);
  latest = row.id;
  const picture = made("canvas", "large", "", { role: "img", "aria-label": `Waveform and spectrogram of ${row.name}` });
  picture.addEventListener("click", () => acts.play(row));
  picture.title = "Click to play; drag it into a folder or a program";
  draggable(picture, () => [row]);
  aside.replaceChildren(picture, made("h2", "", row.name), facts(row), made("p", "where", row.folder), buttons(row, acts));
  if (row.clash) aside.append(made("p", "clash", `${row.clash[0].toUpperCase()}${row.clash.slice(1)}.`));
  aside.append(chances(row), made("p", "reason", row.reason), history(row));
  draw(picture, row);
  due = setTimeout(() => explain(aside, row), PAUSE);
}

// Forgets the sound that is shown, so that nothing more is written about it.
export function leave() {
  clearTimeout(due);
  latest = 0;
}

export function nothing(aside, ...words) {
  leave();
  aside.replaceChildren(...words.map((text) => made("p", "", text)));
}

function facts(row) {
  const line = made("p", "facts"), shape = shapeOf(row);
  const label = row.confirmed || row.label, sure = row.confirmed ? "as you said" : percent(row.confidence);
  line.append(made("span", `badge ${colour(label)}`, `${row.confirmed ? "✓ " : ""}${label}${finer({ ...row, label })}`), ` ${[sure, shape, `${row.seconds.toFixed(2)} s`].filter(Boolean).join(" · ")}`);
  return line;
}

function buttons(row, acts) {
  const line = made("div", "buttons");
  line.append(button("Play", () => acts.play(row)), button("Sounds like this", () => acts.alike(row)));
  if (row.may_have_note) line.append(button("Find root note", () => acts.findNote(row)));
  if (row.state === "done" && (row.action !== "leave" || row.confirmed)) line.append(button("Put back", () => acts.putBack([row.id])));
  line.append(starButton(row.starred, () => acts.star(row)), button("Show in folder", () => acts.showInFolder(row)), button("Copy path", () => acts.copy([row])));
  return line;
}

function chances(row) {
  const table = made("dl", "chances");
  for (const [label, share] of row.top) {
    const bar = made("dd", "share"), fill = made("i", `fill ${colour(label)}`);
    fill.style.width = `${share * 100}%`;
    bar.append(fill);
    table.append(made("dt", colour(label), label), bar, made("dd", "", percent(share)));
  }
  return table;
}

function history(row) {
  const done = { move: "moved", copy: "copied", hardlink: "linked", symlink: "linked", tag: "tagged", leave: row.rule === "unsure" ? "unsure, and waiting for you" : "left alone" }[row.action];
  return made("p", "history", row.state === "undone" ? `Put back to ${row.folder}.` : `${when(row.time)}: ${done}${row.action === "leave" || row.action === "tag" ? "" : `, from ${row.from}`}.`);
}

async function explain(aside, row) {
  try {
    const { reasons, nearest, now } = await get(`sounds/${row.id}/why`);
    if (latest !== row.id) return;
    if (now) aside.append(made("p", "clash", `${now}.`));
    if (reasons.length) aside.append(made("h3", "", "Why"), list(reasons.map(([text, weight, measured]) => [weight > 0 ? "for" : "against", text, behind(weight, measured)])));
    if (nearest.length) aside.append(made("h3", "", "Most like, of your sounds"), list(nearest.map(({ sound, type }) => ["", `${type}: ${sound}`])));
  } catch (error) { if (latest === row.id) aside.append(made("p", "clash", error.message)); }
}

// The number behind a reason, shown while the pointer is on it.
function behind(weight, measured) {
  const points = Math.round(100 * Math.abs(weight)), way = weight > 0 ? "more" : "less";
  return [measured, points ? `makes it ${points} points ${way} likely` : `makes it a little ${way} likely`].filter(Boolean).join("; ");
}

function list(lines) {
  const items = made("ul");
  items.append(...lines.map(([kind, text, title = ""]) => {
    const item = made("li", kind, text);
    if (title) item.title = title;
    if (kind) item.prepend(made("span", "hidden", `${kind} it: `));
    return item;
  }));
  return items;
}
