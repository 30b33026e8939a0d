// The keyboard: ? shows the keys, g c, g e, g l and g v go places, / writes a prompt, Ctrl/Cmd-Enter generates,
// arrows and Esc on a picture. Links say which key they answer to by data-key.
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const PLACES = { c: "generation:create", e: "generation:editor", l: "generation:library", v: "generation:video" };
let wentAt = -Infinity;

for (const key of document.querySelectorAll("[data-command-key]")) if (isMac) key.textContent = "⌘";

function isTyping(target) {
  return target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

// Whoever came from the library gets it back as it was left: where it was scrolled to, with what was marked.
function wasHere(link) {
  const before = window.navigation?.entries()[window.navigation.currentEntry.index - 1];
  return before?.url && new URL(before.url).pathname === link.pathname;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-returns]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || !wasHere(link)) return;
  event.preventDefault();
  history.back();
});

function follow(link) {
  // Walking from picture to picture leaves one step for Back, not fifty.
  if (link.hasAttribute("data-walks")) location.replace(link.href);
  else link.click();
}

// Goes to a place; whoever listens for the same letter alone sees that it was taken.
function go(event) {
  wentAt = -Infinity;
  const place = document.querySelector(`.rail-item[data-place="${PLACES[event.key]}"]`);
  if (!place) return;
  event.preventDefault();
  place.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const button = document.getElementById("generate");
    if (button && !button.disabled) button.form.requestSubmit(button);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector(":popover-open")) return;
  if (event.key === "?") document.getElementById("keys")?.showPopover();
  else if (event.key === "g") wentAt = event.timeStamp;
  else if (event.key in PLACES && event.timeStamp - wentAt < 1000) go(event);
  else if (event.key === "/" && document.querySelector("#prompt, #search-words")) {
    event.preventDefault();
    document.querySelector("#prompt, #search-words").focus();
  } else {
    // The arrows seek in a video that one is at.
    if (event.key.startsWith("Arrow") && event.target.closest("video")) return;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) follow(link);
  }
});
