// The review page: it connects the list, the map, the filters, the labels and the keys.

import { audioOf, get, post } from "./server.js";
import { List } from "./list.js";
import { SoundMap } from "./map.js";
import { Sections } from "./sections.js";
import { Filters } from "./filters.js";
import * as detail from "./detail.js";
import { findNote } from "./notes.js";
import { showProject, wholeTitle } from "./projects.js";
import { fillHelp, listen } from "./keys.js";
import { Labels } from "./labels.js";
import { askForKit } from "./kits.js";
import { showMessage, trouble } from "./messages.js";
import { copyPaths, rowsOf, showInFolder } from "./sound_file.js";
import { star } from "./stars.js";
import { noSummary, showSummary } from "./summary.js";
import { volumeOf } from "./volume.js";
import { button, made, sounds } from "./elements.js";

const $ = (id) => document.getElementById(id);
const AT_ONCE = 40;  // sounds in one request, so that the page shows the progress
const LOOK_AGAIN = 5000, SOON = 700;
const EMPTY = {
  unsure: ["All done.", "Sounds of which drumwatch is not sure wait here for you. New ones appear by themselves."],
  recent: ["Nothing sorted yet.", "Drop sounds into a watched folder, or run `drumwatch sort FOLDER`."],
  clashes: ["No clashes.", "A sound named snare that sounds like a clap would be here."],
  projects: ["Nothing was left whole.", "Songs, sampled instruments and code in a watched folder would be here. An empty file .nodrumwatch leaves any folder whole."],
  filtered: ["Nothing fits.", "Clear a filter, or look in another tab."],
};
const player = $("player");
const undoable = [];
let view = "unsure", newest = 0, generation = 0;

const list = new List($("list"), { play, changed, trouble, star: (row) => starRow(row) });
const map = new SoundMap($("map"), { play, changed, announce: (text) => { $("map-told").textContent = text; }, trouble });
const filters = new Filters(() => reload().catch(trouble));
const labels = new Labels($("labels"), $("room"), document.querySelector("[data-act=more]"), (label) => { confirm(label).catch(trouble); home(); });
const shown = () => (view === "map" ? map : list);
const home = () => (view === "map" ? $("map") : $("list")).focus({ preventScroll: true });

function play(row) {
  player.src = audioOf(row);
  player.play().catch((error) => { if (error.name === "NotAllowedError") showMessage("Click once anywhere, then sounds may play."); else if (error.name !== "AbortError") trouble(new Error(`${row.name} cannot be played: it may have been moved or deleted.`)); });
}

// Reading

async function show(name) {
  view = name;
  for (const tab of $("views").children) {
    tab.setAttribute("aria-selected", tab.dataset.view === name);
    tab.tabIndex = tab.dataset.view === name ? 0 : -1;
  }
  showMessage("");
  $("like").hidden = name !== "like";
  $("list-pane").hidden = name === "map";
  $("map-pane").hidden = name !== "map";
  document.body.classList.toggle("on-projects", name === "projects");
  document.body.classList.toggle("on-map", name === "map" || name === "like");
  $("list").setAttribute("aria-label", name === "projects" ? "Projects" : "Sounds");
  if (name !== "projects") $("whole").hidden = true;  // the new list may take a moment to load
  await reload();
}

async function reload() {
  const query = { ...filters.query(), ...filters.order() }, mine = ++generation;
  const found = await (FILLED[view] ?? Sections.flat)({ ...query, view });
  if (mine !== generation) return;
  if (found instanceof Sections) list.load(found);
  $("news").hidden = true;
  await count(true);
}

const FILLED = { map: mapped, unsure: Sections.groupsFirst, recent: Sections.inOrder, projects: leftWhole, like: () => null };

let stays = [];  // projects and archives, as the server has told them last
async function leftWhole(query) {
  stays = (await get("projects", query)).projects;
  return Sections.of(stays, true);
}

// The file behind what is chosen

async function copyChosen() {
  const item = shown().current(), ids = shown().chosen();
  const rows = view === "map" && item && ids.length < 2 ? [await rowOf(item)] : await rowsOf(item?.path && item, ids);
  return copyPaths(rows);
}
const copyPath = () => copyChosen().catch(trouble);
const showChosen = (item = shown().current()) => showInFolder(item).catch(trouble);

