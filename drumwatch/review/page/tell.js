// What the page says at its foot: what was done, or, louder, what could not be.

import { button } from "./words.js";

const $ = (id) => document.getElementById(id);
const READ = 15000;  // milliseconds until trouble has been read
let due = 0;

// `undo`, where there is something to take back.
export function say(text, undo = null) {
  $("trouble").hidden = true;
  $("say").replaceChildren(text, ...(undo ? [button("Undo", undo, "link")] : []));
}

export function trouble(error) {
  clearTimeout(due);
  $("say").replaceChildren();
  $("trouble").textContent = error.message;
  $("trouble").hidden = false;
  due = setTimeout(() => { $("trouble").hidden = true; }, READ);
}
