// The file behind a sound: its path for the clipboard, its folder in the file manager, and the file itself for whoever drags it out.

import { fileOf, get, post } from "./server.js";
import { showMessage, trouble } from "./messages.js";
import { sounds } from "./elements.js";

const MOST = 200;  // paths that are copied at once

// Copies the paths of these rows, one on each line.
export async function copyPaths(rows) {
  if (!rows.length) return showMessage("There is no path to copy.");
  const paths = rows.map((row) => row.path).join("\n");
  try {
    await navigator.clipboard.writeText(paths);
    showMessage(rows.length > 1 ? `Copied the paths of ${sounds(rows.length)}` : `Copied: ${paths}`);
  } catch { trouble(new Error(`This browser lets no page copy. The path is ${paths}`)); }
}

// Returns the rows of the chosen sounds, `item` alone if it is the only one; many have to be loaded.
export async function rowsOf(item, ids) {
  if (ids.length < 2) return item ? [item] : [];
  return (await get("sounds", { ids: ids.slice(0, MOST) })).rows;
}

export async function showInFolder(item) {
  if (item?.id === undefined) return showMessage("Choose a sound or a project first.");
  showMessage(`Asking the file manager for ${item.name}…`);
  await post("show-in-folder", { id: item.id });
  showMessage(`Shown in its folder: ${item.name}`);
}

// Lets an element be dragged out of the page as the files of these rows; `rows` is called when the drag begins.
export function draggable(element, rows) {
  element.draggable = true;
  element.addEventListener("dragstart", (event) => dragOut(event, rows()));
}

// Chromium makes a file of DownloadURL, where it is dropped; other programs take the list of addresses or the text.
function dragOut(event, rows) {
  if (!rows.length) return event.preventDefault();
  const [first] = rows, { dataTransfer } = event;
  dataTransfer.effectAllowed = "copy";
  dataTransfer.setData("DownloadURL", `${mediaType(first.name)}:${first.name.replaceAll(":", "_")}:${fileOf(first)}`);
  dataTransfer.setData("text/uri-list", rows.map((row) => row.uri).join("\r\n"));
  dataTransfer.setData("text/plain", rows.map((row) => row.path).join("\n"));
}

const TYPES = { wav: "audio/wav", mp3: "audio/mpeg", ogg: "audio/ogg", opus: "audio/ogg", flac: "audio/flac", aif: "audio/aiff", aiff: "audio/aiff" };
const mediaType = (name) => TYPES[name.toLowerCase().match(/\.([^.]*)$/)?.[1]] ?? "application/octet-stream";
