// What hangs over a library or beside a picture (filters, a folder's menu, the name of a new one or of a search, other
// files) goes when somebody presses Esc or goes on elsewhere: whoever does wants to see what lies below.
const OPEN = ".filters[open], .shelf-deeds[open], .shelf-new[open], .save-search[open], .split-more[open]";
// It pushes aside what stands below: gone at a press, it would take that from under the pointer.
const PUSHES = ".panel-folder[open]";

document.addEventListener(
  "keydown",
  (event) => {
    const menu = event.key === "Escape" && event.target.closest(`${OPEN}, ${PUSHES}`);
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  },
  true, // before Esc leaves the page
);

for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(event.target)) menu.open = false;
  });
}
