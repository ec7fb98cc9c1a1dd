// The summary of many chosen sounds: how many of each label, from which packs, and how sure drumwatch is of them.

import { post } from "./server.js";
import { button, colour, made, percent, sounds } from "./elements.js";

const AT_ONCE = 1000;  // sounds in one request
const PAUSE = 150;  // milliseconds without a change of the choice before it is counted
const PACKS = 3;
const HEAD = 2;  // elements before the counts: title and buttons
let due = 0, latest = null;

// Shows the summary, `again` also if the same sounds are chosen still; `acts` holds the functions of the buttons: star, copy, putBack.
export function showSummary(aside, ids, acts, again = false) {
  const same = latest?.join() === ids.join() && aside.querySelector(".many");
  if (same && !again) return;
  clearTimeout(due);
  latest = ids;
  aside.replaceChildren(made("h2", "many", `${sounds(ids.length)} chosen`), buttons(acts));
  due = setTimeout(() => count(ids).then((found) => latest === ids && found && aside.replaceChildren(...[...aside.children].slice(0, HEAD), ...lines(found))).catch(acts.trouble), PAUSE);
}

export function noSummary() { clearTimeout(due); latest = null; }

async function count(ids) {
  let all = null;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const part = await post("summary", { ids: ids.slice(at, at + AT_ONCE) });
    if (latest !== ids) return null;
    all = all ? joined(all, part) : part;
  }
  return all;
}

function joined(one, other) {
  const labels = { ...one.labels }, packs = new Map(one.packs);
  for (const [label, number] of Object.entries(other.labels)) labels[label] = (labels[label] ?? 0) + number;
  for (const [pack, number] of other.packs) packs.set(pack, (packs.get(pack) ?? 0) + number);
  return {
    sounds: one.sounds + other.sounds, labels, packs: [...packs].sort((a, b) => b[1] - a[1]), unsure: one.unsure + other.unsure, starred: one.starred + other.starred,
    least_confidence: Math.min(one.least_confidence, other.least_confidence), most_confidence: Math.max(one.most_confidence, other.most_confidence), seconds: one.seconds + other.seconds,
  };
}

function buttons(acts) {
  const line = made("div", "buttons");
  line.append(button("★ Star all", () => acts.star(true)), button("Copy paths", acts.copy), button("Put back", acts.putBack));
  return line;
}

function lines(found) {
  if (!found.sounds) return [];
  const table = made("dl", "chances tallies"), words = Object.entries(found.labels).sort((a, b) => b[1] - a[1]);
  for (const [label, number] of words) {
    const bar = made("dd", "share"), fill = made("i", `fill ${colour(label)}`);
    fill.style.width = `${(number / found.sounds) * 100}%`;
    bar.append(fill);
    table.append(made("dt", colour(label), label), bar, made("dd", "", number.toLocaleString("en")));
  }
  const sure = [...new Set([found.least_confidence, found.most_confidence].map(percent))].join(" to ");
  const facts = [`${sure} sure`, found.unsure && `${found.unsure.toLocaleString("en")} unsure`, found.starred && `${found.starred.toLocaleString("en")} starred`, lasting(found.seconds)];
  return [table, made("p", "facts", facts.filter(Boolean).join(" · ")), made("p", "where", packsOf(found.packs))];
}

function packsOf(packs) {
  const named = packs.slice(0, PACKS).map(([pack, number]) => `${pack || "single files"} (${number.toLocaleString("en")})`);
  const more = packs.length - named.length;
  return `From ${named.join(", ")}${more > 0 ? ` and ${more} more pack${more === 1 ? "" : "s"}` : ""}`;
}

const lasting = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`);
