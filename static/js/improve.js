// Puts a better said prompt into the box; the one that was there is one step back.

import { toast } from "./toast.js";
import { t } from "./words.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-improves]");
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") return toast(button.dataset.why);
  const field = document.getElementById("prompt");
  const asked = field.value;
  button.setAttribute("aria-disabled", "true");
  button.dataset.why = t("The prompt is being improved.");
  try {
    const response = await fetch(button.dataset.improves, { method: "POST", body: new FormData(field.form) });
    const { prompt, error } = await response.json();
    if (error) toast(error);
    else if (field.value !== asked) toast(t("You went on writing, so your words stay."));
    else {
      field.value = prompt;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      toast(t("Improved. Your own words are one step back."));
    }
  } catch {
    toast(t("That can't be reached just now. Your prompt stays as it is."));
  } finally {
    button.removeAttribute("aria-disabled");
  }
});
