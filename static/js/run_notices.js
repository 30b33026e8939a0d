// Tells when a run or a training that this page shows has ended: by a sound, or by the browser while nobody looks here.
// What somebody wants is asked for when something ends, so that no page waits for it. Of credits (they run low, the
// month's have come) any page tells, once for all pages, where notices or sounds may be had at all.

import { play } from "./sound.js";
import { t } from "./words.js";

const ENDS = { done: "done", part: "done", failed: "failed" };
const WORDS = {
  run: { done: t("Your run is done"), failed: t("Your run failed") },
  training: { done: t("Your training is done"), failed: t("Your training failed") },
};
const CREDITS_PACE = 5 * 60 * 1000; // milliseconds
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
  if (chosen.includes(`${kind}_${end}.browser`)) show(WORDS[kind][end], { body: part.querySelector("h1, h2")?.textContent, tag: part.id });
  await tellOfCredits();
}

const isAway = () => document.hidden || !document.hasFocus();

// Shows the browser's notice to somebody who looks at something else.
function show(title, options) {
  if (!isAway() || globalThis.Notification?.permission !== "granted") return;
  const notice = new Notification(title, options);
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

async function tellOfCredits() {
  const answer = await fetch("/settings/billing/news/", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  for (const { name, title, ways } of (await answer.json()).news) {
    const [happening] = name.split(":");
    if (localStorage.getItem(`told:${happening}`) === name) continue;
    localStorage.setItem(`told:${happening}`, name);
    if (ways.includes("sound")) play(happening === "low_credits" ? "failed" : "done").catch(() => {});
    if (!ways.includes("browser")) continue;
    if (isAway()) show(title, { tag: name });
    else document.dispatchEvent(new CustomEvent("toast", { detail: title }));
  }
}

look();
document.addEventListener("htmx:afterSettle", look);
if (globalThis.Notification?.permission === "granted") {
  setTimeout(tellOfCredits, 2000);
  setInterval(tellOfCredits, CREDITS_PACE);
}
