// The pictures that a model learns from: dropped, pasted or chosen, brought one by one, each checked as it arrives.

import { post } from "./asking.js";
import { PICTURE_KINDS, watchForFiles } from "./incoming_files.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const section = () => document.getElementById("training-pictures");

const waiting = [];
let isBusy = false;

// Takes the picture in by the uploads' own door, then adds it; the answer is the section as it is now.
async function bring(file) {
  const body = new FormData();
  body.append("file", file, file.name || "pasted.png");
  const lost = t("The connection was lost before it had arrived. Bring it again.");
  const response = await post(section(), section().dataset.uploads, body, { lost });
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new Error(answer?.error?.message ?? t("It could not be taken. Try again."));
  const added = await post(section(), section().dataset.adds, new URLSearchParams({ upload: answer.id }), { lost });
  if (!added.ok) throw new Error(t("It could not be added. Load the page anew and try again."));
  return added.text();
}

function placeholder(file) {
  const tile = document.createElement("li");
  tile.className = "teach-tile is-coming";
  const frame = document.createElement("span");
  frame.className = "teach-frame";
  const name = document.createElement("span");
  name.className = "teach-coming";
  name.textContent = t("{name} is on its way", { name: file.name || t("The pasted picture") });
  frame.append(name);
  tile.append(frame);
  return tile;
}

// Says which file was not taken, and why; it stays until more pictures come.
function refuse(file, message) {
  const list = document.getElementById("refused-pictures");
  const line = document.createElement("li");
  line.className = "notice notice-warning";
  line.setAttribute("role", "alert");
  const name = document.createElement("strong");
  name.textContent = file.name || t("The pasted picture");
  line.append(name, ` ${message}`);
  list.hidden = false;
  list.append(line);
}

async function work() {
  if (isBusy) return;
  isBusy = true;
  while (waiting.length) {
    const { file, tile } = waiting.shift();
    try {
      const html = await bring(file);
      // Out of the page before it is morphed: a tile that waits would be made one that is there.
      for (const { tile: next } of waiting) next.remove();
      tile.remove();
      morph(html);
      untick();
    } catch (error) {
      tile.remove();
      refuse(file, error.message);
    }
    document.getElementById("training-tiles").append(...waiting.map(({ tile: next }) => next));
  }
  isBusy = false;
}

// Consent was given for the pictures that were there; the server has taken it back.
function untick() {
  const box = document.querySelector("#model-form [name=consent]");
  if (!box?.checked) return;
  box.checked = false;
  toast(t("A picture was added: read the statement about consent again, and tick it if it is true of all."));
}

function morph(html) {
  const kept = [...document.getElementById("refused-pictures").children];
  const ignoreActiveValue = document.activeElement.matches("[name=caption]");
  Idiomorph.morph(section(), html, { morphStyle: "outerHTML", ignoreActiveValue });
  htmx.process(section());
  const list = document.getElementById("refused-pictures");
  list.replaceChildren(...kept);
  list.hidden = !kept.length;
}

function take(files) {
  const list = document.getElementById("refused-pictures");
  if (!isBusy) {
    list.replaceChildren();
    list.hidden = true;
  }
  for (const file of files) {
    if (!PICTURE_KINDS.includes(file.type)) {
      refuse(file, t("is not a PNG, JPEG or WebP picture."));
      continue;
    }
    const tile = placeholder(file);
    document.getElementById("training-tiles").append(tile);
    waiting.push({ file, tile });
  }
  work();
}

watchForFiles(section, take);
document.addEventListener("change", (event) => {
  if (event.target.id !== "training-files") return;
  const files = [...event.target.files];
  event.target.value = "";
  take(files);
});
