// Back and forward through the prompts a person has used: the two arrows, or Alt with ↑ and ↓ in the box.
// What was typed and not sent is the newest of them, also when something else was put into the box meanwhile.

import { toast } from "./toast.js";
import { t } from "./words.js";

const box = () => document.getElementById("prompt-box");
const field = () => document.getElementById("prompt");
const typedSlot = () => `draft:${field().form.dataset.draft}:typed`;

// Newest first; edited lines keep their edits for as long as the page lives.
let lines = [];
let at = 0;
// Where the next page of older ones begins: undefined before the first was asked for, null after the last.
let before;
let isWalking = false;

function keepTyped(text) {
  try {
    if (text.trim()) localStorage.setItem(typedSlot(), text);
  } catch {
    // No storage: it lasts as long as the page.
  }
}

function start() {
  let typed = "";
  try {
    typed = localStorage.getItem(typedSlot()) ?? "";
  } catch {
    // Storage is closed to us.
  }
  lines = [field().value];
  if (typed && typed !== field().value) lines.push(typed);
  at = 0;
  before = undefined;
  show();
}

function show() {
  for (const button of box().querySelectorAll("[data-prompt-step]")) {
    const isOver = Number(button.dataset.promptStep) > 0 ? before === null && at === lines.length - 1 : at === 0;
    // A disabled button would drop the focus of whoever walks by keyboard.
    button.setAttribute("aria-disabled", String(isOver));
  }
}

async function older() {
  if (before === null) return;
  const address = new URL(box().dataset.history, location.href);
  if (before) address.searchParams.set("before", before);
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  const page = await response.json();
  before = page.before;
  const known = new Set(lines);
  lines.push(...page.prompts.filter((prompt) => !known.has(prompt)));
}

async function walk(step) {
  if (isWalking) return;
  isWalking = true;
  try {
    while (at + step >= lines.length && before !== null) await older();
  } catch {
    toast(t("Earlier prompts can't be reached just now."));
  } finally {
    isWalking = false;
  }
  if (lines[at + step] === undefined) return show();
  lines[at] = field().value;
  at += step;
  put(lines[at]);
  document.getElementById("prompt-said").textContent = at ? t("Earlier prompt {number}: {prompt}", { number: at, prompt: lines[at] }) : t("What you wrote last");
}

function put(text) {
  field().value = text;
  field().dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "walked" }));
  field().setSelectionRange(text.length, text.length);
  show();
}

document.addEventListener("input", (event) => {
  if (event.target !== field() || event.detail === "walked") return;
  const text = field().value;
  if (event.isTrusted) {
    lines[at] = text;
    keepTyped(text);
  } else if (text !== lines[at]) {
    // Something put another text there: it is the newest, and what it replaced comes next.
    if (!lines[at].trim()) lines.splice(at, 1);
    lines.unshift(text);
    at = 0;
  }
  show();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-prompt-step]");
  if (button) walk(Number(button.dataset.promptStep));
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || !event.altKey || event.target !== field()) return;
  event.preventDefault();
  walk(step);
});

document.addEventListener("htmx:afterRequest", (event) => {
  // What was sent is in the history now.
  if (event.detail.elt === field()?.form && event.detail.successful) start();
});

document.addEventListener("htmx:afterSettle", () => {
  if (field()) show();
});

start();
