// Stars: the sounds that are marked as favorites. A star is in the journal, and stays with the sound wherever it is moved.

import { post } from "./server.js";
import { showMessage } from "./messages.js";
import { button, made, sounds } from "./elements.js";

const AT_ONCE = 1000;  // sounds in one request

// Stars the sounds with these ids, or takes their stars away; calls `marked` with the ids, as far as that was done.
export async function star(ids, starred, marked) {
  if (!ids.length) return showMessage("Choose a sound first.");
  let done = 0;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const answer = await post("star", { ids: ids.slice(at, at + AT_ONCE), starred });
    done += answer.ids.length;
    marked(new Set(answer.ids));
  }
  showMessage(`${sounds(done)} ${starred ? "starred" : "without a star now"}`);
}

// The star in a row: for the pointer only, as a row has no controls; the key does the same.
export function starMark(row, toggle) {
  const mark = made("span", row.starred ? "star on" : "star", row.starred ? "★" : "☆", { title: row.starred ? "Take the star away (*)" : "Star this sound (*)", "aria-hidden": "true" });
  mark.addEventListener("click", (event) => { event.stopPropagation(); toggle(row); });
  return mark;
}

export const starButton = (starred, act) => button(starred ? "★ Starred" : "☆ Star", act, starred ? "on" : "", { "aria-pressed": starred });
