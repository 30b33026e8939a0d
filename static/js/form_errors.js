// Moves the focus to the first thing to mend, and opens what hides it.
function focusFirst() {
  const first = document.querySelector("main [aria-invalid=true], main #form-error, main #pictures-error");
  if (!first) return;
  const sheet = first.closest("[popover]");
  if (sheet && getComputedStyle(sheet).display === "none") sheet.showPopover();
  first.focus();
  first.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) focusFirst();
});

focusFirst();
