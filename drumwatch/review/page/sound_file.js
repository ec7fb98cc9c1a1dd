// The file behind a sound: its path for the clipboard, its folder in the file manager, and the file itself for whoever drags it out.

import { get, post } from "./server.js";
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

// Lets an element be dragged out of the page as the files of these rows; `rows` is called when the pointer goes down and again
// when the drag begins. Links are made in between: the program at the end of the drag has no cookie, and a drag cannot wait.
export function draggable(element, rows) {
  element.draggable = true;
  element.addEventListener("pointerdown", (event) => event.isPrimary && event.button === 0 && link(rows()));
  element.addEventListener("dragstart", (event) => dragOut(event, rows()));
}

const links = new Map();  // by the id of the entry; the server lets each expire
async function link(rows) {
  const ids = rows.slice(0, MOST).map((row) => row.id);
  try { for (const [id, path] of Object.entries((await post("links", { ids })).links)) links.set(Number(id), location.origin + path); }
  catch { for (const id of ids) links.delete(id); }  // the drag is still good for programs that take a path
}

// Chromium gives no other program an address of a file, but one of a server; on Windows and macOS it makes a file of DownloadURL.
const HIDES_FILES = "userAgentData" in navigator;

function dragOut(event, rows) {
  if (!rows.length) return event.preventDefault();
  const [first] = rows, { dataTransfer } = event, linked = links.get(first.id);
  dataTransfer.effectAllowed = "copy";
  if (linked) dataTransfer.setData("DownloadURL", `${mediaType(first.name)}:${first.name.replaceAll(":", "_")}:${linked}`);
  dataTransfer.setData("text/uri-list", rows.map((row) => (HIDES_FILES && links.get(row.id)) || row.uri).join("\r\n"));
  dataTransfer.setData("text/plain", rows.map((row) => row.path).join("\n"));
}

const TYPES = { wav: "audio/wav", mp3: "audio/mpeg", ogg: "audio/ogg", opus: "audio/ogg", flac: "audio/flac", aif: "audio/aiff", aiff: "audio/aiff" };
const mediaType = (name) => TYPES[name.toLowerCase().match(/\.([^.]*)$/)?.[1]] ?? "application/octet-stream";