// Stars what is chosen, or takes the stars away if the current sound has one.
async function starChosen(starred = null) {
  const item = shown().current(), ids = shown().chosen();
  const row = item && ids.length ? await rowOf(item.id === undefined ? { id: ids[0] } : item) : null;
  return star(ids, starred ?? !row?.starred, (done) => marked(done, starred ?? !row?.starred));
}
const starNow = (starred) => starChosen(starred).catch(trouble);
const starRow = (row) => star([row.id], !row.starred, (done) => marked(done, !row.starred)).catch(trouble);

function marked(ids, starred) {
  for (const id of ids) if (rows.has(id)) rows.get(id).starred = starred;
  list.change(ids, { starred });
  const many = chosenMany();
  if (many) summarize(many, true);
  else changed();
  countSoon();
}

async function mapped({ view: _, sort: __, ...query }) {
  const [{ ids }] = await Promise.all([Object.keys(query).length ? get("numbers", { ...query, view: "map" }) : { ids: null }, map.load()]);
  map.filter(ids);
  changed();
}

// Shows the number of entries in each tab, and whether any are new since the list was loaded.
async function count(taken = false) {
  const counts = await get("counts", filters.query());
  for (const tab of $("views").children) tab.querySelector(".count").textContent = counts[tab.dataset.view].toLocaleString("en");
  if (taken) newest = counts.newest;
  $("news").hidden = counts.newest === newest || view === "like";
  $("news").textContent = view === "projects" ? "Something new · show" : "New sounds · show";
}

// Counts once, a moment after the last key.
let counting = 0;
function countSoon() {
  clearTimeout(counting);
  counting = setTimeout(() => { counting = 0; count(true).catch(trouble); }, SOON / 2);
}

// Shows the sounds that are similar to one; waits while sounds are analyzed for the first time, unless something else is opened.
async function alike(row) {
  const mine = ++generation;
  const { rows, ready, heard, of } = await get(`sounds/${row.id}/alike`);
  if (mine !== generation) return;
  if (!rows.length && ready) return showMessage(`${row.name} could not be heard, so nothing can be compared with it.`);
  if (!rows.length) {
    showMessage(`Analyzing your sounds first: ${heard} of ${of}…`);
    return setTimeout(() => mine === generation && alike(row).catch(trouble), SOON);
  }
  showMessage("");
  $("like").textContent = `Like ${row.name}  ✕`;
  await show("like");
  list.load(Sections.of(rows));
  home();
}

const rows = new Map();  // of the points on the map, by id
async function rowOf(item) {
  if (item.reason !== undefined) return item;
  const { id } = item;  // a label gives the point another id, also while its row is being loaded
  if (!rows.has(id)) rows.set(id, (await get("sounds", { ids: id })).rows[0]);
  return rows.get(id);
}

// The ids of the chosen sounds, if they are many and neither a group nor a pack, which explain themselves.
function chosenMany() {
  const item = shown().current(), ids = shown().chosen();
  return ids.length > 1 && item?.id !== undefined && item.marker === undefined ? ids : null;
}

async function changed() {
  const item = shown().current(), chosen = shown().chosen().length, nothing = view !== "map" && !list.total;
  $("count").textContent = chosen > 1 ? `${sounds(chosen)} chosen` : "";
  $("empty").hidden = !nothing;
  $("whole").hidden = view !== "projects" || !list.sections.single || nothing;
  $("whole").querySelector("h2").textContent = wholeTitle(stays);
  const words = EMPTY[Object.keys(filters.query()).length ? "filtered" : view];
  if (nothing) [...$("empty").children].forEach((element, at) => { element.textContent = words[at]; });
  const many = chosenMany();
  if (!many) noSummary();
  if (!item) return detail.nothing($("detail"), view === "map" ? "Point at a sound to hear it, or draw around some with Shift." : "Press ? for every key.");
  if (item.marker !== undefined) return showProject($("detail"), item, { showInFolder: showChosen, copy: copyPaths });
  if (item.ids) return groupDetail(item).catch(trouble);
  if (item.id === undefined) return packDetail(item);
  if (many) return summarize(many);
  const { id } = item;
  try {
    const row = await rowOf(item);
    if (shown().current() === item && item.id === id) detail.show($("detail"), row, { star: starRow, showInFolder: showChosen, copy: copyPaths, play, alike: (one) => alike(one).catch(trouble), findNote: (one) => noted(one).catch(trouble), putBack });
  } catch (error) { trouble(error); }
}

function summarize(ids, again = false) {
  detail.leave();
  showSummary($("detail"), ids, { star: starNow, copy: copyPath, putBack: () => putBack(ids), trouble }, again);
}

// Looks for the root note of a sound, and shows it.
async function noted(row) {
  const found = await findNote(row, showMessage);
  rows.delete(row.id);
  list.replace(row.id, found);
  map.replace(row.id, found);
  list.render();
  changed();
}

