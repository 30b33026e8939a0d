// Models of one's own in a form: their word goes into the prompt at a press, and those of another base are left out.
const ROWS = ".own-model";

function say(word) {
  const prompt = document.getElementById("prompt");
  const said = new RegExp(`(^|[^a-z0-9])${word}([^a-z0-9]|$)`, "i").test(prompt.value);
  if (!said) {
    prompt.value = prompt.value.trim() ? `${prompt.value.trimEnd()} ${word}` : word;
    prompt.dispatchEvent(new Event("input", { bubbles: true }));
  }
  prompt.focus();
}

// Create comes with the fitting ones alone; the editor has all, and a list of models beside them.
function offer(list) {
  for (const row of list.form.querySelectorAll(ROWS)) {
    row.hidden = row.dataset.base !== list.value;
    for (const field of row.querySelectorAll("input")) field.disabled = row.hidden;
  }
  const group = list.form.querySelector(".own-models");
  if (group) group.hidden = !group.querySelector(`${ROWS}:not([hidden])`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-says]");
  if (button) say(button.dataset.says);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select#model, [name=task]")) offer(event.target.form.elements.model);
});

const list = document.querySelector("select#model");
if (list) offer(list);
