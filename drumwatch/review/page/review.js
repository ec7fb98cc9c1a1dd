// Listen, press a key, done.

import { audioOf, get, post } from "./server.js";
import { List, colour, made, percent } from "./list.js";
import { SoundMap } from "./map.js";

const $ = (id) => document.getElementById(id);
const player = $("player");
const undoable = [];
let view = "unsure", labels = [], types = [], more = false;

const list = new List($("list"), { play, changed });
const map = new SoundMap($("map"), { play, changed });
const shown = () => (view === "map" ? map : list);

function play(row) {
  player.src = audioOf(row);
  player.play().catch(() => say("Click once, then sounds may play."));
}

const say = (text) => { $("say").textContent = text; };

async function show(name) {
  view = name;
  for (const tab of $("views").children) {
    tab.setAttribute("aria-selected", tab.dataset.view === name);
    tab.tabIndex = tab.dataset.view === name ? 0 : -1;
  }
  $("list-pane").hidden = name === "map";
  $("map-pane").hidden = name !== "map";
  if (name === "map") { say("Listening to all sounds…"); await map.load(); say(""); }
  else await list.load(asked());
}

const asked = () => ({ view, q: $("search").value, label_filter: $("label-filter").value });

let explaining = 0;
function changed() {
  const row = shown().current(), many = shown().chosen().length;
  $("count").textContent = view === "map" ? `${map.points.length} sounds` : `${list.total.toLocaleString()} sounds`;
  $("empty").hidden = view === "map" || list.total > 0;
  $("detail").replaceChildren();
  if (!row) return;
  $("detail").append(made("h2", "", row.name), made("p", "", row.folder), made("p", "", row.reason));
  if (many > 1) $("detail").append(made("p", "", `${many} sounds chosen`));
  if (row.nameSays && row.nameSays !== row.label) $("detail").append(made("p", "", `Named ${row.nameSays}, sounds like ${row.label}.`));
  $("detail").append(chances(row));
  if (view === "map") { const like = made("button", "", "Find sounds like this"); like.addEventListener("click", () => map.pickLike(row)); $("detail").append(like); }
  clearTimeout(explaining);
  explaining = setTimeout(() => explain(row), 150);
}

function chances(row) {
  const table = made("dl");
  for (const [label, share] of row.top) {
    const meter = made("meter"), value = made("dd");
    meter.value = share;
    meter.setAttribute("aria-label", label);
    value.append(meter);
    table.append(made("dt", colour(label), label), value, made("dd", "", percent(share)));
  }
  return table;
}

async function explain(row) {
  try {
    const { reasons, nearest } = await get(`sounds/${row.id}/why`);
    if (shown().current()?.id !== row.id) return;
    const why = made("ul"), like = made("ul");
    why.append(...reasons.map(([text, weight]) => made("li", "", `${weight > 0 ? "+" : "−"} ${text}`)));
    like.append(...nearest.map(({ sound, type }) => made("li", "", `${type}: ${sound}`)));
    $("detail").append(made("h2", "", "Why"), why, made("h2", "", "Most like"), like);
  } catch (error) { if (shown().current()?.id === row.id) $("detail").append(made("p", "", error.message)); }
}

async function confirm(label, request = {}) {
  const target = shown(), rows = target.chosen();
  if (!rows.length) return;
  try {
    const { results } = await post("confirm", { ids: rows.map(({ id }) => id), label, ...request });
    settle(target, results, label);
  } catch (error) { say(error.message); }
}

function settle(target, results, label) {
  const done = results.filter(({ row }) => row);
  for (const { was, row } of done) target.replace(was, row);
  if (done.length) undoable.push([target, done.map(({ row }) => row.id)]);
  const failed = results.find(({ error }) => error);
  say(failed ? failed.error : `${done.length} ${label || "accepted"}`);
  if (!failed && target === list) list.choose(Math.max(...list.range()) + 1);
  else changed();
}

async function undo() {
  const [target, ids] = undoable.pop() ?? [];
  if (!ids) return say("Nothing to undo.");
  try {
    for (const id of ids.reverse()) target.replace(id, (await post("undo", { id })).row);
    say(`${ids.length} undone`);
    if (target === list) list.choose([...list.rows].find(([, row]) => row.id === ids[0])?.[0] ?? list.cursor - 1);
  } catch (error) { say(error.message); }
}

const acceptAbove = () => list.current() && confirm("", { above: list.current().id, ...asked() });

function offerLabels() {
  $("labels").replaceChildren(...(more ? types : labels).map((label, at) => {
    const button = made("button", colour(label), `${at < 9 ? `${at + 1} ` : ""}${label}`);
    button.addEventListener("click", () => { confirm(label); $("list").focus(); });
    return button;
  }));
}

const KEYS = {
  ArrowDown: (event) => list.choose(list.cursor + 1, event.shiftKey),
  ArrowUp: (event) => list.choose(list.cursor - 1, event.shiftKey),
  PageDown: () => list.choose(list.cursor + 8),
  PageUp: () => list.choose(list.cursor - 8),
  Home: () => list.choose(0),
  End: () => list.choose(list.total - 1),
  " ": () => shown().current() && play(shown().current()),
  a: () => confirm(""),
  A: acceptAbove,
  u: undo,
  m: () => { more = !more; offerLabels(); },
  "/": () => $("search").focus(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select"), pressing = event.target.matches("button") && event.key === " ";
  if (typing && event.key === "Escape") return $("list").focus();
  if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
  const offered = more ? types : labels;
  const label = offered[Number(event.key) - 1] ?? (KEYS[event.key] ? undefined : offered.find((one) => one[0] === event.key));
  const act = KEYS[event.key] ?? (label && (() => { more = false; offerLabels(); confirm(label); }));
  if (!act) return;
  event.preventDefault();
  act(event);
});

$("views").addEventListener("click", (event) => event.target.dataset.view && show(event.target.dataset.view));
$("views").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], tabs = [...$("views").children];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  show(next.dataset.view);
});
let typingPause = 0;
$("search").addEventListener("input", () => { clearTimeout(typingPause); typingPause = setTimeout(() => view !== "map" && list.load(asked()), 150); });
$("label-filter").addEventListener("change", () => view !== "map" && list.load(asked()));

({ labels, types } = await get("labels"));
offerLabels();
for (const label of labels) $("label-filter").append(new Option(label, label));
$("legend").append(...labels.map((label) => made("li", colour(label), label)));
await show("unsure");
$("list").focus();
