// Root notes and tempi: their filters, their text, and the search for a note that nobody has looked for.

import { post } from "./server.js";

export const NOTES = ["A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#"];

// Replaces a range of tempi in a query, 90-110, by its ends.
export function tempoRange(asked) {
  const [from, to] = (asked.tempo ?? "").split("-");
  delete asked.tempo;
  if (from && from !== "0") asked.min_bpm = from;
  if (to) asked.max_bpm = to;
}

// Returns the shape of a sound with its tempo and its note, where it has them.
export const shapeOf = (row) => [row.shape, row.tempo && `${Math.round(row.tempo)} bpm`, row.note].filter(Boolean).join(", ");

// Looks for the note of a sound, and returns its new row.
export async function findNote(row, showMessage) {
  showMessage("Looking for the root note. The first time takes half a minute…");
  const { row: found } = await post(`sounds/${row.id}/note`, {});
  showMessage(found.note ? `${found.name}: ${found.note}` : `${found.name} has no root note that is beyond doubt.`);
  return found;
}
