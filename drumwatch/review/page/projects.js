// Projects that were left whole: songs, instruments, code and programs; and archives that were not wholly read. They have no label.

import { nothing } from "./detail.js";
import { button, made, sounds, when } from "./elements.js";

const projects = (count) => `${count.toLocaleString("en")} project${count === 1 ? "" : "s"}`;

export function wholeTitle(items) {
  const archives = items.filter((item) => item.kind === "archive").length, rest = items.length - archives;
  const read = `${archives.toLocaleString("en")} archive${archives === 1 ? "" : "s"} not wholly read`;
  if (!archives) return `Left whole: ${projects(rest)}`;
  return rest ? `Left whole: ${projects(rest)}, and ${read}` : read;
}

const inside = (project) => (project.sounds === null ? "" : sounds(project.sounds));
const shownBy = (project) => (project.marker ? `shown by ${project.marker}` : "");

export function projectLine(project) {
  const element = made("div", "row project"), what = made("div", "what"), kind = made("div", "what kind"), tally = made("div", "tally");
  what.append(made("div", "name", project.name), made("div", "where", project.folder));
  kind.append(made("div", "is", project.what), made("div", "where", shownBy(project)));
  tally.append(made("div", "", inside(project)), made("div", "where", when(project.time)));
  element.append(what, kind, tally);
  return element;
}

// `acts` holds the functions of the buttons: showInFolder, copy.
export function showProject(aside, project, acts) {
  nothing(aside);
  aside.append(made("h2", "", project.name), made("p", "where", project.path), made("p", "facts", [project.what, shownBy(project)].filter(Boolean).join(", ")));
  const line = made("div", "buttons");
  line.append(button("Show in folder", () => acts.showInFolder(project)), button("Copy path", () => acts.copy([project])));
  aside.append(line);
  aside.append(made("p", "reason", `${project.reason}.`), made("p", "history", `${when(project.time)}: ${project.kind === "archive" ? "not wholly read" : "left whole"}.`));
}