// Three of a group to hear, before all of it gets one label.
async function groupDetail(group) {
  detail.nothing($("detail"));
  const { rows: found } = await get("sounds", { ids: group.hear });
  if (list.current() !== group) return;
  const line = made("div", "buttons");
  line.append(...found.map((row) => button(`Play ${row.name}`, () => play(row))));
  $("detail").replaceChildren(made("h2", "", group.name), made("p", "", `${group.sentence}.`), line);
}

function packDetail(pack) {
  detail.nothing($("detail"));
  const line = made("div", "buttons");
  line.append(button("Accept all", () => acceptAbove()), button("Undo the pack", () => undoPack(pack)));
  $("detail").append(made("h2", "", pack.name), made("p", "where", `from ${pack.from}`), made("p", "", `${sounds(pack.total)}: ${Object.entries(pack.labels).map(([label, number]) => `${number} ${label}`).join(", ")}.`), line);
}

// Acting

// Sends many sounds in portions; shows each result at once, and the errors by name. `message` makes the sentence for a number of sounds.
async function send(path, ids, request, message) {
  const target = shown(), done = [], failed = [];
  for (let at = 0; at < Math.max(1, ids.length); at += AT_ONCE) {
    if (ids.length > AT_ONCE) showMessage(`${at} of ${ids.length}…`);
    const { results } = await post(path, ids.length ? { ids: ids.slice(at, at + AT_ONCE), ...request } : request);
    for (const result of results) {
      if (!result.row) { failed.push(result); continue; }
      rows.delete(result.was);
      list.replace(result.was, result.row);
      map.replace(result.was, result.row);
      done.push(result.row);
    }
  }
  list.render();
  if (failed.length) trouble(new Error(`${failed.length > 1 ? `${failed.length} could not be done. ` : ""}${failed[0].error}`));
  else showMessage(message(done.length), path === "confirm" && done.length > 0 && undoLast);
  countSoon();
  return { target, done, failed };
}

async function confirm(label, request = {}, ids = shown().chosen()) {
  if (!ids.length && !Object.keys(request).length) return showMessage("Choose a sound first.");
  let sent;
  try { sent = await send("confirm", ids, { label, ...request }, (number) => `${sounds(number)} ${label ? `→ ${label}` : "accepted"}`); }
  catch (error) {
    if (!error.unknown) throw error;
    return ask(`Make ${error.unknown} a label of your own?`, error.message, ["Leave it", "Make it a label"], () => confirm(label, { ...request, new: true }, ids).then(home).catch(trouble));
  }
  const { target, done, failed } = sent;
  if (done.length) undoable.push(done.map(({ id }) => id));
  if (!failed.length && target === list && ids.length) advance();
  else changed();
}

function advance() {
  list.choose(list.range()[1] + 1);
  if ($("listen").checked && list.current()?.id) play(list.current());
}

async function undo(ids, request = {}) {
  const { done } = await send("undo", ids, request, (number) => `${sounds(number)} put back`);
  const lines = done.map(({ id }) => list.sections.lineOf(id)).filter((line) => line !== undefined);
  if (view !== "map" && lines.length) list.choose(Math.min(...lines));
  else changed();
}

function undoLast() {
  const ids = undoable.pop();
  if (!ids) return showMessage("No label was given here that could be undone. U puts the chosen sound back where it was.");
  return undo(ids).catch(trouble);
}

const putBack = (ids = shown().chosen()) => (ids.length ? undo(ids).catch(trouble) : showMessage("Choose a sound first."));

function ask(title, text, answers, act) {
  $("ask-title").textContent = title;
  $("ask").querySelector("p").textContent = text;
  $("ask").querySelectorAll("button").forEach((element, at) => { element.textContent = answers[at]; });
  $("ask").returnValue = "no";
  $("ask").onclose = () => $("ask").returnValue === "yes" && act();
  $("ask").showModal();
}

function undoPack(pack) {
  ask(`Undo ${pack.name}?`, `Everything that was done with its ${sounds(pack.total)} is undone: they return to where they came from.`, ["Keep it", "Undo the pack"], () => undo([], { pack: pack.batch }).then(reload).then(home).catch(trouble));
}

function acceptAbove() {
  const item = list.current(), query = { ...filters.query(), ...filters.order(), view };
  if (item?.ids) return confirm("", {}, item.ids).catch(trouble);
  if (view === "map" || view === "like" || !item) return showMessage("In a list, this accepts all above in the same pack.");
  return confirm("", { ...(item.id === undefined ? { of: item.batch } : { above: item.id }), shown: query }, []).catch(trouble);
}

