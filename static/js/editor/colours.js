// The board's colours, as tokens.css has them in the theme that is on: a canvas can't read them by itself.
const NAMES = {
  paint: "--mark-paint", keep: "--mark-keep", drop: "--mark-drop", frame: "--board-frame", frameFill: "--board-frame-fill", handle: "--board-handle",
  line: "--board-line", halo: "--board-halo", checkLight: "--check-light", checkDark: "--check-dark",
};

// Returns name → colour. Only a used property is worked out for the theme, so one element takes on each in turn.
export function readColours() {
  const probe = document.body.appendChild(document.createElement("span"));
  const found = {};
  for (const [name, token] of Object.entries(NAMES)) {
    probe.style.color = `var(${token})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

// Calls take(colours) when the theme changes: by the page's buttons, or by the system.
export function watchColours(take) {
  const changed = () => take(readColours());
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
