// Keeps what was typed through a reload, a crash or a detour; one draft a person, on their own computer.
const FIELDS = ["prompt", "negative_prompt"];
const form = () => document.getElementById("create-form");
const slot = (name) => `draft:${form().dataset.draft}:${name}`;

function keep(name) {
  try {
    const value = form().elements[name]?.value;
    if (value) localStorage.setItem(slot(name), value);
    else localStorage.removeItem(slot(name));
  } catch {
    // No storage: the draft lasts as long as the page.
  }
}

function restore() {
  // A form that came filled, or with something to mend, is newer than the draft.
  if (form().hasAttribute("data-prefilled") || form().querySelector("[aria-invalid]")) return;
  for (const name of FIELDS) {
    const field = form().elements[name];
    const kept = localStorage.getItem(slot(name));
    if (field && kept && !field.value) {
      field.value = kept;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

document.addEventListener("input", (event) => {
  if (event.target.form === form() && FIELDS.includes(event.target.name)) keep(event.target.name);
});

// A form that came in place of this one has its own words; what it leaves empty must not come back.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === form()) FIELDS.forEach(keep);
});

try {
  restore();
} catch {
  // Storage is closed to us.
}
