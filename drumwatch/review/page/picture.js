// The picture of a sound: its spectrogram with the waveform in front. Few are loaded at a time, the last requested first.

import { get } from "./server.js";
import { rgbOf } from "./elements.js";

const AT_ONCE = 3, KEPT = 2000;
const known = new Map();
const waiting = [];
let asking = 0;

export function draw(canvas, row) {
  canvas.dataset.sound = row.id;
  canvas.picture = row;
  const picture = known.get(row.id);
  if (picture) paint(canvas, picture);
  else { waiting.push([canvas, row.id]); askMore(); }
}

// Keeps the picture of a sound whose entry has a new id.
export const sameSound = (oldId, newId) => { if (known.has(oldId)) remember(newId, known.get(oldId)); };

export function repaint() {
  for (const canvas of document.querySelectorAll("canvas[data-sound]")) if (canvas.picture) draw(canvas, canvas.picture);
}

function remember(id, picture) {
  known.set(id, picture);
  if (known.size > KEPT) known.delete(known.keys().next().value);
}

async function askMore() {
  if (asking >= AT_ONCE || !waiting.length) return;
  const [canvas, id] = waiting.pop();
  const stillShown = () => canvas.isConnected && canvas.dataset.sound === String(id);
  if (!stillShown()) return askMore();
  asking += 1;
  try {
    remember(id, await get(`sounds/${id}/picture`));
    if (stillShown()) paint(canvas, known.get(id));
  } catch { canvas.classList.add("none"); }  // the sound is missing
  asking -= 1;
  askMore();
}

function paint(canvas, { peaks, rows, spectrogram }) {
  const { clientWidth: width, clientHeight: height } = canvas, dots = devicePixelRatio;
  if (!width) return;
  canvas.width = width * dots; canvas.height = height * dots;
  const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
  pen.drawImage(heat(peaks.length, rows, atob(spectrogram), rgbOf(canvas.picture.label)), 0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue("--wave");
  pen.beginPath();
  const step = canvas.width / peaks.length, middle = canvas.height / 2;
  const at = (x, peak) => pen.lineTo((x + 0.5) * step, middle - peak * middle * 0.92);
  pen.moveTo(0, middle);
  peaks.forEach((peak, x) => at(x, Math.max(peak, 0.012)));
  pen.lineTo(canvas.width, middle);
  [...peaks].reverse().forEach((peak, x) => at(peaks.length - 1 - x, -Math.max(peak, 0.012)));
  pen.fill();
}

// Returns an image with one pixel for each moment and band; the browser smooths it when it is stretched.
function heat(columns, rows, levels, [red, green, blue]) {
  const small = new OffscreenCanvas(columns, rows), pen = small.getContext("2d"), image = pen.createImageData(columns, rows);
  for (let x = 0; x < columns; x++) for (let y = 0; y < rows; y++) {
    const level = levels.charCodeAt(x * rows + y) / 255;
    image.data.set([red, green, blue, 235 * level ** 2.2], 4 * ((rows - 1 - y) * columns + x));
  }
  pen.putImageData(image, 0, 0);
  return small;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
