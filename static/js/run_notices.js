// Tells when a run or a training that this page shows has ended: by a sound, or by the browser while nobody looks here.
// What somebody wants is asked for when something ends, so that no page waits for it.

import { play } from "./sound.js";
import { t } from "./words.js";

const ENDS = { done: "done", part: "done", failed: "failed" };
const WORDS = {
  run: { done: t("Your run is done"), failed: t("Your run failed") },
  training: { done: t("Your training is done"), failed: t("Your training failed") },
};
const faces = new Map();

function look() {
  for (const part of document.querySelectorAll("[data-face]")) {
    const before = faces.get(part.id);
    faces.set(part.id, part.dataset.face);
    const wasActive = before === "waiting" || before === "working";
    if (wasActive && part.dataset.face in ENDS) tell(part, ENDS[part.dataset.face]);
  }
}

async function tell(part, end) {
  const kind = part.dataset.kind ?? "run";
  const answer = await fetch("/settings/notifications/choices/", { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const { chosen } = await answer.json();
  if (chosen.includes(`${kind}_${end}.sound`)) play(end).catch(() => {}); // before a first click browsers stay silent
  const isAway = document.hidden || !document.hasFocus();
  if (chosen.includes(`${kind}_${end}.browser`) && isAway && globalThis.Notification?.permission === "granted") {
    const notice = new Notification(WORDS[kind][end], { body: part.querySelector("h1, h2")?.textContent, tag: part.id });
    notice.addEventListener("click", () => {
      window.focus();
      notice.close();
    });
  }
}

look();
document.addEventListener("htmx:afterSettle", look);
