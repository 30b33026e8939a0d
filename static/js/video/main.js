// The video page: puts the form, the two places for pictures, the price and the runs together.
import { send } from "../asking.js";
import { play } from "../clips.js";
import { bringIn, Chooser, watchForPictures } from "../editor/pictures.js";
import { Price } from "../editor/price.js";
import { Draft } from "./draft.js";
import { Ends } from "./ends.js";
import { VideoForm } from "./form.js";
import { toast } from "../toast.js";
import { t } from "../words.js";

const byId = (id) => document.getElementById(id);

const form = new VideoForm(byId("video-form"));
const chooser = new Chooser(form.element, bring);
const ends = new Ends(form.element, chooser);
const draft = new Draft(form.element, ends);
const lack = () => (ends.has("image") ? null : t("Choose a picture"));
const price = new Price(form, () => (lack() ? null : form.values()), lack);

async function bring(file) {
  try {
    ends.put(await bringIn(form.element, file));
  } catch (error) {
    toast(error.message);
  }
}

async function press() {
  price.send(t("Sending …"));
  const { errors = [], run } = await send(form.element, form.values());
  try {
    if (run) await follow(run);
  } finally {
    price.send("");
  }
  await price.ask();
  form.showErrors(errors);
}

async function follow(run) {
  byId("video-empty").hidden = true;
  byId("video-said").textContent = t("On its way");
  await htmx.ajax("GET", `${run.url}?balance`, { target: "#runs", swap: "afterbegin" });
  byId("runs").firstElementChild?.scrollIntoView({ block: "nearest" });
}

// A video that has come since the page was opened plays by itself; the others wait for the pointer.
const begun = new Set();
document.addEventListener("htmx:afterSettle", () => {
  for (const run of document.querySelectorAll("article.run")) {
    const { face } = run.dataset;
    if (["waiting", "working"].includes(face)) begun.add(run.id);
    else if (begun.delete(run.id)) {
      byId("video-said").textContent = face === "done" ? t("Your video is ready") : t("Ended; see what it says there");
      const clip = run.querySelector("[data-clip]");
      if (clip) play(clip);
    }
  }
});
for (const run of document.querySelectorAll("article.run")) {
  if (["waiting", "working"].includes(run.dataset.face)) begun.add(run.id);
}

form.element.addEventListener("input", () => price.askSoon());
form.element.addEventListener("submit", (event) => {
  event.preventDefault();
  press();
});
ends.addEventListener("change", () => {
  form.clearErrors();
  price.ask();
});
document.addEventListener("click", (event) => event.target.closest("[data-command=upload]") && chooser.chooseFile());
watchForPictures(byId("video-page"), bring);

const opened = byId("opened");
const end = byId("opened-end");
const shown = { image: opened && JSON.parse(opened.textContent), end_image: end && JSON.parse(end.textContent), ...draft.pictures };
for (const [name, picture] of Object.entries(shown)) if (picture) ends.set(name, picture);
if (!shown.image) price.ask();
draft.settle();
