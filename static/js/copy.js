// Copies what a chip holds and says so.

import { toast } from "./toast.js";
import { t } from "./words.js";

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https there is no clipboard, only the old way.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const chip = event.target.closest("[data-copy]");
  if (!chip) return;
  await copy(chip.dataset.copy);
  toast(t("Copied: {what}", { what: chip.dataset.copyName ?? chip.dataset.copy }));
});
