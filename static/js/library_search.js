// The library's search: what is typed or chosen is looked for at once, a moment after the last key.
const SETTLE_MS = 300;
const form = document.getElementById("search");
let timer = 0;

function look(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => form.dispatchEvent(new Event("search-changed")), wait);
}

form.addEventListener("input", (event) => look(event.target.matches("select, [type=date]") ? 0 : SETTLE_MS));

// "Show" shows: the filters lie over what they find.
form.addEventListener("submit", () => {
  const filters = form.querySelector(".filters");
  if (filters) filters.open = false;
});

// Fields without a value would only make the address long.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt !== form) return;
  for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
});
