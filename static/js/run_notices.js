// Tells when a run or a training that this page shows has ended: by a sound, or by the browser while nobody looks here.
// What somebody wants is asked for when something ends, so that no page waits for it. Of credits (they run low, the
// month's have come) any page tells, once for all pages, to who wants a sound, or a notice that this browser allows.

import { audible, play } from "./sound.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const ENDS = { done: "done", part: "done", failed: "failed" };
const WORDS = {
  run: { done: t("Your run is done"), failed: t("Your run failed") },
  training: { done: t("Your training is done"), failed: t("Your training failed") },
};
const CREDITS_PACE = 5 * 60 * 1000; // milliseconds
// Who wants to be told in no way is asked again so much later, for they may choose otherwise elsewhere.
const QUIET_TIME = 60 * 60 * 1000; // milliseconds
const { noticeChoices, creditNews } = document.documentElement.dataset;
const faces = new Map();

// Returns null where no answer comes, or the log-in: what was to be told is told by the page alone.
async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.json().catch(() => null) : null;
}

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
  const answer = await ask(noticeChoices);
  if (!answer) return;
  const { chosen } = answer;
  if (chosen.includes(`${kind}_${end}.sound`)) play(end);
  if (chosen.includes(`${kind}_${end}.browser`)) show(WORDS[kind][end], { body: part.querySelector("h1, h2")?.textContent, tag: part.id });
  await quietly(tellOfCredits);
}

const isAway = () => document.hidden || !document.hasFocus();

// Shows the browser's notice to somebody who looks at something else.
function show(title, options) {
  if (!isAway() || !canNotify()) return;
  const notice = new Notification(title, options);
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

const canNotify = () => globalThis.Notification?.permission === "granted";

async function tellOfCredits() {
  const answer = await ask(creditNews);
  if (!answer) return;
  const { news, wanted } = answer;
  const isWanted = wanted.includes("sound") || (wanted.includes("browser") && canNotify());
  localStorage.setItem("credits:quiet-until", isWanted ? 0 : Date.now() + QUIET_TIME);
  for (const one of news) {
    if (one.ways.includes("sound")) tellBySound(one);
    if (one.ways.includes("browser") && canNotify()) tellByNotice(one);
  }
}

// Of several pages the first to tell it notes that it did.
function isFirst({ name }, way) {
  const slot = `told:${name.split(":")[0]}:${way}`;
  if (localStorage.getItem(slot) === name) return false;
  localStorage.setItem(slot, name);
  return true;
}

async function tellBySound(one) {
  await audible();
  if (isFirst(one, "sound")) play(one.name.startsWith("low_credits:") ? "failed" : "done");
}

function tellByNotice(one) {
  if (!isFirst(one, "browser")) return;
  if (isAway()) show(one.title, { tag: one.name });
  else toast(one.title);
}

async function askOfCredits() {
  if (Date.now() >= Number(localStorage.getItem("credits:quiet-until"))) await tellOfCredits();
}

// Where storage is closed to us nothing can be noted as told: rather than again and again it is not told at all.
const quietly = (asking) => asking().catch(() => {});

look();
document.addEventListener("htmx:afterSettle", look);
setTimeout(quietly, 2000, askOfCredits);
setInterval(quietly, CREDITS_PACE, askOfCredits);
