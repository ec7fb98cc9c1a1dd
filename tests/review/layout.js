// What lies wrong on the page as it is now, in sentences: what overlaps, what is cut off, what sticks out of the window.
() => {
  const faults = [], shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter(shown);
  const box = (element) => element.getBoundingClientRect();
  const name = (element) => element.id || `${element.className || element.tagName} "${element.textContent.trim().slice(0, 30)}"`;
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const apart = (elements, what) => elements.forEach((one, at) => elements.slice(at + 1).forEach((other) => {
    if (!one.contains(other) && !other.contains(one) && overlap(box(one), box(other))) faults.push(`${what}: ${name(one)} lies over ${name(other)}`);
  }));
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth;
  const scrolled = (element) => { for (let at = element.parentElement; at; at = at.parentElement) if (scrolls(at)) return true; return false; };

  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
  const parts = all("header, #filters, #stage, footer");
  apart(parts, "parts");
  const high = parts.reduce((sum, part) => sum + box(part).height, 0);
  if (Math.abs(high - innerHeight) > 2) faults.push(`the parts are ${high} high in a window of ${innerHeight}`);
  apart(all("#list-pane, #map-pane, #detail"), "panes");
  apart(all("#map, #legend, #below-map, #map-told, .hint"), "map");
  const controls = all("header :is(button, input), #filters :is(button, select, input), footer :is(button, input), #legend button, #zooms button");
  apart(controls.filter((control) => !scrolled(control)), "controls");
  for (const control of controls) {
    if (!scrolled(control) && (box(control).right > innerWidth + 1 || box(control).left < -1)) faults.push(`${name(control)} sticks out of the window`);
    if (control.matches("button") && control.scrollWidth > control.clientWidth + 1) faults.push(`the text of ${name(control)} is cut off`);
    if (control.matches("button") && !control.textContent.trim()) faults.push(`${control.outerHTML} shows nothing`);
  }
  for (const button of all("button kbd")) if (box(button).width === 0) faults.push(`${name(button.parentElement)} hides its key`);
  for (const row of all(".row")) apart(all(".thumb, .name, .where, .badge, .chance, .bar, .told, .tally", row), "a row");
  for (const text of all(".row .name, .badge, .chance, .tally")) if (box(text).width < 20) faults.push(`${name(text)} has no room`);
  for (const text of all(".sound .name")) if (box(text).width < (innerWidth > 640 ? 200 : 100)) faults.push(`${name(text)} is squeezed to ${box(text).width}`);
  for (const text of all(".badge, .chance, .tally div, .tab")) if (box(text).right > innerWidth) faults.push(`${name(text)} sticks out of the window`);
  return faults;
}
