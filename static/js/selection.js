// Pictures by pointer and keyboard: arrows go from one to the next, x or Space selects, Shift reaches from the last one
// to this, and what the bar offers has a key each. Dragged onto a folder, pictures go there.

import { toast } from "./toast.js";
import { t, tn } from "./words.js";

const form = document.getElementById("selection");
const list = () => [...document.querySelectorAll("#pictures .tile")];
const boxOf = (tile) => tile.querySelector(".tile-check input");
const selected = () => list().filter((tile) => boxOf(tile).checked);
const everything = document.getElementById("selection-everything");
const count = document.getElementById("selection-count");
let anchor = null; // where a stretch begins
let stretch = []; // what the last one reached

function show() {
  const number = selected().length;
  form.classList.toggle("has-two", number === 2);
  count.textContent = everything?.value ? t("Everything found") : tn("{count} selected", "{count} selected", number);
}

function select(tile, on = true) {
  boxOf(tile).checked = on;
  if (everything) everything.value = "";
  anchor = tile;
  stretch = [];
  show();
}

function stretchTo(tile) {
  const tiles = list();
  const from = Math.max(0, tiles.indexOf(anchor));
  const to = tiles.indexOf(tile);
  for (const each of stretch) boxOf(each).checked = false;
  stretch = tiles.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of stretch) boxOf(each).checked = true;
  show();
}

function clear() {
  for (const tile of selected()) boxOf(tile).checked = false;
  if (everything) everything.value = "";
  stretch = [];
  closeMenus();
  show();
}

function closeMenus() {
  for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
}

document.addEventListener("click", (event) => {
  const tile = event.target.closest("#pictures .tile");
  if (!tile) return;
  const box = event.target.closest(".tile-check input");
  if (box) {
    if (event.shiftKey && anchor) stretchTo(tile);
    else select(tile, box.checked);
  } else if (event.target.closest(".tile-link") && !event.ctrlKey && !event.metaKey) {
    // While pictures are being selected a click selects; so does one in the trash, where nothing opens, and so do
    // Enter and Space there, which are a button's clicks.
    if (!selected().length && event.target.closest("[href]")) return;
    event.preventDefault();
    if (event.shiftKey && anchor) stretchTo(tile);
    else select(tile, !boxOf(tile).checked);
  }
});

// The library has thousands; the page only those that were scrolled to. The button says which it takes.
document.getElementById("select-all").addEventListener("click", () => {
  for (const tile of list()) boxOf(tile).checked = true;
  if (everything) everything.value = "1";
  show();
});
document.getElementById("selection-clear").addEventListener("click", clear);

// What another search found is another selection: "everything" was meant of the one before.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "found") clear();
});

// --- What is done with them --------------------------------------------------------------------------

// The form that brings back what went last: for as long as this page is open, though its toast goes after a while.
const offer = () => [...document.querySelectorAll("#toasts form")].at(-1);
let offered = offer();

async function act(action, tiles) {
  // A tile that came by scrolling since is not selected, and what is done with it alone concerns no other.
  if (everything?.value && tiles.every((tile) => boxOf(tile).checked)) return actOnEverything(action);
  const fields = new FormData(form);
  fields.delete("picture");
  fields.delete("everything");
  fields.set("action", action);
  for (const tile of tiles) fields.append("picture", boxOf(tile).value);
  // Not form.action: the buttons of that name stand in its way.
  const sent = { method: "POST", body: fields, headers: { "HX-Request": "true" } };
  const answer = await fetch(form.getAttribute("action"), sent).catch(() => null);
  if (answer?.headers.get("HX-Redirect")) return location.assign(answer.headers.get("HX-Redirect"));
  if (!answer?.ok) return toast(t("That did not arrive. Try again in a moment."));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("toasts").append(...page.querySelectorAll(".toast"));
  offered = offer() ?? offered;
  acted(tiles, JSON.parse(answer.headers.get("HX-Trigger")).acted);
}

// More than the page holds: the browser's own way leads to a page that shows what is left, and offers to undo it.
function actOnEverything(action) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: action });
  form.append(field);
  HTMLFormElement.prototype.submit.call(form);
}

form.addEventListener("submit", (event) => {
  // A zip is a download; comparing and bringing back show another page: the browser's own way.
  if (form.hasAttribute("data-whole") || event.submitter?.name !== "action") return closeMenus();
  event.preventDefault();
  act(event.submitter.value, selected());
});

// Somebody may be at other pictures by the time the answer comes: it is of those that were sent.
function acted(tiles, { refused, gone, mark }) {
  if (refused) return;
  const near = neighbour(tiles);
  for (const tile of tiles) {
    if (gone) tile.remove();
    else if (mark === "favourite" || mark === "plain") tile.classList.toggle("is-favourite", mark === "favourite");
    else if (mark?.startsWith("stars-")) tile.dataset.stars = mark.slice(6);
  }
  if (!mark) untick(tiles); // what was only marked may be marked again
  const isElsewhere = document.activeElement.closest("#pictures .tile") || isTypingNow();
  if (gone && near && !isElsewhere) near.querySelector(".tile-link").focus();
}

// What was selected meanwhile stays so.
function untick(tiles) {
  for (const tile of tiles) boxOf(tile).checked = false;
  if (selected().length) show();
  else clear();
}

function isTypingNow() {
  const field = document.activeElement;
  // A menu that has just been closed may still hold the focus.
  return field.matches("input:not([type=checkbox]), textarea, select") && !field.closest("details:not([open])");
}

