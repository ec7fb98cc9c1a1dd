// The messages at the foot of the page: results, and errors, which stand out.

import { button, made } from "./elements.js";

const $ = (id) => document.getElementById(id);
const READ = 15000;  // milliseconds for which an error is shown
let due = 0;

// Shows a result; with `undo`, a button for it.
export function showMessage(text, undo = null) {
  $("trouble").hidden = true;
  $("say").replaceChildren(made("span", "", text, { title: text }), ...(undo ? [button("Undo", undo, "link")] : []));
}

export function trouble(error) {
  clearTimeout(due);
  $("say").replaceChildren();
  $("trouble").textContent = error.message;
  $("trouble").hidden = false;
  due = setTimeout(() => { $("trouble").hidden = true; }, READ);
}
