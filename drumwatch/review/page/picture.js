// A sound in small: spectrogram behind, waveform in front. Few are asked for at a time, the nearest to the eye first.

import { get } from "./server.js";

const AT_ONCE = 3;
const known = new Map();
const waiting = [];
let asking = 0;

export function draw(canvas, row) {
  canvas.dataset.sound = row.id;
  const picture = known.get(row.id);
  if (picture) paint(canvas, picture);
  else { waiting.push([canvas, row.id]); askMore(); }
}

async function askMore() {
  if (asking >= AT_ONCE || !waiting.length) return;
  const [canvas, id] = waiting.pop();
  const stillShown = () => canvas.isConnected && canvas.dataset.sound === String(id);
  if (!stillShown()) return askMore();
  asking += 1;
  try {
    known.set(id, await get(`sounds/${id}/picture`));
    if (stillShown()) paint(canvas, known.get(id));
  } catch { /* a sound that is gone has no picture */ }
  asking -= 1;
  askMore();
}

function paint(canvas, { peaks, rows, spectrogram }) {
  const columns = peaks.length, levels = atob(spectrogram);
  canvas.width = columns * 2; canvas.height = rows * 2;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue("--accent");
  for (let x = 0; x < columns; x++) for (let y = 0; y < rows; y++) {
    pen.globalAlpha = 0.75 * (levels.charCodeAt(x * rows + y) / 255) ** 2;
    pen.fillRect(2 * x, 2 * (rows - 1 - y), 2, 2);
  }
  pen.globalAlpha = 0.85;
  pen.fillStyle = style.getPropertyValue("--ink");
  peaks.forEach((peak, x) => pen.fillRect(2 * x, rows * (1 - peak), 1, Math.max(1, 2 * rows * peak)));
}
