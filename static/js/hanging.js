// What hangs over a library (its filters, a folder's menu, the name of a new one or of a search) goes when somebody
// presses Esc or goes on elsewhere: whoever does wants to see what lies below.
const OPEN = ".filters[open], .shelf-deeds[open], .shelf-new[open], .save-search[open]";

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(OPEN);
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(event.target)) menu.open = false;
  });
}