// Keys

function labelOf(key) {
  if (view === "projects") return undefined;
  const label = labels.of(key);
  return label && (() => confirm(label).catch(trouble));
}

const move = (line) => (event) => {
  if (view === "map" || !list.total) return;
  list.choose(line(), event.shiftKey);
  if ($("listen").checked && list.current()?.id) play(list.current());
};
const arrow = (dx, dy, inList) => (event) => (view === "map" ? map.step(dx, dy) : inList(event));
const fold = (open) => () => { if (!list.sections.grouped) return false; list.fold(list.cursor, open).catch(trouble); return true; };
const onMap = (act) => () => { if (view !== "map") return false; act(); return true; };

const ACTS = {
  ArrowDown: arrow(0, 1, move(() => list.cursor + 1)),
  ArrowUp: arrow(0, -1, move(() => list.cursor - 1)),
  ArrowRight: arrow(1, 0, fold(true)),
  ArrowLeft: arrow(-1, 0, fold(false)),
  PageDown: move(() => list.cursor + list.page()),
  PageUp: move(() => list.cursor - list.page()),
  Home: move(() => 0),
  End: move(() => list.total - 1),
  Enter: () => (view === "map" ? map.toggle() : list.fold().catch(trouble)),
  " ": () => shown().current()?.id && play(shown().current()),
  a: () => confirm("").catch(trouble),
  A: acceptAbove,
  u: undoLast,
  U: () => (list.current()?.id === undefined && view === "recent" && list.total ? undoPack(list.current()) : putBack()),
  l: () => shown().current()?.id && rowOf(shown().current()).then(alike).catch(trouble),
  m: () => labels.switch(),
  K: () => askForKit(shown().chosen(), home).catch(trouble),
  "*": () => starNow(),
  c: copyPath,
  f: () => showChosen(),
  "/": () => $("search").focus(),
  "?": () => $("help").showModal(),
  "+": onMap(() => map.zoom(1.4)),
  "=": onMap(() => map.zoom(1.4)),
  "-": onMap(() => map.zoom(1 / 1.4)),
  0: onMap(() => map.fit()),
  Escape: () => { if (labels.more) labels.switch(); else if (view === "map") map.clear(); else if (view === "like") show("unsure").catch(trouble); else list.choose(list.cursor); },
  all: () => (view === "map" ? map.pick(map.points.filter((point) => map.shows(point))) : list.chooseAll()),
};

// A project is neither played nor labelled.
const onSounds = (act) => (event) => (view === "projects" ? showMessage("A project is left whole: it has no label, and no sound of its own to play.") : act(event));
for (const key of [" ", "*", "a", "A", "U", "l", "m", "K", "Enter", "all"]) ACTS[key] = onSounds(ACTS[key]);

listen({ acts: ACTS, label: labelOf, leave: home });
fillHelp($("help"));

$("views").addEventListener("click", ({ target }) => { const tab = target.closest("[role=tab]"); if (tab) { show(tab.dataset.view).catch(trouble); home(); } });
$("views").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], tabs = [...$("views").children];
  if (!step) return;
  event.stopPropagation();
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  show(next.dataset.view).catch(trouble);
});
$("acts").addEventListener("click", ({ target }) => ({ accept: ACTS.a, undo: undoLast, more: ACTS.m, kit: ACTS.K, star: ACTS["*"], folder: ACTS.f, copy: copyPath, help: ACTS["?"] })[target.closest("button")?.dataset.act]?.());
$("zooms").addEventListener("click", ({ target }) => ACTS[target.dataset.zoom]?.());
$("lasso").addEventListener("click", ({ target }) => { map.lassoing = !map.lassoing; target.setAttribute("aria-pressed", map.lassoing); });
$("like").addEventListener("click", () => show("unsure").catch(trouble));
$("news").addEventListener("click", () => filters.offer().then((offered) => { labels.fill(offered); return reload(); }).catch(trouble));
$("listen").checked = localStorage.getItem("listen") === "yes";
$("listen").addEventListener("change", ({ target }) => { localStorage.setItem("listen", target.checked ? "yes" : "no"); home(); });
volumeOf($("volume"), player, home);
setInterval(() => document.visibilityState === "visible" && !counting && count().catch(() => 0), LOOK_AGAIN);

try {
  labels.fill(await filters.offer());
  map.legend($("legend"), labels.labels);
  await show("unsure");
  home();
} catch (error) { trouble(error); }
