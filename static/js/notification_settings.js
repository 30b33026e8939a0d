// The page of notification choices: asks the browser for permission when a box of its column is ticked, and only then;
// says how things stand; plays the sound.

import { play } from "./sound.js";
import { t } from "./words.js";

const state = document.querySelector("#browser-state");
const boxes = [...document.querySelectorAll('input[value$=".browser"]')];

function say() {
  const permission = globalThis.Notification?.permission ?? "unsupported";
  const wanted = boxes.some((box) => box.checked);
  const words = {
    denied: t("This browser refuses notices from this site. Allow them in its settings for this site."),
    unsupported: t("This browser has no notices."),
    default: wanted ? t("This browser was not asked yet. Untick a box and tick it again to allow notices here.") : "",
    granted: wanted ? t("Notices are allowed in this browser.") : "",
  };
  state.textContent = words[permission];
}

for (const box of boxes) {
  box.addEventListener("change", async () => {
    if (box.checked && globalThis.Notification?.permission === "default") await Notification.requestPermission();
    say();
  });
}
// What is saved counts on the next page, where it was to be asked for later.
document.querySelector("main form").addEventListener("submit", () => localStorage.removeItem("credits:quiet-until"));
document.querySelector("#try-sound").addEventListener("click", () => play("done"));
say();
