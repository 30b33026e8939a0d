// The library's search: what is typed or chosen is looked for at once, a moment after the last key.
const SETTLE_MS = 300;
const form = document.getElementById("search");
let timer = 0;

function look(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => form.dispatchEvent(new Event("search-changed")), wait);
}

form.addEventListener("input", (event) => look(event.target.matches("select, [type=date]") ? 0 : SETTLE_MS));

// Fields without a value would only make the address long.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt !== form) return;
  for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
});

document.addEventListener("keydown", (event) => {
  const filters = form.querySelector(".filters[open]");
  if (event.key !== "Escape" || !filters || !form.contains(event.target)) return;
  event.preventDefault();
  filters.open = false;
  filters.querySelector("summary").focus();
});

// The filters lie over what was found: whoever goes on elsewhere wants to see that.
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const filters = form.querySelector(".filters[open]");
    if (filters && !filters.contains(event.target)) filters.open = false;
  });
}