function neighbour(tiles) {
  const all = list();
  const after = all.indexOf(tiles.at(-1)) + 1;
  return all.slice(after).find((tile) => !tiles.includes(tile)) ?? all.findLast((tile) => !tiles.includes(tile));
}

// --- Keys -----------------------------------------------------------------------------------------------

// The tile in the next row (1) or the one before (-1) that is nearest to straight below or above.
function inNextRow(tile, direction) {
  const here = tile.getBoundingClientRect();
  const middle = here.left + here.width / 2;
  let best = null;
  for (const other of list()) {
    const there = other.getBoundingClientRect();
    const rows = (there.top - here.top) * direction;
    if (rows <= 1 || (best && rows > best.rows + 1)) continue;
    const aside = Math.abs(there.left + there.width / 2 - middle);
    if (!best || rows < best.rows - 1 || aside < best.aside) best = { rows, aside, other };
  }
  return best?.other;
}

const STEPS = {
  ArrowRight: (tiles, at) => tiles[at + 1],
  ArrowLeft: (tiles, at) => tiles[at - 1],
  ArrowDown: (tiles, at) => inNextRow(tiles[at], 1),
  ArrowUp: (tiles, at) => inNextRow(tiles[at], -1),
  Home: (tiles) => tiles[0],
  End: (tiles) => tiles.at(-1),
};

function step(event, tile) {
  const tiles = list();
  const next = tile ? STEPS[event.key](tiles, tiles.indexOf(tile)) : tiles[0];
  if (!next) return;
  event.preventDefault();
  if (event.shiftKey) {
    if (!anchor?.isConnected) select(tile);
    stretchTo(next);
  }
  const link = next.querySelector(".tile-link");
  link.focus();
  next.scrollIntoView({ block: "nearest" });
}

function openMenu(key) {
  const menu = form.querySelector(`[data-menu="${key}"]`);
  if (!menu) return;
  menu.open = true;
  menu.querySelector("button, input").focus();
}

// In the trash: Del asks first, as the bar's button does.
function pressedInTrash(key, tiles) {
  const isMeant = key === "b" || key === "Delete" || key === "Backspace";
  if (!isMeant) return false;
  if (!selected().length) select(tiles[0]);
  if (key === "b") form.requestSubmit(document.getElementById("bring-back"));
  else openMenu("Delete");
  return true;
}

function pressed(event, tile) {
  const tiles = selected().length ? selected() : tile ? [tile] : [];
  if (event.key in STEPS) return step(event, tile);
  if (event.key === "Escape" && selected().length) clear();
  else if (event.key === "A" && event.shiftKey && list().length) document.getElementById("select-all").click();
  else if (event.key === " " && event.target.matches("button")) return;
  else if ((event.key === "x" || event.key === " ") && tile) select(tile, !boxOf(tile).checked);
  else if (!tiles.length) return;
  else if (form.hasAttribute("data-whole")) {
    if (!pressedInTrash(event.key, tiles)) return;
  }
  else if (event.key === "f") act(tiles.every((one) => one.classList.contains("is-favourite")) ? "unfavour" : "favour", tiles);
  else if (/^[0-5]$/.test(event.key)) act(`rate:${event.key}`, tiles);
  else if (event.key === "c" && tiles.length === 2) form.requestSubmit(document.getElementById("compare-two"));
  else if (event.key === "Delete" || event.key === "Backspace") act("delete", tiles);
  else if (event.key === "m" || event.key === "t" || event.key === "d") {
    if (!selected().length) select(tiles[0]);
    openMenu(event.key);
  } else return;
  event.preventDefault();
}

// With Ctrl or Cmd: everything that is shown; what was deleted last comes back.
function pressedCommand(key) {
  if (key === "a" && list().length) {
    for (const tile of list()) boxOf(tile).checked = true;
    if (everything) everything.value = "";
    show();
    return true;
  }
  if (key !== "z" || !offered) return false;
  if (!offered.isConnected) document.getElementById("toasts").append(offered);
  offered.requestSubmit();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, summary, .selection, .shelves");
  if (event.key === "Escape" && event.target.closest(".selection")) {
    closeMenus();
    selected()[0]?.querySelector(".tile-link").focus();
    return event.preventDefault();
  }
  if (isTyping || event.altKey || document.querySelector(":popover-open")) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && pressedCommand(event.key)) return event.preventDefault();
  if (!event.ctrlKey && !event.metaKey) pressed(event, event.target.closest("#pictures .tile"));
});

// --- Dragging onto a folder ---------------------------------------------------------------------------------

let dragged = [];

document.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.("#pictures .tile");
  if (!tile) return;
  dragged = boxOf(tile).checked ? selected() : [tile];
  event.dataTransfer.effectAllowed = "move";
});

const targetOf = (event) => (dragged.length ? event.target.closest?.("[data-folder]") : null);

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!targetOf(event)) return;
    event.preventDefault();
    targetOf(event).classList.add("is-target");
  });
}
document.addEventListener("dragleave", (event) => targetOf(event)?.classList.remove("is-target"));
document.addEventListener("dragend", () => (dragged = []));
document.addEventListener("drop", (event) => {
  const target = targetOf(event);
  if (!target) return;
  event.preventDefault();
  target.classList.remove("is-target");
  act(`move:${target.dataset.folder}`, dragged);
});
