// The sheet with the styles: it asks for its list when it opens, and writes a chosen style into the form.

import { toast } from "./toast.js";
import { t } from "./words.js";

const sheet = () => document.getElementById("styles");
const form = () => document.getElementById("prompt").form;

function fill(field, text) {
  if (!field || field.value === text) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function choose(key) {
  const body = new FormData(form());
  body.set("style", key);
  const response = await fetch(sheet().dataset.applies, { method: "POST", body });
  if (response.redirected || (!response.ok && response.status !== 422)) throw new Error(String(response.status));
  const { settings, error, ...texts } = await response.json();
  if (error) {
    toast(error);
    sheet().hidePopover();
    return form().elements.prompt.focus();
  }
  fill(form().elements.prompt, texts.prompt);
  if (Object.keys(settings).length) await set({ ...settings, negative_prompt: texts.negative_prompt });
  const leftOut = form().elements.negative_prompt;
  // What a style leaves out has to be seen before the button is pressed.
  if (texts.negative_prompt && leftOut?.value !== texts.negative_prompt) leftOut?.closest("details")?.setAttribute("open", "");
  fill(leftOut, texts.negative_prompt);
  sheet().hidePopover();
  form().elements.prompt.focus();
}

// Another model may come with a preset, and with it other sizes and bounds: the server draws its settings.
async function set(settings) {
  if (!document.getElementById("settings-body")) return setFields(settings);
  const values = { ...Object.fromEntries(new FormData(form())), ...settings };
  values.shown_model = values.model;
  await htmx.ajax("POST", sheet().dataset.settings, { source: form(), target: "#settings-body", swap: "morph:innerHTML", values });
}

// A form that stays as it is takes what it has a field for; the tool first, because it brings its own fields.
function setFields({ task, ...settings }) {
  for (const [name, value] of Object.entries({ ...(task && { task }), ...settings })) {
    const fields = form().querySelectorAll(`[name="${CSS.escape(name)}"]`);
    const choice = [...fields].find((field) => ["radio", "checkbox"].includes(field.type) && field.value === value);
    if (choice) choice.click();
    else if (fields.length === 1 && fields[0].type !== "checkbox") fill(fields[0], value);
  }
}

sheet().addEventListener("toggle", (event) => {
  if (event.newState === "open") htmx.trigger(sheet(), "opened");
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-style]");
  if (!button) return;
  choose(button.dataset.style).catch(() => toast(t("That style can't be reached just now.")));
});
