// The volume of the page, which this browser remembers.

const KEPT = "volume";

export function volumeOf(control, player, done) {
  const kept = Number.parseFloat(localStorage.getItem(KEPT) ?? "1");
  control.value = kept >= 0 && kept <= 1 ? kept : 1;
  apply(control, player);
  control.addEventListener("input", () => { apply(control, player); localStorage.setItem(KEPT, control.value); });
  control.addEventListener("pointerup", done);
}

// Loudness is heard by ratios: half of the way is a quarter of the amplitude.
function apply(control, player) {
  player.volume = control.value ** 2;
  control.setAttribute("aria-valuetext", `${Math.round(100 * control.value)} %`);
}
