// The texts that are hardest to read on what they stand on: contrast by WCAG, what kind of element, how it begins.
() => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (element) => {
    const [bright, dark] = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    return (bright + 0.05) / (dark + 0.05);
  };
  const speaks = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  return [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility() && speaks(element))
    .map((element) => [contrast(element), element.className || element.tagName, element.textContent.slice(0, 30)])
    .sort((a, b) => a[0] - b[0]).slice(0, 3);
}
