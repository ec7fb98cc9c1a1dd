// Kits: a name is asked for, the kit is made around the chosen sounds, and the message says where it lies.

import { get, post } from "./server.js";
import { button, sounds } from "./elements.js";
import { showMessage, trouble } from "./messages.js";

const $ = (id) => document.getElementById(id);
const MOST = 1000;  // sounds in one request

let offered = null;

// Asks for a name; `ids` are the chosen sounds, and `done` is called when the dialog is closed.
export async function askForKit(ids, done) {
  const form = $("kit").querySelector("form");
  await offerDevices(form.elements.device);
  $("kit-about").textContent = about(ids.length);
  $("kit").returnValue = "no";
  $("kit").onclose = () => { done(); if ($("kit").returnValue === "yes") makeKit(ids, form).catch(trouble); };
  $("kit").showModal();
  form.elements.name.select();
}

function about(count) {
  if (!count) return "Sounds of your library that go together, as links in a folder of their own.";
  return `${count > 1 ? `The ${sounds(count)} that you have chosen` : "The sound that you have chosen"}, and others that go with ${count > 1 ? "them" : "it"}; if there are more than fit, some of them.`;
}

async function offerDevices(select) {
  offered ??= (await get("kits")).devices;
  if (!select.options.length) select.append(...offered.map(({ name, title }) => new Option(title, name)));
}

async function makeKit(ids, form) {
  const { name, size, device } = form.elements;
  showMessage("Making the kit…");
  const made = await post("kits", { ids: spread(ids), name: name.value, size: Number(size.value), device: device.value });
  showMessage([`${made.sentence}.`, ...made.notes].join(" "));
  $("say").append(button("Show the folder", () => showKit(made), "link"), button("Take it out again", () => takeOut(made), "link"));
}

// Returns so many of the chosen sounds as one request may have, from all over the choice.
function spread(ids) {
  const step = Math.ceil(ids.length / MOST);
  return step > 1 ? ids.filter((_, at) => at % step === 0) : ids;
}

const showKit = ({ batch }) => post("kits/show", { batch }).catch(trouble);

async function takeOut({ batch, path }) {
  try {
    const { results } = await post("undo", { pack: batch }), failed = results.filter(({ error }) => error);
    if (failed.length) trouble(new Error(failed[0].error));
    else showMessage(`The kit is gone: ${path}`);
  } catch (error) { trouble(error); }
}
